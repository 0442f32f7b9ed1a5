"""Whether the files of a run folder are still those the run left.

The manifest says what was hashed, what was left out and where later commands may add files; ``femsacrum verify`` reads it
the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from femsacrum.hashing import compared


@dataclass(frozen=True)
class Integrity:
    """What came of hashing the folder again.

    Attributes:
        sound: Number of files that are as they were.
        changed: Files with another content.
        added: Files that the run did not leave.
        removed: Files that are missing.
    """

    sound: int
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was changed, added or removed."""
        return not (self.changed or self.added or self.removed)


def integrity(folder: Path, manifest: Mapping[str, Any]) -> Integrity:
    """Hash the files of a run folder and compare them with its manifest; no file is opened because it is named there.

    Args:
        folder: The run folder.
        manifest: Content of its ``manifest.json``.
    """
    left_out, growing = (manifest.get(key, ()) for key in ("not_hashed", "may_grow"))
    wanted = {**manifest["outputs"], **manifest.get("additions", {})}
    found = compared(folder, wanted, left_out, growing)
    return Integrity(len(found.same), *(tuple(sorted(each)) for each in (found.changed, found.added, found.removed)))
