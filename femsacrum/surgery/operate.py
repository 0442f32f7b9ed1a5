"""The operation: from the bones of a patient to the construct that is to be meshed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from femsacrum.anatomy.model import Anatomy
from femsacrum.case.schema import Case
from femsacrum.surgery import contacts
from femsacrum.surgery.construct import Construct
from femsacrum.surgery.cuts.margin import margins, of_margins
from femsacrum.surgery.cuts.resect import resect
from femsacrum.surgery.guides.plan import guide
from femsacrum.surgery.nerves.fates import nerves, of_nerves
from femsacrum.surgery.rebuild import rebuild


def operate(case: Case, anatomy: Anatomy, folder: Path = Path(), data: Sequence[Path] = ()) -> Construct:
    """Carry out the surgical plan of a case: cut, then put in what the plan names, all as planned; see ``openings``.

    Args:
        case: With the plan in ``case.surgery``.
        anatomy: Bones and landmarks before surgery.
        folder: The case file's folder; the file of a prosthesis is relative to it.
        data: Data folders, which it may be relative to as well.

    Raises:
        InputError: The plan cannot be carried out on these bones; the message says where and by how much.
    """
    plan = case.surgery
    after = resect(plan, anatomy)
    clear = margins(plan, anatomy, after)
    led = guide(plan, anatomy, after)
    built = rebuild(plan, anatomy, after, folder, data)
    roots = nerves(plan, anatomy, after, built, clear, folder, data)
    return Construct(
        anatomy=anatomy,
        surfaces=after.surfaces,
        solids=built.solids,
        screws=built.screws,
        rods=built.rods,
        contacts=(*contacts.anatomical(after.surfaces), *built.contacts),
        measures={
            **after.measures,
            **of_margins(clear),
            **({} if led is None else led.measures),
            **built.measures,
            **of_nerves(roots),
        },
        planes={name: cut.plane for name, cut in after.cuts.items()},
        fits=built.fits,
        margins=clear,
        guide=led,
        nerves=roots,
    )
