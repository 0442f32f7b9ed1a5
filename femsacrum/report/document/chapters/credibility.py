"""Annexes: the tables of ASME V&V 40-2018, and the eight categories of evidence of FDA 2023."""

from __future__ import annotations

from collections.abc import Iterator

from femsacrum.report.document.asked import GRADES, Asked
from femsacrum.report.document.chapters import gradation
from femsacrum.report.document.chapters.code import qualified, same_code
from femsacrum.report.document.chapters.front import context, question
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Cell, Paragraph, Section, absent, table
from femsacrum.report.validation import validation

NO_RISK = (
    "Model influence and decision consequence are for whoever decides: the program knows neither the decision nor "
    "what else it rests on. Without them no goal can be set for any factor below, and whether the evidence is enough "
    "cannot be said."
)
NO_GOAL = "none set"
NONE = "none"


SCALE = (
    "The scale from 1 to 5 is one more than the steps of both grades from low. It is a choice of this project: the "
    "standard leaves the scale to whoever uses it."
)
GOALS = (
    "Goals follow from the model risk: the levels of a factor are shared out evenly over risks 1 to 5, rounded up, so "
    "that 4 and 5 ask for the last. Goals, levels and the rules by which a level is reached are of this project, not of "
    "the standard. What is reached is read from the run folder, unless its files are not those the run left, and from the "
    "experiments under Validation; what no file can show, as an audit or a second person, is never counted as reached."
)


def asme(run: Evidence, asked: Asked) -> Section:
    """Question, context, risk, and the credibility factors with goal, evidence and gap."""
    blocks: tuple[Block, ...] = (
        question(run, asked),
        context(asked),
        Section("Model risk", tuple(_risk(asked))),
        Section("Credibility factors", tuple(_credibility(run, asked))),
        *_adequacy(run, asked),
    )
    return Section("Annex: credibility, ASME V&V 40-2018", blocks)


def _risk(asked: Asked) -> Iterator[Block]:
    """What was said of the risk, and its place in the matrix."""
    stated = asked.influence is not None and asked.consequence is not None
    if not stated:
        yield absent("Model influence and decision consequence", NO_RISK)
    else:
        for what, grade, why in (("Model influence", asked.influence, asked.influence_why),
                                 ("Decision consequence", asked.consequence, asked.consequence_why)):  # fmt: skip
            yield Paragraph(
                f"{what}: {grade}, as stated by who asked for this report. {why or 'No reason was given.'}"
            )
        yield Paragraph(f"Model risk: {_stated_risk(asked)} of {gradation.HIGHEST}. {SCALE}")
        if not asked.context_of_use:
            yield Paragraph("No context of use was stated: it is not known what this risk is the risk of.", "notice")
    yield table(
        "Model risk: model influence (columns) and decision consequence (rows)",
        ("decision consequence", *(f"influence {each}" for each in GRADES)),
        ((each, *(_cell(asked, one, each) for one in GRADES)) for each in reversed(GRADES)),
    )


def _cell(asked: Asked, influence: str, consequence: str) -> Cell:
    if asked.influence is None:
        return Cell("not assessed")
    value = gradation.risk(influence, consequence)
    here = (influence, consequence) == (asked.influence, asked.consequence)
    return Cell(f"{value}: this model" if here else str(value), "uncertain" if here else "", value, "1")


def _stated_risk(asked: Asked) -> int | None:
    if asked.influence is None or asked.consequence is None:
        return None
    return gradation.risk(asked.influence, asked.consequence)


def _adequacy(run: Evidence, asked: Asked) -> Iterator[Block]:
    if not asked.adequacy:
        yield absent(
            "Adequacy statement", "It is the submitter's: it weighs the evidence above against the model risk."
        )
        return
    risk = _stated_risk(asked)
    short = [] if risk is None else _short(run, asked, risk)
    beside = f"Beside it: {len(short)} of {len(gradation.factors())} goals are not reached."
    if risk is None:
        beside = "Beside it: no goal was set, as model influence and decision consequence were not stated."
    told = (Paragraph(asked.adequacy), Paragraph(f"Stated by who asked for this report. {beside}", "notice"))
    yield Section("Adequacy statement", told)


def _short(run: Evidence, asked: Asked, risk: int) -> list[str]:
    """Names of the factors whose goal is not reached."""
    found = gradation.reached(run, asked, validation())
    return [factor.name for factor in gradation.factors() if found[factor.key] < factor.goal(risk)]


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


