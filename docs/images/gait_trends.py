"""Draws ``gait_trends.svg``: how far the grafts' faces move in a gait, over friction, union and crutch force.

Run ``python -m docs.images.gait_trends``; the solves take some minutes.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.loads.trends import trends

TITLES = {"friction": "friction over the study's", "union": "united", "crutches": "force on each crutch, %BW"}


def main():
    """A panel for each thing that was varied."""
    mpl.rcParams |= {"svg.hashsalt": "gait_trends", "font.size": 9, "svg.fonttype": "none"}
    found = defaultdict(list)
    for what, value, motion in trends():
        print(f"{what} {value}: {motion:.1f} um", flush=True)
        found[what].append((float(value.removeprefix("times ").removesuffix(" %")), motion))
    figure, panels = plt.subplots(1, len(found), figsize=(9.0, 3.0), layout="constrained", sharey=True)
    for panel, (what, points) in zip(panels, found.items(), strict=True):
        panel.plot(*zip(*points, strict=True), "o-", color="#1f5fa8")
        panel.set_xlabel(TITLES[what] + (" [%]" if what == "union" else ""))
        panel.set_ylim(bottom=0.0)
        panel.grid(color="#e5e5e5")
    panels[0].set_ylabel("mean motion of the grafts' faces [um]")
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()
