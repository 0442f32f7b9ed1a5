"""A gap that the saw left between two faces: open, closed under load and a wedge, by statics."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from blocks import NORMAL, on_plane, push

from femsacrum.calculix.deck import write_deck
from femsacrum.case.schema import InterfaceRule, Solver
from femsacrum.errors import InputError, NumericalError
from femsacrum.loads.loadcase import Support
from femsacrum.mechanics.choose import interfaces as choose
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Frictional
from femsacrum.mechanics.meeting import jump_rows
from femsacrum.surgery.construct import Opening

#: The block of 20 x 10 mm hangs from springs at the nodes of its upper face, each with the area round it, five across:
#: stiffness [N/mm3], of all [N/mm], and against turns [N mm].
BED = 5.0
STIFFNESS = BED * 200.0
TURNING = BED * 10.0 * (2 * 2.5 * 10.0**2 + 2 * 5.0 * 5.0**2)
MIDDLE = (10.0, 5.0, 0.0)
SOLVER = {method: Solver(tolerance=1e-9, penetration=1e-4, method=method) for method in ("iterative", "condensed")}


def uniform(gap):
    return Opening(MIDDLE, gap, (0.0, 0.0, 0.0))


def hung(opening):
    """The block over the plane, nothing meshed otherwise than without a gap."""
    bodies, materials, (interface,) = on_plane(Frictional(0.0))
    supports = (
        Support("ground", "plane", bodies["plane"].facets_of("z0"), "fixed", np.eye(3), 1e5),
        Support("bed", "block", bodies["block"].facets_of("z1"), "fixed", np.eye(3), BED),
    )
    return bodies, materials, (replace(interface, contact=replace(interface.contact, opening=opening)),), supports


def pressed(opening, method):
    bodies, materials, interfaces, supports = hung(opening)
    solution = solve(bodies, materials, interfaces, push(bodies, 0.0, supports), SOLVER[method])
    assert solution.converged
    return solution.interfaces["block/plane"]


@pytest.mark.parametrize("method", SOLVER)
def test_a_wide_gap_stays_open_and_a_narrow_one_closes_before_it_carries(method):
    wide, narrow = pressed(uniform(0.6), method), pressed(uniform(0.2), method)
    assert wide.initial_gap == pytest.approx(0.6)
    assert wide.gap == pytest.approx(0.6 - NORMAL / STIFFNESS, abs=1e-4)
    assert wide.area @ wide.pressure == 0.0
    assert not wide.status.any()
    assert narrow.initial_gap == pytest.approx(0.2)
    assert narrow.gap == pytest.approx(0.0, abs=1e-4)
    assert narrow.area @ narrow.pressure == pytest.approx(NORMAL - 0.2 * STIFFNESS, rel=1e-3)


@pytest.mark.parametrize("method", SOLVER)
def test_a_wedge_touches_at_its_thin_edge_and_turns_the_block(method):
    """F = (N/k - g0) / (1/k + a^2/c) at the edge, a from the middle: springs in a row, the block being stiff."""
    least, arm, slope = 0.1, 10.0, np.tan(np.radians(3.2))
    state = pressed(Opening(MIDDLE, least + arm * slope, (slope, 0.0, 0.0)), method)
    force = (NORMAL / STIFFNESS - least) / (1.0 / STIFFNESS + arm**2 / TURNING)
    turn, down = arm * force / TURNING, (NORMAL - force) / STIFFNESS
    assert turn < slope  # it stays open but for the edge
    x = state.points[:, 0]
    assert state.initial_gap == pytest.approx(least + slope * x)
    assert state.area @ state.pressure == pytest.approx(force, rel=0.01)
    assert np.all(x[state.status > 0] < 1e-9)
    open_ = x > 1.0
    assert state.gap[open_] == pytest.approx((least + slope * x - down - turn * (x - arm))[open_], abs=2e-3)


def test_openings_share_what_is_elastic_and_where_faces_meet(condensings):
    slope = (0.05, 0.0, 0.0)
    bodies, materials, interfaces, supports = hung(None)
    case, (planned,) = push(bodies, 0.0, supports), interfaces
    forces = []
    for opening in (None, uniform(0.1), uniform(0.3), Opening(MIDDLE, 0.5, slope)):
        sawn = replace(planned, contact=replace(planned.contact, opening=opening))
        solution = solve(bodies, materials, (sawn,), case, SOLVER["condensed"])
        state = solution.interfaces["block/plane"]
        forces.append(state.area @ state.pressure)
        assert jump_rows(bodies, sawn).slave is jump_rows(bodies, planned).slave
    assert len(condensings) == 1
    assert forces[:3] == pytest.approx([NORMAL, NORMAL - 0.1 * STIFFNESS, NORMAL - 0.3 * STIFFNESS], rel=1e-3)


def test_what_a_gap_leaves_without_a_hold_floats_and_is_told():
    bodies, materials, interfaces, (ground, _) = hung(uniform(2.0))
    with pytest.raises(NumericalError, match=r"block.*floats"):
        solve(bodies, materials, interfaces, push(bodies, 0.0, (ground,)), SOLVER["iterative"])


def test_bone_that_stands_proud_leaves_no_negative_gap():
    wedge = Opening(MIDDLE, 0.0, (0.1, 0.0, 0.0))
    points = np.array([[0.0, 0.0, 0.0], [10.0, 3.0, 0.0], [20.0, 0.0, 0.0]])
    assert wedge.signed(points) == pytest.approx([-1.0, 0.0, 1.0])
    assert wedge.at(points) == pytest.approx([0.0, 0.0, 1.0])


def test_laws_and_decks_that_know_no_gap_are_refused(tmp_path):
    bodies, materials, interfaces, supports = hung(uniform(1.0))
    assembly = SimpleNamespace(construct=SimpleNamespace(screws=(), contacts=(interfaces[0].contact,)), bodies=bodies)
    for law, more in (("bonded", {}), ("user", {"function": "law.py:law"})):
        rule = InterfaceRule(between=("block", "plane"), law=law, **more)
        with pytest.raises(InputError, match="where the saw left a gap"):
            choose(SimpleNamespace(interfaces=(rule,)), assembly, materials)
    with pytest.raises(InputError, match="a gap that the saw left"):
        write_deck(tmp_path, bodies, materials, interfaces, [push(bodies, 0.0, supports)])
