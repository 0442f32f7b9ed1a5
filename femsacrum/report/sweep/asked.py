"""First page and first chapter: what was asked, which points there are, what they cost."""

from __future__ import annotations

from collections import Counter

from femsacrum.report.document.model import Block, Cell, Paragraph, Section, Table, absent, table
from femsacrum.report.words import behind, plain
from femsacrum.sweep.answer.answer import Answer
from femsacrum.sweep.answer.effects import states
from femsacrum.sweep.answer.sample import Sample
from femsacrum.sweep.definition import Factor

#: What a design is called.
DESIGNS = {
    "factorial": "full factorial: every combination",
    "latin_hypercube": "Latin hypercube",
    "sobol": "scrambled Sobol sequence",
    "saltelli": "two samples of a scrambled Sobol sequence, mixed factor by factor, for Sobol indices",
    "morris": "Morris' trajectories, one factor at a time",
    "file": "points of a file",
}
#: Reasons that are listed.
REASONS = 15


def status(sample: Sample) -> tuple[str, bool]:
    """The first sentence: whether the sweep is complete; and whether it is."""
    count = len(sample.points)
    told = f"{sample.count('done')} done, {sample.count('refused')} refused, {sample.count('failed')} failed"
    left = sample.count("to do")
    if left:
        return f"Incomplete: {left} of {count} points were not tried yet ({told}); what follows may change.", False
    if sample.count("failed"):
        return (
            f"All {count} points were tried, but not all have an answer ({told}); those that failed might have one.",
            False,
        )
    return f"Complete: all {count} points have an answer ({told}).", True


def facts(sample: Sample) -> tuple[tuple[str, str], ...]:
    """Of the first page."""
    hours = sample.seconds / 3600.0
    return (
        ("Question", sample.sweep.question or "not provided"),
        ("Design", f"{DESIGNS[sample.sweep.design.kind]}; {len(sample.points)} points, seed {sample.sweep.seed}"),
        ("Cost", f"{plain(hours)} hours of one process in all, {plain(sample.memory)} MB of memory at most"),
        ("Case", f"{sample.sweep.case}, first point {sample.case or 'not known'}"),
        ("Code", sample.code),
    )


def chapter(found: Answer, present: str) -> Section:
    """What was asked, and what came of it.

    Args:
        found: The answer.
        present: Fingerprint of the code that writes the report.
    """
    sample = found.sample
    blocks: list[Block] = [Paragraph(f"Question: {sample.sweep.question}") if sample.sweep.question else
                           absent("The question", "Nobody can tell whether this sweep answers it.")]  # fmt: skip
    blocks += [_factors(sample), _outcomes(sample)]
    if sample.sweep.correlations:
        rows = [(" and ".join(each.between), Cell(plain(each.rank), "", each.rank, "1"), each.source)
                for each in sample.sweep.correlations]  # fmt: skip
        blocks.append(table("Factors that go together", ("factors", "rank correlation", "source"), rows))
    if not sample.sweep.outcomes:
        said = "The sweep names no outcomes of interest, so the usual ones are told: the worst of all load cases and places."
        blocks.append(Paragraph(said, "small"))
    if sample.other:
        blocks.append(Paragraph(f"{sample.other} points have a record of other code; they do not count.", "notice"))
    if sample.code != present:
        blocks.append(Paragraph("The points were solved by other code than that which writes this report.", "notice"))
    return Section("What was asked", tuple(blocks))


def unanswered(found: Answer) -> tuple[Block, ...]:
    """Which points have no answer, where, and why; the figure is added by the caller."""
    sample = found.sample
    if not sample.missing:
        return (Paragraph("Every point is done."),)
    rows = []
    for one in found.groups:
        table_of = states(sample, one)
        for i, label in enumerate(one.labels):
            counts = [int(table_of[state][i]) for state in ("done", "refused", "failed", "to do")]
            rows.append((one.factor.name, label + behind(one.factor.unit or "1"), *(_count(each) for each in counts)))
    blocks: list[Block] = [
        Paragraph(
            "Refused: the case of these values cannot be, or its numerics end without a result. "
            "Failed: the process ended without "
            "an answer. What the outcome would be there nobody knows: averages, indices and surrogates "
            "are of the other points."
        ),
        table("Points of every group", ("factor", "values", "done", "refused", "failed", "to do"), rows),
    ]
    reasons = Counter(zip(sample.reasons, sample.states, strict=True))
    listed = [(pair, count) for pair, count in reasons.most_common() if pair[0]]
    if listed:
        shown = [(_count(count), state, reason) for (reason, state), count in listed[:REASONS]]
        notes = [f"{len(listed) - REASONS} more reasons are in the records."] if len(listed) > REASONS else []
        blocks.append(table("Why", ("points", "state", "reason"), shown, notes))
    return tuple(blocks)


def _count(number: int) -> Cell:
    return Cell(str(number), "", number, "1")


def _factors(sample: Sample) -> Table:
    rows = [(each.name, ", ".join(each.keys), spread(each), each.source) for each in sample.sweep.factors]
    return table("Factors", ("factor", "key of the case", "values", "source"), rows)


def spread(factor: Factor) -> str:
    """Values or distribution of a factor in words."""
    unit = behind(factor.unit or "1")
    if factor.values is not None:
        said = ", ".join(str(each).lower() if isinstance(each, bool) else str(each) for each in factor.values)
        return f"{said}{unit}, each as often"
    told = {name: getattr(factor, name) for name in ("mean", "sd", "mode", "low", "high")}
    if factor.distribution == "lognormal":
        told = {"median": told.pop("mean"), "sd of the logarithm": told.pop("sd")} | told
    ends = ", ".join(f"{name} {value:g}" for name, value in told.items() if value is not None)
    return f"{factor.distribution}, {ends}{unit}"


def _outcomes(sample: Sample) -> Table:
    rows = []
    for each in sample.outcomes:
        limits = [f"{words} {plain(limit, 6)}{behind(each.unit or "1")}" for words, limit in
                  (("at most", each.at_most), ("at least", each.at_least)) if limit is not None]  # fmt: skip
        known = int(each.known.sum())
        note = _count(known) if known else Cell("0: no point tells it", "no", 0, "1")
        rows.append((each.name, each.words, each.goal, " and ".join(limits) or "–", note))
    return table(
        "Outcomes of interest", ("outcome", "what it is", "best is the", "limit", "points with a value"), rows
    )
