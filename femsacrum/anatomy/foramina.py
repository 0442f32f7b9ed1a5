"""Anterior sacral foramina: the middles of their mouths, and how far down the sacrum each level is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.proportions import table

LEVELS = ("S1", "S2", "S3", "S4")

#: A rim farther than this from the bone is not there: the sacrum ends above it, or was cut off in the scan [mm].
#: Of three sacra that end within S3 the rims there are were up to 3.2 mm away, those missing 6.9 mm and more.
ABSENT = 5.0


def foramina(carry: Callable[[Floats], Floats], bone: Surface) -> dict[str, Floats]:
    """Middle of the mouth of each anterior foramen, half way between the rims of bone above and below it.

    The rims of the reference's foramina are carried over the bone. (Looking for the widest place of each opening from
    there came no closer to points picked by hand.)

    Args:
        carry: Where points of the reference sacrum of table proportions go, shape (n, 3) [mm].
        bone: The sacrum.

    Returns:
        "left_foramen_S1" ... -> point, shape (3,) [mm]. A level the bone does not reach is left out, and one whose
        mouth would lie in bone (it is somewhere else), with all below.
    """
    inside = DistanceTo(bone)
    out = {}
    for level in LEVELS:
        rims = np.array([table()["anterior_foramina"][level][end] for end in ("upper_rim", "lower_rim")])
        sides = {"left": carry(rims), "right": carry(rims * np.array([-1.0, 1.0, 1.0]))}
        mouths = {f"{side}_foramen_{level}": ends.mean(axis=0) for side, ends in sides.items()}
        if max(inside(ends).max() for ends in sides.values()) > ABSENT:
            break
        if inside(np.array(list(mouths.values()))).min() <= 0.0:
            break
        out.update(mouths)
    return out


def depths(landmarks: Mapping[str, Floats]) -> dict[str, float]:
    """How far below the middle of the S1 endplate each level of foramina is, along the sacrum [mm].

    The sacrum is curved: the length is that of the line from the endplate's middle through the middles between left
    and right foramina.
    """
    if "S1_endplate" not in landmarks:
        return {}
    line, found = [landmarks["S1_endplate"]], []
    for level in LEVELS:
        if f"left_foramen_{level}" in landmarks and f"right_foramen_{level}" in landmarks:
            line.append(0.5 * (landmarks[f"left_foramen_{level}"] + landmarks[f"right_foramen_{level}"]))
            found.append(level)
    steps = np.cumsum([np.linalg.norm(b - a) for a, b in pairwise(line)])
    return {level: float(step) for level, step in zip(found, steps, strict=True)}
