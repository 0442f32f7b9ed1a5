"""Pictures of what goes into the solve: anatomy and plan, mesh, loads and supports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.loads.loadcase import LoadCase
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import scene

if TYPE_CHECKING:
    import pyvista

HARD = ("implant", "fixation", "graft")


def anatomy_and_plan(path: Path, assembly: Assembly) -> tuple[str, str]:
    """Bones see-through, implants solid, what is taken away in pink, saw planes as outlines."""
    plotter = scene.stage(2)
    bounds = scene.box_of(assembly.bodies.values())
    for panel, view in enumerate(("front", "back")):
        plotter.subplot(0, panel)
        bones(plotter, assembly, 0.45)
        implants(plotter, assembly)
        _removed(plotter, assembly)
        _saw_planes(plotter, assembly)
        scene.look(plotter, view, bounds)
    scene.save(plotter, path)
    if not assembly.construct.planes:
        return "Anatomy", "The parts as they are solved, unoperated."
    return "Anatomy and plan", (
        "Remaining bone see-through; prosthesis blue, grafts orange, rods and screws grey; what is resected pink, "
        "the saw planes outlined in black."
    )


def mesh(path: Path, assembly: Assembly) -> tuple[str, str]:
    """Surface mesh, and the tetrahedra behind a cut in front of the hips."""
    plotter = scene.stage(2)
    bounds = scene.box_of(assembly.bodies.values())
    plotter.subplot(0, 0)
    for body in assembly.bodies.values():
        shown = scene.surface(body)
        plotter.add_mesh(shown, color=scene.COLOURS[body.role], show_edges=True, edge_color="#555555", line_width=0.4)
    scene.look(plotter, "front", bounds)
    plotter.subplot(0, 1)
    depth = _cut_depth(assembly)
    for body in assembly.bodies.values():
        behind = body.nodes[body.cells[:, :4]].mean(axis=1)[:, 1] > depth
        if behind.any():
            plotter.add_mesh(
                _cell_surface(body.nodes, body.cells[behind, :4]), color=scene.COLOURS[body.role], show_edges=True,
                edge_color="#555555", line_width=0.4,
            )  # fmt: skip
    scene.look(plotter, "front", bounds)
    scene.save(plotter, path)
    count = sum(len(body.cells) for body in assembly.bodies.values())
    order = ", ".join(sorted({body.role for body in assembly.bodies.values() if body.order == 2})) or "none"
    return "Mesh", (
        f"{count} tetrahedra; right: whole cells behind a frontal plane at y = {depth:.0f} mm. Each body has its own "
        f"mesh, they meet at interfaces. Quadratic and curved: {order}."
    )


def loads(path: Path, assembly: Assembly, load_case: LoadCase, solution: LoadCaseSolution) -> tuple[str, str]:
    """Applied forces in red, reactions of the ground in blue, moments as double arrows, with their sizes."""
    plotter = scene.stage(2)
    bounds = _grown(scene.box_of(assembly.bodies.values()), 45.0)
    forces = [load.force for load in load_case.applied] + list(solution.reactions.values())
    largest = max(float(np.linalg.norm(force)) for force in forces)
    for panel, view in enumerate(("front", "left")):
        plotter.subplot(0, panel)
        bones(plotter, assembly, 0.35)
        implants(plotter, assembly, 0.5)
        for load in load_case.applied:
            patch = scene.polygons(assembly.bodies[load.body].nodes, load.facets)
            if not load.name.startswith("pelvis"):
                plotter.add_mesh(patch, color="#d55e00", opacity=0.8)
            _arrow(plotter, load.point, load.force, largest, load.name, "#d55e00")
            _moment(plotter, load.point, load.moment)
        for support in load_case.supports:
            body = assembly.bodies[support.body]
            plotter.add_mesh(scene.polygons(body.nodes, support.facets), color="#0072b2", opacity=0.9)
            at = body.nodes[support.facets].mean(axis=(0, 1)) if support.point is None else support.point
            reaction = solution.reactions[support.name]
            if np.linalg.norm(reaction) > 1e-3 * largest:
                _arrow(plotter, at, reaction, largest, f"{support.name}, reaction", "#0072b2")
            else:
                plotter.add_point_labels([at], [f"{support.name}: 0 N"], **_label("#0072b2"))
        scene.look(plotter, view, bounds, zoom=1.3)
    scene.save(plotter, path)
    return f"Loads and supports, {load_case.name}", (
        "Forces on the pelvis orange, reactions of the ground blue, on the facets they are spread over; lengths in "
        f"proportion. Closing this balance took {100.0 * load_case.imbalance:.2f} %BW at L4."
    )


def bones(plotter: pyvista.Plotter, assembly: Assembly, opacity: float) -> None:
    """Adds bones and soft tissue, see-through."""
    for body in assembly.bodies.values():
        if body.role not in HARD:
            plotter.add_mesh(
                scene.surface(body), color=scene.COLOURS[body.role], opacity=opacity, smooth_shading=True
            )


def implants(plotter: pyvista.Plotter, assembly: Assembly, opacity: float = 1.0) -> None:
    """Adds implants, grafts and fixation."""
    for body in assembly.bodies.values():
        if body.role in HARD:
            shown = scene.surface(body)
            look = {"color": scene.COLOURS[body.role], "opacity": opacity}
            plotter.add_mesh(shown, smooth_shading=True, split_sharp_edges=True, **look)


def _removed(plotter: pyvista.Plotter, assembly: Assembly) -> None:
    """What surgery took: whole parts that are gone, and the halves of the ilia beyond the saw planes."""
    construct = assembly.construct
    if not construct.planes:
        return
    for name, part in construct.anatomy.parts.items():
        shown = scene.polygons(part.points, part.triangles)
        if name not in assembly.bodies:
            plotter.add_mesh(shown, color=scene.COLOURS["removed"], opacity=0.16, smooth_shading=True)
        elif name in construct.planes:
            plane = construct.planes[name]
            gone = shown.clip(normal=-plane.normal, origin=plane.origin)
            if gone.n_points:
                plotter.add_mesh(gone, color=scene.COLOURS["removed"], opacity=0.16, smooth_shading=True)


def _saw_planes(plotter: pyvista.Plotter, assembly: Assembly) -> None:
    """The outline in which each saw plane meets the bone it cuts."""
    parts = assembly.construct.anatomy.parts
    for name, plane in assembly.construct.planes.items():
        if name in parts:
            whole = scene.polygons(parts[name].points, parts[name].triangles)
            outline = whole.slice(normal=plane.normal, origin=plane.origin)
            if outline.n_points:
                plotter.add_mesh(outline, color="black", line_width=3)


def _cell_surface(nodes: Floats, cells: np.ndarray) -> pyvista.PolyData:
    """Outer triangles of some of a body's tetrahedra."""
    sides = np.concatenate([cells[:, side] for side in ([0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2])])
    _, first, count = np.unique(np.sort(sides, axis=1), axis=0, return_index=True, return_counts=True)
    return scene.polygons(nodes, sides[first[count == 1]])


