"""What tissue between two faces feels over one cycle: motion, strain, pressure, flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.course.shakedown import peak_to_peak
from femsacrum.mechanics.repeated import Motion


@dataclass(frozen=True)
class Stimulus:
    """What each of a face's points feels over a cycle; all arrays have, or broadcast to, one shape (..., p).

    Attributes:
        motion: Relative motion, peak to peak [mm].
        pressure: Mean over the cycle, positive in compression [MPa].
        gap: Width of what bone has to bridge, mean over the cycle [mm], >= 0.
        normal: The part of the motion along the normal, peak to peak [mm]; None: not known apart, and all of the motion
            counts as normal, which strains the tissue most.
    """

    motion: Floats
    pressure: Floats
    gap: Floats
    normal: Floats | None = None

    def along_normal(self) -> Floats:
        """Normal part of the motion, never more than all of it [mm]."""
        return self.motion if self.normal is None else np.minimum(self.normal, self.motion)

    def along_face(self) -> Floats:
        """Tangential part of the motion [mm]."""
        return np.sqrt(np.maximum(self.motion**2 - self.along_normal() ** 2, 0.0))

    def at_load(self, factor: Floats | float, pressure: Floats | float = 1.0) -> Stimulus:
        """The same face with its motion and its pressure multiplied."""
        normal = None if self.normal is None else self.normal * factor
        return Stimulus(self.motion * factor, self.pressure * pressure, self.gap, normal)


def over_cycle(motion: Motion) -> Stimulus:
    """What a face felt in a cycle; means are over the phases as they are, so they should be evenly spaced."""
    gap = motion.gap()
    return Stimulus(
        peak_to_peak(motion.jump),
        motion.traction[:, :, 0].mean(axis=0),
        np.maximum(gap, 0.0).mean(axis=0),
        np.ptp(gap, axis=0),
    )


def interfragmentary(felt: Stimulus, layer: Floats) -> Floats:
    """Interfragmentary strain: motion over the thickness of the tissue [1] (Perren)."""
    return felt.motion / layer


def largest_strain(felt: Stimulus, layer: Floats) -> Floats:
    """Largest principal strain [1] of a layer stretched by e and sheared by g: |e|/2 + sqrt(e^2 + g^2)/2."""
    e, g = felt.along_normal() / layer, felt.along_face() / layer
    return 0.5 * (e + np.sqrt(e**2 + g**2))


def octahedral_shear(felt: Stimulus, layer: Floats) -> Floats:
    """Octahedral shear strain [1] of a layer stretched by e and sheared by g: (2/3) sqrt(2 e^2 + 3/2 g^2).

    From (2/3) sqrt((e1 - e2)^2 + (e2 - e3)^2 + (e3 - e1)^2) of the principal strains e1, e2, e3.
    """
    e, g = felt.along_normal() / layer, felt.along_face() / layer
    return (2.0 / 3.0) * np.sqrt(2.0 * e**2 + 1.5 * g**2)


def flow(felt: Stimulus, frequency: Floats | float, share: Floats | float) -> Floats:
    """Fluid velocity in the layer [mm/s]: a share of the faces' mean normal velocity, 2 f times the peak to peak.

    An estimate, not a poroelastic solution: over a stride, granulation tissue of 1 mm (0.2 MPa, 1e-14 m4/(N s)) drains
    a few hundredths of a millimetre deep, so its fluid can hardly leave and the estimate is high.

    Args:
        felt: What the face feels.
        frequency: Cycles a second [1/s].
        share: Mean fluid velocity over the faces' mean velocity [1].
    """
    return share * 2.0 * frequency * felt.along_normal()
