"""Movements, months and the untouched pelvis on the page: told where the run has them, in words that follow the figures."""

import copy
import sys
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from running import FACE, walking

from femsacrum.aftermath import Aftermath, Healed
from femsacrum.case.schema import Case
from femsacrum.course.against_intact import Solved, against_intact
from femsacrum.course.healing.months import Options, heal
from femsacrum.course.healing.spread import spread
from femsacrum.course.healing.surrogate import fit, solves_of
from femsacrum.course.healing.told import course_findings
from femsacrum.errors import InputError
from femsacrum.report import after_words, cells, movements, scene, words
from femsacrum.report.figures import draw
from femsacrum.report.summary import render

sys.path.insert(0, str(Path(__file__).parents[1] / "course"))


def quantity(value, unit):
    return {"value": value, "unit": unit}


@pytest.fixture(scope="session")
def walked(run):
    return walking(run)


@pytest.fixture(scope="session")
def healed():
    from healing_springs import face, springs

    one = face(points=30, uncovered=0.1)
    course = heal(springs(one, motion=0.2), [one], Options(months=24))
    band = spread(course, fit(solves_of(course)), 16)
    return SimpleNamespace(course=course, spread=band, found=course_findings(course, band))


@pytest.fixture(scope="session")
def compared():
    region = {
        "energy_change": quantity(-73.0, "%"), "cortex_energy_change": quantity(None, "%"),
        "strain_change": quantity(-45.0, "%"),
        "share_shielded": {"lazy_zone_narrow": quantity(80.0, "%"), "lazy_zone_wide": quantity(40.0, "%")},
    }  # fmt: skip
    shielding = {
        "left_ilium": {"wing": region},
        "thresholds": {"lazy_zone_narrow": {"value": 0.35}, "lazy_zone_wide": {"value": 0.75}},
        "limit": "Muscles that go are in the change.",
    }
    paths = {"below L5": {"paths": {"prosthesis face": {"share": quantity(138.0, "%")}}}}
    before = {"below L5": {"paths": {"disc": {"share": quantity(100.0, "%")}}}}
    row = {
        "stiffness": quantity(2560.0, "N/mm"), "intact": quantity(359.0, "N/mm"), "of_intact": quantity(714.0, "%"),
    }  # fmt: skip
    return {
        "load_cases": {
            "standing": {
                "shielding": shielding,
                "load_paths": paths,
                "load_paths_intact": before,
                "damage": {
                    "sacrum": {
                        "operated": quantity(1.5, "1"),
                        "intact": quantity(2.0, "1"),
                        "of_intact": quantity(75.0, "%"),
                    }
                },
            }
        },
        "junction": {"loads": {"compression": {"at L4": row}}, "model": "secant", "model_intact": "linear"},
    }


@pytest.fixture
def everything(run, walked, healed, compared):
    """Findings of a run that has all of it."""
    found = copy.deepcopy(run["findings"])
    found["movements"] = {walked.cycle.name: copy.deepcopy(walked.found)}
    return found | {"healing": copy.deepcopy(healed.found), "against_intact": copy.deepcopy(compared)}


class Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.rows, self.widths = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag in ("meta", "img", "br"):
            return
        self.open.append(tag)
        span = int(dict(attrs).get("colspan", 1))
        if tag == "tr":
            self.widths.append(0)
        if tag in ("th", "td") and self.widths:
            self.widths[-1] += span
            self.rows.append(dict(attrs).get("rowspan"))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag == "table":
            # rows that share cells with the row above are shorter by them
            if not any(self.rows):
                assert len(set(self.widths)) == 1, self.widths
            self.rows, self.widths = [], []


def test_a_page_with_everything_is_well_formed_and_every_table_has_even_rows(everything):
    page = render(everything, [])
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert "walk &lt;on&gt;: a movement" in page
    assert page.index("Does it stand?") < page.index("Do the interfaces come to rest") < page.index("<h2>Patient")


