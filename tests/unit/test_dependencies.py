"""The conda and the pip route install the same versions, and nothing under the AGPL."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONDA_NAME = {"dolfinx-solver-real": "fenics-dolfinx", "gmsh": "python-gmsh", "matplotlib": "matplotlib-base"}


def pip_pins() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return dict(line.split("==") for line in project["dependencies"])


def conda_pins() -> dict[str, str]:
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    pins = (re.match(r"\s*- ([a-z0-9-]+)={1,2}([0-9][^\s]*)$", line) for line in lines)
    return {pin[1]: pin[2] for pin in pins if pin}


def test_conda_and_pip_lists_are_equal():
    wanted = {CONDA_NAME.get(name, name): version.split(".post")[0] for name, version in pip_pins().items()}
    assert conda_pins() == wanted


def test_installed_versions_are_the_pinned_ones():
    for name, version in pip_pins().items():
        assert metadata.version(name) == version


def test_no_installed_package_is_agpl():
    def licence(distribution: metadata.Distribution) -> str:
        # some packages put the whole text of bundled licences into "License"; their name stands in the first line
        first_line = (distribution.metadata.get("License") or "").split("\n")[0]
        expression = distribution.metadata.get("License-Expression") or ""
        return " ".join([first_line, expression, *(distribution.metadata.get_all("Classifier") or [])])

    found = [d.metadata["Name"] for d in metadata.distributions() if re.search(r"AGPL|Affero", licence(d))]
    assert not found
