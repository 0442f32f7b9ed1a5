"""What this room hands on: forces on faces and what holds the pelvis, balanced as a rigid body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from femsacrum.anatomy.model import Floats, Ints


@dataclass(frozen=True)
class Applied:
    """A force and a moment spread over facets of one body, statically equivalent.

    Facets are free to deform (a distributing pilot) unless a support of kind "rigid" has them too (a kinematic one).

    Attributes:
        name: "upper body on L4", "left abductors", ...
        body: Body name.
        facets: Corner nodes of the loaded facets, shape (k, 3).
        force: Shape (3,) [N].
        moment: About ``point``, shape (3,) [N mm].
        point: Point of application, shape (3,) [mm].
        source: Where the magnitude comes from, with confidence.
    """

    name: str
    body: str
    facets: Ints
    force: Floats
    moment: Floats
    point: Floats
    source: str


@dataclass(frozen=True)
class Support:
    """Something that holds a body to the ground along given directions, or keeps a face rigid.

    Attributes:
        name: "left hip", "right hip", ...
        body: Body name.
        facets: Corner nodes of the held facets, shape (k, 3).
        kind: "fixed": every point of the facets is held in all directions by a stiff foundation;
            "mean": only the area-weighted mean displacement of the facets is held (a ball joint: no moment);
            "rigid": a kinematic pilot: the facets move as one rigid body, which nothing holds to the ground; other
            loads and supports on the same facets act on that body.
        directions: For "mean": unit vectors that are held, shape (d, 3); for "fixed": identity; for "rigid": none.
        stiffness: "fixed": foundation modulus [N/mm3]; "mean": spring [N/mm] for each direction; "rigid": what resists
            a motion other than rigid [N/mm3].
        point: For "mean": where the reaction acts, shape (3,) [mm]: the row that is held is the transpose of the
            distribution an ``Applied`` force at this point (no moment) would get over the same facets. A hip
            reaction passes through the hip centre, not through the centroid of the cup. None: the centroid.
        turns: For "mean": unit vectors about which the mean rotation of the facets is held too, shape (t, 3), with a
            spring of ``stiffness`` at 100 mm; such a row is the transpose of how a moment is spread. None: no turn.
    """

    name: str
    body: str
    facets: Ints
    kind: str
    directions: Floats
    stiffness: float
    point: Floats | None = None
    turns: Floats | None = None


@dataclass(frozen=True)
class LoadCase:
    """One instant, in equilibrium.

    Attributes:
        name: For example "standing".
        applied: Forces.
        supports: What holds the pelvis; their reactions are results.
        expected_reactions: Support name -> force from rigid-body statics, shape (3,) [N]; what the solve must give
            back. Empty where supports are statically indeterminate.
        imbalance: What closing the balance had to add, as share of body weight (reported, refused above 5 %).
        measures: What the statics gave, name with unit -> value ("hip_reaction [%BW]"), for the report.
    """

    name: str
    applied: tuple[Applied, ...]
    supports: tuple[Support, ...]
    expected_reactions: dict[str, Floats]
    imbalance: float
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Cycle:
    """A movement that repeats: its instants in turn, each in equilibrium.

    Attributes:
        name: Of the movement as the case calls it, for example "walking with crutches".
        phases: One load case for each instant, named "<cycle> <percent> %". All have the very same ``supports``, so that
            the history can go on from one to the next.
        percent: Where in the cycle each instant is, 0 to below 100, rising.
        duration: Of one cycle [s].
        per_year: Cycles in a year, low, usual and high: what a patient may do.
        source: Where the movement comes from, with confidence.
    """

    name: str
    phases: tuple[LoadCase, ...]
    percent: tuple[float, ...]
    duration: float
    per_year: tuple[float, float, float]
    source: str

    def __post_init__(self) -> None:
        """One object for the supports, also where the instants were read back from a file one by one."""
        held = self.phases[0].supports
        if any([each.name for each in phase.supports] != [each.name for each in held] for phase in self.phases):
            raise ValueError(f'"{self.name}" is held in different ways')
        object.__setattr__(self, "phases", tuple(replace(phase, supports=held) for phase in self.phases))
