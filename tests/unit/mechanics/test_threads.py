"""A screw's thread: stiffness and strength per length, whatever the mesh, and only as far as the thread goes."""

import numpy as np
import pytest

from benchmarks.verification.embedded_rod import DIAMETER, head_of, problem
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.mechanics.coupling import embedded
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Thread
from femsacrum.mechanics.meeting import jump_rows
from femsacrum.mechanics.threads import along_screw

LENGTH, STRENGTH, SPRING = 12.0, 20.0, 50.0


def rod(thread, size=2.0, force=(0.0, 0.0, 300.0), spring=0.0):
    return problem(LENGTH, thread, force, size, spring)


def rows_of(given):
    bodies, _, (interface,), _ = given
    return jump_rows(bodies, interface)


@pytest.mark.parametrize("size", [1.2, 2.0, 3.0])
def test_its_area_is_the_cylinders_however_coarse_the_mesh(size):
    rows = rows_of(rod(Thread(10.0, 100.0), size))
    assert rows.area.sum() == pytest.approx(np.pi * DIAMETER * LENGTH, rel=1e-5)


@pytest.mark.parametrize("length", [9.0, 6.5, 4.0])
def test_it_ends_where_its_length_says(length):
    rows = rows_of(rod(Thread(10.0, 100.0, length=length)))
    assert rows.area.sum() == pytest.approx(np.pi * DIAMETER * length, rel=1e-2)
    assert rows.uncovered == pytest.approx(0.0, abs=1e-12)  # the host is there, only the thread is not


def test_its_axes_are_radial_along_and_around():
    bodies, _, (interface,), _ = rod(Thread(10.0, 100.0))
    plain = embedded(bodies["rod"], interface.screw, bodies["host"])
    frames = along_screw(plain, interface.screw).frames
    np.testing.assert_allclose(np.linalg.det(frames), 1.0, rtol=1e-12)
    np.testing.assert_allclose(frames[:, 1], np.tile([0.0, 0.0, -1.0], (len(frames), 1)), atol=1e-12)
    outwards = plain.points * [1.0, 1.0, 0.0]
    assert np.all(np.einsum("pi,pi->p", frames[:, 0], outwards) > 0.9 * np.linalg.norm(outwards, axis=1))


def test_a_thread_without_a_point_on_it_is_refused():
    """So short a thread that no point of the mesh lies on it."""
    bodies, materials, (interface,), case = rod(Thread(10.0, 100.0, length=1e-3))
    with pytest.raises(NumericalError, match='interface "rod/host": no point of rod'):
        solve(bodies, materials, (interface,), case, Solver())


@pytest.mark.parametrize("size", [2.0, 3.0])
@pytest.mark.parametrize("length", [np.inf, 6.5])
def test_drawn_past_its_strength_it_carries_just_that(size, length):
    thread = Thread(10.0, 2000.0, STRENGTH, length)
    bodies, *rest = rod(thread, size, spring=SPRING)
    end = solve(bodies, *rest, Solver(tolerance=1e-10))
    limit = STRENGTH * min(length, LENGTH)
    spring = SPRING * head_of(end, bodies)[2]
    assert 300.0 - spring == pytest.approx(limit, rel=1e-5 if length > LENGTH else 1e-2)
    assert np.all(end.interfaces["rod/host"].status == 2)


def test_below_its_strength_it_is_as_stiff_as_its_length():
    """Short and stiff, the rod moves as one: F = k' L u."""
    bodies, *rest = rod(Thread(10.0, 50.0), force=(0.0, 0.0, 100.0))
    end = solve(bodies, *rest, Solver(tolerance=1e-10))
    assert head_of(end, bodies)[2] == pytest.approx(100.0 / (50.0 * LENGTH), rel=1e-2)


def test_sideways_it_is_as_stiff_as_its_surface():
    bodies, *rest = rod(Thread(10.0, 50.0), force=(80.0, 0.0, 0.0))
    # pushed through its middle: no turning
    case = rest[2]
    moment = np.array([0.0, -80.0 * LENGTH / 2.0, 0.0])
    case.applied[0].moment[:] = moment
    end = solve(bodies, *rest, Solver(tolerance=1e-10))
    moved = end.displacements["rod"][:, 0].mean()
    assert moved == pytest.approx(80.0 / (10.0 * np.pi * DIAMETER * LENGTH), rel=2e-2)
