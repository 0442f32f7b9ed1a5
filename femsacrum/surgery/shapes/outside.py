"""The outside of what is drawn, as triangles: for distances and pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from femsacrum.anatomy.model import Surface
from femsacrum.errors import NumericalError


def outside(name: str, sizes: Sequence[float] = (2.5, 1.8, 1.2), per_turn: int = 0) -> Surface:
    """A closed triangulation of the drawing's outside, for distances.

    Args:
        name: Of the body, for the message.
        sizes: Of its triangles [mm]; the first that gives a closed, consistently oriented surface is taken.
        per_turn: At least so many triangles on a full turn of a curved face; 0: as few as their size asks for.

    Raises:
        NumericalError: None does.
    """
    import gmsh

    gmsh.model.occ.synchronize()
    keys = ("Mesh.MeshSizeMin", "Mesh.MeshSizeMax", "Mesh.MeshSizeFromCurvature")
    limits = {key: gmsh.option.getNumber(key) for key in keys}
    try:
        gmsh.option.setNumber(keys[2], per_turn)
        for size in sizes:
            gmsh.option.setNumber(keys[0], 0.1 * size if per_turn else size)
            gmsh.option.setNumber(keys[1], size)
            gmsh.model.mesh.generate(2)
            surface = _triangles()
            gmsh.model.mesh.clear()
            if _closed(surface):
                return surface
    finally:
        for key, value in limits.items():
            gmsh.option.setNumber(key, value)
    raise NumericalError(f"surgery: the surface of {name} cannot be triangulated; its faces are too thin somewhere")


def _triangles() -> Surface:
    import gmsh

    tags, nodes, _ = gmsh.model.mesh.getNodes()
    index = np.zeros(int(tags.max()) + 1, dtype=np.int64)
    index[tags] = np.arange(len(tags))
    rows = index[gmsh.model.mesh.getElementsByType(2)[1]]
    # the poles of the splines are points of the drawing too, and get a node each
    used, rows = np.unique(rows, return_inverse=True)
    return Surface(np.asarray(nodes, dtype=float).reshape(-1, 3)[used], rows.reshape(-1, 3))


def _closed(surface: Surface) -> bool:
    """Whether every edge is passed once in each direction."""
    start = surface.triangles.ravel()
    end = np.roll(surface.triangles, -1, axis=1).ravel()
    number = len(surface.points)
    forth, back = np.sort(start * number + end), np.sort(end * number + start)
    return bool(np.array_equal(forth, back) and (np.diff(forth) > 0).all())
