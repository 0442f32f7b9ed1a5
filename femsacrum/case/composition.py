"""Which bodies a plan leaves and puts in, and which of them press on each other or are joined.

Told from the content of a case file alone, so that names in it can be checked without any geometry; a test keeps it
equal to what the surgery room makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from femsacrum.case.names import DEFAULT_PARTS, FLANGE_SCREWS, MOST_FLANGE_SCREWS, PARTS, SIDES
from femsacrum.case.surgery import default_parts

Pair = tuple[str, str]

#: Soft tissue and the bones it grows on.
ATTACHMENTS = {
    "disc_L5S1": ("sacrum", "L5"),
    "disc_L4L5": ("L5", "L4"),
    "left_sij": ("sacrum", "left_ilium"),
    "right_sij": ("sacrum", "right_ilium"),
    "symphysis": ("left_ilium", "right_ilium"),
}


@dataclass(frozen=True)
class Composition:
    """The bodies of a plan.

    Attributes:
        plan: Its name.
        bodies: Body -> role.
        pressed: Bodies that press on each other, slave first: whether they stick or slide is for the case to say.
        joined: Bodies that cannot slide on each other: soft tissue on the bone it grows on, screws in what holds them.
    """

    plan: str
    bodies: Mapping[str, str]
    pressed: tuple[Pair, ...]
    joined: tuple[Pair, ...]


def composition(data: Any) -> Composition | None:
    """The bodies of the plan of a case; None where there is no plan that exists.

    Args:
        data: Content of the case file; what is of a wrong type counts as left out.
    """
    surgery = _table(data, "surgery")
    plan = surgery.get("plan")
    if not isinstance(plan, str) or plan not in TAKEN:
        return None
    taken = TAKEN[plan]
    side = _table(surgery, "resection").get("side")
    if plan == "hemisacrectomy" and side in SIDES:
        taken = (f"{side}_sij",)
    bodies = {name: role for name, role in PARTS.items() if name not in taken}
    joined = [(soft, bone) for soft in ATTACHMENTS if soft in bodies for bone in ATTACHMENTS[soft] if bone in bodies]
    pressed: list[Pair] = []
    parts = {
        key for key in (*default_parts(surgery), *surgery) if key in DEFAULT_PARTS and surgery.get(key) != "none"
    }
    if "prosthesis" in parts:
        bodies["prosthesis"] = "implant"
        pressed += [("prosthesis", bone) for bone in ("L5", "left_ilium", "right_ilium")]
        for name, number in _flange_screws(_table(surgery, "prosthesis").get("flanges")):
            screw = f"{name}_flange_screw_{number}"
            bodies[screw] = "fixation"
            joined += [(screw, host) for host in ("prosthesis", f"{name}_ilium")]
    if "graft" in parts:
        far = "prosthesis" if "prosthesis" in parts else "L5"
        for name in SIDES:
            bodies[f"{name}_graft"] = "graft"
            pressed += [(f"{name}_graft", host) for host in (f"{name}_ilium", far)]
    if "fixation" in parts:
        for body, hosts in _fixation(_table(surgery, "fixation"), "prosthesis" in parts).items():
            bodies[body] = "fixation"
            joined += [(body, host) for host in hosts]
    return Composition(plan, bodies, tuple(pressed), tuple(joined))


#: Every body that some plan has.
BODIES = (
    *PARTS,
    "prosthesis",
    *(f"{side}_{part}" for part in ("graft", "fixation") for side in SIDES),
    "fixation",
    *(f"{side}_flange_screw_{number}" for side in SIDES for number in range(1, MOST_FLANGE_SCREWS + 1)),
)

#: Plan -> parts that it takes away whole, or that are gone with what they joined.
TAKEN: dict[str, tuple[str, ...]] = {
    "intact": (),
    "partial_sacrectomy": (),
    "hemisacrectomy": (),
    "total_sacrectomy": ("sacrum", "disc_L5S1", "left_sij", "right_sij"),
}


def _flange_screws(flanges: object) -> list[tuple[str, int]]:
    """Side and number of each screw of the flanges."""
    if not isinstance(flanges, Mapping):
        return []
    count = flanges.get("screws", FLANGE_SCREWS)
    count = min(count, MOST_FLANGE_SCREWS) if isinstance(count, int) else 0
    return [(side, number) for side in SIDES for number in range(1, count + 1)]


def _fixation(options: Mapping[str, Any], through_prosthesis: bool) -> dict[str, tuple[str, ...]]:
    """Fixation bodies and what their screws hold in: one a side, or one where cross-links or bars join the sides."""
    if options.get("iliac_anchor") == "none":
        return {f"{side}_fixation": ("L4", "L5") for side in SIDES}
    passed = ("prosthesis",) if through_prosthesis else ()
    passed = ("sacrum",) if options.get("iliac_anchor") == "S2_alar_iliac" else passed
    if options.get("cross_links") or options.get("transiliac_bars"):
        return {"fixation": ("L4", "L5", *passed, "left_ilium", "right_ilium")}
    return {f"{side}_fixation": ("L4", "L5", *passed, f"{side}_ilium") for side in SIDES}


def _table(data: Any, key: str) -> Mapping[str, Any]:
    found = data.get(key) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else {}