def _credibility(run: Evidence, asked: Asked) -> Iterator[Block]:
    """Every factor with goal, evidence and gap; with the model risk also the level that is reached."""
    names = {factor.key: factor.name for factor in gradation.factors()}
    risk = _stated_risk(asked)
    if risk is None:
        columns = ("credibility factor", "goal", "evidence", "gap")
        note = "A goal is none set where it needs the model risk; those that stand are of this project."
        rows = (_marked((names[key], *told)) for key, *told in _factors(run, asked))
        yield table("Credibility factors with goal, evidence, and gap", columns, rows, [note])
        return
    short = _short(run, asked, risk)
    if short:
        told = "; ".join(name[0].lower() + name[1:] for name in short)
        total = len(gradation.factors())
        yield Paragraph(
            f"Not reached for model risk {risk}: the goals of {len(short)} of {total} factors: {told}.", "absent"
        )
    found = gradation.reached(run, asked, validation())
    made = []
    for factor, (_, _, evidence, gap) in zip(gradation.factors(), _factors(run, asked), strict=True):
        goal, level = factor.goal(risk), found[factor.key]
        lacks = f"{gradation.letter(goal)} not reached: {factor.levels[goal].removeprefix('and ')}"
        remark = "" if gap == NONE else f"; {gap}"
        last = Cell(f"{lacks}{remark}", "no") if level < goal else Cell(f"none to the goal{remark}")
        made.append((factor.name, gradation.letter(goal), gradation.letter(level), evidence, last))
    headings = ("credibility factor", "goal", "reached", "evidence", "gap")
    yield table(
        f"Credibility factors for model risk {risk}: goal, level reached, evidence, gap", headings, made, [GOALS]
    )
    every = (
        (
            factor.name if number == 0 else "",
            gradation.letter(number),
            words,
            _standing(number, factor.goal(risk), found[factor.key]),
        )
        for factor in gradation.factors()
        for number, words in enumerate(factor.levels)
    )
    yield table("Levels of each factor, of this project", ("credibility factor", "level", "evidence", "here"), every)


def _standing(level: int, goal: int, reached: int) -> str:
    return ", ".join(word for word, there in (("goal", goal), ("reached", reached)) if there == level)


def _factors(run: Evidence, asked: Asked) -> tuple[tuple[str, str, str, str], ...]:
    """Key, goal that needs no model risk, evidence and what is known to be missing of every factor."""
    stated = bool(asked.context_of_use)
    return (
        ("software_quality", NO_GOAL, "pinned versions, hashed files, tests, known anomalies",
         "no audit by anybody else"),
        ("numerical_code", "every problem within its limit", _qualified(run),
         NONE if same_code(run) else "not shown on the machine of the run"),
        ("discretisation", NO_GOAL,
         "grid convergence index of the reported quantities" if run.convergence else NONE,
         NONE if run.convergence else "numerical uncertainty unknown"),
        ("solver", "tolerance and contact error of the case",
         "residual, balance and contact error of every load case (Numerical Implementation)"
         + ("; effect of tolerance, increments and penalty" if run.convergence and run.convergence.get("effects") else ""),
         NONE),
        ("use_error", NO_GOAL, "inputs listed with meaning and default; case checked by rules",
         "no second person is known to have checked the inputs"),
        ("model_form", NO_GOAL, "assumptions with rationale; alternatives not solved here",
         "see Limitations"),
        ("model_inputs", NO_GOAL,
         "one-at-a-time sensitivity" if run.sensitivity else "sources and confidence of every input",
         NONE if run.sensitivity else "sensitivity of the outcomes to inputs unknown"),
        ("test_samples", NO_GOAL, "published cadavers and machines (Validation)",
         "few specimens, old donors, none like this patient"),
        ("test_conditions", NO_GOAL, "as published", "fixtures are told in part only"),
        ("equivalency", "stated difference by difference",
         "equivalence tables in docs/validation/", "what was not published is unknown"),
        ("output", "told for every value",
         "every value, misses included (Validation)", "misses as listed"),
        ("quantities", NO_GOAL, "stiffness, motion, order of constructs",
         "micromotion and union at a sacral prosthesis were never measured by anybody known"),
        ("context", NO_GOAL, "what the comparison speaks for (Validation)",
         "to be judged against the stated context" if stated else "no context of use was stated"),
    )  # fmt: skip


def _qualified(run: Evidence) -> str:
    if run.qualification is None:
        return NONE
    passed, judged = qualified(run.qualification)
    count = f"{passed} of {judged} values of problems with known answers are within their limits"
    return count if same_code(run) else f"{count}, of other code"


def _marked(row: tuple[str, ...]) -> tuple[str | Cell, ...]:
    return (*row[:-1], Cell(row[-1], "" if row[-1] == NONE else "no"))