def _cut_depth(assembly: Assembly) -> float:
    """Where a frontal cut shows most: through the middle of the implants, else a little behind the hips."""
    hard = [body.nodes.mean(axis=0)[1] for body in assembly.bodies.values() if body.role in ("implant", "graft")]
    if hard:
        return float(np.mean(hard))
    return float(assembly.construct.anatomy.landmarks["left_hip_centre"][1] + 35.0)


def _arrow(plotter: pyvista.Plotter, at: Floats, force: Floats, largest: float, name: str, colour: str) -> None:
    import pyvista

    size = float(np.linalg.norm(force))
    if size < 1e-6 * largest:
        return
    length = 25.0 + 75.0 * size / largest
    tail = np.asarray(at) - force / size * length
    shape = {"shaft_radius": 2.0 / length, "tip_radius": 5.0 / length, "tip_length": 14.0 / length}
    arrow = pyvista.Arrow(start=tail, direction=force, scale=length, **shape)
    plotter.add_mesh(arrow, color=colour)
    plotter.add_point_labels([tail], [f"{name}: {size:.0f} N"], **_label(colour))


def _moment(plotter: pyvista.Plotter, at: Floats, moment: Floats) -> None:
    size = float(np.linalg.norm(moment))
    if size > 1.0:
        words = f"moment {size / 1e3:.1f} N m about ({', '.join(f'{x:.2f}' for x in moment / size)})"
        plotter.add_point_labels([np.add(at, (0.0, 0.0, 12.0))], [words], **_label("#d55e00"))


def _label(colour: str) -> dict[str, object]:
    return {
        "font_size": 13, "text_color": colour, "shape_color": "white", "shape_opacity": 0.75, "show_points": False,
        "always_visible": True, "margin": 2,
    }  # fmt: skip


def _grown(bounds: list[float], margin: float) -> list[float]:
    return [x + (margin if i % 2 else -margin) for i, x in enumerate(bounds)]
