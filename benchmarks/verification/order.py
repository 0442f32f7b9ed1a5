"""Order of convergence of the elasticity: a divergence-free harmonic field needs no body force."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import splu

from benchmarks.row import Row
from benchmarks.verification import meshes
from femsacrum.mechanics.elasticity import stiffness
from femsacrum.mechanics.shapes import tetrahedron

#: Keast's 11-point rule of degree 4 (P. Keast, Comput. Methods Appl. Mech. Engng 55 (1986) 339): points by orbit.
_A, _B = 0.0714285714285714, 0.785714285714286
_C, _D = 0.399403576166799, 0.100596423833201


def field(points):
    """u = grad(exp(s x) sin y sin z), s = sqrt 2: Laplace u = 0 and div u = 0, so div sigma = 0 for any E, nu."""
    root = np.sqrt(2.0)
    x, y, z = points.T
    rise = np.exp(root * x)
    return np.stack(
        [root * rise * np.sin(y) * np.sin(z), rise * np.cos(y) * np.sin(z), rise * np.sin(y) * np.cos(z)], axis=1
    )


def error(divisions, order):
    """L2 error of the displacement in a unit cube."""
    cube = meshes.box("cube", (0, 0, 0), (1, 1, 1), (divisions,) * 3, order, jitter=0.15)
    matrix = stiffness(cube, meshes.material(cube, 1000.0, 0.3)).tocsc()
    exact = field(cube.nodes)
    inner = np.setdiff1d(np.arange(len(cube.nodes)), cube.facets)
    dofs = (3 * inner[:, None] + np.arange(3)).ravel()
    held = exact.copy()
    held[inner] = 0.0
    found = held.ravel().copy()
    found[dofs] = splu(matrix[dofs][:, dofs]).solve(-(matrix @ held.ravel())[dofs])
    points, weights = quadrature()
    values, _ = tetrahedron(order, points)
    corners = cube.nodes[cube.cells[:, :4]]
    volume = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0
    place = np.einsum("qa,cai->cqi", values, cube.nodes[cube.cells])
    miss = np.einsum("qa,cai->cqi", values, found.reshape(-1, 3)[cube.cells])
    miss -= field(place.reshape(-1, 3)).reshape(miss.shape)
    return float(np.sqrt(np.einsum("c,q,cqi->", volume, weights, miss**2)))


def quadrature():
    points, weights = [[0.25] * 3], [-0.0789333333333333]
    for i in range(4):
        barycentric = np.full(4, _A)
        barycentric[i] = _B
        points.append(barycentric[1:])
        weights.append(0.0457333333333333)
    for i in range(4):
        for j in range(i + 1, 4):
            barycentric = np.full(4, _D)
            barycentric[[i, j]] = _C
            points.append(barycentric[1:])
            weights.append(0.149333333333333)
    return np.array(points), np.array(weights)


def slope(order, divisions):
    """Order of convergence between two meshes."""
    coarse, fine = (error(count, order) for count in divisions)
    return float(np.log(coarse / fine) / np.log(divisions[1] / divisions[0]))


def rows():
    source = "manufactured harmonic field; finite-element theory"
    return [
        Row("elasticity, P1", "order of the L2 error", slope(1, (4, 8)), 2.0, 0.1, source),
        Row("elasticity, P2", "order of the L2 error", slope(2, (3, 6)), 3.0, 0.1, source),
    ]
