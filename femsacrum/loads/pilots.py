"""Faces that are potted: loads and supports take hold of them as of one rigid body."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from femsacrum.anatomy.model import Ints
from femsacrum.loads.loadcase import Applied, Support
from femsacrum.sources.tables import constant

#: What is never potted: muscles pull on bone as it is, and weight and the symphysis belong to the whole of a body.
POTTED = ("L4", "hip", "leg", "machine")


def kinematic(applied: Sequence[Applied], supports: Sequence[Support]) -> tuple[Support, ...]:
    """A kinematic pilot for each face of L4's endplate and of the acetabula that a load or a ball joint acts on.

    An acetabulum that is held node by node is rigid already.

    Args:
        applied: Forces of the load case.
        supports: What holds the pelvis in it.
    """
    acting: list[Applied | Support] = [*applied, *(each for each in supports if each.kind == "mean")]
    spring = constant("loads", "pilot").value
    faces: dict[tuple[str, bytes], tuple[str, Ints]] = {}
    for each in acting:
        if each.name.endswith(POTTED):
            faces.setdefault((each.body, np.sort(each.facets.ravel()).tobytes()), (each.name, each.facets))
    return tuple(
        Support(f"pilot of {name}", body, facets, "rigid", np.zeros((0, 3)), spring)
        for (body, _), (name, facets) in faces.items()
    )
