"""The pages of the laws say what the code does: examples are valid, keys and files exist, pictures are the code's."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from docs.images import interface_law
from femsacrum.case.editors import json_schema
from femsacrum.case.load import check
from femsacrum.case.names import LAW_KEYS

ROOT = Path(__file__).parents[3]
LAWS = ROOT / "docs/laws"
TEMPLATE = ROOT / "femsacrum/case/template.toml"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(LAWS.glob("*.md"))}
EXAMPLES = [
    pytest.param(example, id=f"{name} {number}")
    for name, text in PAGES.items()
    for number, example in enumerate(re.findall(r"```toml\n(.*?)```", text, re.DOTALL))
]
TABLES = {"interfaces": "InterfaceRule", "pretension": "Pretension", "ligaments": "Ligament", "loads": "LoadSpec"}
by_name = pytest.mark.parametrize("name", PAGES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_valid(example, tmp_path):
    content = tomllib.loads(example)
    for file in (LAWS / "examples").glob("*.py"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"))
    base = tomllib.loads(TEMPLATE.read_text(encoding="utf-8"))
    # the rules of the page go above those of the case
    rules = [*content.pop("interfaces", []), *base.pop("interfaces")]
    check({**base, **content, "interfaces": rules}, tmp_path / "case.toml")


def test_there_is_an_example_of_every_law_and_of_all_that_joins():
    given = [tomllib.loads(each.values[0]) for each in EXAMPLES]
    assert {rule["law"] for each in given for rule in each.get("interfaces", ())} == set(LAW_KEYS)
    assert {key for each in given for key in each} == set(TABLES)


@by_name
def test_keys_are_those_of_the_schema(name):
    tables = {key: json_schema()["$defs"][table] for key, table in {**TABLES, "solver": "Solver"}.items()}
    for table, key in re.findall(r"`(\w+)(?:\[\])?\.(\w+)[`:]", PAGES[name]):
        assert table in tables
        assert key in tables[table]["properties"]


def test_every_key_of_a_rule_stands_on_a_page():
    text = "".join(PAGES.values())
    for table in ("interfaces", "pretension", "ligaments"):
        for key in set(json_schema()["$defs"][TABLES[table]]["properties"]) - {"between", "law", "name", "source"}:
            assert f"`{table}[].{key}`" in text, key


@by_name
def test_files_and_links_exist(name):
    for path in re.findall(r"`((?:benchmarks|tests|femsacrum|docs)/[\w/.]+)`", PAGES[name]):
        assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\(([^)#]+)(?:#[\w-]+)?\)", PAGES[name]):
        assert (LAWS / link).exists(), link


def test_every_page_is_linked_from_the_first():
    linked = set(re.findall(r"\]\((\w+\.md)\)", PAGES["README.md"]))
    assert linked == set(PAGES) - {"README.md"}


@pytest.mark.parametrize("name", interface_law.PICTURES)
def test_pictures_are_drawn_from_the_code(name, tmp_path):
    made = interface_law.write(name, tmp_path).read_text(encoding="utf-8")
    kept = (interface_law.FOLDER / name).read_text(encoding="utf-8")
    number = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
    assert number.sub("", made) == number.sub("", kept), "run: python docs/images/interface_law.py"
    np.testing.assert_allclose(
        np.array(number.findall(made), float), np.array(number.findall(kept), float), rtol=0.0, atol=2e-3
    )
