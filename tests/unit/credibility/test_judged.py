"""What outcomes are judged by, on three meshes: each has its number, its order, and its band on a verdict."""

import copy
import json

import pytest

from femsacrum.case.outcomes import OUTCOMES
from femsacrum.credibility.convergence_table import lines
from femsacrum.credibility.quantities import quantities
from femsacrum.credibility.refinement import Convergence, Mesh, compare, evidence
from femsacrum.credibility.uncertainty import numerical
from femsacrum.findings.outcomes import readings

SIZES = (2.0, 2.6, 3.38)


def number(value, unit="1"):
    return {"value": value, "unit": unit}


def span(low, high=None):
    return {"low": number(low), "high": number(high or (None if low is None else 4.0 * low))}


def screws(pull_out, toggle):
    rows = {"pull_out": pull_out, "toggle": toggle}
    least = min((low, name, mode) for mode, each in rows.items() for name, low in each.items() if low is not None)
    return {
        "weakest": {"screw": least[1], "mode": least[2], "margin": span(least[0])},
        "screws": {name: {mode: {"margin": span(each[name])} for mode, each in rows.items()} for name in toggle},
    }


def overload(volume):
    bodies = {"L5": {"volume": number(volume, "mm3")}, "L4": {"volume": number(0.0, "mm3")}}
    return {"volume": number(volume, "mm3"), "bodies": bodies}


def solved(size):
    """Findings of a made-up pelvis: what is counted has order 1, the margin 2, fatigue's stress is singular."""
    shares = {"favourable": number(60.0 + 5.0 * size, "%"), "adverse": number(20.0 - 2.0 * size, "%")}
    face = {
        "law": "bonded", "kind": "surface", "loose": False, "micromotion": {"p95": number(5.0 + size, "um"),
        "max": number(9.0, "um")}, "force_on_slave": number([0.0, 3.0, 4.0], "N"),
    }  # fmt: skip
    case = {
        "validity": [],
        "deformation": {"L5_drop": number(0.3, "mm"), "construct_stiffness": number(900.0, "N/mm")},
        "implants": {"rod": {"von_mises_p999": number(90.0 + size, "MPa"), "safety_factor_p999": number(8.0),
                             "yield_stress": number(720.0, "MPa")}},
        "bones": {"L5": {"tensile_strain_p99": number(3e-4)}},
        "overload": overload(40.0 - 10.0 * size),
        "first_damage": {"bodies": {"L5": {key: number(2.0 - 0.1 * size) for key in ("factor", "onset", "wide")}}},
        "interfaces": {"graft/L5": face},
        "incorporation": {"graft/L5": {"risk": "low", **shares}},
        "screws": screws({"left": None, "right": 1e7}, {"left": 0.8 + 0.01 * size**2, "right": 1.4 - 0.2 * size}),
    }  # fmt: skip
    part = {"strength": {}, "safety_factor": {"1e7": number(2.0 * size**0.5)}, "at": number([0.0, 0.0, 0.0], "mm")}
    walk = {
        "outcome": "shakes down",
        "faces": {"graft/L5": {"p95": number(20.0 + size, "um")}},
        "migration": {"faces": {"graft/L5": {"in_a_year": number(0.01, "mm")}, "rod/L5": {"law": "unknown"}}},
        "overload": overload(0.0),
        "screws": screws({"left": 2.0, "right": 3.0}, {"left": 5.0, "right": 6.0}),
        "fatigue": {"bodies": {"rod": {"left_rod": part, "cage": {"strength": None}}}},
    }
    bodies = {"rod": {"order": 2, "role": "fixation"}, "L5": {"order": 1, "role": "bone"}}
    return {
        "mesh": {"bodies": bodies}, "load_cases": {"standing": case}, "movements": {"gait": walk}, "margins": None,
    }  # fmt: skip


def judged(meshes=None, **options):
    """Rows by load case and key, the remarks, and the evidence."""
    told = [solved(size) for size in SIZES] if meshes is None else meshes
    rows, remarks = compare([quantities(each, **options) for each in told], SIZES)
    names = zip(("fine", "middle", "coarse"), (".", "middle", "coarse"), SIZES, strict=True)
    meshed = tuple(Mesh(name, 1.0, 10, size, folder, {}) for name, folder, size in names)
    found = Convergence(meshed, rows, {}, (), remarks)
    by_key = {(row.quantity.load_case, row.quantity.key): row for row in rows}
    return by_key, remarks, json.loads(json.dumps(evidence(found))), found


@pytest.mark.parametrize("outcome", [key for key, kind in OUTCOMES.items() if set(kind.under) != {"plan"}])
def test_every_outcome_of_a_load_has_its_number_on_three_meshes_and_its_band(outcome):
    told = judged(movements=True)[2]
    found = [each for each in readings(outcome, solved(SIZES[0])) if each.value is not None]
    assert {each.load_case for each in found} == {
        "standing" if under == "instant" else "gait" for under in OUTCOMES[outcome].under
    }
    for each in found:
        band, why = numerical(told, each.load_case, each.key, each.value, each.inverse_of)
        assert why in ("", "singular"), each
        assert (band is None) == (each.key == "fatigue.left_rod")
        assert band is None or band.low <= each.value <= band.high


