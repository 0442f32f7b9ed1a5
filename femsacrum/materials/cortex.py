"""Cortical bone: a membrane on the natural surface of a bone, never on a saw cut."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.model import Ints
from femsacrum.materials.elastic import Cortex
from femsacrum.meshing.bodies import BodyMesh


def natural_facets(body: BodyMesh) -> Ints:
    """Corner nodes of the facets the saw did not make, shape (k, 3)."""
    return body.facets_of("surface")[:, :3]


def uniform_cortex(
    body: BodyMesh,
    thickness: float,
    youngs_modulus: float,
    poisson_ratio: float,
    shell: NDArray[np.bool_] | None = None,
) -> Cortex:
    """Cortex of one thickness on the natural surface.

    The membrane lies on the outer surface while the cortex it stands for reaches inwards; the correction to the
    mid-surface is made where the membrane is assembled.

    Args:
        body: Mesh of a bone.
        thickness: Of the cortex [mm].
        youngs_modulus: [MPa].
        poisson_ratio: Dimensionless.
        shell: Whether a natural facet carries the membrane, shape (k,) bool; None: every one.
    """
    facets = natural_facets(body)
    if shell is not None:
        facets = facets[shell]
    return Cortex(facets, np.full(len(facets), thickness), youngs_modulus, poisson_ratio)
