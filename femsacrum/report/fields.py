"""Pictures of displacement, stress and strain. Scalar maps are drawn without lighting, or shading would lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings import kernels
from femsacrum.findings.bone import yield_strains
from femsacrum.findings.quantities import limit
from femsacrum.findings.stress import BodyStrain, nodal_von_mises, strain, to_nodes
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.report import scene

#: Even for every kind of colour vision, and in grey.
MAP = "cividis"
#: The largest displacement is drawn this long [mm].
DRAWN = 12.0


def strains(assembly: Assembly, solution: LoadCaseSolution) -> dict[str, BodyStrain]:
    """Strain of every body of bone, graft or metal."""
    wanted = ("bone", "graft", "implant", "fixation")
    return {
        name: strain(mesh, solution.displacements[name])
        for name, mesh in assembly.bodies.items()
        if mesh.role in wanted
    }


def scales(
    assembly: Assembly, materials: Mapping[str, BodyMaterial], strained: list[dict[str, BodyStrain]]
) -> dict[str, float]:
    """End of the stress scale, the same for all load cases: the largest 99.9th percentile of any metal body [MPa]."""
    largest = 0.0
    for inside in strained:
        for name, found in inside.items():
            if assembly.bodies[name].role in ("implant", "fixation"):
                material = materials[name]
                stress = kernels.stresses(found.inside, material.youngs_modulus, material.poisson_ratio)
                values = kernels.von_mises(stress).ravel()
                largest = max(largest, kernels.weighted_percentile(values, found.volume.ravel(), 0.999))
    return {"von_mises": scene.rounded(largest)}


def stress(
    path: Path,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    strained: Mapping[str, BodyStrain],
    findings: Mapping[str, Any],
    load_case: str,
    scales: Mapping[str, float],
) -> tuple[str, str] | None:
    """Von Mises stress on prosthesis, rods and screws; None where there are no implants."""
    metal = [mesh for mesh in assembly.bodies.values() if mesh.role in ("implant", "fixation")]
    if not metal:
        return None
    plotter = scene.stage(2)
    bounds, top = scene.box_of(metal), scales["von_mises"]
    found = findings["load_cases"][load_case]["implants"]
    for panel, view in enumerate(("front", "back")):
        plotter.subplot(0, panel)
        for mesh in metal:
            shown = scene.surface(mesh)
            shown.point_data["von Mises"] = nodal_von_mises(mesh, materials[mesh.name], strained[mesh.name])
            _scalars(plotter, shown, "von Mises", (0.0, top), "von Mises stress [MPa]", mesh)
        _mark_peaks(plotter, found)
        scene.look(plotter, view, bounds, zoom=1.25)
    scene.save(plotter, path)
    return f"Stress in the implants, {load_case}", (
        f"Von Mises stress averaged to the nodes; the scale ends at {top:g} MPa, the largest 99.9th percentile of "
        "any body over all load cases (rounded up), whatever lies above is drawn in its last colour. The peak of "
        "each body is marked; it may be singular."
    )


def bone_strain(path: Path, assembly: Assembly, strained: Mapping[str, BodyStrain]) -> tuple[str, str]:
    """The larger of tensile and compressive principal strain, each over its yield strain."""
    from matplotlib.colors import ListedColormap

    shown_bodies = [mesh for mesh in assembly.bodies.values() if mesh.role in ("bone", "graft")]
    plotter = scene.stage(2)
    bounds = scene.box_of(shown_bodies)
    bands = ListedColormap(["#f7f7f7", "#c6dbef", "#6baed6", "#2171b5", "#e69f00", "#d55e00"])
    for panel, view in enumerate(("front", "back")):
        plotter.subplot(0, panel)
        for mesh in shown_bodies:
            shown = scene.surface(mesh)
            shown.point_data["use"] = 100.0 * yield_share(mesh, strained[mesh.name])
            title = "principal strain over yield strain [%]"
            _scalars(plotter, shown, "use", (0.0, 120.0), title, mesh, bands, n_labels=7)
        scene.look(plotter, view, bounds)
    scene.save(plotter, path)
    sites = (
        "vertebra_yield_tension",
        "vertebra_yield_compression",
        "pelvis_yield_tension",
        "pelvis_yield_compression",
    )
    percent = {key: f"{100.0 * limit(key):.2f} %" for key in sites}
    return "Strain of bone and graft", (
        "The larger of tensile and compressive principal strain, each over its yield strain (vertebrae "
        f"{percent['vertebra_yield_tension']} and {percent['vertebra_yield_compression']}, pelvis and graft "
        f"{percent['pelvis_yield_tension']} and {percent['pelvis_yield_compression']}), "
        "averaged to the nodes; orange from 80 %, red above yield."
    )


def yield_share(mesh: BodyMesh, found: BodyStrain) -> Floats:
    """Nodal max(tensile / yield, -compressive / yield), shape (n,)."""
    tension, compression = yield_strains(mesh.name)
    values = kernels.principal(np.ascontiguousarray(found.corners))
    use = np.maximum(values[..., 0] / limit(tension), -values[..., 2] / limit(compression))
    return to_nodes(mesh, use, found.volume.sum(axis=1))


def deformation(path: Path, assembly: Assembly, solution: LoadCaseSolution) -> tuple[str, str]:
    """The deformed construct, exaggerated, over its unloaded outline."""
    sizes = {name: np.linalg.norm(moved, axis=1) for name, moved in solution.displacements.items()}
    largest = max(float(size.max()) for size in sizes.values())
    factor = scene.rounded(DRAWN / largest) if largest > 0.0 else 1.0
    plotter = scene.stage(2)
    bounds = scene.box_of(assembly.bodies.values())
    for panel, view in enumerate(("front", "left")):
        plotter.subplot(0, panel)
        for name, mesh in assembly.bodies.items():
            plotter.add_mesh(scene.surface(mesh), color="#999999", opacity=0.12)
            shown = scene.surface(mesh, factor * solution.displacements[name])
            shown.point_data["displacement"] = sizes[name]
            _scalars(plotter, shown, "displacement", (0.0, largest), "displacement [mm]", mesh)
        scene.look(plotter, view, bounds, zoom=1.3)
    scene.save(plotter, path)
    return f"Deformation, {solution.name}", (
        f"Displacements drawn {factor:g} times as large, over the unloaded shape in grey. They are relative to the "
        "hip joints, which are held."
    )


def _scalars(
    plotter: Any, shown: Any, name: str, ends: tuple[float, float], title: str, mesh: BodyMesh, colours: Any = MAP,
    n_labels: int = 5,
) -> None:  # fmt: skip
    settings = scene.bar(title) | {"n_labels": n_labels}
    plotter.add_mesh(shown, scalars=name, clim=ends, cmap=colours, lighting=False, scalar_bar_args=settings)
    if mesh.role in ("implant", "fixation", "graft"):
        sharp = shown.extract_feature_edges(35.0, boundary_edges=False, manifold_edges=False)
        if sharp.n_points:
            plotter.add_mesh(sharp, color="#111111", line_width=1.2)
    plotter.add_silhouette(shown, color="#111111", line_width=1.5, feature_angle=False)


def _mark_peaks(plotter: Any, found: Mapping[str, Any]) -> None:
    places = [np.array(body["at"]["value"]) for body in found.values()]
    words = [f"{name} {body['von_mises_max']['value']:.0f} MPa" for name, body in found.items()]
    plotter.add_point_labels(
        np.array(places), words, font_size=13, text_color=scene.INK, shape_color="white", shape_opacity=0.8,
        point_color="#d55e00", point_size=9, render_points_as_spheres=True, always_visible=True, margin=2,
    )  # fmt: skip
