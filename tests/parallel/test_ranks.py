"""The solution does not depend on the number of processes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rank_problems

ROOT = Path(__file__).parents[2]
#: MPICH comes with the wheels and lies beside the interpreter; a starter from elsewhere would start two lone processes.
STARTER = Path(sys.executable).parent / "mpiexec"
PROCESSES = 2
SECONDS = 120

pytestmark = pytest.mark.skipif(not STARTER.exists(), reason=f"no MPI starter at {STARTER}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Results of every problem, written by each of the processes."""
    where = tmp_path_factory.mktemp("ranks")
    script = Path(rank_problems.__file__)
    command = [STARTER, "-n", str(PROCESSES), sys.executable, "-m", "mpi4py", script, where]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, timeout=SECONDS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return where


@pytest.mark.parametrize("name", [*rank_problems.PROBLEMS, rank_problems.PRELOAD])
def test_two_processes_find_what_one_finds(folder, name):
    alone = rank_problems.found(name)
    for rank in range(PROCESSES):
        together = np.load(folder / f"{name}_{rank}.npz")
        assert together["processes"] == PROCESSES
        np.testing.assert_array_equal(together["status"], alone["status"])
        for quantity in ("displacement", "pressure", "shear", "preload"):
            scale = np.abs(alone[quantity]).max()
            np.testing.assert_allclose(together[quantity] / scale, alone[quantity] / scale, rtol=0.0, atol=1e-8)


@pytest.mark.parametrize("name", ["friction", "cortex", "lopsided"])
def test_some_points_slip_and_some_stick(folder, name):
    status = np.load(folder / f"{name}_0.npz")["status"]
    assert (status == 1).sum() > 10
    assert (status == 2).sum() > 10
