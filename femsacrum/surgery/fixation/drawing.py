"""Fixation as solids: rods, heads, clamps and screws of a body as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from femsacrum.case.schema import Fixation
from femsacrum.errors import InputError, NumericalError
from femsacrum.surgery.construct import Screw, Solid
from femsacrum.surgery.fixation import bars
from femsacrum.surgery.fixation.bends import samples, straight
from femsacrum.surgery.fixation.rods import Clamped, Laid, clamp_radius
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.outside import outside
from femsacrum.surgery.shapes.places import depth_in, place, segments_apart

#: Attempts until the shortest edge of the union is good: by how much the balls are made smaller [mm], and by which angles
#: the seams of bars and of balls are turned [deg]. Together first, then against each other: where a bar's seam and a
#: ball's nearly meet on the circle between the two, they leave a short edge however they are turned together.
TOGETHER = ((0.0, 0.0, 0.0), (0.0, 30.0, 30.0), (0.0, -30.0, -30.0), (0.2, 0.0, 0.0))
AGAINST = ((0.0, 40.0), (15.0, 55.0), (-15.0, 25.0))
ATTEMPTS = (*TOGETHER, *((smaller, *turns) for smaller, turns in product((0.0, 0.2, 0.4), AGAINST)))
#: An edge that is good, and the shortest that can be meshed [mm]; the latter is good enough after so many attempts.
GOOD_EDGE, SHORTEST_EDGE, PATIENCE = 0.3, 0.1, 4

#: Triangles of the skin that has to close [mm].
SKIN = 2.5


@dataclass(frozen=True)
class Drawn:
    """A fixation body.

    Attributes:
        solid: Everything in it as one solid.
        volume: [mm3].
    """

    solid: Solid
    volume: float


def draw(
    body: str, screws: Sequence[Screw], rods: Sequence[Laid], clamped: Sequence[Clamped], options: Fixation
) -> Drawn:
    """Draw one fixation body.

    Args:
        body: Its name.
        screws: Whose heads the rods pass.
        rods: That run from head to head.
        clamped: Bars that are clamped to them.
        options: Of the case.

    Raises:
        NumericalError: The pieces do not make one solid that can be meshed.
    """
    best: Drawn | None = None
    longest = 0.0
    for number, attempt in enumerate(ATTEMPTS, 1):
        drawn, edge = _attempt(body, screws, rods, clamped, options, attempt)
        if edge > longest:
            best, longest = drawn, edge
        if longest >= (GOOD_EDGE if number < PATIENCE else SHORTEST_EDGE):
            break
    if best is None:
        raise NumericalError(
            f"surgery: pieces of {body} graze each other; its shortest edge has {longest:.2f} mm: change "
            "surgery.fixation.head_diameter a little"
        )
    return best


def _attempt(
    body: str,
    screws: Sequence[Screw],
    rods: Sequence[Laid],
    clamped: Sequence[Clamped],
    options: Fixation,
    attempt: tuple[float, float, float],
) -> tuple[Drawn | None, float]:
    """The body with its balls smaller and seams turned, and its shortest edge; None where it cannot be meshed."""
    smaller, seam, of_balls = attempt
    with cad.drawing(body):
        pieces = []
        laid = (*rods, *(each.rod for each in clamped))
        for screw in screws:
            along = min(laid, key=lambda rod: rod.away(screw.head)).direction(screw.head)
            pieces.append(
                bars.ball(screw.head, options.head_diameter / 2.0 - smaller, along, screw.head - screw.tip, of_balls)
            )
        for rod in laid:
            pieces += [bars.bar(span, rod.diameter / 2.0, seam) for span in rod.spans]
        for each in clamped:
            pieces += [
                bars.ball(joint.centre, clamp_radius(options) - smaller, joint.along, -joint.towards, of_balls)
                for joint in each.joints
            ]
            pieces += [bars.bar(straight(a, b), options.rod_diameter / 2.0, seam) for a, b in each.connectors]
        for screw in screws:
            shaft = cad.pointed(screw.head, screw.tip, screw.diameter / 2.0)
            pieces += bars.turned(shaft, screw.head, screw.tip, seam)
        try:
            solid = cad.fuse(pieces, body)
            text, volume, edge = cad.brep(solid, body), cad.volume(solid), bars.shortest_edge()
            if edge < SHORTEST_EDGE:
                return None, edge
            skin = outside(body, (SKIN,))
        except NumericalError:  # OpenCASCADE has lost a face where a seam meets an edge
            return None, 0.0
        axes = [samples(np.array([screw.head, screw.tip])) for screw in screws] + [
            samples(rod.path()) for rod in laid
        ]
        if depth_in(skin)(np.concatenate([axis[1:-2] for axis in axes])).min() <= 0.0:  # it has lost a whole piece
            return None, 0.0
        return Drawn(Solid(text, "fixation", material=options.alloy), volume), edge


def check_apart(screws: tuple[Screw, ...]) -> float:
    """Least distance between the metal of any two screws [mm].

    Raises:
        InputError: Two screws cut each other.
    """
    least = np.inf
    for i, one in enumerate(screws):
        for other in screws[i + 1 :]:
            gap = float(
                segments_apart((one.head[None], one.tip[None]), (other.head[None], other.tip[None]))[0]
                - 0.5 * (one.diameter + other.diameter)
            )
            least = min(least, gap)
            if gap < 0.0:
                kind = "pedicle" if "pedicle" in one.name else "iliac"
                raise InputError(
                    f"surgery.fixation.{kind}_screw_length",
                    f"{one.name} and {other.name} cut each other by {-gap:.1f} mm near "
                    f"{place(0.5 * (one.tip + other.tip))} mm: take shorter or thinner screws",
                )
    return float(least)
