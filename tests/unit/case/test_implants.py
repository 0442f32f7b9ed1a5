"""What a case says about prosthesis and grafts: keys that do not go together are one line each, before any geometry."""

import pytest

from femsacrum.case.composition import composition
from femsacrum.case.load import load
from femsacrum.errors import InputError

PLAN = """
schema_version = 1
name = "implants"
[patient]
mass = "75 kg"
[surgery]
plan = "total_sacrectomy"
{parts}
[surgery.resection]
left_ilium = {{ landmark = "left_notch", normal = [-0.6, 0.8, 0.1] }}
{tables}
[[interfaces]]
between = ["*", "*"]
law = "bonded"
source = "test"
[[loads]]
name = "standing"
kind = "standing"
source = "test"
"""


@pytest.fixture
def read(tmp_path):
    for name in ("sacrum.step", "sacrum.stl", "sacrum.txt"):
        (tmp_path / name).touch()

    def read(tables="", parts=""):
        path = tmp_path / "case.toml"
        path.write_text(PLAN.format(tables=tables, parts=parts))
        return load(path)

    return read


def test_a_prosthesis_from_a_file_comes_without_grafts(read):
    case = read('[surgery.prosthesis]\nfile = "sacrum.step"')
    assert case.surgery.graft is None
    told = composition({"surgery": case.surgery.model_dump(mode="json")})
    assert "prosthesis" in told.bodies
    assert "left_graft" not in told.bodies
    assert set(case.surgery.model_dump(mode="json")["prosthesis"]) == {
        "file",
        "unit",
        "frame",
        "placement",
        "mesh_size",
    }


FILE = '[surgery.prosthesis]\nfile = "sacrum.stl"\nunit = "mm"\n'
BAD = [
    ('[surgery.prosthesis]\nfile = "sacrum.stl"', 'surgery.prosthesis.unit: missing: a .stl file does not say its unit'),
    ('[surgery.prosthesis]\nfile = "sacrum.step"\nunit = "mm"', 'unit = "mm": a STEP file says its own unit'),
    ('[surgery.prosthesis]\nfile = "sacrum.txt"\nunit = "mm"', "is in no format that is read; export the prosthesis as"),
    ('[surgery.prosthesis]\nfile = "none.step"', 'file = "none.step": no such file in '),
    ('[surgery.prosthesis]\nframe = "RAS"', 'frame = "RAS": is of a prosthesis from a file: add file'),
    (FILE + 'inset = "1 mm"', 'inset = "1 mm": is of a parametric prosthesis; the one in the file has its own'),
    (FILE + 'frame = "RPS"', 'frame = "RPS": is left-handed'),
    (FILE + 'frame = "LLS"', 'frame = "LLS": needs one letter of each pair'),
    (FILE + '[surgery.prosthesis.flanges]\nscrews = 1', "is of a parametric prosthesis; the one in the file has its own"),
    (
        "[surgery.prosthesis.flanges]\n[surgery.prosthesis.porous]",
        "surgery.prosthesis.flanges: flanges are drawn on a solid prosthesis: leave them or porous out",
    ),
    ("[surgery.prosthesis.flanges]\nscrews = 4", "surgery.prosthesis.flanges.screws = 4: must be at most 3"),
    ('[surgery.prosthesis.flanges]\nside = "upper"', 'surgery.prosthesis.flanges.side = "upper": must be'),
    ('[surgery.prosthesis.flanges]\nlength = "25"', 'surgery.prosthesis.flanges.length = "25": '),
    (FILE + '[surgery.graft]\nshare = "20 %"', "a prosthesis from a file has no seats for grafts"),
    (FILE + '[surgery.prosthesis.placement.landmarks]\nleft_notch = "(1, 2, 3) mm"', "1 of them do not say how it is"),
    (FILE + '[surgery.prosthesis.placement.landmarks]\nleft_nose = "(1, 2, 3) mm"', "left_nose = "),
    (
        FILE + '[surgery.prosthesis.placement]\naxial_turn = "3 deg"\nlandmarks = { left_notch = "(1, 2, 3) mm" }',
        "placement.axial_turn = \"3 deg\": the landmarks say where it is put",
    ),
]  # fmt: skip


BAD_GRAFTS = [
    ("", '[surgery.graft]\nkind = "fibular_strut"', "stands where the prosthesis is: say prosthesis = "),
    ('prosthesis = "none"', '[surgery.graft]\nshare = "30 %"', 'a "iliac_block" lies under a prosthesis, and there is none'),
    ('prosthesis = "none"', '[surgery.graft]\nkind = "fibular_strut"\nshare = "30 %"', "this graft is \"fibular_strut\""),
    ("", '[surgery.graft]\nvascularised = true', 'only for kind = "fibular_strut", this graft is "iliac_block"'),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "tables", "words"), BAD_GRAFTS, ids=[words[:30] for _, _, words in BAD_GRAFTS])
def test_grafts_that_do_not_go_with_the_plan_are_one_line(read, parts, tables, words):
    with pytest.raises(InputError) as caught:
        read(tables, parts)
    assert len([line for line in str(caught.value).splitlines() if words in line]) == 1, str(caught.value)


def test_struts_press_on_ilium_and_vertebra(read):
    case = read('[surgery.graft]\nkind = "fibular_strut"\nvascularised = true', 'prosthesis = "none"')
    told = composition({"surgery": case.surgery.model_dump(mode="json")})
    assert {("left_graft", "left_ilium"), ("left_graft", "L5")} <= set(told.pressed)
    assert "prosthesis" not in told.bodies


@pytest.mark.parametrize(("tables", "words"), BAD, ids=[words[:40] for _, words in BAD])
def test_what_does_not_go_together_is_one_line(read, tables, words):
    with pytest.raises(InputError) as caught:
        read(tables)
    own = [line for line in str(caught.value).splitlines() if words in line]
    assert len(own) == 1, str(caught.value)


def test_frames_that_turn_only_are_taken(read):
    for frame in ("LPS", "RAS", "PRS", "LSA"):
        assert read(FILE + f'frame = "{frame}"').surgery.prosthesis.frame == frame


@pytest.mark.parametrize("count", [1, 2, 3])
def test_screws_of_flanges_are_bodies_that_the_case_may_name(read, count):
    given = "" if count == 2 else f"screws = {count}"
    case = read(f"[surgery.prosthesis.flanges]\n{given}\n[mesh.order]\nleft_flange_screw_1 = 1", 'fixation = "none"')
    assert case.surgery.prosthesis.flanges.screws == count
    told = composition({"surgery": {"plan": "total_sacrectomy", **case.surgery.model_dump(mode="json")}})
    screws = {f"{side}_flange_screw_{number}" for side in ("left", "right") for number in range(1, count + 1)}
    assert {name for name in told.bodies if "screw" in name} == screws
    assert {told.bodies[name] for name in screws} == {"fixation"}
    assert {pair for pair in told.joined if pair[0] in screws} == {
        (name, host) for name in screws for host in ("prosthesis", f"{name.split('_')[0]}_ilium")
    }
