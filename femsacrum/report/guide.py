"""Pictures of a cutting guide: on the bone with its slots and planes, and its parts one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.meshing.bodies import Assembly
from femsacrum.meshing.exchange.cad import triangulated
from femsacrum.report import scene, sheet
from femsacrum.report.sheet import Label
from femsacrum.surgery.guides.model import Guide, Slot

if TYPE_CHECKING:
    import pyvista

#: Okabe and Ito (2008), as for implants.
COLOURS = {"base_block": "#0072b2", "deroofing_guide": "#f0e442", "transverse_guide": "#d55e00"}
SAID = {"base_block": "base block", "deroofing_guide": "deroofing guide", "transverse_guide": "transverse guide"}
WIRE, PLANE, INK = "#4a4a4a", "#cc79a7", "#222222"
#: Bones that are shown round it.
BONES = ("sacrum", "left_ilium", "right_ilium", "L5")
#: Room round the guide [mm]; length of a wire behind the bone and of a blade in front of its slot that is shown [mm].
ROOM, OUT, BLADE = 22.0, 55.0, 35.0
#: Parts are laid out this far from each other [mm].
APART = 18.0


def on_bone(path: Path, assembly: Assembly) -> tuple[str, str] | None:
    """From behind with the guide of the transverse cut, from the left, and with the deroofing guide; None without one."""
    found = assembly.construct.guide
    if found is None:
        return None
    skins = {name: triangulated(brep) for name, brep in found.solids.items()}
    points = np.vstack([skin.points for skin in skins.values()])
    points = np.vstack([points.min(axis=0) - ROOM, points.max(axis=0) + ROOM, points])

    def painted(shown: tuple[str, ...]):  # type: ignore[no-untyped-def]
        def paint(plotter: pyvista.Plotter) -> None:
            for name in BONES:
                part = assembly.construct.anatomy.parts.get(name)
                if part is not None:
                    opacity = 1.0 if name == "sacrum" else 0.35
                    mesh = scene.polygons(part.points, part.triangles)
                    plotter.add_mesh(mesh, color=scene.COLOURS["bone"], opacity=opacity, smooth_shading=True)
            for name in shown:
                if name in skins:
                    plotter.add_mesh(scene.polygons(skins[name].points, skins[name].triangles), color=COLOURS[name])
            _wires(plotter, found)
            for slot in found.slots:
                if slot.part in shown:
                    mesh = scene.polygons(_blade(slot), np.array([[0, 1, 2], [0, 2, 3]]))
                    plotter.add_mesh(mesh, color=PLANE, opacity=0.45, lighting=False)

        return paint

    views = [("back", ("base_block", "transverse_guide")), ("left", ("base_block", "transverse_guide"))]
    if "deroofing_guide" in skins:
        views.append(("back", ("base_block", "deroofing_guide")))
    panels = [scene.snapshot(painted(shown), view, points, outlines=False) for view, shown in views]
    labels = [Label(wire.entry, wire.name.replace("_", " "), INK) for wire in found.wires]
    keys = [(COLOURS[name], SAID[name]) for name in skins]
    keys += [(WIRE, "Kirschner wires"), (PLANE, "planes of the slots")]
    sheet.write(path, panels, [labels, *([] for _ in panels[1:])], keys=keys)
    return "Cutting guide on the bone", (
        "The base block on its feet, pinned by Kirschner wires, with the guide that leads the transverse cut; in the last "
        "picture the deroofing guide in its place. Pink: where the blade goes. Bones before any cut; the sacrum solid, its "
        "neighbours see-through."
        if "deroofing_guide" in skins
        else "The base block on its feet, pinned by Kirschner wires, with the guide that leads the transverse cut. Pink: "
        "where the blade goes. Bones before any cut; the sacrum solid, its neighbours see-through."
    )


def parts(path: Path, assembly: Assembly) -> tuple[str, str] | None:
    """Its parts beside each other, from behind and from the bone's side; None without a guide."""
    found = assembly.construct.guide
    if found is None:
        return None
    skins = {name: _upright(triangulated(brep), found) for name, brep in found.solids.items()}
    placed: dict[str, Floats] = {}
    right = 0.0
    for name, skin in skins.items():
        low, high = skin.points.min(axis=0), skin.points.max(axis=0)
        placed[name] = skin.points + np.array([right - low[0], 0.0, -0.5 * (low[2] + high[2])])
        right += float(high[0] - low[0]) + APART

    def paint(plotter: pyvista.Plotter) -> None:
        for name, skin in skins.items():
            plotter.add_mesh(scene.polygons(placed[name], skin.triangles), color=COLOURS[name])

    points = np.vstack(list(placed.values()))
    panels = [scene.snapshot(paint, view, points) for view in ("back", "front")]
    keys = [(COLOURS[name], SAID[name]) for name in skins]
    sheet.write(path, panels, [[], []], keys=keys)
    return "Parts of the cutting guide", (
        "The parts as they are printed, apart from each other: from behind, as the surgeon sees them, and from the side of "
        "the bone, with feet, sleeves and dowels."
    )


def _upright(skin: Surface, found: Guide) -> Surface:
    """Turned so that the direction it is taken off in points to the back and the head up."""
    away = found.seat.away
    up = np.array([0.0, 0.0, 1.0]) - away[2] * away
    up /= np.linalg.norm(up)
    return Surface(skin.points @ np.column_stack([np.cross(away, up), away, up]), skin.triangles)


def _wires(plotter: pyvista.Plotter, found: Guide) -> None:
    import pyvista

    for wire in found.wires:
        shaft = pyvista.Line(wire.entry - OUT * wire.direction, wire.tip).tube(radius=0.5 * wire.diameter)
        plotter.add_mesh(shaft, color=WIRE)


def _blade(slot: Slot) -> Floats:
    """Corners of the plane that a blade goes over in front of its slot and in it, shape (4, 3) [mm]."""
    out = slot.corners[3] - slot.corners[0]
    out = out / np.linalg.norm(out)
    return np.vstack([slot.corners[:2] - BLADE * out, slot.corners[2:] + 0.3 * BLADE * out])
