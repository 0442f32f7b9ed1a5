"""Pictures of displacement, stress and strain. Scalar maps are drawn without lighting, or shading would lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings import kernels
from femsacrum.findings.anisotropic import stresses
from femsacrum.findings.bone import yield_strains
from femsacrum.findings.quantities import limit
from femsacrum.findings.stress import BodyStrain, nodal_von_mises, strain, to_nodes
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.report import scene, sheet
from femsacrum.report.maps import MOTION_MAP, STRAIN_COLOURS, STRAIN_EDGES, STRESS_MAP
from femsacrum.report.plan import everything
from femsacrum.report.sheet import Label, Scale

if TYPE_CHECKING:
    import pyvista

#: From where stress and strain are seen.
SIDES = ("front", "back", "left")
#: The largest displacement is drawn about this long [mm].
DRAWN = 12.0


def strains(assembly: Assembly, solution: LoadCaseSolution) -> dict[str, BodyStrain]:
    """Strain of every body of bone, graft or metal."""
    wanted = ("bone", "graft", "implant", "fixation")
    return {
        name: strain(mesh, solution.strained(name)) for name, mesh in assembly.bodies.items() if mesh.role in wanted
    }


def stress_scale(
    assembly: Assembly, materials: Mapping[str, BodyMaterial], strained: list[dict[str, BodyStrain]]
) -> float:
    """End of the stress scale for all load cases: the largest 99.9th percentile of any metal, rounded up [MPa]."""
    largest = 0.0
    for inside in strained:
        for name, found in inside.items():
            if assembly.bodies[name].role in ("implant", "fixation"):
                values = kernels.von_mises(stresses(found.inside, materials[name])).ravel()
                largest = max(largest, kernels.weighted_percentile(values, found.volume.ravel(), 0.999))
    return scene.rounded(largest)


def stress(
    path: Path,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    strained: Mapping[str, BodyStrain],
    findings: Mapping[str, Any],
    load_case: str,
    top: float,
) -> tuple[str, str] | None:
    """Von Mises stress on prosthesis, rods and screws; None where there are no implants."""
    metal = [mesh for mesh in assembly.bodies.values() if mesh.role in ("implant", "fixation")]
    if not metal:
        return None
    values = {mesh.name: nodal_von_mises(mesh, materials[mesh.name], strained[mesh.name]) for mesh in metal}

    def paint(plotter: pyvista.Plotter) -> None:
        for mesh in metal:
            _add(plotter, scene.surface(mesh), values[mesh.name], (0.0, top), STRESS_MAP)

    labels = [
        Label(
            np.array(body["averaged_at"]["value"]),
            f"{name.replace('_', ' ')}\npeak {body['von_mises_averaged_max']['value']:.0f} MPa",
        )
        for name, body in findings["load_cases"][load_case]["implants"].items()
    ]
    points = np.vstack([mesh.nodes for mesh in metal])
    panels = [scene.snapshot(paint, view, points) for view in SIDES]
    sheet.write(path, panels, [labels, labels], Scale(STRESS_MAP, (0.0, top), "von Mises stress [MPa]"))
    return f"Stress in the implants, {load_case}", (
        f"Von Mises stress of the stress averaged at the nodes; the scale ends at {top:g} MPa, the largest 99.9th "
        "percentile of any body over all load cases (rounded up), whatever lies above has its last colour. Lines "
        "lead to the largest value of each body, the averaged peak of the tables; it may be singular."
    )


def bone_strain(
    path: Path, assembly: Assembly, strained: Mapping[str, BodyStrain], load_case: str
) -> tuple[str, str]:
    """The larger of tensile and compressive principal strain, each over its yield strain."""
    from matplotlib.colors import ListedColormap

    shown = [mesh for mesh in assembly.bodies.values() if mesh.role in ("bone", "graft")]
    values = {mesh.name: 100.0 * yield_share(mesh, strained[mesh.name]) for mesh in shown}
    colours = ListedColormap(STRAIN_COLOURS)

    def paint(plotter: pyvista.Plotter) -> None:
        for mesh in shown:
            banded = np.interp(values[mesh.name], STRAIN_EDGES, np.arange(len(STRAIN_EDGES)))
            _add(plotter, scene.surface(mesh), banded, (0.0, len(STRAIN_COLOURS)), colours)

    points = np.vstack([mesh.nodes for mesh in shown])
    panels = [scene.snapshot(paint, view, points) for view in SIDES]
    sheet.write(path, panels, scale=Scale(colours, STRAIN_EDGES, "principal strain over yield strain [%]"))
    sites = (
        "vertebra_yield_tension",
        "vertebra_yield_compression",
        "pelvis_yield_tension",
        "pelvis_yield_compression",
    )
    percent = {key: f"{100.0 * limit(key):.2f} %" for key in sites}
    return f"Strain of bone and graft, {load_case}", (
        "The larger of tensile and compressive principal strain, each over its yield strain (tension, compression: "
        f"vertebrae {percent['vertebra_yield_tension']}, {percent['vertebra_yield_compression']}; pelvis and graft "
        f"{percent['pelvis_yield_tension']}, {percent['pelvis_yield_compression']}), averaged to the nodes; red is "
        "above yield."
    )


def yield_share(mesh: BodyMesh, found: BodyStrain) -> Floats:
    """Nodal max(tensile / yield, -compressive / yield), shape (n,)."""
    tension, compression = yield_strains(mesh.name)
    values = kernels.principal(np.ascontiguousarray(found.corners))
    use = np.maximum(values[..., 0] / limit(tension), -values[..., 2] / limit(compression))
    return to_nodes(mesh, use, found.volume.sum(axis=1))


def deformation(path: Path, assembly: Assembly, solution: LoadCaseSolution) -> tuple[str, str]:
    """The deformed construct, exaggerated, over its unloaded shape."""
    sizes = {name: np.linalg.norm(moved, axis=1) for name, moved in solution.displacements.items()}
    largest = max(float(size.max()) for size in sizes.values())
    factor = scene.rounded(DRAWN / largest) if largest > 0.0 else 1.0

    def unloaded(plotter: pyvista.Plotter) -> None:
        for mesh in assembly.bodies.values():
            plotter.add_mesh(scene.surface(mesh), color="#d8d8d8", lighting=False)

    def loaded(plotter: pyvista.Plotter) -> None:
        for name, mesh in assembly.bodies.items():
            shape = scene.surface(mesh, factor * solution.displacements[name])
            _add(plotter, shape, sizes[name], (0.0, largest), MOTION_MAP)

    moved = [mesh.nodes + factor * solution.displacements[name] for name, mesh in assembly.bodies.items()]
    points = np.vstack([everything(assembly), *moved])
    panels = []
    for view in ("front", "left"):
        ahead, behind = scene.snapshot(loaded, view, points), scene.snapshot(unloaded, view, points)
        free = (ahead.image == 255).all(axis=2, keepdims=True)
        panels.append(replace(ahead, image=np.where(free, behind.image, ahead.image)))
    sheet.write(path, panels, scale=Scale(MOTION_MAP, (0.0, largest), "displacement [mm]", open_end=False))
    return f"Deformation, {solution.name}", (
        f"Displacements drawn {factor:g} times as large, before the unloaded shape in grey; they are relative to the "
        "hip joints, which are held."
    )


def _add(
    plotter: pyvista.Plotter, shown: pyvista.PolyData, values: Floats, ends: tuple[float, float], colours: Any
) -> None:
    shown.point_data["shown"] = values
    plotter.add_mesh(shown, scalars="shown", clim=ends, cmap=colours, lighting=False, show_scalar_bar=False)
