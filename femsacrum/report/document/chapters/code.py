"""Code verification: software quality, and problems with known answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Cell, Paragraph, Section, absent, table
from femsacrum.report.words import plain

NOT_QUALIFIED = (
    "femsacrum qualify solves problems with known answers on the machine of the run; without it, nothing in this "
    "report shows that the program gives right answers there."
)


def code_verification(run: Evidence) -> Section:
    """Software quality assurance, and numerical code verification on this machine."""
    quality = Paragraph(
        "Software quality. Every version of every dependency is pinned and listed with its licence under Software; "
        "the run's files are hashed (Provenance); the same run gives the same bytes. Unit tests, and regression "
        "tests beside closed forms, stand in the repository (make test). What is known to be wrong is listed under "
        "Known anomalies. No audit of the development process by anybody else is known of."
    )
    return Section("Code Verification", (quality, Section("Numerical code verification", tuple(_numerical(run)))))


def same_code(run: Evidence) -> bool:
    """Whether the qualification is of the code that made the run."""
    return bool(
        run.qualification and run.manifest and run.qualification.get("code") == run.manifest.get("code") is not None
    )


def qualified(found: Mapping[str, Any]) -> tuple[int, int]:
    """How many values of a qualification are within their limits, and how many have one."""
    judged = [row for row in found["cases"] if row["judged"]]
    return sum(bool(row["passed"]) for row in judged), len(judged)


def _numerical(run: Evidence) -> list[Block]:
    if run.qualification is None:
        return [absent("Installation qualification (credibility/qualification.json)", NOT_QUALIFIED)]
    found = run.qualification
    blocks: list[Block] = []
    if not same_code(run):
        blocks.append(
            absent(
                "Installation qualification of the code that made this run",
                "The one in the run folder is of other code, or the run has no manifest, so it does not count; run "
                "femsacrum qualify again.",
            )
        )
    passed, judged = qualified(found)
    rows = ((row["name"], row["quantity"], _value(row["value"]), _value(row["expected"]), _value(row["error"]),
             _value(row["limit"]), _passed(row)) for row in found["cases"])  # fmt: skip
    columns = ("problem", "quantity", "computed", "expected", "error", "limit", "verdict")
    machine = ", ".join(f"{key} {value}" for key, value in found["platform"].items())
    note = f"Made {found['made']} on {machine}. SHA-256 of all of it {found['sha256']}; code {found['code'][:16]}."
    blocks.append(
        Paragraph(
            f"{passed} of {judged} quantities that are judged are within their limits on the machine told there."
        )
    )
    blocks.append(table("Problems with known answers, solved on this machine", columns, rows, [note]))
    return blocks


def _passed(row: Mapping[str, Any]) -> Cell:
    if not row["judged"]:
        return Cell("told")
    return Cell("within") if row["passed"] else Cell("beyond", "no")


def _value(value: object) -> Cell:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Cell(plain(float(value), 4), "", float(value), "1")
    return Cell("–" if value is None else str(value))
