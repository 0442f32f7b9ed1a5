"""What the driver of a sweep of 10,000 points takes for itself: memory, and time for each point beside the point's own.

The points are real in all but their solve: each has its lock, its record with 88 outcomes and its way through a pipe.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import goal
from benchmarks.row import Row
from femsacrum.sweep.records import Record

POINTS, OUTCOMES, PROCESSES = 10_000, 88, 2
#: Of the driver alone [MB], and of a point [s].
MEMORY, OVERHEAD = 300.0, 0.05
SOURCE = "measured here"
SWEEP = """schema_version = 1
name = "driver"
case = "{case}"
[design]
kind = "latin_hypercube"
points = {points}
[[factors]]
name = "friction"
key = "interfaces[3].friction"
low = 0.3
high = 0.6
source = "a benchmark"
[slurm]
submit = "true"
queue = "true"
points_per_task = 10
"""


def rows():
    root = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "sweep.toml"
        case = root / "femsacrum/case/template.toml"
        file.write_text(SWEEP.format(case=case, points=POINTS), encoding="utf-8")
        words = [sys.executable, "-m", "benchmarks.performance.driver", str(file)]
        told = json.loads(subprocess.run(words, cwd=root, check=True, stdout=subprocess.PIPE).stdout)
    case = f"{POINTS} points, {PROCESSES} processes"
    yield goal.at_most(case, "memory of the driver [MB]", told["memory"], MEMORY, SOURCE)
    yield goal.at_most(case, "overhead of a point [s]", told["overhead"], OVERHEAD, SOURCE)
    for what in ("prepare", "submit", "what is missing before", "what is missing after", "status"):
        yield Row(case, f"{what} [s]", told[what], np.nan, np.nan, SOURCE, judged=False)


def instant(task, point, values, attempts):
    """A point without its solve."""
    start = time.perf_counter()
    outcomes = tuple(
        {
            "load_case": "standing",
            "key": f"outcome_{number}",
            "words": "an outcome",
            "unit": "mm",
            "value": 0.1 * number,
        }
        for number in range(OUTCOMES)
    )
    seconds = time.perf_counter() - start
    return Record(point, values, "done", attempts=attempts + 1, seconds=seconds, code=task.code, outcomes=outcomes)


def main(file):
    """Drive the sweep in this process, and tell what it took as JSON."""
    from benchmarks.performance.driver import instant as named  # so that workers find it
    from femsacrum.sweep import local, records
    from femsacrum.sweep.carry import carry
    from femsacrum.sweep.folder import prepare
    from femsacrum.sweep.hand_over import hand_over
    from femsacrum.sweep.status import status
    from femsacrum.sweep.told import Quiet

    told = {}

    def timed(what, function, *given, **named_ones):
        start = time.perf_counter()
        found = function(*given, **named_ones)
        told[what] = time.perf_counter() - start
        return found

    prepared = timed("prepare", prepare, file, file.parent / "out")
    task = prepared.task
    agree = {"agreed": lambda cost: True, "told": Quiet()}
    timed("submit", hand_over, prepared, prepared.sweep.slurm, file.parent, **agree)
    look = (task.folder, POINTS, prepared.sweep.attempts, task.code)
    timed("what is missing before", lambda: list(records.missing(*look)))
    timed("all", carry, prepared, processes=PROCESSES, **agree, pool=lambda *given: local.Pool(*given, named))
    told["memory"] = _memory()
    timed("what is missing after", lambda: list(records.missing(*look)))
    found = timed("status", status, task.folder, POINTS, task.code)
    assert found.states == {"done": POINTS}
    told["overhead"] = (PROCESSES * told["all"] - found.seconds) / POINTS
    print(json.dumps(told))


def _memory():
    """Most memory this process has had [MB]."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000.0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
