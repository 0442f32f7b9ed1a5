"""Jobs in processes of their own: results, progress, errors, crashes."""

import math
import os

import pytest

from femsacrum import workers
from femsacrum.errors import InputError, NumericalError
from femsacrum.progress import Silent


class Recorder(Silent):
    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def refuse(key):
    raise InputError(key, "is refused")


def leave(code):
    os._exit(code)


def speak(text, progress):
    progress.note(text)
    return text.upper()


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """The functions above are found by their module's name in the other process."""
    monkeypatch.setenv("PYTHONPATH", os.path.dirname(__file__))
    for function in (refuse, leave, speak):
        monkeypatch.setattr(function, "__module__", "test_workers")


def test_every_job_is_done_whatever_the_order():
    jobs = [(float(n),) for n in range(20)]
    assert dict(workers.side_by_side(math.sqrt, jobs)) == {n: math.sqrt(n) for n in range(20)}


def test_progress_comes_back():
    recorder = Recorder()
    done = dict(workers.side_by_side(speak, [("one",), ("two",)], recorder))
    assert done == {0: "ONE", 1: "TWO"}
    assert sorted(recorder.notes) == ["one", "two"]


def test_an_error_keeps_its_kind_and_its_words():
    with pytest.raises(InputError, match=r"loads\[1\]: is refused"):
        list(workers.side_by_side(refuse, [("loads[1]",)]))


def test_a_crash_becomes_an_error():
    with pytest.raises(NumericalError, match="ended without an answer"):
        list(workers.side_by_side(leave, [(3,)]))


@pytest.mark.parametrize(("given", "work", "wanted"), [("1", 5, 1), ("3", 2, 2), ("3", 9, 3)])
def test_the_number_of_processes_can_be_given(monkeypatch, given, work, wanted):
    monkeypatch.setenv(workers.VARIABLE, given)
    assert workers.processes(work) == wanted
