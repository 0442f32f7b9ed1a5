"""Rainflow of a history that repeats."""

from __future__ import annotations

import numpy as np
import rainflow

from femsacrum.anatomy.model import Floats


def cycles(series: Floats) -> Floats:
    """Cycles of one repetition, by ASTM E1049-85, 5.4.4 (package ``rainflow``).

    The history is turned so that it starts and ends at its largest value, as E1049 5.4.5 has it for one that repeats.
    What is then counted as two halves is the largest cycle, down and up again: together one, and no half is left.

    Args:
        series: Values in turn, the first follows the last, shape (n,).

    Returns:
        Amplitude, mean and how many, a row for each cycle, the largest first, shape (c, 3); empty where nothing changes.
    """
    values = np.asarray(series, dtype=float)
    first = int(values.argmax())
    closed = np.concatenate([values[first:], values[: first + 1]])
    if not np.ptp(closed) > 0.0:
        return np.empty((0, 3))
    found = [(0.5 * size, mean, count) for size, mean, count, _, _ in rainflow.extract_cycles(closed)]
    whole = [each for each in found if each[2] == 1.0]
    halves = sorted(each for each in found if each[2] != 1.0)
    whole += [(low[0], low[1], low[2] + high[2]) for low, high in zip(halves[::2], halves[1::2], strict=True)]
    return np.array(sorted(whole, reverse=True))
