"""Struts of bone from L5 to the ilia, one on each side, in place of a prosthesis: where they stand and how they are cut.

Two fibulae that spread from the endplate of L5 to the cut ilia are the bilateral fibular flap; rings of a femoral shaft
stand in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.case.schema import Graft
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Solid
from femsacrum.surgery.cuts.cut import Cut
from femsacrum.surgery.implants.fit import CONTACT
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import Frame, frame_on, unit
from femsacrum.surgery.shapes.outline import cut_polygon
from femsacrum.surgery.shapes.outside import outside
from femsacrum.surgery.shapes.places import Depth, place

if TYPE_CHECKING:
    from shapely.geometry import Polygon

KEY = "surgery.graft.diameter"
#: Diameter and wall of a strut where the case does not say [mm]; no wall: solid. Adult fibular shafts measure 11 to 16 mm;
#: femoral shafts 25 to 30 mm with walls of 5 to 8 mm (text books of anatomy, from memory).
USUAL = {"fibular_strut": (14.0, None), "femoral_allograft": (24.0, 6.0)}
#: Bone must lie under at least this share of each end of a strut, a choice of this project.
LEAST_BORNE = 0.5
#: Thinnest strut that is drawn [mm]: less than the thinnest fibula.
LEAST_DIAMETER = 6.0
#: Struts that meet a cut flatter than this are not looked at (cosine of the angle to its normal).
LEAST_COSINE = 0.1
#: Spacing of the places that are tried on the cuts [mm], and how many are looked at closely, best first.
TRIED, LOOKED_AT = 3.0, 3000
#: Free distance between the struts of both sides [mm].
APART = 1.0
#: Points over a section, and along a strut [mm].
SECTION_POINTS, ALONG = 60, 2.0
#: The golden angle spreads points evenly over a disc [rad]: Vogel, Mathematical Biosciences 44:179 (1979).
GOLDEN = np.pi * (3.0 - np.sqrt(5.0))
#: Walls and bores thinner than this are not drawn [mm].
THINNEST = 1.5


@dataclass(frozen=True)
class Strut:
    """Where a strut stands.

    Attributes:
        top: Its axis on L5's cut, shape (3,) [mm].
        foot: Its axis on the ilium's cut, shape (3,) [mm].
        borne: Share of its upper and lower end that lies on bone.
        angles: Between its axis and the normals of both cuts [deg].
    """

    top: Floats
    foot: Floats
    borne: tuple[float, float]
    angles: tuple[float, float]


def sizes(options: Graft) -> tuple[float, float | None]:
    """Outer diameter and wall of a strut [mm]; no wall: solid.

    Raises:
        InputError: The wall leaves no bore, or is too thin.
    """
    diameter, wall = USUAL[options.kind]
    diameter, wall = options.diameter or diameter, options.wall or wall
    if wall is not None and not THINNEST <= wall <= diameter / 2.0 - THINNEST:
        raise InputError(
            "surgery.graft.wall",
            f"{wall:g} mm of a strut of {diameter:g} mm leave a bore of {diameter - 2.0 * wall:g} mm: take "
            f"{THINNEST:g} to {diameter / 2.0 - THINNEST:g} mm, or leave it out for a solid fibula",
        )
    return diameter, wall


def stand(
    side: str, endplate: Cut, ilium: Cut, diameter: float, wall: float | None, around: Mapping[str, Depth]
) -> Strut:
    """The best place for a strut on one side.

    Places on L5's half of that side are tried with places on the ilium's cut. A place is as good as the shares of both
    ends that lie on bone, each times the cosine of the angle between strut and normal there; of those clear of
    everything else, the best is taken.

    Args:
        side: "left" or "right".
        endplate: Cut of L5.
        ilium: Cut of the ilium.
        diameter: Of the strut [mm].
        wall: Of the strut [mm]; None: solid.
        around: Name -> depth in what it must not run into, the quickest to ask first.

    Raises:
        InputError: Nowhere do both ends lie on bone, or it runs into something everywhere.
    """
    if diameter < LEAST_DIAMETER:
        raise InputError(KEY, f"{diameter:g} mm: no strut of bone is so thin; take {LEAST_DIAMETER:g} mm or more")
    radius = 0.5 * diameter
    upper, lower = (
        frame_on(endplate.plane, np.array([1.0, 0.0, 0.0])),
        frame_on(ilium.plane, np.array([0.0, 0.0, 1.0])),
    )
    rings = cut_polygon(endplate.surface, upper, near=np.zeros(2)), cut_polygon(ilium.surface, lower)
    tops, feet = upper.space(_grid(rings[0])), lower.space(_grid(rings[1]))
    outward = 1.0 if side == "left" else -1.0  # LPS: the struts lean away from the midline
    middle = endplate.plane.origin[0]
    top, foot = np.repeat(tops, len(feet), axis=0), np.tile(feet, (len(tops), 1))
    axis = foot - top
    axis /= np.linalg.norm(axis, axis=1)[:, None]
    cosines = axis @ upper.normal, -axis @ lower.normal
    leaving = (cosines[0] > LEAST_COSINE) & (cosines[1] > LEAST_COSINE)
    # where the struts of both sides are nearest, on L5's cut, each keeps to its own side
    leaving &= outward * (top[:, 0] - middle) - _half_width(upper, axis, radius) > 0.5 * APART
    if not leaving.any():
        raise InputError(
            KEY,
            f"{diameter:g} mm: struts of both sides have no room beside each other on the cut of L5, which is "
            f"{rings[0].bounds[3] - rings[0].bounds[1]:.0f} mm wide: take a thinner one",
        )
    top, foot, axis = top[leaving], foot[leaving], axis[leaving]
    cosines = cosines[0][leaving], cosines[1][leaving]
    section = _section(radius, 0.0 if wall is None else radius - wall)
    section[:, 0] *= outward  # so that the sides of a symmetric patient get mirrored struts
    borne = (_borne(upper, rings[0], top, axis, section), _borne(lower, rings[1], foot, axis, section))
    least = np.minimum(*borne)
    if not len(least) or least.max() < LEAST_BORNE:
        best = int(np.argmax(least)) if len(least) else 0
        raise InputError(
            KEY,
            f"{diameter:g} mm: nowhere does bone lie under {100.0 * LEAST_BORNE:.0f} % of both ends of a {side} strut; at "
            f"best under {100.0 * float(least.max(initial=0.0)):.0f} %, with its foot at "
            f"{place(foot[best] if len(foot) else feet[0])} mm: take a thinner one or move the cut",
        )
    score = np.where(least >= LEAST_BORNE, borne[0] * cosines[0] + borne[1] * cosines[1], -np.inf)
    worst: tuple[float, str, Floats] = (np.inf, "", top[0])
    for i in np.argsort(-score, kind="stable")[:LOOKED_AT]:
        if not np.isfinite(score[i]):
            break
        deep, name, at = _deepest(upper, lower, top[i], foot[i], radius, around)
        if deep <= CONTACT:
            angles = (float(np.degrees(np.arccos(cosines[0][i]))), float(np.degrees(np.arccos(cosines[1][i]))))
            return Strut(top[i], foot[i], (float(borne[0][i]), float(borne[1][i])), angles)
        if deep < worst[0]:
            worst = (deep, name, at)
    raise InputError(
        KEY,
        f"{diameter:g} mm: every {side} strut runs into something; the best of them {worst[0]:.1f} mm into {worst[1]} at "
        f"{place(worst[2])} mm: take a thinner one or move the cut",
    )


def draw(
    side: str, strut: Strut, endplate: Cut, ilium: Cut, diameter: float, wall: float | None, options: Graft
) -> tuple[Solid, float, Surface]:
    """Draw a strut, its ends cut to the planes of the cuts.

    Args:
        side: "left" or "right".
        strut: Where it stands.
        endplate: Cut of L5.
        ilium: Cut of the ilium.
        diameter: Of the strut [mm].
        wall: Of the strut [mm]; None: solid.
        options: Graft of the case.

    Returns:
        The solid, its faces "host" (to the ilium) and "seat" (to L5), its volume [mm3], and a triangulation of it.
    """
    name = f"{side}_graft"
    upper, lower = (
        frame_on(endplate.plane, np.array([1.0, 0.0, 0.0])),
        frame_on(ilium.plane, np.array([0.0, 0.0, 1.0])),
    )
    axis, over = unit(strut.foot - strut.top), 4.0 * diameter
    ends = strut.top - over * axis, strut.foot + over * axis
    with cad.drawing(name):
        tools = [_bone_side(frame, at, over) for frame, at in ((upper, strut.top), (lower, strut.foot))]
        if wall is not None:
            tools.append(cad.cylinder(*ends, 0.5 * diameter - wall))
        solid = cad.fuse(cad.subtract(cad.cylinder(*ends, 0.5 * diameter), tools), name)
        text, volume = cad.brep(solid, name), cad.volume(solid)
        faces = {"host": lower.plane(outward=-1.0), "seat": upper.plane(outward=-1.0)}
        return Solid(text, "graft", faces, options.mesh_size, options.kind), volume, outside(name)


def _bone_side(frame: Frame, at: Floats, reach: float) -> cad.Tag:
    """Everything on the bone's side of a cut, as far as a strut that sticks out of it goes."""
    middle = frame.flat(at[None])[0]
    half = 3.0 * reach
    return cad.block(frame, middle - half, middle + half, -half, 0.0)


