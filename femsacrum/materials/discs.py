"""A disc of two parts: a nucleus that hardly changes its volume, in an annulus of lamellae whose fibres cross."""

from __future__ import annotations

import numpy as np
from scipy.spatial import ConvexHull

from femsacrum.anatomy.model import Floats
from femsacrum.materials.elastic import BodyMaterial, Fibres
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.sources.tables import constant

#: Share of the fibres that bears. In torsion and shear one family is pulled and the other pushed, so that half of them do
#: in truth; where all are pulled, under compression, half of them make the disc 5 to 6 % too soft (``benchmarks.discs``).
BEARS = 0.5


def two_part(body: BodyMesh) -> BodyMaterial:
    """Material of a disc, nucleus and annulus told apart by where a cell's middle lies in the disc's outline.

    Fibres of adjacent lamellae run to either side of the outline's direction, in planes along the outline, and are spread
    through the annulus as two families of equal share. Real ones bear pull only, which a linear law cannot say:
    see ``BEARS``.

    Args:
        body: A disc, flatter than wide.

    Source: the parts and their moduli are those of ``sources/materials.toml``; two families at an angle to the lamellae's
        course as in A. Shirazi-Adl, S. C. Shrivastava, A. M. Ahmed, Spine 9 (1984) 120-134.
    """
    share, across, up = _place(body)
    core = share < np.sqrt(_value("nucleus.share_of_section"))
    angle = np.radians(_value("annulus.fibre_angle"))
    directions = np.stack([np.cos(angle) * across + side * np.sin(angle) * up for side in (1.0, -1.0)])
    family = BEARS * 0.5 * _value("annulus.fibre_share") * _value("annulus.fibre_modulus")
    young, ratio = (
        np.where(core, _value(f"nucleus.{key}"), _value(f"annulus.{key}"))
        for key in ("youngs_modulus", "poisson_ratio")
    )
    parts = ("nucleus.youngs_modulus", "annulus.youngs_modulus", "annulus.fibre_modulus", "annulus.fibre_share")
    source = "; ".join(f"{key}: {constant('materials', key).cited()}" for key in parts)
    return BodyMaterial(young, ratio, None, None, source, fibres=Fibres(directions, np.where(core, 0.0, family)))


def _value(key: str) -> float:
    return constant("materials", key).value


def _place(body: BodyMesh) -> tuple[Floats, Floats, Floats]:
    """Where cells lie in a disc.

    Returns:
        Distance from the disc's middle as a share of that of the outline in the same direction, shape (m,); direction of
        the outline there, shape (m, 3); the disc's short axis, shape (3,).
    """
    corners = body.nodes[body.cells[:, :4]]
    volume, middle = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])), corners.mean(axis=1)
    centre = volume @ middle / volume.sum()
    away = middle - centre
    axes = np.linalg.eigh((volume[:, None] * away).T @ away)[1]  # the shortest first
    up, plane = axes[:, 0], axes[:, 1:]
    hull = ConvexHull((body.nodes - centre) @ plane)
    normals, distances = hull.equations[:, :2], -hull.equations[:, 2]
    shares = (away @ plane) @ (normals / distances[:, None]).T
    side = shares.argmax(axis=1)
    along = np.column_stack([-normals[side, 1], normals[side, 0]]) @ plane.T
    return shares.max(axis=1), along, up
