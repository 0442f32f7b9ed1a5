"""What holds the pelvis: springs share what statics leaves open, rows at rest carry nothing, L4 may be guided or held."""

import numpy as np
import pytest
from boxed_pelvis import TOP, bonds, boxed, materials
from synthetic_pelvis import pelvis

from femsacrum.case.schema import Case, Solver
from femsacrum.findings.deformation import rigid_fit
from femsacrum.loads.balance import load_cases
from femsacrum.loads.joints import free, hip_loads, hip_springs, isostatic, l4_support, wrench
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.loads.patches import landmark, upper_endplate
from femsacrum.mechanics.equilibrium import solve

#: Of the trunk, forwards, to one side and down [N]; moment about L4 [N mm].
FORCE, MOMENT = np.array([0.0, 0.0, -400.0]), np.array([0.0, 5000.0, 0.0])
TIGHT = Solver(tolerance=1e-10)


@pytest.fixture(scope="module")
def built():
    meshed = boxed()
    return meshed, materials(meshed), bonds()


def trunk(meshed, moment=MOMENT):
    """A load whose sagittal moment about the hip axis vanishes, as in a posture that balances."""
    patch = upper_endplate(meshed)
    over = np.array([TOP[0], landmark(meshed, "left_hip_centre")[1], TOP[2]])
    return Applied("upper body on L4", patch.body, patch.facets, FORCE, moment, over, "test")


def solved(built, applied, supports):
    meshed, given, laws = built
    return solve(meshed.bodies, given, laws, LoadCase("x", tuple(applied), tuple(supports), {}, 0.0), TIGHT)


def edges_stretched(meshed, solution):
    """How much longer every edge of a boundary facet became, all bodies one after the other [mm]: no rigid motion."""
    out = []
    for name, mesh in meshed.bodies.items():
        moved = solution.displacements[name]
        for a, b in ((0, 1), (1, 2), (2, 0)):
            ends = mesh.facets[:, a], mesh.facets[:, b]
            along = mesh.nodes[ends[1]] - mesh.nodes[ends[0]]
            along /= np.linalg.norm(along, axis=1)[:, None]
            out.append(np.einsum("ij,ij->i", moved[ends[1]] - moved[ends[0]], along))
    return np.concatenate(out)


@pytest.fixture(scope="module")
def on_ball_joints(built):
    supports, reactions = isostatic(built[0], "left", (trunk(built[0]),))
    return solved(built, (trunk(built[0]),), supports), reactions


def test_ball_joints_carry_what_statics_says(on_ball_joints):
    solution, reactions = on_ball_joints
    assert reactions["left hip"][2] + reactions["right hip"][2] == pytest.approx(400.0)
    # the moment about y lifts the right side: 5 N m over 120 mm between the hips
    assert reactions["left hip"][2] - reactions["right hip"][2] == pytest.approx(2.0 * 5000.0 / 120.0)
    for name, force in reactions.items():
        assert solution.reactions[name] == pytest.approx(force, abs=1e-5 * 400.0)


def hips(solution):
    return np.array([solution.reactions["left hip"], solution.reactions["right hip"]])


def test_springs_share_the_thrust_between_the_hips_and_nothing_else(built, on_ball_joints):
    meshed = built[0]
    loads = (trunk(meshed),)
    soft, stiff = (solved(built, loads, hip_springs(meshed, stiffness=each)) for each in (20.0, 2e5))
    for solution in (soft, stiff):
        assert hips(solution)[:, 1:] == pytest.approx(hips(on_ball_joints[0])[:, 1:], abs=1e-3 * 400.0)
        assert hips(solution)[:, 0].sum() == pytest.approx(0.0, abs=1e-3 * 400.0)
        assert np.linalg.norm(solution.reactions["symphysis"]) < 1e-3 * 400.0
    # hips pressed from below spread the wings or close them; a stiff pair of springs resists more than a soft one
    thrust = [abs(hips(solution)[0, 0]) for solution in (soft, stiff)]
    assert thrust[1] > 5.0 * thrust[0] > 0.0
    assert hips(on_ball_joints[0])[0, 0] == pytest.approx(0.0, abs=1e-6 * 400.0)


def test_springs_give_way_by_force_over_stiffness(built):
    meshed = built[0]
    supports = hip_springs(meshed)
    assert [each.stiffness for each in supports[:2]] == [2e3, 2e3]
    solution = solved(built, (trunk(meshed, np.zeros(3)),), supports)
    mesh = meshed.bodies["left_ilium"]
    held = np.unique(supports[0].facets)
    shift, turn, middle = rigid_fit(mesh.nodes[held], solution.displacements["left_ilium"][held])
    centre = shift + np.cross(turn, landmark(meshed, "left_hip_centre") - middle)
    assert centre[2] == pytest.approx(-200.0 / 2e3, rel=0.02)


@pytest.fixture(scope="module")
def with_loaded_hips(built, on_ball_joints):
    pushes = {side: on_ball_joints[1][f"{side} hip"] for side in ("left", "right")}
    return (trunk(built[0]), *hip_loads(built[0], pushes, "test"))


def test_loaded_hips_balance_and_push_on_the_cup_through_its_centre(built, with_loaded_hips):
    force, moment = wrench(with_loaded_hips, np.zeros(3))
    assert np.abs(force).max() < 1e-9 * 400.0
    assert np.abs(moment).max() < 1e-7 * 400.0
    assert [load.name for load in with_loaded_hips[1:]] == ["femur on left hip", "femur on right hip"]
    assert with_loaded_hips[1].point == pytest.approx(landmark(built[0], "left_hip_centre"))
    assert hip_loads(built[0], {"left": np.zeros(3)}, "test") == ()
    (away,) = hip_loads(built[0], {"left": np.array([0.0, 0.0, -500.0])}, "test")
    assert len(away.facets) == len(free(built[0])[0].facets)  # what does not press is spread over the whole cup


