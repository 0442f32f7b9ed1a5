"""The loop: what the faces feel, what tissue forms, how far they unite, and again, month by month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.course.healing import union as growth
from femsacrum.course.healing.graft import GraftFactor, graft_factor
from femsacrum.course.healing.rates import Ranged, number
from femsacrum.course.healing.rules import FIBROUS, RULES, UNCERTAIN, UNLOADED, Host
from femsacrum.course.healing.stimulus import Stimulus
from femsacrum.errors import NumericalError
from femsacrum.findings.quantities import limit
from femsacrum.mechanics.interfaces import InterfaceState

#: A factor that changes nothing.
UNCHANGED = Ranged(1.0, 1.0, 1.0, "1", "nothing said to change it", "S", "nothing")

#: What keeps a point from uniting, in the order in which it is asked.
LIMITS = ("united", "gap", "motion", "motion between the limits", "too little stimulus", "time")


@dataclass(frozen=True)
class Face:
    """A face on which bone is to unite.

    Attributes:
        name: Of the contact.
        graft: Body of the graft or porous part it belongs to.
        kind: Key of ``union_time`` in the table: "iliac_block", "vascularised_fibula", "porous", ...
        points: Constraint points, shape (p, 3) [mm].
        area: Of each, shape (p,) [mm2].
        normal: Mean unit normal out of the face, shape (3,).
        uncovered: Share of the face that nothing lies opposite to: it never unites.
    """

    name: str
    graft: str
    kind: str
    points: Floats
    area: Floats
    normal: Floats
    uncovered: float = 0.0

    def mean(self, values: Floats) -> Floats:
        """Mean over the area that has something opposite, over the last axis."""
        return np.asarray((values * self.area).sum(axis=-1) / self.area.sum())

    def united(self, union: Floats) -> Floats:
        """Share of the whole face that has united, over the last axis."""
        return (1.0 - self.uncovered) * self.mean(union)


def face_of(name: str, graft: str, kind: str, state: InterfaceState) -> Face:
    """The face of a contact as the solver knows it.

    Raises:
        NumericalError: Nothing at all lies opposite to it.
    """
    if not len(state.area):
        raise NumericalError(f'face "{name}" of {graft} has nothing opposite within reach: it cannot unite anywhere')
    normal = state.area @ state.normals
    return Face(
        name,
        graft,
        kind,
        state.points,
        np.asarray(state.area, float),
        normal / np.linalg.norm(normal),
        state.uncovered,
    )


@dataclass(frozen=True)
class Options:
    """How the course is followed.

    Attributes:
        rule: Of ``rules.RULES``.
        months: How long [month].
        every: Time between solves [month]; between them the faces go on feeling what they felt.
        step: Time step of growth [month].
        speed: Factor on the rate of union by what was done to the patient.
        irradiated: Whether the grafts were.
    """

    rule: str = "micromotion"
    months: int = 36
    every: float = 1.0
    step: float = 1.0
    speed: Ranged = UNCHANGED
    irradiated: bool = False

    def host(self) -> Host:
        """The patient with every uncertain number at its value."""
        return Host(number("host_layer"), frequency=number("frequency"), flow_share=number("flow_share"))

    def pace(self, kind: str) -> growth.Pace:
        """How fast such a face unites, every uncertain number at its value."""
        rate = self.speed.value * growth.rate(number(f"union_time.{kind}"))
        return growth.Pace(rate, number("speed_slow"), number("fibrous_half_life"))

    def graft_at(self, kind: str, month: float) -> GraftFactor:
        """Factors on a graft of this kind."""
        strength = number("irradiated_strength") if self.irradiated else 1.0
        return graft_factor(kind, month, number("revascularised_share"), strength)


@dataclass(frozen=True)
class Month:
    """The state at one time; all that is needed to go on from there.

    Attributes:
        month: Since the operation [month].
        union: Face -> union of each point at this time, 0 to 1, shape (p,).
        felt: Face -> what it feels then.
        tissue: Face -> tissue that forms then, of ``rules``, shape (p,).
    """

    month: float
    union: Mapping[str, Floats]
    felt: Mapping[str, Stimulus]
    tissue: Mapping[str, Ints]


#: Given the month, the bonded share of every face's points (``union.bonded``: what ``Healing.union`` takes, with
#: ``Healing.stiffness = union.full_bond(layer)``) and the factors on every graft, what every face feels over a cycle.
SolveMonth = Callable[[float, Mapping[str, Floats], Mapping[str, GraftFactor]], Mapping[str, Stimulus]]


def months(
    solve_month: SolveMonth, faces: Iterable[Face], options: Options, last: Month | None = None
) -> Iterator[Month]:
    """The course a time step at a time, so that each can be stored before the next is solved.

    Args:
        solve_month: The mechanics.
        faces: The faces.
        options: How.
        last: The last one stored of a course that broke off; it is not given again.

    Raises:
        NumericalError: The mechanics gave something that is no finite number.
    """
    faces = tuple(faces)
    steps = round(options.months / options.step)
    count = 0 if last is None else round(last.month / options.step) + 1
    for number_of_step in range(count, steps + 1):
        month = number_of_step * options.step
        union = (
            {face.name: np.zeros(len(face.area)) for face in faces} if last is None else _next(last, faces, options)
        )
        solves = last is None or number_of_step % max(1, round(options.every / options.step)) == 0
        felt = _solved(solve_month, month, union, faces, options) if solves or last is None else last.felt
        last = Month(month, union, felt, {face.name: _tissue(felt[face.name], options) for face in faces})
        yield last


def heal(
    solve_month: SolveMonth,
    faces: Iterable[Face],
    options: Options,
    last: Course | None = None,
    progress: Callable[[str], None] | None = None,
) -> Course:
    """The whole course.

    Args:
        solve_month: The mechanics.
        faces: The faces.
        options: How.
        last: What there is already of a course that broke off.
        progress: Told one line a month.
    """
    faces = tuple(faces)
    done = list(last.months) if last is not None else []
    for month in months(solve_month, faces, options, done[-1] if done else None):
        done.append(month)
        if progress is not None:
            shares = ", ".join(f"{face.name} {face.united(month.union[face.name]):.0%}" for face in faces)
            progress(f"month {month.month:g}: united {shares}")
    return Course(faces, options, tuple(done))


@dataclass(frozen=True)
class Course:
    """What became of the faces.

    Attributes:
        faces: The faces.
        options: How it was followed.
        months: One state for each time step, from 0 on.
    """

    faces: tuple[Face, ...]
    options: Options
    months: tuple[Month, ...]

    def face(self, name: str) -> Face:
        """A face by name."""
        return next(face for face in self.faces if face.name == name)

    def times(self) -> Floats:
        """Time of each state [month]."""
        return np.array([each.month for each in self.months])

    def united(self, name: str) -> Floats:
        """Share of a face that has united, at each time."""
        return self.face(name).united(np.array([each.union[name] for each in self.months]))

    def united_at(self, name: str, month: float) -> float | None:
        """Share of a face that has united at a time [month]; None: the course is shorter."""
        times = self.times()
        return None if month > times[-1] else float(np.interp(month, times, self.united(name)))

    def time_to(self, name: str, share: float) -> float | None:
        """When so much of a face has united for the first time [month]; None: not in this course.

        Between two steps the part not united decays exponentially, as it does where bone forms.
        """
        united, times = self.united(name), self.times()
        after = int(np.argmax(united >= share))
        if united[after] < share:
            return None
        if after == 0:
            return float(times[0])
        left = np.log1p(-np.minimum([united[after - 1], share, united[after]], 1.0 - 1e-15))
        return float(times[after - 1] + (times[after] - times[after - 1]) * (left[1] - left[0]) / (left[2] - left[0]))

    def limits(self, name: str) -> Ints:
        """What keeps each point from uniting at the end, as indices of ``LIMITS``, shape (p,)."""
        end = self.months[-1]
        tissue, gap = end.tissue[name], end.felt[name].gap
        asked = [
            end.union[name] >= growth.UNITED_IN_TIME,
            gap >= limit("gap_adverse"),
            tissue == FIBROUS,
            tissue == UNCERTAIN,
            tissue == UNLOADED,
        ]
        return np.select(asked, [LIMITS.index(word) for word in LIMITS[:-1]], LIMITS.index("time"))


def _next(last: Month, faces: tuple[Face, ...], options: Options) -> dict[str, Floats]:
    """Union of every face a step later."""
    return {
        face.name: growth.grow(
            last.union[face.name],
            last.tissue[face.name],
            last.felt[face.name].gap,
            options.pace(face.kind),
            options.step,
        )
        for face in faces
    }


def _tissue(felt: Stimulus, options: Options) -> Ints:
    host = options.host()
    return RULES[options.rule](felt, felt.gap + host.layer, host)


def _solved(
    solve_month: SolveMonth, month: float, union: Mapping[str, Floats], faces: tuple[Face, ...], options: Options
) -> dict[str, Stimulus]:
    """What the mechanics gives, of these faces, found to be numbers."""
    factors = {face.graft: options.graft_at(face.kind, month) for face in faces}
    felt = solve_month(month, {name: growth.bonded(values) for name, values in union.items()}, factors)
    for face in faces:
        one = felt[face.name]
        given = (one.motion, one.pressure, one.gap, one.along_normal())
        if any(np.shape(values) != np.shape(face.area) or not np.isfinite(values).all() for values in given):
            raise NumericalError(
                f'month {month:g}: what face "{face.name}" feels is not one finite number for each of its '
                f"{len(face.area)} points; the solve of that month cannot be trusted"
            )
    return {face.name: felt[face.name] for face in faces}
