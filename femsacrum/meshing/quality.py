"""Is a mesh fit to be solved on: shape of its elements, their sign, the volume they fill."""

from __future__ import annotations

from functools import cache

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.elements import quadratic_gradients

#: A mesh whose least gamma reaches this is taken without a further trial.
GOOD_GAMMA = 0.1

#: A natural surface that leaves a worse element is wrapped.
LEAST_GAMMA = 0.05

#: Element volumes and Jacobians below this share of the body's mean count as inverted.
DEGENERATE = 1e-9


def gamma(nodes: Floats, cells: Ints) -> Floats:
    """Three times inscribed over circumscribed radius of the straight tetrahedra: 1 regular, 0 flat, shape (m,).

    Args:
        nodes: Shape (n, 3) [mm].
        cells: Shape (m, 4) or (m, 10); only corners count.
    """
    a, b, c, d = (nodes[cells[:, i]] for i in range(4))
    edges = [b - a, c - a, d - a, c - b, d - b, d - c]
    six_volumes = np.abs(np.einsum("ij,ij->i", np.cross(edges[0], edges[1]), edges[2]))
    area = sum(
        0.5 * np.linalg.norm(np.cross(edges[i], edges[j]), axis=1) for i, j in ((0, 1), (0, 2), (1, 2), (3, 4))
    )
    lengths = [np.linalg.norm(e, axis=1) for e in edges]
    p, q, r = lengths[0] * lengths[5], lengths[1] * lengths[4], lengths[2] * lengths[3]
    # inscribed r = 3 V / A; circumscribed R = sqrt(s (s - 2p) (s - 2q) (s - 2r)) / (24 V), s = p + q + r (Crelle)
    product = (p + q + r) * (q + r - p) * (p + r - q) * (p + q - r)
    circumscribed = np.sqrt(np.maximum(product, 0.0)) / np.maximum(4.0 * six_volumes, 1e-300)
    inscribed = six_volumes / 2.0 / np.maximum(area, 1e-300)
    shape: Floats = 3.0 * inscribed / np.maximum(circumscribed, 1e-300)
    return shape


@cache
def _cubic_lattice_gradients() -> Floats:
    """Gradients of the ten shape functions at the 20 points of a cubic lattice, shape (20, 10, 3).

    The Jacobian determinant of a quadratic tetrahedron is a cubic polynomial, which these points determine.
    """
    third = [(i, j, k) for i in range(4) for j in range(4 - i) for k in range(4 - i - j)]
    return np.stack([quadratic_gradients(*np.array(point) / 3.0) for point in third])


def jacobians(nodes: Floats, cells: Ints) -> Floats:
    """Jacobian determinants in each element, at 1 point (linear) or 20, shape (m, 1) or (m, 20) [mm3].

    Where the sides are straight they are six times the volume.
    """
    if cells.shape[1] == 4:
        a, b, c, d = (nodes[cells[:, i]] for i in range(4))
        return np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a)[:, None]
    matrix = np.einsum("pnd,mnc->mpcd", _cubic_lattice_gradients(), nodes[cells], optimize=True)
    columns = (matrix[..., i] for i in range(3))
    first, second, third = columns
    determinant: Floats = np.einsum("mpc,mpc->mp", np.cross(first, second), third)
    return determinant


def volume(nodes: Floats, cells: Ints) -> float:
    """Volume with curved sides taken into account [mm3]."""
    if cells.shape[1] == 4:
        return float(jacobians(nodes, cells).sum() / 6.0)
    # four points, exact for quadratics and, beyond round-off, within 1e-4 of the cubic Jacobian here; Keast 1986
    near, far = 0.1381966011250105, 0.5854101966249685
    points = [(near, near, near), (far, near, near), (near, far, near), (near, near, far)]
    gradients = np.stack([quadratic_gradients(*point) for point in points])
    matrix = np.einsum("pnd,mnc->mpcd", gradients, nodes[cells], optimize=True)
    determinant = np.einsum("mpc,mpc->mp", np.cross(matrix[..., 0], matrix[..., 1]), matrix[..., 2])
    return float(determinant.sum() / 24.0)


def assert_sound(body: BodyMesh) -> None:
    """Refuse a mesh no solve may start from.

    Raises:
        NumericalError: No elements, an inverted or degenerate one, or a node no element uses; names body, element
            and place.
    """
    if not len(body.cells):
        raise NumericalError(f'mesh: body "{body.name}" has no elements')
    worst = jacobians(body.nodes, body.cells).min(axis=1)
    scale = abs(body.volume()) / len(body.cells) * 6.0
    if worst.min() <= DEGENERATE * scale:
        element = int(np.argmin(worst))
        x, y, z = body.nodes[body.cells[element, :4]].mean(axis=0)
        raise NumericalError(
            f'mesh: body "{body.name}": element {element} at ({x:.1f}, {y:.1f}, {z:.1f}) mm is inverted or flat'
        )
    if len(np.unique(body.cells)) != len(body.nodes):
        raise NumericalError(f'mesh: body "{body.name}" has nodes that no element uses')


def row(body: BodyMesh, true_volume: float, seconds: float) -> dict[str, float]:
    """One row of the quality table.

    Args:
        body: The mesh.
        true_volume: Of what was meshed [mm3].
        seconds: Time it took.
    """
    shape = gamma(body.nodes, body.cells)
    filled = volume(body.nodes, body.cells)
    return {
        "cells": float(len(body.cells)),
        "nodes": float(len(body.nodes)),
        "order": float(body.order),
        "gamma_min": float(shape.min()),
        "gamma_p01": float(np.percentile(shape, 1.0)),
        "share_below_0.1 [%]": float(100.0 * np.mean(shape < 0.1)),
        "volume [mm3]": filled,
        "volume_error [%]": 100.0 * (filled / true_volume - 1.0),
        "seconds": seconds,
    }
