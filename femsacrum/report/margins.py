"""The tumour and the cut faces, each coloured by its distance to the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import scene, sheet
from femsacrum.report.plan import bones
from femsacrum.report.sheet import Label, Scale
from femsacrum.surgery.margin import Margins, verdict

if TYPE_CHECKING:
    import pyvista

#: Edges of the bands as multiples of the planned margin, and their colours: through the tumour, too near, wide.
BANDS = (-1.0, 0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0, 2.0, 3.0)
COLOURS = ("#4d004b", "#b10026", "#f03b20", "#feb24c", "#9ecae1", "#4292c6")
#: The line from the tumour to a cut.
INK, SHORT = "#222222", "#b10026"
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


def _to_faces(found: Margins) -> Floats:
    """Distance of the tumour's points to the nearest cut face, shape (n,) [mm]."""
    away = [np.abs(DistanceTo(cut.face)(found.tumour.points)) for cut in found.cuts.values()]
    return np.asarray(np.min(away, axis=0))
