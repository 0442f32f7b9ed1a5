"""An assembly of bodies that share faces node by node: the same bones, discs, rods and screws on one grid of cubes.

Bodies are meshed one by one, so no two faces of a case match; on a grid they do, and what meets can share its nodes. The
staircase of the grid is no anatomy. Both programs get it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.choose import interfaces
from femsacrum.mechanics.locate import in_cells
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.meshing.elements import boundary
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Contact

#: Points along each edge of a cube at which it is asked whose it is.
POINTS = 2
#: Who takes a cube with any point in it, whatever else is there: what is thin.
THIN = ("fixation", "cartilage")
#: Corners of a cube's six tetrahedra, a path along its edges each; cubes side by side then match.
PATHS = [
    [np.sum([np.eye(3, dtype=int)[axis] for axis in path[:count]], axis=0, dtype=int) for count in range(4)]
    for path in permutations(range(3))
]
#: Facets of a pelvis that are held: of the ilia, this near to the hip centres [mm]. Force on L4 [N].
NEAR, FORCE = 35.0, 500.0


def conforming(model, spacing):
    """Bodies, materials, bonds and a load case on a grid.

    Args:
        model: A ``femsacrum.pipeline.Model``.
        spacing: Edge of a cube [mm].
    """
    given = model.assembly.bodies
    owner, origin = _owners(given, spacing)
    ends = np.array(owner.shape) + 1
    corner = np.arange(ends.prod()).reshape(ends)
    place = origin + spacing * np.argwhere(corner >= 0)
    raw = {name: _cells(corner, np.argwhere(owner == number), place) for number, name in enumerate(given)}
    raw = {name: cells for name, cells in raw.items() if len(cells)}
    facets = {name: boundary(cells)[0] for name, cells in raw.items()}
    keys = {name: list(map(tuple, np.sort(own, axis=1).tolist())) for name, own in facets.items()}
    whose = {}
    for name, own in keys.items():
        for key in own:
            whose.setdefault(key, []).append(name)
    bodies, contacts = {}, []
    for name, cells in raw.items():
        used, local = np.unique(cells, return_inverse=True)
        other = [next((each for each in whose[key] if each != name), "surface") for key in keys[name]]
        faces = (*sorted(set(other) - {"surface"}), "surface")
        number = np.array([faces.index(each) for each in other])
        own = np.searchsorted(used, facets[name])
        bodies[name] = BodyMesh(name, given[name].role, 1, place[used], local.reshape(-1, 4), own, number, faces)
        contacts += [
            Contact(f"{name}/{each}", (name, each), (each, name), "anatomical") for each in faces[:-1] if name < each
        ]
    materials = {name: _uniform(model.materials[name], len(body.cells)) for name, body in bodies.items()}
    construct = replace(model.assembly.construct, screws=(), rods=(), contacts=tuple(contacts))
    assembly = Assembly(construct, bodies, {})
    joined = interfaces(SimpleNamespace(interfaces=()), assembly, materials)
    return bodies, materials, joined, _load_case(assembly)


def _owners(bodies, spacing):
    """Number of the body of each cube (-1: none) and the grid's corner [mm]; what hangs together by faces, the largest."""
    low = np.min([body.nodes.min(axis=0) for body in bodies.values()], axis=0) - spacing
    high = np.max([body.nodes.max(axis=0) for body in bodies.values()], axis=0) + spacing
    shape, step = np.ceil((high - low) / spacing).astype(int), spacing / POINTS
    share = np.zeros((len(bodies), *shape))
    for number, body in enumerate(bodies.values()):
        first = ((body.nodes.min(axis=0) - low) / step).astype(int)
        last = ((body.nodes.max(axis=0) - low) / step).astype(int) + 1
        index = first + np.argwhere(np.ones(last - first, dtype=bool))
        corners = body.nodes[body.cells[:, :4]]
        middle = corners.mean(axis=1)
        reach = np.linalg.norm(corners - middle[:, None], axis=2).max()
        index = index[cKDTree(middle).query(low + step * (index + 0.5))[0] <= reach]
        inside = in_cells(low + step * (index + 0.5), body)[0] >= 0
        np.add.at(share[number], tuple((index[inside] // POINTS).T), 1.0 / POINTS**3)
        if body.role in THIN:
            share[number] += share[number] > 0.0
    owner = np.where(share.sum(axis=0) >= 0.5, share.argmax(axis=0), -1)
    label, _ = ndimage.label(owner >= 0)
    return np.where(label == np.bincount(label[label > 0]).argmax(), owner, -1), low


def _cells(corner, cubes, place):
    """Six tetrahedra of positive volume in each cube, corners as numbers of the grid, shape (m, 4)."""
    cells = np.vstack([np.stack([corner[tuple((cubes + at).T)] for at in path], axis=1) for path in PATHS])
    turned = np.linalg.det(place[cells[:, 1:]] - place[cells[:, :1]]) < 0.0
    cells[turned] = cells[turned][:, [0, 2, 1, 3]]
    return cells


def _uniform(material, count):
    """The same material throughout a body: its median, without a cortex; of a disc the table's one solid."""
    young, ratio = (float(np.median(each)) for each in (material.youngs_modulus, material.poisson_ratio))
    if material.fibres is not None:
        young, ratio = (constant("materials", f"disc.{key}").value for key in ("youngs_modulus", "poisson_ratio"))
    return BodyMaterial(np.full(count, young), np.full(count, ratio), None, None, material.source)


def _load_case(assembly):
    """A crosshead that only goes up and down presses on top of L4; the ilia are held round the hips."""
    top, marks = assembly.bodies["L4"], assembly.construct.anatomy.landmarks
    height = top.nodes[top.facets][..., 2]
    loaded = top.facets[np.all(height > height.max() - 1e-6, axis=1)]
    point, axes = top.nodes[np.unique(loaded)].mean(axis=0), np.eye(3)
    down = np.array([0.0, 0.0, -FORCE])
    force = Applied("machine", "L4", loaded, down, np.zeros(3), point, "usual in sacrectomy experiments")
    held = [Support("crosshead", "L4", loaded, "mean", axes[:2], 1e5, point, axes)]
    for side in ("left", "right"):
        body = assembly.bodies[f"{side}_ilium"]
        free = body.facets_of("surface")
        near = np.linalg.norm(body.nodes[free].mean(axis=1) - marks[f"{side}_hip_centre"], axis=1) < NEAR
        held.append(Support(f"{side} hip", body.name, free[near], "fixed", axes, 1e4))
    return LoadCase("pressed", (force,), tuple(held), {}, 0.0)
