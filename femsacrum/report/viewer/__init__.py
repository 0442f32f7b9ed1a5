"""The page with which a result is looked into: three-dimensional, in one file, without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from femsacrum.report.viewer.read import Looked

#: Name of the page in the run folder.
NAME = "viewer.html"


def write_viewer(folder: str | Path) -> Path:
    """Write the page of a finished run into its folder.

    Args:
        folder: The run folder; ``findings.json`` and ``fields/`` are read.

    Returns:
        The page, one file that needs no other.

    Raises:
        InputError: The folder holds no finished run.
    """
    from femsacrum.store import written

    target = Path(folder) / NAME
    content = viewer(folder)
    with written(target) as temporary:
        temporary.write_text(content, encoding="utf-8")
    return target


def viewer(folder: str | Path) -> str:
    """The page of a finished run as HTML; see ``write_viewer``."""
    from femsacrum.report.viewer.pack import pack
    from femsacrum.report.viewer.page import page
    from femsacrum.report.viewer.read import read

    return page(*pack(_read(Path(folder), read)))


def served(folder: str | Path) -> tuple[str, Sequence[bytes]]:
    """The same page without its numbers, and the chunks of them that it asks its server for, all load cases of them.

    A chunk is read when it is asked for; that may raise an InputError, where a file is not what the others tell.

    Raises:
        InputError: The folder holds no finished run.
    """
    from femsacrum.report.viewer.pack import pack
    from femsacrum.report.viewer.page import page
    from femsacrum.report.viewer.read import look

    head, chunks = pack(_read(Path(folder), look), limit=None)
    return page(head, None), chunks


def _read(folder: Path, reader: Callable[[Path], Looked]) -> Looked:
    from femsacrum.errors import InputError

    try:
        return reader(folder)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        why = f"cannot be shown ({type(error).__name__}: {error}); run the case again"
        raise InputError(str(folder), why) from error
