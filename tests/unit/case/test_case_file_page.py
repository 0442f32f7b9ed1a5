"""``docs/case_file.md`` says what the schema says: every key, examples that are valid, errors as they are told."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from docs import case_tables
from femsacrum.case.composition import BODIES
from femsacrum.case.editors import json_schema
from femsacrum.case.load import check, load
from femsacrum.case.names import LANDMARKS, PARTS, ROLES
from femsacrum.errors import InputError

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"
PAGE = case_tables.PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
REFUSED = re.findall(r"^\$ femsacrum check case\.toml --set (.*)\n(case\.toml: .*)$", PAGE, re.MULTILINE)


def test_the_tables_are_those_of_the_schema():
    assert case_tables.page(PAGE) == PAGE, "run: python docs/case_tables.py"


def test_every_table_of_the_schema_is_on_the_page_with_every_key():
    schema = json_schema()
    wanted = {"Case": schema, **schema["$defs"]}
    marked = {
        name: text for _, name, text in re.findall(r"(<!-- keys of (\w+) -->)(.*?)<!-- end -->", PAGE, re.DOTALL)
    }
    assert set(marked) == set(wanted)
    for name, table in wanted.items():
        assert set(re.findall(r"^\| `(\w+)` \|", marked[name], re.MULTILINE)) == set(table["properties"]), name


def test_names_of_bodies_roles_and_landmarks_are_on_the_page():
    for name in {*PARTS, *BODIES, *ROLES, *(one.removeprefix("left_") for one in LANDMARKS)}:
        if not name.startswith("right_"):
            assert f"`{name}`" in PAGE, name


def merged(base, more):
    """Tables of ``more`` laid over those of ``base``."""
    both = {key: merged(base.get(key, {}), value) for key, value in more.items() if isinstance(value, dict)}
    return {**base, **more, **both}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.split("\n", 1)[0])
def test_every_example_is_valid(example, tmp_path):
    content = tomllib.loads(example)
    for file in content.get("anatomy", {}).get("surfaces", {}).get("files", {}).values():
        (tmp_path / file).touch()
    if "labels" in content.get("anatomy", {}):
        (tmp_path / content["anatomy"]["labels"]["file"]).touch()
    for series in (each["series"] for each in content.get("loads", ()) if "series" in each):
        for part in (series, series.get("muscles", {}), series.get("angles", {})):
            (tmp_path / part.get("file", series["file"])).touch()
    (tmp_path / content.get("materials", {}).get("ct", {}).get("file", "")).mkdir(exist_ok=True)
    base = tomllib.loads(TEMPLATE.read_text(encoding="utf-8"))
    if content.get("surgery", {}).get("plan", "total_sacrectomy") != "total_sacrectomy":
        base = {key: value for key, value in base.items() if key not in ("surgery", "interfaces")}
    elif content.get("surgery", {}).get("graft") == "none":
        del base["surgery"]["graft"]
    prosthesis = content.get("surgery", {}).get("prosthesis", {})
    if prosthesis == "none":
        base["surgery"] = {key: table for key, table in base["surgery"].items() if key not in ("prosthesis", "graft")}
        base["interfaces"] = [rule for rule in base["interfaces"] if "prosthesis" not in rule["between"]]
    elif "file" in prosthesis:
        (tmp_path / prosthesis["file"]).touch()
        base["surgery"].pop("graft", None)
        del base["surgery"]["prosthesis"]
    check(merged(base, content), tmp_path / "case.toml")


def test_there_is_an_example_of_every_section():
    assert {key for example in EXAMPLES for key in tomllib.loads(example)} == set(json_schema()["properties"])


@pytest.mark.parametrize(("assignment", "told"), REFUSED)
def test_every_error_is_told_as_on_the_page(assignment, told, tmp_path):
    (tmp_path / "case.toml").write_text(TEMPLATE.read_text(encoding="utf-8"))
    with pytest.raises(InputError) as caught:
        load(tmp_path / "case.toml", shlex.split(assignment))
    assert str(caught.value) == told


def test_errors_are_on_the_page():
    assert len(REFUSED) >= 7
