"""Laws an interface may follow, and what the solve hands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.surgery.construct import Contact, Screw


@dataclass(frozen=True)
class Bonded:
    """Traction proportional to the jump: t = k [[u]].

    Attributes:
        stiffness: Normal and tangential, per area [MPa/mm].
    """

    stiffness: float


@dataclass(frozen=True)
class Frictional:
    """Unilateral contact with Coulomb friction, by penalty (initial gaps kept).

    Attributes:
        friction: Coefficient, >= 0.
        normal_stiffness: Penalty slope in compression [MPa/mm].
        stick_stiffness: Tangential slope while sticking [MPa/mm].
    """

    friction: float
    normal_stiffness: float
    stick_stiffness: float


Law = Bonded | Frictional


@dataclass(frozen=True)
class Interface:
    """A contact of the construct with the law it follows.

    Attributes:
        contact: Which faces meet.
        law: What they do to each other.
        screw: The screw of an "embedded" contact, None otherwise.
    """

    contact: Contact
    law: Law
    screw: Screw | None = None


@dataclass(frozen=True)
class InterfaceState:
    """State of one interface at its constraint points (one per slave node) at the end of a load case.

    Attributes:
        points: Shape (p, 3) [mm].
        normals: Unit normals out of the slave, shape (p, 3).
        area: Tributary area of each point, shape (p,) [mm2].
        slave_nodes: Node index of the slave body for each point, shape (p,).
        initial_gap: Shape (p,) [mm].
        gap: Normal gap, initial gap included (negative: penetration), shape (p,) [mm].
        slip: Tangential relative motion master -> slave, shape (p, 3) [mm].
        elastic_slip: Part of the slip that is the penalty's spring, not sliding, shape (p, 3) [mm].
        pressure: Contact pressure, positive in compression, shape (p,) [MPa].
        shear: Tangential traction on the slave, shape (p, 3) [MPa].
        status: 0 open, 1 stick, 2 slip, 3 bonded, shape (p,).
        uncovered: Share of the slave's face that has no master opposite (left out of the interface).
    """

    points: Floats
    normals: Floats
    area: Floats
    slave_nodes: Ints
    initial_gap: Floats
    gap: Floats
    slip: Floats
    elastic_slip: Floats
    pressure: Floats
    shear: Floats
    status: Ints
    uncovered: float = 0.0


@dataclass(frozen=True)
class Increment:
    """One row of the increment table shown to the user."""

    load_case: str
    number: int
    load_factor: float
    cuts: int
    newton_iterations: int
    linear_iterations: int
    residual: float
    in_contact: int
    slipping: float


@dataclass(frozen=True)
class LoadCaseSolution:
    """Everything solved for one load case.

    Attributes:
        name: Load case.
        displacements: Body name -> nodal displacement, shape (n, 3) [mm].
        interfaces: Contact name -> state.
        reactions: Support name -> force the ground exerts on the body, shape (3,) [N].
        reaction_moments: Support name -> moment about the global origin, shape (3,) [N mm].
        force_imbalance: |sum of applied and reaction forces| / largest applied force.
        moment_imbalance: The same for moments about the centroid of the loads, over (force scale x 100 mm).
        increments: Rows of the increment table.
        converged: False marks a state that may not be trusted.
        loose: Bodies that nothing holds under this load; their displacement is one of many possible.
    """

    name: str
    displacements: Mapping[str, Floats]
    interfaces: Mapping[str, InterfaceState]
    reactions: Mapping[str, Floats]
    reaction_moments: Mapping[str, Floats]
    force_imbalance: float
    moment_imbalance: float
    increments: tuple[Increment, ...]
    converged: bool
    loose: tuple[str, ...] = ()


def undetermined(interfaces: Iterable[Interface], solution: LoadCaseSolution) -> set[str]:
    """Names of the contacts with a loose body: how far their sides move against each other is not determined."""
    return {
        each.contact.name
        for each in interfaces
        if {each.contact.slave[0], each.contact.master[0]} & set(solution.loose)
    }
