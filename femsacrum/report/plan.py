"""Pictures of what goes into the solve: anatomy and plan, mesh, loads and supports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.loads.loadcase import LoadCase
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import scene, sheet
from femsacrum.report.sheet import Label

if TYPE_CHECKING:
    import pyvista

HARD = ("implant", "fixation", "graft")
FORCE, REACTION = "#d55e00", "#0072b2"
#: A piece of the original bone farther than this from what is left of it was taken away [mm].
GONE = 3.0


def anatomy_and_plan(path: Path, assembly: Assembly) -> tuple[str, str]:
    """Bones and tumour see-through, implants solid, what is taken away in pink, saw cuts as outlines."""
    margins = assembly.construct.margins

    def paint(plotter: pyvista.Plotter) -> None:
        bones(plotter, assembly, 0.42)
        implants(plotter, assembly)
        _removed(plotter, assembly)
        _saw_cuts(plotter, assembly)
        if margins is not None:
            tumour = scene.polygons(margins.tumour.points, margins.tumour.triangles)
            plotter.add_mesh(tumour, color=scene.COLOURS["tumour"], opacity=0.35, smooth_shading=True)

    points = everything(assembly)
    labels = [
        Label(_middle(screw.entry, screw.tip), screw.name.replace("_", " ")) for screw in assembly.construct.screws
    ]
    names = {role: scene.COLOURS[role] for role in ("bone", "disc", "implant", "graft", "fixation")}
    said = {
        "bone": "bone",
        "disc": "disc, cartilage",
        "implant": "prosthesis",
        "graft": "graft",
        "fixation": "rods, screws",
    }
    there = {body.role for body in assembly.bodies.values()}
    keys = [(names[role], said[role]) for role in names if role in there]
    if assembly.construct.planes:
        keys.append((scene.COLOURS["removed"], "resected"))
    if margins is not None:
        keys.append((scene.COLOURS["tumour"], "tumour"))
    panels = [scene.snapshot(paint, view, points, outlines=False) for view in ("front", "back")]
    sheet.write(path, panels, [[], labels] if labels else [], keys=keys)
    if not assembly.construct.planes:
        return "Anatomy", "The parts as they are solved, unoperated."
    return "Anatomy and plan", (
        "Remaining bone and the tumour see-through; prosthesis, grafts, rods and screws solid; what is resected pink; saw "
        "cuts as black outlines."
    )


def mesh(path: Path, assembly: Assembly) -> tuple[str, str]:
    """Surface mesh, and the tetrahedra behind a frontal cut."""
    depth = _cut_depth(assembly)
    lines = {"show_edges": True, "edge_color": "#6b6b6b", "line_width": 0.6}

    def outside(plotter: pyvista.Plotter) -> None:
        for body in assembly.bodies.values():
            plotter.add_mesh(scene.surface(body), color=scene.COLOURS[body.role], **lines)

    def inside(plotter: pyvista.Plotter) -> None:
        for body in assembly.bodies.values():
            behind = body.nodes[body.cells[:, :4]].mean(axis=1)[:, 1] > depth
            if behind.any():
                shown = cell_surface(body.nodes, body.cells[behind, :4])
                plotter.add_mesh(shown, color=scene.COLOURS[body.role], **lines)

    points = everything(assembly)
    sheet.write(path, [scene.snapshot(paint, "front", points, outlines=False) for paint in (outside, inside)])
    count = sum(len(body.cells) for body in assembly.bodies.values())
    order = ", ".join(sorted({body.role for body in assembly.bodies.values() if body.order == 2})) or "none"
    return "Mesh", (
        f"{count} tetrahedra; right: whole cells behind a frontal plane at y = {depth:.0f} mm. Each body has its own "
        f"mesh, they meet at interfaces. Quadratic: {order}."
    )


def loads(path: Path, assembly: Assembly, load_case: LoadCase, solution: LoadCaseSolution) -> tuple[str, str]:
    """Applied forces in orange, reactions of the ground in blue, with their sizes, on the facets that take them."""
    largest = max(
        [float(np.linalg.norm(load.force)) for load in load_case.applied]
        + [float(np.linalg.norm(force)) for force in solution.reactions.values()]
    )
    arrows: list[tuple[Floats, Floats, str]] = []
    labels: list[Label] = []
    for load in load_case.applied:
        words = f"{load.name}\n{np.linalg.norm(load.force):.0f} N"
        turning = float(np.linalg.norm(load.moment)) / 1e3
        words += f", {turning:.1f} N m" if turning > 0.05 else ""
        arrows.append((load.point, load.force, FORCE))
        labels.append(Label(_tail(load.point, load.force, largest), words, FORCE))
    held = [support for support in load_case.supports if support.kind != "rigid"]
    for support in held:
        at = assembly.bodies[support.body].nodes[support.facets].mean(axis=(0, 1))
        at = at if support.point is None else support.point
        size = float(np.linalg.norm(solution.reactions[support.name]))
        arrows.append((at, solution.reactions[support.name], REACTION))
        where = _tail(at, solution.reactions[support.name], largest) if size > 1e-3 * largest else at
        labels.append(Label(where, f"{support.name}\nreaction {size:.0f} N", REACTION))

    def paint(plotter: pyvista.Plotter) -> None:
        bones(plotter, assembly, 0.3)
        implants(plotter, assembly, 0.4)
        spread_over = [
            (load.body, load.facets, FORCE) for load in load_case.applied if not load.name.startswith("pelvis")
        ]
        spread_over += [(support.body, support.facets, REACTION) for support in held]
        for body, facets, colour in spread_over:
            plotter.add_mesh(scene.polygons(assembly.bodies[body].nodes, facets), color=colour, opacity=0.75)
        for at, force, colour in arrows:
            _arrow(plotter, at, force, largest, colour)

    tails = [_tail(at, force, largest) for at, force, _ in arrows if np.linalg.norm(force) > 1e-3 * largest]
    points = np.vstack([everything(assembly), np.array(tails)])
    panels = [scene.snapshot(paint, view, points, outlines=False) for view in ("front", "left")]
    sheet.write(path, panels, [labels, []])
    return f"Loads and supports, {load_case.name}", (
        "Forces on the pelvis orange, reactions of the ground blue, over the facets they are spread on; lengths in "
        f"proportion. Closing the balance took {100.0 * load_case.imbalance:.2f} %BW at L4."
    )


def bones(plotter: pyvista.Plotter, assembly: Assembly, opacity: float) -> None:
    """Adds bones and soft tissue, see-through and open where they are cut, so that nothing lies in the same plane."""
    for body in assembly.bodies.values():
        if body.role not in HARD:
            shown = scene.surface(body, without="cut")
            plotter.add_mesh(shown, color=scene.COLOURS[body.role], opacity=opacity, smooth_shading=True)


def implants(plotter: pyvista.Plotter, assembly: Assembly, opacity: float = 1.0) -> None:
    """Adds implants, grafts and fixation."""
    for body in assembly.bodies.values():
        if body.role in HARD:
            look = {"color": scene.COLOURS[body.role], "opacity": opacity}
            plotter.add_mesh(scene.surface(body), **look)


def everything(assembly: Assembly) -> Floats:
    """All nodes, shape (n, 3) [mm]."""
    return np.vstack([body.nodes for body in assembly.bodies.values()])


def _removed(plotter: pyvista.Plotter, assembly: Assembly) -> None:
    """What surgery took: whole parts that are gone, and what of the others has no remaining bone near it."""
    from scipy.spatial import cKDTree

    construct = assembly.construct
    for name, part in construct.anatomy.parts.items() if construct.planes else ():
        triangles = part.triangles
        if name in assembly.bodies:
            body = assembly.bodies[name]
            left = np.vstack([body.nodes[body.facets[:, :3]].mean(axis=1), body.nodes])
            away, _ = cKDTree(left).query(part.points[triangles].mean(axis=1))
            triangles = triangles[away > GONE]
        if len(triangles):
            shown = scene.polygons(part.points, triangles)
            plotter.add_mesh(shown, color=scene.COLOURS["removed"], opacity=0.15, smooth_shading=True)


def _saw_cuts(plotter: pyvista.Plotter, assembly: Assembly) -> None:
    """The outline of every saw cut, from the mesh: edges between a cut face and the rest."""
    for body in assembly.bodies.values():
        if "cut" in body.face_names and body.role == "bone":
            rim = scene.polygons(body.nodes, body.facets_of("cut")[:, :3]).extract_feature_edges(
                boundary_edges=True, feature_edges=False, manifold_edges=False, non_manifold_edges=False
            )
            plotter.add_mesh(rim, color="black", line_width=4)


def cell_surface(nodes: Floats, cells: np.ndarray) -> pyvista.PolyData:
    """Outer triangles of some of a body's tetrahedra."""
    sides = np.concatenate([cells[:, side] for side in ([0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2])])
    _, first, count = np.unique(np.sort(sides, axis=1), axis=0, return_index=True, return_counts=True)
    return scene.polygons(nodes, sides[first[count == 1]])


