"""A sheet: rendered panels side by side, with labels that do not cover each other and one scale for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.report.scene import INK, Snapshot

#: Margin that labels get on either side of a panel [pixels].
ROOM = 165


@dataclass(frozen=True)
class Label:
    """Words beside a panel with a line to a point in space.

    Attributes:
        point: Shape (3,) [mm].
        words: What stands there.
        colour: Of words and line.
    """

    point: Floats
    words: str
    colour: str = INK


@dataclass(frozen=True)
class Scale:
    """A colour scale.

    Attributes:
        colours: Matplotlib colour map or its name.
        edges: Two ends of an even scale, or the edges of bands.
        title: With the unit.
        open_end: Values above the last edge take the last colour.
    """

    colours: Any
    edges: Sequence[float]
    title: str
    open_end: bool = True


def write(
    path: Path,
    panels: Sequence[Snapshot],
    labels: Sequence[Sequence[Label]] = (),
    scale: Scale | None = None,
    keys: Sequence[tuple[str, str]] = (),
) -> None:
    """Writes a PNG.

    Args:
        path: Where.
        panels: From left to right.
        labels: For each panel.
        scale: Drawn below, the same for all panels.
        keys: Colour and meaning, drawn below where there is no scale.
    """
    from matplotlib.figure import Figure

    spoken = [labels[i] if i < len(labels) else () for i in range(len(panels))]
    widths = [panel.image.shape[1] + 2 * (ROOM if words else 12) for panel, words in zip(panels, spoken, strict=True)]
    height = max(panel.image.shape[0] for panel in panels)
    inches = 1.0 / 120.0
    figure = Figure(figsize=(sum(widths) * inches, (height + 135) * inches), dpi=120, layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False, width_ratios=widths)[0]
    for i, panel in enumerate(panels):
        _panel(axes[i], panel, spoken[i], height)
    if scale is not None:
        _scale(figure, list(axes), scale)
    elif keys:
        from matplotlib.patches import Patch

        patches = [Patch(facecolor=colour, edgecolor=INK, linewidth=0.5, label=words) for colour, words in keys]
        figure.legend(handles=patches, loc="outside lower center", ncols=min(6, len(keys)), frameon=False, fontsize=9)
    figure.savefig(path)


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Positions near the wanted ones, in the same order, at least ``apart`` from each other and inside the limits."""
    order = np.argsort(wanted, kind="stable")
    placed = np.array([wanted[i] for i in order], dtype=float)
    if len(placed) > 1:
        apart = min(apart, (high - low) / (len(placed) - 1))
    for i in range(len(placed)):
        placed[i] = max(placed[i], low if i == 0 else placed[i - 1] + apart)
    for i in reversed(range(len(placed))):
        placed[i] = min(placed[i], high if i == len(placed) - 1 else placed[i + 1] - apart)
    result = np.empty(len(placed))
    result[order] = placed
    return [float(y) for y in result]


def _panel(axes: Any, panel: Snapshot, labels: Sequence[Label], height: int) -> None:
    h, w = panel.image.shape[:2]
    axes.imshow(panel.image, interpolation="nearest")
    margin = ROOM if labels else 12
    axes.set_xlim(-margin, w + margin)
    axes.set_ylim(0.5 * (h + height), 0.5 * (h - height) - 15)
    axes.set_axis_off()
    axes.set_title(panel.view.words, fontsize=10, color=INK)
    for x, words, align in ((0.0, panel.view.sides[0], "left"), (w, panel.view.sides[1], "right")):
        axes.text(x, 0.5 * (h - height) - 10, words, ha=align, va="bottom", fontsize=9, color="#777777")
    at = [panel.pixel(label.point) for label in labels]
    for side in (0, 1):
        mine = [i for i, (x, _) in enumerate(at) if (x > 0.5 * w) == bool(side)]
        rows = spread([at[i][1] for i in mine], 0.075 * height, 0.03 * h, 0.97 * h)
        for i, y in zip(mine, rows, strict=True):
            axes.annotate(
                labels[i].words, at[i], (w + 8 if side else -8, y), fontsize=8, color=labels[i].colour,
                ha="left" if side else "right", va="center",
                arrowprops={"arrowstyle": "-", "color": labels[i].colour, "linewidth": 0.7, "shrinkB": 0},
            )  # fmt: skip


def _scale(figure: Any, axes: list[Any], scale: Scale) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, Normalize

    even = len(scale.edges) == 2
    norm: Any = Normalize(scale.edges[0], scale.edges[1])
    if not even:
        norm = BoundaryNorm(list(scale.edges), len(scale.edges) - 1)
    settings: dict[str, Any] = {} if even else {"ticks": list(scale.edges), "spacing": "uniform"}
    if even and scale.open_end:
        settings["extend"] = "max"
    mappable = ScalarMappable(norm, scale.colours)
    bar = figure.colorbar(mappable, ax=axes, location="bottom", shrink=0.6, aspect=45, pad=0.02, **settings)
    bar.set_label(scale.title, fontsize=10)
