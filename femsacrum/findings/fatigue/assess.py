"""Damage at one point of a metal, for one set of assumptions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings.fatigue import plane
from femsacrum.findings.fatigue.counting import cycles
from femsacrum.findings.fatigue.life import Counted, Line, proportional
from femsacrum.findings.fatigue.mean_stress import RULES
from femsacrum.findings.fatigue.strengths import Strength, spread

#: Criteria in the order of the kernel.
CRITERIA = ("findley", "normal_stress")


@dataclass(frozen=True)
class Assumptions:
    """Everything a life depends on beside the stress.

    Attributes:
        ultimate: Tensile strength [MPa].
        endurance: Fully reversed amplitude for 1e7 cycles without the notch [MPa].
        notch: Divides it.
        early: Amplitude for 1e3 cycles over the tensile strength.
        k: Findley's constant.
        mean_stress: Rule for the mean of the normal stress, a key of ``RULES``.
        criterion: "findley", "normal_stress" or "either".
        scale: On all stress.
    """

    ultimate: float
    endurance: float
    notch: float
    early: float
    k: float
    mean_stress: str = "goodman"
    criterion: str = "either"
    scale: float = 1.0

    @property
    def line(self) -> Line:
        """The S-N line."""
        return Line(self.early * self.ultimate, self.endurance / self.notch)


def usual(strength: Strength, mean_stress: str = "goodman", criterion: str = "either") -> Assumptions:
    """The middle of every range."""
    return Assumptions(
        strength.ultimate.usual,
        strength.endurance.usual,
        strength.notch.usual,
        strength.early.usual,
        spread("findley.k").usual,
        mean_stress,
        criterion,
        spread("stress.scale").usual,
    )


def findley_to_reversed(k: float) -> float:
    """Fully reversed uniaxial amplitude over Findley's criterion.

    Pulled and pushed by S along one axis, the plane turned by t from it has S sin(2t) / 2 + k S (1 + cos(2t)) / 2; its
    maximum is S (k + sqrt(1 + k^2)) / 2 (Socie and Marquis, Multiaxial Fatigue, 2000, chapter 5).
    """
    return 2.0 / (k + math.sqrt(1.0 + k * k))


@dataclass(frozen=True)
class Assessed:
    """What one repetition of a movement does at a point.

    Attributes:
        counted: Criterion -> cycles on its critical plane.
        normal: Criterion -> that plane's unit normal, shape (3,).
        across: Stress across the plane of ``normal_stress`` at each instant, shape (n,) [MPa].
        line: S-N line.
        judged: Criteria that count.
    """

    counted: dict[str, Counted]
    normal: dict[str, Floats]
    across: Floats
    line: Line
    judged: tuple[str, ...]

    @property
    def governing(self) -> str:
        """The criterion of most damage."""
        return max(self.judged, key=lambda name: self.counted[name].damage(self.line))

    def damage(self) -> float:
        """Of one repetition; failure is thought at 1."""
        return max(self.counted[name].damage(self.line) for name in self.judged)

    def equivalent(self) -> float:
        """Fully reversed amplitude that, once in a repetition, does as much damage [MPa]."""
        once = self.damage()
        return self.line.amplitude(1.0 / once) if once > 0.0 else 0.0

    def safety(self, repetitions: float) -> float:
        """Factor all stress may grow by until that many repetitions do a damage of 1."""
        return min(self.counted[name].safety(self.line, repetitions) for name in self.judged)


def assess(stress: Floats, given: Assumptions) -> Assessed:
    """Finds the critical planes of one point and counts the cycles on them.

    On Findley's plane the largest cycle has the criterion's value; smaller ones, counted on the shear along the longest
    chord of its path, have their share of it: shear amplitude over the largest shear amplitude.

    Args:
        stress: At each instant, shape (n, 6) [MPa].
        given: Assumptions.
    """
    scaled = given.scale * np.ascontiguousarray(stress, float)
    rule = RULES[given.mean_stress]
    values, normals = plane.critical(scaled[:, None, :], np.array([given.ultimate]), given.k, rule, plane.grid())
    paths = np.empty((2, 3, len(scaled)))
    for path, normal in zip(paths, normals[:, 0], strict=True):
        plane.on_plane(scaled, *normal, path)
    sheared = cycles(_along_longest_chord(paths[0, 1:].T))
    sizes = np.empty(0)
    if len(sheared):
        sizes = findley_to_reversed(given.k) * values[0, 0] * sheared[:, 0] / sheared[0, 0]
    opened = cycles(paths[1, 0])
    counted = {
        "findley": proportional(sizes, sheared[:, 2]),
        "normal_stress": Counted(opened[:, 0], opened[:, 1], opened[:, 2], given.ultimate, rule),
    }
    judged = CRITERIA if given.criterion == "either" else (given.criterion,)
    return Assessed(counted, dict(zip(CRITERIA, normals[:, 0], strict=True)), paths[1, 0], given.line, judged)


def _along_longest_chord(path: Floats) -> Floats:
    """Component of a path of points, shape (n, 2), along the line through the two that are farthest apart."""
    chords = path[:, None] - path[None, :]
    sizes = np.einsum("ijk,ijk->ij", chords, chords)
    chord = chords[np.unravel_index(int(sizes.argmax()), sizes.shape)]
    length = float(np.linalg.norm(chord))
    return np.asarray(path @ chord / length if length > 0.0 else np.zeros(len(path)))
