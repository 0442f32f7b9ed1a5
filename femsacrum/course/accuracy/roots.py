"""Roots that a plan keeps, where nobody gives their paths: short straight pieces through the foramina."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats, Plane
from femsacrum.case.names import SIDES
from femsacrum.sources.tables import constant
from femsacrum.surgery.cuts.planes import midsagittal, sacral_axis
from femsacrum.surgery.shapes.frame import unit

#: Levels whose roots a partial sacrectomy keeps, if their foramina stay.
KEPT = (1, 2)

Roots = Mapping[str, tuple[Floats, float]]


def through_foramina(anatomy: Anatomy, plane: Plane) -> dict[str, tuple[Floats, float]]:
    """Name -> axis, shape (2, 3) [mm], and radius [mm] of each root whose foramen stays.

    A root is laid square to the sacrum through the middle of the mouth of its foramen; where it really runs is not known.

    Args:
        anatomy: Landmarks of the foramina.
        plane: Cut through the sacrum; normal towards what is taken away.
    """
    found = {}
    half = constant("accuracy", "root_half_length").value
    for level in KEPT:
        for side in SIDES:
            mouth = anatomy.landmarks.get(f"{side}_foramen_S{level}")
            if mouth is None or (mouth - plane.origin) @ plane.normal >= 0.0:
                continue
            through = unit(np.cross(sacral_axis(anatomy, level), midsagittal(anatomy).normal))
            path = mouth + half * np.outer([-1.0, 1.0], through)
            found[f"{side} S{level}"] = path, 0.5 * constant("accuracy", f"root_diameter_S{level}").value
    return found
