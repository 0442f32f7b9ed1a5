"""From what the case says to how the course is followed, and how its spread is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.ct import Modifier
from femsacrum.case.healing import HealingCourse
from femsacrum.case.implants import Graft
from femsacrum.course.healing import union as growth
from femsacrum.course.healing.months import UNCHANGED, Course, Face, Options
from femsacrum.course.healing.rates import Ranged, ranged
from femsacrum.course.healing.spread import Spread, spread
from femsacrum.course.healing.stimulus import Stimulus
from femsacrum.course.healing.surrogate import FACTORS, design, fit, solved, solves_of
from femsacrum.materials.modifiers import factor


def kind_of(graft: Graft | None) -> str:
    """Key of ``union_time`` in the table: the kind of graft, a fibula by its vessels; without a graft a porous face."""
    if graft is None:
        return "porous"
    return "vascularised_fibula" if graft.vascularised else graft.kind


def options(said: HealingCourse, modifiers: Iterable[Modifier], bodies: dict[str, str]) -> Options:
    """How the course is followed.

    Args:
        said: By the case.
        modifiers: Of the patient; their ``healing`` is a factor on the rate of union.
        bodies: Name -> role of the bodies whose faces are to unite.
    """
    speed = UNCHANGED
    if said.chemotherapy:
        speed = ranged("chemotherapy")
    if said.speed is not None:
        low, high = said.speed
        speed = _times(speed, low, 0.5 * (low + high), high, "healing speed of the case")
    patient = factor(modifiers, "healing", bodies)
    if patient.names:
        speed = _times(speed, patient.least, patient.nominal, patient.largest, ", ".join(patient.names))
    return Options(said.rule, said.months, said.every, 1.0, speed, said.irradiated)


#: Given values of ``surrogate.FACTORS`` and the bonded share of every face's points, what every face feels over a cycle.
SolveAt = Callable[[Mapping[str, float], Mapping[str, Floats]], Mapping[str, Stimulus]]


def asked(course: Course, said: HealingCourse) -> list[tuple[dict[str, float], dict[str, Floats]]]:
    """What the mechanics are asked for the spread, in turn: the values, and the bonded share of every face's points.

    Faces are united as they were on their way in the course, since one that is united from below moves otherwise than one
    that is united evenly. The union told of each is that of an even face as stiff, as the surrogate takes it.
    """
    if not said.samples:
        return []
    rows = []
    for factors in design(said.solves + 1, said.seed)[1:]:  # the first is the case as it is: the course has it
        union = {face.name: on_its_way(course, face, factors["union"]) for face in course.faces}
        even = {f"{face.name}/union": float(growth.uniform(union[face.name], face.area)) for face in course.faces}
        rows.append((factors | even, {name: growth.bonded(each) for name, each in union.items()}))
    return rows


def on_its_way(course: Course, face: Face, union: float) -> Floats:
    """Union of a face's points when the course had it as stiff as an even face of that union, shape (p,).

    Between two states of the course straight from point to point; past the most united one towards all.
    """
    path = np.array([month.union[face.name] for month in course.months])
    even = growth.uniform(path, face.area)
    most = int(np.argmax(even))
    later = int(np.argmax(even >= union)) if even[most] >= union else -1
    if later == 0:
        return np.asarray(path[0])
    if later > 0:
        share = (union - even[later - 1]) / (even[later] - even[later - 1])
        return np.asarray(path[later - 1] + share * (path[later] - path[later - 1]))
    share = (union - even[most]) / (1.0 - even[most])
    return np.asarray(path[most] + share * (1.0 - path[most]))


def spread_of(
    course: Course, said: HealingCourse, solve_at: SolveAt, progress: Callable[[str], None] | None = None
) -> Spread | None:
    """What is not known, drawn over a surrogate fitted to the course and to the solves the case asks for.

    Args:
        course: Followed with the mechanics.
        said: By the case; without ``samples`` there is no spread.
        solve_at: The mechanics, at other values; called ``said.solves`` times, with fresh grafts. Nothing felt: it stopped,
            and counts as unknown.
        progress: Told one line a solve.
    """
    if not said.samples:
        return None
    rows, wanted, stopped = list(solves_of(course)), asked(course, said), []
    for number, (factors, bonded) in enumerate(wanted, 1):
        felt = solve_at(factors, bonded)
        if felt:
            rows.append(solved(factors, course.faces, felt))
        else:
            stopped.append({name: factors[name] for name in FACTORS})
        if progress is not None:
            told = ", ".join(f"{name} {factors[name]:.2g}" for name in FACTORS)
            progress(f"solve {number} of {len(wanted)} for the spread: {told}")
    return replace(spread(course, fit(rows), said.samples, said.seed), stopped=tuple(stopped))


def _times(one: Ranged, least: float, value: float, largest: float, name: str) -> Ranged:
    """A factor multiplied by another that the case says; it has the case's word for it."""
    if one is UNCHANGED:
        return Ranged(value, least, largest, "1", "the case", "D", name)
    product = (one.value * value, one.least * least, one.largest * largest)
    return Ranged(*product, one.unit, one.source, one.confidence, f"{one.name}, {name}")
