"""What a report is made of, whatever file it is written to: sections of paragraphs, tables, pictures and equations.

Text is text: no part of it is markup in any format, and whoever writes a file has to see to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from femsacrum.report.words import number

type Mark = Literal["", "no", "low", "uncertain", "high"]
type Tone = Literal["", "notice", "absent", "small"]


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a table.

    Attributes:
        text: As it is read, with its unit.
        mark: What a reader should see at once: "no" does not hold, the others are grades of risk; the text says it too.
        value: The number behind the text, not rounded; None: words.
        unit: Of the value; None: words.
    """

    text: str
    mark: Mark = ""
    value: float | Sequence[float] | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Paragraph:
    """One paragraph.

    Attributes:
        text: Its text.
        tone: "notice" must not be overlooked, "absent" says what was not provided, "small" is a remark.
    """

    text: str
    tone: Tone = ""


@dataclass(frozen=True)
class Items:
    """A list of points.

    Attributes:
        texts: The points.
    """

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table with a heading for each column.

    Attributes:
        caption: What it tells.
        columns: Headings.
        rows: Cells, as many in each row as there are columns.
        notes: What a reader has to know beside it.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A picture of the run folder.

    Attributes:
        file: PNG, relative to the run folder, with "/".
        title: In a few words.
        caption: What is drawn and how to read it.
        alt: The same for somebody who does not see it.
    """

    file: str
    title: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Equation:
    """An equation that the templates know.

    Attributes:
        name: In the templates.
        alt: Read aloud.
    """

    name: str
    alt: str


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it.

    Attributes:
        title: The heading.
        blocks: In order.
    """

    title: str
    blocks: tuple[Block, ...]


type Block = Paragraph | Items | Table | Picture | Equation | Section


@dataclass(frozen=True)
class Document:
    """A report.

    Attributes:
        title: On the first page.
        author: On the first page; empty: nobody was named.
        date: When the run ended, "2026-11-02"; empty: the run folder does not tell.
        status: First sentence: whether what follows may be read as the result of a finished run.
        sound: Nothing speaks against that.
        facts: Name and text pairs for the first page.
        sections: The chapters.
    """

    title: str
    author: str
    date: str
    status: str
    sound: bool
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def cell(entry: Mapping[str, Any] | None, digits: int = 3, mark: Mark = "") -> Cell:
    """A quantity of the findings as a cell; a dash where there is none."""
    if entry is None or entry["value"] is None:
        return Cell("–", mark, None, "1" if entry is None else entry["unit"])
    return Cell(number(entry, digits), mark, entry["value"], entry["unit"])


def table(caption: str, columns: Iterable[str], rows: Iterable[Iterable[object]], notes: Iterable[str] = ()) -> Table:
    """A table whose cells of words are given as texts."""
    made = tuple(tuple(each if isinstance(each, Cell) else Cell(str(each)) for each in row) for row in rows)
    return Table(caption, tuple(columns), made, tuple(note for note in notes if note))


def absent(what: str, consequence: str) -> Paragraph:
    """Something that was not done, and what follows from that."""
    return Paragraph(f"{what}: not provided. {consequence}", "absent")


def numbered(document: Document) -> dict[str, Any]:
    """The document as what JSON can hold, every block with its "kind" and the number it is referred to by."""
    counts = {"table": 0, "picture": 0, "equation": 0}

    def told(block: Block, number_of: str) -> dict[str, Any]:
        kind = type(block).__name__.lower()
        made: dict[str, Any] = {"kind": kind}
        if isinstance(block, Section):
            return {**made, "title": block.title, "number": number_of, "blocks": list(inside(block, f"{number_of}."))}
        if kind in counts:
            counts[kind] += 1
            made["number"] = str(counts[kind])
        if isinstance(block, Table):
            rows = [[_fields(each) for each in row] for row in block.rows]
            return {**made, **_fields(block), "rows": rows}
        return {**made, **_fields(block)}

    def inside(section: Section, prefix: str) -> Iterator[dict[str, Any]]:
        count = 0
        for block in section.blocks:
            count += isinstance(block, Section)
            yield told(block, f"{prefix}{count}")

    sections = [told(section, str(place)) for place, section in enumerate(document.sections, 1)]
    return {**_fields(document), "facts": [list(pair) for pair in document.facts], "sections": sections}


def _fields(one: Any) -> dict[str, Any]:
    values = {each.name: getattr(one, each.name) for each in fields(one)}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
