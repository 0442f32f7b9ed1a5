"""Sphere on a flat, pressed and then pushed sideways: partial slip as Cattaneo (1938) and Mindlin (1949) found it.

Both bodies have the same material, so that pressing does not shear the contact. Slip counts from the unloaded state and
only grows, in one direction, while the stick zone only shrinks; so one increment with both loads gives the state that
the push alone leaves behind after the normal load has come first.
"""

from __future__ import annotations

import numpy as np

from benchmarks.row import Row
from benchmarks.verification.hertz import JOHNSON
from benchmarks.verification.hertz_sphere import CONTACT_RADIUS, LOAD, POISSON, YOUNGS, bodies, pressed, radius_of

FRICTION = 0.3
SHEAR_MODULUS = YOUNGS / (2.0 * (1.0 + POISSON))


def shift(push):
    """Tangential approach of distant points [mm], ``push`` over friction times load.

    Johnson, section 7.2; R. D. Mindlin, H. Deresiewicz, J. Appl. Mech. 20 (1953) 327. Its slope at no push is Mindlin's
    stiffness of the sticking contact, 8 a / sum((2 - nu)/G).
    """
    compliance = 2.0 * (2.0 - POISSON) / SHEAR_MODULUS
    return 3.0 * FRICTION * LOAD / (16.0 * CONTACT_RADIUS) * compliance * (1.0 - (1.0 - push) ** (2.0 / 3.0))


def pushed(push, size):
    """Rows of the sphere pushed with ``push`` times friction times load.

    Where it sticks, mu p exceeds the shear by a semi-ellipsoid as wide as the stick zone; where it slips, by nothing.
    """
    solution = pressed(size, FRICTION, push * FRICTION * LOAD)
    state = solution.interfaces["sphere/flat"]
    stick = radius_of(FRICTION * state.pressure - np.linalg.norm(state.shear, axis=1), state)
    # forty contact radii away what is left of a point force's displacement is half a per cent of the shift
    far = np.unique(bodies(size)["sphere"].facets_of("far"))
    moved = float(solution.displacements["sphere"][far, 0].mean())
    case = f"sphere on a flat, {push:g} mu N, P2 cells of a/{CONTACT_RADIUS / size:.1f}"
    wanted = CONTACT_RADIUS * (1.0 - push) ** (1.0 / 3.0)
    return [
        Row(case, "radius of the stick zone [mm]", stick, wanted, 0.05, f"{JOHNSON}, section 7.2"),
        Row(case, "shift [mm]", moved, shift(push), 0.03, f"{JOHNSON}, section 7.2"),
    ]


def coarse():
    """The rows that take seconds."""
    return pushed(0.5, 0.55)


def rows(size=0.25):
    return pushed(0.5, size) + pushed(0.8, size)
