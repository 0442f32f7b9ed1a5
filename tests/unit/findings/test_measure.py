"""The findings of a pelvis of boxes: known answers, units everywhere, JSON."""

import json
from dataclasses import replace

import numpy as np
import pytest
from box_pelvis import assembly, interfaces, materials, solution

from femsacrum.case.schema import Case, Patient
from femsacrum.findings import limits
from femsacrum.findings.bone import bone
from femsacrum.findings.measure import measure
from femsacrum.findings.stress import strain
from femsacrum.findings.validity import largest_rotation, rotations
from femsacrum.loads.balance import load_cases
from femsacrum.materials.elastic import Cortex, FromImage

CASE = Case.model_validate(
    {
        "schema_version": 1,
        "name": "boxes",
        "question": "does <b>it</b> stand?",
        "patient": {"mass": "75 kg"},
        "surgery": {"plan": "intact"},
        "loads": [{"name": "standing", "kind": "standing", "source": "test"}],
    }
)


@pytest.fixture(scope="module")
def findings():
    meshed = assembly()
    cases = load_cases(CASE, meshed)
    return measure(CASE, meshed, materials(meshed), interfaces(), cases, (solution(meshed, cases[0]),))


def test_drop_tilt_and_stiffness(findings):
    found = findings["load_cases"]["standing"]["deformation"]
    assert found["L5_drop"] == {"value": pytest.approx(1.0), "unit": "mm"}
    assert found["L5_tilt_sagittal"]["value"] == pytest.approx(0.5)
    assert found["L5_tilt_frontal"]["value"] == pytest.approx(0.0, abs=1e-9)
    sink = 1.0 - np.radians(0.5) * (52.0 - 55.0)  # the load point lies 3 mm in front of the pivot
    assert found["construct_stiffness"]["value"] == pytest.approx(0.536 * 75 * 9.80665 / sink)
    assert found["construct_stiffness"]["unit"] == "N/mm"
    assert "moment" in found["construct_stiffness"]["note"]  # the trunk hands L4 a moment here


def test_implants_and_bones(findings):
    found = findings["load_cases"]["standing"]
    assert found["implants"]["prosthesis"]["von_mises_max"]["value"] == pytest.approx(110.0)
    assert found["implants"]["prosthesis"]["safety_factor_p999"]["value"] == pytest.approx(795 / 110)
    assert found["implants"]["left_fixation"]["safety_factor_max"] == {"value": None, "unit": "1"}  # unstressed
    assert set(found["implants"]["left_fixation"]["parts"]) == {"left_rod", "left_L5_pedicle"}
    assert set(found["bones"]) == {"left_ilium", "right_ilium", "L5", "L4", "left_graft"}


def test_interfaces_and_incorporation(findings):
    found = findings["load_cases"]["standing"]
    assert found["interfaces"]["left_graft/left_ilium"]["slip"]["p95"]["value"] == pytest.approx(30.0)
    assert list(found["incorporation"]) == ["left_graft/left_ilium"]
    assert found["incorporation"]["left_graft/left_ilium"]["risk"] == "low"
    assert findings["incorporation"]["faces"]["left_graft/left_ilium"]["by_load_case"] == {"standing": "low"}


def test_equilibrium_and_validity(findings):
    found = findings["load_cases"]["standing"]
    assert found["equilibrium"]["reactions_off_statics"]["value"] == 0.0
    assert found["equilibrium"]["supports"]["left hip"]["reaction"]["unit"] == "N"
    assert {row["check"]: row["holds"] for row in found["validity"]} == {
        "solution converged": True,
        "loads and reactions balance": True,
        "no body is loose": True,
        "the spine stays within 20 mm of its place": True,
        "rotations below 2 deg": True,
        "slip stays within one facet": True,
        "discs are 2 cells high": True,
        "implants below yield (99.9th percentile)": True,
        "bone and graft strain below yield everywhere": True,
    }


def test_validity_flags_what_is_out_of_the_model():
    meshed = assembly()
    cases = load_cases(CASE, meshed)
    solved = solution(meshed, cases[0], lean=2.5, slip=5.0)
    found = measure(CASE, meshed, materials(meshed), interfaces(), cases, {"standing": solved})["load_cases"][
        "standing"
    ]
    broken = {row["check"]: row["where"] for row in found["validity"] if not row["holds"]}
    assert set(broken) == {"rotations below 2 deg", "slip stays within one facet"}
    assert "2.5 deg" in broken["rotations below 2 deg"][0]
    assert broken["slip stays within one facet"] == ["left_graft/left_ilium", "prosthesis/L5"]


