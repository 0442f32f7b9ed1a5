"""The table of a sweep of 10,000 points with 88 outcomes each, against reading their records alone."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import goal
from benchmarks.row import Row
from femsacrum.sweep import records
from femsacrum.sweep.collect import collect
from femsacrum.sweep.definition import Factor
from femsacrum.sweep.records import Record

POINTS, OUTCOMES = 10_000, 88
LONGEST = 10.0
SOURCE = "timed here"


def rows():
    factor = Factor(name="friction", key="interfaces[3].friction", low=0.3, high=0.6, source="a benchmark")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for point in range(POINTS):
            values = {"friction": 0.3 + 0.3 * point / POINTS}
            records.write(folder, Record(point, values, "done", code="code", outcomes=tuple(_outcomes(point))))
        begun = time.perf_counter()
        for point in range(POINTS):
            assert records.read(folder, point) is not None
        read = time.perf_counter() - begun
        begun = time.perf_counter()
        collect(folder, (factor,), POINTS, "code")
        whole = time.perf_counter() - begun
    case = f"{POINTS} points with {OUTCOMES} outcomes"
    yield goal.at_most(case, "collect [s]", whole, LONGEST, SOURCE)
    yield Row(case, "collect over reading the records [1]", whole / read, np.nan, np.nan, SOURCE, judged=False)


def _outcomes(point):
    """Half of them of one load case, half of another."""
    for number in range(OUTCOMES):
        key, case = f"outcome_{number // 2}", ("standing", "crutch stance")[number % 2]
        yield {"load_case": case, "key": key, "words": key, "unit": "mm", "value": 0.1 * number + 1e-4 * point}
