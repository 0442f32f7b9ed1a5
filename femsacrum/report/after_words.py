"""What followed the first load cases, in sentences: movements that repeat, bone, months, and the untouched pelvis beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report import accuracy_words, guide_words, nerve_words
from femsacrum.report.words import number, plain, spoken

Findings = Mapping[str, Any]


def answers(findings: Findings) -> list[tuple[str, str]]:
    """Question and answer for all that the run has beyond its load cases of one instant."""
    movements = findings.get("movements") or {}
    made = []
    if findings.get("guide"):
        said = guide_words.answer(findings["guide"], findings.get("guide_under_saw") or {})
        made.append(("Does the cutting guide sit, and can it be made?", said))
    if findings.get("accuracy"):
        made.append(("How surely are the cuts made as planned?", accuracy_words.answer(findings["accuracy"])))
    if movements:
        told = "; ".join(f"{name}: {settled(found)}" for name, found in movements.items())
        made.append(("Do the interfaces come to rest as the load repeats?", f"{told}."))
        judged = {name: found["fatigue"] for name, found in movements.items() if found["fatigue"]}
        if any(each["worst"] for each in judged.values()):
            made.append(("Will the metal last?", lasts(judged)))
    if bone := holds({**findings["load_cases"], **movements}):
        made.append(("Does bone bear it?", bone))
    if findings.get("nerves"):
        made.append(
            ("Do the sacral nerves bear it?", f"{nerve_words.answer(findings['nerves'])} Function is not predicted.")
        )
    if findings.get("healing"):
        made.append(("Do the grafts unite over the months?", unite(findings["healing"])))
    if findings.get("against_intact"):
        made.append(("What differs from the untouched pelvis?", differs(findings["against_intact"])))
    return made


def settled(found: Findings) -> str:
    """Whether a movement shakes down, and what it moves then."""
    if not found["faces"]:
        return "nothing rubs, so nothing has to come to rest"
    said = {
        "shakes down": f"yes, it shakes down within {_cycles(found['cycles'])}",
        "ratchets": "no, it ratchets: an implant advances by the same amount in every cycle",
        "undecided": f"undecided after {_cycles(found['cycles'])}",
    }[found["outcome"]]
    if found["changes"]:
        last = found["changes"][-1]
        where = f" ({number(last['largest'], 2)} at {spoken(last['face'])})" if last["face"] else ""
        said += f"; the last cycle changed the motion by {number(last['share'], 2)}{where}"
    faces = {name: row for name, row in found["faces"].items() if row["p95"]["value"] is not None}
    if faces:
        worst = max(faces, key=lambda name: faces[name]["p95"]["value"])
        said += (
            f"; most motion to and fro at {spoken(worst)}, 95 % of its area below {number(faces[worst]['p95'], 2)}"
        )
    if found["loose"]:
        said += f"; nothing holds {', '.join(spoken(name) for name in found['loose'])}"
    return said


def wanders(row: Findings, laws: Mapping[str, str], outcome: str) -> str:
    """What becomes of a face's drift; only what ratchets is carried on through a year."""
    words = laws[row["law"]]
    if row["law"] == "geometric":
        return f"{words}; if that goes on, {_small(row['still_to_come'])} are still to come"
    if row["law"] == "linear" and outcome != "ratchets":
        return "as much in the last cycle as in the one before; too few were walked to say what follows"
    if row["law"] == "linear":
        return f"{words}; {number(row['in_a_year'], 2)} in a year of usual use, if nothing stops it"
    return words


def shows(row: Findings, visible: Findings, outcome: str) -> str:
    """Whether a radiograph would show it within a year."""
    if row.get("visible_in_a_year") is None or (row["law"] == "linear" and outcome != "ratchets"):
        return "not known"
    if not row["visible_in_a_year"]:
        return f"no: below {number(visible)}"
    cycles = row["cycles_until_visible"]["value"]
    return "yes" if cycles is None else f"yes, after {plain(cycles, 2)} cycles"


def doubts(findings: Findings) -> list[str]:
    """What speaks against trusting the movements and the months."""
    said = [
        f"{name}: the interfaces had not settled after {_cycles(found['cycles'])}, so motion, fatigue and hold of the "
        "screws are those of a movement that has not come to rest."
        for name, found in (findings.get("movements") or {}).items()
        if found["outcome"] == "undecided"
    ]
    healing = findings.get("healing") or {}
    return said + list(healing.get("surrogate", {}).get("doubts", ()))


