"""Job arrays: what is submitted, what a task does with its share, and what happens when it is told to end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sweeping import TEMPLATE, sweep

from femsacrum.cli.command import execute
from femsacrum.errors import InputError
from femsacrum.sweep import local, records, slurm
from femsacrum.sweep.definition import Cluster, load
from femsacrum.sweep.folder import Prepared, opened, prepare
from femsacrum.sweep.hand_over import hand_over
from femsacrum.sweep.records import Record
from femsacrum.sweep.share import share
from femsacrum.sweep.status import status
from femsacrum.sweep.told import Quiet

POINTS = [{"friction": 0.3 + 0.01 * number, "rod": 6.0} for number in range(12)]
SWEEP = f"""schema_version = 1
name = "trial"
case = "{TEMPLATE}"
[design]
kind = "factorial"
[[factors]]
name = "friction"
key = "interfaces[3].friction"
low = 0.3
high = 0.5
levels = 4
source = "a test"
"""


def easy(task, point, values, attempts):
    return Record(point, values, "done", attempts=attempts + 1, code=task.code)


def told_to_end(task, point, values, attempts):
    """A scheduler ends all processes of a job at once, in the midst of point 1, in its first try."""
    place = task.folder / "working" / f"{point:07d}" / "stages" / "solve.partial"
    if point == 1 and not place.exists():
        place.parent.mkdir(parents=True)
        place.write_text("half way")
        os.kill(os.getppid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    return easy(task, point, values, attempts)


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    """sbatch, qsub and squeue that note what they are asked; lines of the file "queue" are what waits."""
    place = tmp_path / "bin"
    place.mkdir()
    for name, does in {
        "sbatch": 'test -e "$0.broken" && { echo "invalid account" >&2; exit 1; }; echo "$@" >> "$0.calls"; echo 17',
        "qsub": 'echo "$@" >> "$0.calls"; echo "18[].server"',
        "squeue": 'test -e "$0.broken" && exit 1; cat "$0.lines" 2>/dev/null; true',
    }.items():
        (place / name).write_text(f"#!/bin/sh\n{does}\n")
        (place / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    return place


def asked(scheduler, command="sbatch"):
    file = scheduler / f"{command}.calls"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def handed(task, **cluster):
    prepared = Prepared(sweep(slurm=cluster), task, POINTS)
    return hand_over(prepared, prepared.sweep.slurm, task.folder, agreed=lambda cost: True, told=Quiet())


def arrays(task):
    return sorted((task.folder / "slurm").glob("*.points"))


def test_all_points_are_submitted_as_one_array(task, scheduler):
    told = handed(task, points_per_task=5, most_at_once=2, account="spine", prologue=["module load gcc"], cpus=3)
    (array,) = arrays(task)
    assert asked(scheduler) == [f"--parsable --array=0-2%2 {array.with_suffix('.sbatch')}"]
    assert told.lines() == ["12 points submitted: job 17"]
    assert slurm.listed(array).points == tuple(range(12))
    script = array.with_suffix(".sbatch").read_text(encoding="utf-8")
    assert "#SBATCH --account=spine\n" in script
    assert "partition" not in script
    assert "\nmodule load gcc\n" in script
    assert "OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1" in script
    assert "{{" not in script
    assert len(array.stem) <= 15


def test_the_script_hands_its_slice_to_the_command(task, scheduler):
    handed(task, points_per_task=5, python="echo")
    script = arrays(task)[0].with_suffix(".sbatch")
    done = subprocess.run(
        ["bash", str(script)], env={**os.environ, "SLURM_ARRAY_TASK_ID": "2"}, capture_output=True, text=True
    )
    wanted = f"-m femsacrum.cli sweep-points {task.folder} {arrays(task)[0]} 10 15 --workers=1"
    assert done.stdout.strip() == wanted


def test_only_what_is_missing_and_neither_queued_nor_running_is_submitted_again(task, scheduler):
    handed(task, points_per_task=5)
    name = arrays(task)[0].stem
    (scheduler / "squeue.lines").write_text(f"other 0\n{name} 1 RUNNING\n{name} N/A\n")  # points 5 to 9
    for point in (0, 1, 2, 6):
        records.write(task.folder, easy(task, point, POINTS[point], 0))
    told = handed(task)
    assert (told.submitted, told.waiting) == (4, 5)
    assert slurm.listed(arrays(task)[1]).points == (3, 4, 10, 11)


def test_it_is_told_which_points_the_scheduler_has(task, scheduler):
    assert slurm.queued(task.folder, Cluster()) is None, "nothing was submitted, so nobody is asked"
    handed(task, points_per_task=2)
    name = arrays(task)[0].stem
    (scheduler / "squeue.lines").write_text(f"{name} 0 RUNNING\n{name} 1 PENDING\n{name} 2 PENDING\n{name} 3\n")
    for point in (0, 10):
        records.write(task.folder, easy(task, point, POINTS[point], 0))
    records.write(task.folder, Record(2, POINTS[2], "failed", "no answer", code=task.code))
    told = status(task.folder, 12, task.code, slurm.queued(task.folder, Cluster()))
    assert told.tasks == {"pending": 4, "queued": 2, "running": 1}
    assert told.lines()[1] == "the scheduler has 4 pending, 2 queued, 1 running; 3 have no task"
    assert len(status(task.folder, 12, task.code).lines()) == 2, "of a sweep on one machine nothing is told of tasks"


def test_the_command_tells_it_too_and_goes_on_without_an_answer(submitted, tmp_path, scheduler, capsys):
    words = ["sweep-status", str(tmp_path / "sweep.toml"), "--out", str(submitted[0].folder)]
    assert execute(words) == 0
    assert capsys.readouterr().out.splitlines() == [
        "4 points: 0 done, 0 refused, 0 failed, 4 to do; 0.0 s a point",
        "the scheduler has none of them; 4 have no task",
    ]
    (scheduler / "squeue.broken").touch()
    assert execute(words) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 1
    assert told.err.startswith("nobody tells which points wait: ")


def test_an_array_has_no_more_tasks_than_the_scheduler_takes(task, scheduler):
    handed(task, points_per_task=2, most_tasks=2)
    assert [slurm.listed(array).points for array in arrays(task)] == [(0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11)]
    assert [line.split()[1] for line in asked(scheduler)] == ["--array=0-1"] * 3


def test_what_the_scheduler_refuses_leaves_nothing_and_says_why(task, scheduler):
    (scheduler / "sbatch.broken").touch()
    with pytest.raises(InputError, match=r"refused \(exit code 1\): invalid account"):
        handed(task)
    assert list((task.folder / "slurm").iterdir()) == []


def test_without_an_answer_of_the_queue_nothing_is_submitted_twice(task, scheduler):
    handed(task)
    (scheduler / "squeue.broken").touch()
    with pytest.raises(InputError, match="refused"):
        handed(task)
    assert len(asked(scheduler)) == 1


def test_where_there_is_no_slurm_it_is_said(task, monkeypatch):
    monkeypatch.setenv("PATH", str(task.folder))
    with pytest.raises(InputError, match="sbatch: there is no such command here"):
        handed(task)


def test_a_template_of_the_site_takes_the_place(task, scheduler):
    (task.folder / "ours.sh").write_text("#!/bin/sh\n# {{ time }} {{name}}\n{{ command }}\n")
    handed(task, template="ours.sh", time="1-00")
    assert arrays(task)[0].with_suffix(".sbatch").read_text(encoding="utf-8").startswith("#!/bin/sh\n# 1-00 fs0001-")
    (task.folder / "ours.sh").write_text("{{ walltime }}")
    with pytest.raises(InputError, match='asks for "walltime"; there are account'):
        slurm._filled("{{ walltime }}", {"account": ""}, "template")
    with pytest.raises(InputError, match=r'"none\.sh" cannot be read'):
        slurm._template(Cluster(template="none.sh"), task.folder)


def test_another_scheduler_is_spoken_to_by_its_own_commands(task, scheduler):
    (task.folder / "pbs.sh").write_text("#PBS -N {{ name }}\n{{ command }}\n")
    cluster = Cluster(
        template="pbs.sh", submit="qsub -V -J 0-{{ last }} {{ script }}", queue="squeue", index="PBS_ARRAY_INDEX",
        points_per_task=6,
    )  # fmt: skip
    prepared = Prepared(sweep(cluster=cluster.model_dump()), task, POINTS)
    hand_over(prepared, cluster, task.folder, agreed=lambda cost: True, told=Quiet())
    script = arrays(task)[0].with_suffix(".sbatch")
    assert asked(scheduler, "qsub") == [f"-V -J 0-1 {script}"]
    assert "$(( PBS_ARRAY_INDEX * 6 )) $(( PBS_ARRAY_INDEX * 6 + 6 ))" in script.read_text(encoding="utf-8")


def test_another_scheduler_must_be_described(tmp_path):
    (tmp_path / "sweep.toml").write_text(SWEEP + "[cluster]\nsubmit = 'qsub'\n")
    with pytest.raises(InputError, match="cluster: give template, queue"):
        load(tmp_path / "sweep.toml")


def test_the_estimate_is_that_of_the_records(task, scheduler):
    seen = []
    records.write(task.folder, Record(0, POINTS[0], "done", seconds=60.0, memory=500.0, code=task.code))
    prepared = Prepared(sweep(slurm={"points_per_task": 3}), task, POINTS)
    told = hand_over(
        prepared, prepared.sweep.slurm, task.folder, agreed=lambda cost: bool(seen.append(cost)), told=Quiet()
    )
    assert told.submitted == 0
    assert (seen[0].points, seen[0].seconds, seen[0].processes) == (11, 60.0, 4)
    poor = Prepared(sweep(budget={"hours": 0.01}), task, POINTS)
    with pytest.raises(InputError, match=r"budget\.hours"):
        hand_over(poor, poor.sweep.slurm, task.folder, agreed=lambda cost: True, told=Quiet())


@pytest.fixture
def submitted(tmp_path, monkeypatch, scheduler):
    """A sweep of 4 points that was submitted, and its array."""
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", str(here))
    monkeypatch.syspath_prepend(str(here))
    monkeypatch.setitem(sys.modules, "test_slurm", sys.modules[__name__])
    for function in (easy, told_to_end):
        monkeypatch.setattr(function, "__module__", "test_slurm")
    before = {number: signal.getsignal(number) for number in local.TOLD_TO_END}
    (tmp_path / "sweep.toml").write_text(SWEEP)
    prepared = prepare(tmp_path / "sweep.toml", tmp_path / "out")
    hand_over(prepared, prepared.sweep.slurm, tmp_path, agreed=lambda cost: True, told=Quiet())
    yield prepared.task, arrays(prepared.task)[0]
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_task_told_to_end_leaves_its_point_where_it_is_and_the_next_goes_on(submitted):
    task, array = submitted
    records.write(task.folder, easy(task, 0, {"friction": 0.3}, 0))
    with pytest.raises(KeyboardInterrupt):
        share(task.folder, array, 0, 3, function=told_to_end)
    assert records.read(task.folder, 1) is None, "a point that is stopped has not been tried in vain"
    assert (task.folder / "working/0000001/stages/solve.partial").read_text(encoding="utf-8") == "half way"
    with records.alone(task.folder, 2) as mine:
        assert mine
        assert share(task.folder, array, 0, 3, function=told_to_end) == {"done": 1}
    assert records.read(task.folder, 1).attempts == 1
    assert records.read(task.folder, 2) is None, "another process held it"
    assert records.read(task.folder, 3) is None, "not of this slice"


def test_a_sweep_is_found_from_its_folder_wherever_it_is_and_a_change_is_noticed(submitted, tmp_path):
    _, array = submitted
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("out", "sweep.toml"):
        (tmp_path / name).rename(moved / name)
    assert opened(moved / "out").points == opened(moved / "out").points != []
    array = moved / "out" / "slurm" / array.name
    content = json.loads(array.read_text(encoding="utf-8"))
    array.write_text(json.dumps(content | {"code": "older"}))
    with pytest.raises(InputError, match="other code than is installed here"):
        share(moved / "out", array, 0, 1)
    (moved / "sweep.toml").write_text(SWEEP.replace("0.5", "0.6"))
    with pytest.raises(InputError, match="or its case has changed"):
        share(moved / "out", array, 0, 1)
    (moved / "out" / "sweep.json").write_text("{")
    with pytest.raises(InputError, match=r"has no whole sweep\.json"):
        share(moved / "out", array, 0, 1)


def test_a_launcher_that_starts_several_is_refused(submitted, monkeypatch):
    task, array = submitted
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "2")
    with pytest.raises(InputError, match="leave srun and mpiexec out"):
        share(task.folder, array, 0, 1)
