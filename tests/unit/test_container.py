"""The container's recipe names what is there, and says the same as the project."""

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "containers/femsacrum.def").read_text(encoding="utf-8")
SECTIONS = {found[1]: found[2] for found in re.finditer(r"^%(\w+)\n(.*?)(?=^%|\Z)", TEXT, re.S | re.M)}


def test_what_it_takes_in_is_there_and_covers_the_package():
    taken = [line.split()[0] for line in SECTIONS["files"].strip().splitlines()]
    assert {"femsacrum", "benchmarks", ".ci/setup", "pyproject.toml"} <= set(taken)
    assert [name for name in taken if not (ROOT / name).exists()] in ([], ["runs/wheelhouse"])
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "WHEELHOUSE ?= runs/wheelhouse\n" in makefile


def test_its_scripts_are_shell():
    for name in ("post", "environment", "runscript", "test"):
        subprocess.run(["sh", "-n"], input=SECTIONS[name], text=True, check=True)


def test_it_has_the_version_and_a_python_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    labels = dict(line.split(None, 1) for line in SECTIONS["labels"].strip().splitlines())
    assert labels["org.opencontainers.image.version"] == project["version"]
    assert labels["org.opencontainers.image.licenses"] == "GPL-3.0-or-later"
    assert project["license"].startswith("GPL-3.0")
    least = tuple(map(int, project["requires-python"].removeprefix(">=").split(".")))
    python = re.search(r"^From: python:(\d+)\.(\d+)-", TEXT, re.M)
    assert (int(python[1]), int(python[2])) >= least
