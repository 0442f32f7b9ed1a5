"""Text from anywhere as text that every reader of every format sees alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

#: Unicode categories of characters that are shown by their number: controls, marks that turn the direction of what
#: follows, surrogates, private ones, and those that are none. A reader could not see them, or would see them differ.
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")
#: What parts lines, told as a space.
SPACES = "\n\r\t\u2028\u2029"
#: Of these, what scripts need within a word.
JOINERS = "\u200c\u200d"
#: A word of more characters may be broken anywhere after so many [1]; hashes have 64.
LONGEST_WORD = 32
BREAK = "\u200b"
#: What templates look up by its name.
NAMES = ("file", "kind", "mark", "tone", "name", "number")


def legible(text: str) -> str:
    """The text with a space for every line break and tab, and the number of every character nobody can see."""
    spaced = "".join(" " if each in SPACES else each for each in text.replace("\r\n", "\n"))
    return "".join(each if _seen(each) else named(each) for each in spaced)


def drawable(text: str, known: Collection[int]) -> str:
    """Legible text for a page with fonts of its own.

    Args:
        text: Legible text.
        known: Code points that the fonts have.

    Returns:
        The text with the number of every character that no font has, and places where long words may be broken.
    """
    drawn = "".join(each if ord(each) in known else named(each) for each in text)
    return " ".join(_breakable(word) for word in drawn.split(" "))


def everywhere(content: Any, change: Callable[[str], str]) -> Any:
    """A function applied to every text of what JSON can hold, but to what templates look up."""
    if isinstance(content, str):
        return change(content)
    if isinstance(content, dict):
        return {key: value if key in NAMES else everywhere(value, change) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [everywhere(value, change) for value in content]
    return content


def named(character: str) -> str:
    """A character by its number."""
    return f"[U+{ord(character):04X}]"


def fonts() -> Path:
    """Folder of the DejaVu fonts, which come with matplotlib and have most letters of most scripts that are written."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@cache
def known_characters() -> frozenset[int]:
    """Code points that DejaVu Sans has."""
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(fonts() / "DejaVuSans.ttf")).get_charmap())


def _seen(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character) not in HIDDEN


def _breakable(word: str) -> str:
    if len(word) <= LONGEST_WORD:
        return word
    return BREAK.join(word[start : start + LONGEST_WORD] for start in range(0, len(word), LONGEST_WORD))
