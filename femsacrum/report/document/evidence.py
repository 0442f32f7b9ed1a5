"""What a run folder holds for a report: read once, checked, and never written."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from femsacrum.errors import InputError
from femsacrum.report.document.integrity import Integrity, integrity
from femsacrum.report.document.model import Picture
from femsacrum.store import MANIFEST


@dataclass(frozen=True)
class Shown:
    """A picture of the run folder and what it shows.

    Attributes:
        file: Relative to the run folder.
        title: In a few words.
        caption: How to read it.
        load_case: Load case or movement; None: all.
        kind: "stress", "mesh", ...
    """

    file: str
    title: str
    caption: str
    load_case: str | None
    kind: str

    def picture(self) -> Picture:
        """As a block of the report."""
        where = f", {self.load_case}" if self.load_case and self.load_case not in self.title else ""
        title = f"{self.title}{where}"
        return Picture(self.file, title, self.caption, f"{title}. {self.caption}")


@dataclass(frozen=True)
class Evidence:
    """Content of a run folder.

    Attributes:
        folder: The folder.
        findings: None: the run did not end.
        case: The case as it was run, TOML with every default.
        pictures: In the order in which they are shown.
        manifest: None: there is none that can be read.
        integrity: Whether the files are those of the manifest; None: it is not known.
        convergence: What ``femsacrum converge`` found; None: it was not run.
        sensitivity: What ``femsacrum sensitivity`` found.
        qualification: What ``femsacrum qualify`` found.
    """

    folder: Path
    findings: dict[str, Any] | None
    case: dict[str, Any]
    pictures: tuple[Shown, ...]
    manifest: dict[str, Any] | None
    integrity: Integrity | None
    convergence: dict[str, Any] | None
    sensitivity: dict[str, Any] | None
    qualification: dict[str, Any] | None

    def pictures_of(self, load_case: str | None, *kinds: str) -> tuple[Shown, ...]:
        """Pictures of one load case; of these kinds, if any are named."""
        return tuple(
            each for each in self.pictures if each.load_case == load_case and (not kinds or each.kind in kinds)
        )


def read(folder: Path) -> Evidence:
    """Read a run folder.

    Args:
        folder: The run folder, finished or not.

    Raises:
        InputError: It is no run folder, or a file in it cannot be read.
    """
    if not (folder / "case.toml").is_file():
        raise InputError(str(folder), 'is no run folder: it holds no case.toml; "femsacrum run" makes one')
    manifest = _json(folder, MANIFEST)
    kept = None
    if manifest is not None:
        if not _lists_files(manifest):
            raise InputError(MANIFEST, "lists no files as this program does; run the case again")
        kept = integrity(folder, manifest)
    beside = (_json(folder, f"credibility/{name}.json") for name in ("convergence", "sensitivity", "qualification"))
    return Evidence(folder, _json(folder, "findings.json"), _case(folder), _pictures(folder), manifest, kept, *beside)


def _case(folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("case.toml", f"cannot be read ({error}); run the case again") from None


def _lists_files(manifest: dict[str, Any]) -> bool:
    hashed = (manifest.get("outputs"), manifest.get("additions", {}), manifest.get("inputs", {}))
    patterns = (manifest.get("not_hashed", []), manifest.get("may_grow", []))
    return all(isinstance(each, dict) for each in hashed) and all(
        isinstance(each, list) and all(isinstance(one, str) for one in each) for each in patterns
    )


def _json(folder: Path, name: str) -> dict[str, Any] | None:
    file = folder / name
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise InputError(name, "is no JSON: it was cut short or changed; write it again") from None
    if not isinstance(content, dict):
        raise InputError(name, "is not what this program writes; write it again")
    return content


def _pictures(folder: Path) -> tuple[Shown, ...]:
    """Pictures that are listed and there; a name that leads elsewhere is refused."""
    listed = folder / "figures" / "figures.json"
    if not listed.is_file():
        return ()
    try:
        rows = json.loads(listed.read_text(encoding="utf-8"))
        told = [Shown(f"figures/{row['file']}", row["title"], row["caption"], row["load_case"], row["kind"])
                for row in rows]  # fmt: skip
    except (ValueError, TypeError, KeyError):
        raise InputError("figures/figures.json", "is not what this program writes; run the case again") from None
    for each in told:
        path = folder / each.file
        if path.parent != folder / "figures" or path.is_symlink():
            raise InputError("figures/figures.json", f"names {each.file!r}, which is no picture of this folder")
    return tuple(each for each in told if (folder / each.file).is_file())