def elsewhere(meshed):
    """Six other rows: the mean motion and turn of the whole of L4."""
    mesh = meshed.bodies["L4"]
    facets = mesh.facets_of("surface")
    return (Support("L4, at rest", "L4", facets, "mean", np.eye(3), 1e5, TOP, np.eye(3)),)


def test_rows_at_rest_carry_nothing_whichever_they_are(built, on_ball_joints, with_loaded_hips):
    meshed = built[0]
    wanted = edges_stretched(meshed, on_ball_joints[0])
    rows = (free(meshed), free(meshed, "right"), elsewhere(meshed))
    for supports in rows:
        solution = solved(built, with_loaded_hips, supports)
        for each in supports:
            assert np.linalg.norm(solution.reactions[each.name]) < 1e-6 * 400.0
            assert np.linalg.norm(solution.reaction_moments[each.name]) < 1e-6 * 400.0 * 100.0
        # the same strain, and that of ball joints, which press on the same part of the cup
        assert edges_stretched(meshed, solution) == pytest.approx(wanted, abs=1e-5 * np.abs(wanted).max())


def test_free_rows_tell_displacements_relative_to_the_hips(built, on_ball_joints, with_loaded_hips):
    solution = solved(built, with_loaded_hips, free(built[0]))
    whole, part = (each.displacements["L4"][:, 2].mean() for each in (solution, on_ball_joints[0]))
    # ball joints give way by 200 N over their stiffness, rows at rest by nothing
    assert whole == pytest.approx(part + 200.0 / 1e5, rel=0.02)


def test_a_guided_l4_goes_straight_down(built, on_ball_joints):
    meshed = built[0]
    loads = (trunk(meshed),)
    supports = (*isostatic(meshed, "left", loads)[0], *l4_support(meshed, "guided"))
    solution = solved(built, loads, supports)
    tilt = {}
    for name, each in (("guided", solution), ("free", on_ball_joints[0])):
        held = np.unique(supports[-1].facets)
        moved = each.displacements["L4"][held]
        shift, turn, _ = rigid_fit(meshed.bodies["L4"].nodes[held], moved)
        assert shift[2] < 0.0
        tilt[name] = np.linalg.norm(turn), np.linalg.norm(shift[:2])
    assert tilt["guided"][0] < 0.1 * tilt["free"][0]
    assert tilt["guided"][1] < 0.1 * tilt["free"][1]
    # most of the moment that leaned to the left is in the machine now, and no longer in the hips
    leaned = [np.diff(hips(each)[:, 2])[0] for each in (solution, on_ball_joints[0])]
    assert 0.0 < leaned[0] / leaned[1] < 0.25
    assert abs(solution.reaction_moments["machine"][1]) > 0.75 * 5000.0
    assert abs(solution.reactions["machine"][2]) < 1e-6 * 400.0


def test_a_held_l4_gives_what_the_trunk_has_to(built, with_loaded_hips):
    meshed = built[0]
    supports = l4_support(meshed, "held")
    solution = solved(built, with_loaded_hips[1:], supports)  # the hips alone
    assert solution.reactions["trunk holds L4"] == pytest.approx(FORCE, abs=1e-6 * 400.0)
    about_origin = MOMENT + np.cross(with_loaded_hips[0].point, FORCE)
    assert solution.reaction_moments["trunk holds L4"] == pytest.approx(about_origin, abs=1e-4 * 400.0)
    # statically determinate again: strains of a free pelvis on which the trunk presses
    pressed = solved(built, with_loaded_hips, free(meshed))
    wanted = edges_stretched(meshed, pressed)
    assert edges_stretched(meshed, solution) == pytest.approx(wanted, abs=1e-5 * np.abs(wanted).max())


def test_a_free_l4_is_not_held(built):
    assert l4_support(built[0], "free") == ()


def test_hips_are_held_where_the_femur_presses(built):
    meshed = built[0]
    whole = hip_springs(meshed)
    inwards = hip_springs(meshed, {"left": np.array([-30.0, 0.0, 100.0])})
    assert [each.name for each in inwards] == ["left hip", "right hip", "symphysis"]
    assert 0 < len(inwards[0].facets) <= len(whole[0].facets)
    assert np.array_equal(inwards[1].facets, whole[1].facets)
    assert inwards[0].point == pytest.approx(landmark(meshed, "left_hip_centre"))


@pytest.mark.parametrize("kind", ["standing", "crutch_stance"])
def test_a_posture_without_its_hips_forces_gets_them_from_statics(kind):
    given = {"schema_version": 1, "name": "x", "patient": {"mass": "75 kg"}, "surgery": {"plan": "intact"}}
    loads = [{"name": each, "kind": kind, "support": each, "source": "x"} for each in ("hips", "free")]
    held, loose = load_cases(Case.model_validate(given | {"loads": loads}), pelvis())
    force, moment = wrench(loose.applied, np.zeros(3))
    assert np.abs(force).max() < 1e-6 * 735.0
    assert np.abs(moment).max() < 1e-6 * 735.0 * 100.0
    assert all(not reaction.any() for reaction in loose.expected_reactions.values())
    assert {each.name for each in loose.supports} == set(loose.expected_reactions)
    assert loose.measures == held.measures
    femora = {load.name: load for load in loose.applied if load.name.startswith("femur")}
    assert femora["femur on left hip"].force == pytest.approx(held.expected_reactions["left hip"])
