"""What this corner hands on: the seat of a base block, the wires that hold it, slots that lead the saw, and the parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from femsacrum.anatomy.model import Floats, Plane


@dataclass(frozen=True)
class Seat:
    """Where a base block touches the bone.

    Attributes:
        points: Contact points on the bone, shape (n, 3) [mm], LPS.
        normals: Unit normals of the bone there, out of it, shape (n, 3).
        away: Unit direction the block is taken off in, shape (3,); the surgeon presses it on along the opposite.
    """

    points: Floats
    normals: Floats
    away: Floats


@dataclass(frozen=True)
class Kinematics:
    """How a rigid block on frictionless contacts is held, by the wrench matrix of its contacts.

    Moments are taken about the middle of the contacts and divided by ``length``, so that all six columns are [1].

    Attributes:
        singular_values: Of the wrench matrix, shape (6,), largest first.
        condition: Largest over least; infinite where a motion is free.
        length: By which turns are made lengths [mm]: the root mean square distance of the contacts from their middle.
        free: Motions that no contact resists, rows (translation, turn times length), orthonormal, shape (k, 6).
        pressed: Whether the surgeon's push alone presses every contact and holds the block in all six directions.
        least_force: Least contact force in the most even answer to a unit push, over the push; not above 0: one lifts.
    """

    singular_values: Floats
    condition: float
    length: float
    free: Floats
    pressed: bool
    least_force: float


@dataclass(frozen=True)
class OtherSeat:
    """Another place where the block seems to sit.

    Attributes:
        misfit: Root mean square distance of its contact points from the bone there [mm].
        shift: Of the middle of the contacts, shape (3,) [mm].
        turn: Rotation vector, shape (3,) [deg].
        motion: Rigid motion from the planned seat, shape (4, 4) [mm].
    """

    misfit: float
    shift: Floats
    turn: Floats
    motion: Floats


@dataclass(frozen=True)
class Wire:
    """A Kirschner wire through the block into the bone.

    Attributes:
        name: "wire_1", "wire_2".
        entry: Where it enters the bone, shape (3,) [mm].
        tip: Its end in the bone, shape (3,) [mm].
        direction: Unit, from entry to tip, shape (3,).
        diameter: [mm].
        clearance: Least distance of its surface to foramina, canal and roots [mm].
        nearest: To what that is.
    """

    name: str
    entry: Floats
    tip: Floats
    direction: Floats
    diameter: float
    clearance: float
    nearest: str


@dataclass(frozen=True)
class Slot:
    """A slot that leads a saw blade.

    Attributes:
        name: "transverse", "deroofing_left", "deroofing_right", "deroofing_top".
        part: Solid it is in: "transverse_guide" or "deroofing_guide".
        plane: Middle plane of the slot; the same as that of the cut, its normal towards what is taken away.
        corners: Of the slot's mouth in that plane, shape (4, 3) [mm].
        width: Across the blade: blade and clearance [mm].
        depth: Length that the blade is led over [mm].
    """

    name: str
    part: str
    plane: Plane
    corners: Floats
    width: float
    depth: float


@dataclass(frozen=True)
class Guide:
    """A base block with its two osteotomy guides, on the bone.

    Attributes:
        seat: Where its feet touch.
        kinematics: How that holds it.
        others: Other places where it seems to sit, the best first.
        wires: That pin it.
        slots: That lead the saw.
        solids: "base_block", "deroofing_guide", "transverse_guide" -> BREP content, coordinates in [mm], LPS.
        measures: Wall thickness, undercut, clearance and mass, name with unit in it -> value.
        doubts: A sentence for everything that keeps it from being made, seated or used.
    """

    seat: Seat
    kinematics: Kinematics
    others: tuple[OtherSeat, ...]
    wires: tuple[Wire, ...]
    slots: tuple[Slot, ...]
    solids: Mapping[str, bytes] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
