"""What three meshes of one case tell of each quantity, as rows, and as the evidence that is kept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from femsacrum.credibility.gci import UNSURE, Estimate, estimate, unlike
from femsacrum.credibility.quantity import Quantity
from femsacrum.errors import NumericalError

VERSION = 1
#: Element sizes by which a peak may move between two meshes and still be the same peak. Ours.
SAME_PLACE = 3.0
#: Disagreement of the elements that meet at a peak of stress above which the mesh does not resolve it, if the finest mesh
#: is no better than the coarsest [1]. Ours.
DISAGREE = 0.2
#: Ratio of cell sizes from which an order can be trusted (Celik 2008: from experience, no proof).
ENOUGH = 1.3
#: Ratio of the cell sizes of one body below which it is told to be hardly refined. Ours.
HARDLY = 1.1
#: All of an area [%].
WHOLE = 100.0
#: How the columns are to be read.
RULES = {
    "sizes": "(V/N)^(1/3) of the whole mesh, fine to coarse",
    "gci": f"half-width of the band round the fine mesh's value; {UNSURE:g} times the range where values do not converge",
    "asymptotic": "values approach a limit with an order within half of the formal one, or do not depend on the mesh",
    "counts": "whether it can tell of convergence: nothing, or all of an area, on every mesh cannot",
    "singular": "a largest value at a point that grows with every refinement by steps that do not shrink",
    "effects": "of solving the equations otherwise, on the coarse mesh",
}


@dataclass(frozen=True)
class Mesh:
    """One of the meshes.

    Attributes:
        name: "fine", "middle" or "coarse".
        factor: Element sizes over those of the case [1].
        tetrahedra: Of all bodies.
        size: (V/N)^(1/3), V of the fine mesh [mm].
        folder: Its run folder, relative to that of the case.
        bodies: Body -> tetrahedra.
    """

    name: str
    factor: float
    tetrahedra: int
    size: float
    folder: str
    bodies: Mapping[str, int]


@dataclass(frozen=True)
class Row:
    """One quantity on three meshes.

    Attributes:
        quantity: On the fine mesh.
        values: On the fine, the middle and the coarse mesh.
        estimate: What they tell.
        singular: It is a peak and grows with every refinement by steps that do not shrink.
    """

    quantity: Quantity
    values: tuple[float, ...]
    estimate: Estimate
    singular: bool

    @property
    def counts(self) -> bool:
        """Whether it can tell of convergence: nothing on any mesh cannot, nor can all of an area on every mesh."""
        whole = self.quantity.unit == "%" and all(value == WHOLE for value in self.values)
        return any(self.values) and not whole

    @property
    def gci_percent(self) -> float | None:
        """Half-width of the band over the fine mesh's value [%]; None where that is nothing."""
        return 100.0 * self.estimate.gci / abs(self.values[0]) if self.values[0] else None


@dataclass(frozen=True)
class Effect:
    """What solving the equations otherwise does to one quantity.

    Attributes:
        what: "tolerance", "increments" or "penalty".
        quantity: As the case is solved, on the coarse mesh.
        now: Solved otherwise.
    """

    what: str
    quantity: Quantity
    now: float

    @property
    def change_percent(self) -> float | None:
        """Change, over the value as the case is solved [%]; None where that is nothing."""
        return 100.0 * (self.now / self.quantity.value - 1.0) if self.quantity.value else None


@dataclass(frozen=True)
class Convergence:
    """What came of it.

    Attributes:
        meshes: Fine to coarse.
        rows: In the order of the findings.
        settings: What -> (as the case has it, otherwise).
        effects: Of the equations, on the coarse mesh.
        remarks: What is to be said against the meshes, and what could not be compared, and why.
    """

    meshes: tuple[Mesh, ...]
    rows: tuple[Row, ...]
    settings: Mapping[str, tuple[float, float]]
    effects: tuple[Effect, ...]
    remarks: tuple[str, ...]

    @property
    def ratios(self) -> tuple[float, float]:
        """Of the cell sizes, as achieved: middle over fine, coarse over middle."""
        fine, middle, coarse = (mesh.size for mesh in self.meshes)
        return middle / fine, coarse / middle


