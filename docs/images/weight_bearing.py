"""Draws ``weight_bearing.svg``: what a hip that carries and crutches that help do to the construct.

Run ``femsacrum sweep studies/weight_bearing_sweep/sweep.toml --yes``, ``femsacrum collect`` of the same, then
``python -m docs.images.weight_bearing [TABLE]``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

TABLE = Path("runs/weight_bearing_sweep/table.parquet")
#: Weight of 75 kg [N].
WEIGHT = 75.0 * 9.81
MOTION = "interfaces.{}.micromotion.p95"
FACES = {
    "grafts on ilia and prosthesis, motion [um]": (
        *("left_graft/left_ilium", "right_graft/right_ilium"),
        *("left_graft/prosthesis", "right_graft/prosthesis"),
    ),
    "prosthesis on ilia and L5, motion [um]": ("prosthesis/left_ilium", "prosthesis/right_ilium", "prosthesis/L5"),
}


def worst(*sides: np.ndarray) -> np.ma.MaskedArray:
    """The largest of several columns; none where one has none, since nothing holds that graft any more."""
    stacked = np.ma.stack(sides)
    return np.ma.array(stacked.max(axis=0), mask=np.ma.getmaskarray(stacked).any(axis=0))


def main(table: Path = TABLE) -> None:
    """A panel for each outcome: what a point of the sweep has, at its hip force and crutches."""
    mpl.rcParams |= {"svg.hashsalt": "weight_bearing", "font.size": 9, "svg.fonttype": "none"}
    found = duckdb.sql(f"SELECT * FROM '{table}' WHERE load_case = 'one leg' AND state = 'done'").fetchnumpy()
    hip = 100.0 * found["equilibrium.supports.left hip.|reaction|"] / WEIGHT
    crutches = 2.0 * found["crutch"]
    shown = {name: worst(*(found[MOTION.format(each)] for each in faces)) for name, faces in FACES.items()}
    rods = [found[f"implants.{side}_fixation.von_mises_p999"] for side in ("left", "right")]
    shown["rods and screws, 99.9th percentile [MPa]"] = worst(*rods)
    shown["bone and graft past their limit [cm3]"] = found["overload.volume"] / 1e3
    figure, panels = plt.subplots(2, 2, figsize=(8.4, 6.4), layout="constrained", sharex=True, sharey=True)
    for panel, (name, value) in zip(panels.flat, shown.items(), strict=True):
        value = np.ma.filled(value.astype(float), np.nan)
        loose = np.isnan(value)
        drawn = panel.scatter(
            hip[~loose], crutches[~loose], c=value[~loose], s=52, cmap="cividis", edgecolors="#333333", linewidths=0.4
        )
        panel.scatter(hip[loose], crutches[loose], marker="x", s=42, color="#d55e00", label="a graft comes loose")
        if loose.any():
            panel.legend(loc="upper right", frameon=False, fontsize=8)
        figure.colorbar(drawn, ax=panel)
        panel.set_title(name, fontsize=9, loc="left")
        panel.grid(color="#e5e5e5")
        panel.set_axisbelow(True)
    for panel in panels[-1]:
        panel.set_xlabel("force of the left hip [% of body weight]")
    for panel in panels[:, 0]:
        panel.set_ylabel("both crutches [% of body weight]")
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
