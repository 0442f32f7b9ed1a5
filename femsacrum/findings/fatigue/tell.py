"""Fatigue of the metals as findings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from femsacrum.case.fatigue import Fatigue
from femsacrum.findings import kernels
from femsacrum.findings.fatigue.assess import Assessed, assess
from femsacrum.findings.fatigue.bodies import BodyFatigue, assumptions, bodies
from femsacrum.findings.fatigue.conditions import Part
from femsacrum.findings.fatigue.drivers import Driver, drivers
from femsacrum.findings.fatigue.strengths import KNEE, Spread, Strength, spread
from femsacrum.findings.quantities import place, quantity, vector
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly, BodyMesh

#: Repetitions at which damage and safety are told.
REPETITIONS = (1e6, 5e6, 1e7)
#: Repetitions beyond which no life is told: metals have hardly been tested for longer.
TESTED = 1e9
#: Share of a part's volume whose use of strength lies below the one told beside the peak.
SHARE = 0.999
#: Spread among elements at the peak above which the mesh is said not to resolve it.
ROUGH = 0.2

LIMITS = (
    "Fatigue is judged by stress of linear elasticity: no yielding, no residual stress of bending the rod or of "
    "printing, no fretting where rod and screw touch, no corrosion; each of them shortens life but compression left by "
    "bending, which may lengthen it.",
    "A peak at a re-entrant corner grows as the mesh is refined, and its life shrinks with the tenth to twentieth power: "
    "the peak and the stress that 99.9 % of the part stay below are both told.",
    "Screws are plain cylinders of their outer diameter: thread and core diameter are in a notch factor only.",
    "A damage of 1 is where half of the bars of a laboratory broke, not a date; no probability is told.",
)


def fatigue(
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    solutions: Sequence[LoadCaseSolution],
    percent: Sequence[float],
    options: Fatigue | None = None,
    per_year: tuple[float, float, float] | None = None,
) -> dict[str, Any]:
    """Damage and safety of every rod, screw and prosthesis over a movement that repeats.

    Args:
        assembly: Meshed bodies.
        materials: Body name -> elasticity.
        solutions: One for each instant of the steady cycle, in order.
        percent: Where in the cycle each of them is [%].
        options: What the case says; None: its defaults.
        per_year: Repetitions in a year: low, usual, high; None: those of ``sources/fatigue.toml``.

    Returns:
        A mapping JSON can hold; every number stands as ``{"value": ..., "unit": ...}``.
    """
    said = options or Fatigue()
    return told(assembly, bodies(assembly, materials, solutions, said), percent, said, per_year)


def told(
    assembly: Assembly,
    found: Mapping[str, BodyFatigue],
    percent: Sequence[float],
    options: Fatigue,
    per_year: tuple[float, float, float] | None = None,
) -> dict[str, Any]:
    """The same from what ``bodies`` found, which the pictures need as well.

    Args:
        assembly: Meshed bodies.
        found: Of each metal body.
        percent: Where in the cycle each instant is [%].
        options: What the case says.
        per_year: As above.
    """
    often = per_year or spread("cycles.per_year").ends
    rows = {name: _body(assembly.bodies[name], each, percent, options, often) for name, each in found.items()}
    safe = {
        (name, part): row["safety_factor"]["1e7"]["value"]
        for name, body in rows.items()
        for part, row in body.items()
        if row["strength"] is not None
    }
    worst = min(safe, key=lambda key: math.inf if safe[key] is None else safe[key], default=None)
    return {
        "criterion": options.criterion,
        "mean_stress": options.mean_stress,
        "repetitions_in_a_year": _ends(often, "1"),
        "bodies": rows,
        "worst": None if worst is None else {"body": worst[0], "part": worst[1]},
        "limits": list(LIMITS),
    }


def _body(
    mesh: BodyMesh,
    found: BodyFatigue,
    percent: Sequence[float],
    options: Fatigue,
    per_year: tuple[float, float, float],
) -> dict[str, Any]:
    return {
        part.name: _part(mesh, found, index, percent, options, per_year) for index, part in enumerate(found.parts)
    }


def _part(
    mesh: BodyMesh,
    found: BodyFatigue,
    index: int,
    percent: Sequence[float],
    options: Fatigue,
    per_year: tuple[float, float, float],
) -> dict[str, Any]:
    part, past = found.parts[index], found.history
    given = assumptions(part, options)
    if given is None or part.strength is None:
        why = "no fatigue strength is known of this metal: name it in course.fatigue.parts"
        return {"strength": None, "note": why}
    mine = np.flatnonzero(past.part == index)
    peak = mine[int(found.use[mine].argmax())]
    below = kernels.weighted_percentile(found.use[mine], past.volume[mine], SHARE)
    inner = mine[int(np.abs(found.use[mine] - below).argmin())]
    at_peak, inside = assess(past.stress[:, peak], given), assess(past.stress[:, inner], given)
    hinges = drivers(past.stress[:, peak], given, part.strength, per_year)
    rough = float(past.scatter[peak])
    return {
        "strength": _strength(part.strength),
        "at": place(mesh.nodes[past.node[peak]]),
        "near": _near(mesh, mesh.nodes[past.node[peak]]),
        **_cycle(at_peak, percent),
        **_life(at_peak, per_year),
        "below_which_99.9_percent_stay": {
            "at": place(mesh.nodes[past.node[inner]]),
            "normal_stress": _cycle(inside, percent)["normal_stress"],
            **_life(inside, per_year),
        },
        "scatter_between_elements": quantity(100.0 * rough, "%"),
        "peak_may_be_singular": rough > ROUGH,
        "hinges_on": [_driver(each) for each in hinges],
        "notes": _notes(part, at_peak, rough),
    }


def _strength(bears: Strength) -> dict[str, Any]:
    ranges = {
        "ultimate": bears.ultimate,
        "endurance_1e7": bears.endurance,
        "notch_factor": bears.notch,
        "at_1e3_over_ultimate": bears.early,
    }
    return {
        "alloy": bears.alloy,
        "process": bears.process,
        "surface": bears.surface,
        "porosity": quantity(100.0 * bears.porosity, "%"),
        **{name: _range(each) for name, each in ranges.items()},
    }


def _range(of: Spread) -> dict[str, Any]:
    return {**_ends(of.ends, of.unit), "source": of.source, "confidence": of.confidence}


def _ends(of: tuple[float, float, float], unit: str) -> dict[str, Any]:
    return {name: quantity(end, unit) for name, end in zip(("low", "usual", "high"), of, strict=True)}


def _cycle(found: Assessed, percent: Sequence[float]) -> dict[str, Any]:
    """The largest cycle of the stress across the plane that opens most."""
    across, governing = found.across, found.governing
    high, low = float(across.max()), float(across.min())
    counted = found.counted[governing]
    sizes = counted.reversed()
    return {
        "governed_by": governing,
        "plane_normal": vector(found.normal[governing], "1"),
        "normal_stress": {
            "amplitude": quantity(0.5 * (high - low), "MPa"),
            "mean": quantity(0.5 * (high + low), "MPa"),
            "ratio": quantity(low / high if high > 0.0 else None, "1"),
            "largest_at": quantity(float(percent[int(across.argmax())]), "% of the cycle"),
            "least_at": quantity(float(percent[int(across.argmin())]), "% of the cycle"),
        },
        "reversed_amplitude": quantity(float(sizes.max()) if len(sizes) else 0.0, "MPa"),
        "cycles_in_one_repetition": quantity(float(counted.count.sum()), "1"),
        "endurance_with_notch": quantity(found.line.endurance, "MPa"),
        "slope": quantity(found.line.exponent, "1"),
    }


def _life(found: Assessed, per_year: tuple[float, float, float]) -> dict[str, Any]:
    once = found.damage()
    years = [1.0 / (once * count) if once > 1.0 / TESTED else math.inf for count in per_year]
    return {
        "equivalent_amplitude": quantity(found.equivalent(), "MPa"),
        "damage": {_power(count): quantity(count * once, "1") for count in REPETITIONS},
        "safety_factor": {_power(count): quantity(found.safety(count), "1") for count in REPETITIONS},
        "years_to_damage_1": _ends((years[2], years[1], years[0]), "yr"),
        "safety_factor_1e7_by_criterion": {
            name: quantity(each.safety(found.line, KNEE), "1") for name, each in found.counted.items()
        },
    }


def _driver(each: Driver) -> dict[str, Any]:
    return {
        "input": each.name,
        "safety_factor_changes_by": quantity(100.0 * each.change, "%"),
        "ends": [
            {"at": words, "safety_factor": quantity(safe, "1"), "damage_in_a_year": quantity(damage, "1")}
            for words, safe, damage in each.ends
        ],
    }


def _notes(part: Part, found: Assessed, rough: float) -> list[str]:
    """What a reader has to know about this part."""
    across, notes = found.across, []
    if rough > ROUGH:
        notes.append(
            f"elements that meet at the peak disagree by {100.0 * rough:.0f} %: the mesh does not resolve it"
        )
    sizes = found.counted[found.governing].reversed()
    if len(sizes) and sizes.max() > found.line.early:
        notes.append("above the strength at 1e3 cycles: the metal yields, the number of cycles is an extrapolation")
    if not across.max() > 0.0:
        notes.append("in compression throughout")
    if part.strength is not None and part.strength.surface == "porous":
        notes.append("stress of the lattice as a whole against the strength of a porous bar, not of its struts")
    return notes


def _near(mesh: BodyMesh, point: Any) -> dict[str, Any] | None:
    """The named face that is nearest, "surface" apart; None where there is none."""
    named = [(name, mesh.facets_of(name)) for name in mesh.face_names if name != "surface"]
    away = {
        name: float(np.linalg.norm(mesh.nodes[np.unique(facets)] - point, axis=1).min())
        for name, facets in named
        if len(facets)
    }
    if not away:
        return None
    nearest = min(away, key=lambda name: away[name])
    return {"face": nearest, "distance": quantity(away[nearest], "mm")}


def _power(count: float) -> str:
    """1e6, 5e6, 1e7."""
    digits, power = f"{count:.0e}".split("e")
    return f"{digits}e{int(power)}"
