"""Boxes of tetrahedra with every boundary facet, linear or quadratic, made in numpy."""

import itertools

import numpy as np

from femsacrum.meshing.bodies import BodyMesh

EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))


def box(
    size=(1.0, 1.0, 1.0), counts=(2, 2, 2), origin=(0.0, 0.0, 0.0), order=1, name="box", role="bone", bottom=None
):
    """Kuhn's six tetrahedra a brick; ``bottom`` names the facets at the least z."""
    nx, ny, nz = counts
    axes = [np.linspace(0, s, n + 1) for s, n in zip(size, counts, strict=True)]
    nodes = np.array(list(itertools.product(*axes))) + np.asarray(origin)

    def number(i, j, k):
        return (i * (ny + 1) + j) * (nz + 1) + k

    cells = []
    for i, j, k in itertools.product(range(nx), range(ny), range(nz)):
        for path in itertools.permutations(range(3)):
            at = np.array([i, j, k])
            cell = [number(*at)]
            for axis in path:
                at[axis] += 1
                cell.append(number(*at))
            cells.append(cell)
    cells = np.array(cells)
    a, b, c, d = (nodes[cells[:, i]] for i in range(4))
    wrong = np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a) < 0
    cells[wrong] = cells[wrong][:, [0, 2, 1, 3]]

    faces = np.concatenate([cells[:, f] for f in ([0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2])])
    _, first, count = np.unique(np.sort(faces, axis=1), axis=0, return_index=True, return_counts=True)
    facets = faces[first[count == 1]]
    if order == 2:
        nodes, cells, facets = _quadratic(nodes, cells, facets)
    names = ("surface",) if bottom is None else ("surface", bottom)
    face = np.zeros(len(facets), dtype=np.int64)
    if bottom is not None:
        face[(nodes[facets[:, :3], 2] < origin[2] + 1e-9).all(axis=1)] = 1
    return BodyMesh(name, role, order, nodes, cells, facets, face, names)


def _quadratic(nodes, cells, facets):
    pairs = np.sort(np.concatenate([cells[:, e] for e in EDGES]), axis=1)
    edges, inverse = np.unique(pairs, axis=0, return_inverse=True)
    middle = len(nodes) + inverse.reshape(6, len(cells)).T
    number = {tuple(edge): len(nodes) + i for i, edge in enumerate(edges)}
    ring = [[number[tuple(sorted((f[i], f[j])))] for i, j in ((0, 1), (1, 2), (2, 0))] for f in facets]
    points = np.vstack([nodes, nodes[edges].mean(axis=1)])
    return points, np.hstack([cells, middle]), np.hstack([facets, np.array(ring)])
