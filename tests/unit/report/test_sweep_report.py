"""The report of a sweep: three files, the same bytes again, honest about what is missing, and text is text."""

import json
import re

import pytest
from pypdf import PdfReader

from femsacrum.errors import InputError
from femsacrum.report.sweep.write import sweep_report
from femsacrum.sweep import records
from femsacrum.sweep.definition import Sweep
from femsacrum.sweep.design import points
from femsacrum.sweep.records import Record

HOSTILE = "<script>alert(1)</script> $x$ #panic() {{ 7 * 7 }} \u202e"
FACTORS = [
    {"name": "rod", "key": "rod", "unit": "mm", "values": [5.5, 6.0, 6.35], "source": HOSTILE},
    {"name": "graft", "key": "graft", "values": ["fibula", HOSTILE], "source": "a test"},
    {"name": "friction", "key": "friction", "low": 0.3, "high": 0.6, "source": "a test"},
]
WANTED = [
    {"name": "drop", "load": "standing", "key": "drop", "at_most": 2.0},
    {"name": "metal", "key": "metal", "goal": "least"},
]


def made(folder, last=32):
    """A sweep of 32 points, one in ten refused, and its report."""
    folder.mkdir()
    told = {"schema_version": 1, "name": "rods", "case": "case.toml", "question": HOSTILE, "factors": FACTORS}
    sweep = Sweep.model_validate(told | {"design": {"kind": "sobol", "points": 32}, "outcomes": WANTED})
    rows = points(sweep, folder)
    for number, point in enumerate(rows[:last]):
        drop = 2.0 * (6.0 / point["rod"]) ** 2 - point["friction"]
        told = (("standing", "drop", "mm", drop), ("", "metal", "mm3", 900.0 * point["rod"] ** 2),
                ("stance", "interfaces.|loose|", "1", 2.0 * (number < 3)))  # fmt: skip
        outcomes = tuple({"load_case": load, "key": key, "words": HOSTILE, "unit": unit, "value": value}
                         for load, key, unit, value in told)  # fmt: skip
        well = number % 10 != 9
        reason = "" if well else f"input: {HOSTILE}"
        records.write(folder, Record(number, point, "done" if well else "refused", reason, code="code",
                                     outcomes=outcomes if well else ()))  # fmt: skip
    return sweep_report(folder, sweep, rows, "code"), (sweep, rows)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("sweep") / "rods"


@pytest.fixture(scope="module")
def files(place):
    return made(place)


def test_three_files_tell_that_the_sweep_is_complete_and_what_was_refused(files):
    pages, _, data = files[0]
    assert [file.name for file in files[0]] == ["sweep_report.pdf", "sweep_report.html", "sweep_report.json"]
    told = json.loads(data.read_text(encoding="utf-8"))
    assert told["status"] == "Complete: all 32 points have an answer (29 done, 3 refused, 0 failed)."
    text = re.sub(r"\s+", " ", "".join(each.extract_text() for each in PdfReader(pages).pages))
    assert "rod matters most" in text
    assert "3 of 32 points were refused" in text
    assert "At 3 of the 29 points that are done nothing holds a graft any more in stance" in text


def test_text_is_text(files):
    page = files[0][1].read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "\u202e" not in page
    text = "".join(each.extract_text() for each in PdfReader(files[0][0]).pages)
    assert "#panic()" in text


def test_the_same_records_give_the_same_bytes(place, files):
    before = [file.read_bytes() for file in files[0]]
    sweep, rows = files[1]
    assert [file.read_bytes() for file in sweep_report(place, sweep, rows, "code")] == before


def test_a_sweep_that_is_not_complete_says_so_first(tmp_path):
    (_, page, _), _ = made(tmp_path / "rods", last=20)
    text = page.read_text(encoding="utf-8")
    assert 'class="status unsound"' in text
    assert "Incomplete: 12 of 32 points were not tried yet" in text


def test_a_sweep_of_nothing_is_one_line(tmp_path):
    with pytest.raises(InputError, match="no point is done"):
        made(tmp_path / "rods", last=0)
