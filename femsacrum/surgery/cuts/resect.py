"""What a plan takes away: the bones and the soft tissue that remain, cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from femsacrum.anatomy.model import PARTS, Anatomy, Surface
from femsacrum.case.composition import TAKEN
from femsacrum.case.names import SIDES
from femsacrum.case.schema import Resection, Surgery
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.cut import Cut
from femsacrum.surgery.cuts.ilium import cut_ilium, trim_endplate
from femsacrum.surgery.cuts.sacrum import SacrumCut, cut_across, cut_along
from femsacrum.surgery.shapes.booleans import manifold
from femsacrum.surgery.shapes.outline import cut_area

#: Bones that a plan cannot do without; "intact" only where rods and screws are put in.
NEEDED = {
    "intact": ("left_ilium", "right_ilium", "L5", "L4"),
    "partial_sacrectomy": ("left_ilium", "right_ilium", "sacrum", "L5", "L4"),
    "hemisacrectomy": ("left_ilium", "right_ilium", "sacrum", "L5", "L4"),
    "total_sacrectomy": ("left_ilium", "right_ilium", "L5", "L4"),
}


@dataclass(frozen=True)
class Resected:
    """A pelvis after its cuts.

    Attributes:
        surfaces: Bones and soft tissue that remain, cut, with the flat face "cut".
        cuts: Bone -> its cut.
        measures: Volumes, areas and shares of joints, name with unit -> value.
        opened: The sacrum with its canal opened, before it was cut; None without a laminectomy.
    """

    surfaces: Mapping[str, Surface]
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    opened: Surface | None = None


def resect(plan: Surgery, anatomy: Anatomy) -> Resected:
    """Carry out the cuts of a plan.

    Args:
        plan: Surgery of the case.
        anatomy: Bones and landmarks before surgery.

    Raises:
        InputError: A bone is missing, or a cut cannot be made on these bones; the message says where and by how much.
    """
    parts = {name: anatomy.parts[name] for name in PARTS if name in anatomy.parts and name not in TAKEN[plan.plan]}
    if plan.plan == "intact" and plan.fixation is None:
        return Resected(parts)
    missing = [name for name in NEEDED[plan.plan] if name not in anatomy.parts]
    if missing:
        raise InputError("anatomy", f"{plan.plan} needs {', '.join(missing)}: name a file or borrow it")
    if plan.plan == "intact":
        return Resected(parts)
    if plan.resection is None:
        raise InputError("surgery.resection", f'missing; plan "{plan.plan}" needs its cuts')
    if plan.plan == "total_sacrectomy":
        cuts = {f"{side}_ilium": cut_ilium(anatomy, plan.resection, side) for side in SIDES}
        cuts["L5"] = trim_endplate(anatomy, plan.resection)
        return _after(parts, cuts, _whole_sacrum(anatomy))
    if plan.plan == "partial_sacrectomy":
        done = cut_across(anatomy, plan.resection)
        return _after(parts | done.soft, {"sacrum": done.cut}, _sacral(done), done.opened)
    return _half(plan.resection, anatomy, parts)


def _half(plan: Resection, anatomy: Anatomy, parts: dict[str, Surface]) -> Resected:
    """One half of the sacrum out, with the posterior ilium of that side where the plan cuts it."""
    if plan.side is None:
        raise InputError("surgery.resection.side", 'missing: "left" or "right"')
    done = cut_along(anatomy, plan)
    cuts = {"sacrum": done.cut}
    if (plan.left_ilium if plan.side == "left" else plan.right_ilium) is not None:
        cuts[f"{plan.side}_ilium"] = cut_ilium(anatomy, plan, plan.side)
    left = {name: part for name, part in (parts | done.soft).items() if name != f"{plan.side}_sij"}
    return _after(left, cuts, _sacral(done), done.opened)


def _whole_sacrum(anatomy: Anatomy) -> dict[str, float]:
    """What goes with a sacrum that is taken whole."""
    if "sacrum" not in anatomy.parts:
        return {}
    table = {"resected_volume_sacrum [mm3]": float(manifold(anatomy.parts["sacrum"], "sacrum").volume())}
    return table | {f"sacroiliac_joint_removed_{side} [%]": 100.0 for side in SIDES}


def _sacral(done: SacrumCut) -> dict[str, float]:
    table = {f"sacroiliac_joint_removed_{side} [%]": 100.0 * share for side, share in done.joint_removed.items()}
    if done.laminectomy:
        table["laminectomy_volume [mm3]"] = done.laminectomy
    return table


def _after(
    parts: Mapping[str, Surface], cuts: Mapping[str, Cut], more: Mapping[str, float], opened: Surface | None = None
) -> Resected:
    table: dict[str, float] = {}
    for name, cut in cuts.items():
        table[f"resected_volume_{name} [mm3]"] = cut.removed
        table[f"loose_volume_{name} [mm3]"] = cut.loose
        table[f"cut_area_{name} [mm2]"] = cut_area(cut.surface)
    remaining = {name: cuts[name].surface if name in cuts else part for name, part in parts.items()}
    return Resected(remaining, cuts, {**table, **more}, opened)
