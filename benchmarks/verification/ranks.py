"""The verification table on 1, 2 and 4 processes: every value is the same.

Each case runs as it is, but for the solver: it is spread over the processes, and its tolerances are tightened until what
they leave open is less than the difference allowed. As a script, ``mpiexec -n N python -m mpi4py ranks.py FILE``, it
runs the cases on N processes and writes what the first process found.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.row import Row

ROOT = Path(__file__).parents[2]
#: MPICH comes with the wheels and lies beside the interpreter.
STARTER = Path(sys.executable).parent / "mpiexec"
PROCESSES = (1, 2, 4)
ALLOWED = 1e-8
TIGHT = {"tolerance": 1e-11, "penetration": 1e-6}
#: Case and the function that gives its rows: all that are solved by ``equilibrium`` and do not take minutes. The others
#: (order, box_beam, cook, le10, disc, manufactured) factorise their matrix with SciPy and know no processes.
VALUES = (
    ("patch", "rows"),
    ("sliding", "rows"),
    ("friction_loop", "rows"),
    ("increments", "rows"),
    ("rod", "rows"),
    ("off_axis", "rows"),
    ("hertz", "coarse"),
    ("cattaneo_sphere", "coarse"),
    ("press_fit", "coarse"),
    ("shear_lag", "rows"),
    ("hetenyi", "rows"),
    ("bolt", "rows"),
    ("ligaments", "rows"),
    ("preload_off", "rows"),
    ("stem", "coarse"),
    ("filleted_stem", "coarse"),
)


def spread_over(comm):
    """Every solve from here on is shared by these processes, and tight."""
    from femsacrum.mechanics import equilibrium
    from femsacrum.mechanics.march import March
    from femsacrum.mechanics.system import System

    class Tight(March):
        def __init__(self, system, solver, progress, checkpoint):
            tight = {name: min(value, getattr(solver, name)) for name, value in TIGHT.items()}
            super().__init__(system, solver.model_copy(update=tight), progress, checkpoint)

    alone = System.__init__
    System.__init__ = lambda self, *given: alone(self, *given[:5], comm=comm)
    equilibrium.March = Tight


def values(comm, cases=VALUES):
    """Case -> judged values, found on these processes."""
    spread_over(comm)
    found = {}
    for name, function in cases:
        given = getattr(importlib.import_module(f"benchmarks.verification.{name}"), function)()
        found[name] = [(f"{row.case}: {row.quantity}", row.measured) for row in given if row.judged]
    return found


def found_on(processes, cases=VALUES):
    """The same, from a run of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "values.json"
        command = [STARTER, "-n", str(processes), sys.executable, "-m", "mpi4py", __file__, file]
        command += [f"{name}.{function}" for name, function in cases]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"on {processes} processes: {done.stderr[-3000:]}")
        found = json.loads(file.read_text(encoding="utf-8"))
        if found.pop("processes") != processes:
            raise RuntimeError(f"{STARTER} started lone processes")
        return found


def differences(one, other):
    """Case -> largest difference of its values, relative to them where they exceed one, and the value it is of."""
    result = {}
    for name, those in one.items():
        gaps = [abs(a - b) / max(abs(a), 1.0) for (_, a), (_, b) in zip(those, other[name], strict=True)]
        worst = int(np.argmax(gaps))
        result[name] = gaps[worst], those[worst][0]
    return result


def rows():
    alone, *together = (found_on(count) for count in PROCESSES)
    return [
        Row(
            f"{name} on {count} processes", f"largest difference, {len(alone[name])} values", gap, 0.0, ALLOWED, where
        )
        for count, found in zip(PROCESSES[1:], together, strict=True)
        for name, (gap, where) in differences(alone, found).items()
    ]


def main(file, cases):
    from mpi4py import MPI  # before PETSc, which finds its library by it
    from petsc4py import PETSc

    found = values(PETSc.COMM_WORLD, [tuple(each.split(".")) for each in cases])
    if MPI.COMM_WORLD.rank == 0:
        file.write_text(json.dumps(found | {"processes": MPI.COMM_WORLD.size}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
