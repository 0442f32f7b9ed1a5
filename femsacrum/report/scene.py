"""Drawing without a screen: a window that works here, surfaces of bodies, colours, views."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
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
    "tumour": "#7a2a5d",
}
INK = "#222222"
#: Pixels a panel is rendered with; four make one of the picture, which smooths the edges.
PIXELS = (1300, 1200)
#: Outlines stand where the depth bends by more than this within a pixel [mm]: a rim, a sharp edge.
BEND = 1.2


@dataclass(frozen=True)
class View:
    """Where the eye is.

    Attributes:
        direction: From the middle to the eye (LPS: -y is in front), shape (3,).
        words: For the caption.
        sides: What is at the left and right margin of the picture.
    """

    direction: tuple[float, float, float]
    words: str
    sides: tuple[str, str]


VIEWS = {
    "front": View((0.25, -1.0, 0.3), "from in front", ("right", "left")),
    "back": View((-0.2, 1.0, 0.35), "from behind", ("left", "right")),
    "left": View((1.0, -0.2, 0.12), "from the left", ("front", "back")),
    "frontal": View((0.0, -1.0, 0.0), "straight from in front", ("right", "left")),
    "sagittal": View((1.0, 0.0, 0.0), "straight from the left", ("front", "back")),
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


@dataclass(frozen=True)
class Snapshot:
    """One rendered panel.

    Attributes:
        image: Shape (height, width, 3), 0 to 255.
        view: From where.
        basis: Right, up and towards the eye, shape (3, 3).
        middle: Point at the centre of the picture, shape (3,) [mm].
        scale: Pixels per mm.
    """

    image: np.ndarray
    view: View
    basis: Floats
    middle: Floats
    scale: float

    def pixel(self, point: Floats) -> tuple[float, float]:
        """Column and row (from above) of a point in space [mm]."""
        height, width = self.image.shape[:2]
        x, y, _ = self.basis @ (np.asarray(point) - self.middle) * self.scale
        return float(0.5 * width + x), float(0.5 * height - y)


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
        "or switch the figures off with --set output.figures=false",
    )


def snapshot(paint: Callable[[pyvista.Plotter], None], view: str, points: Floats, outlines: bool = True) -> Snapshot:
    """Renders what ``paint`` adds to a plotter, seen square on without perspective, filled with ``points``.

    Args:
        paint: Adds meshes to the plotter it is given.
        view: Key of VIEWS.
        points: What has to be inside the picture, shape (n, 3) [mm].
        outlines: Draws dark lines where the depth jumps or bends, which give flat colours a shape.
    """
    assert_drawable()
    import pyvista

    eye = VIEWS[view]
    towards = np.asarray(eye.direction) / np.linalg.norm(eye.direction)
    right = np.cross([0.0, 0.0, 1.0], towards)
    right /= np.linalg.norm(right)
    basis = np.array([right, np.cross(towards, right), towards])
    seen = points @ basis.T
    low, high = seen.min(axis=0), seen.max(axis=0)
    middle = 0.5 * (low + high) @ basis
    span = 1.04 * (high - low)
    scale = min(PIXELS[0] / span[0], PIXELS[1] / span[1])
    size = [2 * int(0.5 * span[0] * scale), 2 * int(0.5 * span[1] * scale)]

    plotter = pyvista.Plotter(off_screen=True, window_size=size)
    plotter.disable_anti_aliasing()
    plotter.render_window.SetMultiSamples(0)
    plotter.set_background("white")
    paint(plotter)
    plotter.camera_position = [tuple(middle + 2000.0 * towards), tuple(middle), tuple(basis[1])]
    plotter.enable_parallel_projection()
    plotter.camera.parallel_scale = 0.5 * size[1] / scale
    plotter.renderer.ResetCameraClippingRange()
    image = np.array(plotter.screenshot(return_img=True))[..., :3]
    if outlines:
        depth = plotter.get_image_depth(fill_value=np.nan)
        image[_bends(depth)] = (40, 40, 40)
    plotter.close()
    height, width = image.shape[:2]
    halved = image.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3)).astype(np.uint8)
    return Snapshot(halved, eye, basis, middle, 0.5 * scale)


def surface(mesh: BodyMesh, displacement: Floats | None = None, without: str | None = None) -> pyvista.PolyData:
    """Boundary of a body as triangles, quadratic facets as four each; point i is node i of the mesh.

    Args:
        mesh: The body.
        displacement: Shape (n, 3) [mm], to draw it deformed.
        without: Name of a face that is left open.
    """
    kept = mesh.facets
    if without in mesh.face_names:
        kept = mesh.facets[mesh.facet_face != mesh.face_names.index(without)]
    corner = [kept[:, :3]]
    if mesh.order == 2:
        corner = [kept[:, list(part)] for part in ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))]
    triangles = np.concatenate(corner)
    points = mesh.nodes if displacement is None else mesh.nodes + displacement
    return polygons(points, triangles)


def polygons(points: Floats, triangles: Any) -> pyvista.PolyData:
    """Triangles as VTK wants them."""
    import pyvista

    faces = np.column_stack([np.full(len(triangles), 3), triangles]).ravel()
    return pyvista.PolyData(np.asarray(points, float), faces)


def rounded(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 times a power of ten: a scale's end one can read."""
    if not value > 0.0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    steps = np.array([1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0]) * power
    return float(steps[np.searchsorted(steps, value * (1.0 - 1e-9))])


def _bends(depth: Floats) -> np.ndarray:
    """Pixels at a rim or a sharp edge: where depth is not locally a plane."""
    empty = np.isnan(depth)
    filled = np.where(empty, np.nanmin(depth) - 1e3 if not empty.all() else 0.0, depth)
    bent = np.zeros(depth.shape, dtype=bool)
    second = np.abs(filled[:, 2:] - 2.0 * filled[:, 1:-1] + filled[:, :-2])
    bent[:, 1:-1] |= second > BEND
    second = np.abs(filled[2:] - 2.0 * filled[1:-1] + filled[:-2])
    bent[1:-1] |= second > BEND
    return bent & ~empty
