"""How strained bone and graft are, inside and in the cortex."""

from __future__ import annotations

from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings import kernels
from femsacrum.findings.quantities import limit, place, quantity
from femsacrum.findings.stress import BodyStrain
from femsacrum.materials.elastic import Cortex
from femsacrum.meshing.bodies import BodyMesh


def yield_strains(body: str) -> tuple[str, str]:
    """Names of the tensile and compressive threshold that judge a body's inside."""
    site = "vertebra" if body in ("L4", "L5") else "pelvis"
    return f"{site}_yield_tension", f"{site}_yield_compression"


def bone(
    mesh: BodyMesh, strained: BodyStrain, cortex: Cortex | None, displacement: Floats, strength: float = 1.0
) -> dict[str, Any]:
    """Principal strains with the volume beyond yield; nothing is left out.

    Bone around a screw is approximated: the screw runs through undrilled cells, so peaks beside it are those of the
    mesh, while the strained volume is of the right order.

    Args:
        mesh: Of the body.
        strained: Its strains.
        cortex: Its cortex.
        displacement: Of its nodes, shape (n, 3) [mm].
        strength: Factor on the yield strains that the case states for this patient's bone [1].
    """
    values = kernels.principal(strained.inside)
    tension, compression = values[..., 0].ravel(), values[..., 2].ravel()
    volume, position = strained.volume.ravel(), strained.position.reshape(-1, 3)
    total = float(volume.sum())
    tensile, compressive = yield_strains(mesh.name)
    pulled, pressed = tension > strength * limit(tensile), compression < -strength * limit(compressive)
    beyond_tension, beyond_compression = float(volume[pulled].sum()), float(volume[pressed].sum())
    beyond_either = float(volume[pulled | pressed].sum())
    overloaded = float(volume[np.maximum(tension, -compression) > limit("overload")].sum())
    found = {
        "tensile_strain_max": quantity(tension.max(), "1"),
        "tensile_strain_max_at": place(position[tension.argmax()]),
        "tensile_strain_p99": quantity(kernels.weighted_percentile(tension, volume, 0.99), "1"),
        "compressive_strain_min": quantity(compression.min(), "1"),
        "compressive_strain_min_at": place(position[compression.argmin()]),
        "compressive_strain_p01": quantity(kernels.weighted_percentile(compression, volume, 0.01), "1"),
        "volume": quantity(total, "mm3"),
        "volume_beyond_yield_tension": quantity(beyond_tension, "mm3"),
        "volume_beyond_yield_compression": quantity(beyond_compression, "mm3"),
        "volume_beyond_yield": quantity(beyond_either, "mm3"),
        "share_beyond_yield": quantity(100.0 * beyond_either / total, "%"),
        "share_overloaded": quantity(100.0 * overloaded / total, "%"),
        "thresholds": {"tension": tensile, "compression": compressive, "overload": "overload"},
        "strength_factor": quantity(strength, "1"),
    }
    if cortex is not None and len(cortex.facets):
        found["cortex"] = _cortex(mesh, cortex, displacement, strength)
    return found


def membrane(nodes: Floats, facets: np.ndarray, displacement: Floats) -> tuple[Floats, Floats]:
    """Tangential principal strains of triangles that move with their corners.

    Args:
        nodes: Shape (n, 3) [mm].
        facets: Corner nodes, shape (k, 3).
        displacement: Shape (n, 3) [mm].

    Returns:
        Principal strains, larger first, shape (k, 2) [1], and areas, shape (k,) [mm2].
    """
    a, b, c = (nodes[facets[:, i]] for i in range(3))
    ua, ub, uc = (displacement[facets[:, i]] for i in range(3))
    e1 = b - a
    length = np.linalg.norm(e1, axis=1)
    e1 = e1 / length[:, None]
    normal = np.cross(b - a, c - a)
    double = np.linalg.norm(normal, axis=1)
    e2 = np.cross(normal / double[:, None], e1)
    x2, x3, y3 = length, np.einsum("ij,ij->i", c - a, e1), np.einsum("ij,ij->i", c - a, e2)
    d1 = (ub - ua) / x2[:, None]
    d2 = (uc - ua - x3[:, None] * d1) / y3[:, None]
    xx, yy = np.einsum("ij,ij->i", d1, e1), np.einsum("ij,ij->i", d2, e2)
    xy = 0.5 * (np.einsum("ij,ij->i", d1, e2) + np.einsum("ij,ij->i", d2, e1))
    middle, radius = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    return np.column_stack([middle + radius, middle - radius]), 0.5 * double


def _cortex(mesh: BodyMesh, cortex: Cortex, displacement: Floats, strength: float) -> dict[str, Any]:
    """Membrane strain and stress of the cortex (plane stress); thickness weighs nothing, area does."""
    strains, area = membrane(mesh.nodes, cortex.facets, displacement)
    nu = cortex.poisson_ratio
    factor = cortex.youngs_modulus / (1.0 - nu * nu)
    largest = factor * (strains[:, 0] + nu * strains[:, 1])
    least = factor * (strains[:, 1] + nu * strains[:, 0])
    size = np.maximum(np.abs(largest), np.abs(least))
    pulled = strains[:, 0] > strength * limit("cortex_yield_tension")
    beyond = pulled | (strains[:, 1] < -strength * limit("cortex_yield_compression"))
    at = int(size.argmax())
    return {
        "principal_stress_max": quantity(largest.max(), "MPa"),
        "principal_stress_min": quantity(least.min(), "MPa"),
        "largest_at": place(mesh.nodes[cortex.facets[at]].mean(axis=0)),
        "principal_stress_size_p999": quantity(kernels.weighted_percentile(size, area, 0.999), "MPa"),
        "tensile_strain_max": quantity(strains[:, 0].max(), "1"),
        "compressive_strain_min": quantity(strains[:, 1].min(), "1"),
        "share_beyond_yield": quantity(100.0 * float(area[beyond].sum() / area.sum()), "%"),
        "thresholds": {"tension": "cortex_yield_tension", "compression": "cortex_yield_compression"},
    }
