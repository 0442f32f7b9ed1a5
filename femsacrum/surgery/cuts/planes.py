"""Where a resection plane of the case lies in this patient."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy, Floats, Plane
from femsacrum.case.names import CUT_PLACES
from femsacrum.case.schema import CutPlane
from femsacrum.errors import InputError
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import place

#: Directions in words, LPS.
FACING = {
    "left": (1.0, 0.0, 0.0),
    "right": (-1.0, 0.0, 0.0),
    "posterior": (0.0, 1.0, 0.0),
    "anterior": (0.0, -1.0, 0.0),
    "cranial": (0.0, 0.0, 1.0),
    "caudal": (0.0, 0.0, -1.0),
}
#: The lower edge of a foramen is looked for this far below the middle of its mouth, in these steps [mm]. Anterior
#: foramina are 13 mm high (Saluja 2018).
LOWER_EDGE, STEP = 15.0, 0.25
#: Three points nearer to one line than this do not say a plane [mm].
LEAST_HEIGHT = 5.0


def midsagittal(anatomy: Anatomy) -> Plane:
    """The plane that the left and the right hip centre mirror each other in, its normal to the left."""
    left, right = anatomy.landmarks["left_hip_centre"], anatomy.landmarks["right_hip_centre"]
    return Plane(0.5 * (left + right), unit(left - right))


def cut_plane(anatomy: Anatomy, given: CutPlane, key: str, mirror: Plane | None = None) -> Plane:
    """A plane of the case, its normal towards what is taken away.

    Mirrored, the normal and a point are mirrored, but a landmark is that of the other side, so that bones that are not
    exactly symmetric are both cut at their notch.

    Args:
        anatomy: Bones and landmarks.
        given: The plane in the case.
        key: Of the plane, for messages.
        mirror: Plane that it is mirrored in; None: as given.

    Raises:
        InputError: The plane says too little, or needs a landmark that this anatomy does not have.
    """
    if sum(getattr(given, name) is not None for name in CUT_PLACES) != 1:
        raise InputError(
            key, 'needs one of landmark, point, points, level or clear_of, for example landmark = "left_notch"'
        )
    if given.level is not None:
        point, normal = _at_level(anatomy, given.level, key)
        normal = _turned(normal, given)
    else:
        normal = _normal(given, key)
        point = np.zeros(3) if given.clear_of else _point(anatomy, given, key, mirrored=mirror is not None)
    if mirror is not None:
        normal = normal - 2.0 * (normal @ mirror.normal) * mirror.normal
        if given.landmark is None:
            point = point - 2.0 * ((point - mirror.origin) @ mirror.normal) * mirror.normal
    if given.clear_of is not None:
        point = _beside_joint(anatomy, normal, "right" if ("right" in key) != (mirror is not None) else "left", key)
    return Plane(point + given.offset * normal, normal)


def sacral_axis(anatomy: Anatomy, level: int) -> Floats:
    """Caudal unit vector along the sacrum at the foramina of a level, from the levels above and below it, shape (3,).

    Args:
        anatomy: Landmarks.
        level: 1 to 4; 0 is the S1 endplate.
    """
    known = [i for i in (level - 1, level, level + 1) if _middle(anatomy, i) is not None]
    ends = [_middle(anatomy, i) for i in (known[0], known[-1])]
    return unit(np.asarray(ends[1]) - np.asarray(ends[0]))


def middle_of(anatomy: Anatomy, level: int, key: str) -> Floats:
    """Middle between the left and the right foramen of a level (0: of the S1 endplate), shape (3,) [mm].

    Raises:
        InputError: The sacrum does not reach down to it.
    """
    found = _middle(anatomy, level)
    if found is None:
        known = [f"S{i}" for i in range(1, 5) if _middle(anatomy, i) is not None]
        raise InputError(
            key,
            f'"S{level}" has no foramina in this sacrum, which has {", ".join(known) or "none"}: take one of these, or '
            "give the plane by point and normal",
        )
    return found


def _middle(anatomy: Anatomy, level: int) -> Floats | None:
    names = ("S1_endplate",) if level == 0 else tuple(f"{side}_foramen_S{level}" for side in ("left", "right"))
    if any(name not in anatomy.landmarks for name in names):
        return None
    return np.asarray(np.mean([anatomy.landmarks[name] for name in names], axis=0))


def _at_level(anatomy: Anatomy, said: str, key: str) -> tuple[Floats, Floats]:
    """Point and caudal normal of "through S1" (the middle of that vertebra) or "below S1" (its foramina's lower edge).

    The foramina of S1 lie where its body meets that of S2, so the middle of a vertebra is half way between the
    foramina of its own level and those above.
    """
    where, level = said.split(" S")[0], int(said[-1])
    centre = middle_of(anatomy, level, f"{key}.level")
    normal = sacral_axis(anatomy, level)
    if where == "through":
        return 0.5 * (centre + middle_of(anatomy, level - 1, f"{key}.level")), normal
    inside = DistanceTo(anatomy.parts["sacrum"])
    way = np.arange(0.0, LOWER_EDGE, STEP)
    edges = []
    for side in ("left", "right"):
        mouth = anatomy.landmarks[f"{side}_foramen_S{level}"]
        bone = inside(mouth + way[:, None] * normal) < 0.0
        if not bone.any():
            raise InputError(
                f"{key}.level",
                f'"{said}": no bone within {LOWER_EDGE:g} mm below the {side} foramen of S{level} at {place(mouth)} '
                "mm: give the plane by point and normal",
            )
        edges.append(mouth + way[int(np.argmax(bone))] * normal)
    return np.mean(edges, axis=0), normal


def _beside_joint(anatomy: Anatomy, normal: Floats, side: str, key: str) -> Floats:
    """The point of a sacroiliac joint that lies farthest towards what stays."""
    joint = anatomy.parts.get(f"{side}_sij")
    if joint is None:
        raise InputError(f"{key}.clear_of", f"this anatomy has no {side} sacroiliac joint: give a landmark or point")
    return np.asarray(joint.points[int(np.argmin(joint.points @ normal))])


def _point(anatomy: Anatomy, given: CutPlane, key: str, mirrored: bool) -> Floats:
    if given.points is not None:
        return np.asarray(np.mean(given.points, axis=0))
    if given.point is not None:
        return np.asarray(given.point, dtype=float)
    name = str(given.landmark).replace("left_", "right_") if mirrored else str(given.landmark)
    if name not in anatomy.landmarks:
        known = ", ".join(sorted(anatomy.landmarks))
        raise InputError(f"{key}.landmark", f'"{name}" is not a landmark of this anatomy; known: {known}')
    return np.asarray(anatomy.landmarks[name], dtype=float)


def _normal(given: CutPlane, key: str) -> Floats:
    said = np.asarray(given.normal if given.normal is not None else FACING[given.facing or "caudal"], dtype=float)
    if not np.linalg.norm(said) > 0.0:
        raise InputError(f"{key}.normal", "(0, 0, 0) has no direction; give a vector towards what is taken away")
    if given.points is None:
        return unit(said) if given.normal is not None else _turned(unit(said), given)
    a, b, c = (np.asarray(point, dtype=float) for point in given.points)
    across = np.cross(b - a, c - a)
    longest = max(float(np.linalg.norm(one - two)) for one, two in ((a, b), (b, c), (c, a)))
    if longest == 0.0 or np.linalg.norm(across) / longest < LEAST_HEIGHT:
        height = 0.0 if longest == 0.0 else float(np.linalg.norm(across)) / longest
        raise InputError(
            f"{key}.points",
            f"lie within {height:.1f} mm of one line (at least {LEAST_HEIGHT:g} mm): take points farther apart",
        )
    normal = unit(across)
    if abs(normal @ unit(said)) < 1e-3:
        raise InputError(f"{key}.points", "the plane runs along the direction given: say which of its sides is taken")
    return normal if normal @ said > 0.0 else -normal


def _turned(normal: Floats, given: CutPlane) -> Floats:
    """Turned about the patient's left, posterior and cranial axis one after the other, right-handed."""
    return np.asarray(turn(given.sagittal_tilt, given.frontal_tilt, given.axial_turn) @ normal)


def turn(sagittal: float, frontal: float, axial: float) -> Floats:
    """Turn about the patient's left, posterior and cranial axis one after the other, right-handed, shape (3, 3).

    Args:
        sagittal: Seen from the left, counter-clockwise [deg].
        frontal: Seen from behind [deg].
        axial: Seen from above [deg].
    """
    turned = np.eye(3)
    for axis, angle in enumerate((sagittal, frontal, axial)):
        turned = _about(axis, np.radians(angle)) @ turned
    return turned


def _about(axis: int, angle: float) -> Floats:
    """Right-handed turn about a coordinate axis, shape (3, 3)."""
    turn = np.eye(3)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    turn[i, i] = turn[j, j] = np.cos(angle)
    turn[j, i], turn[i, j] = np.sin(angle), -np.sin(angle)
    return turn
