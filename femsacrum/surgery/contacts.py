"""Which faces meet, before surgery and after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from femsacrum.anatomy.model import Surface
from femsacrum.case.composition import ATTACHMENTS
from femsacrum.surgery.construct import Contact, Screw, Shell, Solid
from femsacrum.surgery.implants.fit import Fit, fit


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


def fits(
    pairs: Iterable[Contact],
    solids: Mapping[str, Solid | Shell],
    made: Mapping[str, Surface],
    bones: Mapping[str, Surface],
) -> dict[str, Fit]:
    """How every face of an implant or graft fits the cut face of bone it lies on.

    Args:
        pairs: Which faces meet.
        solids: Implants and grafts, with their flat faces.
        made: Implant or graft -> triangulation of it.
        bones: Bones after their cuts.

    Returns:
        Name of the contact -> fit.
    """
    return {
        each.name: fit(made[each.slave[0]], solids[each.slave[0]].flat_faces[each.slave[1]], bones[each.master[0]])
        for each in pairs
        if each.slave[0] in made and each.master[0] in bones and each.master[1] == "cut"
    }
