"""What this room hands on: elastic constants cell by cell, and the cortex of each bone."""

from __future__ import annotations

from dataclasses import dataclass

from femsacrum.anatomy.model import Floats, Ints


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
class BodyMaterial:
    """Linear elasticity of one body.

    Attributes:
        youngs_modulus: Per cell, shape (m,) [MPa].
        poisson_ratio: Per cell, shape (m,).
        cortex: None where the body has none.
        yield_stress: [MPa], None where no yield criterion applies (bone is judged by strain).
        source: One line: where the constants come from, with confidence.
    """

    youngs_modulus: Floats
    poisson_ratio: Floats
    cortex: Cortex | None
    yield_stress: float | None
    source: str
