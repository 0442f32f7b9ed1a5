"""The parametric reference pelvis: ten closed surfaces and their landmarks from a table of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.blobs import Blobs, mirror
from femsacrum.anatomy.foramina import foramina
from femsacrum.anatomy.grid import Grid, Sampled, contour, mirrored
from femsacrum.anatomy.landmarks import pedicle_axis, promontory, snapped
from femsacrum.anatomy.measures import measures
from femsacrum.anatomy.model import PARTS, Anatomy, Floats, Surface
from femsacrum.anatomy.prominences import PROMINENCES, prominences
from femsacrum.anatomy.proportions import Shape, shape, table
from femsacrum.anatomy.soft import Endplate, Limb, auricle, cartilage, disc, disc_grid
from femsacrum.anatomy.vertebra import Vertebra, frame_from

if TYPE_CHECKING:
    from femsacrum.case.schema import AnatomyOptions

#: Grid spacing [mm]; the surfaces' edges come out a little shorter.
SPACING = {"left_ilium": 1.6, "sacrum": 1.4, "L5": 1.2, "L4": 1.2, "disc": 1.0, "cartilage": 0.8}

#: Control point -> landmark for those whose names differ.
MIDLINE = {"S_prom": "endplate_S1_ant", "S_ep_post": "endplate_S1_post", "S_tip": "S_tip"}

#: Paired landmarks that are control points; all but the hip centre lie on bone.
PAIRED = ("ASIS", "PSIS", "PIIS", "AIIS", "notch", "crest_top", "hip_centre", "pubic_tub", "isch_tub", "isch_spine")

#: From the tip of a superior articular process to that of the inferior one that rests on it: towards the midline
#: and backwards, so that both overlap by 1 to 2 mm before the gap between them is opened [mm].
FACET_OFFSET_L4 = np.array([-4.8, 6.0, 0.0])
FACET_OFFSET_L5 = np.array([-4.5, 6.0, -4.0])


#: Neighbours of a bone and the name of the gap to each in the table.
Rules = tuple[tuple[Blobs | Vertebra, str], ...]


@dataclass(frozen=True)
class Bones:
    """The bones' fields, before gaps are opened between them.

    Attributes:
        hip: Left innominate bone.
        sacrum: Sacrum.
        L5: Fifth lumbar vertebra.
        L4: Fourth lumbar vertebra.
        s1: Endplate of S1.
    """

    hip: Blobs
    sacrum: Blobs
    L5: Vertebra
    L4: Vertebra
    s1: Endplate


def reference(options: AnatomyOptions, spacing: float = 1.0) -> Anatomy:
    """The reference anatomy.

    Args:
        options: Proportions and cortical thickness of the case.
        spacing: Factor on the grid spacing; 1 for use, more for a quick look.

    Raises:
        InputError: The proportions cannot be reached.
    """
    form = shape(options)
    bones = pose(form)
    parts = _surfaces(bones, form, spacing)
    landmarks, directions = _landmarks(bones, form, parts)
    # the hip centre is a control point, so that the incidence solved for is the incidence there is
    grown = np.linalg.det(form.warp.gradient(np.array([table()["hip_centre_left"]], dtype=float)))[0]
    return Anatomy(
        parts=parts,
        landmarks=landmarks,
        directions=directions,
        acetabular_radius=float(table()["acetabular_sphere_radius"] * np.cbrt(grown)),
        cortical_thickness=options.cortical_thickness,
        origin=dict.fromkeys(PARTS, form.description),
        measures=measures(landmarks, directions, parts),
        landmark_origin=dict.fromkeys(landmarks, "reference"),
    )


def limbs() -> list[tuple[Floats, tuple[float, float]]]:
    """Start and end (2, 3) and radii of the limbs of the reference's left auricular outline [mm]."""
    outline = table()["auricular_outline"]
    rows = [outline[name] for name in ("cranial_limb", "caudal_limb")]
    return [(np.array([row["start"], row["end"]]), tuple(row["radius"])) for row in rows]


