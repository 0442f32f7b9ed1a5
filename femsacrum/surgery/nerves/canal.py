"""The middle of the sacral canal, from its top at L5/S1 to the lowest foramina."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.foramina import LEVELS
from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.names import SIDES
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.planes import midsagittal
from femsacrum.surgery.shapes.frame import unit

#: How far behind and in front of the line through the foramina bone is looked for, and in which steps [mm].
BEHIND, AHEAD, STEP = 45.0, 45.0, 0.5
#: Lines from behind for each level.
LINES = 8
#: A gap between lamina and body of this depth is canal [mm]: those of the reference and BodyParts3D are 3 to 9 mm deep.
SHALLOWEST, DEEPEST = 3.0, 25.0
#: A canal found on fewer of the lines below its top is not open in this surface.
LEAST_FOUND = 0.4
#: Where the canal lies from the front of the bone to its back where the surface does not show it: 0.52 to 0.66 of the
#: way on the reference.
SHARE = 0.62
#: Half the depth of the canal at its top [mm]; the middle is that far behind the S1 endplate.
HALF_TOP = 6.0
#: A root keeps this near to the middle of the canal [mm] until half a level above its own foramen.
ROOM, HALF_LEVEL = 10.0, 0.45


@dataclass(frozen=True)
class Canal:
    """Where the sacral canal runs.

    Attributes:
        points: Its middle, shape (n, 3) [mm], from the top down.
        stations: Where each is along the sacrum: 0 at the S1 endplate, 1 at the foramina of S1, and so on, shape (n,).
        left: Unit vector to the left, shape (3,).
        open: Whether the surface shows it.
    """

    points: Floats
    stations: Floats
    left: Floats
    open: bool

    def at(self, station: float) -> Floats:
        """Its middle at a station, shape (3,) [mm]."""
        return np.array([np.interp(station, self.stations, self.points[:, k]) for k in range(3)])

    def outside_above(self, level: int, points: Floats) -> NDArray[np.bool_]:
        """Which points, shape (n, 3) [mm], lie beside the canal above the foramina of a level: in those of others."""
        fine = np.linspace(self.stations[0], self.stations[-1], 100)
        away, nearest = cKDTree(np.array([self.at(station) for station in fine])).query(points)
        return np.asarray((away > ROOM) & (fine[nearest] < level - HALF_LEVEL))


def canal(anatomy: Anatomy, inside: DistanceTo) -> Canal:
    """Look along lines in the midline from behind: the canal is the first gap after the first bone.

    Where the surface is filled there, as some segmentations are, it is put at the share of the bone's depth at which the
    reference has it.

    Args:
        anatomy: Landmarks.
        inside: Distance to the whole sacrum.

    Raises:
        InputError: A landmark is missing, or no bone is where they say that the sacrum is.
    """
    marks = assert_known(anatomy.landmarks)
    left = midsagittal(anatomy).normal
    levels = [level for level in LEVELS if f"left_foramen_{level}" in marks and f"right_foramen_{level}" in marks]
    middles = np.array(
        [
            marks["S1_endplate"],
            *(0.5 * (marks[f"left_foramen_{level}"] + marks[f"right_foramen_{level}"]) for level in levels),
        ]
    )
    ways = np.diff(middles, axis=0)
    stations = np.linspace(0.5, len(levels), max(LINES * len(levels) - LINES // 2, 2))
    along = np.arange(BEHIND, -AHEAD, -STEP)
    shown, guessed = [], []
    for station in stations:
        k = min(int(station), len(levels) - 1)
        down = unit(ways[k])
        back = unit(np.cross(down, left - (left @ down) * down))
        back = back if back[1] > 0.0 else -back
        line = middles[k] + (station - k) * ways[k] + along[:, None] * back
        solid = inside(line) < 0.0
        edges = np.flatnonzero(np.diff(solid.astype(int)))
        if len(edges) >= 2 and solid[edges[0] + 1]:
            guessed.append((station, line[round(edges[0] + (1.0 - SHARE) * (edges[-1] - edges[0]))]))
            if len(edges) >= 3 and SHALLOWEST <= (edges[2] - edges[1]) * STEP <= DEEPEST:
                shown.append((station, line[(edges[1] + edges[2]) // 2]))
    if not guessed:
        raise InputError(
            "anatomy.landmarks",
            "no line behind the foramina of S1 and below meets the sacrum: are they of this bone, in mm?",
        )
    opened = len(shown) >= LEAST_FOUND * len(stations)
    found = shown if opened else guessed
    plate = unit(marks["endplate_S1_post"] - marks["endplate_S1_ant"])
    top = marks["endplate_S1_post"] + HALF_TOP * plate
    points = np.array([top, *(_smooth(np.array([point for _, point in found])))])
    return Canal(points, np.array([0.0, *(station for station, _ in found)]), left, opened)


def assert_known(marks: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """The same landmarks, once all that courses are drawn from are there.

    Foramina are wanted of S1, and of both sides down to the lowest that is there on either.

    Raises:
        InputError: One is missing.
    """
    reached = [i for i, level in enumerate(LEVELS) if any(f"{side}_foramen_{level}" in marks for side in SIDES)]
    levels = LEVELS[: max(reached, default=0) + 1]
    wanted = ["S1_endplate", "endplate_S1_ant", "endplate_S1_post"]
    wanted += [f"{side}_foramen_{level}" for level in levels for side in SIDES]
    wanted += [f"{side}_{name}" for side in SIDES for name in ("notch", "isch_spine")]
    for name in wanted:
        if name not in marks:
            raise InputError(
                f"anatomy.landmarks.{name}",
                "missing: the courses of the sacral roots are drawn from it; state it, or leave surgery.nerves out",
            )
    return marks


def _smooth(points: Floats) -> Floats:
    """Each point the mean of itself and its neighbours, ends as they are."""
    out = points.copy()
    out[1:-1] = (points[:-2] + points[1:-1] + points[2:]) / 3.0
    return out
