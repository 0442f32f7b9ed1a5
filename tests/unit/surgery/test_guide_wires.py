"""Wires of a base block on a carved sacrum, whose canal and holes are known in closed form."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pytest
from carved_sacrum import BESIDE, CANAL, CANAL_FROM, CANAL_TO, FRONT, HOLE, HOLES, WIDTH, pelvis, resected

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.case.schema import Guide
from femsacrum.errors import InputError
from femsacrum.surgery.guides import wires as pins
from femsacrum.surgery.guides.model import Seat, Wire

CUT = -24.25  # lower edge of the second foramina, in steps of 0.25 mm [mm]
#: The bone's surface is looked at as points 0.5 mm apart: a distance comes out too long by up to 0.1 mm at 3 mm [mm].
SAMPLED = 0.2


def block() -> Seat:
    """Feet at both sides of the deroofing."""
    bone = DistanceTo(pelvis().parts["sacrum"])
    rough = [(x, 95.0, z) for x in (-38.0, -17.0, 17.0, 38.0) for z in (-16.0, 19.0)]
    return Seat(bone.nearest(np.array(rough)).point, np.tile([0.0, 1.0, 0.0], (8, 1)), np.array([0.0, 1.0, 0.0]))


@cache
def placed(**keys: object) -> tuple[Wire, ...]:
    return pins.wires(pelvis(), resected(), block(), Guide(**keys))


def axis(wire: Wire) -> np.ndarray:
    return wire.entry + np.linspace(0.0, 1.0, 101)[:, None] * (wire.tip - wire.entry)


def known_distances(wire: Wire) -> np.ndarray:
    """Least distances of a wire's surface from the canal, the holes, the front, the cut and the sides of the deroofing."""
    points = axis(wire)
    x, y, z = points.T
    canal = np.hypot(np.maximum(np.abs(x) - CANAL, 0.0), np.maximum(np.maximum(CANAL_FROM - y, y - CANAL_TO), 0.0))
    holes = [np.hypot(x - s * BESIDE, z - level) - HOLE for level in HOLES.values() for s in (1.0, -1.0)]
    deroofed = np.hypot(np.maximum(np.abs(x) - WIDTH / 2.0, 0.0), np.maximum(CANAL_FROM - y, 0.0))
    return np.array([d.min() for d in (canal, *holes, y - FRONT, z - CUT, deroofed)]) - wire.diameter / 2.0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_wires_keep_clear_of_what_is_known(count: int) -> None:
    options, found = Guide(wires=count), placed(wires=count)
    assert [wire.name for wire in found] == [f"wire_{i}" for i in range(1, count + 1)]
    bone = DistanceTo(resected().surfaces["sacrum"])
    for wire in found:
        length = float(np.linalg.norm(wire.tip - wire.entry))
        assert pins.SHORTEST - 1e-9 <= length <= options.wire_depth + 1e-9
        assert wire.direction == pytest.approx((wire.tip - wire.entry) / length)
        assert abs(DistanceTo(pelvis().parts["sacrum"])(wire.entry[None])[0]) < 1e-6
        assert bone(axis(wire)[5:]).max() < 0.0
        known = known_distances(wire).min()
        assert known >= options.wire_clearance - SAMPLED
        assert options.wire_clearance <= wire.clearance <= known + SAMPLED  # never told better than it is
    for one, other in combinations(found, 2):
        lean = np.degrees(np.arccos(one.direction @ other.direction))
        assert pins.LEAST_LEAN - 1e-6 <= lean <= pins.MOST_LEAN + 1e-6
        assert np.linalg.norm(one.entry - other.entry) >= pins.LEAST_APART


def test_wires_pass_feet_and_slots() -> None:
    options, feet = Guide(), block().points[:, [0, 2]]
    for wire in placed(wires=2):
        behind = wire.entry - np.linspace(0.0, pins.BEHIND, 40)[:, None] * wire.direction
        room = options.wire_diameter / 2.0 + (options.blade + options.slot_clearance) / 2.0 + options.least_wall
        assert (
            np.linalg.norm(feet - wire.entry[[0, 2]], axis=1).min()
            > options.foot_radius + options.wire_diameter / 2.0
        )
        assert np.abs(behind[:, 0]).min() > WIDTH / 2.0 + room - 0.7  # edges of what is taken: points 0.5 mm apart
        assert behind[:, 2].min() > CUT + room - 1e-6


def test_what_the_bone_does_not_show_is_kept_clear_as_well() -> None:
    """A wire may not run through the canal of a sacrum whose surface has none: the lines from the landmarks stay."""
    from femsacrum.surgery.guides.behind import looked_at, sacral_frame
    from femsacrum.surgery.guides.kept_clear import kept_clear

    clear = kept_clear(pelvis(), resected(), looked_at(pelvis(), sacral_frame(pelvis()), 2.0))
    lines = clear.radius > 0.0
    canal = clear.points[lines & (clear.names == clear.known.index("canal"))]
    within = (np.abs(canal[:, 0]) < CANAL) & (canal[:, 1] > CANAL_FROM - 4.0) & (canal[:, 1] < CANAL_TO + 4.0)
    assert within.all()
    left = clear.points[lines & (clear.names == clear.known.index("left_foramen_S1"))]
    assert np.linalg.norm(left - pelvis().landmarks["left_foramen_S1"], axis=1).min() < 1e-9
    assert clear.distance(np.array([[BESIDE, FRONT + 2.0, HOLES["S1"]]]))[0][0] < 0.0


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"wire_clearance": "16 mm"},
            r"surgery\.guide\.wire_clearance.*16 mm: the best wire, from .* after .* ask for less",
        ),
        ({"foot_radius": "40 mm"}, r"surgery\.guide\.foot_radius.*no place for a wire of 2 mm between the feet"),
        ({"wires": 4, "wire_clearance": "6 mm"}, r"surgery\.guide\.wires.*4: only \d fit 25 mm apart"),
    ],
)
def test_no_such_wires_are_told(keys: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        placed(**keys)
