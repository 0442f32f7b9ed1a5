"""The comparison as tables for a page, and as lines for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from femsacrum.credibility.responses import Response, Value
from femsacrum.credibility.uncertainty import Band
from femsacrum.credibility.worst_size import Worst, sentences
from femsacrum.report.comparison.compare import Comparison
from femsacrum.report.document.model import Cell, Mark, Table, table
from femsacrum.report.words import behind, plain, spoken

#: Widths of a terminal's columns: words, and each design.
WORDS, DESIGN = 66, 16
CRITERION = "criterion "


def outcomes(found: Comparison) -> list[Table]:
    """One table for each load, one for what is of the plan, one for the criteria."""
    rows = found.rows
    made = []
    for load in dict.fromkeys(row.load_case for row in rows if not _judged(row)):
        own = [row for row in rows if row.load_case == load and not _judged(row)]
        made.append(_table(found, own, f"Outcomes, {load or 'the plan'}: the worst of each run"))
    judged = [row for row in rows if _judged(row)]
    if judged:
        made.append(_table(found, judged, "Acceptance criteria that all runs share"))
    return made


def cases(found: Comparison) -> Table:
    """What differs in the case files."""
    rows = ((row.key, *row.values) for row in found.differences)
    return table("Keys of the case that differ", ("key", *(design.name for design in found.compared)), rows)


def standing(found: Comparison) -> Table:
    """Which runs count."""
    rows = (
        (
            design.name,
            Cell("compared" if design.sound else "not compared", "" if design.sound else "no"),
            design.standing,
        )
        for design in found.designs
    )
    return table("The runs", ("run", "is", "standing"), rows)


def worst(found: Comparison, made: Sequence[Worst]) -> Table:
    """The worst size of every outcome."""
    names = [design.name for design in found.compared]
    rows: list[tuple[object, ...]] = []
    for each in made:
        where = _named(each.row)
        sizes = ", ".join(names[i] for i in each.sizes)
        if not each.sizes:
            why = next((value.why for value in each.row.values if value.number is None), "")
            rows.append((*where, Cell("not known", "no"), why, "–", "–", "–"))
            continue
        everyone = len(each.sizes) == len(names)
        value = shown(each.row.values[each.sizes[0]], each.row)
        over = "–" if each.margin is None else f"{plain(each.margin)}{behind(each.row.unit)}"
        mark: Mark = "no" if each.margin is not None and each.margin < 0.0 else ""
        rows.append(
            (*where, "all the same" if everyone else sizes, value, Cell(over, mark),
             "–" if everyone else _resolved(each), each.course)
        )  # fmt: skip
    columns = ("load case", "outcome", "worst size", "value", "margin to the criterion",
               "differs from the next by more than the meshes' uncertainty", "over the sizes")  # fmt: skip
    return table("Worst-case size of each outcome", columns, rows)


def lines(found: Comparison, made: Sequence[Worst] | None = None) -> Iterator[str]:
    """For a terminal.

    Args:
        found: The comparison.
        made: Worst sizes, where the runs are a family.
    """
    for design in found.designs:
        if not design.sound:
            yield f"not compared: {design.name}. {design.standing}"
    for said in found.against:
        yield f"NOT COMPARABLE, no ranks and no worst size are given: {said}"
    yield from found.remarks
    names = [_cut(design.name, DESIGN - 2) for design in found.compared]
    groups = [(row.load_case or "the plan", row) for row in found.rows if not _judged(row)]
    groups += [("acceptance criteria", row) for row in found.rows if _judged(row)]
    for group in dict.fromkeys(name for name, _ in groups):
        yield ""
        yield f"{_cut(group, WORDS):<{WORDS}}" + "".join(f"{name:>{DESIGN}}" for name in names)
        for name, row in groups:
            if name == group:
                yield _line(found, row)
    yield ""
    yield "#: rank, 1 the best; at the end of a line: whether some runs differ by more than their meshes' uncertainty"
    if made is not None:
        yield ""
        for each in made:
            if each.sizes and len(each.sizes) < len(names):
                at = ", ".join(found.compared[i].name for i in each.sizes)
                load, words = _named(each.row)
                yield f"worst size, {words} ({load}): {at}; {each.course}; differs from the next: {each.resolved}"
        yield from sentences(made, [design.name for design in found.compared])


def shown(value: Value, row: Response) -> str:
    """A value with its unit."""
    if value.number is None:
        return "–"
    return "without bound" if math.isinf(value.number) else f"{plain(value.number)}{behind(row.unit)}"


def _table(found: Comparison, rows: Sequence[Response], caption: str) -> Table:
    names = [design.name for design in found.compared]
    made = []
    for row in rows:
        limit = "–" if row.limit is None else f"{_sense(row)} {plain(row.limit)}{behind(row.unit)}"
        cells = [_cell(value, rank, row) for value, rank in zip(row.values, found.ranks(row), strict=True)]
        made.append((row.words, *((limit,) if _judged(row) else ()), *cells, *_apart(found, row)))
    columns = ("outcome", *(("limit",) if rows and _judged(rows[0]) else ()), *names, "differ by more than the meshes",
               "numerical uncertainty")  # fmt: skip
    return table(caption, columns, made)


def _cell(value: Value, rank: int | None, row: Response) -> Cell:
    if value.number is None:
        return Cell(f"not told: {value.why}", "no")
    parts = [f"{shown(value, row)}{f' ({spoken(value.of)})' if value.of and value.number else ''}"]
    parts += [f"rank {rank}"] if rank is not None else []
    mark: Mark = ""
    if row.limit is not None:
        kept = value.number <= row.limit if row.worse == "more" else value.number >= row.limit
        parts.append("met" if kept else "not met")
        mark = "" if kept else "no"
        for band in (value.band, value.of_inputs):
            if band is not None and band.reaches(row.limit):
                parts.append("within its uncertainty")
                mark = "uncertain"
                break
    return Cell(", ".join(parts), mark)


def _apart(found: Comparison, row: Response) -> tuple[str, str]:
    """Which runs differ by more than their meshes, and what is known of the meshes."""
    pairs, known = found.apart(row)
    said = "; ".join(pairs) or ("none" if known else "not known")
    said += "; of the others it is not known" if pairs and not known else ""
    bands = [_band(value.band, row) if value.band else value.why for value in row.values if value.number is not None]
    return said, bands[0] if len(set(bands)) == 1 and bands else "; ".join(bands)


def _band(band: Band, row: Response) -> str:
    return f"{plain(band.low)} to {plain(band.high)}{behind(row.unit)}"


def _line(found: Comparison, row: Response) -> str:
    cells = ""
    for value, rank in zip(row.values, found.ranks(row), strict=True):
        cells += f"{'-' if value.number is None else shown(value, row)}{f' #{rank}' if rank else ''}".rjust(DESIGN)
    limit = "" if row.limit is None else f" ({_sense(row)} {plain(row.limit)})"
    pairs, known = found.apart(row)
    sign = "differ" if pairs else "" if known else "not known"
    return f"{_cut(row.words + limit, WORDS):<{WORDS}}{cells}  {sign}".rstrip()


def _named(row: Response) -> tuple[str, str]:
    words = f'criterion "{row.words}"' if _judged(row) else row.words
    return row.load_case or ("all" if _judged(row) else "the plan"), words


def _resolved(each: Worst) -> str:
    return {"yes": "yes", "no": "no: within it"}.get(each.resolved, "not known")


def _sense(row: Response) -> str:
    return "at most" if row.worse == "more" else "at least"


def _judged(row: Response) -> bool:
    return row.key.startswith(CRITERION)


def _cut(text: str, width: int) -> str:
    return text if len(text) < width else f"{text[: width - 2]}…"
