"""Constraint points of several interfaces stacked, and the laws they follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.mechanics import laws
from femsacrum.mechanics.interfaces import Bonded, Frictional, Healing, Interface, Spring, Thread, UserLaw

#: Slope of exactly enforced contact over the stiffness that the two sides' nodes have at the point.
STIFFER = 2.0
#: Columns of a law's parameters.
WIDTH = 6


@dataclass(frozen=True)
class History:
    """What the laws remember from one converged increment to the next.

    Attributes:
        jump: At the last converged increment, shape (p, 3) [mm].
        kept: What each law keeps (of contact the traction), shape (p, 3) [MPa].
        drift: Elastic slip of the increments so far, where contact is exact, shape (p, 2) [mm].
        anchor: Jump after press-fit and tightening, shape (p, 3) [mm].
    """

    jump: Floats
    kept: Floats
    drift: Floats
    anchor: Floats

    @classmethod
    def at_rest(cls, count: int) -> History:
        """Nothing has moved yet."""
        return cls(np.zeros((count, 3)), np.zeros((count, 3)), np.zeros((count, 2)), np.zeros((count, 3)))


@dataclass(frozen=True)
class ContactState:
    """The nonlinear points evaluated at one displacement, in local axes."""

    jump: Floats
    traction: Floats
    tangent: Floats
    kept: Floats
    status: Ints


@dataclass(frozen=True)
class Points:
    """Constraint points of several interfaces stacked.

    Attributes:
        rows: Scalar jump weights over all nodes, shape (p, N).
        frames: Shape (p, 3, 3).
        area: Shape (p,) [mm2]; one for springs, whose tractions are forces.
        initial_gap: Shape (p,) [mm].
        interference: Shape (p,) [mm].
        parameters: Of the laws, shape (p, 6).
        exact: Whether contact is enforced exactly at the point, shape (p,).
        segments: Rows of each interface or spring and what they follow.
    """

    rows: sparse.csr_array
    frames: Floats
    area: Floats
    initial_gap: Floats
    interference: Floats
    parameters: Floats
    exact: np.ndarray
    segments: tuple[tuple[slice, Interface | Spring], ...]

    @property
    def faces(self) -> np.ndarray:
        """Whether the point belongs to faces that press and slide, shape (p,)."""
        result = np.zeros(len(self.area), dtype=bool)
        for where, each in self.segments:
            result[where] = isinstance(each, Interface) and isinstance(each.law, Frictional | Healing)
        return result

    def jump(self, displacement: Floats) -> Floats:
        """Jump in local axes, shape (p, 3) [mm]."""
        return np.einsum("pij,pj->pi", self.frames, self.rows @ displacement.reshape(-1, 3))

    def force(self, traction: Floats) -> Floats:
        """Nodal forces B' W t, shape (3 N,) [N]."""
        spatial = np.einsum("p,pij,pi->pj", self.area, self.frames, traction)
        return (self.rows.T @ spatial).ravel()

    def spatial(self, tangent: Floats) -> Floats:
        """Local tangents times area, in global axes, shape (p, 3, 3) [N/mm]."""
        return np.einsum("p,pia,pij,pjb->pab", self.area, self.frames, tangent, self.frames, optimize=True)

    def at(self, tightened: float, united: bool) -> Points:
        """The same points at a share of their interference and pre-tension, before or after union."""
        parameters = self.parameters.copy()
        for where, each in self.segments:
            if isinstance(each, Spring):
                parameters[where, 2] *= tightened
            elif isinstance(each.law, Healing) and not united:
                parameters[where, 4] = 0.0
        return replace(
            self,
            initial_gap=self.initial_gap - tightened * self.interference,
            interference=np.zeros(len(self.area)),
            parameters=parameters,
        )

    def softened(self, factor: float) -> Points:
        """The same points with their slopes, where contact is exact, multiplied."""
        parameters = self.parameters.copy()
        parameters[self.exact, :2] *= factor
        return replace(self, parameters=parameters)

    def evaluate(self, jump: Floats, history: History, kept: Floats, free_motion: float) -> ContactState:
        """Traction and tangent of every point.

        Args:
            jump: Shape (p, 3) [mm].
            history: At the last converged increment.
            kept: In place of the history's: multipliers of the augmented Lagrangian.
            free_motion: Stiffness of free motions in the tangent, share of the slope.
        """
        count = len(self.area)
        state = ContactState(
            jump, np.zeros((count, 3)), np.zeros((count, 3, 3)), np.zeros((count, 3)), np.zeros(count, dtype=np.int64)
        )
        for where, each in self.segments:
            out = (state.traction[where], state.tangent[where], state.kept[where], state.status[where])
            given = (jump[where], history.jump[where], kept[where])
            law = _law(each)
            law(*given, self.initial_gap[where], self.parameters[where], free_motion, *out)
            if isinstance(each, Interface) and isinstance(each.law, Healing):
                laws.unite(jump[where], history.anchor[where], self.parameters[where], out[0], out[1])
        return state

    def carried(self, state: ContactState, history: History, kept: Floats) -> History:
        """History after an increment has converged; ``kept`` are the multipliers it ended with."""
        now = state.kept.copy()
        for where, each in self.segments:
            if (
                isinstance(each, Interface)
                and isinstance(each.law, Frictional | Healing)
                and not self.exact[where][0]
            ):
                now[where, 0] = 0.0  # a layer's pressure follows from where it is, not from where it was
        drift = history.drift + self.excess(state, kept)[:, 1:]
        return History(state.jump, now, np.where((state.status == laws.OPEN)[:, None], 0.0, drift), history.anchor)

    def excess(self, state: ContactState, kept: Floats) -> Floats:
        """Penetration and elastic slip where contact presses, in local axes, shape (p, 3) [mm]; zero elsewhere.

        Where a face has united in part, what is stiff there is bond and contact together, and only the contact's share of it
        counts: new bone has filled the gap that contact was to keep, and no multiplier could move it back.
        """
        pressed = self.exact & (state.status != laws.OPEN)
        slopes = np.where(self.exact[:, None], self.parameters[:, [0, 1, 1]], 1.0)
        return np.where(pressed[:, None], self._rubbing(slopes) * (state.kept - kept) / slopes, 0.0)

    def _rubbing(self, slopes: Floats) -> Floats:
        """Contact's share of the stiffness at each point, shape (p, 3); one where nothing has united."""
        union, bond = np.zeros(len(self.area)), np.zeros(len(self.area))
        for where, each in self.segments:
            if isinstance(each, Interface) and isinstance(each.law, Healing):
                union[where], bond[where] = self.parameters[where, 4], self.parameters[where, 5]
        contact = (1.0 - union)[:, None] * slopes
        return contact / (contact + (union * bond)[:, None])


