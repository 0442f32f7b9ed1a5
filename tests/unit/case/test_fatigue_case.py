"""What a case may say of fatigue, and the table behind it."""

import itertools

import pytest
from pydantic import ValidationError

from femsacrum.case.fatigue import Fatigue, FatiguePart, known_surfaces
from femsacrum.findings.fatigue.strengths import spread, strength
from femsacrum.sources.tables import table

PART = {"parts": "*_rod*", "alloy": "titanium", "process": "wrought", "surface": "machined", "source": "test"}
KNOWN = [
    (alloy, process, surface)
    for alloy, processes in table("fatigue")["endurance"].items()
    for process in processes
    for surface in known_surfaces(alloy, process)
]


def leaves(entry):
    if "usual" in entry:
        yield entry
    else:
        for each in entry.values():
            yield from leaves(each)


def test_defaults():
    given = Fatigue()
    assert (given.criterion, given.mean_stress, given.parts) == ("either", "goodman", ())


@pytest.mark.parametrize("made", KNOWN, ids=" ".join)
def test_every_strength_of_the_table_can_be_asked_for(made):
    alloy, process, surface = made
    FatiguePart(**{**PART, "alloy": alloy, "process": process, "surface": surface})
    found = strength(alloy, process, surface, 0.7 if surface == "porous" else 0.0)
    # at any end of the ranges metal bears more for 1e3 cycles than for 1e7
    for early, ultimate, endurance, notch in itertools.product(
        found.early.ends, found.ultimate.ends, found.endurance.ends, found.notch.ends
    ):
        assert surface == "porous" or early * ultimate > endurance / notch


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"surface": "as_built"}, 'no fatigue strength of "as_built"; known of titanium, wrought: machined'),
        (
            {"alloy": "stainless_steel", "process": "laser_printed"},
            "nothing is known of stainless_steel, laser_printed",
        ),
        ({"surface": "shiny"}, "Input should be 'machined'"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(change, told):
    with pytest.raises(ValidationError, match=told):
        FatiguePart(**{**PART, **change})


def test_ranges_are_in_order_with_unit_source_and_confidence():
    for entry in leaves(table("fatigue")):
        assert set(entry) == {"low", "usual", "high", "unit", "source", "confidence"}
        assert 0.0 < entry["low"] <= entry["usual"] <= entry["high"]
        assert entry["source"]
        assert entry["confidence"] in ("S", "S2", "M-high", "M-med", "M-low", "D")


def test_printed_limits_follow_from_what_is_cited():
    # 0.45 S / (1 - 0.55 S / ultimate) of S = 200 and 250 as built, 550 and 600 pressed hot
    bears = [0.45 * s / (1.0 - 0.55 * s / 950.0) for s in (200.0, 250.0, 550.0, 600.0)]
    as_built, pressed = (strength("titanium", "electron_beam_printed", each) for each in ("as_built", "hip_machined"))
    assert as_built.endurance.low < bears[0] < bears[1] < as_built.endurance.high + 5.0
    assert pressed.endurance.low < bears[2] < bears[3] < pressed.endurance.high
    assert as_built.endurance.low < as_built.endurance.usual < as_built.endurance.high


def test_a_lattice_bears_a_twentieth_of_its_own_strength():
    found = strength("titanium", "laser_printed", "porous", 0.7)
    assert found.ultimate.usual == pytest.approx(0.3 * 1000.0 * 0.3**1.5)
    assert found.endurance.usual == pytest.approx(0.048 * found.ultimate.usual)
    # 10 % of the tensile strength as the largest stress at R = 0.1, by Goodman
    assert spread("porous.share").usual == pytest.approx(0.45 * 0.1 / (1.0 - 0.055), rel=0.01)
