"""How much of their fatigue strength the metals use, everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.fatigue import Fatigue
from femsacrum.findings.fatigue import plane
from femsacrum.findings.fatigue.assess import Assumptions, findley_to_reversed, usual
from femsacrum.findings.fatigue.conditions import Part, parts
from femsacrum.findings.fatigue.history import History, history
from femsacrum.findings.fatigue.mean_stress import RULES, use
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly


@dataclass(frozen=True)
class BodyFatigue:
    """Fatigue of one metal body.

    Attributes:
        parts: Rods, screws, solid and porous regions.
        history: Stress over the movement.
        use: One over the factor by which all stress may grow until its largest cycle is borne just 1e7 times, for each
            point and the worse criterion, shape (p,); NaN where no strength is known.
    """

    parts: tuple[Part, ...]
    history: History
    use: Floats

    def nodal(self, count: int) -> Floats:
        """Use at the nodes of the mesh, the largest where parts meet, shape (count,); NaN at mid-edge nodes."""
        values = np.full(count, np.nan)
        np.fmax.at(values, self.history.node, self.use)
        return values


def assumptions(part: Part, options: Fatigue) -> Assumptions | None:
    """The usual assumptions for a part; None where its strength is not known."""
    if part.strength is None:
        return None
    return usual(part.strength, options.mean_stress, options.criterion)


def bodies(
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    solutions: Sequence[LoadCaseSolution],
    options: Fatigue,
) -> dict[str, BodyFatigue]:
    """Searches the critical planes of every corner of every element of metal.

    Args:
        assembly: Meshed bodies.
        materials: Body name -> elasticity.
        solutions: One for each instant of a steady cycle, in order.
        options: What the case says.
    """
    found = {}
    for name, made in parts(assembly, materials, options).items():
        past = history(assembly.bodies[name], materials[name], made, solutions)
        found[name] = BodyFatigue(made, past, _use(past, [assumptions(part, options) for part in made]))
    return found


def _use(past: History, given: Sequence[Assumptions | None]) -> Floats:
    result = np.full(len(past.node), np.nan)
    for index, each in enumerate(given):
        if each is not None:
            mine = past.part == index
            result[mine] = use_of(past.stress[:, mine], each)
    return result


def use_of(stress: Floats, given: Assumptions) -> Floats:
    """Use of strength at points under the same assumptions, shape (p,).

    Args:
        stress: At each instant, shape (n, p, 6) [MPa].
        given: Assumptions.
    """
    scaled = given.scale * np.ascontiguousarray(stress)
    rule, endurance = RULES[given.mean_stress], given.line.endurance
    values, normals = plane.critical(scaled, np.full(scaled.shape[1], given.ultimate), given.k, rule, plane.grid())
    shear = findley_to_reversed(given.k) * values[0] / endurance
    across = plane.across(scaled, normals[1])
    high, low = across.max(axis=0), across.min(axis=0)
    pairs = zip(0.5 * (high - low), 0.5 * (high + low), strict=True)
    tension = np.array([use(a, m, given.ultimate, endurance, rule) for a, m in pairs])
    shown = {"findley": shear, "normal_stress": tension, "either": np.maximum(shear, tension)}
    return shown[given.criterion]
