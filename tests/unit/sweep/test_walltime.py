"""The wall time of a task ends amid a solve: what had converged stays, and the next task goes on from there."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweeping import TEMPLATE

from femsacrum.cli.command import INTERRUPTED
from femsacrum.sweep import records
from femsacrum.sweep.folder import prepare
from femsacrum.sweep.hand_over import hand_over
from femsacrum.sweep.told import Quiet

INCREMENTS, STOP = 25, 10
#: Load that each increment reaches [%].
STEPS = list(range(4, 101, 4))
SWEEP = f"""schema_version = 1
name = "walltime"
case = "{TEMPLATE}"
method = "{{method}}"
set = ["solver.increments={INCREMENTS}", "solver.tolerance=1e-12"]
[design]
kind = "factorial"
[[factors]]
name = "friction"
key = "interfaces[3].friction"
values = [0.4]
source = "a test"
[slurm]
submit = "true"
queue = "true"
"""
#: The command of a task, its points those of the stand-in.
TASK = """
import sys
from femsacrum.cli.command import execute
from femsacrum.sweep import share
from rubbing import rubbed
share.share.__defaults__ = (1, rubbed)
sys.exit(execute(sys.argv[1:]))
"""
CONVERGED = re.compile(r"load case push, inc \d+, load (\d+)%.*: converged")


class Task:
    """A task of a cluster, which does the one point of its sweep.

    Args:
        place: Where the sweep's file is.
        folder: Of the sweep, made where it is not there.
        stop: After so many increments the scheduler wants it to end.
    """

    def __init__(self, place, folder, stop=0):
        self.folder = folder
        if not folder.exists():
            prepared = prepare(place / "sweep.toml", folder)
            hand_over(prepared, prepared.sweep.slurm, place, agreed=lambda cost: True, told=Quiet())
        (points,) = (folder / "slurm").glob("*.points")
        words = [sys.executable, "-c", TASK, "sweep-points", str(folder), str(points), "0", "1"]
        here = Path(__file__).parent
        path = os.pathsep.join([str(here), str(here.parents[2])])
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        around = {**os.environ, "PYTHONPATH": path, "RUBBING_STOP": str(stop)}
        self.process = subprocess.Popen(words, env=around, **pipes)

    def ends(self):
        said, _ = self.process.communicate(timeout=300)
        return self.process.returncode, said.strip()

    def outcomes(self):
        record = records.read(self.folder, 0)
        assert record.state == "done", record.reason
        assert record.attempts == 1
        return {row["key"]: row["value"] for row in record.outcomes}


def reached(log):
    """Load of each increment that converged [%]."""
    return list(map(int, CONVERGED.findall(log.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("method", ["iterative", "condensed"])
def test_a_point_that_is_stopped_goes_on_from_its_last_converged_increment(method, tmp_path):
    (tmp_path / "sweep.toml").write_text(SWEEP.format(method=method), encoding="utf-8")
    working, log = tmp_path / "stopped/working/0000000", tmp_path / "run.log"
    first = Task(tmp_path, tmp_path / "stopped", stop=STOP)
    code, said = first.ends()
    assert (code, said[:12]) == (INTERRUPTED, "told to end;")
    (kept,) = working.glob("stages/solve_push-*.partial")
    assert time.time() - kept.stat().st_mtime < 10.0, "it must end at once"
    assert records.read(tmp_path / "stopped", 0) is None, "it has not been tried in vain"
    assert reached(working / "run.log") == STEPS[:STOP]

    os.link(working / "run.log", log)  # the working folder goes when the point is done
    second = Task(tmp_path, tmp_path / "stopped")
    assert second.ends() == (0, "1 done")
    assert reached(log) == STEPS, "the second task began where the first one was"
    assert not working.exists()

    calm = Task(tmp_path, tmp_path / "calm")
    assert calm.ends() == (0, "1 done")
    assert second.outcomes() == calm.outcomes()
    assert calm.outcomes()["slide"] > 0.1
