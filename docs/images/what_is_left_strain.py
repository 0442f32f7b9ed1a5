"""Draws ``what_is_left_strain.png``: risk of the sacrum by level, on one leg, from the front and from behind.

Run ``femsacrum sweep studies/what_is_left/sweep.toml --data FOLDER --yes``, then
``python -m docs.images.what_is_left_strain [FOLDER OF THE SWEEP [PATIENT [LOAD CASE [PNG]]]]``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np
import pyvista as pv

from docs.images.what_is_left import LEVELS, TABLE
from femsacrum.findings.quantities import limit

#: Bones that are seen through, and the views: where the eye is (LPS).
AROUND = ("left_ilium", "right_ilium", "L5")
VIEWS = {"from the front": (0.0, -1.0, 0.0), "from behind": (0.0, 1.0, 0.25)}
PIXELS = 320


def risk(block: pv.UnstructuredGrid) -> np.ndarray:
    """Largest share of a limit that a cell uses: tension over 0.73 %, compression over 1.04 %."""
    pulled = block.cell_data["principal_strain_max [1]"] / limit("cortex_yield_tension")
    pressed = -block.cell_data["principal_strain_min [1]"] / limit("cortex_yield_compression")
    return np.asarray(np.maximum(pulled, pressed))


def points(table: Path, patient: str) -> dict[str, int]:
    """Level -> number of its point, of those that are done."""
    asked = f"SELECT DISTINCT \"left\", point FROM '{table}' WHERE patient = '{patient}' AND state = 'done'"
    return dict(duckdb.sql(asked).fetchall())


def main(
    folder: Path = TABLE.parent,
    patient: str = "reference_male",
    load: str = "one_leg",
    to: Path | None = None,
) -> None:
    """A column for each level, a row for each view."""
    of = points(folder / "table.parquet", patient)
    shown = [level for level in LEVELS if level in of]
    plotter = pv.Plotter(
        shape=(len(VIEWS), len(shown)), off_screen=True, border=False, window_size=(PIXELS * len(shown), PIXELS * 2)
    )
    for column, level in enumerate(shown):
        number = of[level]
        blocks = pv.read(folder / "fields" / f"{number // 10_000:04d}" / f"{number:07d}" / f"{load}.vtkhdf")
        sacrum = blocks["sacrum"]
        sacrum.cell_data["share of the limit"] = risk(sacrum)
        for row, eye in enumerate(VIEWS.values()):
            plotter.subplot(row, column)
            for name in AROUND:
                plotter.add_mesh(
                    blocks[name].extract_surface(algorithm="dataset_surface"), color="#e8dcc4", opacity=0.18
                )
            plotter.add_mesh(
                sacrum.extract_surface(algorithm="dataset_surface"),
                scalars="share of the limit",
                clim=(0.0, 1.0),
                cmap="inferno",
                above_color="#39ff88",
                show_scalar_bar=column == len(shown) - 1 and row == 0,
                scalar_bar_args={
                    "n_labels": 2,
                    "title_font_size": 13,
                    "label_font_size": 13,
                    "position_x": 0.3,
                    "width": 0.5,
                },
            )
            if not row:
                plotter.add_text(level, font_size=11, color="black")
            focus = np.asarray(blocks["left_ilium"].center + np.asarray(blocks["right_ilium"].center)) / 2.0
            focus = np.array([0.0, focus[1], np.asarray(sacrum.bounds[4:]).max() - 55.0])
            plotter.camera_position = [focus + 420.0 * np.asarray(eye), focus, (0.0, 0.0, 1.0)]
            plotter.camera.view_angle = 22.0
    plotter.background_color = "white"
    plotter.screenshot(to or Path(__file__).with_suffix(".png"))


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*[Path(given[0])] if given else [], *given[1:3], *map(Path, given[3:4]))
