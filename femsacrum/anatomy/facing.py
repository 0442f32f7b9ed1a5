"""Whether a bone lies in the frame it was said to be in: told by its shape."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
from scipy.spatial import cKDTree

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.frames import FRAMES, to_lps
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.registration import Affine, boxes_matched, moved, register
from femsacrum.anatomy.surfaces import sampled

#: A bone closer to the reference laid over it than this is in its frame [mm]. Of fourteen bones (docs/case_file.md) the
#: farthest was 2.8 mm away; turned or mirrored the nearest was 3.2 mm away, but for a mirror image left to right.
SURE = 3.0
#: Another frame must fit so much better to be believed: the least ratio was 1.9.
CLEARLY = 1.5
#: A patient does not lie turned by more than this in the axes of an image [deg]; frames differ by 90.
TURNED = 45.0
#: A bone this far from the reference is not that bone, whatever the frame [mm].
NOT_ALIKE = 8.0

#: Iterations of the search: a few in every frame, more in the frames that look best then.
FIRST, THEN, BEST = 4, 15, 3


def apart(reference: Surface, real: Surface, place: Affine) -> float:
    """Mean distance of a bone's surface from the reference bone laid over it [mm]."""
    return float(np.abs(DistanceTo(moved(reference, place))(sampled(real, 2000)[0])).mean())


def misfit(reference: Surface, real: Surface, place: Affine, frame: str) -> str | None:
    """What is wrong with a bone that does not look like the reference, or not in this frame; None if it does.

    Args:
        reference: The reference bone.
        real: The bone, LPS if the frame is as declared [mm].
        place: What lays the reference over it.
        frame: The frame it was said to be in.
    """
    distance, angle = apart(reference, real, place), turned(place)
    if distance <= SURE and angle <= TURNED:
        return None
    better = better_frame(reference, real, frame, distance if angle <= TURNED else np.inf)
    if better is None and distance <= NOT_ALIKE and angle <= TURNED:
        return None
    problem = (
        f"does not look like it: the reference laid over it is {distance:.1f} mm off and turned by {angle:.0f} deg"
    )
    if better is None:
        return f"{problem}; is it the file of another part?"
    return f'{problem}, {better[1]:.1f} mm in frame "{better[0]}"; is "{frame}" wrong, or is it another part\'s file?'


def turned(place: Affine) -> float:
    """Angle by which a similarity turns [deg]."""
    cosine = 0.5 * (np.trace(place.matrix) / place.scale() - 1.0)
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def better_frame(reference: Surface, real: Surface, frame: str, distance: float) -> tuple[str, float] | None:
    """The frame in which a bone would look clearly more like the reference, and how far from it, if there is one.

    Left and right halves of a pelvis are mirror images: a sacrum or a vertebra mirrored left to right cannot be told, a
    hip bone only by the side it is said to be of.

    Args:
        reference: The reference bone.
        real: The bone, LPS if the frame is as declared [mm].
        frame: The frame it was said to be in.
        distance: How far it is from the reference laid over it [mm].
    """
    there = cKDTree(sampled(reference, 2000)[0])
    rough: list[tuple[float, int, Floats, Surface, Affine]] = []
    for turn in _turns(reference, real):
        triangles = real.triangles if np.linalg.det(turn) > 0.0 else real.triangles[:, ::-1]
        bone = Surface(real.points @ turn.T, np.ascontiguousarray(triangles))
        place = register([reference], [bone], boxes_matched([reference], [bone]), affine=False, iterations=FIRST)
        back = (sampled(bone, 1000)[0] - place.shift) @ np.linalg.inv(place.matrix).T
        if turned(place) < TURNED:
            rough.append((float(there.query(back)[0].mean()), len(rough), turn, bone, place))
    found = []
    for _, rank, turn, bone, start in sorted(rough)[:BEST]:
        place = register([reference], [bone], start, affine=False, iterations=THEN)
        if turned(place) < TURNED:
            found.append((apart(reference, bone, place), rank, turn @ to_lps(frame)))
    if not found:
        return None
    least, _, best = min(found)
    if least > distance / CLEARLY:
        return None
    return next(one for one in FRAMES if np.array_equal(to_lps(one), best)), least


def _turns(reference: Surface, real: Surface) -> list[Floats]:
    """What may take the declared axes to the true ones: the two orders of axes that match the boxes best, all senses."""
    wanted, there = np.ptp(reference.points, axis=0), np.ptp(real.points, axis=0)

    def misfit(order: tuple[int, ...]) -> float:
        return float(np.ptp(np.log(wanted / there[list(order)])))

    likely = sorted(permutations(range(3)), key=misfit)[:2]
    turns = [np.diag(senses)[:, np.argsort(order)] for order in likely for senses in product((1.0, -1.0), repeat=3)]
    return [turn for turn in turns if not np.array_equal(turn, np.eye(3))]
