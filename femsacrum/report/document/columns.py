"""How wide the columns of a table on a page are, and how large its letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report.document.legible import BREAK

#: Sizes of letters that are tried, the largest first [pt].
SIZES = (8.8, 8.2, 7.6, 7.0, 6.5, 6.0)
#: Width of the text on a page [mm], and of a letter over its size, a little more than the mean of the fonts used [mm/pt].
PAGE, LETTER = 170.0, 0.172
#: A column of words needs no more letters than these before it wraps.
WRAPS = 44
#: Lines that a heading may have.
LINES = 3
#: Letters that the space beside a column takes.
BESIDE = 2


def laid_out(block: Mapping[str, Any]) -> dict[str, Any]:
    """Letters [pt] and widths of the columns of a table.

    Args:
        block: A numbered table.

    Returns:
        "size" of the letters; "widths" in proportion, or none where every column can have what it wants.
    """
    columns = list(zip(block["columns"], *(row for row in block["rows"]), strict=True))
    least: list[float] = []
    wanted: list[int] = []
    for heading, *cells in columns:
        texts = [cell["text"] for cell in cells]
        longest = max(map(len, texts), default=0)
        whole = all(cell["unit"] is not None for cell in cells)
        word = max(
            (len(word) for text in (heading, *texts) for word in text.replace("\u200b", " ").split()), default=1
        )
        head = max(_longest_word(heading), len(heading) / LINES)
        least.append(max(head, longest) if whole else max(head, word, min(longest, WRAPS)))
        wanted.append(max(len(heading), longest))
    for size in SIZES:
        room = PAGE / (LETTER * size) - BESIDE * len(columns)
        if sum(wanted) <= room:
            return {"size": size, "widths": []}
        if sum(least) <= room:
            break
    return {"size": size, "widths": [letters + BESIDE for letters in least]}


def _longest_word(text: str) -> int:
    return max(map(len, text.replace(BREAK, " ").split()), default=1)
