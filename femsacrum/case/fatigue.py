"""What a case may say about fatigue of rods, screws and prosthesis."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from femsacrum.case.model import Model, Text
from femsacrum.sources.tables import table

Alloy = Literal["titanium", "cobalt_chromium", "stainless_steel", "commercially_pure_titanium"]
Process = Literal["wrought", "laser_printed", "electron_beam_printed"]
Surface = Literal["machined", "contoured", "threaded", "as_built", "hip", "hip_machined", "porous"]


#: Surfaces of wrought metal that are its machined one with a notch.
NOTCHED = ("contoured", "threaded")


def known_surfaces(alloy: str, process: str) -> tuple[str, ...]:
    """Surfaces whose strength is tabulated for an alloy and a process; none where nothing is.

    Args:
        alloy: As in ``surgery.fixation.alloy``, or "commercially_pure_titanium".
        process: "wrought", "laser_printed", "electron_beam_printed".
    """
    known = tuple(table("fatigue")["endurance"].get(alloy, {}).get(process, {}))
    return (*known, *(NOTCHED if process == "wrought" else ("porous",))) if known else ()


class FatiguePart(Model):
    """Metal, process and surface of some parts; of all entries the first that matches a part counts."""

    parts: Text
    """Name of a rod, a screw or a body, "left_rod", or a pattern for several, "*_rod*", "prosthesis"."""
    alloy: Alloy
    """Metal: "titanium" is Ti-6Al-4V ELI, "cobalt_chromium" Co-28Cr-6Mo, "stainless_steel" 316L cold worked,
    "commercially_pure_titanium" grade 4."""
    process: Process
    """How it was made."""
    surface: Surface
    """"machined": smooth; "contoured": bent and marked by the bender; "threaded"; "as_built": rough as printed; "hip": the
    same, pressed hot; "hip_machined"; "porous": a lattice, by its porosity."""
    source: Text
    """Where that is known from."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        """Strengths are tabulated for some of the combinations only."""
        known = known_surfaces(self.alloy, self.process)
        if self.surface not in known:
            made = f"{self.alloy}, {self.process}"
            told = f"known of {made}: {', '.join(known)}" if known else f"nothing is known of {made}"
            raise PydanticCustomError("unknown_strength", f'no fatigue strength of "{self.surface}"; {told}')
        return self


class Fatigue(Model):
    """How fatigue is judged."""

    criterion: Literal["either", "findley", "normal_stress"] = "either"
    """What counts on the critical plane: shear and tension after "findley", "normal_stress", or "either": the worse."""
    mean_stress: Literal["goodman", "gerber", "smith_watson_topper", "none"] = "goodman"
    """Correction for the mean of the normal stress; Findley's criterion has its own."""
    parts: tuple[FatiguePart, ...] = ()
    """Metals and surfaces; left out: rods with bends are wrought and contoured, screws wrought and threaded, other
    rods wrought and machined, all of the fixation's alloy; a prosthesis is laser-printed titanium as built."""
