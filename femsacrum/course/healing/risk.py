"""One figure for each graft: the chance that it does not incorporate, what drives it, what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.course.healing.months import LIMITS, Course
from femsacrum.course.healing.rates import number, ranged, worst
from femsacrum.course.healing.spread import Spread
from femsacrum.course.healing.surrogate import TRUSTED

#: Said beside every figure.
NOT_PREDICTED = (
    "Bladder, bowel and nerve function are not predicted; nor are infection, wound healing and return of the tumour."
)

#: Drivers told of each graft.
TOLD = 3
#: A change of the chance below this is not worth telling.
SLIGHT = 0.02

_WORDS = {
    "modulus": "stiffness of the bone",
    "friction": "friction of the faces",
    "load": "load",
    "host layer": "thickness of soft tissue between graft and host",
    "union time": "time such a graft takes to unite",
    "speed": "what was done to the patient",
    "slow way": "speed of bone that forms by way of cartilage",
    "loss": "time in which motion undoes half of a union",
    "stride": "strides a second",
    "flow": "how freely fluid leaves the tissue",
    "surrogate": "error of what stands for the mechanics",
    "tolerance": "how much motion this patient's bone bears",
}

_BLOCKED = {
    "gap": "gap too wide to bridge",
    "motion": "moves too much for bone to form",
    "motion between the limits": "moves between the limits of bone and of fibrous tissue",
    "too little stimulus": "feels too little for bone to form",
    "time": "still uniting at the end",
    "uncovered": "no bone opposite",
}


@dataclass(frozen=True)
class Driver:
    """Something the figure hinges on.

    Attributes:
        name: Short.
        words: As a sentence without its full stop.
        weight: How much, 0 to 1: change of the chance of union or of the mean area united, or blocked area over the area
            that may be missing.
        confidence: Of the number behind it.
    """

    name: str
    words: str
    weight: float
    confidence: str


@dataclass(frozen=True)
class Risk:
    """Incorporation risk of one graft.

    Attributes:
        graft: Its body.
        faces: Faces that all have to unite.
        figure: Chance that they are not all united at the end, 0 to 1.
        least: 5th percentile of it over what is not known of the case.
        largest: 95th percentile.
        grade: "low", "uncertain" or "high"; what stands for the mechanics errs too much to call a risk low: "uncertain".
        drivers: Up to three, the largest first.
        confidence: Lowest mark of what it rests on.
        rests_on: Input -> mark.
    """

    graft: str
    faces: tuple[str, ...]
    figure: float
    least: float
    largest: float
    grade: str
    drivers: tuple[Driver, ...]
    confidence: str
    rests_on: dict[str, str]


def risks(course: Course, spread: Spread) -> tuple[Risk, ...]:
    """The figure of every graft, in the order of the faces."""
    grafts = dict.fromkeys(face.graft for face in course.faces)
    return tuple(_risk(course, spread, graft) for graft in grafts)


def _risk(course: Course, spread: Spread, graft: str) -> Risk:
    faces = tuple(face.name for face in course.faces if face.graft == graft)
    chance = 1.0 - spread.probability(*faces)[-1]
    figure = float(chance.mean())
    least, largest = (float(value) for value in np.percentile(chance, [5.0, 95.0]))
    grade = "low" if figure < number("risk_low") else "high" if figure >= number("risk_high") else "uncertain"
    if grade == "low" and any(np.isfinite(error) and error >= TRUSTED for error in _motions(spread, faces)):
        grade = "uncertain"
    marks = _marks(course, spread, graft)
    drivers = [*_blocked(course, faces), *_hinges(spread.hinges(*faces), "chance of union", marks)]
    drivers.sort(key=lambda driver: -driver.weight)
    # where the figure is certain either way, what makes union quicker is still worth knowing
    told = {driver.name for driver in drivers}
    slower = _hinges(spread.quickens(*faces), "area united, averaged over the months,", marks)
    drivers += sorted((one for one in slower if one.name not in told), key=lambda driver: -driver.weight)
    confidence = worst(list(marks.values()))
    return Risk(graft, faces, figure, least, largest, grade, tuple(drivers[:TOLD]), confidence, marks)


def _motions(spread: Spread, faces: tuple[str, ...]) -> list[float]:
    """Error of what stands for the motion of each face, as a factor."""
    return [
        error for name, error in spread.error.items() if name.endswith("/motion") and name[: -len("/motion")] in faces
    ]


def _blocked(course: Course, faces: tuple[str, ...]) -> list[Driver]:
    """What keeps area from uniting in the course itself; its weight is that area over what may be missing."""
    whole = sum(course.face(name).area.sum() / (1.0 - course.face(name).uncovered) for name in faces)
    lost = dict.fromkeys(_BLOCKED, 0.0)
    for name in faces:
        face = course.face(name)
        lost["uncovered"] += float(face.area.sum()) * face.uncovered / (1.0 - face.uncovered)
        area = np.bincount(course.limits(name), face.area, len(LIMITS))
        for cause in set(LIMITS) & set(lost):
            lost[cause] += float(area[LIMITS.index(cause)])
    found = []
    for cause, missing in lost.items():
        share = missing / float(whole)
        if share > 0.01:
            weight = min(1.0, share / (1.0 - number("united")))
            found.append(Driver(cause, f"{_BLOCKED[cause]}: {100.0 * share:.0f} % of the area", weight, "D"))
    return found


def _hinges(changes: dict[str, float], what: str, marks: dict[str, str]) -> list[Driver]:
    """Drivers of what was drawn, from the change it makes between its lower and its upper third."""
    found = []
    for name, change in changes.items():
        if abs(change) > SLIGHT:
            way = "rises" if change > 0.0 else "falls"
            words = f"from its lower to its upper third the {what} {way} by {100.0 * abs(change):.0f} points"
            found.append(Driver(name, f"{_WORDS[name]}: {words}", abs(change), marks[name]))
    return found


def _marks(course: Course, spread: Spread, graft: str) -> dict[str, str]:
    """Mark of confidence of every input of the figure."""
    options = course.options
    kinds = {face.kind for face in course.faces if face.graft == graft}
    marks = {"union time": worst([ranged(f"union_time.{kind}").confidence for kind in kinds])}
    marks |= {name: ranged(f"{name}_factor").confidence for name in ("modulus", "friction", "load")}
    keys = {
        "host layer": "host_layer",
        "slow way": "speed_slow",
        "loss": "fibrous_half_life",
        "stride": "frequency",
        "flow": "flow_share",
    }
    marks |= {name: ranged(key).confidence for name, key in keys.items()}
    # the populations were read at the source; that they may stand for these faces, and the factor on strains, is chosen
    marks |= {"speed": options.speed.confidence, "tolerance": "D", "surrogate": "D"}
    drawn = {*spread.draws, "tolerance"}
    return {name: mark for name, mark in marks.items() if name in drawn}
