"""Draws ``saw_accuracy.svg``: what a cut beside its plan does to motion and grade of every face made for the plan.

Run ``femsacrum sweep studies/saw_accuracy/sweep.toml --yes``, ``femsacrum collect`` of the same, then
``python -m docs.images.saw_accuracy [TABLE]``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.patches import Patch, Rectangle

from femsacrum.findings.incorporation import graded, worst

TABLE = Path("runs/saw_accuracy/table.parquet")
FACES = (
    *("prosthesis/left_ilium", "left_graft/left_ilium", "prosthesis/right_ilium", "right_graft/right_ilium"),
    "prosthesis/L5",
)
LOADS = ("standing", "crutch stance")
COLOURS = {"low": "#d6e8f5", "uncertain": "#fff2a8", "high": "#f5c9b0"}


def variants(rows: list[dict[str, object]], every: bool) -> dict[str, int]:
    """What was sawn -> number of the point, of the left cut alone or of every cut."""
    found = {"as planned": 0}
    for row in rows:
        same = row["others"] == row["left"] and row["others_tilt"] == row["left_tilt"]
        if row["point"] == 0 or same != every:
            continue
        if row["left_tilt"]:
            found[f"{row['left_tilt']:g}°, opens\n{'above' if row['opens'] == 'cranial' else 'below'}"] = row["point"]
        else:
            found[f"{row['left']:g} mm\ndeeper"] = row["point"]
    return found


def main(table: Path = TABLE) -> None:
    """A panel for the left cut alone and one for every cut; a row for each face."""
    mpl.rcParams |= {"svg.hashsalt": "saw_accuracy", "font.size": 9, "svg.fonttype": "none"}
    known = duckdb.sql(f"SELECT * FROM '{table}' WHERE state = 'done' ORDER BY point").to_df().to_dict("records")
    by = {(row["point"], row["load_case"]): row for row in known if row["load_case"] in LOADS}
    points = [row for (_, load), row in by.items() if load == LOADS[0]]
    figure, panels = plt.subplots(2, 1, figsize=(9.6, 7.0), layout="constrained")
    for panel, every in zip(panels, (False, True), strict=True):
        columns = variants(points, every)
        for x, point in enumerate(columns.values()):
            for y, face in enumerate(FACES):
                risk, motions = [], []
                for load in LOADS:
                    row = by[point, load]
                    good, bad = (row[f"incorporation.{face}.{which}"] / 100.0 for which in ("favourable", "adverse"))
                    motion = row[f"interfaces.{face}.micromotion.p95"]
                    risk.append(graded(good, bad))
                    motions.append("loose" if motion is None or np.isnan(motion) else f"{motion:.0f}")
                panel.add_patch(
                    Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=COLOURS[worst(risk)], edgecolor="white")
                )
                panel.text(x, y, " | ".join(motions), ha="center", va="center", fontsize=8.5)
        panel.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(FACES) - 0.5, -0.5))
        panel.set_xticks(range(len(columns)), list(columns))
        panel.set_yticks(range(len(FACES)), [face.replace("_", " ").replace("/", " on ") for face in FACES])
        panel.tick_params(length=0)
        panel.spines[:].set_visible(False)
        panel.set_title("Every cut" if every else "Cut through the left ilium alone", fontsize=10, loc="left")
    figure.legend(
        handles=[Patch(color=colour, label=f"{grade} risk") for grade, colour in COLOURS.items()],
        loc="outside lower center",
        ncols=3,
        frameon=False,
        title="micromotion, 95 % of the face below [µm]: standing | stance on the left leg with crutches; "
        "colour: the worse grade of both",
        title_fontsize=8.5,
    )
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
