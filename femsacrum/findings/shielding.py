"""What bone feels of the load after the operation and felt before it, region by region: stress shielding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.model import Floats
from femsacrum.findings.anisotropic import stresses
from femsacrum.findings.bone import membrane
from femsacrum.findings.ilium_regions import REGIONS, region_of
from femsacrum.findings.overload import volumes
from femsacrum.findings.quantities import cited, limit, quantity
from femsacrum.findings.stress import strain
from femsacrum.materials.elastic import BodyMaterial, Cortex
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.mechanics.locate import closest_on_facets, in_cells
from femsacrum.meshing.bodies import Assembly, BodyMesh

SIDES = ("left", "right")
#: A facet of cortex stands for the same bone before and after where the two surfaces are this near [mm].
SAME = 2.0
#: Losses of stimulus beyond which bone is thought to go.
LOSSES = ("lazy_zone_narrow", "lazy_zone_wide")

LIMIT = (
    "A ratio of two models under one load: where the untouched pelvis felt little, a large ratio means little. How bone "
    "answers over years is not computed."
)


def shielding(
    assembly: Assembly,
    solution: LoadCaseSolution,
    intact_assembly: Assembly,
    intact_solution: LoadCaseSolution,
    materials: Mapping[str, BodyMaterial],
    intact_materials: Mapping[str, BodyMaterial],
) -> dict[str, Any]:
    """Strain energy of each region of both ilia after the operation against that before it, under the same load case.

    Every cell of bone that is left is laid beside the cell of the untouched bone at the same place: only bone that is in
    both models counts. Energy of the core is per volume, that of the cortex per area of its membrane and thickness.

    Args:
        assembly: Of the operated pelvis.
        solution: Of one of its load cases.
        intact_assembly: Of the same patient's untouched pelvis (``intact_of``).
        intact_solution: Of the load case of the same name.
        materials: Body -> material, operated.
        intact_materials: Body -> material, untouched.

    Returns:
        "left_ilium", "right_ilium": region -> "volume", "energy" and "energy_intact" of the core, "energy_change",
        "strain_change" (von Mises strain), "cortex_energy_change", and "share_shielded" for each loss of stimulus, by
        volume; "matched": share of the bone that has a counterpart; "thresholds"; "limit". Empty where an ilium lacks a
        landmark that the regions need.
    """
    found: dict[str, Any] = {}
    for side in SIDES:
        name = f"{side}_ilium"
        if name not in assembly.bodies or not _known(assembly, side):
            return {}
        both = beside(assembly, solution, intact_assembly, intact_solution, materials, intact_materials, name)
        mesh, before = assembly.bodies[name], intact_assembly.bodies[name]
        skins = materials[name].cortex, intact_materials[name].cortex
        moved, was = solution.strained(name), intact_solution.strained(name)
        skin = _cortex(assembly, side, (mesh, before), (moved, was), skins)
        region = region_of(assembly, side, mesh.nodes[mesh.cells[:, :4]].mean(axis=1))
        rows = {}
        for number, word in enumerate(REGIONS):
            inside = np.flatnonzero((region == number) & both.matched)
            if not len(inside):
                continue
            weight, energy, energy_before = both.volume[inside], both.energy[inside], both.energy_before[inside]
            means = _mean(energy, weight), _mean(energy_before, weight)
            shares = {}
            for loss in LOSSES:
                lost = float(weight[energy < (1.0 - limit(loss)) * energy_before].sum() / weight.sum())
                shares[loss] = quantity(100.0 * lost, "%")
            rows[word] = {
                "volume": quantity(float(weight.sum()), "mm3"),
                "energy": quantity(means[0], "N mm/mm3"),
                "energy_intact": quantity(means[1], "N mm/mm3"),
                "energy_change": _change(*means),
                "strain_change": _change(
                    _mean(both.strain[inside], weight), _mean(both.strain_before[inside], weight)
                ),
                "cortex_energy_change": _change(*skin[number]) if skin else quantity(None, "%"),
                "share_shielded": shares,
            }
        found[name] = rows
        share = float(both.volume[both.matched].sum() / both.volume.sum())
        found.setdefault("matched", {})[name] = quantity(100.0 * share, "%")
    return found | {"thresholds": {key: cited(key) for key in LOSSES}, "limit": LIMIT}


@dataclass(frozen=True)
class Beside:
    """The cells of one bone after the operation, each with what the untouched bone had at its place.

    Attributes:
        volume: Shape (m,) [mm3].
        matched: Whether there is untouched bone at the cell's middle, shape (m,); else the values before are zero.
        energy: Strain energy density, shape (m,) [N mm/mm3].
        energy_before: The same before the operation.
        strain: Von Mises strain, shape (m,) [1].
        strain_before: The same before the operation.
    """

    volume: Floats
    matched: NDArray[np.bool_]
    energy: Floats
    energy_before: Floats
    strain: Floats
    strain_before: Floats


def beside(
    assembly: Assembly,
    solution: LoadCaseSolution,
    intact_assembly: Assembly,
    intact_solution: LoadCaseSolution,
    materials: Mapping[str, BodyMaterial],
    intact_materials: Mapping[str, BodyMaterial],
    body: str,
) -> Beside:
    """One bone of the operated pelvis beside the same bone untouched, cell by cell.

    Args:
        assembly: Of the operated pelvis.
        solution: Of one of its load cases.
        intact_assembly: Of the untouched one.
        intact_solution: Of the same load case.
        materials: Body -> material, operated.
        intact_materials: Body -> material, untouched.
        body: "left_ilium", ...: in both.
    """
    mesh, before = assembly.bodies[body], intact_assembly.bodies[body]
    match = in_cells(mesh.nodes[mesh.cells[:, :4]].mean(axis=1), before)[0]
    moved, was = solution.strained(body), intact_solution.strained(body)
    matched = match >= 0
    return Beside(
        volumes(mesh),
        matched,
        energy_density(mesh, moved, materials[body]),
        np.where(matched, energy_density(before, was, intact_materials[body])[match], 0.0),
        equivalent_strain(mesh, moved),
        np.where(matched, equivalent_strain(before, was)[match], 0.0),
    )


def energy_density(mesh: BodyMesh, displacement: Floats, material: BodyMaterial) -> Floats:
    """Strain energy over volume of every cell's core, shape (m,) [N mm/mm3]."""
    strained = strain(mesh, displacement)
    twice = (stresses(strained.inside, material) * strained.inside) @ np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0])
    return np.asarray(0.5 * (twice * strained.volume).sum(axis=1) / strained.volume.sum(axis=1))


