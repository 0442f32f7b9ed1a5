"""Points solved by two MPI ranks: the answers of one, a rank that dies is a try that failed, none is left over."""

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import rubbing
from sweeping import TEMPLATE, sweep

from femsacrum.cli.command import execute
from femsacrum.errors import InputError
from femsacrum.mechanics import ranks
from femsacrum.sweep import local, records, slurm
from femsacrum.sweep.carry import carry
from femsacrum.sweep.definition import Cluster, Factor, load
from femsacrum.sweep.folder import Prepared
from femsacrum.sweep.ranks import assert_shared, with_ranks
from femsacrum.sweep.told import Quiet

MARK = "TEST_POINT_RANKS"
POINTS = [{"friction": friction, "rod": 6.0} for friction in (0.3, 0.4, 0.5)]
STARTER = Path(sys.executable).parent / "mpiexec"
SWEEP = f"""schema_version = 1
name = "trial"
case = "{TEMPLATE}"
[design]
kind = "factorial"
[[factors]]
name = "friction"
key = "interfaces[3].friction"
values = [0.3]
source = "a test"
"""
needs_mpi = pytest.mark.skipif(not STARTER.exists(), reason=f"no MPI starter at {STARTER}")


def alive(mark, rank=None):
    """Processes that are MPI ranks started under this mark."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            around = (place / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        mine = b"femsacrum.mechanics.rank" in words and f"{MARK}={mark}".encode() in around
        if mine and any(each.startswith(b"PMI_RANK=") for each in around):
            found += [int(place.name)] if rank is None or f"PMI_RANK={rank}".encode() in around else []
    return found


def struck(task, point, values, attempts):
    """As ``rubbed``; amid the first try of point 1 a rank is killed, amid that of point 2 this process."""
    if attempts == 0 and point in (1, 2) and task.ranks > 1:
        threading.Thread(target=_strike, args=(task, point), daemon=True).start()
    return rubbing.rubbed(task, point, values, attempts)


def _strike(task, point):
    while not list((task.folder / f"working/{point:07d}").glob("stages/*.partial")):
        time.sleep(0.002)
    os.kill(alive(os.environ[MARK], rank=1)[0] if point == 1 else os.getpid(), signal.SIGKILL)


def carried(task, count, place):
    task = replace(
        task, folder=place, ranks=count, set=('solver.method="iterative"', "solver.increments=10", "solver.tolerance=1e-12")
    )  # fmt: skip
    place.mkdir()
    carry(
        Prepared(sweep(), task, POINTS), processes=1, agreed=lambda cost: True, told=Quiet(),
        pool=lambda *given: local.Pool(*given, struck),
    )  # fmt: skip
    return [records.read(place, point) for point in range(len(POINTS))]


def outcomes(record):
    return {row["key"]: row["value"] for row in record.outcomes}


@needs_mpi
def test_whatever_dies_two_ranks_find_what_one_process_finds(task, tmp_path, monkeypatch, capsys):
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(here), str(here.parents[2])]))
    monkeypatch.setenv(MARK, mark := str(tmp_path))
    monkeypatch.setitem(sys.modules, "test_point_ranks", sys.modules[__name__])
    monkeypatch.setattr(struck, "__module__", "test_point_ranks")
    alone, together = carried(task, 1, tmp_path / "alone"), carried(task, 2, tmp_path / "together")
    assert [record.state for record in (*alone, *together)] == ["done"] * 6
    assert [record.attempts for record in together] == [1, 2, 2]
    told = capsys.readouterr().err
    assert "point 1 failed: one of 2 MPI ranks ended without an answer (Killed (signal 9))" in told
    assert "point 2 failed: its process ended without an answer (signal 9)" in told
    log = (tmp_path / "together/logs/0000001.log").read_text(encoding="utf-8")
    assert "KILLED BY SIGNAL: 9" in log or "Killed (signal 9)" in log
    assert "load 10%" in log
    for one, two in zip(alone, together, strict=True):
        assert outcomes(two) == pytest.approx(outcomes(one), rel=1e-8)
    assert outcomes(alone[0])["slide"] > 0.1
    # each rank is a process with all libraries; the point's own may have inherited much from whoever started it
    assert together[0].memory > alone[0].memory + 200.0, "what ranks take is counted"
    end = time.monotonic() + 10.0
    while left := alive(mark):
        assert time.monotonic() < end, f"ranks outlive whoever started them: {left}"
        time.sleep(0.05)
    assert list((tmp_path / "together/working").rglob("*.tmp")) == []


@needs_mpi
@pytest.mark.parametrize("launch", ["env", f"{STARTER} -n 1"])
def test_a_launcher_whose_processes_do_not_know_of_each_other_is_refused(launch):
    with pytest.raises(InputError, match="2 were started, but MPI tells each that they are 1"):
        ranks.assert_started(2, launch)


def test_a_launcher_that_starts_nothing_is_refused():
    with pytest.raises(InputError, match=r"ended without an answer \(exit code 1\); what starts them is false"):
        ranks.assert_started(2, "false")
    with pytest.raises(InputError, match='"there_is_no_such_launcher" cannot start them'):
        ranks.assert_started(2, "there_is_no_such_launcher")


def test_what_is_condensed_is_refused_to_be_shared_out(task, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FEMSACRUM_PROCESSES", "2")
    prepared = Prepared(sweep(), replace(task, set=sweep().fixed), POINTS)
    with pytest.raises(InputError, match='give method = "iterative" in the sweep, or 1 rank'):
        with_ranks(prepared, 2)
    (tmp_path / "sweep.toml").write_text(SWEEP)
    words = ["sweep", str(tmp_path / "sweep.toml"), "--out", str(tmp_path / "out")]
    for more, said in (
        (["--ranks=2", "--yes"], "ranks: what is condensed is solved by one process"),
        (["--ranks=900", "--yes"], "--ranks: 900 ranks want 900 processors"),
        (["--ranks=2", "--on=slurm"], "--ranks: does not go with --on slurm; give ranks in [slurm] of the sweep"),
    ):
        assert execute([*words, *more]) == 1
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("given", ["four", "-2", "0", "2.5", "\u00b2"])
def test_a_number_of_ranks_that_is_none_is_refused(monkeypatch, given):
    monkeypatch.setenv(ranks.RANKS, given)
    with pytest.raises(InputError, match=f'FEMSACRUM_RANKS: "{given}" is no number of ranks'):
        ranks.wanted()


def test_a_number_of_ranks_is_read(monkeypatch):
    for given, count in (("", 1), ("1", 1), (" 3 ", 3)):
        monkeypatch.setenv(ranks.RANKS, given)
        assert ranks.wanted() == count


def test_a_factor_that_may_set_the_method_is_looked_at(task):
    factor = Factor(name="method", key="solver.method", values=("iterative", "condensed"), source="a test")
    points = [{**point, "method": "iterative"} for point in POINTS]
    varied = replace(task, factors=(*task.factors, factor))
    with pytest.raises(InputError, match="what is condensed is solved by one process"):
        assert_shared(Prepared(sweep(), varied, points))
    only = replace(task, factors=(*task.factors, factor.model_copy(update={"values": ("iterative",)})))
    assert_shared(Prepared(sweep(), only, points))


def test_processors_are_shared_out_to_points_of_several_ranks(monkeypatch):
    monkeypatch.setenv("FEMSACRUM_PROCESSES", "7")
    assert [local.size(None, 1e-3, count) for count in (1, 2, 3, 9)] == [7, 3, 2, 1]
    assert local.size(4, 1e-3, 2) == 4, "whoever says how many knows why"


def test_a_task_asks_for_a_processor_for_each_rank(tmp_path):
    with pytest.raises(ValueError, match="cpus 3 must be a multiple of ranks 2"):
        Cluster(ranks=2, cpus=3)
    (tmp_path / "sweep.toml").write_text(
        SWEEP.replace("[design]", '[slurm]\nranks = 2\ncpus = 4\nlaunch = "srun -n {{ ranks }}"\n[design]')
    )
    cluster = load(tmp_path / "sweep.toml").slurm
    known = slurm._known(cluster, tmp_path, "fs0001", 0)
    assert known["cpus"] == 4
    assert known["command"].endswith(" --workers=2 --ranks=2 '--launch=srun -n 2'")
    assert Cluster(ranks=2).processors == 2
