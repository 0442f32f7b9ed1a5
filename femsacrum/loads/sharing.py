"""Which muscles do a joint's work: the least of a stated cost, within what each of them can give."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog, minimize

from femsacrum.anatomy.model import Floats

#: Criterion -> exponent of a muscle's stress in the sum that is made least (Crowninshield & Brand 1981 took the cube).
EXPONENT = {"quadratic": 2.0, "cubic": 3.0}
#: Cost of a moment [BW m] that no muscle gives, over that of a muscle at its limit: it is used only where all fail.
DEAR = 1e9
#: Share of all that could press a joint together which is asked of muscles that also have a moment to give.
REACH = 0.5
#: Weight of the sum of forces beside the largest stress in "minmax", which alone does not settle every force.
SUM = 1e-3


def share(levers: Floats, moment: Floats, criterion: str, least: float, pull: Floats, wanted: float) -> Floats:
    """Activations of muscles that together give a moment.

    "cubic" and "quadratic" make the sum of stresses to that power least; every belly counts once, whatever its size.
    Such a problem is solved by its dual, which has one unknown for each component of the moment and one for the pull.
    "minmax" makes the largest stress least, a linear program.

    Args:
        levers: Moment of each muscle at its largest force, shape (c, m) [BW m].
        moment: To be given, shape (c,) [BW m].
        criterion: "cubic", "quadratic" or "minmax".
        least: Least activation.
        pull: What each muscle, at its largest force, presses the joint together with, shape (m,) [BW].
        wanted: What they have to press it together with, all told [BW].

    Returns:
        Activations between ``least`` and 1, shape (m,); what is missing of the moment is for the caller to see.
    """
    # what no muscle can hold, the capsule does
    wanted = min(wanted, REACH * float(np.clip(pull, 0.0, None).sum()))
    if criterion == "minmax":
        return _least_largest(levers, moment, least, pull, wanted)
    power, count = EXPONENT[criterion], len(moment)

    def activation(unknown: Floats) -> Floats:
        gain = np.clip(levers.T @ unknown[:count] + pull * unknown[count], 0.0, None)
        return np.clip((gain / power) ** (1.0 / (power - 1.0)), least, 1.0)

    def dual(unknown: Floats) -> tuple[float, Floats]:
        a = activation(unknown)
        gain = levers.T @ unknown[:count] + pull * unknown[count]
        value = float((a**power - gain * a).sum()) + unknown[:count] @ moment + unknown[count] * wanted
        value -= unknown[:count] @ unknown[:count] / (2.0 * DEAR)
        slope = np.append(moment - levers @ a - unknown[:count] / DEAR, wanted - pull @ a)
        return -value, -slope

    bounds = [(None, None)] * count + [(0.0, 1e4)]
    options = {"maxiter": 2000, "maxfun": 5000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 20}
    found = minimize(dual, np.zeros(count + 1), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return activation(found.x)


def _least_largest(levers: Floats, moment: Floats, least: float, pull: Floats, wanted: float) -> Floats:
    count, muscles = levers.shape
    cost = np.concatenate([np.full(muscles, SUM / muscles), [1.0], np.full(2 * count, 1e4)])
    zero = np.zeros((muscles, 2 * count))
    above = np.hstack([np.eye(muscles), -np.ones((muscles, 1)), zero])
    together = np.concatenate([-pull, np.zeros(1 + 2 * count)])[None, :]
    equal = np.hstack([levers, np.zeros((count, 1)), np.eye(count), -np.eye(count)])
    bounds = [(least, 1.0)] * muscles + [(0.0, 1.0)] + [(0.0, None)] * (2 * count)
    found = linprog(
        cost,
        np.vstack([above, together]),
        np.append(np.zeros(muscles), -wanted),
        equal,
        moment,
        bounds,
        method="highs",
    )
    return np.clip(found.x[:muscles], least, 1.0)
