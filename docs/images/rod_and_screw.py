"""Draws ``rod_and_screw.svg``: what more metal in rods and iliac screws buys.

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
METAL, DROP = "mesh.|metal_volume|", "deformation.L5_drop"
FACES = ("left_graft/left_ilium", "right_graft/right_ilium", "left_graft/prosthesis", "right_graft/prosthesis")
#: Iliac screws a side and their diameter [mm] -> colour, marker.
STYLES = {
    (1, 7.0): ("#0072b2", "o"),
    (1, 8.5): ("#0072b2", "s"),
    (2, 7.0): ("#e69f00", "o"),
    (2, 8.5): ("#e69f00", "s"),
}


def main(table: Path = TABLE) -> None:
    """A panel for each outcome over the volume of metal, a line for each choice of iliac screws."""
    mpl.rcParams |= {"svg.hashsalt": "rod_and_screw", "font.size": 9, "svg.fonttype": "none"}
    volume = dict(duckdb.sql(f"SELECT point, \"{METAL}\" FROM '{table}' WHERE load_case = ''").fetchall())
    figure, panels = plt.subplots(1, 3, figsize=(10.0, 3.7), layout="constrained", sharex=True)
    found = {
        case: duckdb.sql(f"SELECT * FROM '{table}' WHERE load_case = '{case}' ORDER BY rod").fetchnumpy()
        for case in ("standing", "crutch stance")
    }
    standing, stance = found.values()
    rods = [stance[f"implants.{side}_fixation.von_mises_p999"] for side in ("left", "right")]
    motion = np.max([stance[f"interfaces.{face}.micromotion.p95"] for face in FACES], axis=0)
    shown = {
        "L5 goes down, standing [mm]": (standing, np.abs(standing[DROP])),
        "worst face of a graft, crutch stance [um]": (stance, motion),
        "rods and screws, crutch stance, p99.9 [MPa]": (stance, np.max(rods, axis=0)),
    }
    for panel, (name, (rows, value)) in zip(panels, shown.items(), strict=True):
        for (screws, diameter), (color, marker) in STYLES.items():
            of = (rows["iliac_screws"] == screws) & (rows["iliac_diameter"] == diameter)
            metal = np.array([volume[point] for point in rows["point"][of]]) / 1e3
            label = f"{screws} of {diameter:g} mm a side"
            panel.plot(metal, value[of], marker=marker, color=color, linewidth=0.9, label=label)
            if (screws, diameter) == (2, 8.5):
                for rod, x, y in zip(rows["rod"][of], metal, value[of], strict=True):
                    panel.annotate(f"{rod:g}", (x, y), textcoords="offset points", xytext=(4, 4), fontsize=7)
        panel.set_title(name, fontsize=9, loc="left")
        panel.set_ylim(bottom=0.0)
        panel.set_xlabel("prosthesis, rods and screws [cm3]")
        panel.grid(color="#e5e5e5")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
