"""Every study, coarsely, from case file to findings: converged, balanced, and in the places it ought to be."""

import json
import shutil

import numpy as np
import pytest
from coarse_studies import COARSE, MESHES, STUDIES, coarse, converged_and_balanced

import femsacrum as fs
from femsacrum.anatomy.model import ROLES
from femsacrum.anatomy.reference import reference
from meshes import synthetic_ct

#: Of the synthetic images here [mm]: coarser than a scanner's, to be quick.
VOXEL = 1.6


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return folder, fs.run(coarse("total_sacrectomy"), folder=folder)


def test_every_load_case_converges_and_balances(run):
    _, findings = run
    assert list(findings["load_cases"]) == ["standing", "crutch stance"]
    assert all(converged_and_balanced(case) for case in findings["load_cases"].values())


def test_the_hips_carry_what_statics_says(run):
    _, findings = run
    for support in findings["load_cases"]["standing"]["equilibrium"]["supports"].values():
        reaction, expected = support["reaction"]["value"], support["expected"]["value"]
        assert reaction == pytest.approx(expected, abs=1e-3)


def test_standing_is_symmetric(run):
    _, findings = run
    implants = findings["load_cases"]["standing"]["implants"]
    left, right = (implants[f"{side}_fixation"]["von_mises_p999"]["value"] for side in ("left", "right"))
    assert left == pytest.approx(right, rel=0.05)


def test_every_rod_and_screw_bends_as_a_beam_in_the_mesh_of_the_run(run):
    _, findings = run
    members = findings["beams"]["members"]
    ratios = {name: row["ratio"]["value"] for name, row in members.items() if row["stations"]}
    assert {screw["name"] for screw in findings["surgery"]["screws"]} <= set(ratios)
    assert {name.partition(" ")[0] for name in ratios} >= {"left_rod", "right_rod"}
    assert all(abs(ratio - 1.0) < 0.05 for ratio in ratios.values())
    assert not findings["beams"]["doubts"]


def test_the_run_folder_holds_what_was_found(run):
    folder, findings = run
    assert json.loads((folder / "findings.json").read_text(encoding="utf-8")) == findings
    assert list((folder / "fields").iterdir())


def test_a_plan_stands_beside_the_same_patient_untouched(run, tmp_path):
    """Every face bonded, to be quick."""
    folder, _ = run
    shutil.copytree(folder / "stages", tmp_path / "stages")  # meshed already
    bonded = "interfaces=[{between=['*', '*'], law='bonded', source='to be quick'}]"
    changes = [*COARSE, bonded, "course.against_intact=true", "output.figures=false"]
    case = fs.load(STUDIES / "total_sacrectomy/case.toml", overrides=changes)
    found = fs.run(case.model_copy(update={"loads": case.loads[:1]}), folder=tmp_path)["against_intact"]
    standing = found["load_cases"]["standing"]
    sides = [standing["shielding"][f"{side}_ilium"] for side in ("left", "right")]
    assert all(share["value"] > 99.0 for share in standing["shielding"]["matched"].values())
    for region in ("wing", "pubis", "ischium"):  # tied together behind, the ring bends less, on both sides alike
        left, right = (side[region]["energy_change"]["value"] for side in sides)
        assert left < -30.0
        assert left == pytest.approx(right, abs=10.0)
    for paths in (standing["load_paths"], standing["load_paths_intact"]):
        for cut in paths.values():
            assert sum(path["share"]["value"] for path in cut["paths"].values()) == pytest.approx(100.0, abs=0.1)
    assert found["junction"]["loads"]["compression"]["at L5"]["of_intact"]["value"] > 150.0
    assert (tmp_path / "intact/case.toml").exists()


def test_the_intact_pelvis_is_as_stiff_as_a_cadaver(tmp_path):
    """353 +- 62 N/mm, Hugate 2006, and 392 N/mm, Yu 2010; a coarse mesh is a little too stiff."""
    findings = fs.run(coarse("intact_reference"), folder=tmp_path)
    case = findings["load_cases"]["axial"]
    assert converged_and_balanced(case)
    assert 290.0 < case["deformation"]["construct_stiffness"]["value"] < 450.0


def test_a_patient_of_images_stands_as_the_one_they_were_made_of(run, tmp_path):
    """Labels give the bones back, and the CT a softer lower and a stiffer upper end of them."""
    parts = reference(fs.load(STUDIES / "total_sacrectomy/case.toml").anatomy).parts
    bones = {name: surface for name, surface in parts.items() if ROLES[name] == "bone"}
    grid = synthetic_ct.grid_around(bones, np.full(3, VOXEL))
    synthetic_ct.write(synthetic_ct.labelled(bones, grid)[0], tmp_path / "synthetic_labels.nii.gz")
    synthetic_ct.write(synthetic_ct.scanned(bones, grid), tmp_path / "synthetic_ct.nii.gz")
    case = fs.load(STUDIES / "total_sacrectomy_ct/case.toml", overrides=MESHES, data=[tmp_path])
    findings = fs.run(case.model_copy(update={"loads": case.loads[:1]}), folder=tmp_path / "run")
    found, told = findings["load_cases"]["standing"], findings["materials_from_image"]["bodies"]
    assert converged_and_balanced(found)
    stiffness = {name: told[name]["youngs_modulus_p50"]["value"] for name in ("left_ilium", "L5", "L4")}
    assert stiffness["left_ilium"] < stiffness["L5"] < stiffness["L4"]
    assert told["left_ilium"]["cortex_p50"]["value"] == pytest.approx(1.5, abs=0.2 * VOXEL)  # the synthetic cortex
    assert findings["materials_from_image"]["doubts"]
    _, tables = run
    for name in ("left_ilium", "right_ilium"):
        volumes = [each["mesh"]["bodies"][name]["volume"]["value"] for each in (findings, tables)]
        assert volumes[0] == pytest.approx(volumes[1], rel=0.02)
    stiff = [
        each["load_cases"]["standing"]["deformation"]["construct_stiffness"]["value"] for each in (findings, tables)
    ]
    assert 1.0 < stiff[0] / stiff[1] < 1.4


def test_softer_bone_lets_the_spine_down_further(run, monkeypatch):
    """Real solves at both ends of one range, on the mesh of the run: what is not varied is what the run found."""
    from femsacrum.credibility import sensitivity, vary
    from femsacrum.sources.tables import table

    folder, findings = run
    bone = {"bone_modulus": table("ranges")["bone_modulus"]}
    for module in (sensitivity, vary):
        monkeypatch.setattr(module, "table", lambda name: bone)
    monkeypatch.setattr(sensitivity, "instants", lambda case: case.model_copy(update={"loads": case.loads[:1]}))
    found = sensitivity.sensitivity(folder, coarse("total_sacrectomy"), ratio=1.0)
    told = {row.quantity.key: row for row in found.rows}
    drop = told["deformation.L5_drop"]
    assert drop.quantity.value == findings["load_cases"]["standing"]["deformation"]["L5_drop"]["value"]
    assert drop.rough[0] == pytest.approx(drop.quantity.value, rel=1e-6)
    assert drop.low_value > drop.quantity.value > drop.high_value
    main = [row for row in found.rows if row.quantity.main]
    assert all(row.low_value is not None and row.high_value is not None for row in main)
    assert {"overload.volume", "screws.weakest"} <= set(told)
    assert found.left_out == {}
