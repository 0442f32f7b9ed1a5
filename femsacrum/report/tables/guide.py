"""Tables of a cutting guide: seat, wires, slots, checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report.document.model import Cell, Table, cell, table
from femsacrum.report.words import number, spoken

Findings = Mapping[str, Any]


def of_guide(found: Findings, sawn: Findings) -> Iterator[Table]:
    """All tables of a guide.

    Args:
        found: "guide" of the findings.
        sawn: "guide_under_saw" of them.
    """
    yield seat(found)
    yield wires(found)
    yield slots(found)
    yield checks(found)
    if sawn.get("under"):
        yield under_saw(sawn)


def seat(found: Findings) -> Table:
    """How its contacts hold it."""
    told = found["seat"]
    rows: list[tuple[str, str | Cell]] = [
        ("contacts", str(len(told["contacts"]))),
        ("motions that no contact resists", str(told["free_motions"])),
        (
            "least singular value of the wrench matrix (1: as stiff as one contact)",
            cell(told["least_singular_value"]),
        ),
        ("condition number", cell(told["condition"])),
        ("turns told as lengths at", cell(told["length"])),
        ("least contact force under the surgeon's push, share of the push", cell(told["least_force"])),
    ]
    for rank, other in enumerate(found["others"][:3], 1):
        words = f"{number(other['shift'])} and {number(other['turn'])} away, feet off the bone by"
        rows.append((f"other seat {rank}: {words}", cell(other["misfit"])))
    if not found["others"]:
        rows.append(("other seats within 15 mm and 15 degrees", "none"))
    return table("Cutting guide: its seat on the bone", ("what", "value"), rows)


def wires(found: Findings) -> Table:
    """Kirschner wires."""
    rows = (
        (spoken(name), cell(row["entry"], 4), cell(row["diameter"]), cell(row["length"]), cell(row["clearance"]),
         row["nearest"])
        for name, row in found["wires"].items()
    )  # fmt: skip
    columns = ("wire", "enters the bone at", "diameter", "length in bone", "clearance", "to")
    return table("Cutting guide: Kirschner wires", columns, rows)


def slots(found: Findings) -> Table:
    """Slots that lead the saw."""
    rows = (
        (spoken(name), spoken(row["part"]), cell(row["length"]), cell(row["width"]), cell(row["depth"]))
        for name, row in found["slots"].items()
    )  # fmt: skip
    columns = ("slot", "part", "length", "width", "leads over")
    return table("Cutting guide: slots", columns, rows)


def checks(found: Findings) -> Table:
    """What was measured of the parts."""
    rows = ((spoken(name.removeprefix("guide_")), cell(row)) for name, row in found["checks"].items())
    return table("Cutting guide: checks of its parts", ("what", "value"), rows, found["doubts"])


def under_saw(found: Findings) -> Table:
    """How far the transverse slot moves."""
    rows = (
        (name, cell(row["shift"]), cell(row["deepest"]), cell(row["turn"]), str(row["lifted"]), cell(row["feet"]),
         cell(row["wires"]))
        for name, row in found["under"].items()
    )  # fmt: skip
    loads = "; ".join(f"{spoken(key)} {number(row)} ({row['confidence']})" for key, row in found["loads"].items())
    notes = [
        f"Loads: {loads}. Bone as before the transverse cut, base block and transverse guide in printed polyamide as one, "
        "feet without friction that may lift, wires bonded to bone and free to slide in their sleeves: motion is rather "
        "told too large. Whether a wire is pulled out of the bone is not judged.",
    ]
    columns = ("load", "slot moves across its plane", "its worst corner", "its plane turns", "feet that lift",
               "largest force of a foot", "largest force across a wire")  # fmt: skip
    return table("Cutting guide: motion of the transverse slot under the saw", columns, rows, notes)
