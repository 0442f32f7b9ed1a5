"""What is not known, drawn many times over: how surely the faces unite, and what that hinges on.

Two kinds are kept apart. What is not known of the case (modulus, friction, load, thickness of the layer, times) is drawn
by a Latin hypercube; in each draw a row of patients, from least to most tolerant of motion, goes through the course. The
share of them whose face unites is that draw's probability of union, and its band is over the draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from femsacrum.anatomy.model import Floats
from femsacrum.course.healing import union as growth
from femsacrum.course.healing.months import Course, Face, Options
from femsacrum.course.healing.rates import number, ranged
from femsacrum.course.healing.rules import RULES, Host, borne
from femsacrum.course.healing.stimulus import Stimulus
from femsacrum.course.healing.surrogate import FLOORS, Surrogate

#: What is drawn, in the order of the hypercube's columns; the last is the surrogate's own error.
DRAWN = (
    "modulus", "friction", "load", "host layer", "union time", "speed", "slow way", "loss", "stride", "flow",
    "surrogate",
)  # fmt: skip
#: Rule -> what is drawn that it reads; what is not named here counts for every rule.
READS: Final = {
    "micromotion": (),
    "perren": ("host layer",),
    "claes_heigele": ("host layer", "slow way"),
    "prendergast": ("host layer", "slow way", "stride", "flow"),
}
#: Patients in each draw, at even shares from least to most tolerant.
PATIENTS = 25
#: Points that stand for a face, each with the same share of its area.
POINTS = 64
#: Percentiles of every band.
BAND = (5.0, 50.0, 95.0)


@dataclass(frozen=True)
class Spread:
    """How surely faces unite.

    Attributes:
        times: [month], shape (m,).
        draws: Name of what was drawn -> share of its spread in each draw, shape (d,).
        patients: Share of patients less tolerant of motion than each, shape (t,).
        area: Face -> share of it united, shape (m, d, t).
        error: Output of the surrogate -> its error on solves it has not seen, as a factor; NaN: not known.
        form: Output of the surrogate -> its form.
        solves: Solves the surrogate was fitted to.
        unvaried: Factors of the mechanics that the solves did not vary: their spread is not in this.
        trusted: Whether the surrogate's error is known and below what is trusted.
        stopped: Factors of the mechanics of each solve that came to no end: what they do is not in this.
    """

    times: Floats
    draws: Mapping[str, Floats]
    patients: Floats
    area: Mapping[str, Floats]
    error: Mapping[str, float]
    form: Mapping[str, str]
    solves: int
    unvaried: tuple[str, ...]
    trusted: bool
    stopped: tuple[Mapping[str, float], ...] = ()

    def band(self, face: str) -> Floats:
        """Share of a face that has united: 5th, 50th and 95th percentile over draws and patients, shape (3, m)."""
        return np.percentile(self.area[face].reshape(len(self.times), -1), BAND, axis=1)

    def probability(self, *faces: str) -> Floats:
        """Share of patients all of whose named faces are united, for each time and draw, shape (m, d)."""
        threshold = number("united")
        together = np.all([self.area[face] >= threshold for face in faces], axis=0)
        return np.asarray(together.mean(axis=2))

    def at(self, month: float) -> int:
        """Index of the time nearest to a month [month]."""
        return int(np.abs(self.times - month).argmin())

    def hinges(self, *faces: str) -> dict[str, float]:
        """What the union of all these faces in the end hinges on: name of what was drawn -> change of its chance.

        The change is that from the lower third of the draws (or of the patients, as "tolerance") to the upper third;
        one of less than three standard errors is not told from scatter and left out.
        """
        united = np.all([self.area[face][-1] >= number("united") for face in faces], axis=0)
        return self._thirds(united.astype(float))

    def quickens(self, *faces: str) -> dict[str, float]:
        """The same of the area united, averaged over these faces and over the months."""
        return self._thirds(np.mean([self.area[face].mean(axis=0) for face in faces], axis=0))

    def _thirds(self, values: Floats) -> dict[str, float]:
        """Mean over the upper third less mean over the lower one, of values of shape (d, t)."""
        means, found = values.mean(axis=1), {}
        for name, share in self.draws.items():
            order, third = np.argsort(share), max(1, len(share) // 3)
            low, high = means[order[:third]], means[order[-third:]]
            change = float(high.mean() - low.mean())
            if abs(change) > 3.0 * np.sqrt((low.var() + high.var()) / third):
                found[name] = change
        third = len(self.patients) // 3
        found["tolerance"] = float(values[:, -third:].mean() - values[:, :third].mean())
        return found


def spread(course: Course, surrogate: Surrogate, samples: int = 128, seed: int = 1) -> Spread:
    """Follows the course many times over on the surrogate.

    Each face's pattern of motion is that of the course's first month; what changes with the draw and with union is its
    mean, by the surrogate, the union being that of an even face as stiff. With the rule "micromotion" each patient has a
    limit of his own, from Kohli's overlapping populations; with the others a factor on the thresholds.

    Args:
        course: Followed with the mechanics themselves.
        surrogate: Of these faces.
        samples: Draws.
        seed: Of the hypercube.
    """
    drawn = qmc.LatinHypercube(len(DRAWN), seed=seed).random(samples)
    draws = {name: drawn[:, i] for i, name in enumerate(DRAWN)}
    patients = (np.arange(PATIENTS) + 0.5) / PATIENTS
    options = course.options
    times = np.arange(0, options.months + 1, dtype=float)
    area = {face.name: _followed(face, course, surrogate, draws, patients, times) for face in course.faces}
    idle = {name for name in _MECHANICAL if name not in surrogate.varied}
    idle |= {name for names in READS.values() for name in names if name not in READS[options.rule]}
    if options.speed.least == options.speed.largest:
        idle.add("speed")
    varied = {name: share for name, share in draws.items() if name not in idle}
    error = {name: float(np.exp(error)) for name, error in surrogate.error.items()}
    unvaried = tuple(name for name in _MECHANICAL if name not in surrogate.varied)
    return Spread(
        times, varied, patients, area, error, surrogate.form, surrogate.solves, unvaried, surrogate.trusted()
    )


_MECHANICAL = ("modulus", "friction", "load")


def _followed(
    face: Face,
    course: Course,
    surrogate: Surrogate,
    draws: Mapping[str, Floats],
    patients: Floats,
    times: Floats,
) -> Floats:
    """Share of one face united, shape (m, d, t)."""
    options = course.options
    first = _thinned(face, course.months[0].felt[face.name])
    host = _patients(draws, patients, options)
    layer = first.gap + host.layer
    rate = growth.rate(ranged(f"union_time.{face.kind}").at(draws["union time"])) * options.speed.at(draws["speed"])
    slow, lost = (
        ranged(key).at(draws[name]) for key, name in (("speed_slow", "slow way"), ("fibrous_half_life", "loss"))
    )
    pace = growth.Pace(rate[:, None, None], slow[:, None, None], lost[:, None, None])
    set_to = {name: ranged(f"{name}_factor").at(draws[name])[:, None] for name in _MECHANICAL}
    nominal = {"modulus": 1.0, "friction": 1.0, "load": 1.0, "union": 0.0}
    now = {
        what: max(float(surrogate.value(f"{face.name}/{what}", nominal)), 1e-3 * floor)
        for what, floor in FLOORS.items()
    }
    error = np.nan_to_num(surrogate.error[f"{face.name}/motion"])  # where it is not known there is none to draw
    noise = np.exp(error * ndtri(draws["surrogate"]))[:, None]
    union = np.zeros((len(draws["load"]), len(patients), first.motion.size))
    even = np.full(first.motion.size, 1.0)
    result = np.empty((len(times), *union.shape[:2]))
    for i in range(len(times)):
        result[i] = (1.0 - face.uncovered) * union.mean(axis=2)
        factors = {**set_to, "union": growth.uniform(union, even)}
        ratio = {what: surrogate.value(f"{face.name}/{what}", factors) / now[what] for what in FLOORS}
        felt = first.at_load((ratio["motion"] * noise)[..., None], ratio["pressure"][..., None])
        union = growth.grow(union, RULES[options.rule](felt, layer, host), first.gap, pace, 1.0)
    return result


def _patients(draws: Mapping[str, Floats], patients: Floats, options: Options) -> Host:
    """Every draw's patients, arrays of shape (d, t, 1)."""
    drawn = {"host_layer": "host layer", "frequency": "stride", "flow_share": "flow"}
    layer, stride, flow = (ranged(key).at(draws[name])[:, None, None] for key, name in drawn.items())
    if options.rule == "micromotion":
        return Host(layer, motion_limit=borne(patients)[None, :, None])
    factor = ranged("tolerance")
    tolerance = factor.least * (factor.largest / factor.least) ** patients
    return Host(layer, tolerance[None, :, None], None, stride, flow)


def _thinned(face: Face, felt: Stimulus) -> Stimulus:
    """Points of equal area that stand for a face: taken evenly along its points sorted by gap, then by motion."""
    order = np.lexsort([felt.motion, (8.0 * growth.bridging(felt.gap)).round()])
    share = np.cumsum(face.area[order]) / face.area.sum()
    chosen = order[np.searchsorted(share, (np.arange(POINTS) + 0.5) / POINTS).clip(max=len(order) - 1)]
    normal = None if felt.normal is None else felt.normal[chosen]
    return Stimulus(felt.motion[chosen], felt.pressure[chosen], felt.gap[chosen], normal)
