"""Strength of a metal by alloy, process and surface, with the range each number has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from femsacrum.case.fatigue import NOTCHED, known_surfaces
from femsacrum.errors import InputError
from femsacrum.sources.tables import table

#: Fully reversed amplitudes are given for so many cycles, and so many.
EARLY, KNEE = 1e3, 1e7
#: Exponent of the strength of open cells that bend (Gibson and Ashby, Cellular Solids, 1997, chapter 5).
CELLS = 1.5


@dataclass(frozen=True)
class Spread:
    """A published value with its range.

    Attributes:
        low: Least value.
        usual: What counts.
        high: Largest value.
        unit: Of all three.
        source: Where it was read.
        confidence: As in ``femsacrum.sources.tables.Constant``.
    """

    low: float
    usual: float
    high: float
    unit: str
    source: str
    confidence: str

    @property
    def ends(self) -> tuple[float, float, float]:
        """Low, usual, high."""
        return self.low, self.usual, self.high


@dataclass(frozen=True)
class Strength:
    """What a part bears.

    Attributes:
        alloy: "titanium", ...
        process: "wrought", "laser_printed", "electron_beam_printed".
        surface: "machined", "contoured", "threaded", "as_built", "hip", "hip_machined", "porous".
        porosity: Share of void; 0: solid.
        ultimate: Tensile strength [MPa].
        endurance: Fully reversed amplitude for 1e7 cycles, without the notch [MPa].
        notch: Divides it.
        early: Amplitude for 1e3 cycles over the tensile strength.
    """

    alloy: str
    process: str
    surface: str
    porosity: float
    ultimate: Spread
    endurance: Spread
    notch: Spread
    early: Spread


def spread(key: str) -> Spread:
    """One range of ``sources/fatigue.toml``.

    Args:
        key: Dotted path, for example ``"findley.k"``.

    Raises:
        KeyError: There is no such entry.
    """
    entry: Any = table("fatigue")
    for part in key.split("."):
        if not isinstance(entry, Mapping) or part not in entry:
            raise KeyError(f"fatigue.toml has no entry {key!r}")
        entry = entry[part]
    return Spread(**entry)


def strength(alloy: str, process: str, surface: str, porosity: float = 0.0) -> Strength:
    """What a metal bears.

    Args:
        alloy: As in ``surgery.fixation.alloy``, or "commercially_pure_titanium".
        process: "wrought", "laser_printed", "electron_beam_printed".
        surface: Of those that ``case.fatigue.known_surfaces`` names.
        porosity: Share of void of what is "porous".

    Raises:
        InputError: Nothing is known of the three together.
    """
    known = known_surfaces(alloy, process)
    if surface not in known:
        told = (
            f"of {alloy} {process} known are {', '.join(known)}"
            if known
            else f"nothing is known of {alloy} {process}"
        )
        raise InputError("course.fatigue.parts", f'no fatigue strength of the surface "{surface}": {told}')
    ultimate, early = spread(f"ultimate.{alloy}.{process}"), spread("early.strength")
    notch, base = spread("notch.none"), surface
    if surface == "porous":
        cells, share = spread("porous.prefactor"), spread("porous.share")
        ultimate = _product(cells, ultimate, (1.0 - porosity) ** CELLS)
        return Strength(alloy, process, surface, porosity, ultimate, _product(share, ultimate, 1.0), notch, early)
    if surface in NOTCHED:
        notch = spread("notch.threaded" if surface == "threaded" else f"notch.contoured.{alloy}")
        base = "machined"
    return Strength(
        alloy, process, surface, 0.0, ultimate, spread(f"endurance.{alloy}.{process}.{base}"), notch, early
    )


def _product(share: Spread, of: Spread, factor: float) -> Spread:
    """Ends of two ranges multiplied, low by low and high by high; the confidence is that of the share."""
    low, usual, high = (factor * a * b for a, b in zip(share.ends, of.ends, strict=True))
    return Spread(low, usual, high, of.unit, f"{share.source}; of: {of.source}", share.confidence)
