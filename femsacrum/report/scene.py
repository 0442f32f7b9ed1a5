"""Drawing without a screen: a window that works here, surfaces of bodies, colours, cameras."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import InputError
from femsacrum.meshing.bodies import BodyMesh

if TYPE_CHECKING:
    import pyvista

#: By role; blue, orange and grey stay apart for every kind of colour vision (Okabe and Ito 2008).
COLOURS = {
    "bone": "#e8dcc4",
    "disc": "#9fc5d8",
    "cartilage": "#9fc5d8",
    "implant": "#0072b2",
    "graft": "#e69f00",
    "fixation": "#4a4a4a",
    "removed": "#cc79a7",
}
INK = "#222222"

#: Where the eye is, as a direction from the middle (LPS: -y is in front), and its name for the caption.
VIEWS = {
    "front": ((0.25, -1.0, 0.25), "from in front"),
    "back": ((-0.25, 1.0, 0.35), "from behind"),
    "left": ((1.0, -0.15, 0.15), "from the left"),
    "inside": ((-0.55, -0.75, 0.75), "from above, right and in front"),
}

_PROBE = """
import os
os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = {window!r}
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderWindow
window = vtkRenderWindow()
window.SetOffScreenRendering(1)
window.SetSize(8, 8)
window.Render()
"""
_WINDOWS = ("vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow")


@cache
def assert_drawable() -> None:
    """Chooses a window VTK can open without a screen; must come before the first import of pyvista.

    Without OpenGL VTK ends the whole process, so another process is asked first.

    Raises:
        InputError: Neither EGL nor OSMesa works here.
    """
    wanted = os.environ.get("VTK_DEFAULT_OPENGL_WINDOW")
    for window in (wanted,) if wanted else _WINDOWS:
        done = subprocess.run([sys.executable, "-c", _PROBE.format(window=window)], capture_output=True, check=False)
        if done.returncode == 0:
            os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = window
            return
    raise InputError(
        "output.figures",
        "true, but there is no OpenGL to draw with: apt-get install libegl1 libgl1 (or libosmesa6), "
        'or switch the figures off with --set "output.figures=false"',
    )


def surface(mesh: BodyMesh, displacement: Floats | None = None) -> pyvista.PolyData:
    """Boundary of a body as triangles, quadratic facets as four each; point i is node i of the mesh."""
    corner = [mesh.facets[:, :3]]
    if mesh.order == 2:
        corner = [mesh.facets[:, list(part)] for part in ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))]
    triangles = np.concatenate(corner)
    points = mesh.nodes if displacement is None else mesh.nodes + displacement
    return polygons(points, triangles)


def polygons(points: Floats, triangles: Any) -> pyvista.PolyData:
    """Triangles as VTK wants them."""
    import pyvista

    faces = np.column_stack([np.full(len(triangles), 3), triangles]).ravel()
    return pyvista.PolyData(np.asarray(points, float), faces)


def stage(panels: int, size: tuple[int, int] = (1500, 820)) -> pyvista.Plotter:
    """An off-screen plotter with panels side by side on white."""
    assert_drawable()
    import pyvista

    plotter = pyvista.Plotter(off_screen=True, shape=(1, panels), window_size=list(size), border=False)
    plotter.set_background("white")
    return plotter


def look(plotter: pyvista.Plotter, view: str, bounds: Iterable[float], zoom: float = 1.45) -> None:
    """Points the camera of the active panel at a box [mm] from a named view, without perspective."""
    box = np.asarray(list(bounds), float).reshape(3, 2)
    middle = box.mean(axis=1)
    direction, words = VIEWS[view]
    eye = middle + 1000.0 * np.asarray(direction) / np.linalg.norm(direction)
    plotter.camera_position = [tuple(eye), tuple(middle), (0.0, 0.0, 1.0)]
    plotter.enable_parallel_projection()
    plotter.reset_camera(bounds=tuple(box.ravel()))
    plotter.camera.zoom(zoom)
    plotter.add_text(words, position="lower_left", font_size=9, color=INK)


def save(plotter: pyvista.Plotter, path: Any) -> None:
    """Writes the picture and closes the window."""
    plotter.screenshot(str(path))
    plotter.close()


def box_of(meshes: Iterable[BodyMesh]) -> list[float]:
    """Bounds of several bodies, x0, x1, y0, y1, z0, z1 [mm]."""
    points = [mesh.nodes for mesh in meshes]
    low = np.min([p.min(axis=0) for p in points], axis=0)
    high = np.max([p.max(axis=0) for p in points], axis=0)
    return [float(x) for x in np.column_stack([low, high]).ravel()]


def bar(title: str) -> dict[str, Any]:
    """Settings of a horizontal colour bar with the unit in its title."""
    return {
        "title": title, "color": INK, "n_labels": 5, "fmt": "%.3g", "position_x": 0.2, "position_y": 0.03,
        "width": 0.6, "height": 0.07, "title_font_size": 18, "label_font_size": 15,
    }  # fmt: skip


def rounded(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 times a power of ten: a scale's end one can read."""
    if not value > 0.0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    steps = np.array([1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0]) * power
    return float(steps[np.searchsorted(steps, value * (1.0 - 1e-9))])
