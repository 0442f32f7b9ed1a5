"""The operated pelvis beside the same patient's untouched one: what bone feels, which way the load goes, how stiff it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from femsacrum.findings.first_damage import first_damage
from femsacrum.findings.junction import junction
from femsacrum.findings.load_paths import load_paths
from femsacrum.findings.quantities import quantity
from femsacrum.findings.shielding import shielding
from femsacrum.loads.loadcase import LoadCase
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution, Spring
from femsacrum.meshing.bodies import Assembly


@dataclass(frozen=True)
class Solved:
    """A model with what was solved on it.

    Attributes:
        assembly: Meshed bodies.
        materials: Body -> material.
        springs: Ligaments and springs.
        load_cases: Of one instant each.
        solutions: In the same order.
        junction: Solutions of ``junction_loads``, in their order; empty: not solved.
    """

    assembly: Assembly
    materials: Mapping[str, BodyMaterial]
    springs: tuple[Spring, ...]
    load_cases: tuple[LoadCase, ...]
    solutions: tuple[LoadCaseSolution, ...]
    junction: tuple[LoadCaseSolution, ...] = ()


def against_intact(operated: Solved, intact: Solved) -> dict[str, Any]:
    """Shielding, load paths and stiffness of the junction, for the load cases that both models have.

    Args:
        operated: The case's own model.
        intact: The model of ``intact_of(case)``, with load cases of the same names.

    Returns:
        "load_cases": name -> "shielding", "load_paths", "load_paths_intact", "damage" (bone -> how many times the load until
        a volume of it is strained past its limit, in both models and as a share); "junction": see
        ``findings.junction``, None where a model was not solved for it.
    """
    before = {
        each.name: (load_case, each) for load_case, each in zip(intact.load_cases, intact.solutions, strict=True)
    }
    cases = {}
    for load_case, solution in zip(operated.load_cases, operated.solutions, strict=True):
        if solution.name not in before:
            continue
        untouched, was = before[solution.name]
        cases[solution.name] = {
            "shielding": shielding(
                operated.assembly, solution, intact.assembly, was, operated.materials, intact.materials
            ),
            "load_paths": load_paths(operated.assembly, load_case, solution, operated.springs),
            "load_paths_intact": load_paths(intact.assembly, untouched, was, intact.springs),
            "damage": _damage(
                first_damage(operated.assembly, load_case, solution, operated.springs)["bodies"],
                first_damage(intact.assembly, untouched, was, intact.springs)["bodies"],
            ),
        }
    both = bool(operated.junction and intact.junction)
    stiffness = junction(operated.assembly, operated.junction, intact.assembly, intact.junction) if both else None
    return {"load_cases": cases, "junction": stiffness}


def _damage(operated: Mapping[str, Any], intact: Mapping[str, Any]) -> dict[str, Any]:
    """Loads of damage side by side, of a volume in all: a first piece depends more on the mesh."""
    found = {}
    for name in operated.keys() & intact.keys():
        left, whole = (side[name]["wide"]["value"] for side in (operated, intact))
        share = None if left is None or whole is None else 100.0 * left / whole
        found[name] = {
            "operated": quantity(left, "1"),
            "intact": quantity(whole, "1"),
            "of_intact": quantity(share, "%"),
        }
    return dict(sorted(found.items()))
