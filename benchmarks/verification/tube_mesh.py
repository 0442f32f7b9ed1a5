"""Tubes of structured tetrahedra, faceted or curved, with even or uneven angles."""

from __future__ import annotations

import numpy as np

from benchmarks.verification.meshes import box
from femsacrum.meshing.bodies import BodyMesh


def tube(name, radii, length, divisions, order=2, turn=0.0, uneven=0.0, seed=0):
    """Tube around z from 0 to ``length`` with faces "inner", "outer", "z0" and "z1".

    Args:
        name: Of the body.
        radii: Inner and outer [mm].
        length: [mm].
        divisions: Cells along the radius, around and along z.
        order: 1: flat facets; 2: curved ones, every node on its own circle.
        turn: Angle of the first cell, in cells.
        uneven: Largest shift of an angle at which cells meet, in cells.
        seed: Of the shifts.
    """
    count = divisions[1]
    flat = box(name, (radii[0], 0, 0), (radii[1], count, length), divisions, order)
    shift = np.zeros(count + 1)
    shift[:-1] = uneven * np.random.default_rng(seed).uniform(-1.0, 1.0, count)
    shift[-1] = shift[0]
    # mid-edge nodes lie half-way between the shifted angles
    angle = flat.nodes[:, 1] + np.interp(flat.nodes[:, 1], np.arange(count + 1), shift) + turn
    angle *= 2.0 * np.pi / count
    # the last angle is the first one
    key = np.round(flat.nodes * [1e6, 1e6, 1e6]).astype(np.int64)
    key[:, 1] %= round(count * 1e6)
    _, first, number = np.unique(key, axis=0, return_index=True, return_inverse=True)
    place = np.column_stack([flat.nodes[:, 0] * np.cos(angle), flat.nodes[:, 0] * np.sin(angle), flat.nodes[:, 2]])
    names = ("inner", "outer", "seam", "seam", "z0", "z1", "surface")
    outside = (flat.facet_face != 2) & (flat.facet_face != 3)
    face = flat.facet_face[outside]
    number = number.ravel()
    return BodyMesh(
        name, "implant", order, place[first], number[flat.cells], number[flat.facets[outside]], face, names
    )