def test_what_is_counted_has_order_one_and_a_margin_that_of_a_force():
    rows = judged(movements=True)[0]
    orders = {key: row.quantity.formal for (_, key), row in rows.items()}
    for key in ("overload.volume", "overload.L5.volume", "incorporation.graft/L5.adverse"):
        assert orders[key] == 1
        assert rows["standing", key].estimate.order == pytest.approx(1.0, abs=1e-6)
        assert rows["standing", key].estimate.asymptotic
    margin = rows["standing", "screws.left.toggle"]
    assert (margin.quantity.formal, margin.estimate.asymptotic) == (2, True)
    assert margin.estimate.richardson == pytest.approx(0.8)


def test_metal_that_uses_ever_more_of_its_fatigue_strength_is_singular():
    row = judged(movements=True)[0]["gait", "fatigue.left_rod"]
    assert row.values == pytest.approx([0.5 * size**-0.5 for size in SIZES])
    assert row.singular


def test_a_weakest_screw_that_is_another_one_is_said_and_has_no_order():
    rows, remarks, told, _ = judged()
    row = rows["standing", "screws.weakest"]
    assert row.values == pytest.approx((0.84, 0.8 + 0.01 * 2.6**2, 1.4 - 0.2 * 3.38))
    assert row.estimate.order is None
    assert not row.estimate.asymptotic
    assert row.estimate.gci == pytest.approx(3.0 * (max(row.values) - min(row.values)))
    said = "not of the same on all meshes: left, toggling; left, toggling; right, toggling"
    assert remarks == (f"standing, margin of the weakest screw, its low end: {said}",)
    (kept,) = (each for each in told["quantities"] if each["key"] == "screws.weakest")
    assert kept["why"] == said
    assert not kept["asymptotic"]


def test_the_same_screw_on_all_meshes_is_compared():
    meshes = [solved(size) for size in SIZES]
    for each, size in zip(meshes, SIZES, strict=True):
        each["load_cases"]["standing"]["screws"] = screws({"left": 3.0}, {"left": 0.8 + 0.01 * size**2})
    rows, remarks, *_ = judged(meshes)
    assert rows["standing", "screws.weakest"].estimate.order == pytest.approx(2.0, abs=1e-6)
    assert remarks == ()


def test_nothing_overloaded_is_a_value_but_no_sign_of_convergence():
    rows, _, told, found = judged()
    row = rows["standing", "overload.L4.volume"]
    assert row.values == (0.0, 0.0, 0.0)
    assert not row.counts
    assert numerical(told, "standing", row.quantity.key, 0.0)[0].high == 0.0
    (counted,) = (line for line in lines(found) if "in the asymptotic range" in line)
    assert f" of {len(rows) - 1} quantities" in counted


def test_all_of_an_area_on_every_mesh_is_no_sign_of_convergence_either():
    meshes = [solved(size) for size in SIZES]
    for each in meshes:
        shares = each["load_cases"]["standing"]["incorporation"]["graft/L5"]
        shares["favourable"], shares["adverse"] = number(100.0, "%"), number(0.0, "%")
    rows, _, told, _ = judged(meshes)
    counts = {row["key"]: row["counts"] for row in told["quantities"]}
    assert not counts["incorporation.graft/L5.favourable"]
    assert not counts["incorporation.graft/L5.adverse"]
    assert counts["overload.volume"]
    assert rows["standing", "incorporation.graft/L5.favourable"].estimate.gci == 0.0


def test_what_is_overloaded_on_a_coarse_mesh_alone_widens_the_band_of_the_fine_one():
    meshes = [solved(size) for size in SIZES]
    for each, volume in zip(meshes, (0.0, 0.0, 12.0), strict=True):
        each["load_cases"]["standing"]["overload"] = overload(volume)
    told = judged(meshes)[2]
    assert numerical(told, "standing", "overload.L5.volume", 0.0)[0].high == pytest.approx(36.0)


def test_a_margin_without_bound_hides_no_other_and_strains_are_not_held_against_margins():
    found = quantities(solved(2.0))
    assert ("standing", "screws.left.toggle") in found
    assert ("standing", "bones.L5.tensile_strain_p99") in found
    assert ("standing", "screws.left.pull_out") not in found


def test_a_bonded_face_that_is_judged_has_its_micromotion_and_no_area_in_contact():
    keys = {key for _, key in quantities(solved(2.0))}
    assert "interfaces.graft/L5.micromotion.p95" in keys
    assert "interfaces.graft/L5.|contact_area|" not in keys


def test_what_only_the_coarse_mesh_tells_is_a_remark():
    meshes = [solved(size) for size in SIZES]
    del meshes[0]["load_cases"]["standing"]["deformation"]["L5_drop"]
    assert "standing, drop of L5: not on all three meshes" in judged(meshes)[1]


def test_movements_are_looked_at_only_where_they_are_asked_for():
    assert {case for case, _ in quantities(solved(2.0))} == {"standing"}
    assert {case for case, _ in quantities(solved(2.0), movements=True)} == {"standing", "gait"}


def test_a_movement_that_did_not_come_to_rest_has_no_quantities():
    restless = copy.deepcopy(solved(2.0))
    restless["movements"]["gait"]["outcome"] = "undecided"
    assert {case for case, _ in quantities(restless, movements=True)} == {"standing"}
