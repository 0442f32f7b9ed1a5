"""A bone without what a tool takes away: what stays is a closed surface with an exactly planar face "cut"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Plane, Surface
from femsacrum.anatomy.wrap import cuts_itself, wrapped
from femsacrum.errors import InputError
from femsacrum.surgery.shapes.booleans import largest, manifold, surface_of
from femsacrum.surgery.shapes.places import place

if TYPE_CHECKING:
    from manifold3d import Manifold

#: Loose pieces that a cut leaves are taken out with it, up to this share of the bone.
LARGEST_LOOSE_SHARE = 0.01


@dataclass(frozen=True)
class Cut:
    """A bone after its cut.

    Attributes:
        surface: What stays, with the flat face "cut".
        plane: Of the cut; the normal points out of what stays.
        removed: Volume taken away, loose pieces included [mm3].
        loose: Volume of the pieces that the cut itself would have left, but that came loose by it [mm3].
        before: Volume of the bone before the cut [mm3].
        whole: What was cut, wrapped and opened where it was; None: the bone of the anatomy.
    """

    surface: Surface
    plane: Plane
    removed: float
    loose: float
    before: float
    whole: Surface | None = None


def subtract(bone: Surface, plane: Plane, tool: Manifold, name: str, key: str) -> Cut:
    """Take a tool's volume out of a bone; small pieces that come loose by it go with it.

    A bone whose surface cuts itself anywhere, as torn segmentations do, is replaced by the surface around it first: cut
    as it is, it could not be filled with elements (a hip with 0.4 % of such triangles was not, at any size).

    Args:
        bone: Before.
        plane: Flat side of the tool that bone remains on; its normal points out of what stays.
        tool: What is taken away.
        name: Of the bone.
        key: In the case, for messages.

    Raises:
        InputError: Nothing stays, or what stays is in more than one piece.
    """
    whole = wrapped(bone, name) if cuts_itself(bone, share=0.0) else bone
    solid = manifold(whole, name)
    before = float(solid.volume())
    stays = solid - tool
    if stays.is_empty():
        raise InputError(key, f"takes all of {name}: the plane passes through {place(plane.origin)} mm; move it")
    kept, others = largest(stays)
    loose = float(sum(part.volume() for part in others))
    if loose > LARGEST_LOOSE_SHARE * before:
        at = np.array(others[0].bounding_box()).reshape(2, 3).mean(axis=0)
        raise InputError(
            key,
            f"leaves {len(others)} loose piece{'s' if len(others) > 1 else ''} of {name} of {loose:.0f} mm3, "
            f"{100.0 * loose / before:.1f} % of it (at most {100.0 * LARGEST_LOOSE_SHARE:g} %), round {place(at)} mm: "
            "move the cut so that what stays is one piece",
        )
    return Cut(surface_of(kept, plane), plane, before - float(kept.volume()), loose, before, whole)


def half_space_cut(bone: Surface, plane: Plane, name: str) -> Surface | None:
    """The bone without what lies beyond the plane; None if the plane misses it."""
    solid = manifold(bone, name)
    kept = solid.trim_by_plane(tuple(-plane.normal), float(-plane.normal @ plane.origin))
    if kept.is_empty() or kept.volume() >= solid.volume() - 1e-6:
        return None
    return surface_of(kept, plane)
