"""Courses of the sacral roots: canal, foramen, and out in front of the sacrum to where the nerve leaves the pelvis."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.foramina import LEVELS
from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.names import SIDES
from femsacrum.errors import InputError
from femsacrum.sources.tables import constant
from femsacrum.surgery.nerves.canal import Canal, canal
from femsacrum.surgery.nerves.model import Course, length
from femsacrum.surgery.nerves.route import band, cheapest, resampled
from femsacrum.surgery.shapes.frame import unit
from femsacrum.surgery.shapes.places import place

#: Where roots leave the thecal sac, along the sacrum (0: S1 endplate, 1: foramina of S1): S1 at the disc L5/S1, S2 behind
#: the body of S1, S3 and S4 at the sac's end; and how far beside the midline they lie there [mm].
LEAVE = {"S1": (0.0, 6.0), "S2": (0.6, 4.5), "S3": (None, 3.0), "S4": (None, 1.5)}
#: Points of the sac.
SAC = 30
#: A way from canal to foramen longer than this times the straight line has gone round the bone, not through the foramen.
DETOUR = 2.0
#: Least distance of a nerve's surface from bone where there is room [mm].
OFF_BONE = 0.5
#: A course from a file passes the foramen at most this far away [mm].
AT_FORAMEN = 10.0


def radius(level: str) -> float:
    """Radius of the round section with the area of ventral and dorsal root [mm]."""
    ventral, dorsal = (constant("nerves", f"diameter.{level}.{kind}").value for kind in ("ventral", "dorsal"))
    return 0.5 * float(np.hypot(ventral, dorsal))


def courses(anatomy: Anatomy, given: Mapping[str, Floats]) -> tuple[dict[str, Course], dict[str, str]]:
    """Courses of all roots that have a foramen here, and why the others have none.

    Args:
        anatomy: Bones and landmarks before surgery.
        given: Root -> points of its course from a file, shape (n, 3) [mm].

    Raises:
        InputError: A course from a file is not that of its root, or of a root without foramen.
    """
    marks = anatomy.landmarks
    sacrum = anatomy.parts.get("sacrum")
    if sacrum is None:
        raise InputError("surgery.nerves", "this anatomy has no sacrum to tell the courses of its roots from")
    inside = DistanceTo(sacrum)
    through = canal(anatomy, inside)
    found: dict[str, Course] = {}
    for side in SIDES:
        around = [inside, *(DistanceTo(p) for p in (anatomy.parts.get(f"{side}_ilium"),) if p is not None)]
        levels = [level for level in LEVELS if f"{side}_foramen_{level}" in marks]
        ends = [(_start(through, side, level), marks[f"{side}_foramen_{level}"]) for level in levels]
        ways = [np.array(pair) for pair in ends]
        if through.open:
            ways = cheapest(inside, ends, lambda i, at: through.outside_above(int(levels[i][1]), at))  # noqa: B023
        for level, way in zip(levels, ways, strict=True):
            name = f"{side}_{level}"
            if name in given:
                found[name] = _from_file(name, given[name], marks[f"{side}_foramen_{level}"], inside)
            else:
                found[name] = _drawn(name, way, through, around, _exit(marks, side, level))
    missing = {
        name: f"this sacrum has no foramina of {name[-2:]}" for side in SIDES for level in LEVELS
        if (name := f"{side}_{level}") not in found
    }  # fmt: skip
    for name in given:
        if name in missing:
            raise InputError("surgery.nerves.roots", f"{name}: {missing[name]}: leave its course out")
    return found, missing


def _leaves(level: str) -> float:
    """Station at which a root leaves the sac."""
    station = LEAVE[level][0]
    return 1.0 + constant("nerves", "course.thecal_end").value if station is None else station


def _start(through: Canal, side: str, level: str) -> Floats:
    beside = LEAVE[level][1]
    return through.at(_leaves(level)) + (beside if side == "left" else -beside) * through.left


def _exit(marks: Mapping[str, Floats], side: str, level: str) -> Floats:
    """Where a root leaves the pelvis: S1 and S2 below piriformis as sciatic nerve, S3 and S4 by the ischial spine."""
    notch, spine = marks[f"{side}_notch"], marks[f"{side}_isch_spine"]
    lowest = next(marks[f"{side}_foramen_{one}"] for one in LEVELS[::-1] if f"{side}_foramen_{one}" in marks)
    if level in ("S1", "S2"):
        border = 0.45 * notch + 0.55 * spine
        return border + constant("nerves", "course.off_border").value * unit(lowest - border)
    border = 0.1 * notch + 0.9 * spine
    return border + constant("nerves", "course.off_spine").value * unit(lowest - border)


def _drawn(name: str, way: Floats, through: Canal, around: list[DistanceTo], leaves: Floats) -> Course:
    level, mouth = name[-2:], way[-1]
    clear = radius(level) + OFF_BONE
    straight = float(np.linalg.norm(way[-1] - way[0]))
    passes = through.open and length(way) <= DETOUR * straight
    beside = 0.5 * (mouth - way[0]) @ through.left
    recess = through.at(float(level[1]) - 0.15) + beside * through.left
    inner = band(way, around[:1], clear) if passes else resampled(np.array([way[0], recess, mouth]))
    out = unit(mouth - inner[-4])
    share = np.linspace(0.0, 1.0, 30)[:, None]
    bend = mouth + 0.35 * float(np.linalg.norm(leaves - mouth)) * out
    curve = (1 - share) ** 2 * mouth + 2 * share * (1 - share) * bend + share**2 * leaves
    outer = band(curve, around, clear)
    points = np.vstack([inner, outer[1:]])
    words = "from landmarks, canal and foramina of this bone; where it leaves the sac and the pelvis is estimated"
    if not passes:
        words = "from landmarks alone: canal or foramen is closed in this surface, so the course runs through bone"
    sac = np.array([through.at(station) for station in np.linspace(0.0, _leaves(level), SAC)])
    return Course(name, points, len(inner) - 1, sac, radius(level), words, in_bone(points, around[0]))


def _from_file(name: str, points: Floats, mouth: Floats, inside: DistanceTo) -> Course:
    points = resampled(points)
    away = np.linalg.norm(points - mouth, axis=1)
    nearest = int(np.argmin(away))
    if away[nearest] > AT_FORAMEN:
        raise InputError(
            "surgery.nerves.roots",
            f"the course of {name} passes {away[nearest]:.0f} mm from its foramen at {place(mouth)} mm (at most "
            f"{AT_FORAMEN:g} mm): is it of this root, in mm and LPS?",
        )
    if nearest in (0, len(points) - 1):
        end = "begins" if nearest == 0 else "ends"
        problem = f"the course of {name} {end} at its foramen: give it from the canal to where it leaves the pelvis"
        raise InputError("surgery.nerves.roots", problem)
    return Course(
        name, points, nearest, points[:1], radius(name[-2:]), "from a file of the case", in_bone(points, inside)
    )


def in_bone(points: Floats, inside: DistanceTo) -> float:
    """Length of a polyline whose middles of segments lie in a bone [mm]."""
    within = inside(0.5 * (points[1:] + points[:-1])) < 0.0
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1)[within].sum())
