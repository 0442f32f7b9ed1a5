"""Line of action of the hip abductors on this pelvis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import InputError
from femsacrum.loads.patches import Patch, abductor_origin, landmark, outward, unit
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant


@dataclass(frozen=True)
class Abductors:
    """Gluteus medius and minimus as one force from the wing to the greater trochanter.

    Attributes:
        origin: Facets on the wing; the force acts at their centroid.
        insertion: Estimated middle of the insertion on the greater trochanter, shape (3,) [mm].
        direction: Unit vector of the pull on the pelvis, shape (3,).
        forward: Unit vector of the axis of the frontal-plane moment, shape (3,).
    """

    origin: Patch
    insertion: Floats
    direction: Floats
    forward: Floats


def abductors(assembly: Assembly, side: str, arm: float, key: str) -> Abductors:
    """Finds the line of action whose lever about the hip, seen from in front, is ``arm``.

    The femur is not modelled: its trochanter is placed beside the hip centre, in the frontal plane through it and a
    little below it, at the distance that gives the lever the case asks for. In the set of Heller 2005 the abductors
    pull 4 %BW forwards beside 87 %BW downwards, so a pull in the frontal plane is close.

    Args:
        assembly: Meshed bodies.
        side: Stance side.
        arm: Lever about the hip centre [mm].
        key: Path of the lever in the case, for the error.

    Raises:
        InputError: No trochanter gives this lever.
    """
    hip, lateral = landmark(assembly, f"{side}_hip_centre"), outward(assembly, side)
    up = unit(np.array([0.0, 0.0, 1.0]) - lateral[2] * lateral)
    origin = abductor_origin(assembly, side)
    drop = constant("loads", "trochanter_drop").value
    away = origin.centroid - hip
    beside = trochanter_distance(float(away @ lateral), float(away @ up), drop, arm)
    least, most = constant("loads", "trochanter_least").value, constant("loads", "trochanter_most").value
    if not least <= beside <= most:
        where = f"{beside:.0f} mm" if np.isfinite(beside) else "infinitely far"
        problem = f"{arm:.1f} mm puts the greater trochanter {where} beside the hip centre"
        raise InputError(key, f"{problem}; {least:.0f} to {most:.0f} mm is allowed")
    insertion = hip + beside * lateral - drop * up
    return Abductors(origin, insertion, unit(insertion - origin.centroid), np.cross(lateral, up))


def trochanter_distance(lateral: float, height: float, drop: float, arm: float) -> float:
    """Distance of the insertion beside the hip centre for a given lever of the muscle, in the frontal plane [mm].

    With the origin at (l, h), the insertion at (x, -d): (l d + h x)^2 = a^2 ((x - l)^2 + (h + d)^2).

    Args:
        lateral: Origin beside the hip centre, l [mm].
        height: Origin above it, h [mm].
        drop: Insertion below it, d [mm].
        arm: Lever, a [mm].

    Returns:
        x, the larger root; infinite where the origin lies too low for such a lever.
    """
    a = height**2 - arm**2
    b = 2.0 * lateral * (drop * height + arm**2)
    c = (lateral * drop) ** 2 - arm**2 * (lateral**2 + (height + drop) ** 2)
    root = b * b - 4.0 * a * c
    return float((-b + np.sqrt(root)) / (2.0 * a)) if a > 0.0 and root >= 0.0 else float("inf")
