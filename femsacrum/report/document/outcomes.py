"""Every outcome of a run in one row: its value, what it is held against, how sure it is, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from femsacrum.credibility.uncertainty import CROSSED, numerical, of_inputs, reach
from femsacrum.findings.incorporation import graded
from femsacrum.report import tables
from femsacrum.report.cells import ends
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Cell, Table, cell, table
from femsacrum.report.words import behind, number, plain, spoken
from femsacrum.sources.tables import constant

Findings = Mapping[str, Any]

NOTE = (
    "The case gives no acceptance criteria of its own. What outcomes are held against are the screening limits of this "
    "program, with their sources under Inputs; meeting them accepts no device. Numerical: grid convergence index of the "
    "quantity, of a grade what the indices of its areas leave open. Input: least and largest value as one input after the "
    "other goes through its range, of a screw's margin its low end; of the risk of a graft the band of what its course "
    "draws at random."
)
#: The same where there are some.
BESIDE = (
    "Acceptance criteria of the case, with their verdicts, stand in a table of their own. Here outcomes are held "
    "against the screening limits of this program, with their sources under Inputs; meeting them accepts no device. "
    "Numerical: grid convergence index of the quantity, of a grade what the indices of its areas leave open. Input: least "
    "and largest value as one input after the other goes through its range."
)
NOTHING = "no limit"
#: Grades of risk, the least first.
RISKS = ("low", "uncertain", "high")


@dataclass(frozen=True)
class Outcome:
    """One outcome.

    Attributes:
        load_case: Load case or movement; empty: of the plan or of all.
        key: Name of the quantity for evidence of convergence and sensitivity.
        words: What it is.
        value: As a cell.
        limit: What it is held against.
        margin: How far it is from that.
        holds: Whether it keeps the limit; None: there is none.
        band: Its input uncertainty where the findings tell it; empty: the sensitivity does.
        bound: The limit as a number in the value's unit; None: there is none that uncertainty could reach across.
        shares: Of a grade the favourable and the adverse area that it is made of [%].
    """

    load_case: str
    key: str
    words: str
    value: Cell
    limit: str = NOTHING
    margin: str = "–"
    holds: bool | None = None
    band: str = ""
    bound: float | None = None
    shares: tuple[float, float] | None = None

    @property
    def number(self) -> float | None:
        """The value that the limit is held against: of two ends the low one; None: it is none."""
        value = self.value.value[0] if isinstance(self.value.value, list) else self.value.value
        return value if isinstance(value, float) else None


def outcomes(findings: Findings) -> list[Outcome]:
    """All of a run, in the order of the report."""
    made = list(_margins(findings))
    for name, found in findings["load_cases"].items():
        made += [*_metal(name, found), *_bone(name, found), *_held(name, found), *_moved(name, found)]
        made += [*_faces(name, found), *_screening(name, found)]
    for name, found in (findings.get("movements") or {}).items():
        made += [_settled(name, found), *_worn(name, found), *_bone(name, found), *_held(name, found)]
    return made + list(_united(findings))


def leading(rows: list[Outcome]) -> list[Outcome]:
    """The same with the worst face only, of those that every load case has many of."""
    worst: dict[tuple[str, str], Outcome] = {}
    for row in rows:
        kind = row.key.split(".")[0]
        key = (row.load_case, kind if kind in ("interfaces", "incorporation") else row.key)
        if key not in worst or _badness(row) > _badness(worst[key]):
            worst[key] = row
    return list(worst.values())


def outcome_table(run: Evidence, rows: list[Outcome], caption: str) -> Table:
    """The outcomes with their uncertainties."""
    of_one = len({row.load_case for row in rows}) == 1
    made = (
        ((() if of_one else (row.load_case or "the plan",))
         + (row.words, row.value, row.limit, row.margin, _numerical(run, row), _input(run, row), _verdict(run, row)))
        for row in rows
    )  # fmt: skip
    columns = ("load case", "outcome", "value", "held against", "margin", "numerical uncertainty", "input uncertainty",
               "verdict")  # fmt: skip
    return table(caption, columns[1:] if of_one else columns, made, [BESIDE if criteria_of(run) else NOTE])


def criteria_of(run: Evidence) -> list[dict[str, Any]]:
    """Acceptance criteria of the case with their verdicts; none of a run that did not end."""
    return list((run.findings or {}).get("criteria", ()))


def criteria_table(run: Evidence, caption: str) -> Table:
    """What the case accepts, and whether it is kept."""
    return tables.criteria.criteria(criteria_of(run), run.convergence, run.sensitivity, caption)


def _badness(row: Outcome) -> tuple[bool, float]:
    size = row.value.value if isinstance(row.value.value, float) else 0.0
    return row.holds is False, RISKS.index(row.value.mark) if row.value.mark in RISKS else size


def _verdict(run: Evidence, row: Outcome) -> Cell:
    """Whether the limit is kept, and whether the uncertainty that is known reaches across it."""
    if row.holds is None:
        return Cell("told")
    if row.shares is not None:
        apart = _grades(run, row)
        if (row.holds and set(apart) - {"low"}) or (not row.holds and "low" in apart):
            return Cell(f"{'within' if row.holds else 'beyond'}, {CROSSED[bool(row.holds)]}", "uncertain")
    if row.bound is not None and row.number is not None:
        what = (row.load_case, row.key, row.number)
        bands = (numerical(run.convergence, *what)[0], of_inputs(run.sensitivity, *what)[0])
        if any(band is not None and band.reaches(row.bound) for band in bands):
            return Cell(f"{'within' if row.holds else 'beyond'}, {reach(row.bound, row.holds, bands)}", "uncertain")
    return Cell("within") if row.holds else Cell("beyond", "no")


def _grades(run: Evidence, row: Outcome) -> tuple[str, ...]:
    """Best and worst grade within the bands of both shares; empty where those are not known."""
    parts = zip(("favourable", "adverse"), row.shares or (), strict=False)
    bands = [numerical(run.convergence, row.load_case, f"{row.key}.{part}", share)[0] for part, share in parts]
    known = [band for band in bands if band is not None]
    if len(known) < 2:
        return ()
    good, bad = known
    return graded(good.high / 100.0, bad.low / 100.0), graded(good.low / 100.0, bad.high / 100.0)


def _numerical(run: Evidence, row: Outcome) -> str:
    if run.convergence is None:
        return "not provided"
    if row.shares is not None:
        apart = _grades(run, row)
        return "not assessed" if not apart else f"graded {' to '.join(dict.fromkeys(apart))}"
    for each in run.convergence["quantities"]:
        if (each["load_case"], each["key"]) == (row.load_case, row.key):
            doubt = "" if each["asymptotic"] else ", not in the asymptotic range"
            share = each["gci_percent"]
            half = _percent(share) if share is not None else f"{plain(each['gci'], 2)}{behind(each['unit'])}"
            return "singular" if each["singular"] else f"{half}{doubt}"
    return "not assessed"


def _input(run: Evidence, row: Outcome) -> str:
    if row.band:
        return row.band
    if run.sensitivity is None:
        return "not provided"
    here = [each for each in run.sensitivity["rows"] if (each["load_case"], each["key"]) == (row.load_case, row.key)]
    ends_of = [each[end] for each in here for end in ("low_value", "high_value")]
    values = [value for value in ends_of if value is not None]
    if not values:
        return "not assessed"
    values += [each["own_value"] for each in here]
    unknown = len(ends_of) - sum(value is not None for value in ends_of)
    more = f", {unknown} of {len(ends_of)} ends without a value" if unknown else ""
    return f"{plain(min(values))} to {plain(max(values))}{more}"


def _percent(value: float) -> str:
    return f"{plain(value, 2)} %"


def _margins(findings: Findings) -> Iterator[Outcome]:
    if findings["margins"]:
        least, planned = findings["margins"]["least"]["distance"], findings["margins"]["planned"]
        over = least["value"] - planned["value"]
        said = f"{plain(over)} {planned['unit']}"
        yield Outcome("", "margins.least", "least margin round the tumour", cell(least), f"planned {number(planned)}",
                      said, over >= 0.0)  # fmt: skip


def _metal(name: str, found: Findings) -> Iterator[Outcome]:
    known = {
        body: row for body, row in found["implants"].items() if _value(row.get("safety_factor_p999")) is not None
    }
    if known:
        body = min(known, key=lambda each: float(known[each]["safety_factor_p999"]["value"]))
        factor = known[body]["safety_factor_p999"]
        yield Outcome(name, f"implants.{body}.von_mises_p999", f"largest 99.9th percentile of von Mises stress over yield: "
                      f"{spoken(body)}", cell(known[body]["von_mises_p999"]), number(known[body]["yield_stress"]),
                      f"safety factor {plain(factor['value'])}", factor["value"] >= 1.0,
                      bound=known[body]["yield_stress"]["value"])  # fmt: skip


def _bone(name: str, found: Findings) -> Iterator[Outcome]:
    volume = found["overload"]["volume"] if found.get("overload") else None
    if volume is not None:
        yield Outcome(name, "overload.volume", "bone and graft strained past their limit", cell(volume), "0 mm³", "–",
                      volume["value"] <= 0.0, bound=0.0)  # fmt: skip


def _held(name: str, found: Findings) -> Iterator[Outcome]:
    one = found["screws"]["weakest"] if found.get("screws") else None
    if one:
        low = one["margin"]["low"]["value"]
        way = "pull-out" if one["mode"] == "pull_out" else "toggling"
        value = Cell(ends(one["margin"]), "", [one["margin"][end]["value"] for end in ("low", "high")], "1")
        yield Outcome(name, "screws.weakest", f"margin of the weakest screw, {spoken(one['screw'])}, "
                      f"{way}", value, "1", plain(low - 1.0), low >= 1.0, bound=1.0)  # fmt: skip


def _moved(name: str, found: Findings) -> Iterator[Outcome]:
    for key, words in (("L5_drop", "L5 goes down by"), ("construct_stiffness", "apparent stiffness at L4")):
        if key in found["deformation"]:
            said = (
                f"{words} (below 0: up)" if key == "L5_drop" and found["deformation"][key]["value"] < 0.0 else words
            )
            yield Outcome(name, f"deformation.{key}", said, cell(found["deformation"][key]))


def _faces(name: str, found: Findings) -> Iterator[Outcome]:
    adverse = constant("findings", "micromotion_adverse").value
    for face, row in found["interfaces"].items():
        if row["kind"] != "surface":
            continue
        if row["loose"]:
            yield Outcome(name, f"interfaces.{face}", f"micromotion, {spoken(face)}", Cell("nothing holds it"),
                          f"{adverse:g} µm", "–", False)  # fmt: skip
            continue
        moved = row["micromotion"]["p95"]
        value = moved["value"]
        yield Outcome(name, f"interfaces.{face}.micromotion.p95", f"micromotion, 95 % of area below, {spoken(face)}",
                      cell(moved), f"{adverse:g} µm", f"{plain(adverse - value)} µm", value < adverse,
                      bound=adverse)  # fmt: skip


def _screening(name: str, found: Findings) -> Iterator[Outcome]:
    for face, row in found["incorporation"].items():
        yield Outcome(name, f"incorporation.{face}", f"incorporation, screening figure, {spoken(face)}",
                      Cell(f"{row['risk']} risk", row["risk"]), "low risk", "–", row["risk"] == "low",
                      shares=(row["favourable"]["value"], row["adverse"]["value"]))  # fmt: skip


def _settled(name: str, found: Findings) -> Outcome:
    told = found["outcome"] if found["faces"] else "nothing rubs"
    return Outcome(name, "shakedown", "interfaces come to rest as the load repeats", Cell(told), "shakes down", "–",
                   told != "ratchets" and told != "undecided")  # fmt: skip


def _worn(name: str, found: Findings) -> Iterator[Outcome]:
    worst = found["fatigue"]["worst"] if found["fatigue"] else None
    if worst:
        row = found["fatigue"]["bodies"][worst["body"]][worst["part"]]
        factor = row["safety_factor"]["1e7"]
        if factor["value"] is not None:
            yield Outcome(name, f"fatigue.{worst['part']}", f"least fatigue safety factor at 1e7 repetitions, "
                          f"{spoken(worst['part'])}", cell(factor, 2), "1", plain(factor["value"] - 1.0, 2),
                          factor["value"] >= 1.0)  # fmt: skip


def _united(findings: Findings) -> Iterator[Outcome]:
    healing = findings.get("healing")
    for graft, row in (healing["grafts"] if healing else {}).items():
        yield Outcome("", f"healing.{graft}", f"risk that it does not unite, {spoken(graft)}",
                      cell(row["risk"], 2), "graded low", "–", row["grade"] == "low",
                      f"{number(row['p05'], 2)} to {number(row['p95'], 2)}")  # fmt: skip


def _value(entry: Findings | None) -> float | None:
    return None if entry is None else entry["value"]
