"""The same patient without the operation, to lay a plan beside."""

from __future__ import annotations

from collections.abc import Mapping

from femsacrum.case.composition import composition
from femsacrum.case.names import ANY, ROLES
from femsacrum.case.schema import Case
from femsacrum.case.surgery import Surgery

#: Laws that can hold where bone and soft tissue have grown together; an untouched pelvis has no other contacts.
GROWN = ("bonded", "user")
#: Longest name a case may have, and what is appended to it.
LONGEST, SUFFIX = 64, "_intact"


def intact_of(case: Case) -> Case:
    """The intact case of the same patient: same anatomy, tissue, loads and meshes, and nothing done.

    What the case says about bodies that an untouched pelvis does not have goes: implants, grafts and their materials,
    tightened screws, ligaments attached to them, laws between them, and laws by which faces rub, since discs and
    cartilage have grown onto the bone. So do acceptance criteria: they are of the operated one.

    Args:
        case: Any case; one in which nothing is done comes back as it is.

    Returns:
        A case that ``femsacrum.run`` takes, in the same folder; its name ends with "_intact".
    """
    if case.surgery.plan == "intact" and case.surgery.fixation is None:
        return case
    plan = composition({"surgery": {"plan": "intact"}})
    known = {*(plan.bodies if plan else ()), *ROLES, ANY}
    materials = case.materials.model_copy(update={"bodies": _of(known, case.materials.bodies)})
    modifiers = [
        # without bodies a modifier would reach every bone: one that named implants and grafts only goes with them
        one.model_copy(update={"bodies": tuple(name for name in one.bodies if name in known)})
        for one in case.patient.modifiers
        if not one.bodies or known & set(one.bodies)
    ]
    changed = {
        "name": case.name[: LONGEST - len(SUFFIX)] + SUFFIX,
        "question": "What does the same patient's untouched pelvis do under the same loads?",
        "patient": case.patient.model_copy(update={"modifiers": tuple(modifiers)}),
        "surgery": Surgery(plan="intact"),
        "materials": materials,
        "interfaces": tuple(one for one in case.interfaces if one.law in GROWN and set(one.between) <= known),
        "pretension": (),
        "ligaments": tuple(one for one in case.ligaments if {end.body for end in one.ends} <= known),
        "mesh": case.mesh.model_copy(update={"order": _of(known, case.mesh.order)}),
        "criteria": (),
        "output": case.output.model_copy(update={"folder": None}),
    }
    return case.model_copy(update=changed)


def _of[T](known: set[str], given: Mapping[str, T]) -> dict[str, T]:
    return {name: value for name, value in given.items() if name in known}
