"""The same construct as beams: closed forms for stiffness and yield.

Under the force F between the pins each rod bends with the constant moment F a / 2, a being the distance of its axis from the
pins' line, and each screw outside its block with the moment F y / 2. By Castigliano's theorem the pins come nearer by the
derivative of the strain energy: bending, shear of the screws, compression of the rods.

Left out: stress needs about a radius to spread where a thin part enters a thick one, so heads and the screws' roots give
more; and nothing here is large, so the lever does not grow while the blocks turn.
"""

from __future__ import annotations

import numpy as np

from benchmarks.validation.astm_f1717.twin import ACTIVE_LENGTH, ARM, POISSON

#: Permanent displacement at which F1717 reads the yield load, over the active length (M-high).
OFFSET = 0.02
#: Stations along a bar, and layers of a section.
STATIONS, LAYERS = 4001, 20000


def lever(design):
    """From the pins' line to the axis of the rods [mm]."""
    return ARM + design.offset


def compliance(design, heads=True):
    """What the metal gives outside the blocks [mm/N].

    Args:
        design: Of the construct.
        heads: Bars have the sections of the heads, which are balls, where they are in them; False: their own throughout.
    """
    young, ratio, _ = design.metal
    ball = design.options.head_diameter / 2.0 if heads else 0.0
    a, level = lever(design), 0.5 * ACTIVE_LENGTH

    def radii(bar, from_head):
        return np.sqrt(np.maximum(bar**2 / 4.0, ball**2 - from_head**2))

    along, forwards = np.linspace(0.0, level, STATIONS), np.linspace(ARM, a, STATIONS)
    rod, screw = radii(design.rod, level - along), radii(design.screw, a - forwards)
    shear = young / (2.0 * (1.0 + ratio)) * 6.0 * (1.0 + ratio) / (7.0 + 6.0 * ratio)  # of a circle: Cowper 1966
    half_rod = np.trapezoid(a**2 / (young * _inertia(rod)) + 1.0 / (young * np.pi * rod**2), along)
    one_screw = np.trapezoid(forwards**2 / (young * _inertia(screw)) + 1.0 / (shear * np.pi * screw**2), forwards)
    # four of each, with half the force
    return float(half_rod + one_screw)


def in_the_blocks(design):
    """What screws give within blocks, as flexible piles in an elastic half-space, the pins far away [mm/N].

    The moment tips the head of a screw away from where the force pushes it.

    Source: M. F. Randolph, The response of flexible piles to lateral loading, Geotechnique 31 (1981) 247: shift and turn of
    the head in a homogeneous soil.
    """
    radius, shear = design.screw / 2.0, design.block / (2.0 * (1.0 + POISSON)) * (1.0 + 0.75 * POISSON)
    softer = design.metal[0] / shear
    half = radius * softer ** (2.0 / 7.0)  # of the critical length
    force, moment = 0.5, 0.5 * ARM  # of a unit force between the pins, on one screw where it enters
    energy = 0.27 * force**2 / half - 2.0 * 0.30 * force * moment / half**2 + 0.80 * moment**2 / half**3
    return float(4.0 * softer ** (1.0 / 7.0) / shear * energy)


def stiffness(design, heads=True, blocks=False):
    """Force over how far the pins come nearer [N/mm]."""
    return 1.0 / (compliance(design, heads) + (in_the_blocks(design) if blocks else 0.0))


def stress(design, force):
    """Largest along the rods [MPa]: bending, and compression where both press."""
    half = 0.5 * force
    return 32.0 * half * lever(design) / (np.pi * design.rod**3) + half / (np.pi * design.rod**2 / 4.0)


def first_yield(design):
    """Force at which the outermost fibre of the rods yields [N]."""
    return design.metal[2] / stress(design, 1.0)


def offset_yield(design):
    """Force that leaves a permanent displacement of 2 % of the active length [N].

    Rods elastic and ideally plastic, plane sections; the metal in the heads stays elastic.
    """
    young, _, limit = design.metal
    radius, a = design.rod / 2.0, lever(design)
    free = ACTIVE_LENGTH - 2.0 * np.sqrt((design.options.head_diameter / 2.0) ** 2 - radius**2)
    depth = (np.arange(LAYERS) + 0.5) * radius / LAYERS
    static = 4.0 * depth * np.sqrt(radius**2 - depth**2) * radius / LAYERS

    def moment(curvature):
        return float(static @ np.minimum(young * curvature * depth, limit))

    low, high = np.array([1.0, 50.0]) * limit / (young * radius)
    for _ in range(60):
        middle = 0.5 * (low + high)
        left = (middle - moment(middle) / (young * _inertia(radius))) * free * a
        low, high = (middle, high) if left < OFFSET * ACTIVE_LENGTH else (low, middle)
    return 2.0 * moment(low) / a


def _inertia(radius):
    return np.pi * radius**4 / 4.0
