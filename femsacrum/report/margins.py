"""The tumour and the cut faces, each coloured by its distance to the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import scene, sheet
from femsacrum.report.faces import towards
from femsacrum.report.plan import bones
from femsacrum.report.sheet import Label, Scale
from femsacrum.surgery.cuts.margin import Margins, verdict

if TYPE_CHECKING:
    import pyvista

#: Edges of the bands as multiples of the planned margin, and their colours: through the tumour, too near, wide.
BANDS = (-1.0, 0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0, 2.0, 3.0)
COLOURS = ("#4d004b", "#b10026", "#f03b20", "#feb24c", "#9ecae1", "#4292c6")
#: The line from the tumour to a cut.
INK, SHORT = "#222222", "#b10026"
#: Farther than any distance [mm]: the outermost bands are open.
FAR = 1e4
#: Room round the tumour and the faces [mm].
ROOM = 25.0


def margins(path: Path, assembly: Assembly) -> tuple[str, str] | None:
    """Seen from in front and from behind, the bones that stay see-through; None without a tumour."""
    from matplotlib.colors import ListedColormap

    found = assembly.construct.margins
    if found is None:
        return None
    colours, edges = ListedColormap(COLOURS), [share * found.planned for share in BANDS]
    to_tumour, near = DistanceTo(found.tumour), _to_faces(found)

    def add(plotter: pyvista.Plotter, shape: pyvista.PolyData, distance: Floats) -> None:
        shape.point_data["band"] = np.interp(distance, edges, np.arange(len(edges)))
        look = {"scalars": "band", "clim": (0.0, len(COLOURS)), "cmap": colours, "show_scalar_bar": False}
        plotter.add_mesh(shape, lighting=False, **look)

    def paint(plotter: pyvista.Plotter) -> None:
        import pyvista

        bones(plotter, assembly, 0.16)
        add(plotter, scene.polygons(found.tumour.points, found.tumour.triangles), near)
        for cut in found.cuts.values():
            add(plotter, scene.polygons(cut.face.points, cut.face.triangles), to_tumour(cut.face.points))
            if cut.distance > 0.0:
                line = pyvista.Line(cut.on_tumour, cut.on_cut).tube(radius=0.7)
                plotter.add_mesh(line, color=INK if cut.distance >= found.planned else SHORT, lighting=False)

    labels = [
        Label(
            0.5 * (cut.on_tumour + cut.on_cut),
            f"{name.replace('_', ' ')}: {cut.distance:.1f} mm\n{verdict(cut.distance, found.planned)}",
            INK if cut.distance >= found.planned else SHORT,
        )
        for name, cut in found.cuts.items()
    ]
    points = np.vstack([found.tumour.points, *(cut.face.points for cut in found.cuts.values())])
    points = np.vstack([points.min(axis=0) - ROOM, points.max(axis=0) + ROOM, points])
    panels = [scene.snapshot(paint, view, points) for view in ("front", "back")]
    scale = Scale(colours, edges, "distance between tumour and cut [mm]; below 0: inside the tumour")
    sheet.write(path, panels, [labels, labels], scale)
    return "Margins", (
        "Cut faces and tumour, each coloured by its distance to the other: red and orange are nearer than the planned "
        f"{found.planned:g} mm, blue is wide, dark purple lies inside the tumour; the outermost bands are open. Lines "
        f"join the nearest points. Bones that stay are see-through. Tumour: {found.origin}."
    )


def faces(path: Path, found: Margins | None) -> tuple[str, str] | None:
    """Every cut face seen square on from the side that is taken away, all to one scale; None without a tumour."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.figure import Figure

    if found is None:
        return None
    names = sorted(found.cuts, key=lambda name: (0 if "right" in name else 2 if "left" in name else 1, name))
    views = {name: _square_on(found.cuts[name].face) for name in names}
    extent = {name: np.ptp(found.cuts[name].face.points @ np.array(views[name]).T, axis=0) for name in names}
    widths = [float(max(extent[name][0], 30.0)) + 14.0 for name in names]
    inches = min(0.075, 15.0 / sum(widths))
    tall = max(float(size[1]) for size in extent.values())
    figure = Figure(
        figsize=(max(7.0, inches * sum(widths) + 1.6), inches * tall + 2.1), layout="constrained", dpi=110
    )
    axes = figure.subplots(1, len(names), squeeze=False, width_ratios=widths)[0]
    edges = [share * found.planned for share in BANDS]
    norm, colours, to_tumour = BoundaryNorm(edges, len(COLOURS)), ListedColormap(COLOURS), DistanceTo(found.tumour)
    for axis, name in zip(axes, names, strict=True):
        cut, (across, up) = found.cuts[name], views[name]
        middle = cut.face.points.mean(axis=0)
        x, y = (cut.face.points - middle) @ across, (cut.face.points - middle) @ up
        values = to_tumour(cut.face.points)
        axis.tricontourf(x, y, cut.face.triangles, values, levels=[-FAR, *edges[1:-1], FAR], colors=list(COLOURS))
        axis.plot((cut.on_cut - middle) @ across, (cut.on_cut - middle) @ up, "+k", ms=9, mew=1.6)
        axis.use_sticky_edges = False
        axis.margins(0.06)
        axis.set_aspect("equal")
        axis.set_xlabel(f"mm to the {towards(across)}", fontsize=8)
        axis.set_ylabel(f"mm to the {towards(up)}", fontsize=8)
        axis.tick_params(labelsize=7)
        said = verdict(cut.distance, found.planned)
        colour = INK if cut.distance >= found.planned else SHORT
        told = (
            f"{name.replace('_', ' ')}: {cut.distance:.1f} mm\n{said}\n{100.0 * cut.within:.0f} % nearer than planned"
        )
        axis.set_title(told, fontsize=8, color=colour)
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=list(axes), shrink=0.9, ticks=edges)
    bar.set_label("distance to the tumour [mm]")
    figure.savefig(path)
    return "Cut faces and their distance to the tumour", (
        "Each cut face of bone that stays, looked at square on from the side that is taken away, head (or front) up, to one "
        f"scale. Red and orange: nearer than the planned {found.planned:g} mm; dark purple: inside the tumour. The cross "
        "stands at the point of the cut that is nearest to the tumour or to its deepest point."
    )


def _square_on(face: Surface) -> tuple[Floats, Floats]:
    """Axes to the right and upwards in the mean plane of a face, as seen by what it faces."""
    a, b, c = (face.points[face.triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a).sum(axis=0)
    normal /= np.linalg.norm(normal)
    guide = np.array([0.0, 0.0, 1.0]) if abs(normal[2]) < 0.8 else np.array([0.0, -1.0, 0.0])
    up = guide - (guide @ normal) * normal
    up /= np.linalg.norm(up)
    return np.cross(up, normal), up


def _to_faces(found: Margins) -> Floats:
    """Distance of the tumour's points to the nearest cut face, shape (n,) [mm]."""
    away = [np.abs(DistanceTo(cut.face)(found.tumour.points)) for cut in found.cuts.values()]
    return np.asarray(np.min(away, axis=0))
