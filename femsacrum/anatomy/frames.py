"""Units and axes of files, and what brings their coordinates to [mm] in the patient's axes LPS."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np

from femsacrum.anatomy.model import Floats

#: Length of a unit [mm].
UNITS = {"mm": 1.0, "cm": 10.0, "m": 1000.0}

#: Where a letter points to: axis of LPS, and its sense.
LETTERS = {"L": (0, 1.0), "R": (0, -1.0), "P": (1, 1.0), "A": (1, -1.0), "S": (2, 1.0), "I": (2, -1.0)}

#: The 48 frames there are: three letters say where x, y and z point to (L left, R right, P posterior, A anterior,
#: S superior, I inferior). DICOM has LPS, Slicer and NIfTI have RAS, a model with y up that looks at you has LSA.
FRAMES = tuple("".join(one) for axes in permutations(("LR", "PA", "SI")) for one in product(*axes))


def to_lps(frame: str) -> Floats:
    """Matrix that takes coordinates in a frame to LPS, shape (3, 3); its determinant is -1 for a left-handed frame.

    Args:
        frame: One of FRAMES.
    """
    matrix = np.zeros((3, 3))
    for column, letter in enumerate(frame):
        axis, sense = LETTERS[letter]
        matrix[axis, column] = sense
    return matrix


def mirrors(frame: str) -> bool:
    """Whether a frame is left-handed, so that its coordinates are a mirror image."""
    return bool(np.linalg.det(to_lps(frame)) < 0.0)
