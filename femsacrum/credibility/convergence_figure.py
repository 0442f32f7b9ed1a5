"""The picture of three meshes: how errors shrink, and which peaks do not stop growing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from femsacrum.credibility.refinement import Convergence, Row

#: What is drawn together, and how: colours of Okabe and Ito, which differ to colour-blind eyes as well.
KINDS = {
    "motion": ("displacement, micromotion", "#0072b2", "o"),
    "force": ("force", "#009e73", "s"),
    "stress": ("stress", "#d55e00", "^"),
    "strain": ("strain", "#cc79a7", "v"),
    "area": ("area in contact, graded area", "#e69f00", "D"),
    "volume": ("volume of overloaded bone", "#56b4e9", "P"),
    "margin": ("margin of a screw", "#666666", "X"),
}
#: Distances below this are not shown [%].
NEAR = 0.01
#: Peaks named beside their lines.
NAMED = 4
#: Marks of the scale of growth.
GROWTHS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
INK = "#222222"


def draw(path: Path, found: Convergence) -> None:
    """Write a PNG.

    Args:
        path: Where.
        found: What came of the three meshes.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.5, 5.8), dpi=130, layout="constrained")
    errors, peaks = figure.subplots(1, 2)
    sizes, rows = [mesh.size for mesh in found.meshes], [row for row in found.rows if row.counts]
    _errors(errors, rows, sizes)
    _peaks(peaks, rows, sizes)
    for axes in (errors, peaks):
        axes.set_xscale("log")
        axes.set_xlim(0.96 * sizes[0], 1.04 * sizes[2])
        axes.set_xticks(sizes, [f"{mesh.size:.2f}\n{mesh.tetrahedra:,} cells" for mesh in found.meshes])
        axes.minorticks_off()
        axes.set_xlabel("cell size $(V/N)^{1/3}$ [mm]")
        axes.grid(alpha=0.25, which="major")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, format="png")


def _errors(axes: Any, rows: Sequence[Row], sizes: Sequence[float]) -> None:
    """Distance from the extrapolated value, of what has one."""
    shown = [row for row in rows if row.estimate.order is not None and row.estimate.richardson]
    for row in shown:
        limit = row.estimate.richardson
        assert limit
        _, colour, marker = KINDS[row.quantity.kind]
        style = {"alpha": 0.9, "lw": 1.4} if row.estimate.asymptotic else {"alpha": 0.3, "lw": 0.9, "ls": "--"}
        away = [100.0 * abs(value / limit - 1.0) for value in row.values]
        axes.plot(sizes, away, color=colour, marker=marker, ms=4, **style)
    if shown:
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        for order in (1, 2):
            ends = [0.8 * high * (size / sizes[2]) ** order for size in (sizes[0], sizes[2])]
            axes.plot((sizes[0], sizes[2]), ends, color="#888888", lw=1.0, ls=":")
            axes.annotate(f"order {order}", (sizes[0], ends[0]), fontsize=7, color="#555555", va="bottom")
        axes.set_ylim(max(low, NEAR), max(high, 10.0 * NEAR))
    for words, colour, marker in KINDS.values():
        axes.plot([], [], color=colour, marker=marker, ms=4, label=words)
    axes.plot([], [], color=INK, lw=1.4, label="asymptotic")
    axes.plot([], [], color=INK, lw=0.9, ls="--", alpha=0.5, label="order far from the formal one")
    _legend(axes)
    axes.set_ylabel("distance from the extrapolated value [%]")
    axes.set_title(f"What approaches a limit: {len(shown)} of {len(rows)} quantities", fontsize=10, color=INK)


def _legend(axes: Any) -> None:
    axes.legend(fontsize=7, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncol=3)


def _peaks(axes: Any, rows: Sequence[Row], sizes: Sequence[float]) -> None:
    """Largest values at a point, over that of the coarse mesh."""
    peaks = [row for row in rows if row.quantity.peak and row.values[2]]
    singular = [row for row in peaks if row.singular]
    for row in peaks:
        growth = [value / row.values[2] for value in row.values]
        colour, style = ("#d55e00", {"lw": 1.3}) if row.singular else ("#999999", {"lw": 0.8, "alpha": 0.6})
        axes.plot(sizes, growth, color=colour, marker="o", ms=3, **style)
    most = sorted(singular, key=lambda row: row.values[0] / row.values[2])[-NAMED:]
    for i, row in enumerate(reversed(most)):
        told = f"{row.quantity.load_case}: {row.quantity.words}, ×{row.values[0] / row.values[2]:.1f}"
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.8}
        place = (0.99, 0.98 - 0.05 * i)
        axes.text(*place, told, transform=axes.transAxes, ha="right", va="top", fontsize=7, bbox=behind)
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.set_yticks(GROWTHS, [f"{growth:g}" for growth in GROWTHS])
    axes.set_ylim(low, 1.5 * high)
    axes.axhline(1.0, color=INK, lw=0.6)
    axes.plot([], [], color="#d55e00", label="grows by steps that do not shrink: singular")
    axes.plot([], [], color="#999999", label="other peaks")
    _legend(axes)
    axes.set_ylabel("largest value over that on the coarse mesh [1]")
    title = f"Peaks at a point: {len(singular)} of {len(peaks)} are singular"
    axes.set_title(title, fontsize=10, color=INK)
