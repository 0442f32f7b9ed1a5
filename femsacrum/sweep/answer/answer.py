"""Everything that the points of a sweep say, gathered once for whoever tells it."""

from __future__ import annotations

from dataclasses import dataclass

from femsacrum.sweep.answer.effects import Binned, Effect, effects, groups
from femsacrum.sweep.answer.indices import Indices, indices
from femsacrum.sweep.answer.pareto import MOST, front
from femsacrum.sweep.answer.probability import Probability, Unknown, probabilities
from femsacrum.sweep.answer.sample import Mask, Outcome, Sample
from femsacrum.sweep.answer.surrogate import Surrogate, surrogate


@dataclass(frozen=True)
class Answer:
    """What a sweep says.

    Attributes:
        sample: The sweep and its records.
        groups: Every factor in groups.
        effects: Name of an outcome -> main effects, the largest first; of outcomes that vary.
        indices: Name of an outcome -> the measure that the design allows.
        faced: Outcomes of the Pareto front, at most three; fewer than two: there is no front.
        front: Which points are on it, (points,).
        surrogates: Name of an outcome -> its surrogate, trusted or not; None: none could be made.
        probabilities: Of every limit.
    """

    sample: Sample
    groups: tuple[Binned, ...]
    effects: dict[str, list[Effect]]
    indices: dict[str, Indices]
    faced: tuple[Outcome, ...]
    front: Mask | None
    surrogates: dict[str, Surrogate | None]
    probabilities: tuple[Probability | Unknown, ...]


def answer(sample: Sample) -> Answer:
    """Ask a sweep everything it can be asked."""
    varying = [each for each in sample.outcomes if each.varies]
    faced = tuple(varying[:MOST]) if len(varying) > 1 else ()
    fitted = {each.name: surrogate(sample, each) for each in varying}
    return Answer(
        sample,
        tuple(groups(sample)),
        {each.name: effects(sample, each) for each in varying},
        {each.name: indices(sample, each) for each in sample.outcomes},
        faced,
        front(faced) if faced else None,
        fitted,
        tuple(probabilities(sample, fitted)),
    )
