"""Executive summary and background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report import after_words, words
from femsacrum.report.document.asked import Asked
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Paragraph, Section, absent, table
from femsacrum.report.document.outcomes import criteria_of, criteria_table, leading, outcome_table, outcomes
from femsacrum.report.tables.criteria import counted
from femsacrum.report.words import number, spoken

NO_CONTEXT = (
    "Model risk, and with it the evidence that is enough, follows from the context of use; without one no result "
    "here may be relied on for a decision."
)
WORST = "Outcomes, the worst of each kind; all stand under Results"
NO_FINDINGS = "The run did not end; there is nothing to tell."
RESEARCH = "Research software, not a medical device: nothing here may be used to decide on a patient's treatment."


def summary(run: Evidence, asked: Asked) -> Section:
    """Context of use, scope, type of analysis, conclusions, keywords."""
    blocks: list[Block] = [Paragraph(RESEARCH, "notice"), context(asked)]
    if run.findings is None:
        return Section("Executive Summary", (*blocks, answers(run)))
    found = run.findings
    loads = [*found["load_cases"], *(found.get("movements") or {})]
    blocks += [
        Section("Scope", (Paragraph(
            f"Plan {spoken(found['plan'])} of the case {found['case']}, under {', '.join(loads)}. What the model leaves out "
            "stands under Limitations; experiments it was laid beside, misses included, under Validation."),)),
        Section("Type of analysis", (Paragraph(
            "Quasi-static finite element analysis of deformable bodies that do not share nodes and meet at bonded and "
            "frictional interfaces; linear elasticity, small strains, no inertia"
            + (", repeated until the interfaces come to rest or the last cycle is reached" if found.get("movements") else "")
            + "."),)),
        *accepted(run, "Acceptance criteria of the case"),
        Section("Outcomes", (outcome_table(run, leading(outcomes(found)), WORST),)),
        Section("Conclusions", (answers(run),)),
        Section("Keywords", (Paragraph(
            "finite element analysis; pelvis; sacrectomy; spinopelvic reconstruction; custom implant; micromotion; "
            "verification; validation; uncertainty"),)),
    ]  # fmt: skip
    return Section("Executive Summary", tuple(blocks))


def background(run: Evidence, asked: Asked) -> Section:
    """Question of interest, patient, plan, and what this report follows."""
    blocks: list[Block] = [question(run, asked)]
    if run.findings is not None:
        found = run.findings
        about = found["patient"]["description"].rstrip(".")
        age = f", age {number(found['patient']['age'])}" if found["patient"].get("age") else ""
        blocks.append(
            Paragraph(
                f"{f'Patient: {about}; ' if about else ''}mass {number(found['patient']['mass'])}{age}. Plan: "
                f"{spoken(found['plan'])}. After a sacrectomy spine and pelvis are joined by what the plan puts there; the "
                "model is to say whether that stands, where it is stressed, how much its interfaces move, and whether "
                "grafts have a chance to unite."
            )
        )
        blocks += [each.picture() for each in run.pictures_of(None, "anatomy_and_plan")]
    blocks.append(
        Paragraph(
            "The chapters that follow have the fifteen headings of FDA 2016, Reporting of Computational Modeling Studies in "
            "Medical Device Submissions, solid mechanics. Annexes hold the credibility tables of ASME V&V 40-2018, "
            "the eight categories of evidence of FDA 2023, all inputs, the trace from requirements to outcomes, "
            "software, and provenance. What was not done is said to be not provided, with its consequence; "
            "Limitations lists all of it."
        )
    )
    return Section("Background/Introduction", tuple(blocks))


def accepted(run: Evidence, caption: str) -> tuple[Section, ...]:
    """The acceptance criteria with their verdicts; nothing where the case gives none."""
    rows = criteria_of(run)
    if not rows:
        return ()
    told = (Paragraph(counted(rows)), criteria_table(run, caption))
    return (Section("Acceptance criteria", told),)


def context(asked: Asked) -> Section:
    """The context of use, or what it means that nobody gave one."""
    if asked.context_of_use:
        return Section("Context of use", (Paragraph(asked.context_of_use),))
    return Section("Context of use", (absent("Context of use (--context-of-use)", NO_CONTEXT),))


def question(run: Evidence, asked: Asked) -> Section:
    """The question of interest."""
    said = asked.question or run.case.get("question", "")
    if said:
        return Section("Question of interest", (Paragraph(str(said)),))
    missing = absent(
        "Question of interest (question of the case, or --question)", "Nothing says what has to be answered."
    )
    return Section("Question of interest", (missing,))


def answers(run: Evidence) -> Block:
    """What the run says to what a surgeon-engineer asks first."""
    if run.findings is None:
        return absent("Conclusions", NO_FINDINGS)
    after = after_words.answers(run.findings)
    pairs = words.headline(run.findings, after, after_words.doubts(run.findings))
    return table("Questions and answers", ("question", "answer"), pairs)


def facts(run: Evidence, asked: Asked) -> tuple[tuple[str, str], ...]:
    """Name and text pairs for the first page."""
    made = [("Case", str(run.case.get("name", "not named"))), ("Author", asked.author or "not provided")]
    if run.manifest is not None:
        versions, code = run.manifest.get("versions", {}), str(run.manifest.get("code", ""))
        made += [("Run ended", str(run.manifest.get("ended", "not provided")))]
        made += [("Software", f"femsacrum {versions.get('femsacrum', '?')}, code {code[:16]}")]
    else:
        made.append(("Run ended", "not provided"))
    if run.findings is not None:
        made.append(("Checks not met", _unmet(run.findings) or "none"))
    return (*made, ("Standing", RESEARCH))


def _unmet(found: Mapping[str, Any]) -> str:
    """Checks of the load cases that do not hold."""
    broken = (
        f"{row['check']} ({name})"
        for name, case in found["load_cases"].items()
        for row in case["validity"]
        if not row["holds"]
    )
    return "; ".join(broken)
