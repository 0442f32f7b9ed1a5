"""Order of convergence across a bonded interface between two materials, against an exact field without body force."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import splu

from benchmarks.row import Row
from benchmarks.verification import meshes, order
from femsacrum.mechanics.interfaces import Bonded, Interface
from femsacrum.mechanics.shapes import tetrahedron
from femsacrum.mechanics.system import System
from femsacrum.surgery.construct import Contact

#: Young's modulus [MPa] and Poisson's ratio; the lower layer lies in z < 0, the upper in z > 0.
LOWER, UPPER = (1000.0, 0.3), (300.0, 0.4)
#: Traction of the bond per jump [MPa/mm]: soft, so that the bond's own deformation is part of the field.
SLOPE = 2000.0
#: Wave number [1/mm], and the directions in the plane of the interface along which the field waves [rad].
WAVE, DIRECTIONS = 1.5, (0.4, 1.7)


class Layer:
    """Plane strain and antiplane shear that wave along x.

    Airy's function is cos(k x) F(z), F = (a + b z) exp(k z) + (c + d z) exp(-k z); the antiplane displacement is
    cos(k x) V(z), V = e exp(k z) + f exp(-k z).
    """

    def __init__(self, modulus, ratio, plane, antiplane):
        self.shear, self.ratio = modulus / (2.0 * (1.0 + ratio)), ratio
        self.plane, self.antiplane = np.asarray(plane, float), np.asarray(antiplane, float)

    def airy(self, z, derivative):
        """Derivative of F."""
        total = 0.0
        for (a, b), rate in zip(self.plane.reshape(2, 2), (WAVE, -WAVE), strict=True):
            for _ in range(derivative):
                a, b = rate * a + b, rate * b  # of (a + b z) exp(rate z)
            total = total + (a + b * z) * np.exp(rate * z)
        return total

    def lateral(self, z, derivative=0):
        """Derivative of V."""
        rise, fall = self.antiplane
        return WAVE**derivative * (rise * np.exp(WAVE * z) + (-1) ** derivative * fall * np.exp(-WAVE * z))

    def amplitudes(self, z):
        """Of u_x / sin(k x), u_y / cos(k x) and u_z / cos(k x), from Hooke's law integrated along x and z."""
        nu, square = self.ratio, WAVE**2
        along = ((1.0 - nu) * self.airy(z, 2) + nu * square * self.airy(z, 0)) / (2.0 * self.shear * WAVE)
        up = ((1.0 - nu) * self.airy(z, 3) + (nu - 2.0) * square * self.airy(z, 1)) / (2.0 * self.shear * square)
        return along, self.lateral(z), up

    def tractions(self):
        """Amplitudes of sigma_xz, sigma_yz and sigma_zz on z = 0."""
        return WAVE * self.airy(0.0, 1), self.shear * self.lateral(0.0, 1), -(WAVE**2) * self.airy(0.0, 0)

    def displacement(self, points):
        """Shape (n, 3)."""
        x, _, z = points.T
        along, across, up = self.amplitudes(z)
        return np.stack([along * np.sin(WAVE * x), across * np.cos(WAVE * x), up * np.cos(WAVE * x)], axis=1)


def layers():
    """The lower layer is chosen; the upper one carries its traction and jumps by traction over ``SLOPE``."""
    lower = Layer(*LOWER, (100.0, 30.0, -40.0, 50.0), (0.2, -0.3))

    def state(layer):
        return np.array([*layer.tractions(), *layer.amplitudes(0.0)])

    unit = [state(Layer(*UPPER, row[:4], row[4:])) for row in np.eye(6)]
    wanted = state(lower)
    wanted[3:] += wanted[:3] / SLOPE
    found = np.linalg.solve(np.transpose(unit), wanted)
    return {"lower": lower, "upper": Layer(*UPPER, found[:4], found[4:])}


def field(layer, points):
    """Waves of one layer along all ``DIRECTIONS``."""
    total = np.zeros_like(points)
    for angle in DIRECTIONS:
        cosine, sine = np.cos(angle), np.sin(angle)
        turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        total += layer.displacement(points @ turn) @ turn.T
    return total


def error(divisions, degree):
    """L2 error of the displacement in two bonded layers, the field prescribed all around them."""
    half = divisions // 2
    bodies = {
        "lower": meshes.box("lower", (0, 0, -0.5), (1, 1, 0), (divisions, divisions, half), degree),
        "upper": meshes.box("upper", (0, 0, 0), (1, 1, 0.5), (divisions, divisions, half), degree),
    }
    given = {"lower": meshes.material(bodies["lower"], *LOWER), "upper": meshes.material(bodies["upper"], *UPPER)}
    bond = Interface(Contact("upper/lower", ("upper", "z0"), ("lower", "z1")), Bonded(SLOPE))
    system = System(bodies, given, (bond,))
    matrix = system.matrix().tocsc()
    exact = layers()
    held = np.empty_like(system.nodes)
    for name, body in bodies.items():
        held[system.numbers[name]] = field(exact[name], body.nodes)
    x, y, z = system.nodes.T
    free = (np.abs(x - 0.5) < 0.5 - 1e-9) & (np.abs(y - 0.5) < 0.5 - 1e-9) & (np.abs(z) < 0.5 - 1e-9)
    dofs = np.flatnonzero(np.repeat(free, 3))
    held[free] = 0.0
    found = held.ravel()
    found[dofs] = splu(matrix[dofs][:, dofs], "MMD_AT_PLUS_A", options={"SymmetricMode": True}).solve(
        -(matrix @ found)[dofs]
    )
    return float(np.sqrt(sum(_square(bodies[name], u, exact[name]) for name, u in system.split(found).items())))


def _square(body, found, layer):
    """Integral of the squared error over one body."""
    points, weights = order.quadrature()
    values, _ = tetrahedron(body.order, points)
    corners = body.nodes[body.cells[:, :4]]
    volume = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0
    place = np.einsum("qa,cai->cqi", values, body.nodes[body.cells])
    miss = np.einsum("qa,cai->cqi", values, found[body.cells])
    miss -= field(layer, place.reshape(-1, 3)).reshape(miss.shape)
    return np.einsum("c,q,cqi->", volume, weights, miss**2)


def slope(degree, divisions):
    """Order of convergence between two meshes."""
    coarse, fine = (error(count, degree) for count in divisions)
    return float(np.log(coarse / fine) / np.log(divisions[1] / divisions[0]))


def rows():
    # on regular meshes: nodes moved at random make some cells worse the more there are, which is not a matter of h
    source = "exact plane-strain and antiplane waves in two bonded layers; finite-element theory"
    return [
        Row("two materials, bonded, P1", "order of the L2 error", slope(1, (8, 16)), 2.0, 0.05, source),
        Row("two materials, bonded, P2", "order of the L2 error", slope(2, (4, 8)), 3.0, 0.05, source),
    ]
