"""Landmarks on a given surface: snapping, acetabular sphere, endplates, pedicle axes."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.soft import Endplate
from femsacrum.anatomy.surfaces import closest_points, sampled
from femsacrum.errors import NumericalError

#: A landmark within this distance of the bone is put on its surface; one further off (a joint centre) stays [mm].
SNAP = 8.0
#: Radius within which an endplate's plane is fitted [mm].
S1_RADIUS, LUMBAR_RADIUS = 12.0, 17.0
#: How close to the acetabular sphere a point is taken to lie on it [mm].
ON_SPHERE = 0.7


def snapped(surface: Surface, points: Floats, reach: float = SNAP) -> Floats:
    """Points moved to the closest point of a surface where that is within ``reach`` [mm], shape (n, 3)."""
    closest = closest_points(surface, points)
    near = np.linalg.norm(closest - points, axis=1) <= reach
    return np.where(near[:, None], closest, points)


def acetabulum(surface: Surface, centre: Floats, radius: float = 24.0) -> tuple[float, Floats]:
    """Radius and centre of the sphere that fits the acetabulum of a hip bone best [mm].

    The sphere through four points of the socket that most others lie on (random sample consensus with a fixed seed),
    then least squares on those: the fossa, which is deeper, and the rim do not pull.

    Args:
        surface: The hip bone.
        centre: Estimate of the hip centre, shape (3,) [mm].
        radius: Estimate [mm].

    Raises:
        NumericalError: There is no socket there.
    """
    points, normals = sampled(surface, 30000)
    offset = points - centre
    distance = np.linalg.norm(offset, axis=1)
    facing = np.einsum("ij,ij->i", normals, offset) < -0.8 * distance
    socket = points[facing & (np.abs(distance - radius) < 9.0)]
    if len(socket) < 100:
        raise NumericalError(f"anatomy: no acetabulum found near {np.round(centre, 1).tolist()} mm")
    fours = socket[np.random.default_rng(20260102).integers(0, len(socket), (3000, 4))]
    centres, radii = _spheres(fours)
    sane = (np.abs(radii / radius - 1.0) < 0.25) & (np.linalg.norm(centres - centre, axis=1) < 12.0)
    centres, radii = centres[sane], radii[sane]
    apart = np.abs(np.linalg.norm(socket[None, ::4] - centres[:, None], axis=2) - radii[:, None])
    if not sane.any():
        raise NumericalError(f"anatomy: no acetabulum found near {np.round(centre, 1).tolist()} mm")
    best = int(np.argmax((apart < ON_SPHERE).sum(axis=1)))
    fitted, size = centres[best], radii[best]
    for _ in range(5):
        on = np.abs(np.linalg.norm(socket - fitted, axis=1) - size) < 1.5 * ON_SPHERE
        if on.sum() < 50:
            raise NumericalError(f"anatomy: no acetabulum found near {np.round(centre, 1).tolist()} mm")
        fitted, size = (value[0] for value in _spheres(socket[on][None]))
    return float(size), fitted


def _spheres(points: Floats) -> tuple[Floats, Floats]:
    """Centre and radius of the sphere of (algebraic) least squares through each group of points, shape (k, n, 3)."""
    middle = points.mean(axis=1, keepdims=True)
    local = points - middle
    matrix = np.concatenate([2.0 * local, np.ones_like(local[..., :1])], axis=2)
    right = np.einsum("kni,kni->kn", local, local)
    solution = np.einsum("kij,kj->ki", np.linalg.pinv(matrix), right)
    centre = solution[:, :3]
    radius = np.sqrt(np.maximum(solution[:, 3] + np.einsum("ki,ki->k", centre, centre), 0.0))
    return centre + middle[:, 0], radius


def endplate(bone: Surface, centre: Floats, normal: Floats, radius: float, lumbar: bool, left: Floats) -> Endplate:
    """The endplate of a real bone: a plane fitted to it, and how far the bone reaches just under it.

    The plane is fitted to the points around the centre that face along the normal; then the extent is measured
    from the centre along lines 4 mm under the plane (an endplate is up to 3 mm hollow) to where they leave the bone,
    the centre is put in the middle of it, and all that is done again.

    Args:
        bone: Vertebra or sacrum.
        centre: Estimate, shape (3,) [mm].
        normal: Estimate of the outward unit normal.
        radius: Of the part the plane is fitted to [mm].
        lumbar: Whether the bone ends beside the endplate; the sacrum goes on into its alae.
        left: Unit vector to the bone's left, shape (3,).

    Raises:
        NumericalError: Nothing there faces that way.
    """
    inside = DistanceTo(bone)
    points, normals = sampled(bone, 20000)
    depth = width = 0.0
    for _ in range(4):
        for _ in range(4):
            offset = points - centre
            height = offset @ normal
            across = np.linalg.norm(offset - height[:, None] * normal, axis=1)
            chosen = (across < radius) & (np.abs(height) < 7.0) & (normals @ normal > 0.7)
            if chosen.sum() < 20:
                raise NumericalError(f"anatomy: no endplate found near {np.round(centre, 1).tolist()} mm")
            middle = points[chosen].mean(axis=0)
            new = np.linalg.svd(points[chosen] - middle, full_matrices=False)[2][2]
            normal = new if new @ normal > 0.0 else -new
            centre = centre + ((middle - centre) @ normal) * normal
        back = np.cross(normal, left)
        back /= np.linalg.norm(back)
        shift, depth = _extent(inside, centre - 4.0 * normal, back)
        centre = centre + shift * back
        if lumbar:
            side = np.cross(back, normal)
            shift, width = _extent(inside, centre - 4.0 * normal, side)
            centre = centre + shift * side
    return Endplate(centre, normal, depth, width)


def promontory(sacrum: Surface, centre: Floats, normal: Floats, left: Floats) -> Floats:
    """The front rim of the S1 endplate in the midline, a point on the bone [mm].

    Args:
        sacrum: The sacrum.
        centre: Middle of the endplate, about, shape (3,) [mm].
        normal: Its cranial unit normal, about.
        left: Unit vector to the patient's left.
    """
    plate = endplate(sacrum, centre, normal, S1_RADIUS, lumbar=False, left=left)
    forwards = np.cross(left, plate.normal)
    return closest_points(sacrum, (plate.centre + plate.half_depth * forwards / np.linalg.norm(forwards))[None])[0]


def _extent(inside: DistanceTo, start: Floats, direction: Floats) -> tuple[float, float]:
    """Middle of the bone along a line through a point in it, and half its extent [mm]."""
    along = np.arange(0.0, 32.0, 0.2)
    ends = []
    for sign in (1.0, -1.0):
        outside = np.flatnonzero(inside(start + sign * along[:, None] * direction) > 0.0)
        if outside.size == 0 or outside[0] == 0:
            raise NumericalError(f"anatomy: no rim of an endplate found around {np.round(start, 1).tolist()} mm")
        ends.append(sign * along[outside[0]])
    return 0.5 * (ends[0] + ends[1]), 0.5 * (ends[0] - ends[1])


def clearance(inside: DistanceTo, start: Floats, end: Floats, number: int = 25) -> float:
    """Least distance from a segment to the bone surface, negative where it leaves the bone [mm]."""
    share = np.linspace(0.0, 1.0, number)[:, None]
    return -float(inside(start + share * (end - start)).max())


def pedicle_axis(bone: Surface, middle: Floats, forwards: Floats, depth: float, reach: float = 2.5) -> Floats:
    """Entry and target of a transpedicular screw with the largest clearance, shape (2, 3) [mm].

    Around the given axis the middle is shifted and the direction turned, one trial set after the other, the best
    kept, the steps halved when nothing is better.

    Args:
        bone: The vertebra.
        middle: Middle of the pedicle, shape (3,) [mm].
        forwards: Unit vector along the pedicle into the body.
        depth: Anteroposterior depth of the vertebral body [mm].
        reach: Largest shift [mm]; the largest turn is 10 deg.

    Returns:
        The point on the posterior surface where the axis leaves the bone, and the point deep in the body.

    Raises:
        NumericalError: The axis leaves the bone within the pedicle.
    """
    inside = DistanceTo(bone)
    lateral = np.cross(forwards, [0.0, 0.0, 1.0])
    lateral /= np.linalg.norm(lateral)
    across = np.column_stack([lateral, np.cross(lateral, forwards)])

    def axis(move: Floats) -> tuple[Floats, Floats]:
        direction = forwards + across @ move[2:]
        return middle + across @ move[:2], direction / np.linalg.norm(direction)

    def quality(move: Floats) -> float:
        through, direction = axis(move)
        # what has to be deep in bone: the pedicle, and the body as far as its front third
        return clearance(inside, through - 6.0 * direction, through + 0.8 * depth * direction)

    largest = np.array([reach, reach, np.tan(np.radians(10.0)), np.tan(np.radians(10.0))])
    directions = np.concatenate([np.eye(4), -np.eye(4), [[1, 0, -1, 0], [-1, 0, 1, 0], [0, 1, 0, -1], [0, -1, 0, 1]]])
    move, best, step = np.zeros(4), quality(np.zeros(4)), 0.5
    while step > 0.05:
        trials = [t for d in directions if np.all(np.abs(t := move + step * d * largest) <= largest)]
        values = [quality(t) for t in trials]
        if values and max(values) > best + 1e-3:
            best, move = max(values), trials[int(np.argmax(values))]
        else:
            step *= 0.5
    through, direction = axis(move)
    return np.array([_exit(inside, through, -direction), through + 0.8 * depth * direction])


def _exit(inside: DistanceTo, start: Floats, direction: Floats) -> Floats:
    """Where a ray from a point in the bone first leaves it [mm]."""
    along = np.arange(0.0, 45.0, 0.25)
    distance = inside(start + along[:, None] * direction)
    outside = np.flatnonzero(distance > 0.0)
    if distance[0] >= 0.0 or outside.size == 0:
        raise NumericalError(f"anatomy: the pedicle at {np.round(start, 1).tolist()} mm is not inside bone")
    i = int(outside[0])
    share = distance[i - 1] / (distance[i - 1] - distance[i])
    return start + (along[i - 1] + 0.25 * share) * direction
