"""What one input after the other changes: carried over to the case's mesh, ranked, told."""

import json

import pytest

from femsacrum.credibility.hinging import hinging, is_outcome
from femsacrum.credibility.influence import Answer, Uncertain, carried_over, evidence, ranks, rows
from femsacrum.credibility.quantity import Quantity


def uncertain(name, low=0.5, high=2.0):
    return Uncertain(name, low, high, "factor", (1.0, 1.0), "somewhere", "M-low")


def drop(value, case="standing", key="deformation.L5_drop"):
    return Quantity(case, key, "drop of L5", "mm", value, "motion", 2)


def solved(value, **more):
    return {"standing": Answer((drop(value, **more),))}


def found(own=1.0, rough=1.1, **ends):
    """Rows of one quantity: input -> its low and high value on the rougher mesh."""
    given = [(uncertain(name), solved(low), solved(high)) for name, (low, high) in ends.items()]
    return rows({("standing", "deformation.L5_drop"): drop(own)}, solved(rough), given)


@pytest.mark.parametrize(
    ("own", "rough", "varied", "value", "how"),
    [
        (2.0, 1.0, 1.5, 3.0, "scaled"),
        (-2.0, -1.0, 0.5, 1.0, "scaled"),
        (1.0, 4.0, 5.0, 2.0, "shifted"),
        (1.0, 4.0, 2.0, 0.0, "shifted"),
        (0.0, 0.0, 7.0, 7.0, "shifted"),
        (0.5, -0.1, -0.4, 0.2, "shifted"),
    ],
)
def test_a_factor_is_carried_over_where_the_meshes_agree_else_a_difference(own, rough, varied, value, how):
    assert carried_over(own, rough, varied) == (pytest.approx(value), how)


def test_inputs_are_ranked_by_what_they_span_the_models_own_value_included():
    made = found(own=1.0, rough=1.0, bone=(1.1, 0.9), disc=(1.3, 1.3), cortex=(1.0, 1.05))
    assert [(row.given.name, row.rank) for row in made] == [("disc", 1), ("bone", 2), ("cortex", 3)]
    assert [row.span for row in made] == pytest.approx([0.3, 0.2, 0.05])


def test_on_the_cases_own_mesh_values_are_those_solved():
    (row,) = found(own=1.0, rough=1.0, bone=(1.1, 0.9))
    assert (row.low_value, row.high_value) == (pytest.approx(1.1), pytest.approx(0.9))


def test_an_end_without_a_solution_is_told_and_the_other_end_counts():
    ends = [(uncertain("bone"), {"standing": Answer((), "stopped at 62 %")}, solved(1.2)),
            (uncertain("disc"), solved(1.1), {"standing": Answer(())})]  # fmt: skip
    made = rows({("standing", "deformation.L5_drop"): drop(1.0)}, solved(1.0), ends)
    bone, disc = made
    assert (bone.low_value, bone.high_value, bone.why) == (None, pytest.approx(1.2), ("stopped at 62 %", ""))
    assert disc.high_value is None
    assert "no value there" in disc.why[1]
    told = {each.given.name: each.stopped for each in ranks(made)}
    assert told["bone"] == ("standing, low end: stopped at 62 %",)
    content = evidence(made, ranks(made))
    assert content["rows"][0]["low_value"] is None
    assert content["rows"][0]["why"] == {"low": "stopped at 62 %", "high": ""}
    assert content["inputs"][0]["not_known"] == ["standing, low end: stopped at 62 %"]


def test_a_quantity_that_the_rougher_mesh_lacks_is_not_made_up():
    made = rows({("standing", "deformation.L5_drop"): drop(1.0)}, {"standing": Answer(())}, [
        (uncertain("bone"), solved(1.0), solved(2.0))])  # fmt: skip
    assert (made[0].low_value, made[0].high_value) == (None, None)
    assert made[0].why[0] == "the rougher mesh has no value of it"


def test_influence_is_the_mean_share_of_what_moves_the_outcomes():
    own, base, low, high = {}, [], {"bone": [], "disc": []}, {"bone": [], "disc": []}
    spans = {  # of bone and disc; the last two do not count
        "deformation.L5_drop": (3.0, 1.0),
        "overload.volume": (0.0, 8.0),
        "screws.weakest": (0.004, 0.004),
        "equilibrium.supports.hip.|reaction|": (5.0, 0.0),
    }
    for key, moved in spans.items():
        own["standing", key] = drop(1.0, key=key)
        base.append(drop(1.0, key=key))
        for name, span in zip(("bone", "disc"), moved, strict=True):
            low[name].append(drop(1.0, key=key))
            high[name].append(drop(1.0 + span, key=key))
    ends = [(uncertain(name), {"standing": Answer(tuple(low[name]))}, {"standing": Answer(tuple(high[name]))})
            for name in low]  # fmt: skip
    ranked = ranks(rows(own, {"standing": Answer(tuple(base))}, ends))
    assert [(each.given.name, each.rank) for each in ranked] == [("disc", 1), ("bone", 2)]
    assert [each.influence for each in ranked] == pytest.approx([(0.25 + 1.0) / 2, (0.75 + 0.0) / 2])


def test_the_evidence_is_json_and_says_how_it_is_read():
    made = found(bone=(1.2, 1.0))
    content = json.loads(json.dumps(evidence(made, ranks(made)), allow_nan=False))
    (row,) = content["rows"]
    assert row["quantity"] == "standing: deformation.L5_drop"
    assert row["rough"] == {"not_varied": 1.1, "low": 1.2, "high": 1.0}
    assert row["carried"] == "scaled"
    assert row["low_value"] == pytest.approx(1.2 / 1.1)
    assert set(content["rules"]) >= {"values", "rank", "influence"}
    assert content["inputs"][0]["influence"] == 1.0


def test_what_is_looked_at_are_main_quantities_without_peaks_and_what_is_judged():
    def number(value, unit):
        return {"value": value, "unit": unit}

    margin = {"low": number(0.8, "1"), "high": number(1.9, "1")}
    case = {
        "deformation": {"L5_drop": number(0.3, "mm")},
        "implants": {"rod": {"von_mises_max": number(300.0, "MPa"), "von_mises_p999": number(200.0, "MPa"),
                             "at": number([0.0, 0.0, 0.0], "mm")}},
        "overload": {"volume": number(0.0, "mm3")},
        "screws": {"weakest": {"screw": "left_iliac_1", "mode": "toggle", "margin": margin}},
    }  # fmt: skip
    found = hinging({"mesh": {"bodies": {"rod": {"order": 2}}}, "load_cases": {"standing": case}})
    assert {key: each.value for (_, key), each in found.items()} == {
        "deformation.L5_drop": 0.3, "implants.rod.von_mises_p999": 200.0, "overload.volume": 0.0, "screws.weakest": 0.8,
    }  # fmt: skip
    assert all(is_outcome(each) for each in found.values())
