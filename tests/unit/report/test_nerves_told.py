"""Sacral nerves on the page and in the report: what becomes of each, what strains it, and that function is not predicted."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from femsacrum.findings.limits import NERVE_LIMIT
from femsacrum.findings.nerves import nerves as told
from femsacrum.report import nerve_words, scene, tables
from femsacrum.report.document.chapters.nerves import nerves as chapter
from femsacrum.report.nerves import nerves, strains
from femsacrum.report.summary import render
from femsacrum.surgery.nerves.model import Anchor, Course, NerveGraft, Nerves, Root


def roots():
    """A kept root, one that is cut, and one bridged with 10 mm of slack, of 100 mm each."""
    made = {}
    for x, (name, fate) in enumerate((("left_S1", "kept"), ("left_S2", "cut"), ("left_S3", "bridged"))):
        line = np.column_stack([np.full(11, 8.0 * x), np.zeros(11), np.linspace(0.0, -100.0, 11)])
        course = Course(name, line, 4, line[:1], 1.5, "drawn for a test", 0.0)
        ends = tuple(Anchor(which, line[i], None) for which, i in (("canal", 0), ("foramen", 4), ("exit", 10)))
        pieces = {"kept": (line,), "cut": (line[:1], line[7:]), "bridged": (line[:4], line[7:])}[fate]
        graft = NerveGraft(50.0, 1.5, line[3:8], 40.0) if fate == "bridged" else None
        made[name] = Root(course, fate, pieces, ends if fate != "cut" else (), 10.0 if graft else 0.0, graft)
    return Nerves(made, {"left_S4": "this sacrum has no foramina of S4"}, 2.0)


def assembly():
    construct = SimpleNamespace(nerves=roots(), margins=None)
    return SimpleNamespace(construct=construct, bodies={})


@pytest.fixture
def found():
    return told(assembly(), [])


def test_the_page_says_what_becomes_of_every_root(run, found):
    findings = copy.deepcopy(run["findings"])
    assert findings["nerves"] == {}
    assert "Sacral nerve roots" not in render(findings, [])
    findings["nerves"] = found
    page = render(findings, [])
    for said in (
        "Kept: left S1.", "Bridged by a graft: left S3.", "Cut and not bridged: left S2.",
        "Not told, the sacrum ends above their foramina: left S4.", nerve_words.STANDING[:50],
        "Most strained root that stays: left S1, at most 5 % (raising the straight leg)", "No graft is strained.",
    ):  # fmt: skip
        assert said in page
    del findings["nerves"]  # a run folder of an earlier version
    assert "Sacral nerve roots" not in render(findings, [])


def test_what_scar_would_do_is_told_with_what_it_means(found):
    assert "8.3 % where scar holds it at its foramen (blood flow is impaired)" in nerve_words.answer(found)


def test_a_length_that_is_not_determined_is_told_as_at_least():
    solution = SimpleNamespace(name="standing", displacements={}, loose=())
    found = told(assembly(), [solution])  # no bone is there
    grafts = list(tables.nerves.of_nerves(found))[1]
    assert grafts.rows[0][4].text == "at least 42.9 mm"
    assert "At least: not determined in load case standing." in grafts.notes


def test_the_report_has_a_part_for_the_nerves(found):
    section = chapter(SimpleNamespace(pictures_of=lambda *kinds: ()), found)
    assert section.title == "Sacral nerve roots"
    captions = [made.caption for made in tables.nerves.of_nerves(found)]
    assert captions == ["Sacral roots", "Nerve grafts", "Strain of nerves"]
    strained = list(tables.nerves.of_nerves(found))[-1]
    assert len(strained.rows) == 2 * 3  # two roots, two postures and a motion


def test_strains_are_drawn_only_where_there_are_any(tmp_path, found):
    assert strains(tmp_path / "none.png", {}) is None
    title, caption = strains(tmp_path / "strains.png", found)
    assert title == "Strain of the sacral nerves"
    assert "function is not" in caption
    drawn = np.asarray(Image.open(tmp_path / "strains.png").convert("RGB"))
    assert {(229, 245, 224), (253, 208, 162)} <= set(map(tuple, drawn.reshape(-1, 3)))  # both bands are there


def test_roots_are_drawn_with_what_is_missing_in_the_caption(tmp_path):
    assert nerves(tmp_path / "x.png", SimpleNamespace(construct=SimpleNamespace(nerves=None))) is None
    title, caption = nerves(tmp_path / "roots.png", assembly())
    assert title == "Sacral nerve roots"
    assert "no foramina for them: left S4" in caption
    drawn = np.asarray(Image.open(tmp_path / "roots.png").convert("RGB")).astype(int)
    orange = (drawn[..., 0] > 150) & (drawn[..., 1] < 130) & (drawn[..., 2] < 60)
    assert orange.sum() > 100  # the graft
    assert scene.INK


def test_function_is_said_not_to_be_predicted():
    assert "function is not" in NERVE_LIMIT
