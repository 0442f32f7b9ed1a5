"""Whether a run folder still is what the run left: every file hashed again and laid beside the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from femsacrum.credibility import manifest
from femsacrum.hashing import compared, sha256
from femsacrum.paths import data_folders


@dataclass(frozen=True)
class Verified:
    """What came of hashing a run folder again; names are relative to it, those of inputs as the case has them.

    Attributes:
        sound: Files that are as they were written, evidence that was added later included.
        changed: Files with other content, or that are links now.
        added: Files that no run and no command has written.
        removed: Files that are no more.
        inputs_sound: Inputs that are as they were.
        inputs_changed: Inputs with other content.
        inputs_unseen: Inputs that lie in none of the folders given, and were not looked at.
    """

    sound: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    inputs_sound: tuple[str, ...] = ()
    inputs_changed: tuple[str, ...] = ()
    inputs_unseen: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing that was looked at is other than it was."""
        return not (self.changed or self.added or self.removed or self.inputs_changed)

    def lines(self) -> list[str]:
        """One line for each file that is not as it was written."""
        kinds = ("changed", "added", "removed")
        told = [f"{kind}: {manifest.shown(name)}" for kind in kinds for name in getattr(self, kind)]
        return told + [f"input changed: {manifest.shown(name)}" for name in self.inputs_changed]


def verify(folder: str | Path, data: Sequence[str | Path] = ()) -> Verified:
    """Hash a run folder again.

    No file is opened because the manifest names it.

    Args:
        folder: The run folder.
        data: Where the inputs are; those of FEMSACRUM_DATA come after them.

    Raises:
        InputError: There is no manifest, or it cannot be used.
    """
    folder = Path(folder)
    noted = manifest.read(folder)
    wanted = noted["outputs"] | noted["additions"]
    found = compared(folder, wanted, manifest.OUTSIDE, manifest.GROWING)
    inputs = _inputs(noted["inputs"], data_folders(data))
    return Verified(found.same, found.changed, found.added, found.removed, *inputs)


def _inputs(noted: dict[str, str], folders: Sequence[Path]) -> tuple[tuple[str, ...], ...]:
    """Inputs that are as they were, that changed, that are not there."""
    kinds: dict[str, list[str]] = {"sound": [], "changed": [], "unseen": []}
    for name, hash_ in noted.items():
        there = next((folder / name for folder in folders if (folder / name).is_file()), None)
        if there is None:
            kinds["unseen"].append(name)
        else:
            kinds["sound" if sha256(there.resolve()) == hash_ else "changed"].append(name)
    return tuple(tuple(names) for names in kinds.values())
