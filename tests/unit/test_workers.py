"""Jobs in processes of their own: results, progress, errors, crashes."""

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from femsacrum import workers
from femsacrum.errors import InputError, NumericalError
from femsacrum.mechanics.interfaces import Increment
from femsacrum.progress import Silent


class Recorder(Silent):
    def __init__(self):
        self.notes, self.steps = [], []

    def note(self, text):
        self.notes.append(text)

    def newton(self, increment, seconds):
        self.steps.append((increment, seconds))


def refuse(key):
    raise InputError(key, "is refused")


def leave(code):
    os._exit(code)


ROW = Increment("standing", 1, 0.5, 0, 3, 60, 7e-3, 110, 0.35)


def speak(text, progress):
    progress.note(text)
    progress.newton(ROW, 4.2)
    return text.upper()


def linger(file):
    """Say who we are, and stay."""
    Path(file).write_text(str(os.getpid()))
    time.sleep(60.0)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """The functions above are found by their module's name in the other process."""
    monkeypatch.setenv("PYTHONPATH", os.path.dirname(__file__))
    for function in (refuse, leave, speak, linger):
        monkeypatch.setattr(function, "__module__", "test_workers")


def test_every_job_is_done_whatever_the_order():
    jobs = [(float(n),) for n in range(20)]
    assert dict(workers.side_by_side(math.sqrt, jobs)) == {n: math.sqrt(n) for n in range(20)}


def test_progress_comes_back():
    recorder = Recorder()
    done = dict(workers.side_by_side(speak, [("one",), ("two",)], recorder))
    assert done == {0: "ONE", 1: "TWO"}
    assert sorted(recorder.notes) == ["one", "two"]
    assert recorder.steps == [(ROW, 4.2)] * 2


def test_an_error_keeps_its_kind_and_its_words():
    with pytest.raises(InputError, match=r"loads\[1\]: is refused"):
        list(workers.side_by_side(refuse, [("loads[1]",)]))


def test_a_crash_becomes_an_error():
    with pytest.raises(NumericalError, match="test_workers, job 0: the process doing it ended without an answer"):
        list(workers.side_by_side(leave, [(3,)]))


def test_a_crash_is_told_with_the_name_of_the_job():
    with pytest.raises(NumericalError, match="solve standing: the process doing it ended"):
        list(workers.side_by_side(leave, [(3,)], names=["solve standing"]))


def test_the_first_jobs_are_started_first(monkeypatch):
    monkeypatch.setenv(workers.VARIABLE, "1")
    assert [number for number, _ in workers.side_by_side(math.sqrt, [(9.0,), (4.0,), (1.0,)])] == [0, 1, 2]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_a_killed_parent_takes_its_workers_with_it(tmp_path):
    file = tmp_path / "pid"
    script = "import sys, test_workers; from femsacrum.workers import side_by_side\n"
    script += "list(side_by_side(test_workers.linger, [(sys.argv[1],)]))"
    parent = subprocess.Popen([sys.executable, "-c", script, str(file)])
    assert _within(20.0, lambda: file.exists() and file.read_text(encoding="utf-8"))
    worker = int(file.read_text(encoding="utf-8"))
    assert _runs(worker)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert _within(5.0, lambda: not _runs(worker))


def _within(seconds, condition):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def _runs(process):
    """Whether it is there and not merely waiting to be reaped."""
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(("given", "work", "wanted"), [("1", 5, 1), ("3", 2, 2), ("3", 9, 3)])
def test_the_number_of_processes_can_be_given(monkeypatch, given, work, wanted):
    monkeypatch.setenv(workers.VARIABLE, given)
    assert workers.processes(work) == wanted


@pytest.mark.parametrize("given", ["", "many", "0"])
def test_else_it_is_that_of_the_processors(monkeypatch, given):
    monkeypatch.setenv(workers.VARIABLE, given)
    assert workers.processes(1000) == len(os.sched_getaffinity(0))
    assert workers.processes(1) == workers.processes(0) == 1


def test_a_worker_that_is_gone_does_not_end_its_parent():
    """PETSc takes SIGPIPE for a crash of its own; a job that is refused kills the processes of the others."""
    before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        with pytest.raises(InputError):
            list(workers.side_by_side(refuse, [("a",), ("b",), ("c",)]))
        assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGPIPE, before)
