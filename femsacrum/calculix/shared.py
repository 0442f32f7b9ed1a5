"""Bonded faces whose nodes lie on each other: one number for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from femsacrum.anatomy.model import Ints
from femsacrum.mechanics.interfaces import Bonded, Interface
from femsacrum.mechanics.share import listed
from femsacrum.meshing.bodies import BodyMesh

#: Nodes that lie this close are one [mm].
TOGETHER = 1e-6


def shared_numbers(
    bodies: Mapping[str, BodyMesh], interfaces: Sequence[Interface]
) -> tuple[dict[str, Ints], tuple[Interface, ...]]:
    """Numbers of nodes from one on, body after body, the same for nodes that bonded faces share.

    A face shares its nodes where every one of them lies on a node of the opposite face.

    Args:
        bodies: Body name -> mesh.
        interfaces: Those of them that are bonds of two faces may be merged.

    Returns:
        Body name -> number of each node, shape (n,); the interfaces that were merged.
    """
    number = listed(bodies)
    total = sum(len(body.nodes) for body in bodies.values())
    merged, pairs = [], [np.zeros((0, 2), dtype=np.int64)]
    for each in interfaces:
        if not isinstance(each.law, Bonded) or each.contact.kind == "embedded":
            continue
        sides = []
        for name, face in (each.contact.slave, each.contact.master):
            own = np.unique(bodies[name].facets_of(face))
            sides.append((number[name][own], bodies[name].nodes[own]))
        (slave, slave_place), (master, master_place) = sides
        distance, nearest = cKDTree(master_place).query(slave_place)
        if len(slave) and distance.max() <= TOGETHER:
            pairs.append(np.stack([slave, master[nearest]], axis=1))
            merged.append(each)
    first, second = np.vstack(pairs).T
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(total, total))
    group = connected_components(graph, directed=False)[1]
    _, earliest, inverse = np.unique(group, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(earliest))  # numbered by the first node of each group
    return {name: rank[inverse[of_body]] + 1 for name, of_body in number.items()}, tuple(merged)
