"""Annexes: the tables of ASME V&V 40-2018, and the eight categories of evidence of FDA 2023."""

from __future__ import annotations

from femsacrum.report.document.asked import Asked
from femsacrum.report.document.chapters.code import qualified, same_code
from femsacrum.report.document.chapters.front import context, question
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Cell, Section, Table, absent, table
from femsacrum.report.validation import validation

NO_RISK = (
    "Model influence and decision consequence are for whoever decides: the program knows neither the decision nor "
    "what else it rests on. Without them no goal can be set for any factor below, and whether the evidence is enough "
    "cannot be said."
)
NO_GOAL = "none set"
NONE = "none"


def asme(run: Evidence, asked: Asked) -> Section:
    """Question, context, risk, and the credibility factors with goal, evidence and gap."""
    influence = ("low", "medium", "high")
    matrix = table(
        "Model risk: model influence (columns) and decision consequence (rows)",
        ("decision consequence", *(f"influence {each}" for each in influence)),
        ((each, *("not assessed",) * 3) for each in reversed(influence)),
    )
    blocks: tuple[Block, ...] = (
        question(run, asked),
        context(asked),
        Section("Model risk", (absent("Model influence and decision consequence", NO_RISK), matrix)),
        Section("Credibility factors", (_factors(run, asked),)),
        absent("Adequacy statement", "It is the submitter's: it weighs the evidence above against the model risk."),
    )
    return Section("Annex: credibility, ASME V&V 40-2018", blocks)


def fda_2023(run: Evidence) -> Section:
    """The eight categories of evidence."""
    found = validation()
    counts = (found or {}).get("cadavers", {}), (found or {}).get("bench", {})
    said = " and ".join(f"{each['agreed']} of {each['judged']}" for each in counts if each)
    healed = bool(run.findings and run.findings.get("healing"))
    rows = (
        ("1 Code verification", _qualified(run), NONE if same_code(run) else "not shown on the machine of the run"),
        ("2 Model calibration", "no input was fitted to any outcome (docs/validation.md)",
         "inputs are population values, not this patient's, unless an image gave them"),
        ("3 Bench-test validation", f"cadavers and machines: {said} values agree" if found else NONE,
         "no test of a construct with this prosthesis and grafts"),
        ("4 In vivo validation", "unions seen in patients beside the course, for plausibility only" if healed else NONE,
         "no patient was measured and compared"),
        ("5 Population-based validation", NONE, "no cohort was compared"),
        ("6 Emergent model behaviour", "rank orders of constructs beside other models" if found else NONE,
         "other models are no measurement"),
        ("7 Model plausibility", "assumptions with rationale (Governing Equations), checks of every load case (Results)",
         "no review by anybody else is known of"),
        ("8 Calculation verification and uncertainty in the context of use",
         "; ".join(word for word, there in (("grid convergence of this case", run.convergence),
                   ("sensitivity of this case", run.sensitivity)) if there) or NONE,
         "; ".join(word for word, there in (("mesh convergence not provided", run.convergence),
                   ("input uncertainty not provided", run.sensitivity)) if there is None) or NONE),
    )  # fmt: skip
    made = table("Categories of evidence", ("category", "evidence in this report", "gap"), map(_marked, rows))
    return Section("Annex: categories of evidence, FDA 2023", (made,))


def _factors(run: Evidence, asked: Asked) -> Table:
    stated = bool(asked.context_of_use)
    rows = (
        ("Code verification: software quality assurance", NO_GOAL, "pinned versions, hashed files, tests, known anomalies",
         "no audit by anybody else"),
        ("Code verification: numerical code verification", "every problem within its limit", _qualified(run),
         NONE if same_code(run) else "not shown on the machine of the run"),
        ("Calculation verification: discretisation error", NO_GOAL,
         "grid convergence index of the reported quantities" if run.convergence else NONE,
         NONE if run.convergence else "numerical uncertainty unknown"),
        ("Calculation verification: numerical solver error", "tolerance and contact error of the case",
         "residual, balance and contact error of every load case (Numerical Implementation)"
         + ("; effect of tolerance, increments and penalty" if run.convergence and run.convergence.get("effects") else ""),
         NONE),
        ("Calculation verification: use error", NO_GOAL, "inputs listed with meaning and default; case checked by rules",
         "no second person is known to have checked the inputs"),
        ("Validation, model: form", NO_GOAL, "assumptions with rationale; alternatives not solved here",
         "see Limitations"),
        ("Validation, model: inputs", NO_GOAL,
         "one-at-a-time sensitivity" if run.sensitivity else "sources and confidence of every input",
         NONE if run.sensitivity else "sensitivity of the outcomes to inputs unknown"),
        ("Validation, comparator: test samples", NO_GOAL, "published cadavers and machines (Validation)",
         "few specimens, old donors, none like this patient"),
        ("Validation, comparator: test conditions", NO_GOAL, "as published", "fixtures are told in part only"),
        ("Validation, assessment: equivalency of inputs", "stated difference by difference",
         "equivalence tables in docs/validation/", "what was not published is unknown"),
        ("Validation, assessment: output comparison", "told for every value",
         "every value, misses included (Validation)", "misses as listed"),
        ("Applicability: quantities of interest", NO_GOAL, "stiffness, motion, order of constructs",
         "micromotion and union at a sacral prosthesis were never measured by anybody known"),
        ("Applicability: context of use", NO_GOAL, "what the comparison speaks for (Validation)",
         "to be judged against the stated context" if stated else "no context of use was stated"),
    )  # fmt: skip
    columns = ("credibility factor", "goal", "evidence", "gap")
    note = "A goal is none set where it needs the model risk; those that stand are of this project."
    return table("Credibility factors with goal, evidence, and gap", columns, map(_marked, rows), [note])


def _qualified(run: Evidence) -> str:
    if run.qualification is None:
        return NONE
    passed, judged = qualified(run.qualification)
    count = f"{passed} of {judged} values of problems with known answers are within their limits"
    return count if same_code(run) else f"{count}, of other code"


def _marked(row: tuple[str, ...]) -> tuple[str | Cell, ...]:
    return (*row[:-1], Cell(row[-1], "" if row[-1] == NONE else "no"))
