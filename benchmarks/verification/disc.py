"""Nearly incompressible disc blocks (Poisson's ratio 0.49) in straight-sided quadratic tetrahedra do not lock.

Linear tetrahedra do and are refused at such a ratio: those of 4, 2 and 1.5 mm would make the bonded disc 151, 63 and 42 %
too stiff. Quadratic ones of 4, 3, 2 and 1.5 mm are 7.5, 4.9, 1.5 and 0.6 % above the closed form.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse.linalg import splu
from scipy.special import iv

from benchmarks.row import Row
from benchmarks.verification import meshes
from benchmarks.verification.round_meshes import cylinder
from femsacrum.mechanics.elasticity import stiffness

YOUNGS, POISSON = 4.0, 0.49
SHEAR = YOUNGS / (2.0 * (1.0 + POISSON))
BULK = YOUNGS / (3.0 * (1.0 - 2.0 * POISSON))
#: Confined modulus [MPa].
CONFINED = BULK + 4.0 / 3.0 * SHEAR
LAME = BULK - 2.0 / 3.0 * SHEAR
#: Size of a lumbar disc [mm], and of its cells.
RADIUS, HEIGHT, SIZE = 20.0, 8.0, 2.0


def compressed(body, held, squeeze):
    """Mean axial stress over strain [MPa] of a block whose top moves down by ``squeeze`` [mm].

    ``held``: unknowns that do not move otherwise, shape (n, 3).
    """
    matrix = stiffness(body, meshes.material(body, YOUNGS, POISSON)).tocsc()
    height = body.nodes[:, 2]
    top = height > height.max() - 1e-6
    moved = np.zeros(body.nodes.shape)
    moved[top, 2] = -squeeze
    free = np.flatnonzero(~held)
    found = moved.ravel()
    found[free] = splu(matrix[free][:, free], "MMD_AT_PLUS_A", options={"SymmetricMode": True}).solve(
        -(matrix @ found)[free]
    )
    force = -(matrix @ found).reshape(-1, 3)[top, 2].sum()
    return float(force * np.ptp(height) ** 2 / (body.volume() * squeeze))


def confined():
    """A block between smooth walls, its interior nodes moved at random."""
    block = meshes.box("disc", (0, 0, 0), (20, 20, HEIGHT), (5, 5, 3), 2, role="disc", jitter=0.2)
    walls = [np.isin(np.arange(len(block.nodes)), block.facets_of(side)) for side in meshes.SIDES]
    held = np.stack([walls[0] | walls[1], walls[2] | walls[3], walls[4] | walls[5]], axis=1)
    return compressed(block, held, 0.1)


def bonded(size=SIZE):
    """Modulus of a disc bonded to two rigid plates, and the radius of a circle as large as the meshed one [mm]."""
    linear = cylinder("disc", (0, 0, 0), (0, 0, HEIGHT), RADIUS, size, order=1)
    nodes, cells, facets = meshes.quadratic(linear.nodes, linear.cells, linear.facets)
    disc = replace(linear, role="disc", order=2, nodes=nodes, cells=cells, facets=facets)
    plates = (nodes[:, 2] < 1e-6) | (nodes[:, 2] > HEIGHT - 1e-6)
    modulus = compressed(disc, np.repeat(plates[:, None], 3, axis=1), 0.1)
    return modulus, float(np.sqrt(disc.volume() / (np.pi * HEIGHT)))


def bonded_closed_form(radius):
    """Modulus [MPa] of a bonded disc when planes stay plane and its side bulges as a parabola (Tsai and Lee).

    With u_r = 3/2 v(r) (1 - (2z/h)^2) balance over the height reads (lame + 2G)(v'' + v'/r - v/r^2) = 12 G v/h^2, so
    v = C I_1(beta r); C follows from a side free of stress on average. At nu = 1/2 this is 3 G (1 + 2 S^2), S = R/(2h),
    as in A. N. Gent, P. B. Lindley, Proc. Inst. Mech. Engrs 173 (1959) 111.
    """
    stiff = LAME + 2.0 * SHEAR
    beta = np.sqrt(12.0 * SHEAR / stiff) / HEIGHT
    first, zeroth = iv(1, beta * radius), iv(0, beta * radius)
    bulge = LAME * first / (stiff * beta * zeroth - 2.0 * SHEAR * first / radius)
    return float(stiff - 2.0 * LAME * bulge / radius)


def rows():
    modulus, radius = bonded()
    tsai = "after H.-C. Tsai, C.-C. Lee, Int. J. Solids Struct. 35 (1998) 3053"
    case, quantity = "disc, nu 0.49, straight P2", "modulus [MPa]"
    return [
        Row(f"{case}, confined", quantity, confined(), CONFINED, 1e-8, "K + 4G/3, uniform strain"),
        Row(f"{case}, bonded to plates", quantity, modulus, bonded_closed_form(radius), 0.03, tsai),
    ]
