"""How high bone stands under a part of the guide: what a plate, a slot or a bar has to clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.surgery.shapes.booleans import manifold
from femsacrum.surgery.shapes.frame import Frame

if TYPE_CHECKING:
    from manifold3d import Manifold

#: Bones that a guide on the posterior sacrum may meet.
NEAR = ("sacrum", "left_ilium", "right_ilium", "L5")
#: How far bone is looked for beside, and in front of or behind, what is asked [mm].
DEEP = 200.0


class Relief:
    """The bones round a guide.

    Args:
        parts: Bones before surgery, by name.
    """

    def __init__(self, parts: Mapping[str, Surface]) -> None:
        self.bones = {name: manifold(parts[name], name) for name in NEAR if name in parts}

    def highest(self, frame: Frame, low: Floats, high: Floats, names: tuple[str, ...] = NEAR) -> float:
        """Greatest depth (along the frame's normal) of bone over a rectangle [mm]; -inf where there is none.

        Args:
            frame: Axes of the rectangle.
            low: Its lower corner (across, along), shape (2,) [mm].
            high: Its upper corner, shape (2,) [mm].
            names: Bones that count.
        """
        column = box(frame, low, high, -DEEP, DEEP)
        found = -np.inf
        for name in names:
            if name not in self.bones:
                continue
            common = self.bones[name] ^ column
            if not common.is_empty():
                points = common.to_mesh64().vert_properties[:, :3]
                found = max(found, float(frame.depth(points).max()))
        return found


def box(frame: Frame, low: Floats, high: Floats, start: float, end: float) -> Manifold:
    """A box aligned with a frame, as triangles; ``cad.block`` draws the same.

    Args:
        frame: Its axes, right- or left-handed.
        low: Lower corner (across, along), shape (2,) [mm].
        high: Upper corner, shape (2,) [mm].
        start: Depth of one end [mm].
        end: Depth of the other [mm].
    """
    import manifold3d

    size = (float(high[0] - low[0]), float(high[1] - low[1]), float(end - start))
    solid = manifold3d.Manifold.cube(size).translate((float(low[0]), float(low[1]), float(start)))
    return solid.transform(np.column_stack([frame.across, frame.along, frame.normal, frame.origin]))
