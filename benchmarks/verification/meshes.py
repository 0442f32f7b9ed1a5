"""Small meshes for tests and benchmarks: structured boxes without any mesher, gmsh for what is round."""

from __future__ import annotations

import numpy as np

from femsacrum.materials.elastic import BodyMaterial, Cortex
from femsacrum.mechanics.shapes import TETRA_EDGES, TETRA_FACES
from femsacrum.meshing.bodies import BodyMesh

SIDES = ("x0", "x1", "y0", "y1", "z0", "z1")


def boundary(nodes, cells):
    """Outward corner facets of tetrahedra and the cell each belongs to."""
    opposite = np.array([0, 1, 2, 3])
    faces = cells[:, TETRA_FACES].reshape(-1, 3)
    owner = np.repeat(np.arange(len(cells)), 4)
    inner = cells[:, opposite].reshape(-1)
    _, first, counts = np.unique(np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True)
    keep = np.sort(first[counts == 1])
    faces, owner, inner = faces[keep], owner[keep], inner[keep]
    a, b, c = (nodes[faces[:, i]] for i in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), nodes[inner] - a) > 0
    faces[inward] = faces[inward][:, [0, 2, 1]]
    return faces, owner


def quadratic(nodes, cells, facets):
    """Straight-sided tetra10 and triangle6 from linear ones."""
    edges = np.sort(cells[:, TETRA_EDGES].reshape(-1, 2), axis=1)
    unique, inverse = np.unique(edges, axis=0, return_inverse=True)
    middle = len(nodes) + inverse.reshape(-1, 6)
    number = {tuple(edge): len(nodes) + i for i, edge in enumerate(unique)}
    sides = [[number[tuple(sorted((f[i], f[j])))] for i, j in ((0, 1), (1, 2), (2, 0))] for f in facets]
    points = np.vstack([nodes, nodes[unique].mean(axis=1)])
    return points, np.hstack([cells, middle]), np.hstack([facets, np.array(sides)])


def box(name, low, high, divisions, order=1, role="bone", jitter=0.0, seed=0):
    """Box of six tetrahedra a cell with faces "x0" ... "z1"; interior nodes may be moved by ``jitter`` cells."""
    low, high, n = np.asarray(low, float), np.asarray(high, float), np.asarray(divisions)
    axes = [np.linspace(low[i], high[i], n[i] + 1) for i in range(3)]
    nodes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    if jitter:
        inside = np.all((nodes > low + 1e-9) & (nodes < high - 1e-9), axis=1)
        step = (high - low) / n
        nodes[inside] += jitter * step * np.random.default_rng(seed).uniform(-1, 1, (inside.sum(), 3))
    index = np.arange(len(nodes)).reshape(n + 1)
    i, j, k = (a.ravel() for a in np.meshgrid(*(np.arange(m) for m in n), indexing="ij"))
    corner = {(a, b, c): index[i + a, j + b, k + c] for a in (0, 1) for b in (0, 1) for c in (0, 1)}
    paths = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    cells = []
    for path in paths:
        vertex = [0, 0, 0]
        chain = [corner[tuple(vertex)]]
        for axis in path:
            vertex[axis] = 1
            chain.append(corner[tuple(vertex)])
        cells.append(np.stack(chain, axis=1))
    cells = np.vstack(cells)
    a, b, c, d = (nodes[cells[:, m]] for m in range(4))
    negative = np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a) < 0
    cells[negative] = cells[negative][:, [0, 2, 1, 3]]
    return body(name, nodes, cells, order, role, low, high)


def body(name, nodes, cells, order, role, low, high):
    """BodyMesh of linear tetrahedra with faces named where they lie on the box (low, high)."""
    facets, _ = boundary(nodes, cells)
    centre = nodes[facets].mean(axis=1)
    face = np.full(len(facets), 6)
    for axis in range(3):
        face[np.abs(centre[:, axis] - low[axis]) < 1e-9] = 2 * axis
        face[np.abs(centre[:, axis] - high[axis]) < 1e-9] = 2 * axis + 1
    if order == 2:
        nodes, cells, facets = quadratic(nodes, cells, facets)
    return BodyMesh(name, role, order, nodes, cells, facets, face, (*SIDES, "surface"))


def material(mesh, youngs_modulus, poisson_ratio, cortex=None):
    """Uniform material."""
    count = len(mesh.cells)
    return BodyMaterial(
        np.full(count, float(youngs_modulus)), np.full(count, float(poisson_ratio)), cortex, None, "test"
    )


def cortex(mesh, faces, thickness, youngs_modulus, poisson_ratio):
    """Uniform cortex on named faces."""
    facets = np.vstack([mesh.facets_of(face)[:, :3] for face in faces])
    return Cortex(facets, np.full(len(facets), float(thickness)), youngs_modulus, poisson_ratio)


def affine(nodes, gradient, shift=(0.0, 0.0, 0.0)):
    """Affine displacement at nodes."""
    return nodes @ np.asarray(gradient).T + np.asarray(shift)


def rigid_modes(nodes):
    """Six rigid displacement fields, shape (6, n, 3)."""
    modes = np.zeros((6, len(nodes), 3))
    for axis in range(3):
        modes[axis, :, axis] = 1.0
        modes[3 + axis] = np.cross(np.eye(3)[axis], nodes - nodes.mean(axis=0))
    return modes
