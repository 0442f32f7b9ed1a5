"""What a case may say about a label map."""

import tomllib
from pathlib import Path

import pytest

from femsacrum.case.load import check, load
from femsacrum.case.write import to_toml
from femsacrum.errors import InputError
from femsacrum.fingerprint import of_value

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"


def case(folder, **labels):
    content = tomllib.loads(TEMPLATE.read_text(encoding="utf-8"))
    tables = {"labels": {"file": "map.nii.gz", "parts": {"sacrum": 1}, **labels.pop("labels", {})}, **labels}
    content["anatomy"] = {**content.get("anatomy", {}), **tables}
    return check(content, folder / "case.toml")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "map.nii.gz").write_bytes(b"first")
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan" / "slice").write_bytes(b"first")
    (tmp_path / "sacrum.stl").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"parts": {"sacrum": 1, "L5": 1}}, "L5 = 1: sacrum has the same label"),
        ({"parts": {"sacrum": 0}}, "sacrum = 0: "),
        ({"parts": {"sacrum": 1.5}}, "sacrum = 1.5: "),
        ({"parts": {"sacrum": "1"}}, "sacrum = "),
        ({"parts": {"sacrum": True}}, "sacrum = "),
        ({"parts": {"sacrun": 1}}, 'no such part (did you mean "sacrum"?)'),
        ({"parts": {}}, "parts"),
        ({"file": "none.nii"}, "no such file"),
        ({"file": "../map.nii.gz"}, "climbs out of its folder"),
        ({"file": "/etc/passwd"}, "is absolute"),
    ],
)
def test_what_cannot_be_is_refused(folder, labels, told):
    with pytest.raises(InputError) as caught:
        case(folder, labels=labels)
    assert "anatomy.labels" in str(caught.value)
    assert told in str(caught.value)


def test_a_part_comes_from_one_place(folder):
    surfaces = {"unit": "mm", "frame": "LPS", "files": {"sacrum": "sacrum.stl"}}
    with pytest.raises(InputError, match=r"sacrum = 1: anatomy\.surfaces\.files has it as well"):
        case(folder, surfaces=surfaces)


@pytest.mark.parametrize(("name", "changed"), [("map.nii.gz", "map.nii.gz"), ("scan", "scan/slice")])
def test_the_content_of_the_image_counts(folder, name, changed):
    section = case(folder, labels={"file": name}).only("anatomy")
    before = of_value(section)
    assert of_value(section) == before
    (folder / changed).write_bytes(b"second")
    assert of_value(section) != before


TUMOUR = 'surgery.tumour={half_axes = "(20, 15, 25) mm", landmark = "left_foramen_S3"}'
LABELLED = "anatomy.labels={file = 'map.nii.gz', parts = {sacrum = 1, tumour = 2}}"
STL = "anatomy.surfaces={unit = 'mm', frame = 'LPS', files = {tumour = 'sacrum.stl'}}"


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ([LABELLED, TUMOUR], "surgery.tumour.half_axes = .* anatomy.labels.parts.tumour gives its shape as well"),
        ([TUMOUR, "surgery.tumour.point='(0, 0, 0) mm'"], "surgery.tumour: needs either a landmark or a point"),
        (["surgery.tumour={half_axes = '(5, 5, 5) mm'}"], "surgery.tumour: needs either a landmark or a point"),
        (["surgery.tumour={margin = '10 mm'}"], 'has no shape: add half_axes .* or a part "tumour" in anatomy'),
        ([LABELLED, "surgery.tumour={axial_turn = '5 deg'}"], "axial_turn = .*: is of an ellipsoid: add half_axes"),
        ([TUMOUR.replace("S3", "S5")], "surgery.tumour.landmark = .*: no such landmark"),
        ([TUMOUR.replace("(20, 15", "(20, 0")], "surgery.tumour.half_axes = .*: must be greater than 0"),
        ([TUMOUR.replace("(20, 15", "(20, 151")], "surgery.tumour.half_axes = .*: must be at most 150 mm"),
        ([TUMOUR.replace(", 25)", ")")], "needs three lengths with a unit, for example"),
        ([STL], "anatomy.surfaces.files.tumour = .*: has no bone beside it to tell where it lies"),
        (
            ["surgery={plan = 'intact', tumour = {margin = '5 mm'}}", "interfaces=[]"],
            'plan "intact" does not read it',
        ),
    ],
)
def test_a_tumour_has_one_shape_and_one_place(folder, overrides, told):
    (folder / "case.toml").write_text(TEMPLATE.read_text(encoding="utf-8"))
    with pytest.raises(InputError, match=told):
        load(folder / "case.toml", overrides)


@pytest.mark.parametrize("overrides", [[TUMOUR], [LABELLED], [LABELLED, "surgery.tumour={margin = '10 mm'}"]])
def test_a_tumour_is_written_as_it_is_read(folder, overrides):
    (folder / "case.toml").write_text(TEMPLATE.read_text(encoding="utf-8"))
    case = load(folder / "case.toml", overrides)
    (folder / "again.toml").write_text(to_toml(case.model_dump(mode="json")))
    assert load(folder / "again.toml").model_dump() == case.model_dump()
