"""What only the person who asks for a report can say, as options or in a file that is kept with the case."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from femsacrum.case.names import did_you_mean
from femsacrum.errors import InputError

#: Grades of model influence and of decision consequence, from little to much.
GRADES = ("low", "medium", "high")
#: A file of such texts may have so many bytes.
LARGEST = 200_000


@dataclass(frozen=True)
class Asked:
    """What is told beside the run.

    Attributes:
        title: Of the report; None: made of the case's name.
        author: Who answers for it; None: nobody is named.
        logo: PNG for the first page; None: none.
        question: Question of interest; None: the case's own.
        context_of_use: What the model is used for, how far, and beside which other evidence; None: nobody said.
        influence: How much the decision rests on the model, of ``GRADES``; None, as the next: nobody said.
        consequence: What a wrong decision does, of ``GRADES``; both are given or neither.
        influence_why: Why that grade.
        consequence_why: Why that grade.
        adequacy: Whether the evidence is enough for the context of use, as the submitter argues it.
    """

    title: str | None = None
    author: str | None = None
    logo: bytes | None = None
    question: str | None = None
    context_of_use: str | None = None
    influence: str | None = None
    consequence: str | None = None
    influence_why: str | None = None
    consequence_why: str | None = None
    adequacy: str | None = None


#: What a file may say; a logo is a file of its own.
KEYS = tuple(each.name for each in fields(Asked) if each.name != "logo")


def gathered(options: Mapping[str, str | None], file: Path | None, logo: bytes | None) -> Asked:
    """What was said in a file and by options, which win.

    Args:
        options: Of ``KEYS`` what was given.
        file: TOML of such keys; None: none.
        logo: Content of a PNG.

    Raises:
        InputError: The file cannot be used, a grade is none, or one was given without the other.
    """
    said = {key: (f"{file}: {key}", text) for key, text in (_read(file) if file else {}).items()}
    said |= {key: (f"--{key.replace('_', '-')}", text) for key, text in options.items() if text is not None}
    for key, other in (("influence", "consequence"), ("consequence", "influence")):
        if key in said and said[key][1] not in GRADES:
            raise InputError(said[key][0], f'"{said[key][1]}" is none of {", ".join(GRADES)}')
        for given in (key, f"{key}_why"):
            if given in said and (key not in said or other not in said):
                needed = key if key not in said else other
                raise InputError(said[given][0], f"given without {needed}; add --{needed} low, medium or high")
    return Asked(logo=logo, **{key: text for key, (_, text) in said.items()})


def _read(file: Path) -> dict[str, str]:
    """Texts of a file."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError("--asked", f"{file}: {error.strerror}") from None
    if len(data) > LARGEST:
        raise InputError("--asked", f"{file} has {len(data)} bytes; make it smaller than {LARGEST}")
    try:
        found = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError("--asked", f"{file} is no TOML: {str(error) or 'too deep'}") from None
    for key, value in found.items():
        if key not in KEYS:
            raise InputError(f"{file}: {key}", f"is not known{did_you_mean(key, KEYS)}; known: {', '.join(KEYS)}")
        if not isinstance(value, str):
            raise InputError(f"{file}: {key}", f"{value!r:.80} is no text; write it in quotes")
    return found
