"""Findings made again: numbers to a tolerance, everything else exactly."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from femsacrum.cli import execute
from femsacrum.credibility.reproduce import compare

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "femsacrum/case/template.toml"
FOUND = {
    "schema_version": 1,
    "loads": {"standing": {"drop": {"value": 1.25, "unit": "mm"}, "at": [10.0, 1e-9, -3.0]}},
}


def changed(**update):
    found = json.loads(json.dumps(FOUND))
    found["loads"]["standing"] |= update
    return found


def test_the_same_is_the_same():
    found = compare(FOUND, json.loads(json.dumps(FOUND)))
    assert (found.numbers, found.others, found.largest, found.differences) == (5, 1, 0.0, ())


def test_numbers_are_held_to_the_tolerance_and_told():
    now = changed(drop={"value": 1.250000375, "unit": "mm"})
    assert compare(FOUND, now).differences == ()
    assert compare(FOUND, now).largest == pytest.approx(3e-7, rel=1e-3)
    (difference,) = compare(FOUND, now, tolerance=1e-8).differences
    assert difference.line() == "loads.standing.drop.value: was 1.25, is 1.250000375 (differs by 3.0e-07)"


def test_a_component_that_is_next_to_nothing_counts_by_its_vector():
    assert compare(FOUND, changed(at=[10.0, -4e-9, -3.0])).differences == ()
    (difference,) = compare(FOUND, changed(at=[10.0, 4e-3, -3.0])).differences
    assert difference.place == ("loads", "standing", "at", "1")


@pytest.mark.parametrize(
    ("update", "line"),
    [
        ({"drop": {"value": 1.25, "unit": "um"}}, "loads.standing.drop.unit: was 'mm', is 'um'"),
        ({"drop": {"value": None, "unit": "mm"}}, "loads.standing.drop.value: was 1.25, is None"),
        ({"drop": {"value": True, "unit": "mm"}}, "loads.standing.drop.value: was 1.25, is True"),
        ({"at": [10.0, 1e-9]}, "loads.standing.at.2: was -3.0, is absent"),
        ({"new": 0}, "loads.standing.new: was absent, is 0"),
    ],
)
def test_anything_else_must_be_equal(update, line):
    (difference,) = compare(FOUND, changed(**update)).differences
    assert difference.line() == line


def command(*arguments, cwd):
    """The command with rooms that do next to nothing, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TINY_FAIL": ""}
    words = [sys.executable, "-m", "tests.unit.tiny_rooms", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, cwd=cwd, env=environment, timeout=300)


def test_run_verify_and_reproduce(tmp_path, capsys):
    def verified():
        code, told = execute(["verify", str(folder)]), capsys.readouterr()
        assert told.err == ""
        return code, told.out

    (tmp_path / "case.toml").write_text(TEMPLATE.read_text(encoding="utf-8"))
    folder = tmp_path / "runs/x"
    run = ("run", "case.toml", "--set", "name=x", "--quiet")
    assert command(*run, cwd=tmp_path).returncode == 0
    noted = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert noted["command"] == ["femsacrum", "run", "case.toml", "--set", "name=x"]
    assert noted["stages_from_cache"] == []
    code, told = verified()
    assert code == 0
    assert told.startswith(f"{len(noted['outputs'])} files are as they were written\n")

    again = command("reproduce", "runs/x", "--quiet", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("numbers that agree to 1e-06: 1 (largest relative difference 0.0e+00)")
    assert verified()[0] == 0, "to reproduce is to change nothing"

    findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    (folder / "findings.json").write_text(json.dumps(findings | {"case": "y"}))
    assert verified() == (1, "changed: findings.json\n")
    again = command("reproduce", "runs/x", "--quiet", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (1, "")
    assert again.stdout.splitlines() == ["case: was 'y', is 'x'", "1 of 3 entries differ"]

    assert command(*run, cwd=tmp_path).returncode == 0
    assert "anatomy" in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["stages_from_cache"]


@pytest.mark.parametrize("name", ["verify", "reproduce"])
def test_a_folder_without_a_run_is_one_line(tmp_path, capsys, name):
    assert execute([name, str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert (told.out, len(told.err.splitlines())) == ("", 1)
