"""A sheet of pictures of the reference anatomy, beside real bones where a folder with them is given.

Usage: python meshes/look.py sheet.png [folder with hip_L.ply, hip_R.ply, sacrum.ply, L5.ply, ...]
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyvista as pv

from femsacrum.anatomy.reference import reference
from femsacrum.anatomy.surfaces import polydata

CASES = {
    "mean": {},
    "female": {"sex": "female"},
    "male": {"sex": "male"},
    "PI 39": {"pelvic_incidence": 38.8},
    "PI 69": {"pelvic_incidence": 68.8},
}
COLOURS = {
    "left_ilium": "#8fa9b0",
    "right_ilium": "#cdb895",
    "sacrum": "#d9b010",
    "L5": "#b060b0",
    "L4": "#b060b0",
    "disc_L5S1": "#207020",
    "disc_L4L5": "#207020",
    "left_sij": "#c02020",
    "right_sij": "#c02020",
    "symphysis": "#c02020",
}
REAL = {"left_ilium": "hip_L", "right_ilium": "hip_R", "sacrum": "sacrum", "L5": "L5", "L4": "L4"}
REAL |= {"disc_L5S1": "disc_L5S1", "disc_L4L5": "disc_L4L5"}
VIEWS = {"anterior": ((0, -1, 0), (0, 0, 1)), "posterior": ((0, 1, 0), (0, 0, 1))}
VIEWS |= {"lateral": ((1, 0, 0), (0, 0, 1)), "inlet": ((0, -0.75, 0.9), (0, 0.7, 0.7))}


def anatomy(**chosen: object) -> dict[str, pv.PolyData]:
    """Meshes of the reference anatomy for some proportions."""
    defaults = {"sex": "mean", "width": 1.0, "height": 1.0, "pelvic_incidence": None, "cortical_thickness": 1.4}
    parts = reference(SimpleNamespace(**{**defaults, **chosen})).parts  # type: ignore[arg-type]
    return {name: polydata(surface) for name, surface in parts.items()}


def draw(rows: dict[str, dict[str, pv.PolyData]], path: Path, size: int = 420) -> None:
    """One row of four views per set of meshes."""
    sheet = (len(rows), len(VIEWS))
    plotter = pv.Plotter(off_screen=True, shape=sheet, window_size=(size * sheet[1], size * sheet[0]))
    for row, (title, meshes) in enumerate(rows.items()):
        centre = np.mean([m.center for n, m in meshes.items() if "ilium" in n], axis=0)
        for column, (view, (towards, up)) in enumerate(VIEWS.items()):
            plotter.subplot(row, column)
            plotter.set_background("white")
            for name, mesh in meshes.items():
                plotter.add_mesh(mesh, color=COLOURS[name], smooth_shading=True, split_sharp_edges=False)
            plotter.add_text(f"{title}, {view}", font_size=8, color="black")
            plotter.camera_position = [centre + 900.0 * np.array(towards), centre + np.array([0.0, 0.0, 15.0]), up]
            plotter.enable_parallel_projection()
            plotter.camera.parallel_scale = 165
    plotter.screenshot(path)


if __name__ == "__main__":
    sheet = {title: anatomy(**chosen) for title, chosen in CASES.items()}
    if len(sys.argv) > 2:
        sheet["real"] = {n: pv.read(Path(sys.argv[2]) / f"{f}.ply") for n, f in REAL.items()}
    draw(sheet, Path(sys.argv[1]))
