"""How wide the columns of a table on a page are, and how large its letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Sizes of letters that are tried, the largest first [pt].
SIZES = (8.8, 8.2, 7.6, 7.0, 6.5, 6.0)
#: Width of the text on a page [mm], and of a letter over its size, a little more than the mean of the fonts used [mm/pt].
PAGE, LETTER = 170.0, 0.172
#: A column of words needs no more letters than these before it wraps.
WRAPS = 44
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
    least, wanted = [], []
    for heading, *cells in columns:
        texts = [cell["text"] for cell in cells]
        longest = max(map(len, texts), default=0)
        whole = all(cell["unit"] is not None for cell in cells)
        word = max(
            (len(word) for text in (heading, *texts) for word in text.replace("\u200b", " ").split()), default=1
        )
        least.append(max(word if not whole else max(_longest_word(heading), longest), min(longest, WRAPS)))
        wanted.append(max(len(heading), longest))
    for size in SIZES:
        room = PAGE / (LETTER * size) - BESIDE * len(columns)
        if sum(wanted) <= room:
            return {"size": size, "widths": []}
        if sum(least) <= room:
            break
    return {"size": size, "widths": [letters + BESIDE for letters in least]}


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=1)
