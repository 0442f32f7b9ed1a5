"""Tightening a screw: a section of its shaft is made shorter until it carries the force wanted, then it is locked.

The far side of the section is moved along the axis by an amount a, in thought: the displacement phi, which is the axis
on every node beyond the section and nothing before it, is inserted into the body without strain, so that strains are
those of u - a phi. With K the body's stiffness the section carries exactly

    N = phi' K (u - a phi) = c' u - a d,   c = K phi, d = phi' K phi,

the sum of all forces across it along the axis. While the force is controlled a = (c' u - F)/d, a rank-one change of the
stiffness; once locked a is a number and its forces are loads.

Source: the pre-tension section of commercial codes (Abaqus Analysis User's Guide, "Prescribed assembly loads"), here
spread over one layer of elements instead of a cut through the mesh.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import NumericalError
from femsacrum.mechanics.interfaces import Bolt, BoltState
from femsacrum.mechanics.loading import Hold
from femsacrum.meshing.bodies import BodyMesh


class Section:
    """The section of one bolt among all unknowns.

    Args:
        bolt: What is tightened.
        inserted: phi, the axis on the nodes ``beyond``, shape (n, 3).
        numbers: Of the body's nodes among all, shape (n,).
        forces: c, shape (N, 3) [N/mm].

    Attributes:
        bolt: What is tightened.
        forces: c, nodal forces of a unit insertion, shape (3 N,) [N/mm].
        stiffness: d [N/mm].
    """

    def __init__(self, bolt: Bolt, inserted: Floats, numbers: Ints, forces: Floats) -> None:
        self.bolt, self._inserted = bolt, inserted
        self.forces = forces.ravel()
        self.stiffness = float(np.vdot(inserted, forces[numbers]))

    def hold(self) -> Hold:
        """The rank-one term of a force that is controlled."""
        rows = sparse.csr_array(self.forces[None])
        none = np.zeros(0, dtype=np.int64)
        stiffness = np.array([-1.0 / self.stiffness])
        return Hold(self.bolt.name, "bolt", rows, stiffness, none, np.zeros((0, 3, 3)))

    def load(self, force: float) -> Floats:
        """Nodal forces that go with ``hold`` for a force [N], shape (3 N,)."""
        return -force / self.stiffness * self.forces

    def insertion(self, displacement: Floats, force: float) -> float:
        """The insertion a at which the section carries the force [mm]."""
        return float(self.forces @ displacement - force) / self.stiffness

    def state(self, displacement: Floats, insertion: float, preload: float) -> BoltState:
        """What the bolt carries at a displacement, shape (3 N,) [mm]."""
        tension = float(self.forces @ displacement) - insertion * self.stiffness
        return BoltState(self.bolt.body, tension, preload, -insertion, insertion * self._inserted)


def beyond(bolt: Bolt, body: BodyMesh) -> Floats:
    """One at the nodes of the shaft beyond its section, zero elsewhere, shape (n,).

    Raises:
        NumericalError: The section cuts nothing off the body, or more than the shaft.
    """
    arm = body.nodes - bolt.point
    along = arm @ bolt.axis
    off = np.linalg.norm(arm - along[:, None] * bolt.axis, axis=1)
    near = off <= 1.05 * bolt.radius
    far = near & (along > 0.0)
    # the shaft must end beyond the section: a cell that has far nodes has no other ones outside the shaft
    mixed = far[body.cells].any(axis=1) & ~near[body.cells].all(axis=1)
    if not far.any() or far.all():
        raise NumericalError(f'bolt "{bolt.name}": the section lies outside the shaft')
    if mixed.any():
        place = ", ".join(f"{x:.0f}" for x in body.nodes[body.cells[mixed][0]].mean(axis=0))
        raise NumericalError(f'bolt "{bolt.name}": beyond its section the shaft is joined to more, near ({place}) mm')
    return far.astype(float)
