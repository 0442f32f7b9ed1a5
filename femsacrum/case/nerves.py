"""What a case may say about the sacral nerve roots: which are kept, cut or bridged, and where they run."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from femsacrum.case.model import Model, Text
from femsacrum.case.units import LENGTH, Depth, Point

RootName = Literal["left_S1", "left_S2", "left_S3", "left_S4", "right_S1", "right_S2", "right_S3", "right_S4"]
GraftLength = Annotated[float, replace(LENGTH, above=0.0, at_most=150.0, example="50 mm")]  # [mm]
GraftDiameter = Annotated[float, replace(LENGTH, at_least=0.5, at_most=10.0, example="3 mm")]  # [mm]


class NerveRoot(Model):
    """One root that is not left as landmarks and cuts would have it."""

    root: RootName
    """Which root, for example "left_S3"."""
    fate: Literal["kept", "cut", "bridged"] | None = None
    """What happens to it; left out: "kept" where the cuts leave its foramen, "cut" where they take it."""
    course: Text | None = None
    """CSV file of its course, columns x, y, z [mm], LPS, from the canal outwards; left out: from landmarks."""
    slack: Depth | None = None
    """Length it can be pulled out by before it is strained [mm], of "kept"; left out: none, the cautious choice."""
    proximal_stump: Point | None = None
    """Where it is cut towards the canal [mm], LPS, at most 10 mm off its course; left out: at the resection plane."""
    distal_stump: Point | None = None
    """Where it is cut towards the leg [mm], LPS, at most 10 mm off its course; left out: ``beyond`` its foramen."""
    beyond: Depth | None = None
    """Length of root that leaves with the specimen past the mouth of its foramen [mm]; left out: 15 mm."""
    graft_length: GraftLength | None = None
    """Length of the nerve allograft [mm]; needed by "bridged"."""
    graft_diameter: GraftDiameter | None = None
    """Diameter of the allograft [mm]; left out: 3 mm."""


class Nerves(Model):
    """Sacral roots S1 to S4 of both sides: as far down as the sacrum has foramina."""

    roots: Annotated[tuple[NerveRoot, ...], Field(max_length=8)] = ()
    """Roots of which the case says more; all others run from landmarks and follow the cuts."""
    motion: Depth = 2.0
    """How far an implant or a fragment is taken to move with one end of a nerve, along it, the worst way [mm]."""