def pose(form: Shape) -> Bones:
    """The bones' fields for a set of proportions: blobs warped, vertebrae stacked on the S1 endplate."""
    numbers = table()
    half = np.array(numbers["sacrum_half"], dtype=float)
    key = "anatomy"
    hip = Blobs(form.warp.blobs(np.array(numbers["hip_left"], dtype=float), key))
    sacrum = Blobs(form.warp.blobs(np.vstack([half, mirror(half)]), key))
    front, back = form.points["S_prom"], form.points["S_ep_post"]
    slope = float(np.arctan2(back[2] - front[2], back[1] - front[1]))
    s1 = Endplate(0.5 * (front + back), _upwards(slope), 0.5 * float(np.linalg.norm(back - front)), 24.0)
    stack = numbers["lumbar_stack"]
    fifth, slope = _stacked(form.vertebrae["L5"], s1.centre, slope, stack["disc_L5S1"])
    facet = fifth.to_local(form.points["S_sap"] + FACET_OFFSET_L5)
    fifth = Vertebra(fifth.centre, fifth.frame, fifth.size, facet)
    fourth, _ = _stacked(form.vertebrae["L4"], fifth.endplate("upper")[0], slope, stack["disc_L4L5"])
    facet = fourth.to_local(fifth.to_world(fifth.superior_facet() + FACET_OFFSET_L4))
    return Bones(hip, sacrum, fifth, Vertebra(fourth.centre, fourth.frame, fourth.size, facet), s1)


def _upwards(slope: float) -> Floats:
    """Cranial normal of an endplate whose front is lower than its back by the angle ``slope`` [rad]."""
    return np.array([0.0, -np.sin(slope), np.cos(slope)])


def _stacked(
    size: Mapping[str, float], below: Floats, slope: float, gap: Mapping[str, float]
) -> tuple[Vertebra, float]:
    """A vertebra on the endplate below it, and the slope of its own upper endplate [rad].

    Args:
        size: Its dimensions [mm].
        below: Centre of the endplate below [mm].
        slope: Slope of that endplate [rad].
        gap: Height [mm] and wedge angle [deg] of the disc between.
    """
    angle = np.radians(gap["wedge_deg"])
    lower = below + gap["height"] * _upwards(slope - 0.5 * angle)
    slope -= angle
    depth = 0.5 * (size["depth_upper"] + size["depth_lower"])
    tilt = np.arctan(0.5 * (size["height_front"] - size["height_back"]) / depth)  # of each endplate to the mid-plane
    axis = _upwards(slope - tilt)
    centre = lower + 0.25 * (size["height_front"] + size["height_back"]) * axis
    return Vertebra(centre, frame_from(axis), size, np.zeros(3)), float(slope - 2.0 * tilt)


def _surfaces(bones: Bones, form: Shape, factor: float) -> dict[str, Surface]:
    """Surfaces of all parts; the model is symmetric, so right ones are mirror images of left ones."""
    gaps = table()["gaps"]
    spacing = {name: factor * value for name, value in SPACING.items()}
    other_hip = Blobs(mirror(bones.hip.rows))
    hip_rules: Rules = ((bones.sacrum, "sacroiliac_min"), (other_hip, "symphysis_min"), (bones.L5, "L5_hip_min"))
    sacrum_rules: Rules = (
        (bones.hip, "sacroiliac_min"),
        (other_hip, "sacroiliac_min"),
        (bones.L5, "lumbosacral_facet_min"),
    )
    fifth_rules: Rules = (
        (bones.hip, "L5_hip_min"),
        (other_hip, "L5_hip_min"),
        (bones.sacrum, "lumbosacral_facet_min"),
        (bones.L4, "facet_min"),
    )
    recipes: dict[str, tuple[Blobs | Vertebra, Rules]] = {
        "left_ilium": (bones.hip, hip_rules),
        "sacrum": (bones.sacrum, sacrum_rules),
        "L5": (bones.L5, fifth_rules),
        "L4": (bones.L4, ((bones.L5, "facet_min"),)),
    }
    out = {}
    for name, (body, rules) in recipes.items():
        lower, upper = body.box()
        grid = Grid.around(lower, upper, spacing[name])
        out[name] = contour(_apart(body, [(b, gaps[g]) for b, g in rules], grid), grid, name)
    out["right_ilium"] = mirrored(out["left_ilium"])

    joint = np.array([form.points[name] for name in ("S_ala_ant", "S_sij_low", "PSIS", "S_ala_lat")])
    lower, upper = joint.min(axis=0) - np.array([30.0, 30, 25]), joint.max(axis=0) + np.array([20.0, 15, 35])
    grid = Grid.around(lower, upper, spacing["cartilage"])
    hip = _apart(bones.hip, [(b, gaps[g]) for b, g in hip_rules[:1]], grid)
    sacrum = _apart(bones.sacrum, [(b, gaps[g]) for b, g in sacrum_rules[:1]], grid)
    outline = auricle([Limb.between(form.warp(ends), radius) for ends, radius in limbs()], grid)
    out["left_sij"] = cartilage(hip, sacrum, gaps["sij_cartilage_dsum_max"], grid, "left_sij", outline)
    out["right_sij"] = mirrored(out["left_sij"])

    middle = form.points["symph_mid"]
    reach = np.array([14.0, 30.0, 32.0])
    grid = Grid.around(middle - reach, middle + reach, spacing["cartilage"])
    left = _apart(bones.hip, [(other_hip, gaps["symphysis_min"])], grid)
    right = _apart(other_hip, [(bones.hip, gaps["symphysis_min"])], grid)
    out["symphysis"] = cartilage(left, right, gaps["symphysis_dsum_max"], grid, "symphysis")

    discs: tuple[tuple[str, Vertebra, Blobs | Vertebra, Endplate], ...] = (
        ("disc_L5S1", bones.L5, bones.sacrum, bones.s1),
        ("disc_L4L5", bones.L4, bones.L5, Endplate.of(bones.L5, "upper")),
    )
    for name, above, below, floor in discs:
        ceiling = Endplate.of(above, "lower")
        grid = disc_grid(floor, ceiling, spacing["disc"])
        out[name] = disc(floor, ceiling, below.distance(grid), above.distance(grid), grid, name)
    return {name: out[name] for name in PARTS}


