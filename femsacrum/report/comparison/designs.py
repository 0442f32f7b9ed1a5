"""The runs that are compared: read once, looked at whether they are whole, and never written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from femsacrum.errors import InputError
from femsacrum.report.document.evidence import Evidence, read
from femsacrum.report.document.legible import legible
from femsacrum.report.document.status import status


@dataclass(frozen=True)
class Design:
    """One run.

    Attributes:
        name: By which it is told from the others.
        folder: Its run folder.
        run: Its content; None: it cannot be read.
        standing: Whether it is the result of a finished run nobody changed, in a sentence.
        sound: Nothing speaks against that.
    """

    name: str
    folder: Path
    run: Evidence | None
    standing: str
    sound: bool

    @property
    def findings(self) -> dict[str, Any]:
        """Of a sound run."""
        assert self.run is not None
        assert self.run.findings is not None
        return self.run.findings


def designs(folders: Sequence[Path], names: Sequence[str] | None = None) -> tuple[Design, ...]:
    """Look at run folders.

    Args:
        folders: At least two, each of them once.
        names: Of the designs; None: those of the folders, as much of their path as tells them apart.

    Raises:
        InputError: There are not two, one is there twice, or one is no folder.
    """
    if len(folders) < 2:
        raise InputError("RUN", "needs at least two run folders to compare")
    places = [folder.resolve() for folder in folders]
    for folder, place in zip(folders, places, strict=True):
        if not folder.is_dir():
            raise InputError(str(folder), "is no folder; give the folder of a run")
        if places.count(place) > 1:
            raise InputError(str(folder), "is given twice; a run is compared with others")
    called = names or _apart(places)
    return tuple(_design(legible(name), folder) for name, folder in zip(called, folders, strict=True))


def _design(name: str, folder: Path) -> Design:
    try:
        run = read(folder)
        said, sound = status(run)
    except InputError as error:
        return Design(name, folder, None, f"Not to be relied on: {error}.", False)
    except (KeyError, TypeError, AttributeError) as error:
        said = f"Not to be relied on: its files cannot be read by this version ({type(error).__name__}: {error})."
        return Design(name, folder, None, said, False)
    return Design(name, folder, run, said, sound)


def _apart(places: Sequence[Path]) -> list[str]:
    """The last parts of each path, as many as tell them all apart."""
    for many in range(1, max(len(place.parts) for place in places) + 1):
        names = ["/".join(place.parts[-many:]) for place in places]
        if _different(names):
            break
    return names


def _different(names: Iterable[str]) -> bool:
    listed = list(names)
    return len(set(listed)) == len(listed)
