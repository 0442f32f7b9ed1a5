"""Which named face each boundary facet belongs to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from femsacrum.anatomy.model import Floats, Ints, Plane
from femsacrum.meshing.triangles import planar_labels

#: All nodes of a facet of a flat face lie this close to its plane [mm].
FLAT = 0.02


def tag(nodes: Floats, facets: Ints, planes: Mapping[str, Plane]) -> tuple[Ints, tuple[str, ...]]:
    """Give every facet its face: the flat face whose plane holds all its nodes and has its normal, else "surface".

    Args:
        nodes: Shape (n, 3) [mm].
        facets: Outward oriented, shape (k, 3) or (k, 6).
        planes: Flat faces; normals point out of the body.

    Returns:
        Index into the names for each facet, shape (k,); the names, "surface" first.
    """
    labels = planar_labels(nodes, facets[:, :3], planes, FLAT)
    for number, plane in enumerate(planes.values(), start=1):
        off = np.abs((nodes[facets] - plane.origin) @ plane.normal).max(axis=1) > FLAT
        labels[(labels == number) & off] = 0
    return labels, ("surface", *planes)
