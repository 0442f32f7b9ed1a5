"""What holds from behind: screws in L4, L5 and the ilia, the rods that join them, and what joins the rods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from femsacrum.anatomy.model import ROLES, Anatomy, Floats
from femsacrum.case.names import SIDES
from femsacrum.case.schema import Fixation
from femsacrum.surgery.construct import Rod, Screw, Solid
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.fixation import clearances, drawing
from femsacrum.surgery.fixation.anchors import Room, of_side
from femsacrum.surgery.fixation.cross_links import cross_link
from femsacrum.surgery.fixation.rods import Clamped, Laid, Metal, clamp_radius, is_limb, through_heads
from femsacrum.surgery.fixation.second_rod import beside
from femsacrum.surgery.fixation.transiliac import Bar, transiliac_bar
from femsacrum.surgery.implants.anterior import Anterior
from femsacrum.surgery.measures import of_screws
from femsacrum.surgery.shapes.places import Depth, depth_in


@dataclass(frozen=True)
class Posterior:
    """Rods and screws.

    Attributes:
        solids: Fixation body -> solid.
        volumes: Fixation body -> volume [mm3].
        screws: Every screw.
        rods: Every rod.
        measures: Name with unit -> value.
        paths: Axis, shape (n, 3) [mm], and radius [mm] of every rod, bar and connector.
    """

    solids: Mapping[str, Solid]
    volumes: Mapping[str, float]
    screws: tuple[Screw, ...]
    rods: tuple[Rod, ...]
    measures: Mapping[str, float]
    paths: tuple[tuple[Floats, float], ...]


def lumbo_iliac(options: Fixation, anatomy: Anatomy, after: Resected, front: Anterior) -> Posterior:
    """Screws in L4, L5 and the ilia, joined by rods; everything keeps clear of everything it must not touch.

    Args:
        options: Of the case.
        anatomy: Before surgery.
        after: What the resection leaves.
        front: What is put in before it, which iliac screws may have to pass.

    Raises:
        InputError: A screw has no corridor, or something touches what it must not.
    """
    bones = {name: depth_in(part) for name, part in after.surfaces.items() if ROLES[name] == "bone"}
    soft = {name: depth_in(part) for name, part in after.surfaces.items() if ROLES[name] != "bone"}
    placed = {name: depth_in(skin) for name, skin in front.skins.items()}
    room = Room(anatomy, after, front, bones, soft, placed)
    screws = tuple(screw for side in SIDES for screw in of_side(side, options, room))
    joined = options.cross_links + options.transiliac_bars > 0
    if joined:
        screws = tuple(replace(screw, body="fixation") for screw in screws)
    everything = (*screws, *front.flange_screws)
    apart = drawing.check_apart(everything)
    around: Mapping[str, Depth] = {**bones, **placed, **soft}
    headed = tuple(screw for screw in screws if not is_limb(screw))
    heads = clearances.head_clearance(headed, around, options.head_diameter)
    crossed = {f"{side}_sij" for side in SIDES} if options.iliac_anchor == "S2_alar_iliac" else set()
    shafts = clearances.shaft_clearance(
        everything, {name: depth for name, depth in around.items() if name not in crossed}
    )
    rods, clamped, bars = _rods(options, screws, room)
    laid = (*rods, *(each.rod for each in clamped))
    bodies = (
        {"fixation": laid}
        if joined
        else {f"{side}_fixation": tuple(rod for rod in laid if rod.side == side) for side in SIDES}
    )
    drawn = {
        body: drawing.draw(
            body,
            tuple(screw for screw in headed if screw.body == body),
            tuple(rod for rod in rods if rod in members),
            tuple(each for each in clamped if each.rod in members),
            options,
        )
        for body, members in bodies.items()
    }
    screws = (*screws, *(bar.screw for bar in bars))
    return Posterior(
        {body: each.solid for body, each in drawn.items()},
        {body: each.volume for body, each in drawn.items()},
        screws,
        tuple(rod.rod(body) for body, members in bodies.items() for rod in members),
        {
            **of_screws(screws),
            **{
                f"bend_{number}_of_{rod.name} [deg]": float(angle)
                for rod in laid
                for number, angle in enumerate(rod.bends(), 1)
            },
            "least_distance_between_screws [mm]": apart,
            "least_distance_rod_to_bone_or_prosthesis [mm]": min(rod.free.distance for rod in laid),
            "least_distance_head_to_anything [mm]": heads,
            "least_distance_screw_to_what_does_not_hold_it [mm]": shafts,
        },
        (
            *((rod.path(), 0.5 * options.rod_diameter) for rod in laid),
            *((np.array(axis), clamp_radius(options)) for each in clamped for axis in each.connectors),
        ),
    )


def _rods(
    options: Fixation, screws: tuple[Screw, ...], room: Room
) -> tuple[tuple[Laid, ...], tuple[Clamped, ...], tuple[Bar, ...]]:
    """The first rods, and what is clamped to them: second rods, transiliac bars, then cross-links from above down."""
    metal, obstacles = Metal(), {**room.bones, **room.placed}
    for screw in screws:
        metal.segments.append((screw.head, screw.tip, screw.diameter / 2.0))
        if not is_limb(screw):
            metal.balls.append((screw.head, options.head_diameter / 2.0))
    metal.segments += [(each.head, each.tip, each.diameter / 2.0) for each in room.front.flange_screws]
    first, seconds = {}, []
    for side in SIDES:
        own = tuple(screw for screw in screws if screw.name.startswith(side))
        held = own[:-1] if options.rods_per_side == 2 else own
        first[side] = through_heads(side, held, obstacles, options)
        metal.add_path(first[side].path(), options.rod_diameter)
    clamped: list[Clamped] = []
    if options.rods_per_side == 2:
        for side in SIDES:
            target = next(screw for screw in screws if screw.name == f"{side}_iliac_2")
            seconds.append(beside(first[side], target, metal, obstacles, options))
            _add(metal, seconds[-1], options)
        clamped += seconds
    rods, bars = tuple(first.values()), []
    for number in range(1, options.transiliac_bars + 1):
        bars.append(transiliac_bar(number, room.anatomy, rods, metal, room.bones, room.placed, options))
        clamped.append(bars[-1].clamped)
        _add(metal, clamped[-1], options)
    for number in range(1, options.cross_links + 1):
        clamped.append(cross_link(number, (*rods, *(each.rod for each in seconds)), metal, obstacles, options))
        _add(metal, clamped[-1], options)
    return rods, tuple(clamped), tuple(bars)


def _add(metal: Metal, made: Clamped, options: Fixation) -> None:
    metal.add_path(made.rod.path(), options.rod_diameter)
    for a, b in made.connectors:
        metal.segments.append((np.asarray(a), np.asarray(b), options.rod_diameter / 2.0))
    metal.balls += [(joint.centre, clamp_radius(options)) for joint in made.joints]
