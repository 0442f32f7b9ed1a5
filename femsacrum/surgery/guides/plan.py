"""The cutting guide of a partial sacrectomy, from the planned cuts to parts that can be printed."""

from __future__ import annotations

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy
from femsacrum.case.schema import Surgery
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.guides.block import parts
from femsacrum.surgery.guides.checks import check
from femsacrum.surgery.guides.doubts import of_seat, of_slots, refuse_sizes
from femsacrum.surgery.guides.kinematics import kinematics
from femsacrum.surgery.guides.layout import ceiling, last_slot, lay_out
from femsacrum.surgery.guides.model import Guide, Seat
from femsacrum.surgery.guides.other_seats import other_seats
from femsacrum.surgery.guides.relief import Relief
from femsacrum.surgery.guides.seat import seat
from femsacrum.surgery.guides.slots import deroofing, transverse
from femsacrum.surgery.guides.wires import wires


def guide(plan: Surgery, anatomy: Anatomy, after: Resected) -> Guide | None:
    """Plan a guide; None where the plan asks for none.

    Args:
        plan: Surgery of the case, its resection and its guide.
        anatomy: Bones and landmarks before surgery: the guide is put on before the first cut.
        after: The cuts; slots lie in their planes.

    Raises:
        InputError: The bone gives no seat, no wire or no slot of the sizes asked for.
        NumericalError: A part cannot be drawn.
    """
    if plan.guide is None or plan.resection is None or "sacrum" not in after.cuts:
        return None
    spec = plan.guide
    refuse_sizes(spec)
    stands = seat(anatomy, after, spec)
    pinned = wires(anatomy, after, stands, spec)
    relief, limit = Relief(anatomy.parts), ceiling(stands, anatomy)
    leads = (
        transverse(after.cuts["sacrum"].plane, anatomy, stands, spec, relief),
        *deroofing(plan.resection, anatomy, after, stands, spec, relief, last_slot(limit, spec)),
    )
    layout = lay_out(stands, pinned, leads, anatomy, spec, relief, limit)
    if not layout.feet:
        raise InputError(
            "surgery.guide.contacts",
            f"{spec.contacts}: every contact lies under a slot: move the block with surgery.guide.offset",
        )
    made = parts(stands, pinned, leads, layout, spec)
    measures, doubts = check(made, stands, pinned, leads, layout, anatomy, spec, relief)
    if plan.resection.laminectomy is not None and "deroofing_guide" not in made:
        doubts = (*doubts, "No saw gets to the canal past L5: there is no deroofing guide.")
    # contacts without a foot hold nothing
    feet = list(layout.feet)
    stands = Seat(stands.points[feet], stands.normals[feet], stands.away)
    held, others = kinematics(stands), other_seats(stands, DistanceTo(anatomy.parts["sacrum"]))
    return Guide(
        seat=stands,
        kinematics=held,
        others=others,
        wires=pinned,
        slots=tuple(lead.slot for lead in leads),
        solids={name: part.brep for name, part in made.items()},
        measures=measures,
        doubts=(*doubts, *of_seat(held, others), *of_slots(measures)),
    )
