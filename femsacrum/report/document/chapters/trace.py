"""Annex: from what the case asks for to the outcome that answers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report.document.asked import Asked
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Cell, Section, table
from femsacrum.report.document.outcomes import Outcome, criteria_of, outcomes

UNANSWERED = Cell("not answered", "no")


def trace(run: Evidence, asked: Asked) -> Section:
    """Every requirement of the case, and where it is answered."""
    rows = ((key, said, answer if answer else UNANSWERED) for key, said, answer in _requirements(run, asked))
    columns = ("key of the case", "what it asks for", "answered by")
    return Section("Annex: trace from requirements to outcomes", (table("Trace", columns, rows),))


def _requirements(run: Evidence, asked: Asked) -> Iterator[tuple[str, str, str]]:
    found = run.findings or {}
    made = outcomes(found) if found else []
    if question := asked.question or run.case.get("question"):
        yield "question", str(question), "Conclusions" if found else ""
    for place, load in enumerate(run.case.get("loads", ())):
        name = str(load.get("name", ""))
        own = [row for row in made if row.load_case == name]
        yield f"loads[{place}]", f'load case "{name}"', _answered(f"Results: {name}", own)
    judged = {row["name"]: row for row in criteria_of(run)}
    for place, said in enumerate(run.case.get("criteria", ())):
        name = str(said.get("name", ""))
        verdict = f"Results: Acceptance criteria: {judged[name]['verdict']}" if name in judged else ""
        yield f"criteria[{place}]", name, verdict
    course: Mapping[str, Any] = run.case.get("course", {})
    if "fatigue" in course:
        yield "course.fatigue", "fatigue of the metal", _of(made, "fatigue.")
    if "healing" in course:
        yield (
            "course.healing",
            "union of the grafts over the months",
            "Results: Healing" if found.get("healing") else "",
        )
    if course.get("against_intact"):
        beside = "Results: Against the same patient's untouched pelvis" if found.get("against_intact") else ""
        yield "course.against_intact", "comparison with the untouched pelvis", beside
    if "tumour" in run.case.get("surgery", {}):
        yield "surgery.tumour", "margins round the tumour", _of(made, "margins.")
    if "guide" in run.case.get("surgery", {}):
        yield "surgery.guide", "cutting guide", "Results: Cutting guide" if found.get("guide") else ""
    if "nerves" in run.case.get("surgery", {}):
        yield (
            "surgery.nerves",
            "strain of the sacral roots",
            "Results: Sacral nerve roots" if found.get("nerves") else "",
        )
    if "graft" in run.case.get("surgery", {}):
        yield "surgery.graft", "chance of the grafts to unite", _of(made, "incorporation.")
    if run.case.get("output", {}).get("figures", True):
        yield "output.figures", "figures", f"{len(run.pictures)} figures" if run.pictures else ""


def _of(made: list[Outcome], start: str) -> str:
    return _answered("Results", [row for row in made if row.key.startswith(start)])


def _answered(name: str, rows: list[Outcome]) -> str:
    if not rows:
        return ""
    beyond = sum(row.holds is False for row in rows)
    return f"{name}: {len(rows)} outcomes, {beyond} beyond their screening limit"
