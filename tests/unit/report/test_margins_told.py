"""A margin that is short is said first, and shown in red."""

import copy
import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from femsacrum.anatomy.model import Surface
from femsacrum.errors import InputError
from femsacrum.findings.limits import SET_LIMIT
from femsacrum.findings.margins import margins as told
from femsacrum.findings.measure import measure
from femsacrum.mechanics.interfaces import LostLigament
from femsacrum.pipeline import construct
from femsacrum.report import scene, words
from femsacrum.report.margins import faces, margins
from femsacrum.report.summary import render
from femsacrum.surgery.cuts.margin import FINE, CutMargin, LeftBone, Margins, finer


def square(y):
    points = np.array([[-20.0, y, -20.0], [20.0, y, -20.0], [20.0, y, 20.0], [-20.0, y, 20.0]])
    return finer(Surface(points, np.array([[0, 1, 2], [0, 2, 3]])), FINE)


def found(*distances, behind=0.0, bone=27.0):
    """A small tetrahedral tumour before flat cuts at these distances from it."""
    points = np.array([[-4.0, 0.0, -4.0], [4.0, 0.0, -4.0], [0.0, 0.0, 4.0], [0.0, -6.0, 0.0]])
    tumour = Surface(points, np.array([[0, 2, 1], [1, 3, 0], [2, 3, 1], [0, 3, 2]]))
    cuts = {
        f"cut_{number}": CutMargin(away, np.zeros(3), np.array([0.0, away, 0.0]), 0.25, square(away), "sacrum")
        for number, away in enumerate(distances)
    }
    bones = {"L5": LeftBone(bone, np.zeros(3), np.ones(3), 0.0)}
    return Margins(tumour, "a file <of> it", 64.0, 15.0, behind, cuts, bones)


def test_a_short_margin_comes_first_and_in_red(run):
    findings = copy.deepcopy(run["findings"])
    assert findings["margins"] == {}
    assert "Margins" not in render(findings, [])
    findings["margins"] = told(found(18.0, 11.8))
    question, answer = words.headline(findings)[0]
    assert question == "Are the margins wide?"
    assert answer == "No. Margin at the cut cut 1: short of 15 mm by 3.2 mm, at (0.0, 11.8, 0.0) mm."
    page = render(findings, [])
    assert '<td class="text no">short of 15 mm by 3.2 mm</td>' in page
    assert '<td class="text">wide</td>' in page
    assert "a file &lt;of&gt; it" in page


def test_wide_margins_and_a_tumour_that_stays(run):
    findings = copy.deepcopy(run["findings"])
    findings["margins"] = told(found(18.0, 21.0))
    assert words.headline(findings)[0][1] == "Yes: the least is 18 mm, at the cut cut 0; planned are 15 mm."
    findings["margins"] = told(found(18.0, 21.0, bone=16.5))
    assert words.headline(findings)[0][1] == "Yes: the least is 16.5 mm, to L5, which stays; planned are 15 mm."
    row = told(found(-4.0, behind=0.125))
    assert row["cuts"]["cut_0"]["verdict"] == "cuts the tumour 4.0 mm deep"
    assert row["doubts"][1] == "12.5 % of the tumour stays in the patient."
    assert row["tumour"]["left_behind"] == {"value": 12.5, "unit": "%"}


def test_a_bone_beside_the_tumour_is_told_as_a_cut_is(run):
    findings = copy.deepcopy(run["findings"])
    findings["margins"] = told(found(18.0, bone=7.0))
    assert words.headline(findings)[0][1] == (
        "No. Margin to L5, which stays: short of 15 mm by 8.0 mm, at (1.0, 1.0, 1.0) mm."
    )
    assert findings["margins"]["least"]["distance"] == {"value": 7.0, "unit": "mm"}
    assert '<td class="text no">short of 15 mm by 8.0 mm</td>' in render(findings, [])


def test_the_least_margin_is_told_while_the_case_runs(run):
    said = []
    operated = SimpleNamespace(margins=found(18.0, bone=7.0))
    store = SimpleNamespace(stage=lambda *given: operated, note=said.append)
    assert construct(store, run["case"]) is operated
    assert said == [
        "least margin: 7.0 mm, to L5, which stays (planned: 15 mm)",
        "Margin to L5, which stays: short of 15 mm by 8.0 mm, at (1.0, 1.0, 1.0) mm.",
    ]


def test_ligaments_that_are_left_out_stand_on_the_page_and_in_the_findings(run):
    lost = (
        LostLigament("left_sacrospinous", "sacrum", np.array([1.0, 2.0, 3.0]), "the plan takes away <the> sacrum"),
        LostLigament("own", "L5", None, "this anatomy has no L5"),
    )
    case = run["case"].model_copy(update={"ligament_set": "pelvic"})
    given = (run["assembly"], run["materials"], run["interfaces"], run["load_cases"], run["solutions"])
    findings = measure(case, *given, lost)
    row = findings["lost_ligaments"]["left_sacrospinous"]
    assert row["at"] == {"value": [1.0, 2.0, 3.0], "unit": "mm"}
    assert findings["lost_ligaments"]["own"]["at"] is None
    assert SET_LIMIT in findings["limits"]
    assert SET_LIMIT not in run["findings"]["limits"]
    page = render(findings, [])
    assert "<tr><td>left sacrospinous</td>" in page
    assert "the plan takes away &lt;the&gt; sacrum" in page
    assert "Ligaments that are left out" not in render(run["findings"], [])


def test_the_picture_shows_short_margins_in_red(run, tmp_path):
    from matplotlib.image import imread

    try:
        scene.assert_drawable()
    except InputError as missing:
        pytest.skip(str(missing))
    assembly = run["assembly"]
    assert margins(tmp_path / "none.png", assembly) is None
    assert faces(tmp_path / "none.png", None) is None
    shares = {}
    for away in (3.0, 40.0):
        construct = dataclasses.replace(assembly.construct, margins=found(away))
        title, caption = margins(tmp_path / f"{away}.png", dataclasses.replace(assembly, construct=construct))
        assert (title, "15 mm" in caption) == ("Margins", True)
        title, _ = faces(tmp_path / "faces.png", construct.margins)
        assert title == "Cut faces and their distance to the tumour"
        square_on = imread(tmp_path / "faces.png")[:, :-200, :3]
        assert (square_on[..., 0] - square_on[..., 2] > 0.4).any() == (away < 15.0)
        pixels = imread(tmp_path / f"{away}.png")[:-120, :, :3]  # without the scale
        shares[away] = float((pixels[..., 0] - pixels[..., 2] > 0.4).mean())
    assert shares[3.0] > 0.02
    assert shares[40.0] == pytest.approx(0.0, abs=1e-4)
