"""The operation: from the bones of a patient to the construct that is to be meshed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from femsacrum.anatomy.model import PARTS, Anatomy, Surface
from femsacrum.case.schema import Case, Surgery
from femsacrum.errors import InputError
from femsacrum.surgery import clearances, contacts, fixation, grafts, pedicles, prosthesis, resection, trajectories
from femsacrum.surgery.construct import Construct, Solid
from femsacrum.surgery.frame import frame_on
from femsacrum.surgery.measures import measures
from femsacrum.surgery.outline import cut_polygon
from femsacrum.surgery.places import Depth, depth_in, place
from femsacrum.surgery.plates import plate_on, room_for_screws
from femsacrum.surgery.profiles import endplate_outline
from femsacrum.surgery.resection import SIDES
from femsacrum.surgery.transverse import transverse_body

#: Parts that the total sacrectomy takes away, and those it cannot do without.
TAKEN = ("sacrum", "disc_L5S1", "left_sij", "right_sij")
NEEDED = ("left_ilium", "right_ilium", "L5", "L4")
#: An implant may overlap a bone by this much [mm]: rounding of chords, no more.
OVERLAP = 0.2


def operate(case: Case, anatomy: Anatomy) -> Construct:
    """Carry out the surgical plan of a case.

    Args:
        case: With the plan in ``case.surgery``.
        anatomy: Bones and landmarks before surgery.

    Raises:
        InputError: The plan cannot be carried out on these bones; the message says where and by how much.
    """
    if case.surgery.plan == "intact":
        parts = {name: anatomy.parts[name] for name in PARTS if name in anatomy.parts}
        return Construct(anatomy, parts, {}, (), (), contacts.anatomical(parts), {}, {})
    return total_sacrectomy(case.surgery, anatomy)


def total_sacrectomy(plan: Surgery, anatomy: Anatomy) -> Construct:
    """Resect the sacrum with the posterior ilia, and bridge L5 to the pelvis.

    Args:
        plan: The surgery of a case.
        anatomy: Bones and landmarks before surgery.
    """
    if plan.resection is None:
        raise InputError("surgery.resection", 'missing; plan "total_sacrectomy" needs at least left_ilium')
    missing = [name for name in NEEDED if name not in anatomy.parts]
    if missing:
        raise InputError("anatomy", f"total_sacrectomy needs {', '.join(missing)}: name a file or borrow it")
    cuts = {f"{side}_ilium": resection.cut_ilium(anatomy, plan.resection, side) for side in SIDES}
    cuts["L5"] = resection.trim_endplate(anatomy, plan.resection)
    surfaces = {
        name: cuts[name].surface if name in cuts else anatomy.parts[name]
        for name in PARTS
        if name in anatomy.parts and name not in TAKEN
    }
    bones = {name: depth_in(surfaces[name]) for name in NEEDED}

    plates = tuple(plate_on(cuts[f"{side}_ilium"], side, plan) for side in SIDES)
    endplate = frame_on(cuts["L5"].plane, np.array([1.0, 0.0, 0.0]))
    outline = endplate_outline(cut_polygon(cuts["L5"].surface, endplate, near=np.zeros(2)), plan.prosthesis.inset)
    body = transverse_body(
        plates,
        endplate,
        plan.prosthesis,
        {plate.side: room_for_screws(plate, plan.fixation) for plate in plates},
    )
    metal = prosthesis.draw(plates, endplate, outline, body, plan.prosthesis)
    _check_free("surgery.prosthesis", "prosthesis", metal.skin, bones)

    solids: dict[str, Solid] = {"prosthesis": metal.solid}
    volumes, skins = {"prosthesis": metal.volume}, {"prosthesis": metal.skin}
    for plate in plates:
        if plate.regions.graft is not None:
            name = f"{plate.side}_graft"
            solids[name], volumes[name], skins[name] = grafts.draw(plate)
    shared = clearances.overlaps(surfaces, skins)

    screws = tuple(
        screw
        for plate in plates
        for screw in (
            *(pedicles.pedicle_screw(anatomy, bones[n], n, plate.side, plan.fixation) for n in ("L4", "L5")),
            *trajectories.iliac_screws(
                anatomy, depth_in(anatomy.parts[f"{plate.side}_ilium"]), plate, body.bottom[plate.side], plan.fixation
            ),
        )
    )
    apart = fixation.check_apart(screws)
    placed = {name: depth_in(skin) for name, skin in skins.items()}
    soft = {name: depth_in(surface) for name, surface in surfaces.items() if name not in bones}
    around: Mapping[str, Depth] = {**bones, **placed, **soft}
    heads = clearances.head_clearance(screws, around, plan.fixation.head_diameter)
    shafts = clearances.shaft_clearance(screws, around)
    obstacles = {**bones, **placed}
    sides = []
    for side in SIDES:
        own = tuple(screw for screw in screws if screw.body == f"{side}_fixation")
        sides.append(fixation.build(side, own, obstacles, plan.fixation))
        solids[f"{side}_fixation"], volumes[f"{side}_fixation"] = sides[-1].solid, sides[-1].volume
    return Construct(
        anatomy=anatomy,
        surfaces=surfaces,
        solids=solids,
        screws=screws,
        rods=tuple(side.rod for side in sides),
        contacts=(
            *contacts.anatomical(surfaces),
            *contacts.reconstruction(plan.graft is not None, screws),
        ),
        measures={
            **measures(anatomy, cuts, plates, volumes, screws),
            **{f"body_scale_used_{side} [%]": 100.0 * metal.scale * body.scales[side] for side in SIDES},
            "transverse_body_height [mm]": metal.scale * body.height,
            "least_distance_between_screws [mm]": apart,
            "least_distance_rod_to_bone_or_prosthesis [mm]": min(side.rod_free for side in sides),
            "least_distance_head_to_anything [mm]": heads,
            "least_distance_screw_to_what_does_not_hold_it [mm]": shafts,
            **shared,
        },
        planes={name: cut.plane for name, cut in cuts.items()},
    )


def _check_free(key: str, name: str, skin: Surface, bones: Mapping[str, Depth]) -> None:
    """Refuse an implant that runs into bone."""
    for bone, depth in bones.items():
        deep = depth(skin.points)
        worst = int(np.argmax(deep))
        if deep[worst] > OVERLAP:
            raise InputError(
                key,
                f"{name} runs {deep[worst]:.1f} mm into {bone} at {place(skin.points[worst])} mm: move the cut, "
                "scale the transverse body down or take a thinner endplate",
            )