def equivalent_strain(mesh: BodyMesh, displacement: Floats) -> Floats:
    """Von Mises strain of every cell, sqrt(2/3 e:e) of the deviatoric mean strain, shape (m,) [1]."""
    strained = strain(mesh, displacement)
    share = strained.volume / strained.volume.sum(axis=1, keepdims=True)
    mean = np.einsum("mq,mqi->mi", share, strained.inside)
    mean[:, :3] -= mean[:, :3].mean(axis=1, keepdims=True)
    return np.asarray(np.sqrt(2.0 / 3.0 * ((mean**2) @ np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0]))))


def membrane_energy(mesh: BodyMesh, cortex: Cortex, displacement: Floats) -> tuple[Floats, Floats]:
    """Strain energy over area of every facet of the cortex (plane stress) [N mm/mm2], and areas [mm2], shape (k,)."""
    strains, area = membrane(mesh.nodes, cortex.facets, displacement)
    one, other, nu = strains[:, 0], strains[:, 1], cortex.poisson_ratio
    density = 0.5 * cortex.youngs_modulus / (1.0 - nu * nu) * (one**2 + other**2 + 2.0 * nu * one * other)
    return cortex.thickness * density, area


def _cortex(
    assembly: Assembly,
    side: str,
    meshes: tuple[BodyMesh, BodyMesh],
    moved: tuple[Floats, Floats],
    skins: tuple[Cortex | None, Cortex | None],
) -> list[tuple[float, float]] | None:
    """Mean energy per area of the cortex in every region, after and before; None without a cortex."""
    (mesh, before), (cortex, cortex_before) = meshes, skins
    if cortex is None or cortex_before is None:
        return None
    now, area = membrane_energy(mesh, cortex, moved[0])
    then, _ = membrane_energy(before, cortex_before, moved[1])
    middle = mesh.nodes[cortex.facets].mean(axis=1)
    facet, _, foot = closest_on_facets(middle, before.nodes, cortex_before.facets, SAME)
    same = np.linalg.norm(foot - middle, axis=1) < SAME
    region = region_of(assembly, side, middle)
    means = []
    for number in range(len(REGIONS)):
        inside = np.flatnonzero(same & (region == number))
        weight = area[inside]
        means.append((_mean(now[inside], weight), _mean(then[facet[inside]], weight)))
    return means


def _known(assembly: Assembly, side: str) -> bool:
    """Whether the regions of a side can be told."""
    anatomy = assembly.construct.anatomy
    needed = ("hip_centre", "pubic_tub", "isch_tub", "crest_top", "PSIS", "ASIS")
    return f"{side}_sij" in anatomy.parts and all(f"{side}_{name}" in anatomy.landmarks for name in needed)


def _mean(values: Floats, weight: Floats) -> float:
    return float(weight @ values / weight.sum()) if len(weight) else 0.0


def _change(now: float, before: float) -> dict[str, Any]:
    return quantity(100.0 * (now / before - 1.0) if before > 0.0 else None, "%")
