"""How far the slot of a guide moves the harder a blade leans on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

LINE, CORNER, INK = "#1f4e79", "#d55e00", "#555555"


def sway(path: Path, found: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """Motion of the transverse slot over the side load, with the feet that lift; None where it was not solved.

    Args:
        path: PNG file.
        found: "guide_under_saw" of the findings.
    """
    from matplotlib.figure import Figure

    if not found or not found.get("curve"):
        return None
    rows = found["curve"]
    loads = [row["side"]["value"] for row in rows]
    figure = Figure(figsize=(9.0, 3.6), layout="constrained", dpi=110)
    left, right = figure.subplots(1, 2)
    left.plot(loads, [row["shift"]["value"] for row in rows], "o-", color=LINE, label="middle of the slot")
    signs = [1.0 if row["shift"]["value"] >= 0.0 else -1.0 for row in rows]
    corners = [sign * row["deepest"]["value"] for sign, row in zip(signs, rows, strict=True)]
    left.plot(loads, corners, "s:", color=CORNER, label="its worst corner")
    left.set_ylabel("motion across the plane of the cut [mm]\nto the head   |   to the foot", fontsize=9)
    left.legend(fontsize=8, frameon=False)
    right.plot(loads, [row["turn"]["value"] for row in rows], "o-", color=LINE)
    for row in rows:
        right.annotate(str(row["lifted"]), (row["side"]["value"], row["turn"]["value"]), xytext=(0, 6),
                       textcoords="offset points", ha="center", fontsize=8, color=INK)  # fmt: skip
    right.set_ylabel("turn of the slot's plane [°]", fontsize=9)
    for axes in (left, right):
        axes.set_xlabel("side load of the blade [N], to the head | to the foot", fontsize=9)
        axes.axhline(0.0, color=INK, lw=0.8)
        axes.grid(color="#e5e5e5")
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=8)
    right.margins(y=0.15)
    figure.savefig(path)
    return "Guide under the saw", (
        "Motion of the transverse slot while a hand holds the block down, the blade thrusts, and leans on its slot. Small "
        "figures: feet that have lifted. No friction holds a foot, and wires slide in their sleeves: rather too large."
    )
