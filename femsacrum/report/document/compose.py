"""The document: the fifteen headings of FDA 2016 in their order, none dropped, and the annexes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from femsacrum.report.document.asked import Asked
from femsacrum.report.document.chapters import (
    closing,
    code,
    credibility,
    front,
    numerics,
    results,
    setup,
    software,
    trace,
)
from femsacrum.report.document.chapters import validation as validated
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.inputs import annex, inputs
from femsacrum.report.document.model import Block, Document, Paragraph, Section, absent
from femsacrum.report.document.status import status

#: FDA, Reporting of Computational Modeling Studies in Medical Device Submissions, 2016.
HEADINGS = (
    "Executive Summary", "Background/Introduction", "Code Verification", "System Configuration",
    "Governing Equations/Constitutive Laws", "System Properties", "System Conditions", "System Discretization",
    "Numerical Implementation", "Validation", "Results", "Discussion", "Limitations", "Conclusions", "References",
)  # fmt: skip


def compose(run: Evidence, asked: Asked) -> Document:
    """Make the document of a run.

    Args:
        run: Content of the run folder.
        asked: What only the person who asks for the report can say.
    """
    given = inputs(run)
    before = [
        front.summary(run, asked),
        front.background(run, asked),
        code.code_verification(run),
        _told(run, "System Configuration", setup.configuration),
        setup.equations(),
        _told(run, "System Properties", setup.properties),
        _told(run, "System Conditions", setup.conditions),
        _told(run, "System Discretization", numerics.discretization),
        _told(run, "Numerical Implementation", numerics.implementation),
        validated.experiments(asked),
        _told(run, "Results", results.results),
        _told(run, "Discussion", closing.discussion),
    ]
    annexes = [
        credibility.asme(run, asked),
        credibility.fda_2023(run),
        annex(given),
        trace.trace(run, asked),
        software.software(run),
        software.provenance(run),
    ]
    lacking = dict.fromkeys(_lacking((*before, *annexes)))
    limited = closing.limitations(run, given, lacking)
    after = [limited, closing.conclusions(run), closing.references(run, given)]
    said, sound = status(run)
    title = asked.title or f"Finite element analysis: {run.case.get('name', 'a run')}"
    ended = str((run.manifest or {}).get("ended", ""))[:10]
    chapters = (*before, *after, *annexes)
    return Document(title, asked.author or "", ended, said, sound, front.facts(run, asked), chapters)


def _told(run: Evidence, title: str, made: Callable[[Evidence, Mapping[str, Any]], Section]) -> Section:
    """A chapter that tells findings, or that there are none."""
    if run.findings is None:
        return Section(title, (absent(title, front.NO_FINDINGS),))
    return made(run, run.findings)


def _lacking(blocks: Iterable[Block]) -> Iterator[str]:
    """Everything that is said to be not provided."""
    for block in blocks:
        if isinstance(block, Section):
            yield from _lacking(block.blocks)
        elif isinstance(block, Paragraph) and block.tone == "absent":
            yield block.text
