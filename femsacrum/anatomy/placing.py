"""The landmarks of a patient's bones: brought by the reference laid over them, then found on the bones themselves."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.foramina import LEVELS, foramina
from femsacrum.anatomy.landmarks import LUMBAR_RADIUS, S1_RADIUS, acetabulum, endplate, pedicle_axis, snapped
from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.anatomy.prominences import PROMINENCES, prominences
from femsacrum.anatomy.proportions import Shape, shape
from femsacrum.anatomy.reference import PAIRED
from femsacrum.anatomy.registration import Affine, Laid
from femsacrum.anatomy.soft import Endplate
from femsacrum.anatomy.stated import bone_of
from femsacrum.anatomy.surfaces import closest_points

if TYPE_CHECKING:
    from femsacrum.case.schema import AnatomyOptions

#: Landmarks without a definition one could look for: they stay where the reference laid over the bone has them.
CARRIED = ("PIIS", "AIIS", "notch", "isch_tub", "isch_spine", "S_tip", *(f"foramen_{level}" for level in LEVELS))


def placed(
    options: AnatomyOptions, base: Anatomy, laid: Mapping[str, Laid], whole: Affine
) -> tuple[dict[str, Floats], dict[str, Endplate], list[float]]:
    """Landmarks, endplates and acetabular radii on the patient's bones.

    Args:
        options: Proportions of the reference.
        base: The reference.
        laid: It, laid over each bone.
        whole: The similarity of the whole pelvis; its axes are the pelvis' axes, however the patient lies.

    Raises:
        NumericalError: A bone has no acetabulum, endplate or pedicle where it should be.
    """
    out: dict[str, Floats] = {}
    plates: dict[str, Endplate] = {}
    radii = []
    form = shape(options)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if f"{side}_ilium" not in laid:
            continue
        hip = laid[f"{side}_ilium"]
        points = np.array([form.points[name] for name in PAIRED]) * np.array([sign, 1.0, 1.0])
        carried = dict(zip(PAIRED, hip.carry(points), strict=True))
        on_bone = dict(zip(PAIRED, snapped(hip.surface, np.array(list(carried.values()))), strict=True))
        on_bone |= prominences(hip.surface, {name: carried[name] for name in PROMINENCES}, whole.axes(), side)
        radius, on_bone["hip_centre"] = acetabulum(
            hip.surface, carried["hip_centre"], base.acetabular_radius * hip.place.scale()
        )
        out.update({f"{side}_{name}": point for name, point in on_bone.items()})
        radii.append(radius)
    if "sacrum" in laid:
        sacrum = laid["sacrum"]
        plates["S1_endplate"] = plate = endplate_of(base, sacrum, "S1_endplate")
        out.update(_sacral(form, base, sacrum, plate))
    for level in ("L5", "L4"):
        if level in laid:
            for which in (f"{level}_upper", f"{level}_lower"):
                plates[which] = endplate_of(base, laid[level], which)
                out[which] = plates[which].centre
            out.update(_pedicles(options, base, laid[level], level))
    return out, plates, radii


def _sacral(form: Shape, base: Anatomy, sacrum: Laid, plate: Endplate) -> dict[str, Floats]:
    """Landmarks of the sacrum."""
    back = np.cross(plate.normal, sacrum.place.axes()[:, 0])
    back *= plate.half_depth / np.linalg.norm(back)
    out = {"S1_endplate": plate.centre}
    out["endplate_S1_ant"], out["endplate_S1_post"] = plate.centre - back, plate.centre + back
    out["promontory"] = closest_points(sacrum.surface, out["endplate_S1_ant"][None])[0]
    out["S_tip"] = sacrum.carry(base.landmarks["S_tip"][None])[0]
    return out | foramina(lambda points: sacrum.carry(form.warp(points)), sacrum.surface)


def origins(landmarks: Iterable[str], given: Container[str]) -> dict[str, str]:
    """One line on each landmark for the report.

    Args:
        landmarks: Their names.
        given: Bones that came from files.
    """
    out = {}
    for name in landmarks:
        carried = name.removeprefix("left_").removeprefix("right_") in CARRIED
        own = "carried from the reference" if carried else "found on the bone"
        out[name] = own if bone_of(name) in given else "of a borrowed bone"
    return out


def centre_of(base: Anatomy, which: str) -> Floats:
    """Centre of an endplate of the reference [mm]."""
    if which == "S1_endplate":
        return 0.5 * (base.landmarks["endplate_S1_ant"] + base.landmarks["endplate_S1_post"])
    return base.landmarks[which]


def endplate_of(base: Anatomy, bone: Laid, which: str) -> Endplate:
    """An endplate of the patient's bone, its normal out of the bone, looked for where the reference says it is."""
    centre = centre_of(base, which)
    direction = base.directions[which]
    across = np.cross(direction, [1.0, 0.0, 0.0])
    steps = 8.0 * np.array([np.zeros(3), across, -across, [1.0, 0.0, 0.0]])
    corners = bone.carry(centre + steps)
    normal = np.cross(corners[3] - corners[0], corners[1] - corners[2])
    normal *= np.sign(normal @ bone.place.normals(direction)) / np.linalg.norm(normal)
    lumbar = which != "S1_endplate"
    radius = (LUMBAR_RADIUS if lumbar else S1_RADIUS) * bone.place.scale()
    return endplate(bone.surface, corners[0], normal, radius, lumbar, bone.place.axes()[:, 0])


def _pedicles(options: AnatomyOptions, base: Anatomy, bone: Laid, level: str) -> dict[str, Floats]:
    """Entries and targets of the pedicle screws of one vertebra."""
    out = {}
    depth = shape(options).vertebrae[level]["depth_upper"]
    for side in ("left", "right"):
        entry, target = (base.landmarks[f"{level}_{side}_pedicle_{end}"] for end in ("entry", "target"))
        backwards = (entry - target) / np.linalg.norm(entry - target)
        middle, inner = bone.carry(np.array([target + 0.8 * depth * backwards, target]))
        forwards = (inner - middle) / np.linalg.norm(inner - middle)
        size = depth * bone.place.scale()
        ends = pedicle_axis(bone.surface, middle, forwards, size, reach=5.0)
        out[f"{level}_{side}_pedicle_entry"], out[f"{level}_{side}_pedicle_target"] = ends
    return out
