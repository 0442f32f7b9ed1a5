"""Pictures of a sweep, drawn alike: every text in them is text, and no colour alone tells anything."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from femsacrum.report.comparison.dots import drawn
from femsacrum.report.document.legible import BREAK, drawable, known_characters, legible
from femsacrum.report.scene import INK
from femsacrum.report.words import behind

#: Colours of Okabe and Ito: differ to colour-blind eyes, and in grey.
BLUE, ORANGE, GREEN, RED, GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#999999"
#: What is drawn of a point's state: colour, hatch, marker.
STATES = {
    "done": (BLUE, "", "o"),
    "refused": (ORANGE, "///", "X"),
    "failed": (RED, "xxx", "s"),
    "to do": ("#dddddd", "...", "."),
}
#: Letters of a label, and panels beside each other.
LONGEST, ACROSS = 26, 3


def label(text: str) -> str:
    """Any text as matplotlib can draw it, none of it a formula, shortened in its middle."""
    short = text if len(text) <= LONGEST else f"{text[: LONGEST // 2 - 1]}…{text[-(LONGEST // 2) :]}"
    return drawn(drawable(legible(short), known_characters()).replace(BREAK, ""))


def axis(name: str, unit: str) -> str:
    """A name with its unit, for an axis."""
    said = behind(unit).strip()
    return label(name) + (f" [{label(said)}]" if said else "")


class Sheet:
    """Panels in rows of three.

    Args:
        count: Panels.
        width: Of one [inch].
        height: Of one [inch].
    """

    def __init__(self, count: int, width: float = 3.6, height: float = 2.7) -> None:
        from matplotlib.figure import Figure

        across = min(count, ACROSS)
        down = math.ceil(count / across)
        self.figure = Figure(figsize=(max(width * across, 6.0), height * down + 0.4), dpi=130, layout="constrained")
        self.panels: list[Any] = list(self.figure.subplots(down, across, squeeze=False).ravel())
        for panel in self.panels[count:]:
            panel.set_axis_off()
        for panel in self.panels[:count]:
            panel.tick_params(labelsize=7)
            panel.spines[["top", "right"]].set_visible(False)

    def legend(self, handles: list[Any]) -> None:
        """Below all panels."""
        self.figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False, fontsize=8)

    def save(self, file: Path) -> None:
        """As PNG."""
        self.figure.savefig(file, format="png")


def titled(panel: Any, title: str, across: str, up: str = "") -> None:
    """Heading and axes of a panel."""
    panel.set_title(title, fontsize=8.5, color=INK, loc="left")
    panel.set_xlabel(across, fontsize=8)
    panel.set_ylabel(up, fontsize=8)


def ticks(panel: Any, places: list[float], names: tuple[str, ...]) -> None:
    """Names below an axis, slanted where they are long."""
    slant = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if sum(map(len, names)) > LONGEST else {}
    panel.set_xticks(places, [label(name) for name in names], fontsize=7, **slant)
