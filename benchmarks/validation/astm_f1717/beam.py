"""The same construct as beams: closed forms for stiffness and yield.

Under the force F between the pins each rod bends with the constant moment F a / 2, a being the distance of its axis from the
pins' line, and each screw outside its block with the moment F y / 2. By Castigliano's theorem the pins come nearer by the
derivative of the strain energy (bending, shear of the screws, compression of the rods).
"""

from __future__ import annotations

import numpy as np

from benchmarks.validation.astm_f1717.twin import ACTIVE_LENGTH, ARM, POISSON

#: Permanent displacement at which F1717 reads the yield load, of the active length (M-high: 2 % offset).
OFFSET = 0.02


def _inertia(diameter):
    return np.pi * diameter**4 / 64.0


def lever(design):
    """From the pins' line to the axis of the rods [mm]."""
    return ARM + design.offset


def compliance(design, heads=True):
    """What the metal gives outside the blocks [mm/N].

    Args:
        design: Of the construct.
        heads: The heads are balls that do not bend, and rods and screws begin at their surface; False: lengths from axis
            to axis.
    """
    young, ratio, _ = design.metal
    ball = design.options.head_diameter / 2.0 if heads else 0.0

    def hidden(diameter):
        return np.sqrt(max(ball**2 - diameter**2 / 4.0, 0.0))

    a, free = lever(design), ACTIVE_LENGTH - 2.0 * hidden(design.rod)
    end = a - hidden(design.screw)
    shear = young / (2.0 * (1.0 + ratio)) * 6.0 * (1.0 + ratio) / (7.0 + 6.0 * ratio)  # circle, Cowper 1966
    rod = a**2 * free / (young * _inertia(design.rod)) + free / (young * np.pi * design.rod**2 / 4.0)
    screw = (end**3 - ARM**3) / (3.0 * young * _inertia(design.screw))
    screw += (end - ARM) / (shear * np.pi * design.screw**2 / 4.0)
    # two rods, four screws, each with half the force
    return 0.5 * (rod + 2.0 * screw)


def in_the_block(design):
    """What the screws give within the blocks, as long beams on an elastic foundation [mm/N].

    Foundation modulus of a buried beam: twice that of one that lies on the half-space, k = 0.65 (Es d^4 / E I)^(1/12)
    Es / (1 - nu^2).

    Source: M. Hetenyi, Beams on Elastic Foundation, 1946, section 11 (end forces); A. B. Vesic, Bending of beams resting on
    isotropic elastic solid, J. Eng. Mech. Div. ASCE 87 (1961) 35 (modulus, M-high).
    """
    young, _, _ = design.metal
    bending = young * _inertia(design.screw)
    stiff = 2.0 * 0.65 * (design.block * design.screw**4 / bending) ** (1.0 / 12.0) * design.block / (1.0 - POISSON**2)
    beta = (stiff / (4.0 * bending)) ** 0.25
    shift = (2.0 * beta + 2.0 * beta**2 * ARM) / stiff  # under a unit force at the arm
    turn = (2.0 * beta**2 + 4.0 * beta**3 * ARM) / stiff
    return shift + turn * ARM  # two blocks, half the force in each of two screws


def stiffness(design, heads=True, blocks=False):
    """Force over how far the pins come nearer [N/mm]."""
    return 1.0 / (compliance(design, heads) + (in_the_block(design) if blocks else 0.0))


def stress(design, force):
    """Largest in the rods [MPa]: bending, and compression where both press."""
    half = 0.5 * force
    return 32.0 * half * lever(design) / (np.pi * design.rod**3) + half / (np.pi * design.rod**2 / 4.0)


def first_yield(design):
    """Force at which the rods' outermost fibre yields [N]."""
    return design.metal[2] / stress(design, 1.0)


def offset_yield(design, heads=True):
    """Force at a permanent displacement of 2 % of the active length, rods elastic and ideally plastic [N].

    Of a circle bent to the curvature c times that of first yield, c > 1, with sin(s) = 1 / c:
    M / My = 2 / (3 pi) (8 cos(s)^3 + ...) is written as an integral over the section and taken by quadrature.
    """
    young, _, limit = design.metal
    radius, a = design.rod / 2.0, lever(design)
    free = ACTIVE_LENGTH - 2.0 * (np.sqrt((design.options.head_diameter / 2.0) ** 2 - radius**2) if heads else 0.0)
    first = limit / (young * radius)

    def moment(curvature):
        y = (np.arange(20000) + 0.5) * radius / 20000  # depth from the neutral axis
        return 4.0 * np.sum(np.minimum(young * curvature * y, limit) * y * np.sqrt(radius**2 - y**2)) * radius / 20000

    low, high = first, 20.0 * first
    for _ in range(60):
        middle = 0.5 * (low + high)
        left = (middle - moment(middle) / (young * _inertia(design.rod))) * free * a
        low, high = (middle, high) if left < OFFSET * ACTIVE_LENGTH else (low, middle)
    return 2.0 * moment(low) / a
