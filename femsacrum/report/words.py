"""The answer in a few sentences, made from the findings and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Findings = Mapping[str, Any]

#: Said of the screening figure where there are movements as well.
MOVED = " Of single instants only: how the faces move to and fro as loads repeat is told of each movement."

#: Components of a vector below this share of the largest are rounding [1].
NOISE = 1e-8


def headline(
    findings: Findings, after: Iterable[tuple[str, str]] = (), doubts: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """Question and answer, one pair for each thing a surgeon-engineer asks first.

    Args:
        findings: What was measured.
        after: The same of what followed the load cases of one instant; it stands before what speaks against all of it.
        doubts: What speaks against trusting that.
    """
    cases = findings["load_cases"]
    answers = [("Are the margins wide?", _margins(findings["margins"]))] if findings["margins"] else []
    if cases:
        judged = any(found["fatigue"] for found in (findings.get("movements") or {}).values())
        answers.append(("Does it stand?", _stands(cases, judged)))
    if any(found["implants"] for found in cases.values()):
        answers.append(("Where is the stress?", _stress(cases)))
    if cases:
        answers.append(("How far does L5 go?", _moves(cases)))
    if any(found["incorporation"] or _contact_faces(found) for found in cases.values()):
        answers.append(("How much do the interfaces move?", _interfaces(cases)))
    if findings["incorporation"]["faces"]:
        said = _grafts(findings["incorporation"]["faces"])
        answers.append(("Will the grafts incorporate?", said + (MOVED if findings.get("movements") else "")))
    answers += after
    broken = [f"{row['check']} ({name}{_where(row)})" for name, found in cases.items() for row in found["validity"]
              if not row["holds"]]  # fmt: skip
    against = [f"Not met: {'; '.join(broken)}."] if broken else []
    against += doubts
    against += findings["beams"]["doubts"]
    against += findings["materials_from_image"].get("doubts", [])
    if against:
        answers.append(("What speaks against trusting this?", " ".join(against)))
    return answers


def number(entry: Mapping[str, Any] | None, digits: int = 3) -> str:
    """A quantity as text with its unit, or a dash."""
    if entry is None or entry["value"] is None:
        return "–"
    unit = behind(entry["unit"])
    unit += "s" if entry["unit"] == "month" and entry["value"] != 1.0 else ""
    if isinstance(entry["value"], list):
        return f"({', '.join(plain(value, digits) for value in _without_noise(entry['value']))}){unit}"
    return f"{plain(entry['value'], digits)}{unit}"


def behind(unit: str) -> str:
    """A unit as it stands behind a number, with its space."""
    return "" if unit == "1" else f" {_UNITS.get(unit, unit)}"


def _without_noise(vector: list[float]) -> list[float]:
    """Components that are nothing beside the largest are rounding, and told as nothing."""
    largest = max(abs(value) for value in vector)
    return [value if abs(value) > NOISE * largest else 0.0 for value in vector]


def quartiles(row: Mapping[str, Any], key: str) -> str:
    """Lower quartile, median and upper quartile of something as text with its unit, or a dash."""
    if f"{key}_p50" not in row:
        return "–"
    low, middle, high = (row[f"{key}_p{share}"] for share in (25, 50, 75))
    return f"{plain(low['value'])} / {plain(middle['value'])} / {number(high)}"


def ranged(entry: Mapping[str, Any] | None) -> str:
    """A factor with its range as text, or a dash."""
    if entry is None:
        return "–"
    low, middle, high = (entry[key]["value"] for key in ("least", "nominal", "largest"))
    return f"{plain(middle)} %" if low == high else f"{plain(middle)} % ({plain(low)} to {plain(high)} %)"


def plain(value: float, digits: int = 3) -> str:
    """A number to so many digits, without an exponent while that stays readable."""
    said = f"{value:.{digits}g}"
    if value == 0.0 or (abs(value) >= 1e-3 and "e" not in said):
        return said
    return f"{value:.0f}" if 1.0 <= abs(value) < 1e7 else f"{value:.2e}"


def strain(entry: Mapping[str, Any]) -> str:
    """A strain [1] in per cent."""
    return "–" if entry["value"] is None else f"{100.0 * entry['value']:.3f} %"


def spoken(name: str) -> str:
    """A body's or screw's name as one would say it."""
    return name.replace("_", " ")


_UNITS = {"um": "µm", "mm3": "mm³", "mm2": "mm²", "deg": "°", "N mm": "N mm"}


def _margins(found: Findings) -> str:
    if found["doubts"]:
        return f"No. {' '.join(found['doubts'])}"
    least, planned = found["least"], number(found["planned"])
    return f"Yes: the least is {number(least['distance'])}, {least['where']}; planned are {planned}."


def _stands(cases: Findings, fatigue_judged: bool) -> str:
    lowest = None
    for name, found in cases.items():
        for body, entry in found["implants"].items():
            factor = entry.get("safety_factor_p999", {}).get("value")
            if factor is not None and (lowest is None or factor < lowest[0]):
                lowest = (factor, body, name, entry["safety_factor_max"]["value"])
    beyond = max((found["share_beyond_yield"]["value"], spoken(body), name) for name, case in cases.items()
                 for body, found in case["bones"].items())  # fmt: skip
    collapsed = [f"{name} ({row['where'][0]})" for name, found in cases.items() for row in found["validity"]
                 if row["check"].startswith("the spine stays") and not row["holds"]]  # fmt: skip
    if collapsed:
        return (
            f"No, the construct gives way: {'; '.join(collapsed)}. So far off, the figures below only say that nothing "
            "stiff enough carries the spine."
        )
    share, name_of_bone, when = beyond
    bone = "No bone or graft is strained beyond yield."
    if share > 0.0:
        bone = f"Most strained is {name_of_bone} ({when}): {plain(share, 2)} % of its volume beyond yield strain."
    if lowest is None:
        return bone
    factor, body, name, peak = lowest
    verdict = "The metal does, under these loads applied once" if factor >= 1.0 else "No, metal yields"
    return (
        f"{verdict}: the lowest safety factor against yield is {factor:.2f} at the 99.9th percentile of "
        f"stress ({spoken(body)}, {name}), {peak:.2f} at the peak, which may be singular. {bone}"
        + ("" if fatigue_judged else " This says nothing about fatigue.")
    )


def _stress(cases: Findings) -> str:
    parts = []
    for name, found in cases.items():
        body, entry = max(found["implants"].items(), key=lambda item: item[1]["von_mises_p999"]["value"])
        within = entry["parts"]
        part = max(within, key=lambda each: within[each]["von_mises_p999"]["value"]) if within else None
        place = f"{spoken(body)}, in {spoken(part)}" if part else spoken(body)
        usual, peak, averaged = (number(entry[f"von_mises_{key}"]) for key in ("p999", "max", "averaged_max"))
        parts.append(
            f"{name}: {place}, {usual} (99.9th percentile), peak {peak} at {number(entry['at'])}, {averaged} averaged "
            "where elements meet"
        )
    return "; ".join(parts) + "."


def _moves(cases: Findings) -> str:
    parts = []
    for name, found in cases.items():
        moved = found["deformation"]
        if "L5_drop" not in moved:
            continue
        way = _either(moved["L5_drop"], ("down", "up"))
        lean = _either(moved["L5_tilt_sagittal"], ("forwards", "backwards"))
        side = _either(moved["L5_tilt_frontal"], ("to the left", "to the right"))
        stiff = number(moved.get("construct_stiffness"))
        parts.append(f"{name}: {way}, tilts {lean} and {side}; {stiff} at L4 along the load")
    return "; ".join(parts) + "." if parts else "There is no L5."


def _either(entry: Mapping[str, Any], ways: tuple[str, str]) -> str:
    """A signed quantity as its size and the way it points."""
    unit = _UNITS.get(entry["unit"], entry["unit"])
    return f"{abs(entry['value']):.2f} {unit} {ways[int(entry['value'] < 0.0)]}"


def _interfaces(cases: Findings) -> str:
    parts = []
    for name, found in cases.items():
        faces = _contact_faces(found)
        if not faces:
            continue
        held = [face for face in faces if not faces[face]["loose"]]
        loose = [where for row in found["validity"] if row["check"] == "no body is loose" for where in row["where"]]
        nothing = f"nothing holds {', '.join(spoken(body) for body in loose)}"
        if not held:
            parts.append(f"{name}: {nothing}")
            continue
        worst = max(held, key=lambda face: faces[face]["micromotion"]["p95"]["value"])
        entry = faces[worst]
        above = entry["bands"][-1]
        parts.append(
            f"{name}: most at {spoken(worst)}, 95 % of its area below {number(entry['micromotion']['p95'])}, "
            f"{number(above['area'], 2)} above {number(above['from'])}" + (f"; {nothing}" if loose else "")
        )
    return "; ".join(parts) + "."


def _grafts(faces: Findings) -> str:
    told = [f"{spoken(name)}: {entry['risk']} risk" for name, entry in faces.items()]
    return f"{'; '.join(told)}. Worst load case counts; a screening figure by the rule below, not a prediction."


def _contact_faces(found: Findings) -> dict[str, Any]:
    return {name: entry for name, entry in found["interfaces"].items() if entry["kind"] == "surface"}


def _where(row: Mapping[str, Any]) -> str:
    return f": {', '.join(spoken(where) for where in row['where'])}" if row["where"] else ""