def _grid(ring: Polygon) -> Floats:
    """Places over a polygon, symmetric about its axis along, shape (n, 2) [mm]."""
    from shapely import contains_xy

    left, low, right, high = ring.bounds
    spans = [
        np.arange(0.5 * (a + b) - TRIED * ((b - a) // (2 * TRIED)), b, TRIED) for a, b in ((left, right), (low, high))
    ]
    flat = np.array([(x, y) for x in spans[0] for y in spans[1]])
    return np.asarray(flat[contains_xy(ring, flat[:, 0], flat[:, 1])])


def _section(radius: float, bore: float) -> Floats:
    """Points spread evenly over a ring, shape (n, 2) [mm]."""
    number = np.arange(SECTION_POINTS) + 0.5
    away = np.sqrt(bore**2 + (radius**2 - bore**2) * number / SECTION_POINTS)
    return np.column_stack([away * np.cos(GOLDEN * number), away * np.sin(GOLDEN * number)])


def _half_width(frame: Frame, axis: Floats, radius: float) -> Floats:
    """Half the extent along x of the ellipses that struts leave on a plane, shape (n,) [mm].

    Its points are q - (q.n / a.n) a for q of the section, so their x is q.w with w = x - (a.x / a.n) n, which is square to
    the axis a itself: at most r |w|.
    """
    slanted = (axis[:, 0] / (axis @ frame.normal))[:, None] * frame.normal
    return np.asarray(radius * np.linalg.norm(np.array([1.0, 0.0, 0.0]) - slanted, axis=1))


def _borne(frame: Frame, ring: Polygon, centre: Floats, axis: Floats, section: Floats) -> Floats:
    """Share of the section of each strut that meets bone where it comes to a plane, shape (n,)."""
    from shapely import contains_xy

    first = np.cross(axis, [0.0, 1.0, 0.0])
    first /= np.linalg.norm(first, axis=1)[:, None]
    second = np.cross(axis, first)
    points = centre[:, None] + section[:, 0, None] * first[:, None] + section[:, 1, None] * second[:, None]
    along = -((points - frame.origin) @ frame.normal) / (axis @ frame.normal)[:, None]
    flat = frame.flat((points + along[..., None] * axis[:, None]).reshape(-1, 3))
    return np.asarray(contains_xy(ring, flat[:, 0], flat[:, 1]).reshape(len(axis), -1).mean(axis=1))


def _deepest(
    upper: Frame, lower: Frame, top: Floats, foot: Floats, radius: float, around: Mapping[str, Depth]
) -> tuple[float, str, Floats]:
    """How deep the side of a strut between both planes runs into something, into what, and where [mm]."""
    axis = unit(foot - top)
    first = unit(np.cross(axis, [0.0, 1.0, 0.0]))
    second = np.cross(axis, first)
    turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    ring = radius * (np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second)
    length = float(np.linalg.norm(foot - top))
    reach = radius / LEAST_COSINE
    points = ((top + np.arange(-reach, length + reach, ALONG)[:, None] * axis)[:, None] + ring).reshape(-1, 3)
    points = points[(upper.depth(points) > 0.0) & (lower.depth(points) > 0.0)]
    rims = [ring + end - (frame.depth(ring + end) / (axis @ frame.normal))[:, None] * axis
            for frame, end in ((upper, top), (lower, foot))]  # fmt: skip
    points = np.vstack([points, *rims])
    found = (-np.inf, "", top)
    for name, depth in around.items():
        deep = depth(points)
        worst = int(np.argmax(deep))
        found = max(found, (float(deep[worst]), name, points[worst]), key=lambda one: one[0])
        if found[0] > CONTACT:  # that is enough to look for another place
            break
    return found