def test_every_number_has_a_unit(findings):
    assert json.loads(json.dumps(findings, allow_nan=False)) == findings
    counts = {"schema_version", "tetrahedra", "nodes", "order", "increments", "value", "cells", "regions_in_all"}

    def bare(entry, path=""):
        if isinstance(entry, dict):
            for key, item in entry.items():
                if key == "value":
                    assert "unit" in entry, path
                elif key not in counts and not (key == "regions" and isinstance(item, int)):
                    yield from bare(item, f"{path}.{key}")
        elif isinstance(entry, list):
            for item in entry:
                yield from bare(item, path)
        elif isinstance(entry, float | int) and not isinstance(entry, bool):
            yield path

    assert list(bare(findings)) == []


def test_the_same_input_gives_the_same_findings(findings):
    meshed = assembly()
    cases = load_cases(CASE, meshed)
    again = measure(CASE, meshed, materials(meshed), interfaces(), cases, (solution(meshed, cases[0]),))
    assert json.dumps(again) == json.dumps(findings)


def test_bent_metal_turns_more_than_the_whole_of_it():
    meshed = assembly()
    solved = solution(meshed, load_cases(CASE, meshed)[0])
    mesh = meshed.bodies["left_fixation"]
    z = mesh.nodes[:, 2] - 50.0
    bent = np.zeros_like(mesh.nodes)
    bent[:, 0] = 0.5 * 2e-3 * z**2  # slope 2e-3 z: from -3.4 to 3.4 deg along 60 mm, nothing on average
    turned, volume = rotations(mesh, bent)
    middle = mesh.nodes[mesh.cells[:, :4]].mean(axis=1)[:, 2] - 50.0
    assert turned == pytest.approx(np.abs(2e-3 * middle) / 2.0)  # half the curl: the cross-sections do not turn here
    assert volume.sum() == pytest.approx(6.0 * 6.0 * 60.0)
    bent[:, 2] = -2e-3 * z * (mesh.nodes[:, 0] - 23.0)  # now they do
    moved = dict(solved.displacements, left_fixation=bent)
    largest, body = largest_rotation(meshed, replace(solved, displacements=moved))
    assert body == "left_fixation"
    assert 0.9 * 3.4 < largest < 3.45


def test_bone_past_yield_is_told_inside_and_in_its_cortex():
    meshed = assembly()
    cases = load_cases(CASE, meshed)
    solved = solution(meshed, cases[0])
    mesh = meshed.bodies["L5"]
    pulled = solved.displacements["L5"] + (mesh.nodes - mesh.nodes.mean(axis=0)) * [0.0, 0.0, 0.0072]
    solved = replace(solved, displacements=dict(solved.displacements, L5=pulled))
    found = measure(CASE, meshed, materials(meshed), interfaces(), cases, (solved,))["load_cases"]["standing"]
    broken = {row["check"]: row["where"] for row in found["validity"] if not row["holds"]}
    # 0.72 %: above the 0.70 % of trabecular bone, below the 0.73 % of cortex; at 0.75 % both yield
    assert broken == {"bone and graft strain below yield everywhere": ["L5: 100 % of its volume"]}
    further = solved.displacements["L5"] + (mesh.nodes - mesh.nodes.mean(axis=0)) * [0.0, 0.0, 0.0003]
    solved = replace(solved, displacements=dict(solved.displacements, L5=further))
    found = measure(CASE, meshed, materials(meshed), interfaces(), cases, (solved,))["load_cases"]["standing"]
    (where,) = (row["where"] for row in found["validity"] if not row["holds"])
    assert [one.rsplit(" ", 1)[1] for one in where] == ["volume", "cortex"]


def test_without_an_image_or_modifiers_nothing_is_said_of_them(findings):
    assert findings["materials_from_image"] == {}
    assert findings["modifiers"] == []
    assert findings["incorporation"]["faces"]["left_graft/left_ilium"]["healing"] is None
    assert sum("Tissue constants are population values" in limit for limit in findings["limits"]) == 1


