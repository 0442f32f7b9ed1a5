"""How stiff in bending the mesh of a round bar is, against the formula of the beam.

A bar that is free between two joints is taken out of its body's mesh, cell by cell as they are, held at one end and
loaded across at the other. There its moment is known whatever the rest of the body does, and so is its shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import splu

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.elasticity import stiffness
from femsacrum.meshing.bodies import BodyMesh

#: Nodes this share of the radius off the bar's surface are not on it: curved facets have theirs on it, corners all have.
OFF = 0.02
#: A bar free over less than so many diameters is no beam: no section of it is out of reach of its ends.
SLENDER = 2.0
#: How its ends are held is felt over about a diameter (Saint-Venant): there it is not measured. Between two and three
#: diameters of free length one diameter in the middle is measured (of a fine mesh 0.3 % off, see the tests).
REACH = 1.0
POISSON = 0.3


@dataclass(frozen=True)
class Bar:
    """A straight round bar that is part of a body.

    Attributes:
        name: Of the bar.
        start: One end of its axis, shape (3,) [mm].
        end: The other end, shape (3,) [mm].
        diameter: [mm].
    """

    name: str
    start: Floats
    end: Floats
    diameter: float


@dataclass(frozen=True)
class Bending:
    """What was found of one free length of a bar.

    Attributes:
        free: Where nothing is joined to it, from its start [mm].
        measured: Stations between which its shape was taken, from its start [mm]; None: too short for a beam.
        ratio: Deflection of the mesh over that of the beam, of two directions across the one further from 1; None: too
            short for a beam. Infinite: nothing holds the cells together.
    """

    free: tuple[float, float]
    measured: tuple[float, float] | None
    ratio: float | None


@dataclass(frozen=True)
class _Piece:
    """Cells of a bar over its free length, with its coordinates: along it, and twice across."""

    bar: Bar
    free: tuple[float, float]
    stations: tuple[float, float]
    nodes: Ints
    cells: Ints
    place: Floats
    turn: Floats
    held: Ints
    loaded: Ints


def bending(body: BodyMesh, bars: Sequence[Bar]) -> dict[str, tuple[Bending, ...]]:
    """Bend the free lengths of all bars of a body, in one factorisation.

    Args:
        body: Mesh that the bars are part of.
        bars: Any number.

    Returns:
        Name of the bar -> what was found of each of its free lengths that are long enough for a beam, from its start;
        where none is: of the longest.
    """
    found, pieces = {}, []
    for bar in bars:
        lengths = free_lengths(body, bar)
        long = [each for each in lengths if each[1] - each[0] >= SLENDER * bar.diameter]
        own = [piece for free in long if (piece := _piece(body, bar, free))]
        longest = max(lengths, key=lambda free: free[1] - free[0], default=(0.0, 0.0))
        found[bar.name] = [] if own else [Bending(longest, None, None)]
        pieces += own
    for piece, ratio in zip(pieces, _ratios(body, pieces) if pieces else (), strict=True):
        found[piece.bar.name].append(Bending(piece.free, piece.stations, ratio))
    return {name: tuple(each) for name, each in found.items()}


def free_lengths(body: BodyMesh, bar: Bar) -> list[tuple[float, float]]:
    """The parts of a bar whose whole round surface is free [mm], from its start."""
    place, _ = _place(body.nodes, bar)
    along, radius, length = place[:, 0], bar.diameter / 2.0, float(np.linalg.norm(bar.end - bar.start))
    off = np.hypot(place[:, 1], place[:, 2])
    near = (off <= (1.0 + OFF) * radius) & (along >= -radius) & (along <= length + radius)
    joined = body.cells[near[body.cells].any(axis=1) & ~near[body.cells].all(axis=1)]
    firsts = np.where(near[joined], np.inf, along[joined]).min(axis=1, initial=np.inf)  # of the nodes off it
    lasts = np.where(near[joined], -np.inf, along[joined]).max(axis=1, initial=-np.inf)
    corners = body.facets[:, :3]
    other = near[corners].any(axis=1) & (np.abs(off[corners] - radius) > OFF * radius).any(axis=1)
    facets = along[corners[other]]
    starts = np.concatenate([[-np.inf, length], firsts, facets.min(axis=1, initial=np.inf)])
    ends = np.concatenate([[0.0, np.inf], lasts, facets.max(axis=1, initial=-np.inf)])
    order = np.argsort(starts, kind="stable")
    reached = np.maximum.accumulate(ends[order])[:-1]
    gaps = starts[order][1:] - reached
    return [(float(reached[at]), float(reached[at] + gaps[at])) for at in np.flatnonzero(gaps > 0.0)]


def _place(nodes: Floats, bar: Bar) -> tuple[Floats, Floats]:
    """Coordinates along and across a bar, shape (n, 3) [mm], and the unit vectors they belong to, shape (3, 3)."""
    axis = (bar.end - bar.start) / np.linalg.norm(bar.end - bar.start)
    across = np.eye(3)[np.argmin(np.abs(axis))]
    across = across - (across @ axis) * axis
    across /= np.linalg.norm(across)
    turn = np.array([axis, across, np.cross(axis, across)])
    return (nodes - bar.start) @ turn.T, turn


def _piece(body: BodyMesh, bar: Bar, free: tuple[float, float]) -> _Piece | None:
    """Cells with a corner in the free length; None where they do not reach both its ends."""
    place, turn = _place(body.nodes, bar)
    radius, tiny = bar.diameter / 2.0, 1e-6 * bar.diameter
    inside = np.hypot(place[:, 1], place[:, 2]) <= (1.0 + OFF) * radius
    inside &= (place[:, 0] > free[0] + tiny) & (place[:, 0] < free[1] - tiny)
    cells = body.cells[inside[body.cells[:, :4]].any(axis=1)]
    nodes, local = np.unique(cells, return_inverse=True)
    along = place[nodes, 0]
    held, loaded = (np.flatnonzero(end) for end in (along <= free[0] + tiny, along >= free[1] - tiny))
    if len(held) < 3 or not len(loaded):
        return None
    margin = min(REACH * bar.diameter, 0.5 * (free[1] - free[0] - bar.diameter))
    stations = (free[0] + margin, free[1] - margin)
    return _Piece(bar, free, stations, nodes, local.reshape(cells.shape), place[nodes], turn, held, loaded)


def _ratios(body: BodyMesh, pieces: Sequence[_Piece]) -> list[float]:
    """Deflection of each piece over that of its beam."""
    first = np.cumsum([0, *(len(piece.nodes) for piece in pieces)])
    cells = np.concatenate([piece.cells + at for piece, at in zip(pieces, first, strict=False)])
    nodes = np.concatenate([body.nodes[piece.nodes] for piece in pieces])
    none = np.zeros((0, body.cells.shape[1]), dtype=np.int64)
    mesh = BodyMesh(body.name, body.role, body.order, nodes, cells, none, np.zeros(0, dtype=np.int64), ("surface",))
    ones = np.ones(len(cells))
    matrix = stiffness(mesh, BodyMaterial(ones, POISSON * ones, None, None, "unit modulus")).tocsr()
    force, moving = np.zeros((len(nodes), 3, 2)), np.ones((len(nodes), 3), dtype=bool)
    for piece, at in zip(pieces, first, strict=False):
        moving[at + piece.held] = False
        force[at + piece.loaded] = piece.turn[1:].T / len(piece.loaded)
    dofs = np.flatnonzero(moving.ravel())
    free = matrix[dofs][:, dofs].tocsc()
    try:
        factor = splu(free, "MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    except RuntimeError:  # singular: cells that hang by a hinge
        return [float("inf")] * len(pieces)
    moved = np.zeros((3 * len(nodes), 2))
    moved[dofs] = factor.solve(force.reshape(-1, 2)[dofs])
    by_node = moved.reshape(-1, 3, 2)
    ratios = []
    for piece, at in zip(pieces, first, strict=False):
        own = by_node[at : at + len(piece.nodes)]
        both = [_ratio(piece, own[:, :, across] @ piece.turn[1 + across], across) for across in range(2)]
        ratios.append(max(both, key=lambda ratio: abs(ratio - 1.0)))
    return ratios


def _ratio(piece: _Piece, deflection: Floats, across: int) -> float:
    """Share of the beam's shape in a deflection, shape (n,), along the first or second direction across (0 or 1).

    It is fitted by the shape of the cantilever of unit modulus under a unit force at its end, with what its sections do
    by Poisson's ratio, and by motions that bend nothing: shift, slope (where the force is constant shear slants the axis
    evenly, so that its coefficient does not matter), twist.

    Source: S. P. Timoshenko, J. N. Goodier, Theory of Elasticity, 3rd ed. 1970, section 102 (pure bending) and chapter 11
    (bending by a force at the end): EI u = F (L x^2 / 2 - x^3 / 6 + nu (L - x) (y^2 - z^2) / 2) + slope, y along F.
    """
    place = piece.place
    between = (place[:, 0] >= piece.stations[0]) & (place[:, 0] <= piece.stations[1])
    along, with_force, aside = place[between, 0], place[between, 1 + across], place[between, 2 - across]
    lever = place[piece.loaded, 0].mean()
    inertia = np.pi * piece.bar.diameter**4 / 64.0
    beam = lever * along**2 / 2.0 - along**3 / 6.0 + POISSON * (lever - along) * (with_force**2 - aside**2) / 2.0
    columns = np.column_stack([beam / inertia, np.ones_like(along), along, aside, along * aside])
    sizes = np.abs(columns).max(axis=0)
    return float((np.linalg.lstsq(columns / sizes, deflection[between], rcond=None)[0] / sizes)[0])
