"""Draws the twin as it bends: ``python -m benchmarks.validation.astm_f1717.picture FILE.png``."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.validation.astm_f1717 import twin
from femsacrum.findings.stress import nodal_von_mises, strain
from femsacrum.report.scene import assert_drawable, surface

#: Force drawn [N], displacements true to scale; end of the colours [MPa].
DRAWN, SCALE = 500.0, 800.0


def draw(path):
    """Deformed, coloured by von Mises stress; beside it in outline where it was.

    Args:
        path: Of the picture.
    """
    assert_drawable()
    import pyvista

    made = twin.twin(twin.Design(), fixation=2.0)
    solution = twin.solved(made)
    plotter = pyvista.Plotter(off_screen=True, window_size=[1400, 900], shape=(1, 2), border=False)
    for column, eye in enumerate(((1.0, 0.0, 0.0), (0.8, 1.0, 0.35))):
        plotter.subplot(0, column)
        for name, body in made.assembly.bodies.items():
            moved = solution.displacements[name] * DRAWN / twin.FORCE
            skin = surface(body, moved)
            if name.endswith("block"):
                plotter.add_mesh(skin, color="#dddddd", opacity=0.35)
                plotter.add_mesh(surface(body).extract_feature_edges(30.0), color="black", opacity=0.4, line_width=1)
            else:
                found = strain(body, moved)
                skin["MPa"] = nodal_von_mises(body, made.materials[name], found)
                bar = {"vertical": True, "position_x": 0.87, "position_y": 0.3, "height": 0.4, "color": "black"}
                plotter.add_mesh(
                    skin, clim=(0.0, SCALE), cmap="viridis", lighting=False, show_scalar_bar=column == 0,
                    scalar_bar_args=bar,
                )  # fmt: skip
        plotter.camera_position = [
            tuple(2000.0 * np.array(eye) + [0.0, 20.0, 0.0]),
            (0.0, 20.0, 0.0),
            (0.0, 0.0, 1.0),
        ]
        plotter.enable_parallel_projection()
        plotter.camera.parallel_scale = 88.0
        plotter.renderer.ResetCameraClippingRange()
    plotter.set_background("white")
    plotter.screenshot(path)
    plotter.close()


if __name__ == "__main__":
    draw(sys.argv[1])
