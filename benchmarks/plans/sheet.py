"""All plans on all anatomies on one sheet: a row for each anatomy, a column for each plan, from behind."""

from __future__ import annotations

import numpy as np

from femsacrum.report.scene import COLOURS, INK, assert_drawable, surface

#: Where the eye is, from the middle: behind, to the left, above.
VIEW = (0.55, 1.0, 0.35)
SIZE = 620


def draw(drawn, names, plans, path):
    """Draw (anatomy, plan) -> assembly: bones see-through, what is put in solid."""
    assert_drawable()
    import pyvista as pv

    shape = (len(names), len(plans))
    plotter = pv.Plotter(off_screen=True, shape=shape, border=False, window_size=(SIZE * shape[1], SIZE * shape[0]))
    for row, name in enumerate(names):
        for column, plan in enumerate(plans):
            plotter.subplot(row, column)
            plotter.set_background("white")
            plotter.add_text(f"{name}, {plan.replace('_', ' ')}", font_size=9, color=INK)
            if (name, plan) in drawn:
                _pelvis(plotter, drawn[name, plan])
    path.parent.mkdir(parents=True, exist_ok=True)
    plotter.screenshot(path)
    plotter.close()


def _pelvis(plotter, assembly):
    for body in assembly.bodies.values():
        opacity = 0.45 if body.role == "bone" else 1.0
        plotter.add_mesh(surface(body), color=COLOURS[body.role], opacity=opacity, smooth_shading=False)
    middle = np.mean([body.nodes.mean(axis=0) for body in assembly.bodies.values() if body.role == "bone"], axis=0)
    plotter.camera.focal_point = middle
    plotter.camera.position = middle + 800.0 * np.array(VIEW) / np.linalg.norm(VIEW)
    plotter.camera.up = (0.0, 0.0, 1.0)
    plotter.enable_parallel_projection()
    plotter.camera.parallel_scale = 168.0
