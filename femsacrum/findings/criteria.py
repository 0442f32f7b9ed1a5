"""Verdicts on what a case accepts: findings and criteria in, one row for each criterion out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from femsacrum.case.criteria import Criterion
from femsacrum.case.outcomes import OUTCOMES
from femsacrum.findings.outcomes import Reading, readings
from femsacrum.findings.quantities import quantity

MET, NOT_MET, NOT_ANSWERED = "met", "not met", "not answered"


def judge(criteria: Sequence[Criterion], findings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Hold the findings against what the case accepts.

    The worst of all values that a criterion reaches decides. Where one of them is not known, the criterion may still be
    seen not to be met, but never to be met.

    Args:
        criteria: Of the case.
        findings: The content of ``findings.json``.

    Returns:
        For each criterion "name", "outcome", "of", "load_case", "sense" ("at_most" or "at_least"), "limit", "value" and
        "margin" (above zero: inside) with their unit, "verdict", "why", "decided_by" (load case, name, and the key by
        which evidence knows it) and "source".
    """
    return [_row(criterion, findings) for criterion in criteria]


def _row(criterion: Criterion, findings: Mapping[str, Any]) -> dict[str, Any]:
    kind = OUTCOMES[criterion.outcome]
    below = criterion.at_most is not None
    limit = kind.told(criterion.limit)
    reached = [each for each in readings(criterion.outcome, findings) if _reaches(criterion, each)]
    known = [(each.value, each) for each in reached if each.value is not None]
    unknown = [each.why for each in reached if each.value is None]
    worst = (max if below else min)(known, key=lambda row: row[0], default=None)
    margin = None if worst is None else (limit - worst[0] if below else worst[0] - limit)
    if worst is None or margin is None or (unknown and margin >= 0.0):
        verdict, why = NOT_ANSWERED, "; ".join(dict.fromkeys(unknown)) or _nothing(criterion)
    else:
        verdict, why = (MET, "") if margin >= 0.0 else (NOT_MET, "")
        why = "nothing stresses it" if math.isinf(worst[0]) else why
    return {
        "name": criterion.name,
        "outcome": criterion.outcome,
        "of": criterion.of,
        "load_case": criterion.load,
        "sense": "at_most" if below else "at_least",
        "limit": quantity(limit, kind.unit),
        "value": quantity(None if worst is None else worst[0], kind.unit),
        "margin": quantity(margin, kind.unit),
        "verdict": verdict,
        "why": why,
        "decided_by": None if worst is None else _told(worst[1]),
        "source": criterion.source,
    }


def _told(one: Reading) -> dict[str, Any]:
    return {"load_case": one.load_case, "of": one.of, "key": one.key, "inverse_of": one.inverse_of}


def _reaches(criterion: Criterion, one: Reading) -> bool:
    """Whether a criterion is about a reading; a name with a pattern's letters in it reaches itself too."""
    if criterion.load is not None and criterion.load != one.load_case:
        return False
    wanted = criterion.of
    return wanted is None or any(name == wanted or fnmatchcase(name, wanted) for name in (one.of, *one.aliases))


def _nothing(criterion: Criterion) -> str:
    where = f" under {criterion.load}" if criterion.load else ""
    of = f" of {criterion.of}" if criterion.of else ""
    return f"the run does not tell it{of}{where}"