def _apart(body: Blobs | Vertebra, neighbours: list[tuple[Blobs | Vertebra, float]], grid: Grid) -> Sampled:
    """Distance of a body trimmed so that a gap is left to each neighbour.

    With a and b the untrimmed distances, a' = max(a, (a - b + g) / 2) and the same for b leave no overlap and at
    least g between the two, each giving way by half.
    """
    own = body.distance(grid)
    out = own
    for neighbour, gap in neighbours:
        out = np.maximum(out, 0.5 * (own - neighbour.distance(grid) + np.float32(gap)))
    return out


def _landmarks(
    bones: Bones, form: Shape, parts: Mapping[str, Surface]
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Landmarks and directions; those on the hip bone are put on its surface."""
    on_bone = snapped(parts["left_ilium"], np.array([form.points[name] for name in PAIRED]))
    paired = dict(zip(PAIRED, on_bone, strict=True))
    paired |= prominences(parts["left_ilium"], {name: paired[name] for name in PROMINENCES}, np.eye(3), "left")
    out: dict[str, Floats] = {}
    for name, point in paired.items():
        for side, sign in (("left", 1.0), ("right", -1.0)):
            out[f"{side}_{name}"] = point * np.array([sign, 1.0, 1.0])
    for name, known_as in MIDLINE.items():
        out[known_as] = form.points[name].copy()
    out["S1_endplate"] = bones.s1.centre
    out["promontory"] = promontory(parts["sacrum"], bones.s1.centre, bones.s1.normal, np.array([1.0, 0.0, 0.0]))
    out.update(foramina(form.warp, parts["sacrum"]))
    directions = {"S1_endplate": bones.s1.normal}
    for level, bone in (("L5", bones.L5), ("L4", bones.L4)):
        for which in ("upper", "lower"):
            out[f"{level}_{which}"], directions[f"{level}_{which}"] = bone.endplate(which)
        angle = np.radians(bone.size["pedicle_convergence_deg"])
        forwards = bone.frame @ np.array([-np.sin(angle), -np.cos(angle), 0.0])
        depth = float(bone.size["depth_upper"])
        entry, target = pedicle_axis(parts[level], bone.to_world(bone.pedicle()), forwards, depth)
        for side, sign in (("left", 1.0), ("right", -1.0)):
            out[f"{level}_{side}_pedicle_entry"] = entry * np.array([sign, 1.0, 1.0])
            out[f"{level}_{side}_pedicle_target"] = target * np.array([sign, 1.0, 1.0])
    return out, directions
