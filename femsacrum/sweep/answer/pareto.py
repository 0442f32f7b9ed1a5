"""Points that no other point beats in everything that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from femsacrum.sweep.answer.sample import Mask, Outcome

#: Outcomes that a front is made of at most: with more of them nearly every point is on it.
MOST = 3


def front(outcomes: Sequence[Outcome]) -> Mask:
    """Which points are on the Pareto front, (points,).

    A point is on it if none is at least as good in every outcome and better in one. Points without a value of one of the
    outcomes are not.

    Args:
        outcomes: Two or three, each with its goal.
    """
    known = np.logical_and.reduce([each.known for each in outcomes])
    costs = np.column_stack([each.values if each.goal == "least" else -each.values for each in outcomes])
    on = known.copy()
    for i in np.flatnonzero(known):
        if on[i]:  # whatever this one beats is beaten; what beats it stays, by transitivity, to be found in turn
            worse = (costs[i] <= costs).all(axis=1) & (costs[i] < costs).any(axis=1)
            on &= ~worse
    return np.asarray(on)


def kept(outcomes: Sequence[Outcome]) -> Mask:
    """Which points keep every limit of the outcomes, (points,); one without a value of a limited outcome does not."""
    count = len(outcomes[0].values)
    holds = np.full(count, True)
    for each in outcomes:
        with np.errstate(invalid="ignore"):
            if each.at_most is not None:
                holds &= each.values <= each.at_most
            if each.at_least is not None:
                holds &= each.values >= each.at_least
    return holds
