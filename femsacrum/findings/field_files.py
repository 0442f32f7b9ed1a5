"""Names of the files in ``fields/``: whoever writes and whoever reads them agrees here."""

from __future__ import annotations

from pathlib import Path

from femsacrum.case.names import file_stem

#: Ends the name of what is gathered over the cycle of a movement.
OVER_CYCLE = "_over_cycle"


def of_bodies(folder: Path, name: str, *, cycle: bool = False) -> Path:
    """File of the bodies of a load case, or of a movement's envelope.

    Args:
        folder: ``fields/`` of a run folder.
        name: Of the load case or movement.
        cycle: It is a movement.
    """
    return folder / f"{file_stem(name)}{OVER_CYCLE if cycle else ''}.vtkhdf"


def of_interfaces(bodies: Path) -> Path:
    """File of the interfaces beside that of the bodies."""
    return bodies.with_name(f"{bodies.stem}_interfaces.vtkhdf")


def ranges_of(bodies: Path) -> Path:
    """File of how far the fields of both reach, beside that of the bodies."""
    return bodies.with_name(f"{bodies.stem}_ranges.json")
