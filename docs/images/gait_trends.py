"""Draws ``gait_trends.svg``: how far the grafts' faces move in a gait, over friction, union and crutch force.

Run ``python -m docs.images.gait_trends``; the solves take some minutes.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from benchmarks.loads.trends import trends

TITLES = {"friction": "friction over the study's", "union": "united", "crutches": "force on each crutch, %BW"}

#: Of the faces: blue on the ilia, orange on the prosthesis, left solid and right dashed.
STYLES = (("#0072b2", "-"), ("#e69f00", "-"), ("#0072b2", "--"), ("#e69f00", "--"))


def main():
    """A panel for each thing that was varied."""
    mpl.rcParams |= {"svg.hashsalt": "gait_trends", "font.size": 9, "svg.fonttype": "none"}
    found = defaultdict(list)
    for what, value, motion in trends():
        told = ", ".join(f"{face} {moved:.1f}" for face, moved in motion.items())
        print(f"{what} {value}: mean {np.mean(list(motion.values())):.1f} um; {told}", flush=True)
        found[what].append((float(value.removeprefix("times ").removesuffix(" %")), motion))
    figure, panels = plt.subplots(1, len(found), figsize=(9.0, 3.4), layout="constrained", sharey=True)
    for panel, (what, points) in zip(panels, found.items(), strict=True):
        values, motions = zip(*points, strict=True)
        for face, (color, line) in zip(motions[0], STYLES, strict=True):
            panel.plot(values, [each[face] for each in motions], line, color=color, linewidth=1.0, label=face)
        mean = [np.mean(list(each.values())) for each in motions]
        panel.plot(values, mean, "o-", color="black", label="mean")
        panel.set_xlabel(TITLES[what] + (" [%]" if what == "union" else ""))
        panel.grid(color="#e5e5e5")
    panels[0].set_ylim(bottom=0.0)  # shared, and only now as high as the highest
    panels[0].set_ylabel("mean motion of a face [um]")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False)
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()
