"""What an operation puts in: first what stands between the bones, then what holds them from behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.schema import Surgery
from femsacrum.surgery import contacts
from femsacrum.surgery.construct import Built
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.fixation import clearances
from femsacrum.surgery.fixation.flanges import with_flanges
from femsacrum.surgery.fixation.posterior import lumbo_iliac
from femsacrum.surgery.fixation.rods import ROD_FREE
from femsacrum.surgery.implants.anterior import Anterior, anterior
from femsacrum.surgery.measures import of_solids
from femsacrum.surgery.shapes.places import Depth, to_segments


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
    kept = _room_of_bars(plan, anatomy, after)
    front = with_flanges(plan, anatomy, after, anterior(plan, anatomy, after, folder, data, kept))
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


def _room_of_bars(plan: Surgery, anatomy: Anatomy, after: Resected) -> dict[str, Depth]:
    """What transiliac bars and the rods they are clamped to need, where struts have to leave it to them.

    Bars cross from side to side where struts stand, and have fewer ways to go.
    """
    fixation = plan.fixation
    if fixation is None or not fixation.transiliac_bars or plan.prosthesis is not None or plan.graft is None:
        return {}
    paths = lumbo_iliac(fixation, anatomy, after, Anterior()).paths
    starts, ends = (np.vstack([axis[some] for axis, _ in paths]) for some in (slice(-1), slice(1, None)))
    needed = ROD_FREE + np.concatenate([np.full(len(axis) - 1, radius) for axis, radius in paths])

    def depth(points: Floats) -> Floats:
        return np.asarray((needed - to_segments(starts, ends, points[:, None])).max(axis=1))

    return {"the room of the transiliac bars": depth}
