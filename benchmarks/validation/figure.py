"""One figure for each experiment: measured with its spread, foretold with its band, and the error of the mesh."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from femsacrum.report.words import plain

#: Colours that are told apart also without red and green (Okabe and Ito).
MEASURED, BAND, MEDIAN, MISS = "#999999", "#56B4E9", "#0072B2", "#D55E00"


def draw(asked, agreements, path):
    """Every compared value over its measured mean, one line each.

    Args:
        asked: The experiment.
        agreements: Of ``agree``.
        path: Of the picture; its ending says which kind.
    """
    plt.rcParams |= {"svg.hashsalt": asked.name, "svg.fonttype": "none"}  # the same picture is the same file
    shown = [one for one in agreements if one.median is not None and one.compared.mean]
    figure, axes = plt.subplots(figsize=(11.0, 1.3 + 0.42 * max(len(shown), 1)), layout="constrained")
    for line, one in enumerate(reversed(shown)):
        row = one.compared
        if row.sd:
            low, high = max(1.0 - row.sd / row.mean, 0.02), 1.0 + row.sd / row.mean
            axes.plot([low, high], [line, line], color=MEASURED, linewidth=9, alpha=0.5, solid_capstyle="butt")
        axes.plot([1.0], [line], "|", color="black", markersize=13)
        axes.plot(np.maximum(one.band, 1e-6) / row.mean, [line, line], color=BAND, linewidth=4, solid_capstyle="butt")
        colour = MISS if one.verdict == "misses" else MEDIAN
        each = np.array(list(one.by_anatomy.values())) / row.mean
        axes.plot(each, np.full(len(each), line), ".", color=colour, markersize=6, alpha=0.6)
        axes.plot([one.median / row.mean], [line], "o", color=colour, markersize=7)
        if one.rough_over_coarse:
            axes.plot([one.median / row.mean * one.rough_over_coarse], [line], "x", color="black", markersize=6)
    axes.set_yticks(range(len(shown)), [_said(one) for one in reversed(shown)])
    axes.set_xscale("log")
    ticks = [each for each in (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0) if _near(each, axes.get_xlim())]
    axes.set_xticks(ticks, [f"{each:g}" for each in ticks])
    axes.minorticks_off()
    axes.set_xlabel("value over the measured mean")
    figure.suptitle(asked.title, x=0.01, ha="left", fontsize=10)
    axes.grid(axis="x", color="#dddddd")
    axes.legend(handles=_legend(), fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.savefig(path, metadata={"Date": None} if str(path).endswith("svg") else None, dpi=130)
    plt.close(figure)


def _said(one):
    row = one.compared
    return f"{row.words}\n{row.measured()} · model {plain(one.median)}"


def _near(value, limits):
    return limits[0] / 1.2 <= value <= limits[1] * 1.2


def _legend():
    line = plt.Line2D
    return [
        line([], [], color=MEASURED, linewidth=9, alpha=0.5, label="measured, ± 1 SD"),
        line([], [], color="black", marker="|", linestyle="", markersize=12, label="measured mean"),
        line([], [], color=BAND, linewidth=4, label="model, 5 to 95 %\nof inputs and anatomies"),
        line([], [], color=MEDIAN, marker="o", linestyle="", label="median anatomy"),
        line([], [], color=MISS, marker="o", linestyle="", label="the same, misses its goal"),
        line([], [], color=MEDIAN, marker=".", linestyle="", alpha=0.6, label="each anatomy"),
        line([], [], color="black", marker="x", linestyle="", label="median on a rougher mesh"),
    ]
