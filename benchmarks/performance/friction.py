"""What friction costs: the stem with exact contact in units of the same stem bonded."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.row import Row
from benchmarks.verification.filleted_stem import exact
from benchmarks.verification.stem import problem
from benchmarks.verification.stem_mesh import stem_and_bone
from femsacrum.case.schema import Solver
from femsacrum.mechanics.equilibrium import solve

SIZES = (2.0, 1.18)


def rows():
    for size in SIZES:
        bodies = stem_and_bone(size)
        nodes = sum(len(body.nodes) for body in bodies.values())
        seconds = []
        for friction in (None, 0.4):
            given = problem(bodies, None) if friction is None else exact(problem(bodies, friction))
            start = time.perf_counter()
            solve(*given, Solver(tolerance=1e-6))
            seconds.append(time.perf_counter() - start)
        case = f"sharp stem, {nodes} nodes"
        yield Row(case, "friction over bonded", seconds[1] / seconds[0], np.nan, np.nan, "timed here", judged=False)
