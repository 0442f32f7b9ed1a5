"""Tables of one load case: what was applied, and what bone, metal, screws and faces bear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report.cells import ends, strain_level
from femsacrum.report.document.model import Cell, Mark, Table, cell, table
from femsacrum.report.words import number, spoken, strain

Findings = Mapping[str, Any]

#: Reactions below this share of the largest are rounding [1].
NOTHING = 1e-8
STRESS_NOTE = (
    "Percentile by volume at the integration points. Peaks at corners: of stress averaged over the elements of one "
    "stiffness that meet there, and of any one element (there or at an integration point). The further the second is above "
    "the first, the less the mesh resolves the peak; both grow with refinement at re-entrant corners and where a screw "
    "enters another body."
)
INTERFACE_NOTE = (
    "Micromotion: slip and change of gap together that the load brought, sizes by area; what press-fit and tightening moved "
    "before is left out. Penetration and elastic slip bound what the other columns can mean: where contact is exact the "
    "solver holds their share of the largest motion below its limit; at bonded interfaces all motion is the bond's."
)


def applied(name: str, found: Findings) -> Table:
    """What acts on the model."""
    rows = (
        (load["name"], spoken(load["body"]), cell(load["force"]), cell(load["moment"]), load["source"])
        for load in found["statics"]["applied"]
    )
    columns = ("load", "on", "force (x left, y back, z up)", "moment", "source")
    return table(f"Applied, {name}", columns, rows)


def supports(name: str, found: Findings) -> Table:
    """What holds the model, beside what rigid-body statics wants."""
    balance = found["equilibrium"]
    sizes = [abs(value) for row in balance["supports"].values() for value in row["reaction"]["value"]]
    floor = NOTHING * max(sizes, default=0.0)
    rows = (
        (
            support,
            _force(row["reaction"], floor),
            _force(row["expected"], floor) if "expected" in row else "indeterminate",
        )
        for support, row in balance["supports"].items()
    )
    said = (
        f"Out of balance: force {number(balance['force_imbalance'])}, moment {number(balance['moment_imbalance'])} of the "
        f"largest load; reactions differ from statics by {number(balance['reactions_off_statics'])}."
    )
    return table(f"Reactions, {name}", ("support", "reaction", "by rigid-body statics"), rows, [said])


def deformation(name: str, found: Findings) -> Table:
    """How the spine moves."""
    rows = []
    for key, entry in found["deformation"].items():
        beside = "".join(f" ({entry[word]})" for word in ("note",) if word in entry)
        way = f" (positive {entry['positive']})" if "positive" in entry else ""
        rows.append((f"{spoken(key)}{way}{beside}", cell(entry)))
    return table(f"Deformation, {name}", ("measure", "value"), rows)


def stress(name: str, found: Findings) -> Table:
    """Stress of the metal and what it is held against."""
    rows = []
    for body, entry in found["implants"].items():
        rows.append((spoken(body), *_stressed(entry)))
        rows += [(f"{spoken(body)}: {spoken(part)}", *_stressed(inner)) for part, inner in entry["parts"].items()]
    columns = ("body", "von Mises, 99.9th percentile", "peak, averaged", "peak of one element", "this over that",
               "at (x, y, z)", "yield", "safety, percentile", "safety, averaged peak", "safety, peak of one element",
               "volume beyond yield")  # fmt: skip
    made = (f"{spoken(body)}: {entry['material_source']}." for body, entry in found["implants"].items())
    return table(f"Stress in the implants, {name}", columns, rows, [STRESS_NOTE, *made])


def bone_strain(name: str, found: Findings) -> Table:
    """Strain of bone and graft."""
    rows = []
    for body, entry in found["bones"].items():
        cortex = entry.get("cortex")
        told = [cell(entry["volume_beyond_yield"]), cell(entry["share_beyond_yield"])]
        told += [
            cell(cortex[key] if cortex else None) for key in ("principal_stress_size_p999", "share_beyond_yield")
        ]
        keys = ("tensile_strain_max", "tensile_strain_p99", "compressive_strain_min", "compressive_strain_p01")
        rows.append((spoken(body), *(_strained(entry[key]) for key in keys), *told))
    columns = ("body", "largest tensile", "99th percentile", "largest compressive", "1st percentile",
               "volume beyond yield", "share", "cortex: stress size, 99.9 %", "cortex beyond yield")  # fmt: skip
    note = "Nothing is left out; around embedded screws the strain is approximate."
    return table(f"Strain of bone and graft, {name}", columns, rows, [note])


def motion(name: str, found: Findings) -> Table:
    """How much the interfaces move."""
    bands = next(iter(found["interfaces"].values()))["bands"]
    rows = (
        (spoken(contact), row["law"] if row["kind"] == "surface" else f"{row['law']}, {row['kind']}",
         *(cell(row["micromotion"][key]) for key in ("max", "p95", "mean")), *(cell(each["area"]) for each in row["bands"]),
         _three(row["slip"]), _three(row["gap"]))
        for contact, row in found["interfaces"].items()
    )  # fmt: skip
    columns = ("interface", "law", "micromotion max", "95 %", "mean", *(_band(each) for each in bands),
               "slip max / 95 % / mean [µm]", "gap max / 95 % / mean [µm]")  # fmt: skip
    return table(f"Motion at the interfaces, {name}", columns, rows, [INTERFACE_NOTE])


def contact(name: str, found: Findings) -> Table:
    """What the interfaces bear, and how exactly contact is kept."""
    rows = (
        (spoken(each), cell(row["pressure_max"]), cell(row["pressure_mean"]), cell(row["open_share"]),
         cell(row["uncovered_share"]), cell(row["force_on_slave"]), cell(row["penetration_max"]),
         cell(row["elastic_slip_max"]), cell(row["contact_error"]))
        for each, row in found["interfaces"].items()
    )  # fmt: skip
    columns = ("interface", "pressure max", "mean", "open area", "nothing opposite", "force on the first body",
               "penetration", "elastic slip", "their share of the motion")  # fmt: skip
    return table(f"Contact, {name}", columns, rows)


def overload(caption: str, found: Findings) -> Table:
    """Connected pieces of bone that are strained past their limit."""
    rows = (
        (spoken(row["body"]), cell(row["volume"]), cell(row["risk_max"]), cell(row["at"]),
         *(_near(row["near"].get(key)) for key in ("landmark", "screw")))
        for row in found["regions"]
    )  # fmt: skip
    columns = ("bone", "volume", "largest risk", "at (x, y, z)", "nearest landmark", "nearest screw")
    limits = found["thresholds"]
    note = (
        f"Risk: principal strain over its limit ({strain(limits['cortex_yield_tension'])} in tension, "
        f"{strain(limits['cortex_yield_compression'])} in compression); above 1 bone is overloaded. {found['limit']}"
    )
    return table(caption, columns, rows, [note])


def overloaded(found: Findings) -> str:
    """How much of it there is, in a sentence."""
    if found["volume"]["value"] > 0:
        count = found["regions_in_all"]
        return f"{number(found['volume'])} in {count} connected region{'' if count == 1 else 's'}; the largest:"
    nearest = found["worst"]
    if not nearest:
        return "Nowhere."
    risk = number(found["bodies"][nearest]["risk_max"], 2)
    return f"Nowhere. Nearest to it is {spoken(nearest)}, with a risk of {risk}."


def damaged(found: Findings) -> str:
    """How many times the load bone bears until its first piece is damaged; empty where nothing strains it."""
    told = found.get("first_damage") or {"weakest": None}
    if told["weakest"] is None:
        return ""
    row = told["bodies"][told["weakest"]]
    where = f", {number(near['distance'])} from {near['name']}" if (near := row["near"].get("landmark")) else ""
    return (
        f"First damage: a piece of {number(told['volume'])} of {spoken(told['weakest'])}{where} is past its limit at "
        f"{number(row['factor'], 2)} times this load. {told['limit']}"
    )


def screw_hold(caption: str, found: Findings) -> Table:
    """Whether bone holds the screws."""
    rows = (
        (spoken(name), ", ".join(spoken(host) for host in row["hosts"]), cell(row["length"], 2),
         cell(row["pull_out"]["axial_force"]), _margin(row["pull_out"]["margin"]), cell(row["toggle"]["force_across"]),
         cell(row["toggle"]["moment_at_entry"], 2), _margin(row["toggle"]["margin"]),
         cell(row["around"]["share_above"]["overload"] if row["around"] else None, 2))
        for name, row in found["screws"].items()
    )  # fmt: skip
    columns = ("screw", "in", "bone along it", "pull-out force", "pull-out margin", "across it", "moment at entry",
               "toggle margin", f"bone round it above {strain_level(found)}")  # fmt: skip
    note = (
        "Margin: how many times the load bone would bear, at the lowest and the highest strength taken; a negative force "
        f"pushes in. {' '.join(found['limits'])}"
    )
    return table(caption, columns, rows, [note])


def weakest(found: Findings) -> str:
    """The weakest screw in a sentence; empty: none."""
    one = found["weakest"]
    return f"Weakest: {spoken(one['screw'])}, {spoken(one['mode'])}: {one['why']}." if one else ""


def bolts(name: str, found: Findings) -> Table:
    """Screws that were tightened."""
    rows = ((spoken(each), *(cell(row[key]) for key in ("preload", "tension", "shortening")))
            for each, row in found["bolts"].items())  # fmt: skip
    columns = ("screw", "tension before the load", "under load", "shaft made shorter by")
    return table(f"Tightened screws, {name}", columns, rows)


def ligaments(name: str, found: Findings) -> Table:
    """What the ligaments pull."""
    rows = ((spoken(each), cell(row["tension"]), cell(row["elongation"])) for each, row in found["ligaments"].items())
    return table(f"Ligaments, {name}", ("ligament", "tension", "elongation"), rows)


def validity(name: str, found: Findings) -> Table:
    """Whether the model stays inside its assumptions."""
    rows = (
        (row["check"], Cell("yes" if row["holds"] else "NO", "" if row["holds"] else "no"),
         ", ".join(spoken(where) for where in row["where"]))
        for row in found["validity"]
    )  # fmt: skip
    return table(f"Is the model inside its assumptions? {name}", ("check", "holds", "where"), rows)


def of_hold(name: str, found: Findings) -> Iterator[Table]:
    """Tightened screws and ligaments, where there are any."""
    if found["bolts"]:
        yield bolts(name, found)
    if found["ligaments"]:
        yield ligaments(name, found)


def _force(entry: Findings, floor: float) -> Cell:
    """A force; what is nothing beside the largest is rounding, and told as nothing."""
    shown = [value if abs(value) > floor else 0.0 for value in entry["value"]]
    return Cell(number({**entry, "value": shown}), "", entry["value"], entry["unit"])


def _stressed(entry: Findings) -> tuple[Cell, ...]:
    keys = ("von_mises_p999", "von_mises_averaged_max", "von_mises_max", "max_over_averaged_max", "at", "yield_stress",
            "safety_factor_p999", "safety_factor_averaged_max", "safety_factor_max", "volume_beyond_yield")  # fmt: skip
    return tuple(cell(entry.get(key), mark=_below_one(entry.get(key)) if "safety" in key else "") for key in keys)


def _below_one(entry: Findings | None) -> Mark:
    return "no" if entry is not None and entry["value"] is not None and entry["value"] < 1.0 else ""


def _strained(entry: Findings) -> Cell:
    return Cell(strain(entry), "", entry["value"], entry["unit"])


def _three(entry: Findings) -> Cell:
    values = [entry[key] for key in ("max", "p95", "mean")]
    shown = " / ".join(number({**each, "unit": "1"}, 2) for each in values)
    return Cell(shown, "", [each["value"] for each in values], values[0]["unit"])


def _band(each: Findings) -> str:
    low, high = each["from"]["value"], each["to"]
    if low == 0.0:
        return f"area < {number(high)}"
    return f"area > {number(each['from'])}" if high["value"] is None else f"area {low:g}–{number(high)}"


def _near(place: Findings | None) -> str:
    return f"{spoken(place['name'])}, {number(place['distance'], 2)}" if place else "–"


def _margin(row: Findings) -> Cell:
    values = [row[end]["value"] for end in ("low", "high")]
    return Cell(ends(row), "no" if values[0] is not None and values[0] < 1.0 else "", values, "1")
