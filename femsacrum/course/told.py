"""What came of each movement, as findings: motion over the cycle, migration, fatigue, and the bone's worst instant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from femsacrum.case.fatigue import Fatigue
from femsacrum.course.gait import Gait
from femsacrum.course.migration import migration
from femsacrum.findings import kernels
from femsacrum.findings.fatigue.tell import fatigue
from femsacrum.findings.overload import overload
from femsacrum.findings.quantities import quantity, vector
from femsacrum.findings.screw_margins import screw_margins
from femsacrum.loads.loadcase import Cycle
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Interface, undetermined
from femsacrum.meshing.bodies import Assembly


def movement(
    cycle: Cycle,
    gait: Gait,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    interfaces: tuple[Interface, ...],
    strength: Mapping[str, float],
    judged: Fatigue | None,
) -> dict[str, Any]:
    """Everything about one movement.

    Args:
        cycle: Its loads.
        gait: What was solved.
        assembly: Meshed bodies.
        materials: Body name -> material.
        interfaces: Every contact with its law.
        strength: Body -> factor on the strength of bone that the case states.
        judged: How fatigue is judged; None: it is not.
    """
    solutions = gait.solutions
    loose = sorted(set().union(*(undetermined(interfaces, each) for each in solutions)))
    slaves = {each.contact.name: list(each.contact.slave) for each in interfaces}
    walked = gait.walked
    return {
        "source": cycle.source,
        "duration": quantity(cycle.duration, "s"),
        "in_a_year": dict(zip(("low", "usual", "high"), (quantity(n, "1") for n in cycle.per_year), strict=True)),
        "percent": vector(np.array(gait.percent), "%"),
        "phases": [
            _phase(percent, case.measures, case.imbalance)
            for percent, case in zip(gait.percent, cycle.phases, strict=True)
        ],
        "outcome": walked.outcome,
        "cycles": len(walked.newton),
        "newton_steps": list(walked.newton),
        "changes": [
            {
                "cycle": each.number,
                "share": quantity(100.0 * each.share, "%"),
                "largest": quantity(1e3 * each.largest, "um"),
                "face": each.face,
            }
            for each in walked.changes
        ],
        "loose": loose,
        "faces": {
            name: {"slave": slaves[name], **_face(motion, walked.motion[name].area, name in loose)}
            for name, motion in gait.micromotion.items()
        },
        "migration": migration(walked, cycle, loose),
        "overload": overload(assembly, solutions, strength),
        "screws": screw_margins(assembly, solutions, materials, strength),
        "fatigue": None
        if judged is None
        else fatigue(assembly, materials, solutions, gait.percent, judged, cycle.per_year),
    }


def _phase(percent: float, measures: Mapping[str, float], imbalance: float) -> dict[str, Any]:
    told: dict[str, Any] = {"at": quantity(percent, "%"), "imbalance": quantity(100.0 * imbalance, "%BW")}
    for name, value in measures.items():
        word, _, unit = name.partition(" [")
        told[word] = quantity(float(value), unit.rstrip("]") or "1")
    return told


def _face(motion: Any, area: Any, loose: bool) -> dict[str, Any]:
    """Peak-to-peak motion of one face over the settled cycle."""
    values = 1e3 * np.ascontiguousarray(motion)
    known = not loose
    return {
        "area": quantity(float(area.sum()), "mm2"),
        "max": quantity(float(values.max()) if known else None, "um"),
        "p95": quantity(
            float(kernels.weighted_percentile(values, np.ascontiguousarray(area, float), 0.95)) if known else None,
            "um",
        ),
        "mean": quantity(float(area @ values / area.sum()) if known else None, "um"),
    }
