"""What a case may say about a label map."""

import tomllib
from pathlib import Path

import pytest

from femsacrum.case.load import check
from femsacrum.errors import InputError
from femsacrum.fingerprint import of_value

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"


def case(folder, **labels):
    content = tomllib.loads(TEMPLATE.read_text())
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