def test_what_a_run_does_not_have_is_not_told(run):
    page = render(run["findings"], [])
    for said in ("a movement", "Healing over", "untouched pelvis", "Fatigue of the metal", "come to rest"):
        assert said not in page
    for said in ("Bone strained past its limit", "Nowhere. Nearest to it is", "says nothing about fatigue"):
        assert said in page


def test_a_movement_is_told_with_its_phases_faces_and_metal(everything):
    page = unescape(render(everything, []))
    assert "yes, it shakes down within 3 cycles; the last cycle changed the motion by 0.9 %" in page
    assert "95 % of its area below 60 µm" in page
    assert "<th>left hip force</th><th>L4 compression</th><th>imbalance</th><th>closing moment at L4</th>" in page
    assert "<td>25 %</td><td>200 %BW</td><td>90 %BW</td><td>1.2 %BW</td><td>3.5 N m</td>" in page
    assert "500000 to 2000000 cycles" in page
    # drift halves from cycle to cycle: 1 um and what a geometric series still brings, 1 um
    assert "comes to rest; if that goes on, 1 µm are still to come" in page
    assert "no: below" in page
    assert "<li>Prosthesis (titanium, laser printed, as built): safety factor" in page
    assert "says nothing about fatigue" not in page


def test_healing_is_told_by_month_with_its_drivers_and_its_doubts(everything, healed):
    page = unescape(render(everything, []))
    (row,) = healed.found["faces"].values()
    cells_of = "".join(f"<td>{words.number(row['area_united'][f'month_{m}'], 2)}</td>" for m in (3, 6, 12, 24, 36))
    assert cells_of in page
    assert cells_of.endswith("<td>–</td>")  # the course ended at month 24
    (risk,) = healed.found["grafts"].values()
    assert risk["drivers"][0]["text"] in page
    assert "Bladder, bowel and nerve" in page
    assert "plausibility only" in page
    assert "5 to 95 % band" in page
    nothing = render(everything | {"healing": everything["healing"] | {"grafts": {}}}, [])
    assert "No spread was asked for" in nothing
    assert f"{words.plain(row['curve']['united']['value'][-1], 2)} % united after 24 months" in nothing


def test_the_untouched_pelvis_stands_beside(everything):
    page = unescape(render(everything, []))
    assert '<td>compression</td><td class="text">at L4</td><td>2560 N/mm</td><td>359 N/mm</td><td>714 %</td>' in page
    assert '<td>left ilium</td><td class="text">wing</td><td>-73 %</td><td>–</td><td>-45 %</td>' in page
    assert "has lost more than 35 %" in page
    assert "<td>prosthesis face</td><td>+138 %</td><td>–</td>" in page
    assert "<td>disc</td><td>–</td><td>+100 %</td>" in page
    said = dict(after_words.answers(everything))["What differs from the untouched pelvis?"]
    assert said.startswith(
        "Of the load that strains 1 cm³ of the sacrum past its limit, what is left of it bears 75 % standing; "
    )
    assert "714 % of it at L4" in said
    assert "standing: strain energy of bone changes by -73 % (left ilium, wing) to -73 % (left ilium, wing)" in said
    del everything["against_intact"]["load_cases"]["standing"]["load_paths_intact"]["below L5"]
    everything["against_intact"]["junction"] = None
    assert "Stiffness of the junction" not in render(everything, [])