def lasts(judged: Mapping[str, Findings]) -> str:
    """The least safe part of all movements."""
    worst = [(name, each["worst"]["part"], _row(each)) for name, each in judged.items() if each["worst"]]
    safe = [(name, part, row) for name, part, row in worst if row["safety_factor"]["1e7"]["value"] is not None]
    if not safe:
        return "No metal is under stress that changes."
    name, part, row = min(safe, key=lambda each: float(each[2]["safety_factor"]["1e7"]["value"]))
    factor = row["safety_factor"]["1e7"]["value"]
    within = row["below_which_99.9_percent_stay"]["safety_factor"]["1e7"]["value"]
    said = f"least safe is {spoken(part)} ({name}): safety factor {plain(factor, 2)} for 1e7 repetitions"
    if within is not None and plain(within, 2) != plain(factor, 2):
        said += f", {plain(within, 2)} where 99.9 % of it stay below"
    verdict = "By the usual strength of its metal, yes" if factor >= 1.0 else "Not surely"
    if factor < 1.0 and (within is None or within < 1.0):
        verdict = "No, by the usual strength of its metal"
    rough = " The mesh does not resolve that peak." if row["peak_may_be_singular"] else ""
    hinge = f" It hinges most on: {row['hinges_on'][0]['input']}." if row["hinges_on"] else ""
    return f"{verdict}: {said}.{rough}{hinge}"


def holds(found: Mapping[str, Findings]) -> str:
    """The largest overloaded volume and the weakest screw of all load cases and movements; empty: neither was judged."""
    judged = {name: each for name, each in found.items() if each.get("overload")}
    if not judged:
        return ""
    when = max(judged, key=lambda name: judged[name]["overload"]["volume"]["value"])
    most = judged[when]["overload"]
    bone = "Yes: no bone or graft is strained past its limit."
    if most["volume"]["value"] > 0.0:
        first = most["regions"][0]
        place = first["near"].get("screw") or first["near"].get("landmark")
        near = f", {number(place['distance'], 2)} from {spoken(place['name'])}" if place else ""
        bone = (
            f"Not everywhere: {number(most['volume'])} are strained past their limit ({when}), the largest piece "
            f"{number(first['volume'])} in {spoken(first['body'])}{near}."
        )
    weak = {name: each["screws"]["weakest"] for name, each in judged.items() if each["screws"]["weakest"]}
    if not weak:
        return bone
    when = min(weak, key=lambda name: weak[name]["margin"]["low"]["value"])
    one = weak[when]
    way = "against being pulled out" if one["mode"] == "pull_out" else "against toggling"
    margin = " to ".join(plain(one["margin"][end]["value"], 2) for end in ("low", "high"))
    return f"{bone} The weakest screw is {spoken(one['screw'])}, with a margin of {margin} {way} ({when})."


def unite(found: Findings) -> str:
    """Every graft's risk, or how far its faces came where no spread was asked for."""
    parts = []
    for graft, risk in found["grafts"].items():
        band = " to ".join(plain(risk[end]["value"], 2) for end in ("p05", "p95"))
        first = f"; first of all, {risk['drivers'][0]['text']}" if risk["drivers"] else ""
        parts.append(
            f"{spoken(graft)}: {risk['grade']} risk, {number(risk['risk'], 2)} that not all its faces unite within "
            f"{number(found['months'])} (band {band} %){first}"
        )
    if not parts:
        parts = [
            f"{spoken(name)}: {plain(face['curve']['united']['value'][-1], 2)} % united after {number(found['months'])}"
            for name, face in found["faces"].items()
        ]
    return f"{'. '.join(parts)}. {found['standing']}"


def differs(found: Findings) -> str:
    """Stiffness of the junction in compression, and the region that has lost and gained most."""
    parts = []
    if found["junction"]:
        rows = found["junction"]["loads"]["compression"]
        told = [
            f"{number(row['of_intact'])} of it {where}" for where, row in rows.items() if row["of_intact"]["value"]
        ]
        if told:
            parts.append(f"Stiffness of the junction in compression: {', '.join(told)}")
    for name, each in found["load_cases"].items():
        change = {
            f"{spoken(side)}, {region}": row["energy_change"]["value"]
            for side in ("left_ilium", "right_ilium")
            for region, row in each["shielding"].get(side, {}).items()
            if row["energy_change"]["value"] is not None
        }
        if change:
            ends = (pick(change, key=lambda key: change[key]) for pick in (min, max))
            told = [f"{change[where]:+.0f} % ({where})" for where in ends]
            parts.append(f"{name}: strain energy of bone changes by {told[0]} to {told[1]}")
    bears = [
        f"{number(row['of_intact'], 2)} {name}"
        for name, each in found["load_cases"].items()
        for bone, row in each["damage"].items()
        if bone == "sacrum" and row["of_intact"]["value"] is not None
    ]
    if bears:
        said = "Of the load that strains 1 cm³ of the sacrum past its limit, what is left of it bears"
        parts.insert(0, f"{said} {', '.join(bears)}")
    return f"{'; '.join(parts)}." if parts else "Nothing that could be compared."


def _row(judged: Findings) -> Findings:
    row: Findings = judged["bodies"][judged["worst"]["body"]][judged["worst"]["part"]]
    return row


def _small(length: Findings) -> str:
    """A length [mm] in micrometres where it is small."""
    micro = 1e3 * length["value"]
    if micro < 0.1:
        return "less than 0.1 µm"
    return f"{plain(micro, 2)} µm" if micro < 100.0 else number(length, 2)


def _cycles(count: int) -> str:
    return "one cycle" if count == 1 else f"{count} cycles"
