"""A movement that repeats, condensed onto its contact points: the same as the whole, cycle after cycle."""

import numpy as np
import pytest
from blocks import FRICTION, LIMIT, NORMAL, layered, on_plane, push, supports, tie, tied

from benchmarks.verification import meshes
from femsacrum.case.schema import Solver
from femsacrum.course import shakedown
from femsacrum.course.gait import walk
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.equilibrium import history
from femsacrum.mechanics.interfaces import Bonded, Frictional, Healing, Interface, Spring
from femsacrum.mechanics.repeated import Repeated
from femsacrum.surgery.construct import Contact

TIGHT = Solver(tolerance=1e-9, penetration=1e-4)


def cycled(problem, phases, cycles, **given):
    """The last cycle of the condensed system, and of the whole."""
    bodies, materials, interfaces = problem
    repeated = Repeated(bodies, materials, interfaces, phases, TIGHT, **given)
    for _ in range(cycles):
        repeated.cycle()
    whole = list(history(bodies, materials, interfaces, [*phases] * cycles, TIGHT, **given))[-len(phases) :]
    return repeated.solutions(), whole


def assert_same(condensed, whole, rel=1e-6):
    for one, other in zip(condensed, whole, strict=True):
        assert one.name == other.name
        for body, moved in other.displacements.items():
            size = max(np.abs(each).max() for each in other.displacements.values())
            assert one.displacements[body] == pytest.approx(moved, abs=rel * size), body
        for name, state in other.interfaces.items():
            assert one.interfaces[name].pressure == pytest.approx(
                state.pressure, abs=100.0 * rel * np.abs(state.pressure).max()
            )


#: Contact that is enforced exactly is so within what the solver allows; of a layer nothing is left.
LAWS = [
    (Frictional(FRICTION), TIGHT.penetration),
    (Frictional(FRICTION, 2e3, 2e3), 1e-5),
    (Healing(0.3, 1e3, Frictional(FRICTION)), TIGHT.penetration),
]


@pytest.mark.parametrize(("law", "rel"), LAWS)
def test_condensed_and_whole_go_the_same_way(law, rel):
    problem = on_plane(law, youngs=2e4)
    held = supports(problem[0])
    assert_same(*cycled(problem, [push(problem[0], share, held) for share in (1.5, 0.2, -0.8)], 2), rel)


def test_a_kinematic_pilot_keeps_its_face_rigid():
    problem = on_plane(Frictional(FRICTION, 2e3, 2e3), youngs=2e4)
    top = problem[0]["block"].facets_of("z1")
    held = (*supports(problem[0]), Support("pilot", "block", top, "rigid", np.zeros((0, 3)), 1e5))
    assert_same(*cycled(problem, [push(problem[0], share, held) for share in (0.5, -0.5)], 1), 1e-5)


def test_a_bolt_stays_locked():
    bodies, materials, interfaces, held = tied()
    phases = [push(bodies, share, held) for share in (0.5, -0.5)]
    condensed, whole = cycled((bodies, materials, interfaces), phases, 1, bolts=(tie(force=200.0),))
    assert_same(condensed, whole, TIGHT.penetration)
    assert condensed[0].bolts["tie"].preload == pytest.approx(200.0, rel=1e-6)
    assert condensed[1].bolts["tie"].tension == pytest.approx(whole[1].bolts["tie"].tension, rel=1e-6)


def test_a_law_of_the_users_is_followed():
    problem = layered()
    held = supports(problem[0])
    assert_same(*cycled(problem, [push(problem[0], share, held) for share in (0.1, -0.1)], 1))


def test_what_is_bonded_throughout_needs_no_cycles():
    bodies, materials, interfaces = on_plane(Bonded(1e5))
    held = supports(bodies)
    repeated = Repeated(bodies, materials, interfaces, [push(bodies, s, held) for s in (1.0, -1.0)], TIGHT)
    walked = walk(repeated, 0.01, 5)
    assert walked.outcome == "shakes down"
    assert walked.newton == (0,)
    whole = list(history(bodies, materials, interfaces, repeated.phases, TIGHT))
    assert_same(repeated.solutions(), whole)


