"""Which faces meet, before surgery and after it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from femsacrum.case.composition import ATTACHMENTS
from femsacrum.surgery.construct import Contact, Screw


def anatomical(parts: Collection[str]) -> tuple[Contact, ...]:
    """Discs and cartilages on the bones beside them, as far as these are there.

    Args:
        parts: Names of what remains.
    """
    return tuple(
        Contact(f"{soft}/{bone}", (soft, "surface"), (bone, "surface"), "anatomical")
        for soft, bones in ATTACHMENTS.items()
        if soft in parts
        for bone in bones
        if bone in parts
    )


def embedded(screws: Sequence[Screw]) -> tuple[Contact, ...]:
    """Every screw in what holds it."""
    return tuple(
        Contact(
            f"{screw.body}/{host}:{screw.name}", (screw.body, "surface"), (host, "surface"), "embedded", screw.name
        )
        for screw in screws
        for host in screw.hosts
    )
