"""Young's modulus of a bone's core from the image: what lies in the cortical layer is left out.

Cortical bone is not mapped from Hounsfield units (Rho et al., Med Eng Phys 1995;17:347: r2 below 0.2): it is a membrane.
What its brightness, and the dark outside, spill into the voxels next to it would stiffen or soften the core; so samples
count only from one and a half voxels below the layer on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.errors import InputError
from femsacrum.images.volume import Volume
from femsacrum.materials.cortex import natural_facets
from femsacrum.materials.density import Chain
from femsacrum.materials.sampling import averaged
from femsacrum.materials.thickness import step_along
from femsacrum.meshing.bodies import BodyMesh

#: Voxels below the cortical layer where the core begins: what a voxel on the layer's inner border holds reaches so far by
#: trilinear interpolation. Behind 1.5 mm of cortex at 1 mm voxels the core is then 0.1 % too stiff, 7 % with a blur of
#: 1.2 mm; with one voxel 7 and 45 %, uncorrected fifteen to twenty times (docs/materials.md).
SPILL = 1.5
#: Largest share of a body's cells that may lie outside the image.
OUTSIDE = 0.02
#: Edges of a tetrahedron in the order of the middles that the kernel reads.
EDGES = np.array([[0, 1], [1, 2], [0, 2], [0, 3], [1, 3], [2, 3]])


@dataclass(frozen=True)
class Core:
    """Mapped core of one bone.

    Attributes:
        youngs_modulus: Per cell, shape (m,) [MPa].
        measures: For the findings: name with unit in it -> value.
    """

    youngs_modulus: Floats
    measures: dict[str, float]


def core(volume: Volume, body: BodyMesh, surface: Surface, thickness: Floats, chain: Chain, key: str) -> Core:
    """Maps one bone.

    Args:
        volume: Hounsfield units.
        body: Its mesh.
        surface: Its natural surface, without saw cuts.
        thickness: Of the cortex under each natural facet of the mesh, shape (k,) [mm].
        chain: From Hounsfield units to modulus.
        key: Key of the case that names the image, for messages.

    Raises:
        InputError: The bone lies partly outside the image, or no part of it is deep enough to count.
    """
    cells = np.ascontiguousarray(body.cells[:, :4])
    margin = margins(volume, body, surface, thickness)
    modulus, shares = averaged(volume, body.nodes, cells, margin, chain.packed())
    counted, outside, clamped, beyond = shares.T
    # a cell all of whose samples are in the cortex is not looked at, so those around the core tell
    looked = counted + outside > 0.0
    gone = float((outside[looked] > 0.5 * (counted + outside)[looked]).mean()) if looked.any() else 0.0
    if gone > OUTSIDE:
        raise InputError(
            key,
            f"{100.0 * gone:.0f} % of {body.name} lies outside the image, at most {100.0 * OUTSIDE:.0f} % may: "
            "take an image that holds all of it, or name the others in materials.ct.bodies",
        )
    valid = np.isfinite(modulus)
    if not valid.any():
        raise InputError(
            key,
            f"{body.name} is nowhere deep enough below its cortex to be mapped: name the others in materials.ct.bodies",
        )
    centres = body.nodes[cells].mean(axis=1)
    if not valid.all():
        modulus[~valid] = modulus[valid][cKDTree(centres[valid]).query(centres[~valid])[1]]
    corners = body.nodes[cells]
    size = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0
    size /= size.sum()
    used = float(size @ counted)
    low, middle, high = np.percentile(modulus, [25.0, 50.0, 75.0])
    return Core(
        modulus,
        {
            "cells with samples of their own [%]": 100.0 * float(valid.mean()),
            "volume in samples [%]": 100.0 * used,
            "youngs_modulus_p25 [MPa]": float(low),
            "youngs_modulus_p50 [MPa]": float(middle),
            "youngs_modulus_p75 [MPa]": float(high),
            "clamped [%]": 100.0 * float(size @ clamped) / used,
            "outside the law's range [%]": 100.0 * float(size @ beyond) / used,
        },
    )


def margins(volume: Volume, body: BodyMesh, surface: Surface, thickness: Floats) -> Floats:
    """How far below the cortical layer and its spill the corners and middles of edges lie, shape (m, 10) [mm]."""
    cells = body.cells[:, :4]
    below = _Below(volume, body, surface, thickness)
    at_node = np.full(len(body.nodes), np.inf)
    corners = np.unique(cells)
    at_node[corners] = below(body.nodes[corners])
    out = np.full((len(cells), 10), np.inf)
    longest = np.zeros(len(cells))
    for first, second in cells[:, EDGES].transpose(1, 2, 0):
        np.maximum(longest, np.linalg.norm(body.nodes[first] - body.nodes[second], axis=1), out=longest)
    near = np.flatnonzero(at_node[cells].min(axis=1) < longest)  # all of any other cell is deep
    ends = np.sort(cells[near][:, EDGES], axis=2)
    pairs, which = np.unique(ends[..., 0] * len(body.nodes) + ends[..., 1], return_inverse=True)
    middles = 0.5 * (body.nodes[pairs // len(body.nodes)] + body.nodes[pairs % len(body.nodes)])
    out[near, :4] = at_node[cells[near]]
    out[near, 4:] = below(middles)[which.reshape(-1, 6)]
    return out


class _Below:
    """Distance of points below the cortical layer and what it spills."""

    def __init__(self, volume: Volume, body: BodyMesh, surface: Surface, thickness: Floats) -> None:
        self._distance = DistanceTo(surface)
        corners = surface.points[surface.triangles]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
        self._spill = SPILL * step_along(volume, normals)
        self._thickness = thickness
        uniform = len(thickness) == 0 or np.ptp(thickness) == 0.0
        self._facets = None if uniform else cKDTree(body.nodes[natural_facets(body)].mean(axis=1))

    def __call__(self, points: Floats) -> Floats:
        nearest = self._distance.nearest(points)
        if self._facets is None:
            thick: Floats | float = float(self._thickness[0]) if len(self._thickness) else 0.0
        else:
            thick = self._thickness[self._facets.query(nearest.point)[1]]
        return np.asarray(-nearest.distance - thick - self._spill[nearest.triangle])
