"""A sweep of 24 points on a real Slurm while a rank and tasks are killed and lose their node; its table is the same.

``make test-slurm``. The points are real: the intact reference pelvis on very coarse meshes under 24 forces, which share
one mesh, each solved by two MPI ranks (``--ranks 1``: condensed, by one process). What is checked: every point done, every
outcome that of an undisturbed local run of one rank to 1e-8, none done twice, one try more for a rank that was killed.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from machine import install, slurm

from femsacrum.sweep import records

ROOT = Path(__file__).parents[2]
SWEEP = """schema_version = 1
name = "slurm"
case = "{case}"
method = "{method}"
set = ['mesh.bone="7 mm"', 'mesh.soft="5 mm"', "solver.tolerance=1e-11"]
[design]
kind = "factorial"
[[factors]]
name = "force"
key = "loads[0].force"
unit = "N"
low = 300.0
high = 800.0
levels = {points}
source = "a test"
[slurm]
time = "01:00:00"
memory = "1500M"
points_per_task = 2
ranks = {ranks}
"""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=24)
    parser.add_argument("--ranks", type=int, default=2)
    points, ranks = (given := parser.parse_args()).points, given.ranks
    install()
    with tempfile.TemporaryDirectory(prefix="femsacrum-slurm-") as name:
        place = Path(name)
        sweep = place / "sweep.toml"
        method = "iterative" if ranks > 1 else "condensed"
        case = ROOT / "studies/intact_reference/case.toml"
        sweep.write_text(SWEEP.format(case=case, points=points, ranks=ranks, method=method))
        os.environ["PYTHONPATH"] = str(ROOT)
        start = time.monotonic()
        femsacrum("sweep", sweep, "--out", place / "local", "--yes")
        wanted = outcomes(place / "local", points)
        print(f"undisturbed: {points} points in {time.monotonic() - start:.0f} s", flush=True)
        with slurm(place, ranks) as processes:
            killed = disturbed(sweep, place / "far", points, processes, ranks)
        found = outcomes(place / "far", points)
        worst = max(abs(found[key] - value) / max(abs(value), 1e-12) for key, value in wanted.items())
        tries = [records.read(place / "far", point).attempts for point in range(points)]
        said = "\n".join(file.read_text() for file in (place / "far/slurm").glob("*.out"))
        done = sum(int(count) for count in re.findall(r"(\d+) done", said))
        print(f"{len(wanted)} outcomes, largest relative difference {worst:.1e}; tasks told of {done} points done")
        assert found.keys() == wanted.keys()
        assert worst <= 1e-8
        assert tries == [1 + (point == killed) for point in range(points)], tries
        assert done <= points, "a point was done twice"


def disturbed(
    sweep: Path, out: Path, points: int, processes: dict[str, subprocess.Popen[bytes]], ranks: int
) -> int | None:
    """Submit, kill a rank, cancel a task, kill the process of another, stop a node, and submit again what is missing.

    Returns:
        The point whose rank was killed.
    """
    start = time.monotonic()
    print(femsacrum("sweep", sweep, "--out", out, "--on", "slurm", "--yes"), flush=True)
    until(lambda: count(out, points) >= 3, "three points are done")
    killed = kill_rank(out) if ranks > 1 else None
    last = queue("%i")[-1]
    subprocess.run(["scancel", last], check=True)
    print(f"{count(out, points)} done; {last} is cancelled", flush=True)
    os.kill(tasks_of(out)[0], signal.SIGKILL)
    print(f"{count(out, points)} done; the process of a task is killed", flush=True)
    until(lambda: count(out, points) >= points // 3, "a third is done")
    processes["n2"].terminate()
    for process in tasks_of(out, "n2"):
        os.kill(process, signal.SIGKILL)
    print(f"{count(out, points)} done; node n2 is gone", flush=True)
    print(femsacrum("sweep", sweep, "--out", out, "--on", "slurm", "--resume"), flush=True)
    for _ in range(5):
        until(lambda: not queue("%i") or count(out, points) == points, "the queue is empty")
        if count(out, points) == points:
            break
        print(femsacrum("sweep", sweep, "--out", out, "--on", "slurm", "--resume"), flush=True)
    print(f"disturbed: {count(out, points)} points in {time.monotonic() - start:.0f} s", flush=True)
    if killed is not None:
        log = (out / f"logs/{killed:07d}.log").read_text(encoding="utf-8")
        assert "killed by signal" in log.lower() or "(signal 9)" in log, log
    return killed


def kill_rank(out: Path) -> int:
    """Kill one rank of a group amid its solve; the point it was at, once that try is told as failed."""
    until(lambda: ranks_of(out), "ranks solve")
    (rank, *_) = ranks_of(out)
    os.kill(rank, signal.SIGKILL)
    lost = re.compile(r"point (\d+) failed: one of \d+ MPI ranks ended without an answer")

    def told() -> list[str]:
        return lost.findall("\n".join(file.read_text() for file in (out / "slurm").glob("*.out")))

    until(told, "the point of a killed rank is told")
    print(f"rank {rank} is killed; point {told()[0]} has failed once", flush=True)
    return int(told()[0])


def femsacrum(*words: object) -> str:
    """What the command says."""
    done = subprocess.run(
        [sys.executable, "-m", "femsacrum.cli", *map(str, words)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"femsacrum {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def outcomes(folder: Path, points: int) -> dict[tuple[int, str, str], float]:
    """Point, load case and key -> value."""
    found = {}
    for point in range(points):
        record = records.read(folder, point)
        assert record is not None, f"point {point} has no record"
        assert record.state == "done", record.reason
        found |= {
            (point, row["load_case"], row["key"]): row["value"] for row in record.outcomes if row["value"] is not None
        }
    return found


def count(folder: Path, points: int) -> int:
    """Points that are done."""
    found = (records.read(folder, point) for point in range(points))
    return sum(record is not None and record.state == "done" for record in found)


def queue(form: str) -> list[str]:
    """What waits or runs."""
    states = "--states=PENDING,CONFIGURING,RUNNING"
    asked = ["squeue", "--noheader", "--array", states, f"--format={form}", "--sort=i"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()


def tasks_of(folder: Path, node: str = "") -> list[int]:
    """Processes that do points of a sweep (on a node), by their command lines."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            around = (place / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        mine = b"sweep-points" in words and str(folder).encode() in words
        if mine and (not node or f"SLURMD_NODENAME={node}".encode() in around):
            found.append(int(place.name))
    return found


def ranks_of(folder: Path) -> list[int]:
    """MPI ranks that solve a point: whoever started them has the point's folder open, in which a job lies."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            if b"femsacrum.mechanics.rank" not in words or b"PMI_RANK=" not in (place / "environ").read_bytes():
                continue
            starter = parent(parent(parent(int(place.name))))  # over a proxy and mpiexec
            links = [Path(os.readlink(link)) for link in Path(f"/proc/{starter}/fd").iterdir()]
        except OSError:
            continue
        if any(folder / "working" in link.parents and list(link.parent.rglob("*.tmp")) for link in links):
            found.append(int(place.name))
    return found


def parent(process: int) -> int:
    """The process that started this one."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def until(holds: object, what: str, seconds: float = 1800.0) -> None:
    """Wait."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            raise SystemExit(f"waited in vain until {what}: {queue('%i %T %R')}")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