def _cut_depth(assembly: Assembly) -> float:
    """Where a frontal cut shows most: through the implants, else behind the hips, through the sacrum."""
    hard = [body.nodes.mean(axis=0)[1] for body in assembly.bodies.values() if body.role in ("implant", "graft")]
    if hard:
        return float(np.mean(hard))
    return float(assembly.construct.anatomy.landmarks["left_hip_centre"][1] + 35.0)


def _length(size: float, largest: float) -> float:
    return 20.0 + 70.0 * size / largest


def _tail(at: Floats, force: Floats, largest: float) -> Floats:
    """Where an arrow that ends at a point starts."""
    size = float(np.linalg.norm(force))
    return np.asarray(at) - force / size * _length(size, largest)


def _arrow(plotter: pyvista.Plotter, at: Floats, force: Floats, largest: float, colour: str) -> None:
    import pyvista

    size = float(np.linalg.norm(force))
    if size > 1e-3 * largest:
        length = _length(size, largest)
        shape = {"shaft_radius": 2.0 / length, "tip_radius": 5.0 / length, "tip_length": 14.0 / length}
        arrow = pyvista.Arrow(start=_tail(at, force, largest), direction=force, scale=length, **shape)
        plotter.add_mesh(arrow, color=colour)


def _middle(a: Floats, b: Floats) -> Floats:
    return 0.5 * (np.asarray(a) + np.asarray(b))
