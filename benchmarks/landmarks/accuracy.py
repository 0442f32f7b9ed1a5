"""How far the automatic landmarks are from points picked by hand on four pelves.

The picks were made before anything automatic was looked at (see ``hand_picked.toml``). Against them only definitions
were chosen (which extreme point, in which direction, how far around; carried or looked for), no number was fitted.
"""

from __future__ import annotations

import numpy as np

from benchmarks.landmarks.subjects import FILES, errors, hand_picked
from benchmarks.row import Row

MEDIAN = 5.0  # [mm]
SOURCE = "picked by hand on surface renderings by one reader"


def rows():
    by_name, missed = {}, 0
    for subject in FILES:
        for name, error in errors(subject).items():
            if error is None:
                missed += 1
                continue
            kind = name.removeprefix("left_").removeprefix("right_")
            by_name.setdefault(kind, []).append(error)
            yield Row(subject, f"{name} [mm]", error, 0.0, np.inf, SOURCE, judged=False)
    for kind, found in by_name.items():
        yield Row(
            "all four", f"{kind}, median of {len(found)} [mm]", float(np.median(found)), 0.0, np.inf, SOURCE, False
        )
    yield Row("all four", "picked but not found", float(missed), 0.0, np.inf, SOURCE, judged=False)
    everything = np.concatenate(list(by_name.values()))
    yield Row("all four", "worst [mm]", float(everything.max()), 0.0, np.inf, SOURCE, judged=False)
    yield Row("all four", "median of all [mm]", float(np.median(everything)), 0.0, MEDIAN, SOURCE)
    first, second = hand_picked()
    for subject, again in second.items():
        apart = [float(np.linalg.norm(first[subject][name] - point)) for name, point in again.items()]
        yield Row(subject, "same reader again, median [mm]", float(np.median(apart)), 0.0, np.inf, SOURCE, False)
        yield Row(subject, "same reader again, worst [mm]", max(apart), 0.0, np.inf, SOURCE, judged=False)