def _law(each: Interface | Spring) -> Callable[..., None]:
    if isinstance(each, Spring):
        return laws.spring
    if isinstance(each.law, Thread):
        return laws.thread
    if isinstance(each.law, UserLaw):
        from femsacrum.mechanics.user_law import load

        return load(each.law)
    return laws.frictional


def parameters_of(each: Interface | Spring, count: int, diameter: float = 1.0) -> tuple[Floats, bool]:
    """Parameters of one interface's points, slopes NaN where they are to be found, and whether contact is exact."""
    values = np.zeros(WIDTH)
    exact = False
    if isinstance(each, Interface) and isinstance(each.law, Bonded):
        values[:2] = each.law.stiffness
    elif isinstance(each, Spring):
        only = 1.0 if each.tension_only else -1.0 if each.compression_only else 0.0
        values[:4] = each.stiffness, only, each.pretension, each.slack
        values[4:] = each.knee, (each.stiffer - 1.0) * each.stiffness
    elif isinstance(each.law, Thread):
        around = np.pi * diameter
        values[:3] = each.law.lateral_stiffness, each.law.stiffness / around, each.law.strength / around
    elif isinstance(each.law, Frictional | Healing):
        contact = each.law if isinstance(each.law, Frictional) else each.law.contact
        exact = contact.normal_stiffness is None
        values[:2] = contact.normal_stiffness or np.nan, contact.stick_stiffness or np.nan
        values[2] = contact.friction
        if isinstance(each.law, Healing):
            values[4:] = each.law.union, each.law.stiffness
    return np.tile(values, (count, 1)), exact


def local_slope(rows: sparse.csr_array, area: Floats, diagonal: Floats) -> Floats:
    """Slope at which an exactly enforced contact is as stiff as the nodes it joins, times ``STIFFER``, (p,) [MPa/mm].

    A force at the point moves its sides by the sum of w^2/D over the nodes with weight w and stiffness D, the mean of
    their diagonal block: an estimate of the local compliance, cortex, material and element size included.
    """
    compliance = rows.multiply(rows) @ (1.0 / diagonal)
    return STIFFER / (np.asarray(compliance).ravel() * area)


def stacked(parts: Sequence[tuple[Interface | Spring, Points]], total: int) -> Points:
    """Points of several interfaces in one."""
    if not parts:
        none = np.zeros(0)
        empty = sparse.csr_array((0, total))
        return Points(empty, np.zeros((0, 3, 3)), none, none, none, np.zeros((0, WIDTH)), np.zeros(0, bool), ())
    starts = np.concatenate([[0], np.cumsum([len(points.area) for _, points in parts])])
    rows = sparse.csr_array(sparse.vstack([points.rows for _, points in parts], format="csr"))
    rows.sort_indices()

    def joined(name: str) -> Floats:
        return np.concatenate([getattr(points, name) for _, points in parts])

    segments = tuple(
        (slice(int(a), int(b)), each) for (each, _), a, b in zip(parts, starts[:-1], starts[1:], strict=True)
    )
    return Points(
        rows,
        joined("frames"),
        joined("area"),
        joined("initial_gap"),
        joined("interference"),
        joined("parameters"),
        joined("exact"),
        segments,
    )
