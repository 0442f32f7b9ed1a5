"""A sweep is carried out: whatever is killed, full, damaged or begun twice, the table is that of an undisturbed one."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from sweeping import sweep

from femsacrum.errors import InputError
from femsacrum.sweep import folder, local, records
from femsacrum.sweep.carry import carry
from femsacrum.sweep.collect import collect, metadata
from femsacrum.sweep.folder import Prepared
from femsacrum.sweep.records import Record
from femsacrum.sweep.told import Counting, Quiet

POINTS = [{"friction": 0.3 + 0.01 * number, "rod": 6.0} for number in range(12)]


def easy(task, point, values, attempts):
    """A point that takes no time."""
    rows = (
        {
            "load_case": "standing",
            "key": "drop",
            "words": "drop of L5",
            "unit": "mm",
            "value": values["friction"] ** 2,
        },
    )
    calls = task.folder / "calls"
    with calls.open("a") as stream:
        stream.write(f"{point}\n")
    return Record(point, values, "done", attempts=attempts + 1, seconds=0.01, code=task.code, outcomes=rows)


def deadly(task, point, values, attempts):
    """Kills its own process at its first try of point 3, and always at point 5."""
    if (point == 3 and attempts == 0) or point == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return easy(task, point, values, attempts)


def slow(task, point, values, attempts):
    time.sleep(0.2)
    return easy(task, point, values, attempts)


def named(task, point, values, attempts):
    """Tells which process did it."""
    with (task.folder / "processes").open("a") as stream:
        stream.write(f"{os.getpid()}\n")
    return slow(task, point, values, attempts)


def rod(task, point, values, attempts):
    """Tells which process did which rod."""
    with (task.folder / "rods").open("a") as stream:
        stream.write(f"{os.getpid()} {values['rod']}\n")
    return slow(task, point, values, attempts)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """The functions above are found by their module's name in the other process."""
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", str(here))
    monkeypatch.syspath_prepend(str(here))
    monkeypatch.setitem(sys.modules, "test_running", sys.modules[__name__])
    for function in (easy, deadly, slow, named, rod):
        monkeypatch.setattr(function, "__module__", "test_running")


def carried(task, function=easy, processes=2, points=POINTS, together=False, **changes):
    def pool(*arguments):
        return local.Pool(*arguments, function)

    return carry(
        Prepared(sweep(**changes), task, points),
        processes=processes,
        agreed=lambda cost: True,
        told=Quiet(),
        together=together,
        pool=pool,
    )


def table(task, points=POINTS):
    return [(record.point, record.values, record.outcomes) for point in range(len(points))
            if (record := records.read(task.folder, point))]  # fmt: skip


def calls(task):
    return sorted(int(line) for line in (task.folder / "calls").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("processes", [1, 3])
def test_every_point_is_done_once_whatever_the_number_of_processes(task, processes):
    found = carried(task, processes=processes)
    assert found.states == {"done": 12}
    assert found.left == 0
    assert calls(task) == list(range(12))
    assert [values["friction"] for _, values, _ in table(task)] == [point["friction"] for point in POINTS]


def test_nothing_is_done_twice(task):
    carried(task)
    carried(task)
    assert calls(task) == list(range(12))


def test_a_killed_process_takes_its_point_along_and_no_other(task, capsys):
    found = carried(task, deadly)
    assert found.states == {"done": 11, "failed": 1}
    assert records.read(task.folder, 3).attempts == 2
    gone = records.read(task.folder, 5)
    assert (gone.state, gone.attempts) == ("failed", 2)
    assert "signal 9" in gone.reason
    assert "point 5 failed" in capsys.readouterr().err


@pytest.mark.parametrize("harm", ["cut short", "changed", "empty", "other code"])
def test_a_damaged_record_is_made_again(task, harm):
    carried(task)
    whole, file = table(task), records.place(task.folder, 7)
    text = file.read_text(encoding="utf-8")
    harmed = {"cut short": text[:80], "empty": "", "changed": text.replace('"rod": 6.0', '"rod": 6.5'),
              "other code": None}[harm]  # fmt: skip
    if harmed is None:
        record = records.read(task.folder, 7)
        records.write(task.folder, Record(**{**vars(record), "code": "older"}))
    else:
        assert harmed != text
        file.write_text(harmed)
    carried(task)
    assert table(task) == whole
    assert calls(task) == sorted([*range(12), 7])


def test_a_killed_driver_loses_what_was_in_work_and_no_more(task, tmp_path):
    script = tmp_path / "drive.py"
    here = Path(__file__).parent
    script.write_text(
        f"import sys; sys.path.insert(0, {str(here)!r})\n"
        "from pathlib import Path\nimport test_running as t\nfrom sweeping import sweep, TEMPLATE\n"
        "from femsacrum.sweep.evaluate import Task\n"
        f"task = Task(Path({str(tmp_path)!r}), TEMPLATE, (), sweep().factors, (), False, 'code')\n"
        "t.carried(task, t.slow)\n"
    )
    import subprocess

    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, str(here)])}
    driver = subprocess.Popen([sys.executable, str(script)], env=environment)
    while len(table(task)) < 4:
        assert driver.poll() is None, "it ended before it could be killed"
        time.sleep(0.05)
    driver.kill()
    driver.wait()
    done = len(table(task))
    assert 4 <= done < 12
    found = carried(task)
    assert found.states == {"done": 12}
    assert len(calls(task)) <= 12 + 2  # two were in work, and may have been done without a word


