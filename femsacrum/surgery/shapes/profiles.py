"""Closed curves that implants are drawn on."""

from __future__ import annotations

from math import gamma
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import InputError

if TYPE_CHECKING:
    from shapely.geometry import Polygon

#: Knots on the outline of the endplate, and on the sections of what is lofted. Few, so that a section is two arcs
#: whose seams run along the front and the back, clear of the edges that the body makes with plates and pedestal.
ENDPLATE_KNOTS, SECTION_KNOTS = 24, 12


def superellipse(half: tuple[float, float], exponent: float, count: int = SECTION_KNOTS) -> Floats:
    """Points on |x/a|^n + |y/b|^n = 1, from the positive first axis on, shape (count, 2) [mm]."""
    angle = 2.0 * np.pi * np.arange(count) / count
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    circle[np.abs(circle) < 1e-12] = 0.0
    return np.asarray(np.sign(circle) * np.abs(circle) ** (2.0 / exponent) * np.array(half))


def stadium(half: tuple[float, float], count: int = SECTION_KNOTS) -> Floats:
    """Points on a rectangle with semicircular ends, evenly along it from the positive first axis on [mm].

    The ends have the largest radius that fits, so that curved elements of usual size follow it.

    Args:
        half: Half of its extent along both axes [mm].
        count: Of points, a multiple of 4.
    """
    radius = min(half)
    straight = np.array(half) - radius
    quarter = 0.5 * np.pi * radius + straight.sum()
    at = quarter * 4.0 * np.arange(count) / count
    turn, along = np.divmod(at + 1e-9, quarter)
    # within the first quadrant: up the side, round the corner, along the top
    along = np.where(turn % 2 == 1, quarter - along, along)
    angle = np.clip((along - straight[1]) / radius, 0.0, 0.5 * np.pi)
    x = straight[0] + radius * np.cos(angle) - np.maximum(along - straight[1] - 0.5 * np.pi * radius, 0.0)
    y = np.minimum(along, straight[1]) + radius * np.sin(angle)
    x, y = np.where((turn == 1) | (turn == 2), -x, x), np.where(turn >= 2, -y, y)
    return np.column_stack([x, y])


def endplate_outline(cut: Polygon, inset: float) -> Floats:
    """A superellipse that follows the outline of L5's cut and stays inside it.

    Half-axes from the outline's extent, exponent (2 to 4) from its area, both drawn in until it lies inside.

    Args:
        cut: Outline of the cut, in (posterior, left) [mm].
        inset: Least distance to the outline [mm].

    Returns:
        Points on it, shape (n, 2) [mm].

    Raises:
        InputError: Nothing is left of it.
    """
    from shapely.geometry import Polygon

    low_x, low_y, high_x, high_y = cut.bounds
    half = np.array([high_x - low_x, high_y - low_y]) / 2.0
    centre = np.array([high_x + low_x, high_y + low_y]) / 2.0
    exponent = _exponent(cut.area / (4.0 * half[0] * half[1]))
    inner = cut.buffer(-inset)
    for scale in np.arange(1.0, 0.5, -0.01):
        outline = centre + superellipse((half[0] * scale, half[1] * scale), exponent, ENDPLATE_KNOTS)
        if Polygon(outline).within(inner):
            return outline
    raise InputError(
        "surgery.prosthesis.inset",
        f"{inset:g} mm leaves no endplate on the cut of L5, which is {2 * half[0]:.1f} mm deep and "
        f"{2 * half[1]:.1f} mm wide: take less",
    )


def _exponent(fill: float) -> float:
    """Exponent of the superellipse that fills a share of its bounding box; area 4ab G(1+1/n)^2 / G(1+2/n)."""
    candidates = np.linspace(2.0, 4.0, 81)
    shares = np.array([gamma(1.0 + 1.0 / n) ** 2 / gamma(1.0 + 2.0 / n) for n in candidates])
    return float(candidates[int(np.argmin(np.abs(shares - fill)))])