def test_supports_that_change_are_refused():
    bodies, materials, interfaces = on_plane()
    phases = [push(bodies, 0.1, supports(bodies)), push(bodies, 0.2, supports(bodies))]
    with pytest.raises(NumericalError, match="supports change"):
        Repeated(bodies, materials, interfaces, phases, TIGHT)


SPRING, HIGH, LOW = 2000.0, 1500.0, 200.0


def two_sliders(thrust):
    """Two blocks on a plane, joined by a spring and both pushed along x; the weight goes from one to the other."""
    plane = meshes.box("plane", (-10, -10, -5), (70, 20, 0), (8, 3, 1))
    bodies = {"plane": plane}
    for name, start in (("a", 0.0), ("b", 40.0)):
        bodies[name] = meshes.box(name, (start, 0, 0), (start + 20, 10, 4), (4, 2, 1))
    materials = {name: meshes.material(mesh, 2e6, 0.3) for name, mesh in bodies.items()}
    interfaces = tuple(
        Interface(Contact(f"{name}/plane", (name, "z0"), ("plane", "z1")), Frictional(FRICTION))
        for name in ("a", "b")
    )
    ends = (("a", bodies["a"].facets_of("x1")), ("b", bodies["b"].facets_of("x0")))
    spring = Spring("between", ends, np.array([[20.0, 5.0, 2.0], [40.0, 5.0, 2.0]]), SPRING, tension_only=False)
    held = (Support("ground", "plane", plane.facets_of("z0"), "fixed", np.eye(3), 1e5),)

    def phase(name, weights):
        loads = []
        for body, weight in weights.items():
            point = bodies[body].nodes.mean(axis=0) * [1.0, 1.0, 0.0]
            force = np.array([thrust, 0.0, -weight])
            loads.append(Applied(body, body, bodies[body].facets_of("z1"), force, np.zeros(3), point, "test"))
        return LoadCase(name, tuple(loads), held, {}, 0.0)

    phases = [phase("on a", {"a": HIGH, "b": LOW}), phase("on b", {"a": LOW, "b": HIGH})]
    return Repeated(bodies, materials, interfaces, phases, TIGHT, springs=(spring,))


def test_two_sliders_walk_when_the_light_one_slips():
    """The light one slips ahead till the spring holds it, by (T - mu N)/k; then the other, by twice that: for ever."""
    thrust = 120.0
    step = 2.0 * (thrust - FRICTION * LOW) / SPRING
    walked = walk(two_sliders(thrust), 0.01, 12)
    assert walked.outcome == "ratchets"
    for name in ("a/plane", "b/plane"):
        advance = walked.drifts[name][-1][:, 1:]
        assert np.linalg.norm(advance, axis=1) == pytest.approx(step, rel=5e-3)


def test_two_sliders_stay_where_both_hold():
    walked = walk(two_sliders(0.9 * FRICTION * LOW), 0.01, 12)
    assert walked.outcome == "shakes down"
    for motion in walked.motion.values():
        # nothing but the elastic slip that the solver tolerates
        assert shakedown.peak_to_peak(motion.jump)[shakedown.touching(motion)].max() < 1e-4


def test_a_slider_on_a_spring_goes_to_and_fro():
    """Pushed by T to and fro, a block on a spring k slides by 2 (T - mu N)/k: the same in every cycle, so it settles."""
    bodies, materials, interfaces = on_plane()
    held = supports(bodies)
    repeated = Repeated(bodies, materials, interfaces, [push(bodies, s, held) for s in (3.0, -3.0)], TIGHT)
    walked = walk(repeated, 0.01, 12)
    assert walked.outcome == "shakes down"
    motion = shakedown.peak_to_peak(walked.motion["block/plane"].jump)
    assert motion == pytest.approx(2.0 * 2.0 * LIMIT / 1000.0, rel=1e-2)
    assert NORMAL * FRICTION == LIMIT
