"""What the report says about an operation, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from femsacrum.anatomy.model import Anatomy
from femsacrum.surgery.construct import Screw
from femsacrum.surgery.outline import cut_area
from femsacrum.surgery.plates import Plate
from femsacrum.surgery.resection import Cut

#: Density of Ti-6Al-4V [g/mm3]: 4.43 g/cm3, ASTM F136 alloy, ASM handbook value.
TITANIUM = 4.43e-3


def measures(
    anatomy: Anatomy,
    cuts: Mapping[str, Cut],
    plates: Sequence[Plate],
    volumes: Mapping[str, float],
    screws: Sequence[Screw],
) -> dict[str, float]:
    """Descriptive measures of an operation, name with unit -> value.

    ``contact_share`` is the share of a cut face's bone that pad or graft lies on (their outlines against the area of
    bone there); ``metal_clearance`` is the bone between a screw's metal and the bone's surface;
    ``sacroiliac_margin`` is how far behind the resection plane the joint begins, negative where the plane cuts it;
    ``loose_volume`` is the share of the resected volume that came loose by the cut; ``mass`` is what a solid of
    Ti-6Al-4V weighs, whatever the case says about materials: the operation does not know them.

    Args:
        anatomy: Before surgery.
        cuts: Bones after their cuts.
        plates: Contact plates.
        volumes: Of the solids [mm3].
        screws: Every screw.
    """
    table: dict[str, float] = {}
    for name, cut in cuts.items():
        table[f"resected_volume_{name} [mm3]"] = cut.removed
        table[f"loose_volume_{name} [mm3]"] = cut.loose
        table[f"cut_area_{name} [mm2]"] = cut_area(cut.surface)
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
    for name, volume in volumes.items():
        table[f"volume_{name} [mm3]"] = volume
        if "graft" not in name:
            table[f"mass_{name}_if_titanium [g]"] = volume * TITANIUM
    for screw in screws:
        table[f"purchase_{screw.name} [mm]"] = screw.purchase
        table[f"metal_clearance_{screw.name} [mm]"] = screw.clearance - screw.diameter / 2.0
    return table
