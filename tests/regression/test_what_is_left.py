"""Partial sacrectomies of one study: every point is a case, every level takes more, and coarsely, more taken bears less."""

import shutil
from pathlib import Path

import pytest
from coarse_studies import REAL_BONES, STUDIES, converged_and_balanced

import femsacrum as fs
from femsacrum.anatomy.build import build
from femsacrum.surgery.operate import operate
from femsacrum.sweep.definition import load
from femsacrum.sweep.design import points
from femsacrum.sweep.factors import assignments

FOLDER = STUDIES / "what_is_left"
LEVELS = ("below S3", "below S2", "below S1", "above S1 foramina", "through S1")
#: Rough enough for a test, and the machine's load alone.
ROUGH = ('mesh.bone="9 mm"', 'mesh.soft="8 mm"', "mesh.order={cartilage=1, disc=1}", 'solver.method="condensed"')


def case_of(sweep, left, *more):
    point = {"left": left, "patient": "reference_male"}
    return fs.load(FOLDER / sweep.case, overrides=[*sweep.fixed, *assignments(sweep.factors, point), *more])


@pytest.fixture(scope="module")
def sweep():
    return load(FOLDER / "sweep.toml")


@pytest.mark.parametrize("name", ["sweep", "refinement"])
def test_every_point_is_a_case(name):
    read = load(FOLDER / f"{name}.toml")
    made = points(read, FOLDER)
    real = REAL_BONES.is_dir()
    for point in made:
        if real or str(point.get("patient", "reference")).startswith("reference"):
            overrides = [*read.fixed, *assignments(read.factors, point)]
            fs.load(Path(FOLDER / read.case), overrides=overrides, data=[REAL_BONES] if real else [])
    assert len(made) == {"sweep": 54, "refinement": 8}[name]


def test_every_level_takes_more_of_bone_and_joints(sweep):
    case = case_of(sweep, LEVELS[0])
    anatomy = build(case, case.folder, case.data)
    kept, joint = [], []
    for level in LEVELS:
        done = operate(case_of(sweep, level), anatomy, case.folder, case.data)
        kept.append(done.surfaces["sacrum"].points[:, 2].min())
        joint.append(done.measures["sacroiliac_joint_removed_left [%]"])
    assert kept == sorted(kept)
    assert len(set(kept)) == len(LEVELS)
    assert joint == sorted(joint)
    assert joint[0] == pytest.approx(0.0)
    assert joint[-1] < 85.0
    deroofed = operate(case_of(sweep, "below S2, deroofed"), anatomy, case.folder, case.data)
    assert deroofed.measures["laminectomy_volume [mm3]"] > 500.0


def test_a_high_sacrectomy_is_softer_and_breaks_sooner_than_the_whole_pelvis(sweep, tmp_path):
    found = {}
    for left in ("intact", "through S1"):
        case = case_of(sweep, left, *ROUGH, "output.figures=false")
        case = case.model_copy(update={"loads": case.loads[:1]})
        folder = tmp_path / left.replace(" ", "_")
        if found:  # all but the sacrum is meshed already
            shutil.copytree(tmp_path / "intact/stages", folder / "stages")
        findings = fs.run(case, folder=folder)
        found[left] = findings["load_cases"]["bench"]
        assert converged_and_balanced(found[left])
    whole, left = (found[each] for each in ("intact", "through S1"))
    stiffness = [each["deformation"]["construct_stiffness"]["value"] for each in (whole, left)]
    assert stiffness[1] < 0.85 * stiffness[0]
    for which in ("factor", "wide"):
        bears = [each["first_damage"]["bodies"]["sacrum"][which]["value"] for each in (whole, left)]
        assert bears[1] < 0.8 * bears[0]
    assert {"left_sacrotuberous", "right_sacrospinous"} <= set(findings["lost_ligaments"])
