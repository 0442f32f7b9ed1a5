"""The page says what the findings say, in words a reader can trust and a browser cannot be tricked by."""

import copy
from html import unescape
from html.parser import HTMLParser

import pytest

from femsacrum.aftermath import Aftermath
from femsacrum.report import words
from femsacrum.report.summary import attribution, render, write

VOID = {"meta", "img", "br"}


class Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_escapes_the_case(run, tmp_path):
    after = Aftermath((), None, {})
    page = write(tmp_path, **run, cycles=(), after=after, untouched=None).read_text(encoding="utf-8")
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert "script" not in parser.seen
    assert "does &lt;script&gt;it&lt;/script&gt; stand?" in page
    assert "two &lt;legs&gt;" in page
    assert "made of boxes &lt;&amp;&gt;" in page
    assert "<img" not in page
    assert "Figures were switched off" in page


def test_the_page_shows_rule_sources_limits_and_units(run):
    page = render(run["findings"], [])
    for said in (
        "Research software, not a medical device",
        "not a prediction",
        "Kohli 2021",
        "N/mm",
        "mm³",
        "µm",
        "Morgan",
    ):
        assert said in page
    for line in run["findings"]["limits"]:
        assert line in unescape(page)


def test_the_page_shows_how_rods_and_screws_bend(run):
    findings = copy.deepcopy(run["findings"])
    findings["beams"]["members"]["left_rod 1"] |= {"ratio": {"value": 0.7213, "unit": "1"}, "note": ""}
    page = render(findings, [])
    assert "<td>left rod 1</td><td>40 mm</td><td>0 mm</td><td>0.7213</td>" in page
    assert (
        '<td>left L5 pedicle</td><td>18 mm</td><td>0 mm</td><td class="text">not a beam: free length 0.0 mm</td>'
        in page
    )


def test_attribution_stands_where_the_reference_was_used(run):
    assert attribution(run["findings"]) == []
    borrowed = copy.deepcopy(run["findings"])
    borrowed["anatomy"]["origin"]["L5"] = "reference, scaled 1.03"
    assert "CC BY 4.0" in " ".join(attribution(borrowed))
    assert "Attribution" in render(borrowed, [])


def test_the_answer_comes_from_the_findings(run):
    said = dict(words.headline(run["findings"]))
    assert said["Does it stand?"].startswith("The metal does, under these loads applied once")
    assert "safety factor against yield is 7.23" in said["Does it stand?"]
    assert "prosthesis, 110 MPa (99.9th percentile)" in said["Where is the stress?"]
    assert "1.00 mm down, tilts 0.50 ° forwards" in said["How far does L5 go?"]
    assert "prosthesis/L5, 95 % of its area below 90 µm" in said["How much do the interfaces move?"]
    assert "left graft/left ilium: low risk" in said["Will the grafts incorporate?"]
    assert "What speaks against trusting this?" not in said


def test_bad_news_is_told(run):
    worse = copy.deepcopy(run["findings"])
    found = worse["load_cases"]["two <legs>"]
    found["implants"]["prosthesis"]["safety_factor_p999"]["value"] = 0.8
    found["bones"]["L5"]["share_beyond_yield"]["value"] = 3.2
    found["validity"][0]["holds"] = False
    said = dict(words.headline(worse))
    assert said["Does it stand?"].startswith("No, metal yields")
    assert "Most strained is L5 (two <legs>): 3.2 % of its volume" in said["Does it stand?"]
    assert "solution converged" in said["What speaks against trusting this?"]


def test_an_unoperated_pelvis_has_no_implant_answers(run):
    intact = copy.deepcopy(run["findings"])
    found = intact["load_cases"]["two <legs>"]
    found["implants"], found["interfaces"], found["incorporation"] = {}, {}, {}
    intact["incorporation"]["faces"] = {}
    said = dict(words.headline(intact))
    assert set(said) == {"Does it stand?", "How far does L5 go?"}
    assert "Incorporation of the grafts" not in render(intact, [])


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"value": 12.3456, "unit": "um"}, "12.3 µm"),
        ({"value": None, "unit": "1"}, "–"),
        ({"value": 0.0, "unit": "%"}, "0 %"),
        ({"value": 123456.0, "unit": "mm3"}, "123456 mm³"),
        ({"value": 1.234e-9, "unit": "1"}, "1.23e-09"),
        ({"value": [1.0, -2.5, 0.0], "unit": "N"}, "(1, -2.5, 0) N"),
    ],
)
def test_numbers_as_text(entry, text):
    assert words.number(entry) == text


def test_what_came_from_an_image_and_what_has_changed_the_bone_stand_on_the_page(run):
    findings = copy.deepcopy(run["findings"])
    assert "Bone from the image" not in render(findings, [])
    assert "What has changed the bone" not in render(findings, [])
    row = {
        f"youngs_modulus_p{share}": {"value": value, "unit": "MPa"}
        for share, value in ((25, 90), (50, 120), (75, 170))
    }
    row |= {key: {"value": 61.0, "unit": "%"} for key in ("cells with samples of their own", "clamped")}
    row |= {"outside the law's range": {"value": 2.0, "unit": "%"}, "source": "ct <1>"}
    doubts = ["No phantom was scanned."]
    image = {"calibration": "assumed", "bodies": {"left_ilium": row}, "doubts": doubts}
    findings["materials_from_image"] = image
    ends = {"least": 70.0, "nominal": 85.0, "largest": 100.0}
    weaker = {end: {"value": value, "unit": "%"} for end, value in ends.items()}
    findings["modifiers"] = [
        {
            "name": "radiation",
            "bodies": ["L5"],
            "stiffness": None,
            "strength": weaker,
            "healing": None,
            "source": "guess",
        }
    ]
    for entry in findings["incorporation"]["faces"].values():
        entry["healing"] = {end: {"value": 50.0, "unit": "%"} for end in ends}
    page = unescape(render(findings, []))
    assert "90 / 120 / 170 MPa" in page
    assert "left ilium: ct <1>." in page
    assert dict(words.headline(findings))["What speaks against trusting this?"].endswith(doubts[0])
    assert "85 % (70 to 100 %)" in page
    assert "the case gives healing there 50 % of its usual chance" in page


def test_a_construct_that_gives_way_does_not_stand(run):
    findings = copy.deepcopy(run["findings"])
    (found,) = findings["load_cases"].values()
    assert "gives way" not in dict(words.headline(findings))["Does it stand?"]
    for row in found["validity"]:
        if row["check"].startswith("the spine stays"):
            row |= {"holds": False, "where": ["L5: 202 mm"]}
    said = dict(words.headline(findings))["Does it stand?"]
    assert said.startswith("No, the construct gives way: two <legs> (L5: 202 mm).")


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (99.996, 2, "100"),
        (1e5, 3, "100000"),
        (0.05, 2, "0.05"),
        (0.0, 2, "0"),
        (4e-5, 3, "4.00e-05"),
        (12.34, 3, "12.3"),
    ],
)
def test_a_number_is_said_without_an_exponent_while_that_is_readable(value, digits, said):
    assert words.plain(value, digits) == said
