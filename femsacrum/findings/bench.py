"""How one part of a specimen moves beside another, as markers fixed to both would tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings.deformation import rigid_fit
from femsacrum.loads.patches import acetabulum, upper_endplate
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly

#: A body and the nodes of it that a marker follows.
Marker = tuple[str, Ints]


@dataclass(frozen=True)
class Motion:
    """A small rigid motion.

    Attributes:
        shift: Displacement of ``point``, shape (3,) [mm].
        turn: Rotation vector, shape (3,) [rad].
        point: Shape (3,) [mm].
    """

    shift: Floats
    turn: Floats
    point: Floats

    def at(self, point: ArrayLike) -> Motion:
        """The same motion told at another point."""
        where = np.asarray(point, dtype=float)
        return Motion(self.shift + np.cross(self.turn, where - self.point), self.turn, where)


def plate(assembly: Assembly, body: str) -> Marker:
    """The upper endplate of L4, L5 or the sacrum: what the machine holds."""
    return body, np.unique(upper_endplate(assembly, body).facets)


def whole(assembly: Assembly, body: str) -> Marker:
    """All of a body."""
    return body, np.arange(len(assembly.bodies[body].nodes))


def cups(assembly: Assembly) -> tuple[Marker, Marker]:
    """Both acetabula."""
    left, right = ((f"{side}_ilium", np.unique(acetabulum(assembly, side).facets)) for side in ("left", "right"))
    return left, right


def motion(
    assembly: Assembly, solution: LoadCaseSolution, of: Marker, beside: Sequence[Marker], at: ArrayLike
) -> Motion:
    """Motion of a marker at a point, less that which several others, taken as one rigid body, would have there.

    Args:
        assembly: Meshed bodies.
        solution: Of one load case.
        of: What moves.
        beside: What it is told beside; empty: the ground.
        at: Point at which it is told, shape (3,) [mm].
    """
    moved = _fit(assembly, solution, [of]).at(at)
    if not beside:
        return moved
    ground = _fit(assembly, solution, beside).at(at)
    return Motion(moved.shift - ground.shift, moved.turn - ground.turn, moved.point)


def _fit(assembly: Assembly, solution: LoadCaseSolution, markers: Sequence[Marker]) -> Motion:
    nodes = np.vstack([assembly.bodies[body].nodes[at] for body, at in markers])
    moved = np.vstack([solution.displacements[body][at] for body, at in markers])
    return Motion(*rigid_fit(nodes, moved))
