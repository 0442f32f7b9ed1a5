"""A case file is read, or everything wrong with it is told at once."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from femsacrum.case.load import CaseError, load
from femsacrum.errors import InputError

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "femsacrum/case/template.toml"
STUDIES = sorted((ROOT / "studies").glob("*/case.toml"))
DATA = ROOT.parent / "shared/data"


def refusal(path, *overrides):
    with pytest.raises(InputError) as caught:
        load(path, overrides)
    return str(caught.value)


@pytest.mark.parametrize("path", [TEMPLATE, *STUDIES], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_template_and_studies_are_valid(path, tmp_path):
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    files = "surfaces" in said["anatomy"]
    if files and not DATA.is_dir():
        pytest.skip("needs ../shared/data")
    if "labels" in said["anatomy"]:  # made when they are needed; a check looks only whether they are there
        for one in (said["anatomy"]["labels"], said["materials"]["ct"]):
            (tmp_path / one["file"]).touch()
    case = load(path, data=[DATA, tmp_path] if files else [tmp_path])
    assert case.loads
    assert case.folder == path.parent


#: --set assignment on the template, and what the one line must be.
BAD = [
    ("patient.mass=75", 'case.toml: patient.mass = 75: needs a unit, for example "75 kg"'),
    ("patient.mass='75'", 'case.toml: patient.mass = "75": needs a unit, for example "75 kg"'),
    ("patient.mass=75 mm", 'case.toml: patient.mass = "75 mm": is a length; needs a mass, for example "75 kg"'),
    (
        "patient.mas=75 kg",
        'patient.mas = "75 kg": unknown key (did you mean "mass"?); known here: mass, age, description',
    ),
    ("patient=5", "patient = 5: must be a table"),
    ("name=a b", 'name = "a b": not allowed: Name of the case'),
    ("question=5", "question = 5: must be text in quotes"),
    ("anatomy.sex=femal", 'must be one of "mean", "female", "male" (did you mean "female"?)'),
    ("anatomy.width=3", "anatomy.width = 3: must be at most 200 %"),
    ("anatomy.cortical_thickness=0 mm", "must be greater than 0"),
    ("anatomy.surfaces.unit=mm", "anatomy.surfaces.frame: missing: Where x, y and z of the files point to"),
    ("surgery.plan=total", '"hemisacrectomy", "total_sacrectomy" (did you mean "total_sacrectomy"?)'),
    (
        "surgery.plan=intact",
        'surgery.resection: plan "intact" does not read it: leave it out, or take plan "partial_sacrectomy" or ',
    ),
    ("surgery.fixation.pedicle_screw_length=11 mm", 'pedicle_screw_length = "11 mm": must be at least 20 mm'),
    ("surgery.fixation.iliac_screw_length=29 mm", 'iliac_screw_length = "29 mm": must be at least 30 mm'),
    ("surgery.resection.left_ilium.normal=[0, 0, 0]", "must not be zero"),
    ("surgery.resection.left_ilium.landmark=left_noch", '(did you mean "left_notch"?)'),
    ("surgery.resection.left_ilium.point=(1, 2, 3) mm", "needs one of landmark, point, points, level or clear_of"),
    ("surgery.resection.left_ilium={normal = [1, 0, 0]}", "needs one of landmark, point, points, level or clear_of"),
    ("surgery.resection.endplate_trim=-1 mm", "must be at least 0"),
    ("surgery.graft.share=95 %", "must be at most 90 %"),
    ("surgery.graft.thickness=10 MPa", "is a pressure; needs a length"),
    ("surgery.graf.share=30 %", 'unknown key (did you mean "graft"?)'),
    ("surgery.fixation.iliac_screws_per_side=3", "must be at most 2"),
    ("surgery.fixation.iliac_screws_per_side=1.5", "must be a whole number"),
    ("surgery.fixation.iliac_screws_per_side='2'", "must be a whole number"),
    ("surgery.fixation.iliac_screws_per_side=true", "must be a whole number"),
    ("materials.bodies.sacrm.youngs_modulus=1 GPa", 'no such body or role (did you mean "sacrum"?)'),
    ("materials.bodies.sacrum={}", 'plan "total_sacrectomy" has no such body'),
    ("materials.bodies.implant.poisson_ratio=0.5", "must be less than 0.5"),
    ("materials.bodies.implant.poisson_ratio=nan", "must be a finite number"),
    ("materials.bodies.implant.poisson_ratio='0.3'", "must be a number without quotes"),
    ("materials.bodies.implant.youngs_modulus=-17 GPa", "must be greater than 0"),
    (
        "interfaces[0].between=['fixation', 'bonee']",
        'interfaces[0].between[1] = "bonee": no such body or role (did you',
    ),
    ("interfaces[0].between=['fixation']", "interfaces[0].between[1]: missing: this list needs an entry [1]"),
    ("interfaces[0].between=['fixation', '*', 'bone']", "needs at most 2 entries"),
    ("interfaces[0].between=fixation", "must be a list"),
    ("interfaces[0].law=glued", 'must be one of "bonded", "frictional"'),
    ("interfaces[0].law=frictional", 'interfaces[0].friction: missing: law "frictional" needs a coefficient'),
    ("interfaces[0].friction=0.3", 'interfaces[0].friction = 0.3: law "bonded" does not slide'),
    ("interfaces[3].friction=-0.1", "interfaces[3].friction = -0.1: must be at least 0"),
    ("interfaces[3].stiffness=17 mm", "is a length; needs a foundation modulus"),
    ("loads=[]", "loads = []: needs at least 1 entry"),
    ("loads[0].kind=axial", 'loads[0].force: missing: kind "axial" needs the force on L4'),
    (
        "loads[0].force=400 N",
        'loads[0].force = "400 N": only for kind = "axial", this load is "standing": leave it out',
    ),
    (
        "loads[0].guided=true",
        'loads[0].guided = true: only for kind = "axial", this load is "standing": leave it out',
    ),
    ("loads[0].guided=false", "loads[0].guided = false: only for kind"),
    (
        "loads[0].stance='left'",
        'loads[0].stance = "left": only for kind = "crutch_stance" or "one_leg_stance" or "stumble", this load',
    ),
    ("loads[0].crutch_force=15 %", 'loads[0].crutch_force = "15 %": only for kind = "crutch_stance"'),
    ("loads[0].abductor_arm=50 mm", 'loads[0].abductor_arm = "50 mm": only for kind = "crutch_stance"'),
    (
        "loads[0]={name='a', kind='axial', force='1 N', upper_body=0.5, source='b'}",
        'loads[0].upper_body = 0.5: only for kind = "standing" or "crutch_stance", this load is "axial": leave it out',
    ),
    (
        "loads[0]={name='a', kind='four_point', crutch_force='40 %', source='b'}",
        'loads[0].crutch_force = "40 %": 40 % each leaves the leg nearly nothing: take at most 35 %',
    ),
    (
        "loads[0]={name='a', kind='walking', pilot='kinematic', source='b'}",
        'loads[0].pilot = "kinematic": the forces of a movement press on another part of the cup at each instant',
    ),
    (
        "loads[0]={name='a', kind='walking', push_off='80 %', source='b'}",
        'loads[0].push_off = "80 %": needs an orthosis',
    ),
    (
        "loads[0]={name='a', kind='walking', specific_tension='80 N/cm^2', source='b'}",
        'loads[0].specific_tension = "80 N/cm^2": must be at most 0.61 MPa',
    ),
    (
        "loads[0]={name='a', kind='crutch_stance', crutch_force='30 %', source='b'}",
        'loads[0].crutch_force = "30 %": 30 % each lifts the upper body off L4: take less than 26.8 %',
    ),
    (
        "loads[0]={name='a', kind='crutch_stance', upper_body='30 %', source='b'}",
        "loads[0].crutch_force: 15 % each lifts the upper body off L4: take less than 15 %",
    ),
    ("interfaces=[]", "interfaces = []: no rule for prosthesis on L5, prosthesis on left_ilium, "),
    (
        "interfaces=[{between=['prosthesis', '*'], law='bonded'}]",
        "interfaces: no rule for left_graft on left_ilium, right_graft on right_ilium: add one, for example between = "
        '["left_graft", "*"], law = "frictional", friction = 0.4',
    ),
    (
        "interfaces=[{between=['*', '*'], law='frictional', friction=0.4}]",
        'interfaces[0].law = "frictional": reaches disc_L4L5 on L5, which has grown on it and cannot slide: put a rule '
        'with between = ["disc_L4L5", "L5"], law = "bonded" above this one',
    ),
    (
        "interfaces[0]={between=['bone', 'fixation'], law='frictional', friction=0.4}",
        'interfaces[0].law = "frictional": reaches left_fixation on L4, which is screwed to it and cannot slide',
    ),
    ("loads[0].force=400", 'loads[0].force = 400: needs a unit, for example "400 N"'),
    ("loads[0].source=''", 'loads[0].source = "": must not be empty'),
    ("loads[0].crutch_force=-1 %", "must be at least 0"),
    ("loads[1].name=x", "there is no entry [1]; the last one is [0]"),
    ("mesh.bone=inf mm", "must be a finite number"),
    ("solver.tolerance=1", "must be at most 0.001"),
    ("solver.increments=0", "must be at least 1"),
    ("output.figures=1", "must be true or false"),
    ("schema_version=2", "schema_version = 2: made for a newer femsacrum; this one reads up to 1"),
    ("schema_version=0", "must be a whole number from 1"),
    ("schema_version='1'", "must be a whole number from 1"),
    ("schema_version=true", "must be a whole number from 1"),
    ("patient.mass", "reads key.path=value"),
    ("=3", "reads key.path=value"),
    ("patient.mass=", "reads key.path=value"),
    ("patient mass=3", "reads key.path=value"),
    ("name.first=x", '"name" is not a table'),
    ("patient[0]=x", '"patient" is not a list'),
]


@pytest.fixture
def case_file(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(TEMPLATE.read_text(encoding="utf-8"))
    return path


@pytest.mark.parametrize(("assignment", "words"), BAD, ids=[assignment for assignment, _ in BAD])
def test_a_bad_value_is_one_line(case_file, assignment, words):
    message = refusal(case_file, assignment)
    own = [line for line in message.splitlines() if words in line]
    assert len(own) == 1, message
    assert own[0].startswith("case.toml: ")


def test_all_problems_are_told_at_once(case_file):
    bad = ("patient.mass=75", "interfaces[0].between=['sacrm', '*']", "loads[0].kind=axial", "surgery.graf=1")
    lines = refusal(case_file, *bad).splitlines()
    assert len(lines) == 4
    assert [line.split(": ")[1].split(" =")[0] for line in lines] == [
        "patient.mass",
        "surgery.graf",
        "interfaces[0].between[0]",
        "loads[0].force",
    ]


def test_without_grafts_no_rule_for_grafts_is_needed(case_file):
    only = "interfaces=[{between=['prosthesis', '*'], law='bonded'}]"
    assert len(load(case_file, (only, "surgery.graft=none")).interfaces) == 1


def test_an_unoperated_pelvis_needs_no_rule(case_file):
    bare = case_file.read_text(encoding="utf-8").split("[surgery.resection]")[0].replace("total_sacrectomy", "intact")
    case_file.write_text(f'{bare}\n[[loads]]\nname = "a"\nkind = "standing"\nsource = "b"\n')
    assert load(case_file).interfaces == ()
    for given in ('graft="none"', "graft.share=30 %", "prosthesis.inset=1 mm"):
        table = given.partition(".")[0].partition("=")[0]
        said = refusal(case_file, f"surgery.{given}")
        assert f"surgery.{table}" in said
        assert 'plan "intact" does not read it' in said
    frictional = "interfaces=[{between=['cartilage', 'bone'], law='frictional', friction=0}]"
    assert "reaches left_sij on sacrum" in refusal(case_file, frictional)


def test_two_load_cases_of_one_name(case_file):
    case_file.write_text(
        case_file.read_text(encoding="utf-8") + '\n[[loads]]\nname = "standing"\nkind = "standing"\nsource = "x"\n'
    )
    assert refusal(case_file) == (
        'case.toml: loads[1].name = "standing": loads[0] has the same name; load cases need different ones'
    )


def test_an_old_version_is_migrated():
    from femsacrum.case.migrate import migrate

    steps = {1: lambda data: data | {"b": data.pop("a")}, 2: lambda data: data | {"c": data["b"] + 1}}
    assert migrate({"schema_version": 1, "a": 5}, steps, current=3) == {"schema_version": 3, "b": 5, "c": 6}
    with pytest.raises(InputError, match="too old"):
        migrate({"schema_version": 1}, {2: dict}, current=3)


def test_no_version(case_file):
    case_file.write_text(case_file.read_text(encoding="utf-8").replace("schema_version = 1", ""))
    assert refusal(case_file).startswith("case.toml: schema_version: missing; write schema_version = 1")


def test_overrides_change_the_case(case_file):
    changes = (
        "patient.mass=80 kg",
        'mesh.bone="4 mm"',
        "solver.increments=4",
        "patient.description=no quotes needed",
    )
    case = load(case_file, (*changes, "output.folder=elsewhere", "interfaces[4].friction=0.3"))
    assert (case.patient.mass, case.mesh.bone, case.solver.increments) == (80.0, 4.0, 4)
    assert (case.patient.description, case.output.folder) == ("no quotes needed", "elsewhere")
    assert case.interfaces[4].friction == 0.3


def test_a_force_may_be_a_share_of_body_weight(case_file):
    case = load(case_file, ("loads[0].kind=axial", "loads[0].force=50 %BW", "patient.mass=80 kg"))
    assert case.loads[0].force == pytest.approx(0.5 * 80.0 * 9.80665)


def test_files_that_cannot_be_read(tmp_path):
    assert "no such file" in refusal(tmp_path / "case.toml")
    assert "is a folder" in refusal(tmp_path)
    (tmp_path / "broken.toml").write_text('name = "a"\nname = "b"\n')
    assert "broken.toml: not valid TOML" in refusal(tmp_path / "broken.toml")
    assert "line 2" in refusal(tmp_path / "broken.toml")
    (tmp_path / "latin.toml").write_bytes('name = "Müller"'.encode("latin-1"))
    assert "is not UTF-8 text" in refusal(tmp_path / "latin.toml")


def test_surface_files_are_relative_to_the_case_and_must_be_there(case_file):
    surfaces = ("anatomy.surfaces.unit=mm", "anatomy.surfaces.frame=LPS", "anatomy.surfaces.files.sacrum=bones/s.stl")
    assert 'anatomy.surfaces.files.sacrum = "bones/s.stl": no such file' in refusal(case_file, *surfaces)
    (case_file.parent / "bones").mkdir()
    (case_file.parent / "bones/s.stl").touch()
    assert load(case_file, surfaces).anatomy.surfaces.files == {"sacrum": "bones/s.stl"}
    wrong = (*surfaces, "anatomy.surfaces.files.sacum=bones/s.stl")
    assert 'no such part (did you mean "sacrum"?)' in refusal(case_file, *wrong)


def test_a_study_without_its_data_says_how_to_give_it(tmp_path):
    study = ROOT / "studies/total_sacrectomy_atlas3"
    with pytest.raises(CaseError) as caught:
        load(study / "case.toml", data=[tmp_path])
    assert len(caught.value.lines) == 3
    assert caught.value.lines[0] == (
        'case.toml: anatomy.surfaces.files.left_ilium = "pelvis_atlas_jhu/LeftHip3_cpd.vtk": no such file in '
        f"{study}, {tmp_path}; name it relative to the case file or to a folder given with --data FOLDER"
    )


def test_a_stage_reads_only_what_it_declares(case_file):
    view = load(case_file).only("mesh")
    assert view.mesh.bone == 3.0
    with pytest.raises(AttributeError):
        _ = view.loads


def test_case_error_is_an_input_error(case_file):
    with pytest.raises(CaseError) as caught:
        load(case_file, ("patient.mass=75",))
    assert caught.value.exit_code == 1
    assert caught.value.lines == ('case.toml: patient.mass = 75: needs a unit, for example "75 kg"',)


def test_checking_a_case_loads_nothing_heavy():
    script = (
        "import sys; import femsacrum as fs; fs.load(sys.argv[1]); "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'dolfinx', 'petsc4py', 'gmsh', 'vtk', 'vtkmodules', 'pyvista', 'numba', 'numpy', 'pint'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(TEMPLATE)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_landmarks_are_read_by_name_in_mm(case_file):
    left, right = (
        'anatomy.landmarks.left_ASIS=["11.2 cm", "-3 mm", "40 mm"]',
        'anatomy.landmarks.S_tip=["0 mm", "1 mm", "2 mm"]',
    )
    assert load(case_file, (left, right)).anatomy.landmarks == {
        "left_ASIS": (112.0, -3.0, 40.0),
        "S_tip": (0.0, 1.0, 2.0),
    }
    message = refusal(case_file, left.replace("left_ASIS", "left_ASI"))
    assert "anatomy.landmarks.left_ASI" in message
    assert 'no such landmark (did you mean "left_ASIS"?)' in message
    assert "anatomy.landmarks.left_ASIS" in refusal(case_file, "anatomy.landmarks.left_ASIS=[112, -3, 40]")