def test_words_follow_the_outcome(walked):
    found = copy.deepcopy(walked.found)
    found["outcome"] = "ratchets"
    assert after_words.settled(found).startswith("no, it ratchets")
    found["outcome"] = "undecided"
    assert after_words.settled(found).startswith("undecided after 3 cycles")
    found["loose"] = ["left_graft"]
    assert after_words.settled(found).endswith("nothing holds left graft")
    laws, visible = found["migration"]["laws"], found["migration"]["visible"]
    creeps = {
        "law": "linear", "still_to_come": quantity(None, "mm"), "in_a_year": quantity(3.2, "mm"),
        "cycles_until_visible": quantity(4e5, "1"), "visible_in_a_year": True,
    }  # fmt: skip
    assert (
        after_words.wanders(creeps, laws, "ratchets")
        == f"{laws['linear']}; 3.2 mm in a year of usual use, if nothing stops it"
    )
    assert after_words.shows(creeps, visible, "ratchets") == "yes, after 400000 cycles"
    assert after_words.shows({"law": "unknown"}, visible, "ratchets") == "not known"
    # what has not been seen to ratchet is not carried on through a year
    assert "3.2 mm" not in after_words.wanders(creeps, laws, "undecided")
    assert after_words.shows(creeps, visible, "undecided") == "not known"
    little = {"law": "geometric", "still_to_come": quantity(3e-6, "mm")}
    assert after_words.wanders(little, laws, "shakes down").endswith("less than 0.1 µm are still to come")


@pytest.mark.parametrize(
    ("peak", "within", "verdict"),
    [(2.0, 4.0, "By the usual strength"), (0.8, 1.5, "Not surely"), (0.4, 0.6, "No, by the usual")],
)
def test_the_verdict_on_the_metal_follows_peak_and_bulk(walked, peak, within, verdict):
    judged = copy.deepcopy(walked.found["fatigue"])
    row = judged["bodies"][judged["worst"]["body"]][judged["worst"]["part"]]
    row["safety_factor"]["1e7"]["value"] = peak
    row["below_which_99.9_percent_stay"]["safety_factor"]["1e7"]["value"] = within
    said = after_words.lasts({"walk": judged})
    assert said.startswith(verdict)
    assert f"safety factor {peak:g} for 1e7 repetitions" in said


def test_bone_and_the_weakest_screw_are_told_of_the_worst_movement():
    region = {
        "body": "left_ilium", "volume": quantity(40.0, "mm3"),
        "near": {"screw": {"name": "left_iliac_1", "distance": quantity(7.0, "mm")}},
    }  # fmt: skip
    weak = {
        "screw": "left_iliac_1",
        "mode": "toggle",
        "margin": {"low": quantity(0.3, "1"), "high": quantity(1.0, "1")},
    }
    none = {"overload": {"volume": quantity(0.0, "mm3"), "regions": []}, "screws": {"weakest": None}}
    much = {"overload": {"volume": quantity(55.0, "mm3"), "regions": [region]}, "screws": {"weakest": weak}}
    said = after_words.holds({"standing": none, "walk": much})
    assert "55 mm³ are strained past their limit (walk)" in said
    assert "the largest piece 40 mm³ in left ilium, 7 mm from left iliac 1" in said
    assert "margin of 0.3 to 1 against toggling (walk)" in said
    assert after_words.holds({"standing": none}) == "Yes: no bone or graft is strained past its limit."
    assert after_words.holds({}) == ""


def test_what_has_not_settled_speaks_against_itself(everything):
    (found,) = everything["movements"].values()
    assert not any("had not settled" in said for said in after_words.doubts(everything))
    found["outcome"] = "undecided"
    page = unescape(render(everything, []))
    assert "walk <on>: the interfaces had not settled after 3 cycles" in page
    for said in everything["healing"]["surrogate"]["doubts"]:
        assert said in after_words.doubts(everything)


def test_a_movement_in_which_nothing_rubs_has_nothing_to_settle(everything):
    (found,) = everything["movements"].values()
    found |= {"faces": {}, "changes": []}
    found["migration"]["faces"] = {}
    page = unescape(render(everything, []))
    assert "walk <on>: nothing rubs, so nothing has to come to rest." in page
    assert "Interfaces, cycle after cycle" not in page


