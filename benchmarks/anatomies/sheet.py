"""All anatomies on one sheet: meshed bones coloured by the stiffness of their cores, soft tissue between them."""

from __future__ import annotations

import numpy as np

from femsacrum.report.scene import COLOURS, INK, assert_drawable

#: Where the eye is, from the middle: in front, to the left.
VIEWS = ((0.25, -1.0, 0.3), (1.0, -0.2, 0.12))
#: Young's modulus of the colour scale's ends [MPa].
LIMITS = (10.0, 500.0)
SIZE = 520


def draw(drawn, path):
    """One column for each anatomy (name -> assembly, materials), from in front above, from the left below."""
    assert_drawable()
    import pyvista as pv

    plotter = pv.Plotter(
        off_screen=True, shape=(2, len(drawn)), border=False, window_size=(SIZE * len(drawn), 2 * SIZE)
    )
    for column, (name, (assembly, materials)) in enumerate(drawn.items()):
        for row, direction in enumerate(VIEWS):
            plotter.subplot(row, column)
            plotter.set_background("white")
            for body in assembly.bodies.values():
                _add(plotter, body, materials[body.name], f"E [MPa] {name}{row}")
            if row == 0:
                plotter.add_text(name, font_size=9, color=INK)
            middle = np.mean([b.nodes.mean(axis=0) for b in assembly.bodies.values() if b.role == "bone"], axis=0)
            plotter.camera.focal_point = middle
            plotter.camera.position = middle + 700.0 * np.array(direction) / np.linalg.norm(direction)
            plotter.camera.up = (0.0, 0.0, 1.0)
            plotter.enable_parallel_projection()
            plotter.camera.parallel_scale = 165.0
    path.parent.mkdir(parents=True, exist_ok=True)
    plotter.screenshot(path)
    plotter.close()


def _add(plotter, body, material, title):
    import pyvista as pv

    cells = np.hstack([np.full((len(body.cells), 1), 4), body.cells[:, :4]])
    grid = pv.UnstructuredGrid(cells.ravel(), np.full(len(cells), pv.CellType.TETRA), body.nodes)
    grid.cell_data[title] = material.youngs_modulus
    skin = grid.extract_surface(algorithm="dataset_surface")
    if body.role != "bone":
        plotter.add_mesh(skin, color=COLOURS[body.role])
        return
    plotter.add_mesh(
        skin,
        scalars=title,
        clim=LIMITS,
        log_scale=True,
        cmap="viridis",
        show_edges=True,
        edge_color="#707070",
        line_width=0.5,
        lighting=False,
        show_scalar_bar=False,
    )
