"""What carries L5 in front of the rods: the custom prosthesis on its contact plates, and the grafts beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from femsacrum.anatomy.model import Anatomy, Surface
from femsacrum.case.names import SIDES
from femsacrum.case.schema import Fixation, Graft, Prosthesis, Surgery
from femsacrum.surgery.construct import Contact, Screw, Shell, Solid
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.fixation import reserved
from femsacrum.surgery.implants import designed, grafts, prosthesis, seats, struts
from femsacrum.surgery.implants.plates import Plate, plate_on, room_for_screws
from femsacrum.surgery.implants.tabs import Tab
from femsacrum.surgery.implants.transverse import transverse_body
from femsacrum.surgery.measures import of_plates
from femsacrum.surgery.shapes.frame import frame_on
from femsacrum.surgery.shapes.outline import cut_polygon
from femsacrum.surgery.shapes.places import Depth, depth_in
from femsacrum.surgery.shapes.profiles import endplate_outline

#: Face of a prosthesis -> bone on whose cut it lies.
SEATS = {"endplate": "L5", "left_pad": "left_ilium", "right_pad": "right_ilium"}


@dataclass(frozen=True)
class Anterior:
    """Prosthesis and grafts.

    Attributes:
        solids: Body name -> solid.
        skins: Body name -> triangulation of it, for distances.
        volumes: Body name -> volume [mm3].
        contacts: Which faces meet.
        measures: Name with unit -> value.
        plates: Contact plates on the cut ilia, left and right; none without a prosthesis.
        ceiling: Side -> level on its plate that iliac screws and their heads stay below [mm].
        void: Body -> share of void in its volume, where it is a lattice in part.
        screws: Side -> iliac screws that were laid out first, and that everything here keeps clear of.
        flange_screws: Screws of the flanges, each a body of its own.
    """

    solids: Mapping[str, Solid | Shell] = field(default_factory=dict)
    skins: Mapping[str, Surface] = field(default_factory=dict)
    volumes: Mapping[str, float] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    plates: tuple[Plate, ...] = ()
    ceiling: Mapping[str, float] = field(default_factory=dict)
    void: Mapping[str, float] = field(default_factory=dict)
    screws: Mapping[str, tuple[Screw, ...]] = field(default_factory=dict)
    flange_screws: tuple[Screw, ...] = ()


def anterior(
    plan: Surgery,
    anatomy: Anatomy,
    after: Resected,
    folder: Path,
    data: Sequence[Path],
    kept: Mapping[str, Depth],
) -> Anterior:
    """What a plan puts in front of the rods.

    Args:
        plan: Surgery of the case.
        anatomy: Before surgery.
        after: What the resection leaves.
        folder: The case file's folder.
        data: Data folders.
        kept: Name -> depth in room that struts leave to what is put in after them.

    Raises:
        InputError: There is no room for it, or a file cannot be used.
    """
    if plan.prosthesis is None:
        return Anterior() if plan.graft is None else strutted(plan.graft, plan.fixation, anatomy, after, kept)
    if plan.prosthesis.file is not None:
        return designed_prosthesis(plan.prosthesis, plan.fixation, anatomy, after, folder, data)
    return custom_prosthesis(plan.prosthesis, plan.graft, plan.fixation, anatomy, after)


def custom_prosthesis(
    options: Prosthesis,
    graft: Graft | None,
    fixation: Fixation | None,
    anatomy: Anatomy,
    after: Resected,
    tabs: Sequence[Tab] = (),
) -> Anterior:
    """Bridge L5 to the cut ilia: plates on the cut faces, a transverse body, an endplate, grafts under the plates.

    Args:
        options: Of the case.
        graft: Of the case; None: no grafts.
        fixation: Its iliac screws pass the plates; None: no screws.
        anatomy: Before surgery.
        after: What the resection leaves.
        tabs: Flanges of its plates.

    Raises:
        InputError: There is no room for it.
    """
    cuts = after.cuts
    plates = tuple(plate_on(cuts[f"{side}_ilium"], side, options, graft) for side in SIDES)
    endplate = frame_on(cuts["L5"].plane, np.array([1.0, 0.0, 0.0]))
    outline = endplate_outline(cut_polygon(cuts["L5"].surface, endplate, near=np.zeros(2)), options.inset)
    lowest = {plate.side: room_for_screws(plate, fixation) for plate in plates}
    body = transverse_body(plates, endplate, options, lowest)
    metal = prosthesis.draw(plates, endplate, outline, body, options, tabs)

    solids, volumes, skins = {"prosthesis": metal.solid}, {"prosthesis": metal.volume}, {"prosthesis": metal.skin}
    contacts = [Contact("prosthesis/L5", ("prosthesis", "endplate"), ("L5", "cut"))]
    for plate in plates:
        ilium, name = f"{plate.side}_ilium", f"{plate.side}_graft"
        contacts.append(Contact(f"prosthesis/{ilium}", ("prosthesis", f"{plate.side}_pad"), (ilium, "cut")))
        if graft is not None:
            solids[name], volumes[name], skins[name] = grafts.draw(plate, graft)
            contacts.append(Contact(f"{name}/{ilium}", (name, "host"), (ilium, "cut")))
            contacts.append(Contact(f"{name}/prosthesis", (name, "seat"), ("prosthesis", f"{plate.side}_graft_seat")))
    measures = {
        **of_plates(anatomy, cuts, plates),
        **{f"body_scale_used_{side} [%]": 100.0 * metal.scale * body.scales[side] for side in SIDES},
        "transverse_body_height [mm]": metal.scale * body.height,
    }
    void = {"prosthesis": metal.void} if metal.void else {}
    return Anterior(solids, skins, volumes, tuple(contacts), measures, plates, body.bottom, void)


def designed_prosthesis(
    options: Prosthesis,
    fixation: Fixation | None,
    anatomy: Anatomy,
    after: Resected,
    folder: Path,
    data: Sequence[Path],
) -> Anterior:
    """Put in the prosthesis of a file: its flat faces on the cuts become endplate and pads.

    Args:
        options: Of the case, with a file.
        fixation: Its iliac screws pass the plates; None: no screws.
        anatomy: Before surgery.
        after: What the resection leaves.
        folder: The case file's folder.
        data: Data folders.

    Raises:
        InputError: It cannot be read, or does not lie on the cuts.
    """
    given = designed.read(options, anatomy, folder, data)
    cuts = {face: (bone, after.cuts[bone]) for face, bone in SEATS.items()}
    skin = seats.seated(given.skin, cuts)
    solid = (
        Shell(skin, "implant", options.mesh_size)
        if given.brep is None
        else Solid(given.brep, "implant", skin.flat_faces, options.mesh_size)
    )
    passed = SIDES if fixation is not None else ()
    found = {side: seats.plate_of(skin, after.cuts[f"{side}_ilium"], side) for side in passed}
    plates = tuple(plate for plate, _ in found.values())
    whole = [replace(plate, regions=replace(plate.regions, pad=plate.regions.plate)) for plate in plates]
    measures = {
        **of_plates(anatomy, after.cuts, whole),
        **{f"placement_residual_{name} [mm]": value for name, value in given.residuals.items()},
    }
    return Anterior(
        {"prosthesis": solid},
        {"prosthesis": skin},
        {"prosthesis": given.volume},
        tuple(Contact(f"prosthesis/{bone}", ("prosthesis", face), (bone, "cut")) for face, bone in SEATS.items()),
        measures,
        plates,
        {side: ceiling for side, (_, ceiling) in found.items()},
    )


def strutted(
    options: Graft, fixation: Fixation | None, anatomy: Anatomy, after: Resected, kept: Mapping[str, Depth]
) -> Anterior:
    """Struts of bone from L5 to both ilia, clear of where the iliac screws go.

    Args:
        options: Graft of the case, of a kind that stands.
        fixation: Its iliac screws start on the same cut faces; None: no screws.
        anatomy: Before surgery.
        after: What the resection leaves.
        kept: Name -> depth in further room that they leave free.

    Raises:
        InputError: There is no place for them.
    """
    diameter, wall = struts.sizes(options)
    around = {name: depth_in(part) for name, part in after.surfaces.items()}
    endplate = after.cuts["L5"]
    solids, volumes, skins, measures = {}, {}, {}, {}
    screws: dict[str, tuple[Screw, ...]] = {}
    contacts: list[Contact] = []
    for side in SIDES:
        ilium, name = f"{side}_ilium", f"{side}_graft"
        keep = dict(kept)
        if fixation is not None and fixation.iliac_anchor == "screws":
            screws[side] = reserved.iliac_screws(fixation, anatomy, after, side)
            keep["the room of the iliac screws"] = reserved.room_of(screws[side], fixation.head_diameter)
        made = struts.stand(side, endplate, after.cuts[ilium], diameter, wall, {**keep, **around})
        solids[name], volumes[name], skins[name] = struts.draw(
            side, made, endplate, after.cuts[ilium], diameter, wall, options
        )
        contacts += [
            Contact(f"{name}/{ilium}", (name, "host"), (ilium, "cut")),
            Contact(f"{name}/L5", (name, "seat"), ("L5", "cut")),
        ]
        measures[f"strut_length_{side} [mm]"] = float(np.linalg.norm(made.foot - made.top))
        for bone, borne, angle in zip(("L5", "ilium"), made.borne, made.angles, strict=True):
            measures[f"strut_end_on_{bone}_{side} [%]"] = 100.0 * borne
            measures[f"strut_to_normal_of_{bone}_{side} [deg]"] = angle
    return Anterior(solids, skins, volumes, tuple(contacts), measures, screws=screws)
