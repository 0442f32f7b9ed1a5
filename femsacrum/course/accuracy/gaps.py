"""Gaps at the faces of a prosthesis and its grafts, which are made for the planned cut, over drawn cuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.course.accuracy.chance import chunks
from femsacrum.course.accuracy.pose import heights
from femsacrum.findings.incorporation import GRADES, graded
from femsacrum.findings.quantities import limit
from femsacrum.surgery.implants.fit import Fit
from femsacrum.surgery.shapes.frame import Frame

#: Of the points of a fit every so manieth is looked at, along either axis: 2 mm apart.
EVERY = 4


@dataclass(frozen=True)
class Gaps:
    """Gap of one face over drawn cuts.

    Attributes:
        mean: Over the face, shape (n,) [mm].
        largest: On the face, shape (n,) [mm].
        bridged: Share of the face that bone grows over at best, shape (n,).
        adverse: Share of the face with a gap that bone does not bridge, shape (n,).
        risk: Grade of the gap alone, without any motion -> share of the draws.
    """

    mean: Floats
    largest: Floats
    bridged: Floats
    adverse: Floats
    risk: Mapping[str, float]


def gaps(fits: Mapping[str, Fit], frame: Frame, poses: Floats) -> dict[str, Gaps]:
    """Gap of every face on one cut.

    Bone that is left standing holds off all that lies on the cut: it is pressed on until it touches first, square to the
    plan.

    Args:
        fits: Contact -> how its face fits the planned cut.
        frame: Of the cut.
        poses: Offset and slopes of the cuts, shape (n, 3).
    """
    at, planned = {}, {}
    for name, fit in fits.items():
        coarse = fit.gap[::EVERY, ::EVERY]
        rows, columns = np.nonzero(np.isfinite(coarse))
        flat = np.column_stack([fit.across[::EVERY][columns], fit.along[::EVERY][rows]])
        at[name], planned[name] = frame.flat(fit.frame.space(flat)), np.maximum(coarse[rows, columns], 0.0)
    names = [name for name in at if len(at[name])]
    if not names:
        return {}
    ends = np.cumsum([0, *(len(at[name]) for name in names)])
    every, found = np.vstack([at[name] for name in names]), {name: np.empty((4, len(poses))) for name in names}
    for some in chunks(len(poses), len(every)):
        opening = -heights(poses[some], every)
        opening -= np.minimum(0.0, opening.min(axis=1))[:, None]
        for name, first, last in zip(names, ends[:-1], ends[1:], strict=True):
            gap = opening[:, first:last] + planned[name]
            bridged, adverse = gap <= limit("gap_favourable"), gap > limit("gap_adverse")
            found[name][:, some] = [each(axis=1) for each in (gap.mean, gap.max, bridged.mean, adverse.mean)]
    return {name: Gaps(rows[0], rows[1], rows[2], rows[3], _risk(rows[2], rows[3])) for name, rows in found.items()}


def _risk(bridged: Floats, adverse: Floats) -> dict[str, float]:
    shares, counts = np.unique(np.stack([bridged, adverse]), axis=1, return_counts=True)
    risk = dict.fromkeys(GRADES, 0.0)
    for good, bad, count in zip(*shares, counts, strict=True):
        risk[graded(float(good), float(bad))] += float(count) / len(bridged)
    return risk
