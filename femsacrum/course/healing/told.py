"""The course of healing as findings: every number with its unit, what is known beside what was computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.course.healing.months import LIMITS, Course, Face
from femsacrum.course.healing.rates import number, ranged
from femsacrum.course.healing.risk import NOT_PREDICTED, Risk, risks
from femsacrum.course.healing.rules import RULES
from femsacrum.course.healing.spread import PATIENTS, Spread
from femsacrum.course.healing.surrogate import TRUSTED
from femsacrum.course.healing.union import UNITED_IN_TIME
from femsacrum.findings.quantities import quantity, vector

#: Months that are told.
TOLD_AT = (3, 6, 12, 24, 36)

STANDING = (
    "A rule followed month after month, not a prediction of this patient: rules come from fractures and implants in "
    "animals, times from other sites, and no measured course of a graft after sacrectomy was found."
)


def course_findings(course: Course, spread: Spread | None = None) -> dict[str, Any]:
    """What became of the faces.

    Args:
        course: Followed with the mechanics.
        spread: What is not known, drawn; None: no spread was asked for, and no risk is given.
    """
    options = course.options
    found: dict[str, Any] = {
        "standing": STANDING,
        "rule": {"name": options.rule, "text": str(RULES[options.rule].__doc__).splitlines()[0]},
        "months": quantity(float(course.times()[-1]), "month"),
        "speed": _ranged(options.speed),
        "united_means": {"area": quantity(100.0 * number("united"), "%"), "source": ranged("united").source},
        "faces": {face.name: _face(course, face, spread) for face in course.faces},
        "grafts": {},
        "beside": beside(course, spread),
        "not_predicted": NOT_PREDICTED,
    }
    if spread is not None:
        found["grafts"] = {risk.graft: _risk(risk) for risk in risks(course, spread)}
        found["surrogate"] = _surrogate(spread)
    return found


def _face(course: Course, face: Face, spread: Spread | None) -> dict[str, Any]:
    united = 100.0 * course.united(face.name)
    share = np.bincount(course.limits(face.name), face.area, len(LIMITS)) / face.area.sum() * (1.0 - face.uncovered)
    first, end = course.months[0].felt[face.name], course.months[-1].felt[face.name]
    found: dict[str, Any] = {
        "graft": face.graft,
        "kind": face.kind,
        "union_time": _ranged(ranged(f"union_time.{face.kind}")),
        "area": quantity(float(face.area.sum() / (1.0 - face.uncovered)), "mm2"),
        "area_united": _by_month(course, face.name),
        "curve": {
            "month": vector(course.times(), "month"),
            "united": vector(united, "%"),
        },
        "time_to_50": quantity(course.time_to(face.name, 0.5), "month"),
        "time_to_90": quantity(course.time_to(face.name, UNITED_IN_TIME), "month"),
        "limits": {
            cause.replace(" ", "_"): quantity(100.0 * float(value), "%")
            for cause, value in zip(LIMITS, share, strict=True)
        }
        | {"no_bone_opposite": quantity(100.0 * face.uncovered, "%")},
        "motion_at_first": quantity(1e3 * float(face.mean(first.motion)), "um"),
        "motion_in_the_end": quantity(1e3 * float(face.mean(end.motion)), "um"),
    }
    if spread is not None:
        found["spread"] = _spread(spread, face.name)
    return found


def _by_month(course: Course, name: str) -> dict[str, Any]:
    shares = {month: course.united_at(name, month) for month in TOLD_AT}
    return {f"month_{month}": quantity(None if one is None else 100.0 * one, "%") for month, one in shares.items()}


def _spread(spread: Spread, name: str) -> dict[str, Any]:
    band, chance = 100.0 * spread.band(name), 100.0 * spread.probability(name)
    told = [month for month in TOLD_AT if month <= spread.times[-1]]
    return {
        "area_united": {f"month_{month}": _band(band[:, spread.at(month)]) for month in told},
        "union_probability": {
            f"month_{month}": {
                "mean": quantity(float(chance[spread.at(month)].mean()), "%"),
                **_band(np.percentile(chance[spread.at(month)], [5.0, 50.0, 95.0])),
            }
            for month in told
        },
    }


def _band(values: Floats) -> dict[str, Any]:
    return {key: quantity(float(value), "%") for key, value in zip(("p05", "p50", "p95"), values, strict=True)}


def _risk(risk: Risk) -> dict[str, Any]:
    return {
        "risk": quantity(100.0 * risk.figure, "%"),
        "resolution": quantity(100.0 / PATIENTS, "%"),
        "p05": quantity(100.0 * risk.least, "%"),
        "p95": quantity(100.0 * risk.largest, "%"),
        "grade": risk.grade,
        "faces": list(risk.faces),
        "drivers": [
            {
                "name": one.name,
                "text": one.words,
                "weight": quantity(100.0 * one.weight, "%"),
                "confidence": one.confidence,
            }
            for one in risk.drivers
        ],
        "confidence": risk.confidence,
        "rests_on": risk.rests_on,
        "not_predicted": NOT_PREDICTED,
    }


def _surrogate(spread: Spread) -> dict[str, Any]:
    return {
        "solves": spread.solves,
        "trusted": spread.trusted,
        "doubts": _doubts(spread),
        "outputs": {
            name: {"form": spread.form[name], "held_out_error_factor": quantity(error, "1")}
            for name, error in spread.error.items()
        },
    }


def _doubts(spread: Spread) -> list[str]:
    """What speaks against the spread."""
    found = []
    motion = {name.rpartition("/")[0]: error for name, error in spread.error.items() if name.endswith("/motion")}
    unknown = [face for face, error in motion.items() if not np.isfinite(error)]
    rough = [error for error in motion.values() if error >= TRUSTED]
    if unknown:
        found.append(
            f"The motion of {', '.join(unknown)} was solved at too few unions to say how it falls as the face unites: in "
            "the spread it stays what it was at first."
        )
    if rough:
        found.append(
            f"What stands for the mechanics errs by a factor of up to {max(rough):.2f} on solves it has not seen, more than "
            f"{TRUSTED:g}: the spread is a rough one."
        )
    for factors in spread.stopped:
        said = ", ".join(f"{name} {value:.2f}" for name, value in factors.items())
        found.append(
            f"The solve with {said} (factors on what the case says, union as a share) came to no end and is not in the "
            "spread: whether the construct carries the load there is not known."
        )
    if spread.unvaried:
        found.append(f"No solves vary {', '.join(spread.unvaried)}: what that would do is not in the spread.")
    return found


def _ranged(one: Any) -> dict[str, Any]:
    return {
        "least": quantity(one.least, one.unit),
        "value": quantity(one.value, one.unit),
        "largest": quantity(one.largest, one.unit),
        "source": one.source,
        "confidence": one.confidence,
    }


def beside(course: Course, spread: Spread | None) -> dict[str, Any]:
    """What was observed in patients, laid beside what was computed; a check of plausibility and no more."""
    grafts = {face.kind for face in course.faces}
    fibula = [face.name for face in course.faces if face.kind == "vascularised_fibula"]
    plain = [face.name for face in course.faces if face.kind in ("fibular_strut", "femoral_allograft")]
    rows = [
        _row(
            "vascularised_fibula_united",
            _chance(spread, fibula),
            "vascularised_fibula" in grafts,
            "united in the end",
        ),
        _row("vascularised_fibula_pelvic_ring", _chance(spread, fibula), "vascularised_fibula" in grafts, "the same"),
        _row("plain_strut_failed", _failed(spread, plain), bool(plain), "not united in the end"),
        _row("printed_sacrum_broken", None, "porous" in grafts, "see the findings on fatigue"),
        _row("breakage_time", None, True, "see the findings on fatigue"),
    ]
    return {
        "rows": rows,
        "standing": (
            "A check of plausibility and no more: few patients, other sites, other grafts and loads; agreement proves "
            "nothing, and disagreement asks for a reason. Metal also broke in patients whose bone had grown in (Wei 2019)."
        ),
    }


def _row(key: str, computed: float | None, applies: bool, what: str) -> dict[str, Any]:
    one = ranged(f"observed.{key}")
    scale, unit = (100.0, "%") if one.unit == "1" else (1.0, one.unit)
    observed = {"value": quantity(scale * one.value, unit)}
    if one.least < one.largest:
        observed |= {"least": quantity(scale * one.least, unit), "largest": quantity(scale * one.largest, unit)}
    return {
        "name": key,
        "observed": observed,
        "computed": quantity(None if computed is None else scale * computed, unit),
        "computed_means": what,
        "applies": applies,
        "source": one.source,
        "confidence": one.confidence,
    }


def _chance(spread: Spread | None, faces: list[str]) -> float | None:
    return float(spread.probability(*faces)[-1].mean()) if spread is not None and faces else None


def _failed(spread: Spread | None, faces: list[str]) -> float | None:
    chance = _chance(spread, faces)
    return None if chance is None else 1.0 - chance
