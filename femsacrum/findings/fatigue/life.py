"""From amplitudes to damage: the S-N line, Miner's sum, and by how much stress may grow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings.fatigue.mean_stress import RULES, reversed_amplitude
from femsacrum.findings.fatigue.strengths import EARLY, KNEE

#: Powers of ten between which the factor is looked for that stress may grow by, and halvings of the search.
WIDEST, HALVINGS = 6.0, 50


@dataclass(frozen=True)
class Line:
    """S-N line of fully reversed amplitudes: Basquin's power law between two points, a flatter one beyond.

    From early strength at 1e3 cycles to the endurance at 1e7 (Shigley, section 6-8, with 1e7 for 1e6: titanium and
    cobalt-chromium have no knee before). Beyond 1e7 the exponent is 2 m - 1 (Haibach 1970, in Haibach,
    Betriebsfestigkeit, 3rd ed. 2006): small cycles wear what larger ones have begun. Above the early strength the line
    is extrapolated, where metal yields and a strain-life law would be due.

    Attributes:
        early: Amplitude for 1e3 cycles [MPa].
        endurance: Amplitude for ``knee`` cycles, notch included [MPa]; below ``early``.
        knee: Cycles where the line becomes flatter.
    """

    early: float
    endurance: float
    knee: float = KNEE

    @property
    def exponent(self) -> float:
        """Exponent m of N = knee (endurance / amplitude)^m."""
        return math.log(self.knee / EARLY) / math.log(self.early / self.endurance)

    def cycles(self, amplitude: Floats) -> Floats:
        """Cycles to failure at fully reversed amplitudes [MPa]; infinite at none."""
        m = self.exponent
        with np.errstate(divide="ignore", over="ignore"):
            ratio = self.endurance / np.asarray(amplitude, dtype=float)
            return np.asarray(self.knee * np.where(ratio <= 1.0, ratio**m, ratio ** (2.0 * m - 1.0)))

    def amplitude(self, cycles: float) -> float:
        """Fully reversed amplitude borne for so many cycles [MPa]; infinite for none, none for infinitely many."""
        if cycles <= 0.0:
            return math.inf
        m = self.exponent if cycles <= self.knee else 2.0 * self.exponent - 1.0
        return float(self.endurance * (self.knee / cycles) ** (1.0 / m))


@dataclass(frozen=True)
class Counted:
    """What one repetition of a movement does on a critical plane.

    Attributes:
        amplitude: Of each cycle [MPa], shape (c,).
        mean: Of each cycle [MPa], shape (c,).
        count: How often, shape (c,).
        ultimate: Tensile strength the mean is measured by [MPa].
        rule: Number of the mean-stress rule.
    """

    amplitude: Floats
    mean: Floats
    count: Floats
    ultimate: float
    rule: int

    def reversed(self, factor: float = 1.0) -> Floats:
        """Fully reversed amplitude of each cycle, all stress multiplied by a factor [MPa]."""
        pairs = zip(factor * self.amplitude, factor * self.mean, strict=True)
        return np.array([reversed_amplitude(a, m, self.ultimate, self.rule) for a, m in pairs])

    def damage(self, line: Line, factor: float = 1.0) -> float:
        """Miner's sum of one repetition, all stress multiplied by a factor; failure is thought at 1."""
        with np.errstate(divide="ignore"):  # a mean beyond the tensile strength breaks it at once
            return float(np.sum(self.count / line.cycles(self.reversed(factor))))

    def safety(self, line: Line, cycles: float) -> float:
        """Factor all stress may grow by until the damage of that many repetitions is 1; infinite without stress."""
        if not len(self.amplitude) or not self.damage(line, 10.0**WIDEST) > 0.0:
            return math.inf
        low, high = -WIDEST, WIDEST
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if cycles * self.damage(line, 10.0**middle) < 1.0 else (low, middle)
        return float(10.0 ** (0.5 * (low + high)))


def proportional(amplitude: Floats, count: Floats) -> Counted:
    """Cycles whose amplitudes are fully reversed already [MPa]."""
    return Counted(amplitude, np.zeros_like(amplitude), count, math.inf, RULES["none"])
