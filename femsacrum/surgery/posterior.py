"""What holds from behind: screws in L4, L5 and the ilia, and the rods that join them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from femsacrum.anatomy.model import ROLES, Anatomy
from femsacrum.case.schema import Fixation
from femsacrum.surgery import clearances, fixation, pedicles, trajectories
from femsacrum.surgery.anterior import Anterior
from femsacrum.surgery.construct import Rod, Screw, Solid
from femsacrum.surgery.ilium import SIDES
from femsacrum.surgery.measures import of_screws
from femsacrum.surgery.places import Depth, depth_in
from femsacrum.surgery.resection import Resected

#: Vertebrae that get pedicle screws.
LEVELS = ("L4", "L5")


@dataclass(frozen=True)
class Posterior:
    """Rods and screws.

    Attributes:
        solids: Fixation body -> solid.
        volumes: Fixation body -> volume [mm3].
        screws: Every screw.
        rods: Every rod.
        measures: Name with unit -> value.
    """

    solids: Mapping[str, Solid]
    volumes: Mapping[str, float]
    screws: tuple[Screw, ...]
    rods: tuple[Rod, ...]
    measures: Mapping[str, float]


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
    screws = tuple(
        screw
        for plate in front.plates
        for screw in (
            *(pedicles.pedicle_screw(anatomy, bones[name], name, plate.side, options) for name in LEVELS),
            *trajectories.iliac_screws(
                anatomy, depth_in(anatomy.parts[f"{plate.side}_ilium"]), plate, front.ceiling[plate.side], options
            ),
        )
    )
    apart = fixation.check_apart(screws)
    placed = {name: depth_in(skin) for name, skin in front.skins.items()}
    soft = {name: depth_in(part) for name, part in after.surfaces.items() if name not in bones}
    around: Mapping[str, Depth] = {**bones, **placed, **soft}
    heads = clearances.head_clearance(screws, around, options.head_diameter)
    shafts = clearances.shaft_clearance(screws, around)
    obstacles = {**bones, **placed}
    sides = {
        side: fixation.build(side, tuple(s for s in screws if s.body == f"{side}_fixation"), obstacles, options)
        for side in SIDES
    }
    return Posterior(
        {f"{side}_fixation": made.solid for side, made in sides.items()},
        {f"{side}_fixation": made.volume for side, made in sides.items()},
        screws,
        tuple(made.rod for made in sides.values()),
        {
            **of_screws(screws),
            "least_distance_between_screws [mm]": apart,
            "least_distance_rod_to_bone_or_prosthesis [mm]": min(made.rod_free for made in sides.values()),
            "least_distance_head_to_anything [mm]": heads,
            "least_distance_screw_to_what_does_not_hold_it [mm]": shafts,
        },
    )
