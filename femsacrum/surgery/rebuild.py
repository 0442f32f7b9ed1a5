"""What an operation puts in: first what stands between the bones, then what holds them from behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from femsacrum.anatomy.model import Anatomy
from femsacrum.case.schema import Surgery
from femsacrum.surgery import contacts
from femsacrum.surgery.construct import Built
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.fixation import clearances
from femsacrum.surgery.fixation.flanges import with_flanges
from femsacrum.surgery.fixation.posterior import lumbo_iliac
from femsacrum.surgery.implants.anterior import anterior
from femsacrum.surgery.measures import of_solids


def rebuild(plan: Surgery, anatomy: Anatomy, after: Resected, folder: Path, data: Sequence[Path]) -> Built:
    """Put in what a plan names.

    Args:
        plan: Surgery of the case.
        anatomy: Bones and landmarks before surgery.
        after: What the resection leaves.
        folder: The case file's folder.
        data: Data folders.

    Raises:
        InputError: Something cannot be placed on these bones.
    """
    front = with_flanges(plan, anatomy, after, anterior(plan, anatomy, after, folder, data))
    shared = clearances.overlaps(after.surfaces, front.skins)
    fits = contacts.fits(front.contacts, front.solids, front.skins, after.surfaces)
    if plan.fixation is None:
        alone = {**front.measures, **of_solids(front.volumes, front.void), **shared}
        locking = front.flange_screws
        return Built(front.solids, locking, (), (*front.contacts, *contacts.embedded(locking)), alone, fits)
    back = lumbo_iliac(plan.fixation, anatomy, after, front)
    return Built(
        solids={**front.solids, **back.solids},
        screws=(*back.screws, *front.flange_screws),
        rods=back.rods,
        contacts=(*front.contacts, *contacts.embedded((*back.screws, *front.flange_screws))),
        measures={
            **front.measures,
            **of_solids({**front.volumes, **back.volumes}, front.void),
            **back.measures,
            **shared,
        },
        fits=fits,
    )