def test_what_another_has_done_since_the_points_were_listed_is_not_done_again(task):
    missing = list(records.missing(task.folder, len(POINTS), 2, task.code))
    assert missing == list(range(12))
    for point in (4, 7):
        records.write(task.folder, Record(point, POINTS[point], "done", code=task.code))
    with local.Pool(task, POINTS, 2, lambda record: None, easy) as pool:
        pool.work(iter(missing), 2)
    assert calls(task) == [point for point in range(12) if point not in (4, 7)]
    assert list(records.missing(task.folder, len(POINTS), 2, task.code)) == []


def test_the_process_that_was_timed_stays_with_what_it_keeps_in_memory(task):
    processes = []
    with local.Pool(task, POINTS, 2, lambda record: None, named) as pool:
        for points, count in (([0], 1), (range(1, 8), 2)):
            pool.work(iter(points), count)
            time.sleep(0.3)  # a process whose parent is gone would have ended by now
            processes.append((task.folder / "processes").read_text(encoding="utf-8").split())
    assert processes[0][0] in processes[1][1:]
    assert len(set(processes[1])) == 2
    for process in set(processes[1]):
        with pytest.raises(ProcessLookupError):
            os.kill(int(process), 0)


def test_where_nobody_waits_to_be_asked_every_process_begins_and_stays_with_what_its_points_share(task):
    points = [{**point, "rod": 5.5 if number < 6 else 6.0} for number, point in enumerate(POINTS)]
    assert carried(task, rod, points=points, together=True).states == {"done": 12}
    did = [line.split() for line in (task.folder / "rods").read_text(encoding="utf-8").splitlines()]
    assert {float(size) for _, size in did[:2]} == {5.5, 6.0}
    assert len(set(map(tuple, did))) == 2  # a process a rod, from the first point to the last


def test_a_second_driver_is_refused(task):
    with folder.held(task.folder), pytest.raises(InputError, match="another sweep command is at work"):
        carried(task)


def test_a_full_disk_ends_the_sweep_with_an_error_and_it_goes_on_later(task, monkeypatch):
    real, count = records.write, threading.Semaphore(3)

    def full(where, record):
        if not count.acquire(blocking=False):
            raise OSError(28, "No space left on device", str(where))
        return real(where, record)

    monkeypatch.setattr(records, "write", full)
    with pytest.raises(OSError, match="No space left"):
        carried(task)
    monkeypatch.setattr(records, "write", real)
    assert len(table(task)) == 3
    assert carried(task).states == {"done": 12}


def test_an_estimate_above_the_budget_stops_after_the_first_point(task):
    with pytest.raises(InputError, match=r"budget\.hours: allows 1e-06; by the first point"):
        carried(task, budget={"hours": 1e-6})
    assert calls(task) == [0]


def test_who_does_not_agree_has_one_point(task):
    def pool(*arguments):
        return local.Pool(*arguments, easy)

    carry(Prepared(sweep(), task, POINTS), processes=1, agreed=lambda cost: False, told=Quiet(), pool=pool)
    assert calls(task) == [0]


def test_the_table_has_a_row_for_each_point_and_load_case_with_units(task):
    import duckdb

    carried(task, deadly)
    file = collect(task.folder, sweep().factors, len(POINTS), task.code)
    rows = duckdb.sql(f"SELECT point, load_case, state, friction, drop FROM '{file}' ORDER BY point").fetchall()
    assert [row[0] for row in rows] == list(range(12))
    assert rows[4] == (4, "standing", "done", POINTS[4]["friction"], POINTS[4]["friction"] ** 2)
    assert rows[5][2:] == ("failed", POINTS[5]["friction"], None)
    assert metadata(file)["unit:drop"] == "mm"
    assert metadata(file)["unit:rod"] == "mm"


def test_a_table_of_nothing_is_refused(task):
    with pytest.raises(InputError, match="no point is done"):
        collect(task.folder, sweep().factors, 12, task.code)


def test_the_line_of_a_terminal_tells_how_it_goes():
    counting = Counting(None)
    counting.begins(12, 11, 2)
    counting.record(Record(1, POINTS[1], "done"))
    counting.record(Record(2, POINTS[2], "refused", "numerics: no"))
    assert counting.line().startswith("1 of 11 done, 1 not, 2 running; ")


def test_a_record_survives_the_way_to_disk(task):
    record = Record(4, POINTS[4], "refused", "input: \u202e<b>", 1, 2.5, 100.0, "code")
    file = records.write(task.folder, record)
    assert records.read(task.folder, 4) == record
    assert json.loads(file.read_text(encoding="utf-8"))["reason"] == record.reason
