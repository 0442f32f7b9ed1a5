"""What errors of guide and saw may do, as findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.accuracy import Accuracy
from femsacrum.course.accuracy.assess import SHEATH, Assessed, CutDrawn, Otherwise, TumourDrawn
from femsacrum.course.accuracy.chance import Chance
from femsacrum.course.accuracy.errors import MOVED
from femsacrum.course.accuracy.pose import angles
from femsacrum.findings.quantities import quantity
from femsacrum.sources.tables import constant, table

#: Cuts that were measured in patients, and what of a drawn cut is laid beside them.
PUBLISHED = (
    ("published_jig_distance", "distance in the middle of the face"),
    ("published_jig_angle", "angle"),
    ("published_pelvis_distance", "largest distance on the face"),
)
#: What is not in it.
UNKNOWN = (
    "Cuts of different bones are drawn independently of each other; a base block that leads both moves them together.",
    "Soft tissue under a guide, a guide in the wrong place and a saw that leaves its slot are rare and large; no frequency "
    "of them is known, and they are not in it.",
    "The tumour is that of the images; that they show less of it than there is, is not in it.",
    "Only cuts across a bone are drawn. The saw that opens the canal, which is the nearest to the roots of S1 and S2, the "
    "burr, and bones that stay behind an opened joint do not err here.",
    "The slot lies in the plane, so that half a kerf is taken from every margin; what is made for a cut is taken to be "
    "drawn half a kerf larger.",
)
SWAYS = (
    "A guide on the bone moves under the saw as it does in its finite-element model, feet that lift and wires that slide "
    "in their sleeves, while the blade leans on its slot with any force up to the side load, to either side alike."
)
#: How thick roots are.
THICK = f"In its sheath: the same root {2.0 * SHEATH:g} mm across, as in its foramen; its rootlets are thinner."
NO_PATHS = (
    "No paths of roots were given: short straight pieces through the middle of the foramina stand for S1 and S2, and where "
    "the roots really run is not known."
)


def accuracy(found: Assessed, said: Accuracy, planned: float | None) -> dict[str, Any]:
    """Everything that was counted, each probability with its 95 % interval.

    Args:
        found: What was counted.
        said: What the case asks.
        planned: Margin planned round the tumour [mm]; None without one.
    """
    return {
        "samples": said.samples,
        "seed": said.seed,
        "wanted": quantity(100.0 * said.probability, "%"),
        "errors": _errors(said, found.cuts),
        "cuts": {bone: _cut(cut) for bone, cut in found.cuts.items()},
        "published": _published(found.cuts),
        "margins": None if found.tumour is None or planned is None else _tumour(found.tumour, planned, said),
        "roots": {
            name: {
                "planned": quantity(root.planned, "mm"),
                "clearance": spread(root.clearance, "mm"),
                "touched": told(root.touched),
                "in_sheath": told(root.in_sheath),
            }
            for name, root in found.roots.items()
        },
        "gaps": {
            face: {
                "mean": spread(gap.mean, "mm"),
                "largest": spread(gap.largest, "mm"),
                "bridged": spread(100.0 * gap.bridged, "%"),
                "risk": {grade: quantity(100.0 * share, "%") for grade, share in gap.risk.items()},
            }
            for face, gap in found.gaps.items()
        },
        "another_seat": None if found.otherwise is None else _otherwise(found.otherwise),
        "limits": [
            *UNKNOWN,
            *([SWAYS] if any(_moves(cut) for cut in found.cuts.values()) else []),
            *([THICK] if found.roots else []),
            *([NO_PATHS] if found.roots and not found.roots_given else []),
        ],
    }


def _moves(cut: CutDrawn) -> bool:
    return any(part.name == MOVED for part in cut.parts)


def told(one: Chance) -> dict[str, Any]:
    """A probability with its interval [%]."""
    return {key: quantity(100.0 * getattr(one, key), "%") for key in ("value", "low", "high")}


def spread(values: Floats, unit: str) -> dict[str, Any]:
    """Mean, median and where 90 of 100 draws lie."""
    low, middle, high = np.percentile(values, [5.0, 50.0, 95.0])
    return {
        "mean": quantity(float(values.mean()), unit),
        "p05": quantity(float(low), unit),
        "median": quantity(float(middle), unit),
        "p95": quantity(float(high), unit),
    }


def _errors(said: Accuracy, cuts: Mapping[str, CutDrawn]) -> dict[str, Any]:
    """Every number the errors follow from, with its source."""
    own, rows = said.errors.model_dump(exclude_none=True), {}
    moved = bool(cuts) and all(_moves(cut) for cut in cuts.values())
    for name in table("accuracy"):
        if name.startswith(("published", "root")):
            continue
        if moved and name == "wire_free_length":
            continue  # the guide was solved with its wires as they are
        entry = constant("accuracy", name)
        given = name in own
        rows[name] = {
            "value": own.get(name, entry.value),
            "unit": entry.unit,
            "source": "the case" if given else entry.source,
            "confidence": "" if given else entry.confidence,
        }
    return rows


def _otherwise(found: Otherwise) -> dict[str, Any]:
    return {
        "seat": found.seat,
        "margin": None if found.margin is None else told(found.margin),
        "roots": {name: told(touched) for name, touched in found.touched.items()},
        "gaps": {face: quantity(100.0 * share, "%") for face, share in found.high.items()},
    }


def _cut(cut: CutDrawn) -> dict[str, Any]:
    whole = np.sum([each.covariance for each in cut.parts], axis=0)
    return {
        "reach": quantity(cut.reach, "mm"),
        "offset_mean": quantity(float(cut.poses[:, 0].mean()), "mm"),
        "offset_sd": quantity(float(np.sqrt(whole[0, 0])), "mm"),
        "tilt_sd": quantity(float(np.degrees(np.sqrt(0.5 * (whole[1, 1] + whole[2, 2])))), "deg"),
        "parts": {
            each.name: {
                "offset_sd": quantity(float(np.sqrt(each.covariance[0, 0])), "mm"),
                "share_of_offset": quantity(100.0 * float(each.covariance[0, 0] / max(whole[0, 0], 1e-300)), "%"),
            }
            for each in cut.parts
        },
        "distance": spread(np.abs(cut.poses[:, 0]), "mm"),
        "farthest": spread(cut.farthest, "mm"),
        "angle": spread(angles(cut.poses), "deg"),
    }


def _published(cuts: Mapping[str, CutDrawn]) -> list[dict[str, Any]]:
    """What was measured in patients, beside what is predicted of all cuts together."""
    if not cuts:
        return []
    drawn = (
        np.concatenate([np.abs(cut.poses[:, 0]) for cut in cuts.values()]),
        np.concatenate([angles(cut.poses) for cut in cuts.values()]),
        np.concatenate([cut.farthest for cut in cuts.values()]),
    )
    rows = []
    for (name, what), values in zip(PUBLISHED, drawn, strict=True):
        entry = constant("accuracy", name)
        rows.append(
            {
                "what": what,
                "published": quantity(entry.value, entry.unit),
                "source": entry.cited(),
                "predicted": spread(values, entry.unit),
            }
        )
    return rows


def _tumour(drawn: TumourDrawn, planned: float, said: Accuracy) -> dict[str, Any]:
    last = list(drawn.growing.values())[-1]
    sure = float(np.percentile(drawn.least, 100.0 * (1.0 - said.probability)))
    return {
        "planned": quantity(planned, "mm"),
        "least_planned": quantity(drawn.planned, "mm"),
        "least": spread(drawn.least, "mm"),
        "at_least": [
            {"margin": quantity(one, "mm"), "probability": told(each)}
            for one, each in zip(drawn.limits, drawn.overall, strict=True)
        ],
        "as_planned": told(last),
        "kept": bool(last.low >= said.probability),
        "sure": quantity(sure, "mm"),
        "convergence": [{"samples": count, "probability": told(each)} for count, each in drawn.growing.items()],
    }
