"""Tables that lay a plan beside the same patient's untouched pelvis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report.cells import either, signed
from femsacrum.report.document.model import Cell, Table, cell, table
from femsacrum.report.words import spoken

Findings = Mapping[str, Any]

SIDES = ("left_ilium", "right_ilium")
#: Said under loads of damage.
DAMAGE_NOTE = (
    "A share near 100 % says that the operation takes nothing from that bone under this load, not that it is strong: first "
    "damage is not strength. On meshes of this size such a share is known to some 15 points."
)
#: Said under load paths.
PATHS_NOTE = "A path that hangs on the others has a negative share, and several may so add to more than 100 %."


def junction(found: Findings) -> Table:
    """Stiffness of the junction of spine and pelvis."""
    rows = (
        (spoken(load), where, *(cell(row[key]) for key in ("stiffness", "intact", "of_intact")))
        for load, places in found["loads"].items()
        for where, row in places.items()
    )
    note = f"Operated: {found['model']}. Untouched: {found['model_intact']}."
    columns = ("load", "read", "operated", "untouched", "of untouched")
    return table("Stiffness of the junction of spine and pelvis", columns, rows, [note])


def shielding(name: str, found: Findings) -> Table:
    """What bone feels, region by region."""
    rows = (
        (spoken(side), spoken(region), *(_signed(each[key]) for key in _CHANGES),
         *(cell(share, 2) for share in each["share_shielded"].values()))
        for side in SIDES if side in found
        for region, each in found[side].items()
    )  # fmt: skip
    lost = (f"has lost more than {100 * limit['value']:g} %" for limit in found["thresholds"].values())
    columns = ("bone", "region", "core", "cortex", "strain", *lost)
    caption = f"What bone feels: change of strain energy against the untouched pelvis, {name}"
    return table(caption, columns, rows, [found["limit"]])


def damage(name: str, found: Findings) -> Table:
    """How many times the load, until a volume of a bone is past its limit."""
    rows = (
        (spoken(bone), *(cell(row[key]) for key in ("operated", "intact", "of_intact")))
        for bone, row in found["damage"].items()
    )
    caption = f"Load until 1 cm³ of a bone is strained past its limit, as a multiple of this one, {name}"
    return table(caption, ("bone", "operated", "untouched", "of untouched"), rows, [DAMAGE_NOTE])


def paths(name: str, found: Findings) -> Iterator[Table]:
    """Which way the load goes, one table for each cut through the model."""
    for cut, row in found["load_paths"].items():
        now, before = row["paths"], found["load_paths_intact"].get(cut, {"paths": {}})["paths"]
        rows = ((path, *(_signed(side.get(path, {}).get("share")) for side in (now, before)))
                for path in either(now, before))  # fmt: skip
        caption = f"Which way the load goes {cut}: share of it, {name}"
        yield table(caption, ("path", "operated", "untouched"), rows, [PATHS_NOTE])


_CHANGES = ("energy_change", "cortex_energy_change", "strain_change")


def _signed(entry: Findings | None) -> Cell:
    return Cell(signed(entry), "", *((None, "1") if entry is None else (entry["value"], entry["unit"])))
