"""A law from a user's file acts like a built-in one, and is refused in one line where it is wrong."""

import numpy as np
import pytest
from blocks import AREA, LAYER, LIMIT, NORMAL, SPRING, layered, push, slide, supports

from femsacrum.case.schema import Solver
from femsacrum.errors import InputError, NumericalError
from femsacrum.mechanics.equilibrium import history, solve
from femsacrum.mechanics.interfaces import UserLaw
from femsacrum.mechanics.user_law import load

#: Fibres that give way for good the farther they have been drawn; how far is what they keep.
FIBRES = """
import numpy as np

def fibres(jump, before, kept, stiffness, length):
    away = np.linalg.norm(jump, axis=1)
    worst = np.maximum(kept[:, 0], away)
    left = stiffness / (1.0 + worst / length)
    tangent = left[:, None, None] * np.eye(3)
    drawn = away > kept[:, 0]
    change = np.where(drawn, left**2 / (stiffness * length * np.maximum(away, 1e-30)), 0.0)
    tangent -= change[:, None, None] * jump[:, :, None] * jump[:, None, :]
    return left[:, None] * jump, tangent, np.column_stack([worst, 0.0 * worst, 0.0 * worst])
"""
ELASTIC = """
import numpy as np

def layer(jump, before, kept, stiffness):
    return stiffness * jump, np.tile(stiffness * np.eye(3), (len(jump), 1, 1)), kept
"""


def solved(bodies, materials, interfaces, share=0.75):
    return solve(bodies, materials, interfaces, push(bodies, share, supports(bodies)), Solver(tolerance=1e-10))


def jump_of(state):
    """Shape (p, 3), its normal component along the normal [mm]."""
    return state.slip - state.gap[:, None] * state.normals


def traction_of(state):
    """Resisting the jump, shape (p, 3) [MPa]."""
    return state.pressure[:, None] * state.normals - state.shear


def test_a_stiffening_layer_pulls_as_its_formula_says():
    end = solved(*layered(stiffness=5.0, size=0.3))
    state = end.interfaces["block/plane"]
    jump = jump_of(state)
    away = np.linalg.norm(jump, axis=1)
    assert away.max() > 0.25  # (away / size)^4 counts
    np.testing.assert_allclose(traction_of(state), 5.0 * (1.0 + (away[:, None] / 0.3) ** 4) * jump, atol=1e-12)
    assert not state.elastic_slip.any()
    total = state.area @ traction_of(state)
    np.testing.assert_allclose(total, [0.75 * LIMIT - SPRING * slide(end), 0.0, -NORMAL], rtol=1e-7, atol=1e-5)


def test_a_linear_one_is_the_same_as_bonded_and_remembers_nothing():
    bodies, materials, interfaces = layered(ELASTIC, stiffness=5.0)
    held = supports(bodies)
    forth, rest = history(bodies, materials, interfaces, [push(bodies, each, held) for each in (1.0, 0.0)], Solver())
    assert slide(forth) == pytest.approx(LIMIT / (5.0 * AREA + SPRING), rel=2e-2)
    assert abs(slide(rest)) < 1e-4 * slide(forth)  # nothing but the mesh's asymmetry


def test_what_it_keeps_comes_back_at_the_next_load_case():
    bodies, materials, interfaces = layered(FIBRES, "fibres", stiffness=20.0, length=0.3)
    held = supports(bodies)
    cases = [push(bodies, each, held) for each in (0.2, 4.0, 0.2)]
    ends = list(history(bodies, materials, interfaces, cases, Solver(tolerance=1e-9)))
    states = [end.interfaces["block/plane"] for end in ends]
    worst = np.zeros(len(states[0].points))
    for state in states:
        jump = jump_of(state)
        worst = np.maximum(worst, np.linalg.norm(jump, axis=1))
        np.testing.assert_allclose(traction_of(state), (20.0 / (1.0 + worst / 0.3))[:, None] * jump, atol=1e-10)
    # what the large load has drawn out stays so
    assert slide(ends[2]) > 1.1 * slide(ends[0])


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ("def other(): pass", 'layer: the file has no function "layer"'),
        ("layer = 3.0", 'layer: the file has no function "layer"'),
        ("def layer(:", "layer: SyntaxError"),
        ("import nowhere_to_be_found", "layer: ModuleNotFoundError"),
        ("1 / 0", "layer: ZeroDivisionError"),
    ],
)
def test_a_file_that_does_not_run_is_an_error_of_the_case(source, match):
    with pytest.raises(InputError, match=match) as told:
        load(UserLaw("layer", source, "layer", {}))
    assert str(told.value).count("\n") == 0


WRONG = {
    "traction of one component": (
        "jump[:, :1], jump[:, :, None] * jump[:, None, :], kept",
        "traction must be finite",
    ),
    "tangent of one row": ("jump, jump, kept", r"tangent must be finite and of shape \(\d+, 3, 3\)"),
    "nothing kept": ("jump, jump[:, :, None] * jump[:, None, :], 0.0", "now must be finite"),
    "two of three": (
        "jump, jump[:, :, None] * jump[:, None, :]",
        "must give back traction, tangent and what it keeps",
    ),
    "not a number": ("np.nan * jump, jump[:, :, None] * jump[:, None, :], kept", "traction must be finite"),
    "a mistake": ("jump @ missing", "NameError"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_it_gives_back_is_checked(wrong):
    expression, match = wrong
    source = f"import numpy as np\n\ndef layer(jump, before, kept, stiffness, size):\n    return {expression}\n"
    with pytest.raises(NumericalError, match=f'law "layer": .*{match}') as told:
        solved(*layered(source))
    assert str(told.value).count("\n") == 0


def test_a_parameter_it_does_not_know_is_told():
    bodies, materials, interfaces = layered(LAYER, stiffness=1.0, size=0.01, colour=3.0)
    with pytest.raises(NumericalError, match=r'law "layer": TypeError.*colour'):
        solved(bodies, materials, interfaces)


def test_it_cannot_change_what_it_is_given():
    source = LAYER.replace("    away =", "    kept[:] = before[:] = 7.0\n    jump[:] = 1.0 * jump\n    away =")
    mild = {"stiffness": 5.0, "size": 0.3}
    clean, meddling = solved(*layered(**mild)), solved(*layered(source, **mild))
    np.testing.assert_array_equal(clean.displacements["block"], meddling.displacements["block"])
