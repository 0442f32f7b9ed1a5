"""The months after the operation: walk, see what the faces feel, let them unite, and walk again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Solver
from femsacrum.course.gait import Progress, walk
from femsacrum.course.healing.graft import GraftFactor
from femsacrum.course.healing.months import Face, Month, Options, months
from femsacrum.course.healing.stimulus import Stimulus, over_cycle
from femsacrum.course.healing.union import full_bond
from femsacrum.loads.loadcase import Cycle
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Bolt, Frictional, Healing, Interface, Spring
from femsacrum.mechanics.repeated import Place, Repeated
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Contact

#: A united share above this would leave a face no contact at all, which exact contact cannot follow.
MOST_BONDED = 0.999


@dataclass(frozen=True)
class Model:
    """What the months are followed on.

    Attributes:
        assembly: Meshed bodies.
        materials: Body name -> stiffness on the first day.
        interfaces: Contacts with their laws; faces that unite follow ``Healing``.
        solver: Increments, tolerances, limits.
        bolts: Screws tightened before the load comes.
        springs: Springs and ligaments.
        settled: Change a cycle below which the interfaces have settled.
        most_cycles: Cycles of a walk at most.
    """

    assembly: Assembly
    materials: Mapping[str, BodyMaterial]
    interfaces: tuple[Interface, ...]
    solver: Solver
    bolts: tuple[Bolt, ...]
    springs: tuple[Spring, ...]
    settled: float
    most_cycles: int


@dataclass(frozen=True)
class Step:
    """How the gait went in one month.

    Attributes:
        month: Since the operation.
        walk: Name of the movement.
        cycles: Cycles walked.
        outcome: "shakes down", "ratchets", "undecided", or "one cycle" where it was not walked until settled.
        newton: Steps of Newton's method.
    """

    month: float
    walk: str
    cycles: int
    outcome: str
    newton: int


@dataclass(frozen=True)
class Followed:
    """The course so far, and all that is needed to go on.

    Attributes:
        faces: The faces that may unite.
        months: State at each month.
        steps: How the gait went.
        bonded: Face -> share bonded at each of its points, shape (p,).
        anchors: Face -> jump at which what has united carries nothing, shape (p, 3), local axes [mm].
        mean: Face -> mean jump over the last cycle, where bonds of the next month form, shape (p, 3) [mm].
        place: Where the movement stands.
    """

    faces: tuple[Face, ...]
    months: tuple[Month, ...]
    steps: tuple[Step, ...]
    bonded: Mapping[str, Floats]
    anchors: Mapping[str, Floats]
    mean: Mapping[str, Floats]
    place: Place


def uniting(
    assembly: Assembly, interfaces: Sequence[Interface], kind: str, options: Options
) -> tuple[tuple[Interface, ...], dict[str, str]]:
    """Give the faces that may unite the law of healing.

    These are the faces of a graft, or of a prosthesis with a porous layer where there is no graft, that press and slide; a
    face that the case has bonded is united already.

    Args:
        assembly: Meshed bodies.
        interfaces: Every contact with its law.
        kind: Of graft, a key of ``union_time`` in ``sources/healing.toml``; "porous": the prosthesis itself.
        options: How the course is followed.

    Returns:
        The interfaces, and contact -> body that unites there.
    """
    layer = float(np.mean(options.host().layer))
    changed, found = [], {}
    for each in interfaces:
        body = _unites(each.contact, assembly, kind)
        law = each.law
        if body is None or not isinstance(law, Frictional | Healing):
            changed.append(each)
            continue
        rubbing = law.contact if isinstance(law, Healing) else law
        changed.append(replace(each, law=Healing(0.0, float(full_bond(layer)), rubbing)))
        found[each.contact.name] = body
    return tuple(changed), found


def follow(
    model: Model,
    walks: Mapping[int, Cycle],
    kinds: Mapping[str, tuple[str, str]],
    options: Options,
    settle: Sequence[int],
    before: Followed | None = None,
    until: int | None = None,
    *,
    progress: Progress | None = None,
) -> Followed:
    """Follow the faces month by month.

    The stiffness of the grafts is renewed at the start of each call: what is elastic is condensed once a call.

    Args:
        model: The construct.
        walks: Month -> movement from that month on; the first from month 0 on.
        kinds: Contact whose faces may unite -> body of the graft, and key of ``union_time``.
        options: Rule, rates, months.
        settle: Months at which the movement is repeated until it has settled; in others it is walked once.
        before: The course so far; None: the first day.
        until: Last month of this call; None: the last of all.
        progress: Told how it goes.

    Raises:
        NumericalError: Something floats, or a solve stops.
    """
    start = 0 if before is None else int(before.months[-1].month) + 1
    last = options.months if until is None else until
    walker = _Walker(model, walks, kinds, options, set(settle), before, start, progress)
    try:
        done = list(before.months) if before is not None else []
        for month in _some(months(walker.solve, walker.faces, options, done[-1] if done else None), last):
            done.append(month)
            if progress is not None:
                shares = ", ".join(
                    f"{face.name} {100.0 * face.united(month.union[face.name]):.0f} %" for face in walker.faces
                )
                progress.note(f"month {month.month:g}: united {shares}")
        return walker.followed(tuple(done))
    finally:
        walker.close()


class _Walker:
    """Solves a month: the mechanics that the loop of healing asks."""

    def __init__(
        self,
        model: Model,
        walks: Mapping[int, Cycle],
        kinds: Mapping[str, tuple[str, str]],
        options: Options,
        settle: set[int],
        before: Followed | None,
        start: int,
        progress: Progress | None,
    ) -> None:
        self._model, self._walks, self._settle, self._progress = model, walks, settle, progress
        self._grafts = {body: options.graft_at(kind, start) for body, kind in kinds.values()}
        self._cycle = _walk_at(walks, start)
        self._repeated = self._condensed(before.place if before is not None else None)
        self.faces = before.faces if before is not None else tuple(self._faces(kinds))
        self._bonded = (
            dict(before.bonded) if before is not None else {f.name: np.zeros(len(f.area)) for f in self.faces}
        )
        self._anchors = (
            dict(before.anchors) if before is not None else {f.name: np.zeros((len(f.area), 3)) for f in self.faces}
        )
        self._steps = list(before.steps) if before is not None else []
        self._mean = dict(before.mean) if before is not None else {}
        if before is not None:
            self._repeated.unite(self._bonded, self._anchors)

    def solve(
        self, month: float, bonded: Mapping[str, Floats], _: Mapping[str, GraftFactor]
    ) -> Mapping[str, Stimulus]:
        """What every face feels in a month; ``SolveMonth``."""
        cycle = _walk_at(self._walks, int(month))
        if cycle is not self._cycle:
            self._cycle = cycle
            place = self._repeated.place()
            self._repeated.close()
            self._repeated = self._condensed(place)
        self._unite(bonded)
        if int(month) in self._settle:
            walked = walk(
                self._repeated, self._model.settled, self._model.most_cycles, f"month {month:g}", self._progress
            )
            motion, outcome, counts = walked.motion, str(walked.outcome), walked.newton
        else:
            motion = self._repeated.cycle()
            outcome, counts = "one cycle", (self._repeated.newton_steps(),)
        self._steps.append(Step(month, cycle.name, len(counts), outcome, sum(counts)))
        self._mean = {face.name: motion[face.name].jump.mean(axis=0) for face in self.faces}
        return {face.name: over_cycle(motion[face.name]) for face in self.faces}

    def followed(self, done: tuple[Month, ...]) -> Followed:
        """The course so far."""
        return Followed(
            self.faces, done, tuple(self._steps), self._bonded, self._anchors, self._mean, self._repeated.place()
        )

    def close(self) -> None:
        """Free memory."""
        self._repeated.close()

    def _unite(self, bonded: Mapping[str, Floats]) -> None:
        """Bonds that form do so where the face stands on the average of the last cycle, and carry nothing there."""
        for name, share in bonded.items():
            now = np.minimum(share, MOST_BONDED)
            new = np.maximum(now - self._bonded[name], 0.0)
            if name in self._mean:
                weight = np.divide(new, now, out=np.zeros_like(now), where=now > 0.0)[:, None]
                self._anchors[name] = (1.0 - weight) * self._anchors[name] + weight * self._mean[name]
            self._bonded[name] = now
        self._repeated.unite(self._bonded, self._anchors)

    def _condensed(self, place: Place | None) -> Repeated:
        model, weaker = self._model, {body: each for body, each in self._grafts.items() if each.stiffness != 1.0}
        materials = model.materials
        if weaker:  # else the very same object: what was condensed before serves again
            materials = {
                name: replace(each, youngs_modulus=weaker[name].stiffness * each.youngs_modulus)
                if name in weaker
                else each
                for name, each in materials.items()
            }
        repeated = Repeated(
            model.assembly.bodies, materials, model.interfaces, self._cycle.phases, model.solver, model.bolts,
            model.springs, self._progress,
        )  # fmt: skip
        if place is not None:
            repeated.go_on(place)
        return repeated

    def _faces(self, kinds: Mapping[str, tuple[str, str]]) -> Iterator[Face]:
        for name, (body, kind) in kinds.items():
            rows = self._repeated.system.jumps[name]
            normal = rows.area @ rows.frames[:, 0]
            area = np.asarray(rows.area, float)
            yield Face(name, body, kind, rows.points, area, normal / np.linalg.norm(normal), rows.uncovered)


def thinned(cycle: Cycle, phases: int) -> Cycle:
    """The same movement in fewer phases, as evenly spread as those there are allow."""
    if phases >= len(cycle.phases):
        return cycle
    chosen = [round(i * len(cycle.phases) / phases) for i in range(phases)]
    return replace(
        cycle,
        phases=tuple(cycle.phases[i] for i in chosen),
        percent=tuple(cycle.percent[i] for i in chosen),
    )


def _some(steps: Iterator[Month], last: int) -> Iterator[Month]:
    """Months up to the last of this call; the loop is not asked for one more, which would be solved."""
    for month in steps:
        yield month
        if month.month >= last:
            return


def _walk_at(walks: Mapping[int, Cycle], month: int) -> Cycle:
    return walks[max(first for first in walks if first <= month)]


def _unites(contact: Contact, assembly: Assembly, kind: str) -> str | None:
    """The body that unites with the other at a contact of faces, or None."""
    wanted = "implant" if kind == "porous" else "graft"
    for body, _ in (contact.slave, contact.master):
        other = contact.master[0] if body == contact.slave[0] else contact.slave[0]
        roles = assembly.bodies[body].role, assembly.bodies[other].role
        if contact.kind == "surface" and roles[0] == wanted and (kind != "porous" or roles[1] == "bone"):
            return body
    return None
