"""Laws an interface may follow, and what the solve hands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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
    """Unilateral contact with Coulomb friction (initial gaps kept).

    Attributes:
        friction: Coefficient, >= 0.
        normal_stiffness: Slope of a physical layer in compression [MPa/mm]; None: no layer, contact is enforced
            exactly (augmented Lagrangian).
        stick_stiffness: The same tangentially, while sticking; both or none.
        interference: Press-fit: overlap of the two sides as made [mm], >= 0; it grows to its full size, at no load,
            before the load comes.
    """

    friction: float
    normal_stiffness: float | None = None
    stick_stiffness: float | None = None
    interference: float = 0.0


@dataclass(frozen=True)
class Healing:
    """A union fraction of the face is bonded, the rest rubs.

    Attributes:
        union: Share of the face that has united, 0 to 1.
        stiffness: Of the united face, per area [MPa/mm].
        contact: What the rest does.
    """

    union: float
    stiffness: float
    contact: Frictional


@dataclass(frozen=True)
class Thread:
    """Thread of an embedded screw: stiff across its axis, elastic along it up to the pull-out strength.

    Attributes:
        lateral_stiffness: Across the axis, per area of the shaft [MPa/mm].
        stiffness: Along the axis, per length of the screw [N/mm2].
        strength: Pull-out strength per length [N/mm]; inf: never strips.
        length: Threaded length, from the tip [mm]; the rest of the shaft touches nothing. inf: threaded throughout.
    """

    lateral_stiffness: float
    stiffness: float
    strength: float = float("inf")
    length: float = float("inf")


@dataclass(frozen=True)
class UserLaw:
    """A law written by the user in Python.

    Attributes:
        name: As the case calls it.
        source: Text of the Python file.
        function: ``function(jump, before, kept, **parameters) -> traction, tangent, now``, see ``user_law``.
        parameters: Handed to the function by name.
    """

    name: str
    source: str
    function: str
    parameters: Mapping[str, float]


Law = Bonded | Frictional | Healing | Thread | UserLaw


@dataclass(frozen=True)
class Spring:
    """A spring, ligament or facet joint between two bodies, spread over the facets around its ends.

    Attributes:
        name: "left sacrospinous", ...
        ends: Two of (body, corner nodes of the facets it is spread over, shape (k, 3)).
        points: Its ends, shape (2, 3) [mm]; its direction is the line that joins them.
        stiffness: [N/mm].
        slack: Elongation before it pulls, gap before it pushes [mm].
        pretension: Force at no elongation and no slack [N].
        tension_only: It pulls and never pushes.
        compression_only: It pushes and never pulls; not with ``tension_only``.
        knee: Elongation past the slack (of what pushes, approach past the gap) beyond which it is stiffer [mm].
        stiffer: Stiffness beyond the knee over that below it.
    """

    name: str
    ends: tuple[tuple[str, Ints], tuple[str, Ints]]
    points: Floats
    stiffness: float
    slack: float = 0.0
    pretension: float = 0.0
    tension_only: bool = True
    compression_only: bool = False
    knee: float = float("inf")
    stiffer: float = 1.0


@dataclass(frozen=True)
class LostLigament:
    """A ligament that is not in the model, since what it was attached to is gone.

    Attributes:
        name: Of the ligament.
        body: That one of its ends was on.
        at: Where that end was, shape (3,) [mm]; None: not known.
        why: In words.
    """

    name: str
    body: str
    at: Floats | None
    why: str


@dataclass(frozen=True)
class Bolt:
    """A screw that is tightened before the load comes, and then locked.

    Either the force or the shortening is prescribed.

    Attributes:
        name: Of the screw.
        body: Body whose shaft is tightened.
        point: A point of the axis where the shaft is cut in thought, between what clamps and what holds [mm].
        axis: Unit vector from head to tip.
        radius: Of the shaft [mm].
        force: Tension after tightening [N]; None: the shortening is prescribed.
        shortening: How much shorter the shaft is made [mm]; None: the force is prescribed.
        loss: Share of the tension that is lost before the load comes, 0 to 1.
    """

    name: str
    body: str
    point: Floats
    axis: Floats
    radius: float
    force: float | None = None
    shortening: float | None = None
    loss: float = 0.0


@dataclass(frozen=True)
class Interface:
    """A contact of the construct with the law it follows.

    Attributes:
        contact: Which faces meet.
        law: What they do to each other.
        screw: The screw of an "embedded" contact, None otherwise.
        give: What bone gives way round the thread of a screw that no rule of the case says more of: compliance per area
            of its shaft [mm3/N], part of the law's stiffness; 0: there is none in it.
    """

    contact: Contact
    law: Law
    screw: Screw | None = None
    give: float = 0.0


@dataclass(frozen=True)
class InterfaceState:
    """State of one interface at its constraint points (one per slave node) at the end of a load case.

    Attributes:
        points: Shape (p, 3) [mm].
        normals: Unit normals out of the slave, shape (p, 3).
        area: Tributary area of each point, shape (p,) [mm2].
        slave_nodes: Node index of the slave body for each point, shape (p,).
        initial_gap: Shape (p,) [mm]; less the interference of a press-fit.
        gap: Normal gap, initial gap included (negative: penetration), shape (p,) [mm].
        slip: Tangential relative motion master -> slave, shape (p, 3) [mm].
        elastic_slip: Part of the slip that is the penalty's spring, not sliding, shape (p, 3) [mm].
        pressure: Contact pressure, positive in compression, shape (p,) [MPa].
        shear: Tangential traction on the slave, shape (p, 3) [MPa].
        status: 0 open, 1 stick, 2 slip, 3 bonded, shape (p,).
        uncovered: Share of the slave's face that has no master opposite (left out of the interface).
        assembled_gap: The gap after press-fit and tightening, before the load, shape (p,) [mm]; None: nothing was
            pressed or tightened, the gap was the initial one.
        assembled_slip: The slip then, shape (p, 3) [mm]; None: none.
        violation: Largest penetration or elastic slip over the largest motion, of contact enforced exactly.
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
    assembled_gap: Floats | None = None
    assembled_slip: Floats | None = None
    violation: float = 0.0


