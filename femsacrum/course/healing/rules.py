"""Mechanoregulation by name: which tissue forms at each point from what it feels. Pure and vectorised.

Every rule is called alike, ``rule(felt, layer, host) -> tissue``: what the points feel, the thickness of the tissue
there [mm], the patient. Shapes broadcast, so one call does many patients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.course.healing import stimulus
from femsacrum.course.healing.rates import number
from femsacrum.course.healing.stimulus import Stimulus
from femsacrum.findings.quantities import limit

#: Tissue: bone; bone by a longer way (cartilage first, or immature); neither bone nor fibrous; fibrous; none for want of
#: stimulus.
BONE, SLOW, UNCERTAIN, FIBROUS, UNLOADED = range(5)
TISSUES: Final = ("bone", "bone, slowly", "uncertain", "fibrous", "unloaded")


@dataclass(frozen=True)
class Host:
    """What differs from patient to patient and is no mechanics; floats or arrays that broadcast with the points.

    Attributes:
        layer: Thickness of soft tissue beside the gap [mm].
        tolerance: Factor on the thresholds of strain, stimulus and motion [1].
        motion_limit: This patient's own limit of motion in place of the bands of "micromotion" [mm]; None: the bands.
        frequency: Cycles a second [1/s].
        flow_share: Fluid velocity over the faces' mean normal velocity [1].
    """

    layer: Floats | float
    tolerance: Floats | float = 1.0
    motion_limit: Floats | float | None = None
    frequency: Floats | float = 1.0
    flow_share: Floats | float = 0.0


Rule = Callable[[Stimulus, Floats, Host], Ints]


def claes_heigele(felt: Stimulus, layer: Floats, host: Host) -> Ints:
    """Bone below 5 % strain and 0.15 MPa; by way of cartilage below 15 % under more compression; else fibrous.

    Strain is the largest principal one. The hydrostatic pressure is the contact's: a thin layer under a load that
    alternates within a second keeps its fluid and cannot spread.

    Source: L. E. Claes, C. A. Heigele, J. Biomech. 32 (1999) 255-266; thresholds in ``sources/healing.toml``.
    """
    strain = stimulus.largest_strain(felt, layer) / host.tolerance
    compressed = felt.pressure / host.tolerance
    bone = (strain < number("claes_strain_bone")) & (np.abs(compressed) < number("claes_pressure"))
    slow = (strain < number("claes_strain_cartilage")) & (compressed >= number("claes_pressure"))
    return np.select([bone, slow], [BONE, SLOW], FIBROUS)


def prendergast(felt: Stimulus, layer: Floats, host: Host) -> Ints:
    """By S = octahedral shear strain / 0.0375 + fluid velocity / (3 um/s): bone 0.01 to 1, cartilage to 3, then fibrous.

    Source: P. J. Prendergast, R. Huiskes, K. Soballe, J. Biomech. 30 (1997) 539-548; D. Lacroix, P. J. Prendergast,
    J. Biomech. 35 (2002) 1163-1171. The flow is the estimate of ``stimulus.flow``.
    """
    shear = stimulus.octahedral_shear(felt, layer) / number("prendergast_shear")
    fluid = stimulus.flow(felt, host.frequency, host.flow_share) / number("prendergast_flow")
    felt_most = (shear + fluid) / host.tolerance
    # too little is too little for all: tolerance widens what may be borne, not what is needed
    edges = [shear + fluid < number("prendergast_resorption")]
    edges += [felt_most < number(f"prendergast_{name}") for name in ("immature", "cartilage", "fibrous")]
    return np.select(edges, [UNLOADED, BONE, SLOW, UNCERTAIN], FIBROUS)


def perren(felt: Stimulus, layer: Floats, host: Host) -> Ints:
    """By motion over thickness of the tissue: bone up to 2 %, fibrocartilage up to 10 %, then fibrous.

    Source: S. M. Perren, Clin. Orthop. 138 (1979) 175-196, as tabulated by others. Beyond 100 % even granulation tissue
    ruptures; no bone forms either way.
    """
    strain = stimulus.interfragmentary(felt, layer) / host.tolerance
    return np.select(
        [strain <= number("perren_bone"), strain <= number("perren_cartilage")], [BONE, UNCERTAIN], FIBROUS
    )


def micromotion(felt: Stimulus, layer: Floats, host: Host) -> Ints:
    """By bands of motion: bone below 40 um, uncertain up to 150 um, fibrous beyond; or by one patient's own limit.

    Source: bands of ``sources/findings.toml`` (Pilliar 1986, Jasty 1997, Engh 1992).
    """
    if host.motion_limit is not None:
        return np.where(felt.motion < host.motion_limit, BONE, FIBROUS)
    motion = 1e3 * felt.motion / host.tolerance
    bone, uncertain = motion < limit("micromotion_favourable"), motion < limit("micromotion_adverse")
    return np.select([bone, uncertain], [BONE, UNCERTAIN], FIBROUS)


RULES: Final[dict[str, Rule]] = {
    "claes_heigele": claes_heigele,
    "prendergast": prendergast,
    "perren": perren,
    "micromotion": micromotion,
}


def chance(motion: Floats) -> Floats:
    """Chance that a patient's bone bears a motion [mm], from the overlap of implants that grew in and that did not.

    Both populations of Kohli 2021 as lognormal with their mean and deviation, the variance of the logarithm pooled so
    that the chance falls with motion throughout, and as many of one as of the other:
    1 / (1 + (m / m50)^b), a log-logistic; m50 = 132 um, b = 2.
    """
    middle, slope = _overlap()
    return 1.0 / (1.0 + (np.asarray(motion) / middle) ** slope)


def borne(share: Floats | float) -> Floats:
    """Motion that a patient bears who bears more than this share of patients [mm]: the inverse of ``1 - chance``."""
    middle, slope = _overlap()
    share = np.asarray(share)
    return middle * (share / (1.0 - share)) ** (1.0 / slope)


def _overlap() -> tuple[float, float]:
    """m50 [mm] and b [1] of ``chance``."""
    found = []
    for name in ("integrated", "failed"):
        mean, deviation = number(f"kohli_{name}_mean"), number(f"kohli_{name}_deviation")
        variance = np.log1p((deviation / mean) ** 2)
        found.append((np.log(mean) - 0.5 * variance, variance))
    (low, first), (high, second) = found
    return float(np.exp(0.5 * (low + high))), float((high - low) / (0.5 * (first + second)))
