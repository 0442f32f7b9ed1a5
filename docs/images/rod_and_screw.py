"""Draws ``rod_and_screw.svg``: what thicker rods and more iliac screws buy.

Run ``femsacrum sweep studies/rod_and_screw_sweep/sweep.toml --yes``, ``femsacrum collect`` of the same, then
``python -m docs.images.rod_and_screw [TABLE]``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

TABLE = Path("runs/rod_and_screw_sweep/table.parquet")
#: Panel -> load case, columns of which the worst is shown.
SHOWN = {
    "L5 goes down, standing [mm]": ("standing", ("deformation.L5_drop",)),
    "grafts on the ilia, standing [um]": (
        "standing",
        tuple(f"interfaces.{side}_graft/{side}_ilium.micromotion.p95" for side in ("left", "right")),
    ),
    "plate on L5, standing [um]": ("standing", ("interfaces.prosthesis/L5.micromotion.p95",)),
    "rods, screws, on crutches, p99.9 [MPa]": (
        "crutch stance",
        tuple(f"implants.{side}_fixation.von_mises_p999" for side in ("left", "right")),
    ),
}
#: Iliac screws a side and their diameter [mm] -> colour, marker.
STYLES = {
    (1, 7.0): ("#0072b2", "o"),
    (1, 8.5): ("#0072b2", "s"),
    (2, 7.0): ("#e69f00", "o"),
    (2, 8.5): ("#e69f00", "s"),
}


def main(table: Path = TABLE) -> None:
    """A panel for each outcome over the diameter of the rods, a line for each choice of iliac screws."""
    mpl.rcParams |= {"svg.hashsalt": "rod_and_screw", "font.size": 9, "svg.fonttype": "none"}
    figure, panels = plt.subplots(1, 4, figsize=(11.5, 3.4), layout="constrained")
    for panel, (name, (case, columns)) in zip(panels, SHOWN.items(), strict=True):
        rows = duckdb.sql(f"SELECT * FROM '{table}' WHERE load_case = '{case}' ORDER BY rod").fetchnumpy()
        value = np.ma.stack([rows[column] for column in columns]).max(axis=0)
        for (screws, diameter), (color, marker) in STYLES.items():
            of = (rows["iliac_screws"] == screws) & (rows["iliac_diameter"] == diameter)
            label = f"{screws} of {diameter:g} mm a side"
            panel.plot(rows["rod"][of], value[of], marker=marker, color=color, linewidth=0.9, label=label)
        panel.set_title(name, fontsize=9, loc="left")
        panel.set_ylim(bottom=0.0)
        panel.set_xlabel("diameter of the rods [mm]")
        panel.grid(color="#e5e5e5")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