@dataclass(frozen=True)
class BoltState:
    """A tightened screw at the end of a load case.

    Attributes:
        body: Body of the screw.
        tension: Force across the section [N].
        preload: The same before the load came [N].
        shortening: How much shorter the shaft was made [mm].
        inserted: Displacement that the shortening put in at each node of the body, shape (n, 3) [mm]: strains are those
            of the displacement less this.
    """

    body: str
    tension: float
    preload: float
    shortening: float
    inserted: Floats


@dataclass(frozen=True)
class SpringState:
    """A spring at the end of a load case: its tension [N] and elongation [mm]."""

    tension: float
    elongation: float


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
    phase: str = "load"
    augmentations: int = 0


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
        bolts: Screw name -> state of a tightened screw.
        springs: Spring name -> state.
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
    bolts: Mapping[str, BoltState] = field(default_factory=dict)
    springs: Mapping[str, SpringState] = field(default_factory=dict)

    def strained(self, body: str) -> Floats:
        """Displacement whose strains are those of the material: less what tightening has put in, shape (n, 3) [mm]."""
        moved: Floats = self.displacements[body]
        for bolt in self.bolts.values():
            if bolt.body == body:
                moved = moved - bolt.inserted
        return moved


def undetermined(interfaces: Iterable[Interface], solution: LoadCaseSolution) -> set[str]:
    """Names of the contacts with a loose body: how far their sides move against each other is not determined."""
    return {
        each.contact.name
        for each in interfaces
        if {each.contact.slave[0], each.contact.master[0]} & set(solution.loose)
    }
