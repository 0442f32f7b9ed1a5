"""How wide the columns of a table on a page are, and how large its letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report.document.legible import BREAK

#: Sizes of letters that are tried, the largest first [pt].
SIZES = (8.8, 8.2, 7.6, 7.0, 6.5, 6.0)
#: A table of more rows begins with smaller letters.
MANY, SMALLER = 30, 2
#: Width of the text on a page [mm], and of a letter over its size, a little more than the mean of the fonts used [mm/pt].
PAGE, LETTER = 170.0, 0.176
#: Letters that a column of words has at least before it wraps; more make no column wider.
WRAPS, LONG = 28, 400
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
    least: list[float] = []
    wanted: list[int] = []
    for heading, *cells in zip(block["columns"], *block["rows"], strict=True):
        texts = [cell["text"] for cell in cells]
        longest = max(map(len, texts), default=0)
        head = max(_longest_word(heading), len(heading) / LINES)
        if all(cell["unit"] is not None for cell in cells):
            least.append(max(head, longest))
        else:
            least.append(max(head, max(map(_longest_word, texts), default=0), min(longest, WRAPS)))
        wanted.append(max(len(heading), longest))
    for size in SIZES[SMALLER:] if len(block["rows"]) > MANY else SIZES:
        room = PAGE / (LETTER * size) - BESIDE * len(least)
        if sum(wanted) <= room:
            return {"size": size, "widths": []}
        if sum(least) <= room:
            break
    # what is left over goes to columns of long texts, by the root of what they lack
    lack = [max(min(all_, LONG) - few, 0.0) ** 0.5 for few, all_ in zip(least, wanted, strict=True)]
    left = max(room - sum(least), 0.0) / (sum(lack) or 1.0)
    return {"size": size, "widths": [few + BESIDE + left * share for few, share in zip(least, lack, strict=True)]}


def _longest_word(text: str) -> int:
    return max(map(len, text.replace(BREAK, " ").split()), default=1)