def test_every_cause_that_keeps_a_face_from_uniting_has_words(healed):
    for face in healed.found["faces"].values():
        assert list(face["limits"]) == list(cells.LIMITED)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (1e-13, "below 0.001"), (0.5, "0.5"), (5.04, "5"), (None, "–")]
)
def test_damage_as_text(value, text):
    assert cells.damage(quantity(value, "1")) == text


def test_rounding_is_told_as_nothing():
    assert [cells.rounded(quantity(value, "%BW")) for value in (1e-8, -2e-3, 0.2)] == ["0 %BW", "0 %BW", "0.2 %BW"]
    assert cells.rounded(None) == "–"


def test_a_real_comparison_fits_the_page(run, everything):
    meshed = run["assembly"]
    joined = replace(meshed.construct, contacts=tuple(one.contact for one in run["interfaces"]))
    solved = Solved(replace(meshed, construct=joined), run["materials"], (), run["load_cases"], run["solutions"])
    everything["against_intact"] = against_intact(solved, solved)
    assert "<td>prosthesis face</td>" in render(everything, [])


def test_months_are_counted_in_english():
    assert [words.number(quantity(value, "month")) for value in (1.0, 3.0, None)] == ["1 month", "3 months", "–"]


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(1.0, 3.5, "1 to 3.5"), (None, None, "–"), (None, 2.0, "up to 2"), (2.0, None, "2 or more")],
)
def test_ranges_as_text(low, high, text):
    assert cells.ends({"low": quantity(low, "1"), "high": quantity(high, "1")}) == text


def test_a_case_that_only_moves_has_no_answer_about_standing(everything):
    everything["load_cases"] = {}
    said = dict(words.headline(everything, after_words.answers(everything)))
    assert "Does it stand?" not in said
    assert "Will the metal last?" in said
    render(everything, [])


def test_curves_of_a_face_are_its_area_force_and_motion(walked):
    motion = walked.gait.walked.motion[FACE]
    held, force, moved = movements.over_cycle(motion)
    count = len(motion.area)
    closed = 1.0 - (count // 3) / count
    assert held == pytest.approx([100.0, 100.0, 100.0 * closed, 100.0])
    assert force == pytest.approx(0.8 * motion.area.sum() * np.array([1.0, 1.0, closed, 1.0]))
    assert moved == pytest.approx([0.0, 30.0, 60.0, 20.0])
    assert not movements.rubs(replace(motion, status=np.full_like(motion.status, 3)))


def test_every_picture_of_movement_and_months_is_drawn(run, walked, healed, monkeypatch, tmp_path):
    from matplotlib.image import imread

    try:
        scene.assert_drawable()
    except InputError as missing:
        pytest.skip(str(missing))
    monkeypatch.setattr(scene, "PIXELS", (480, 400))
    asked = run["case"].model_dump(mode="json", exclude_unset=True) | {"patient": {"mass": "75 kg"}}
    case = Case.model_validate(asked | {"course": {"fatigue": {}}})
    findings = run["findings"] | {"movements": {walked.cycle.name: walked.found}}
    given = {**run, "case": case, "materials": walked.materials, "findings": findings}
    after = Aftermath((walked.gait,), Healed(None, healed.course, healed.spread), {})
    made = draw(tmp_path, **given, cycles=(walked.cycle,), after=after, untouched=None)
    mine = {figure.kind: figure for figure in made if figure.load_case != "two <legs>"}
    for kind in ("cycle_forces", "forces", "cycle_micromotion", "cycle_pressure", "cycle_contact", "fatigue",
                 "fatigue_s_n", "fatigue_haigh"):  # fmt: skip
        assert mine[kind].load_case == walked.cycle.name
    assert {"healing_union", "healing_maps"} <= set(mine)
    for figure in mine.values():
        assert (imread(figure.path)[..., :3] < 0.9).any(axis=2).mean() > 0.01, f"{figure.path.name} is blank"
    page = render(findings | {"healing": healed.found}, made)
    assert page.count("data:image/png;base64,") == len(made)
