"""The schema: names agree with the rooms, a case survives being written, editors get what they need."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs import case_tables
from femsacrum.anatomy import model
from femsacrum.case.composition import composition
from femsacrum.case.editors import json_schema
from femsacrum.case.explain import model_at
from femsacrum.case.load import load
from femsacrum.case.names import LOAD_KEYS, PARTS, PLAN_KEYS, RESECTION_KEYS, did_you_mean
from femsacrum.case.schema import Case, Fixation, LoadSpec, Resection, Surgery
from femsacrum.case.units import Quantity
from femsacrum.case.write import to_toml
from femsacrum.surgery.fixation import pedicles, trajectories

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"


def test_parts_are_those_of_the_anatomy():
    assert PARTS == model.ROLES
    assert tuple(PARTS) == model.PARTS
    assert composition({"surgery": {"plan": "intact"}}).bodies == PARTS


def test_every_kind_of_load_says_which_keys_it_reads():
    kinds = get_args(LoadSpec.model_fields["kind"].annotation)
    assert tuple(LOAD_KEYS) == kinds
    own = {key for keys in LOAD_KEYS.values() for key in keys}
    assert own == set(LoadSpec.model_fields) - {"name", "kind", "support", "pilot", "source"}


@pytest.mark.parametrize("kind", LOAD_KEYS)
def test_a_written_load_holds_the_keys_that_are_read(tmp_path, kind):
    force = ", force = '70 %BW'" if kind == "axial" else ""
    (tmp_path / "hip.csv").touch()
    told = "file = 'hip.csv', format = 'CSV', unit = 'N', frame = 'LPS', acts_on = 'pelvis', start = 0.0, end = 1.0"
    series = f", series = {{{told}, hips = {{left = ['x', 'y', 'z']}}}}" if kind == "series" else ""
    said = f"loads=[{{name = 'a', kind = '{kind}', source = 'b'{force}{series}}}]"
    case = load(TEMPLATE, [said], data=[tmp_path])
    (written,) = case.model_dump(mode="json")["loads"]
    assert set(written) == {"name", "kind", "support", "pilot", "source", *LOAD_KEYS[kind]}
    (tmp_path / "case.toml").write_text(to_toml(case.model_dump(mode="json")))
    assert load(tmp_path / "case.toml").model_dump() == case.model_dump()


def test_every_plan_says_which_tables_it_reads(tmp_path):
    assert tuple(PLAN_KEYS) == get_args(Surgery.model_fields["plan"].annotation)
    assert {key for keys in PLAN_KEYS.values() for key in keys} == set(Surgery.model_fields) - {"plan"}
    assert {key for keys in RESECTION_KEYS.values() for key in keys} == set(Resection.model_fields)
    bare = tomllib.loads(TEMPLATE.read_text(encoding="utf-8")) | {"surgery": {"plan": "intact"}, "interfaces": []}
    (tmp_path / "bare.toml").write_text(to_toml(bare))
    case = load(tmp_path / "bare.toml")
    assert case.model_dump(mode="json")["surgery"] == {"plan": "intact", "fixation": "none"}
    (tmp_path / "written.toml").write_text(to_toml(case.model_dump(mode="json")))
    assert load(tmp_path / "written.toml").model_dump() == case.model_dump()


def test_screws_are_wanted_at_least_as_long_as_the_shortest_that_counts():
    for key, shortest in (("pedicle", pedicles.SHORTEST), ("iliac", trajectories.SHORTEST)):
        (mark,) = [one for one in Fixation.model_fields[f"{key}_screw_length"].metadata if isinstance(one, Quantity)]
        assert mark.at_least == shortest


def test_the_template_shows_defaults_where_it_does_not_say_example():
    text = TEMPLATE.read_text(encoding="utf-8")
    assert "A key that is left out takes the value shown here." in text
    table, seen = (), 0
    for line in re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE).splitlines():
        heading, pair = re.match(r"\[+([\w.]+)\]", line), re.match(r"(\w+) = ", line)
        table = tuple(heading[1].split(".")) if heading else table
        if pair is None or {"surfaces", "materials", "modifiers", "interfaces", "criteria"} & set(table):
            continue  # told to be examples at the top of the file
        field = model_at((*table, 0) if table == ("loads",) else table).model_fields[pair[1]]
        shown, default = case_tables.as_toml(tomllib.loads(line)[pair[1]]), case_tables.default(field)
        if default != "**required**":
            assert (default == f"`{shown}`") != ("example" in line.partition("#")[2]), line
            seen += default == f"`{shown}`"
    assert seen > 25


def test_a_written_case_reads_back_the_same(tmp_path):
    case = load(TEMPLATE, ["surgery.resection.right_ilium={point = '(1, 2, -3) mm', normal = [0.75, 0.66, 0]}"])
    (tmp_path / "case.toml").write_text(to_toml(case.model_dump(mode="json")))
    assert load(tmp_path / "case.toml").model_dump() == case.model_dump()


def test_no_graft_is_a_word_and_survives_being_written(tmp_path):
    case = load(TEMPLATE, ["surgery.graft=none"])
    assert case.surgery.graft is None
    (tmp_path / "case.toml").write_text(to_toml(case.model_dump(mode="json")))
    assert load(tmp_path / "case.toml").surgery.graft is None
    assert {"const": "none"} in json_schema()["$defs"]["Surgery"]["properties"]["graft"]["anyOf"]


SCALAR = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
KEY = st.text(min_size=1)
TABLE = st.recursive(
    st.dictionaries(KEY, SCALAR | st.lists(SCALAR)),
    lambda inner: st.dictionaries(KEY, SCALAR | inner | st.lists(inner, min_size=1)),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(TABLE)
def test_any_table_survives_toml(table):
    assert tomllib.loads(to_toml(table)) == table


def test_a_near_name_is_offered():
    assert did_you_mean("Sacrm", PARTS) == ' (did you mean "sacrum"?)'
    assert did_you_mean("femur", PARTS) == ""


def test_editors_learn_every_key():
    schema = json_schema()
    tables = [schema, *schema["$defs"].values()]
    assert len(tables) > 12
    for table in tables:
        assert table["additionalProperties"] is False
        for key, content in table["properties"].items():
            described = (
                content.get("description") or schema["$defs"][content["$ref"].rpartition("/")[2]]["description"]
            )
            assert described, key
            assert {"type": "null"} not in content.get("anyOf", [])


def test_editors_learn_how_a_quantity_is_written():
    schema = json_schema()
    thickness = schema["$defs"]["Graft"]["properties"]["thickness"]
    assert thickness["type"] == "string"
    assert thickness["default"] == "10 mm"
    assert re.match(thickness["pattern"], thickness["examples"][0])
    assert not re.match(thickness["pattern"], "10")
    assert schema["$defs"]["Graft"]["properties"]["share"]["default"] == "30 %"


def test_descriptions_name_the_unit_of_every_quantity():
    schema = json_schema()
    for name, table in schema["$defs"].items():
        for key, content in table["properties"].items():
            example = content.get("examples", [""])[0]
            if isinstance(example, str) and re.search(r"\d (mm|N|kg|GPa|deg|N/mm\^3)$", example):
                assert re.search(r"\[(mm|N|kg|MPa|deg|N/mm3)\]", content["description"]), f"{name}.{key}"


def test_the_case_names_its_sections_in_the_order_of_the_sentence():
    names = list(Case.model_fields)
    assert names.index("anatomy") < names.index("surgery") < names.index("materials") < names.index("loads")
