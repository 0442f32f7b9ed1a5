"""What this room hands on: elastic constants cell by cell, and the cortex of each bone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.case.elastic import equivalent_ratio, largest_axial_ratio


@dataclass(frozen=True)
class Cortex:
    """Cortical bone as a membrane on the outer facets of a bone (not on saw cuts).

    Attributes:
        facets: Corner node indices of the facets that carry it, shape (k, 3).
        thickness: Per facet, shape (k,) [mm].
        youngs_modulus: [MPa].
        poisson_ratio: Dimensionless.
    """

    facets: Ints
    thickness: Floats
    youngs_modulus: float
    poisson_ratio: float


@dataclass(frozen=True)
class Axial:
    """What makes a body transversely isotropic: the same in every direction across an axis, different along it.

    Attributes:
        axis: Unit vector per cell, shape (m, 3).
        youngs_modulus: Along the axis, per cell, shape (m,) [MPa].
        poisson_ratio: Contraction across the axis over stretch along it, pulled along it, per cell, shape (m,).
        shear_modulus: In planes through the axis, per cell, shape (m,) [MPa].
    """

    axis: Floats
    youngs_modulus: Floats
    poisson_ratio: Floats
    shear_modulus: Floats


@dataclass(frozen=True)
class Fibres:
    """Families of fibres spread through a body that bear along themselves only, in pull and push alike.

    Attributes:
        directions: Unit vector of each family per cell, shape (f, m, 3).
        modulus: Of one family, share of the volume times modulus of a fibre, per cell, shape (m,) [MPa]; 0: none there.
    """

    directions: Floats
    modulus: Floats


@dataclass(frozen=True)
class FromImage:
    """What was taken from a CT for one bone.

    Attributes:
        measures: For the findings: name with unit in it -> value.
        assumed: Whether the step from Hounsfield units to density is an assumption, for want of a phantom.
    """

    measures: Mapping[str, float]
    assumed: bool


@dataclass(frozen=True)
class BodyMaterial:
    """Linear elasticity of one body.

    Attributes:
        youngs_modulus: Per cell, shape (m,) [MPa]; with ``axial``: across the axis.
        poisson_ratio: Per cell, shape (m,); with ``axial``: in the plane across the axis.
        cortex: None where the body has none.
        yield_stress: [MPa], None where no yield criterion applies (bone is judged by strain).
        source: One line: where the constants come from, with confidence.
        axial: Constants along an axis; None: isotropic.
        image: What was taken from a CT; None: nothing.
        fibres: Added to all that, stress = modulus (a.e.a) a a' of each family; None: none.
    """

    youngs_modulus: Floats
    poisson_ratio: Floats
    cortex: Cortex | None
    yield_stress: float | None
    source: str
    axial: Axial | None = None
    image: FromImage | None = None
    fibres: Fibres | None = None

    def per_cell(self) -> tuple[Floats, ...]:
        """Every array that has a row for each cell."""
        axial = self.axial
        along = () if axial is None else (axial.axis, axial.youngs_modulus, axial.poisson_ratio, axial.shear_modulus)
        spread = () if self.fibres is None else (*self.fibres.directions, self.fibres.modulus)
        return (self.youngs_modulus, self.poisson_ratio, *along, *spread)

    def invariants(self) -> Floats:
        """Constants of the law below, per cell and without fibres, shape (5, m) [MPa]: lambda, mu, mu_axial, alpha, beta.

        With the axis a and A = a a', stress = lambda tr(e) I + 2 mu e + alpha (a.e.a I + tr(e) A)
        + 2 (mu_axial - mu) (A e + e A) + beta (a.e.a) A; mu_axial = mu and alpha = beta = 0 where isotropic.

        Source: A. J. M. Spencer, Continuum Theory of the Mechanics of Fibre-Reinforced Composites, 1984, chapter 1; the
        engineering constants enter through the inverse of the compliance (Lekhnitskii, Theory of Elasticity of an
        Anisotropic Elastic Body, 1963, section 1.6).
        """
        young, ratio = self.youngs_modulus, self.poisson_ratio
        shear = young / (2.0 * (1.0 + ratio))
        if self.axial is None:
            none = np.zeros_like(young)
            return np.stack([young * ratio / ((1.0 + ratio) * (1.0 - 2.0 * ratio)), shear, shear, none, none])
        along, across = self.axial.youngs_modulus, self.axial.poisson_ratio
        share = across**2 * young / along
        determinant = 1.0 - ratio - 2.0 * share
        # entries of the stiffness, 3 along the axis
        c12 = young * (ratio + share) / ((1.0 + ratio) * determinant)
        c13 = young * across / determinant
        c33 = along * (1.0 - ratio) / determinant
        beta = c12 + c33 - 2.0 * c13 - 4.0 * self.axial.shear_modulus + 2.0 * shear
        return np.stack([c12, shear, self.axial.shear_modulus, c13 - c12, beta])

    def confined(self) -> Floats:
        """Pressure over strain where nothing widens, across the axis and without fibres, per cell, shape (m,) [MPa]."""
        bulk, shear, *_ = self.invariants()
        return np.asarray(bulk + 2.0 * shear)

    def stiffer(self, factor: float | Floats) -> BodyMaterial:
        """All moduli but the cortex's times a factor, of all cells or of each, shape (m,)."""
        axial, fibres = self.axial, self.fibres
        if axial is not None:
            along, shear = factor * axial.youngs_modulus, factor * axial.shear_modulus
            axial = replace(axial, youngs_modulus=along, shear_modulus=shear)
        if fibres is not None:
            fibres = replace(fibres, modulus=factor * fibres.modulus)
        return replace(self, youngs_modulus=factor * self.youngs_modulus, axial=axial, fibres=fibres)

    def is_definite(self) -> bool:
        """Whether every strain of every cell takes energy (and every axis is a unit vector)."""
        young, ratio = self.youngs_modulus, self.poisson_ratio
        if self.axial is None:
            return bool(np.all((young > 0.0) & (ratio > -1.0) & (ratio < 0.5)))
        along, across, shear = self.axial.youngs_modulus, self.axial.poisson_ratio, self.axial.shear_modulus
        unit = np.abs(np.linalg.norm(self.axial.axis, axis=1) - 1.0) < 1e-9
        if not np.all(unit & (young > 0.0) & (along > 0.0) & (shear > 0.0) & (np.abs(ratio) < 1.0)):
            return False
        return bool(np.all(np.abs(across) < np.vectorize(largest_axial_ratio)(young, ratio, along)))

    def largest_ratio(self) -> float:
        """Largest Poisson's ratio of any cell; with ``axial``: of the isotropic material as incompressible as it."""
        if self.axial is None:
            return float(self.poisson_ratio.max())
        along = (self.axial.youngs_modulus, self.axial.poisson_ratio, self.axial.shear_modulus)
        return float(np.vectorize(equivalent_ratio)(self.youngs_modulus, self.poisson_ratio, *along).max())