def test_what_has_changed_the_bone_is_told_with_its_range():
    radiation = {"name": "radiation", "strength": ["0.1 %", "0.3 %"], "healing": ["50 %", "90 %"], "source": "guess"}
    elsewhere = {"name": "age", "healing": "50 %", "bodies": ["L4"], "source": "guess"}
    changed = CASE.model_copy(
        update={"patient": Patient.model_validate({"mass": "75 kg", "modifiers": [radiation, elsewhere]})}
    )
    meshed = assembly()
    cases = load_cases(changed, meshed)
    found = measure(changed, meshed, materials(meshed), interfaces(), cases, (solution(meshed, cases[0]),))
    usual = measure(CASE, meshed, materials(meshed), interfaces(), cases, (solution(meshed, cases[0]),))
    bones = found["load_cases"]["standing"]["bones"]
    assert bones["L5"]["strength_factor"] == {"value": pytest.approx(0.002), "unit": "1"}
    assert bones["left_graft"]["strength_factor"]["value"] == 1.0  # a graft is not the patient's irradiated bone
    face = found["incorporation"]["faces"]["left_graft/left_ilium"]
    assert face["risk"] == usual["incorporation"]["faces"]["left_graft/left_ilium"]["risk"]
    assert [face["healing"][end]["value"] for end in ("least", "nominal", "largest")] == pytest.approx([50, 70, 90])
    assert found["modifiers"][0]["strength"]["nominal"] == {"value": pytest.approx(0.2), "unit": "%"}
    assert found["modifiers"][1]["stiffness"] is None


def test_what_came_from_an_image_is_told_with_its_uncertainty():
    meshed = assembly()
    made = materials(meshed)
    made["L5"] = replace(
        made["L5"], image=FromImage({"youngs_modulus_p50 [MPa]": 120.0, "outside the law's range [%]": 51.0}, True)
    )
    cases = load_cases(CASE, meshed)
    found = measure(CASE, meshed, made, interfaces(), cases, (solution(meshed, cases[0]),))
    told = found["materials_from_image"]
    assert told["calibration"] == "assumed"
    assert told["bodies"]["L5"]["youngs_modulus_p50"] == {"value": 120.0, "unit": "MPa"}
    assert (told["uncertainty_least"]["value"], told["uncertainty_most"]["value"]) == (20.0, 30.0)
    assert any("moduli are uncertain by 20 to 30 %" in limit for limit in found["limits"])
    assert any("no calibration phantom" in limit for limit in found["limits"])
    assert any(limit.startswith("More than half of L5 lies outside the densities") for limit in found["limits"])


def test_a_weaker_bone_yields_at_less_strain():
    """Stretched by 0.5 %: below the 0.61 % of the pelvis and 0.73 % of cortex, above 70 % of the one, 60 % of the other."""
    mesh = assembly().bodies["left_ilium"]
    moved = 0.005 * mesh.nodes * [1.0, 0.0, 0.0]
    cortex = Cortex(mesh.facets[:, :3], np.full(len(mesh.facets), 1.4), 17000.0, 0.3)
    shares = {}
    for strength in (1.0, 0.7, 0.6):
        found = bone(mesh, strain(mesh, moved), cortex, moved, strength)
        shares[strength] = found["share_beyond_yield"]["value"], found["cortex"]["share_beyond_yield"]["value"]
    assert shares[1.0] == (0.0, 0.0)
    assert shares[0.7] == pytest.approx((100.0, 0.0))
    assert shares[0.6][0] == pytest.approx(100.0)
    sides = mesh.nodes[mesh.facets[:, :3]]
    area = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])
    across = np.abs(area[:, 0]).sum() / np.linalg.norm(area, axis=1).sum()  # these sides are not stretched
    assert shares[0.6][1] == pytest.approx(100.0 * (1.0 - across))


def test_the_limits_are_those_of_what_the_case_asks():
    def said(loads, **more):
        asked = {"schema_version": 1, "name": "boxes", "question": "?", "surgery": {"plan": "intact"}, "loads": loads}
        return limits.limits(Case.model_validate(asked | {"patient": {"mass": "75 kg"}} | more), {}, margins=False)

    standing = {"name": "standing", "kind": "standing", "source": "test"}
    walking = {"name": "walking", "kind": "walking", "source": "test"}
    still = said([standing])
    assert limits.INSTANTS_ONLY in still
    assert limits.NO_MUSCLES in still
    assert not {limits.MOVEMENT, limits.MUSCLES, limits.HEALING, limits.NO_FATIGUE} & set(still)
    moving = said([standing, walking])
    assert {limits.INSTANT, limits.MOVEMENT, limits.MUSCLES, limits.NO_FATIGUE, limits.NO_HEALING} <= set(moving)
    assert limits.INSTANTS_ONLY not in moving
    healing = said([walking], course={"healing": {}, "fatigue": {}})
    assert limits.HEALING in healing
    assert not {limits.NO_HEALING, limits.NO_FATIGUE, limits.INSTANT, limits.NO_MUSCLES} & set(healing)
    assert set(limits.ALWAYS) <= set(still) & set(moving) & set(healing)
