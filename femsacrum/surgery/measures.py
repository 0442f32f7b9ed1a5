"""What the report says about an operation, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from femsacrum.anatomy.model import Anatomy
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.cuts.cut import Cut
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.shapes.outline import cut_area

#: Density of Ti-6Al-4V [g/mm3]: 4.43 g/cm3, ASTM F136 alloy, ASM handbook value.
TITANIUM = 4.43e-3


def of_plates(anatomy: Anatomy, cuts: Mapping[str, Cut], plates: Sequence[Plate]) -> dict[str, float]:
    """What the contact plates cover.

    ``contact_share`` is the share of a cut face's bone that pad or graft lies on (their outlines against the area of
    bone there); ``sacroiliac_margin`` is how far behind the resection plane the joint begins, negative where the plane
    cuts it.

    Args:
        anatomy: Before surgery.
        cuts: Bones after their cuts.
        plates: Contact plates.
    """
    table: dict[str, float] = {}
    for plate in plates:
        regions = plate.regions
        bone = cut_area(cuts[f"{plate.side}_ilium"].surface)
        graft = 0.0 if regions.graft is None else float(regions.graft.area)
        table[f"pad_area_{plate.side} [mm2]"] = float(regions.pad.area)
        table[f"graft_area_{plate.side} [mm2]"] = graft
        table[f"contact_share_{plate.side} [%]"] = 100.0 * (float(regions.pad.area) + graft) / bone
        if f"{plate.side}_sij" in anatomy.parts:
            joint = plate.frame.depth(anatomy.parts[f"{plate.side}_sij"].points)
            table[f"sacroiliac_margin_{plate.side} [mm]"] = float(joint.min())
    return table


def of_solids(volumes: Mapping[str, float], void: Mapping[str, float]) -> dict[str, float]:
    """Volume, and mass of what is not a graft.

    The mass is what a solid of Ti-6Al-4V weighs, whatever the case says about materials: the operation does not know
    them.

    Args:
        volumes: Body name -> volume [mm3].
        void: Body name -> share of void in it, where it is a lattice in part.
    """
    table: dict[str, float] = {}
    for name, volume in volumes.items():
        table[f"volume_{name} [mm3]"] = volume
        if "graft" not in name:
            if name in void:
                table[f"void_{name} [%]"] = 100.0 * void[name]
            table[f"mass_{name}_if_titanium [g]"] = (1.0 - void.get(name, 0.0)) * volume * TITANIUM
    return table


def of_screws(screws: Sequence[Screw]) -> dict[str, float]:
    """How well the screws hold; ``metal_clearance`` is the bone between metal and surface, where it was measured.

    Args:
        screws: Every screw.
    """
    table: dict[str, float] = {}
    for screw in screws:
        table[f"purchase_{screw.name} [mm]"] = screw.purchase
        if screw.clearance is not None:
            table[f"metal_clearance_{screw.name} [mm]"] = screw.clearance - screw.diameter / 2.0
    return table
