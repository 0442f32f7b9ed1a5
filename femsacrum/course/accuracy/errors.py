"""Errors of guide and saw, each as what it does to the plane of a cut: an offset along the normal and two slopes.

To first order the cut that is made lies at a height h(u, v) = offset + slope_u u + slope_v v over the planned plane, u and v
from the cut's middle; positive towards what is taken away, so that bone is left standing. Errors of different origin are
independent and their heights add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.sources.tables import constant
from femsacrum.surgery.shapes.frame import Frame

#: What the motion of a guide under the saw is called among the errors.
MOVED = "motion of the guide under the saw"
#: Places at which an error that does not grow in proportion is looked at.
EVENLY = 401


@dataclass(frozen=True)
class Errors:
    """Numbers that the errors follow from, as in ``sources/accuracy.toml``.

    Attributes:
        seat_shift: Of the guide's place, standard deviation along each axis [mm].
        seat_turn: Of its turn, standard deviation about each axis [deg].
        segmentation: Of the bone's surface, standard deviation [mm].
        print: Of the printed guide, standard deviation [mm].
        base_length: Over which these two turn the guide [mm].
        wire_diameter: [mm].
        wire_free_length: From the bone to the slot's wall [mm].
        wires: How many.
        steel_modulus: Of wires and blade [MPa].
        slot_side_load: That the saw presses on the slot with, to either side at most [N].
        slot_clearance: Slot less blade [mm].
        slot_depth: That the blade is led over [mm].
        blade_thickness: [mm].
        blade_width: [mm].
        blade_side_load: On the blade's end, to either side at most [N].
        kerf: Width of the cut [mm].
        overrun: That a blade cuts past the bone's outline [mm].
    """

    seat_shift: float
    seat_turn: float
    segmentation: float
    print: float
    base_length: float
    wire_diameter: float
    wire_free_length: float
    wires: float
    steel_modulus: float
    slot_side_load: float
    slot_clearance: float
    slot_depth: float
    blade_thickness: float
    blade_width: float
    blade_side_load: float
    kerf: float
    overrun: float

    @staticmethod
    def of(said: Mapping[str, float]) -> Errors:
        """Those of the table, some replaced.

        Args:
            said: Attribute -> value.
        """
        return Errors(
            **{
                each.name: said[each.name] if each.name in said else constant("accuracy", each.name).value
                for each in fields(Errors)
            }
        )


@dataclass(frozen=True)
class Part:
    """What one kind of error does to a plane.

    Attributes:
        name: In words.
        directions: Offset [mm] and slopes along the frame's across and along [1] for a unit of each draw, shape (3, k).
        even: Whether draws are even between -1 and 1; else normal, of standard deviation 1.
    """

    name: str
    directions: Floats
    even: bool = False

    @property
    def covariance(self) -> Floats:
        """Of offset and slopes, shape (3, 3)."""
        return np.asarray(self.directions @ self.directions.T * (1.0 / 3.0 if self.even else 1.0))

    def drawn(self, random: np.random.Generator, samples: int) -> Floats:
        """Offsets [mm] and slopes [1], shape (samples, 3)."""
        size = (samples, self.directions.shape[1])
        draws = random.uniform(-1.0, 1.0, size) if self.even else random.standard_normal(size)
        return np.asarray(draws @ self.directions.T)


@dataclass(frozen=True)
class Curved:
    """An error that is even between two ends and does not grow in proportion: a guide tips to one side more easily.

    Attributes:
        name: In words.
        at: Draws at which it is known, ascending from -1 to 1, shape (k,).
        planes: Offset [mm] and slopes [1] at each, shape (k, 3); between two of them it runs straight.
    """

    name: str
    at: Floats
    planes: Floats

    @property
    def covariance(self) -> Floats:
        """Of offset and slopes, about their mean, shape (3, 3)."""
        return np.asarray(np.cov(self._of(np.linspace(-1.0, 1.0, EVENLY)), rowvar=False, bias=True))

    def drawn(self, random: np.random.Generator, samples: int) -> Floats:
        """Offsets [mm] and slopes [1], shape (samples, 3)."""
        return self._of(random.uniform(-1.0, 1.0, samples))

    def _of(self, draws: Floats) -> Floats:
        return np.column_stack([np.interp(draws, self.at, each) for each in self.planes.T])


@dataclass(frozen=True)
class GuideSeat:
    """How surely a guide of known contacts sits.

    Attributes:
        covariance: Of its translation [mm] and its small turn [rad], LPS axes, shape (6, 6).
        point: That it is about, shape (3,) [mm].
    """

    covariance: Floats
    point: Floats


@dataclass(frozen=True)
class Led:
    """What is known of the guide that leads a cut; what is None is that of the table.

    Attributes:
        seat: How surely it sits.
        sway: How it moves under the saw.
        mouth: Places where its slot ends and the blade runs free, shape (k, 3) [mm].
    """

    seat: GuideSeat | None = None
    sway: GuideSway | None = None
    mouth: Floats | None = None


@dataclass(frozen=True)
class GuideSway:
    """How a guide moves under the saw.

    Attributes:
        loads: With which the blade leans on its slot, ascending, shape (k,) [N].
        motions: Of the slot under each: shift [mm] and small turn [rad], LPS axes, shape (k, 6).
        point: That they are about, shape (3,) [mm].
    """

    loads: Floats
    motions: Floats
    point: Floats


def budget(frame: Frame, reach: float, given: Errors, guide: Led | None = None) -> tuple[Part | Curved, ...]:
    """Every error of one cut.

    Args:
        frame: On the planned plane, its origin the cut's middle; the saw comes along its ``across``.
        reach: From the slot to the cut's middle [mm].
        given: The errors.
        guide: That leads it; None: that of the table. Errors of surface and print are those of its seat's contacts; without
            a seat they are the table's. Where its motion under the saw is not known its wires bend alone, as built-in beams.
    """
    seat, sway = (None, None) if guide is None else (guide.seat, guide.sway)
    parts: list[Part | Curved]
    if seat is None:
        turn = np.radians(given.seat_turn)
        spread = np.diag([given.seat_shift] * 3 + [turn] * 3)
        parts = [
            Part("seat of the guide", to_plane(frame, frame.origin) @ spread),
            Part("segmentation", _ends(given.segmentation, given.base_length)),
            Part("print", _ends(given.print, given.base_length)),
        ]
    else:
        values, vectors = np.linalg.eigh(seat.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        parts = [Part("seat of the guide, segmentation, print", to_plane(frame, seat.point) @ root)]
    lip, half = reach / given.slot_depth, 0.5 * given.slot_clearance
    play = half * np.array([[1.0 + lip, -lip], [-1.0 / given.slot_depth, 1.0 / given.slot_depth], [0.0, 0.0]])
    sag, slope = blade_bending(given, reach)
    return (
        *parts,
        _wires(given) if sway is None else _swayed(frame, given, sway),
        Part("play of the blade in its slot", play, even=True),
        Part("bending of the blade", np.array([[sag], [-slope], [0.0]]), even=True),
    )


def _wires(given: Errors) -> Part:
    bent = given.slot_side_load / wire_stiffness(given)
    return Part("bending of the wires", np.array([[bent], [0.0], [0.0]]), even=True)


def _swayed(frame: Frame, given: Errors, sway: GuideSway) -> Curved:
    """The plane that the slot carries along; beyond the largest load that was solved it goes on as straight."""
    planes = sway.motions @ to_plane(frame, sway.point).T
    at = np.linspace(-1.0, 1.0, EVENLY)
    wanted = np.clip(at * given.slot_side_load, sway.loads[0], sway.loads[-1])
    beyond = np.maximum(np.abs(at) * given.slot_side_load / np.maximum(np.abs(wanted), 1e-12), 1.0)
    known = np.column_stack([np.interp(wanted, sway.loads, each) for each in planes.T])
    return Curved(MOVED, at, known * beyond[:, None])


def contact_error(given: Errors) -> float:
    """Standard deviation of a guide's contact from surface and print together [mm], for the covariance of its seat."""
    return float(np.hypot(given.segmentation, given.print))