def compare(
    found: Sequence[Mapping[tuple[str, str], Quantity]], sizes: Sequence[float]
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Lay the quantities of three meshes side by side.

    Args:
        found: On the fine, the middle and the coarse mesh.
        sizes: Of their cells [mm].

    Returns:
        Rows, and remarks about what is not on all three meshes.
    """
    if not sizes[0] < sizes[1] < sizes[2]:
        told = ", ".join(f"{size:.3g}" for size in sizes)
        raise NumericalError(f"converge: the meshes are not finer one after the other (cells of {told} mm)")
    rows, remarks = [], []
    for key in dict.fromkeys(key for each in found for key in each):
        same = tuple(each[key] for each in found if key in each)
        quantity = same[0]
        if len(same) < len(found):
            remarks.append(f"{key[0]}, {quantity.words}: not on all three meshes")
            continue
        values = [each.value for each in same]
        judged = estimate(values, sizes, quantity.formal)
        if len({each.whose for each in same}) > 1:
            judged = unlike(values, f"not of the same on all meshes: {'; '.join(each.whose for each in same)}")
            remarks.append(f"{key[0]}, {quantity.words}: {judged.why}")
        moved = _moved(same[0], same[1])
        if moved > SAME_PLACE * sizes[1]:
            why = f"{judged.why}; another place on the next mesh, {moved:.0f} mm away"
            judged = replace(judged, asymptotic=False, why=why)
        apart, before = same[0].disagree, same[2].disagree
        if apart is not None and before is not None and apart > DISAGREE and apart >= before:
            why = f"elements that meet there disagree by {100.0 * apart:.0f} %, no less than on the coarse mesh"
            judged = replace(judged, asymptotic=False, why=f"{judged.why}; {why}")
        singular = quantity.peak and judged.grows
        if singular:
            judged = replace(judged, why=f"singular: grows with every refinement, {judged.why}")
        rows.append(Row(quantity, tuple(each.value for each in same), judged, singular))
    return tuple(rows), tuple(remarks)


def doubts(meshes: Sequence[Mesh]) -> list[str]:
    """What is to be said against meshes as a series: steps that are small, on the whole or in single bodies."""
    said = []
    for finer, coarser in pairwise(meshes):
        ratio = coarser.size / finer.size
        if ratio < ENOUGH:
            what = f"cells of the {coarser.name} mesh are {ratio:.2f} times those of the {finer.name} one"
            said.append(f"{what}; below {ENOUGH:g} scatter of the meshes hides the order (Celik 2008)")
        steps = {
            body: math.cbrt(cells / coarser.bodies[body])
            for body, cells in finer.bodies.items()
            if coarser.bodies.get(body)
        }
        hardly = ", ".join(f"{body} {step:.2f}" for body, step in steps.items() if step < HARDLY)
        if hardly:
            said.append(f"hardly refined from the {coarser.name} to the {finer.name} mesh: {hardly}")
    return said


def evidence(found: Convergence) -> dict[str, Any]:
    """What ``convergence.json`` holds; lists of three run from the fine to the coarse mesh."""
    return {
        "version": VERSION,
        "meshes": [
            {
                "name": mesh.name,
                "factor": mesh.factor,
                "tetrahedra": mesh.tetrahedra,
                "size": {"value": mesh.size, "unit": "mm"},
                "folder": mesh.folder,
                "bodies": dict(mesh.bodies),
            }
            for mesh in found.meshes
        ],
        "ratios": list(found.ratios),
        "quantities": [_row(row, found.meshes) for row in found.rows],
        "effects": [
            {
                "what": effect.what,
                "load_case": effect.quantity.load_case,
                "quantity": effect.quantity.key,
                "words": effect.quantity.words,
                "from": found.settings[effect.what][0],
                "to": found.settings[effect.what][1],
                "change_percent": effect.change_percent,
                "main": effect.quantity.main,
            }
            for effect in found.effects
        ],
        "remarks": list(found.remarks),
        "rules": RULES,
    }


def _row(row: Row, meshes: Sequence[Mesh]) -> dict[str, Any]:
    return {
        "load_case": row.quantity.load_case,
        "key": row.quantity.key,
        "words": row.quantity.words,
        "unit": row.quantity.unit,
        "kind": row.quantity.kind,
        "main": row.quantity.main,
        "peak": row.quantity.peak,
        "sizes": [mesh.size for mesh in meshes],
        "values": list(row.values),
        "formal_order": row.quantity.formal,
        "order": row.estimate.order,
        "richardson": row.estimate.richardson,
        "gci": row.estimate.gci,
        "gci_percent": row.gci_percent,
        "asymptotic": row.estimate.asymptotic,
        "singular": row.singular,
        "counts": row.counts,
        "why": row.estimate.why,
    }


def _moved(here: Quantity, there: Quantity) -> float:
    return math.dist(here.at, there.at) if here.at is not None and there.at is not None else 0.0
