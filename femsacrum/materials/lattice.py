"""Stiffness of what is printed as a lattice, told by its porosity."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Solid


def relative_modulus(porosity: Floats) -> Floats:
    """Young's modulus of a lattice over that of its metal, E / E_s = C (1 - porosity)^n, at most 1.

    Gibson and Ashby, Cellular Solids, 1997, chapter 5; C and n of ``sources/lattice.toml``. Poisson's ratio is taken as
    that of the metal.

    Args:
        porosity: Share of void, 0 to 1; 0: solid.
    """
    prefactor, exponent = (constant("lattice", f"titanium.{key}").value for key in ("prefactor", "exponent"))
    lattice = np.minimum(1.0, prefactor * (1.0 - porosity) ** exponent)
    return np.asarray(np.where(porosity > 0.0, lattice, 1.0))


def stiffness(body: BodyMesh, solid: Solid) -> tuple[Floats, str] | None:
    """Factor on the modulus of each cell, shape (m,), and in words what it is; None where all of it is solid.

    Args:
        body: Mesh of the solid.
        solid: With its zones; elements keep to them.
    """
    if not solid.zones and not solid.porosity:
        return None
    porosity = solid.porosity_at(body.nodes[body.cells[:, :4]].mean(axis=1))
    cited = constant("lattice", "titanium.prefactor").cited()
    shares = ", ".join(f"{100.0 * share:g} %" for share in np.unique(porosity[porosity > 0.0]))
    told = f"lattice of porosity {shares}: {cited}; its stress is that of the lattice as a whole, not of its struts"
    return relative_modulus(porosity), told
