"""What the life of a part hinges on: every input to each end of its range, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from femsacrum.anatomy.model import Floats
from femsacrum.case.fatigue import NOTCHED, known_surfaces
from femsacrum.findings.fatigue.assess import CRITERIA, Assumptions, assess, usual
from femsacrum.findings.fatigue.mean_stress import RULES
from femsacrum.findings.fatigue.strengths import Spread, Strength, spread, strength

#: Time over which the safety factor is compared [yr].
YEARS = 3.0


@dataclass(frozen=True)
class Driver:
    """How the safety of a part changes with one input.

    Attributes:
        name: Of the input, in words.
        ends: What it is set to, in words, and the safety factor over three years and the damage in one that it then has.
        change: Largest over smallest safety factor, the usual one included, less 1.
    """

    name: str
    ends: tuple[tuple[str, float, float], ...]
    change: float


def drivers(
    stress: Floats, given: Assumptions, bears: Strength, per_year: tuple[float, float, float]
) -> list[Driver]:
    """Every input in turn, what moves the safety factor most first.

    Args:
        stress: At each instant at the point, shape (n, 6) [MPa].
        given: Assumptions to start from.
        bears: Strength with its ranges.
        per_year: Repetitions in a year: low, usual, high.
    """
    start = assess(stress, given)
    often = [
        (f"{count:.3g}", start.safety(YEARS * count), count * start.damage()) for count in (per_year[0], per_year[2])
    ]
    rows = {"repetitions in a year": often}
    for name, ends in _changed(given, bears):
        found = [(words, assess(stress, other)) for words, other in ends]
        rows[name] = [(words, each.safety(YEARS * per_year[1]), per_year[1] * each.damage()) for words, each in found]
    usually = start.safety(YEARS * per_year[1])
    made = [Driver(name, tuple(ends), _change([usually, *(each[1] for each in ends)])) for name, ends in rows.items()]
    return sorted(made, key=lambda each: each.change, reverse=True)


def _change(safe: list[float]) -> float:
    low, high = min(safe), max(safe)
    return 0.0 if low == high else high / low - 1.0


def _changed(given: Assumptions, bears: Strength) -> Iterator[tuple[str, list[tuple[str, Assumptions]]]]:
    """Name of an input, and for each of its other values what it is in words and the assumptions."""
    numbers: dict[str, tuple[str, Spread]] = {
        "endurance": ("endurance limit", bears.endurance),
        "ultimate": ("tensile strength", bears.ultimate),
        "early": ("strength at 1e3 cycles over the tensile strength", bears.early),
        "notch": ("notch factor", bears.notch),
        "k": ("Findley's k", spread("findley.k")),
        "scale": ("stress over that of the model", spread("stress.scale")),
    }
    for key, (name, of) in numbers.items():
        if of.low < of.high:
            ends = [(f"{end:.3g}{'' if of.unit == '1' else f' {of.unit}'}", end) for end in (of.low, of.high)]
            yield name, [(words, _set(given, key, end)) for words, end in ends]
    rules = [rule for rule in RULES if rule != given.mean_stress]
    if given.criterion != "findley":
        yield "mean-stress rule", [(rule.replace("_", " "), replace(given, mean_stress=rule)) for rule in rules]
    criteria = [each for each in CRITERIA if each != given.criterion]
    yield "criterion", [(each.replace("_", " "), replace(given, criterion=each)) for each in criteria]
    surfaces = [each for each in _others(bears) if each != bears.surface]
    if surfaces:
        made = [strength(bears.alloy, bears.process, each) for each in surfaces]
        yield (
            "surface",
            [
                (words.replace("_", " "), usual(each, given.mean_stress, given.criterion))
                for words, each in zip(surfaces, made, strict=True)
            ],
        )


def _set(given: Assumptions, key: str, value: float) -> Assumptions:
    change: dict[str, Any] = {key: value}
    return replace(given, **change)


def _others(bears: Strength) -> tuple[str, ...]:
    """Surfaces the same part could have: a rod is not threaded, a screw not contoured, a lattice stays one."""
    if bears.surface == "porous":
        return ()
    known = [each for each in known_surfaces(bears.alloy, bears.process) if each != "porous"]
    return tuple(each for each in known if each not in NOTCHED or each == bears.surface)
