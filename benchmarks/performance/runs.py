"""Processes that are timed: ours and CalculiX, each on its own, with what they took and found."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.performance import alone

#: Longest wait for a peer; stopped there it counts as this [s].
PATIENCE = 1800.0
ROOT = Path(__file__).parents[2]
#: MPICH comes with the wheels and lies beside the interpreter; a starter from elsewhere would start lone processes.
STARTER = Path(sys.executable).parent / "mpiexec"
#: One thread in every process of ours, all cores for the peer.
OURS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
THEIRS = {"OMP_NUM_THREADS": str(os.cpu_count()), "CCX_NPROC_EQUATION_SOLVER": str(os.cpu_count())}


def make_mesh(size, folder):
    """File with the two bodies at an element size [mm]; made in a process of its own."""
    path = Path(folder) / f"stem_{size:g}.pickle"
    if not path.exists():
        _python({"make": size, "mesh": str(path)})
    return path


def ours(mesh, kind, processes=1, **asked):
    """Solve a mesh in a fresh interpreter; see ``alone``."""
    return json.loads(_python({"mesh": str(mesh), "kind": kind} | asked, processes).splitlines()[-1])


def theirs(mesh, kind, folder, patience=PATIENCE):
    """Run CalculiX on the same mesh; seconds are the limit where it was stopped.

    Args:
        mesh: File of ``make_mesh``.
        kind: Key of ``deck.SETTINGS``.
        folder: Where the deck goes.
        patience: Longest wait [s].

    Raises:
        RuntimeError: It is absent, or stops by itself without an answer.
    """
    from benchmarks.performance import deck

    program = shutil.which("ccx")
    if program is None:
        raise RuntimeError(
            "CalculiX is not installed: no ccx on the PATH; make peer-setup installs it (Debian, Ubuntu)"
        )
    bodies = pickle.loads(Path(mesh).read_bytes())
    path = Path(folder) / f"{Path(mesh).stem}_{kind.replace(', ', '_').lower()}.inp"
    load_case = alone.problem(bodies, "bonded")[3]
    deck.write(path, bodies, load_case, kind, alone.FRICTION, alone.SLOPE)
    nodes = sum(len(body.nodes) for body in bodies.values())
    del bodies
    told = subprocess.run([program, "-v"], capture_output=True, text=True, check=False).stdout
    settings = deck.SETTINGS[kind] | {"contact": deck.CONTACT, "version": told.strip()} | THEIRS
    found = {"program": program, "nodes": nodes, "settings": settings}
    found |= _watched([program, path.stem], folder, patience)
    if not found["finished"]:
        return found | {"seconds": patience}
    text = path.with_suffix(".log").read_text(errors="replace")
    if found.pop("returned") or "Job finished" not in text:
        raise RuntimeError(f"ccx stopped on {path.name}: {' '.join(text.split()[-40:])}")
    rows = [line.split() for line in path.with_suffix(".sta").read_text(encoding="utf-8").splitlines()[2:]]
    return found | deck.results(path, alone.SLOPE) | {"steps": sum(int(row[3]) for row in rows)}


def _watched(command, folder, patience):
    """Wall and processor seconds and peak memory of one process; killed when it takes too long."""
    output = Path(folder) / f"{command[-1]}.log"
    began = time.perf_counter()
    with output.open("w") as file:
        child = subprocess.Popen(command, cwd=folder, env=os.environ | THEIRS, stdout=file, stderr=subprocess.STDOUT)
        peak = 0.0
        while True:
            done, status, usage = os.wait4(child.pid, os.WNOHANG)
            if done:
                break
            peak = max(peak, _peak(child.pid))
            if time.perf_counter() - began > patience:
                child.kill()
                _, _, usage = os.wait4(child.pid, 0)
                child.returncode = -9
                return {
                    "peak MB": peak,
                    "processor seconds": usage.ru_utime + usage.ru_stime,
                    "finished": False,
                }
            time.sleep(0.02)
    child.returncode = os.waitstatus_to_exitcode(status)
    return {
        "seconds": time.perf_counter() - began,
        "processor seconds": usage.ru_utime + usage.ru_stime,
        "peak MB": peak,
        "returned": child.returncode,
        "finished": True,
    }


def _peak(process):
    """Largest resident memory of a running process so far [MB]; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024.0 for line in lines if line.startswith("VmHWM")), 0.0)


def _python(asked, processes=1):
    """Output of ``alone`` in fresh interpreters.

    Raises:
        RuntimeError: It fails.
    """
    program = ["-m", "benchmarks.performance.alone", json.dumps(asked)]
    command = [sys.executable, *program]
    if processes > 1:
        if not STARTER.exists():
            raise RuntimeError(f"no MPI starter at {STARTER}")
        # mpi4py's runner ends all processes when one fails
        command = [str(STARTER), "-n", str(processes), sys.executable, "-m", "mpi4py", *program]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | OURS, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(program)}: {done.stderr[-2000:]}")
    return done.stdout
