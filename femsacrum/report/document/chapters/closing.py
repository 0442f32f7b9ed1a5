"""Discussion, limitations, conclusions, references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from femsacrum.report.document.chapters.front import RESEARCH, answers
from femsacrum.report.document.chapters.hinges import doubtful, hinges
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.inputs import Input
from femsacrum.report.document.model import Block, Items, Paragraph, Section
from femsacrum.report.document.outcomes import criteria_of, outcomes
from femsacrum.report.tables.criteria import counted
from femsacrum.report.validation import validation
from femsacrum.report.words import plain

Findings = Mapping[str, Any]

#: A source that tells a year, a standard or an address.
PUBLISHED = re.compile(r"\b(19|20)\d\d\b|\b(ASTM|ISO)\b|doi|PMC|PMID")
GUIDANCE = (
    "FDA, Reporting of Computational Modeling Studies in Medical Device Submissions, 21 September 2016, "
    "FDA-2013-D-1530 [S].",
    "FDA, Assessing the Credibility of Computational Modeling and Simulation in Medical Device Submissions, 17 "
    "November 2023, FDA-2021-D-0980 [S].",
    "ASME V&V 40-2018, Assessing Credibility of Computational Modeling through Verification and Validation: "
    "Application to Medical Devices [M-high].",
)


def discussion(run: Evidence, found: Findings) -> Section:
    """What holds, what does not, and how sure it is."""
    rows = outcomes(found)
    held = [row for row in rows if row.holds is not None]
    beyond = [row for row in held if not row.holds]
    where = (f"{row.words}{f' ({row.load_case})' if row.load_case else ''}: {row.value.text}" for row in beyond)
    blocks: list[Block] = [
        Paragraph(
            f"{len(held) - len(beyond)} of {len(held)} outcomes that have a screening limit are within it; beyond it "
            f"{'are' if len(beyond) != 1 else 'is'}:"
            if beyond
            else f"All {len(held)} outcomes that have a screening limit are within it."
        )
    ]
    if beyond:
        blocks.append(Items(tuple(where)))
    blocks += _converged(run)
    unsure = [word for word, there in (("numerical", run.convergence), ("input", run.sensitivity)) if there is None]
    if unsure:
        blocks.append(
            Paragraph(
                f"Values stand without {' and without '.join(unsure)} uncertainty, so a verdict close to its limit is no "
                "verdict. Compare plans on one mesh and one way of holding."
            )
        )
    blocks.append(
        Paragraph(
            "Validation supports order and place more than size: see what the comparison speaks for. No outcome of a "
            "load case of one instant says anything about repetition."
        )
    )
    return Section("Discussion", tuple(blocks))


def limitations(run: Evidence, inputs: Sequence[Input], lacking: Iterable[str]) -> Section:
    """What the model leaves out, what was not provided, and the inputs least is known of."""
    blocks: list[Block] = []
    if run.findings is not None:
        blocks.append(Section("Of the model", (Items(tuple(run.findings["limits"])),)))
    blocks.append(Section("What the outcomes hinge on", tuple(hinges(run))))
    blocks.append(Section("Inputs of low confidence", tuple(_doubtful(run, inputs))))
    missing = tuple(lacking)
    if missing:
        blocks.append(Section("What was not provided", (Items(missing),)))
    return Section("Limitations", tuple(blocks))


def conclusions(run: Evidence) -> Section:
    """The answers again, and what they may be used for."""
    rows = criteria_of(run)
    judged = (Paragraph(counted(rows)),) if rows else ()
    return Section("Conclusions", (*judged, answers(run), Paragraph(RESEARCH, "notice")))


def references(run: Evidence, inputs: Iterable[Input]) -> Section:
    """Guidance, sources of inputs, experiments."""
    read = sorted({each.source for each in inputs if each.table and PUBLISHED.search(each.source)})
    seen = [f"{each['title']}. {each['source']}" for each in ((validation() or {}).get("experiments") or {}).values()]
    blocks: list[Block] = [
        Section("Guidance and standards", (Items(GUIDANCE),)),
        Section("Sources of the inputs", (Items(tuple(read)),)),
    ]
    if seen:
        blocks.append(Section("Experiments", (Items(tuple(seen)),)))
    return Section("References", tuple(blocks))


def _converged(run: Evidence) -> Iterator[Block]:
    if run.convergence is None:
        return
    rows = [row for row in run.convergence["quantities"] if row.get("counts", True)]
    main = [row for row in rows if row["main"]]
    near = [row for row in main if row["asymptotic"] and not row["singular"]]
    singular = sum(bool(row["singular"]) for row in rows)
    known = [row["gci_percent"] for row in near if row["gci_percent"] is not None]
    widest = f", with a grid convergence index of up to {plain(max(known), 2)} %" if known else ""
    yield Paragraph(
        f"On three meshes {len(near)} of {len(main)} main quantities are in the asymptotic range{widest}; the others have "
        f"an index that rests on no order. {singular} of {len(rows)} quantities are peaks that grow with every "
        "refinement and have no value of their own."
    )


def _doubtful(run: Evidence, inputs: Sequence[Input]) -> Iterator[Block]:
    low = [each for each in inputs if each.confidence == "M-low"]
    chosen = [each for each in inputs if each.confidence == "D"]
    if low:
        yield doubtful(run, low)
    else:
        yield Paragraph("No input of this case is marked M-low.")
    if chosen:
        yield Paragraph(
            f"{len(chosen)} inputs are derived or were chosen in this project (D): "
            f"{', '.join(each.name for each in chosen)}.",
            "small",
        )
