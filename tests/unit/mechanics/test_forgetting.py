"""What was solved before bears on nothing: the linear solve after another contact is that of one just made."""

import numpy as np
import pytest
from blocks import FRICTION, on_plane, push, supports

from femsacrum.mechanics.interfaces import Frictional
from femsacrum.mechanics.krylov import Krylov
from femsacrum.mechanics.loading import hold, nodal_loads
from femsacrum.mechanics.system import System


@pytest.fixture(scope="module")
def pressed():
    """A block on a plane, its supports and its load."""
    given = on_plane(Frictional(FRICTION), youngs=1000.0)
    system = System(*given)
    case = push(given[0], 1.0, supports(given[0]))
    holds = tuple(hold(system.bodies, system.numbers, each) for each in case.supports)
    return system, holds, nodal_loads(system.bodies, system.numbers, case.applied)


def tangent(system, share):
    """Local tangents where so much of the face touches."""
    slopes = system.contact.parameters[:, :1, None] * np.eye(3)
    slopes[int(share * len(slopes)) :] = 0.0
    return slopes


def solved(krylov, system, loads, share):
    krylov.set_tangent(tangent(system, share))
    krylov.set_preconditioner(tangent(system, share))
    return krylov.solve(loads, 1e-2)


@pytest.mark.parametrize("forgets", [True, False])
def test_it_takes_the_very_same_steps_after_another_contact(pressed, forgets):
    system, holds, loads = pressed
    used, new = Krylov(system, holds), Krylov(system, holds)
    solved(used, system, loads, 0.3)
    if forgets:
        used.forget()
    found, steps, _ = solved(used, system, loads, 1.0)
    wanted, as_many, _ = solved(new, system, loads, 1.0)
    used.close()
    new.close()
    assert steps == as_many > 1
    np.testing.assert_array_equal(found, wanted)
