"""How high bone stands under a part of the guide: what a plate, a slot or a bar has to clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from femsacrum.anatomy.manifolds import arrays
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.surgery.shapes.booleans import manifold, prism
from femsacrum.surgery.shapes.frame import Frame

#: Bones that a guide on the posterior sacrum may meet.
NEAR = ("sacrum", "left_ilium", "right_ilium", "L5")
#: How far bone is looked for in front of and behind what is asked [mm].
DEEP = 200.0


class Relief:
    """The bones round a guide.

    Args:
        parts: Bones before surgery, by name.
    """

    def __init__(self, parts: Mapping[str, Surface]) -> None:
        self.bones = {name: manifold(parts[name], name) for name in NEAR if name in parts}

    def highest(self, frame: Frame, outline: Floats, names: tuple[str, ...] = NEAR) -> float:
        """Greatest depth (along the frame's normal) of bone over an outline [mm]; -inf where there is none.

        Args:
            frame: Axes of the outline.
            outline: Its corners (across, along), shape (n, 2) [mm].
            names: Bones that count.
        """
        column = prism(replace(frame, origin=frame.origin - DEEP * frame.normal), outline, 2.0 * DEEP)
        found = -np.inf
        for name in names:
            if name not in self.bones:
                continue
            common = self.bones[name] ^ column
            if not common.is_empty():
                points = common.to_mesh64().vert_properties[:, :3]
                found = max(found, float(frame.depth(points).max()))
        return found

    def round(self, frame: Frame, outline: Floats) -> list[Surface]:
        """Bones as far as they lie over or under an outline, in front of it and behind."""
        column = prism(replace(frame, origin=frame.origin - DEEP * frame.normal), outline, 2.0 * DEEP)
        pieces = [bone ^ column for bone in self.bones.values()]
        return [Surface(*arrays(piece)) for piece in pieces if not piece.is_empty()]


def rectangle(low: Floats, high: Floats) -> Floats:
    """The corners of a rectangle, shape (4, 2) [mm].

    Args:
        low: Lower corner (across, along), shape (2,) [mm].
        high: Upper corner, shape (2,) [mm].
    """
    return np.array([low, [high[0], low[1]], high, [low[0], high[1]]], dtype=float)
