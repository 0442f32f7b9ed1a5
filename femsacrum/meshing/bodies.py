"""What this room hands on: one mesh per body, with named faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.surgery.construct import Construct


@dataclass(frozen=True)
class BodyMesh:
    """Tetrahedra that share nodes.

    Node order within an element follows VTK and meshio (``tetra10``: corners, then mid-edge nodes
    01, 12, 02, 03, 13, 23; ``triangle6``: corners, then 01, 12, 20).

    Attributes:
        name: Body name.
        role: "bone", "disc", "cartilage", "implant", "graft" or "fixation".
        order: 1 (linear) or 2 (quadratic, curved where the geometry is).
        nodes: Shape (n, 3) [mm].
        cells: Shape (m, 4) or (m, 10), positive volume.
        facets: Boundary facets, outward oriented, shape (k, 3) or (k, 6).
        facet_face: Index into face_names for each facet, shape (k,).
        face_names: Names of the faces; "surface" is always among them.
    """

    name: str
    role: str
    order: int
    nodes: Floats
    cells: Ints
    facets: Ints
    facet_face: Ints
    face_names: tuple[str, ...]

    def facets_of(self, face: str) -> Ints:
        """Facets of one named face, shape (j, 3) or (j, 6)."""
        return self.facets[self.facet_face == self.face_names.index(face)]

    def volume(self) -> float:
        """Volume of the straight-sided tetrahedra [mm3]."""
        a, b, c, d = (self.nodes[self.cells[:, i]] for i in range(4))
        return float(np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a).sum() / 6.0)


@dataclass(frozen=True)
class Assembly:
    """Every body meshed.

    Attributes:
        construct: What was meshed.
        bodies: Body name -> mesh, in the order bones, soft tissue, implants.
        quality: Body name -> row of the quality table: "cells", "nodes", "order", "gamma_min", "gamma_p01",
            "share_below_0.1 [%]" (of gamma), "volume [mm3]", "volume_error [%]", "seconds", "wrapped" (1: the surface
            cut itself, or meshed poorly, and was replaced by one around it).
    """

    construct: Construct
    bodies: Mapping[str, BodyMesh]
    quality: Mapping[str, Mapping[str, float]]