def wire_stiffness(given: Errors) -> float:
    """Of all wires side by side, each built in at the bone and loaded at the slot: n 3 E I / L^3, I = pi d^4/64 [N/mm]."""
    inertia = np.pi * given.wire_diameter**4 / 64.0
    return float(given.wires * 3.0 * given.steel_modulus * inertia / given.wire_free_length**3)


def blade_bending(given: Errors, length: float) -> tuple[float, float]:
    """Deflection F L^3/(3 E I) [mm] and slope F L^2/(2 E I) of a blade built in at its slot, I = b t^3/12.

    Args:
        given: The errors.
        length: Free length [mm].
    """
    flexible = given.blade_side_load / (given.steel_modulus * given.blade_width * given.blade_thickness**3 / 12.0)
    return flexible * length**3 / 3.0, flexible * length**2 / 2.0


def to_plane(frame: Frame, point: Floats) -> Floats:
    """Offset and slopes of a plane that a small rigid motion carries along, shape (3, 6).

    A point x moves by t + r x (x - p); the plane's height at x is that along its normal n. So the offset is
    n.t + r.((m - p) x n) at its middle m, and the slope along e is r.(e x n).

    Args:
        frame: On the plane.
        point: p, that the motion is about, shape (3,) [mm].
    """
    n = frame.normal
    turns = [np.cross(each, n) for each in (frame.origin - point, frame.across, frame.along)]
    shifts = [n, np.zeros(3), np.zeros(3)]
    return np.hstack([np.array(shifts), np.array(turns)])


def _ends(error: float, length: float) -> Floats:
    """The same error at both ends of a base, independently, and of its height: shape (3, 3)."""
    return np.diag([error, np.sqrt(2.0) * error / length, np.sqrt(2.0) * error / length])
