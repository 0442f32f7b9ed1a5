"""``femsacrum sweep-report SWEEP``: three files in the sweep's folder, made of nothing but its records."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from femsacrum.report.document.html import html
from femsacrum.report.document.legible import everywhere, legible
from femsacrum.report.document.model import Block, Document, Items, Paragraph, Picture, Section, numbered
from femsacrum.report.document.pdf import pdf
from femsacrum.report.sweep import asked, pictures, told, words
from femsacrum.store import written
from femsacrum.sweep.answer.answer import Answer, answer
from femsacrum.sweep.answer.probability import Probability
from femsacrum.sweep.answer.sample import gather
from femsacrum.sweep.definition import Sweep
from femsacrum.sweep.design import Point


def sweep_report(folder: Path, sweep: Sweep, points: list[Point], code: str) -> tuple[Path, Path, Path]:
    """Write the report of a sweep; figures go to ``sweep_figures/`` there.

    Args:
        folder: Of the sweep.
        sweep: What its file says.
        points: Factor values of every point.
        code: Fingerprint of the present code.

    Returns:
        ``sweep_report.pdf``, ``sweep_report.html``, ``sweep_report.json``.

    Raises:
        InputError: No point is done.
    """
    found = answer(gather(folder, sweep, points, code))
    place = folder / pictures.PLACE
    place.mkdir(exist_ok=True)
    content = everywhere(numbered(compose(found, place, code)), legible)
    files = {
        "sweep_report.pdf": pdf(content, folder.resolve()),
        "sweep_report.html": html(content, folder).encode("utf-8"),
        "sweep_report.json": (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8"),
    }
    for name, data in files.items():
        with written(folder / name) as temporary:
            temporary.write_bytes(data)
    pages, page, data_file = (folder / name for name in files)
    return pages, page, data_file


def compose(found: Answer, place: Path, present: str) -> Document:
    """The document; its figures are drawn.

    Args:
        found: What the sweep says.
        place: Folder of the figures.
        present: Fingerprint of the present code.
    """
    sample = found.sample
    said, complete = asked.status(sample)
    sections = (
        _answer(found),
        asked.chapter(found, present),
        _effects(found, place),
        Section("How much each factor accounts for", tuple(
            block for each in sample.outcomes for block in told.measure(each, found.indices[each.name])
        )),
        Section("Pareto front", (*_drawn(pictures.pareto, place, found, found.front is not None), *told.front(found))),
        Section("Where there is no answer", (
            *_drawn(pictures.regions, place, found, sample.missing > 0), *asked.unanswered(found),
        )),
        _surrogates(found, place),
        _probabilities(found, place),
    )  # fmt: skip
    return Document(f"Sweep: {sample.sweep.name}", "", sample.newest, said, complete, asked.facts(sample), sections)


def _answer(found: Answer) -> Section:
    parts = {
        "What matters most": tuple(words.matters(found)),
        "Which design is best": tuple(words.best(found)),
        "Are the limits kept?": tuple(words.limits(found)) or ("No outcome of interest has a limit.",),
        "What remains unknown": tuple(words.unknown(found)),
    }
    return Section("The answer", tuple(Section(title, (Items(texts),)) for title, texts in parts.items() if texts))


def _effects(found: Answer, place: Path) -> Section:
    if not found.effects:
        return Section("Main effects", (Paragraph("No outcome varies between the points.", "absent"),))
    known = {each.name: each for each in found.sample.outcomes}
    blocks: list[Block] = [pictures.tornado(place, found)]
    if found.sample.missing and found.sample.sweep.design.kind != "file":
        said = (
            "Points without an answer are missing from these means, so they are not of the whole design: where one factor's "
            "values were refused more often, they also show what the others did there."
        )
        blocks.append(Paragraph(said, "notice"))
    for number, (name, effects) in enumerate(found.effects.items(), 1):
        outcome = known[name]
        picture = pictures.main_effects(place, found, number, outcome)
        blocks.append(Section(name, (picture, told.ranges(outcome, effects), told.effects_of(outcome, effects))))
    return Section("Main effects", tuple(blocks))


def _surrogates(found: Answer, place: Path) -> Section:
    drawn = any(each is not None for each in found.surrogates.values())
    return Section("Surrogates", (*told.surrogates(found), *_drawn(pictures.surrogates, place, found, drawn)))


def _probabilities(found: Answer, place: Path) -> Section:
    drawn = any(isinstance(each, Probability) and each.course for each in found.probabilities)
    return Section("Probability", (*told.probabilities(found), *_drawn(pictures.convergence, place, found, drawn)))


def _drawn(draw: Callable[[Path, Answer], Picture], place: Path, found: Answer, wanted: bool) -> tuple[Picture, ...]:
    return (draw(place, found),) if wanted else ()
