"""Landmarks on a given surface: snapping, acetabular sphere, pedicle axes, and the measures made of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from femsacrum.anatomy.grid import enclosed
from femsacrum.anatomy.model import Floats, Surface
from femsacrum.anatomy.surfaces import closest_points, signed_distance
from femsacrum.errors import NumericalError

#: A landmark within this distance of the bone is put on its surface; one further off (a joint centre) stays [mm].
SNAP = 8.0


def snapped(surface: Surface, points: Floats, reach: float = SNAP) -> Floats:
    """Points moved to the closest point of a surface where that is within ``reach`` [mm], shape (n, 3)."""
    closest = closest_points(surface, points)
    near = np.linalg.norm(closest - points, axis=1) <= reach
    return np.where(near[:, None], closest, points)


def acetabulum(surface: Surface, centre: Floats, radius: float = 24.2) -> tuple[float, Floats]:
    """Radius and centre of the sphere fitted to the acetabulum of a hip bone [mm].

    Least squares on the vertices that face the centre within a band around the sphere, three times with the band
    narrowing; the band leaves the acetabular fossa (deeper) and the rim's outside (does not face) out.

    Args:
        surface: The hip bone.
        centre: Estimate of the hip centre, shape (3,) [mm].
        radius: Estimate [mm].
    """
    normals = vertex_normals(surface)
    centre = np.asarray(centre, dtype=float)
    for band in (7.0, 4.0, 2.5, 2.0):
        offset = surface.points - centre
        distance = np.linalg.norm(offset, axis=1)
        facing = np.einsum("ij,ij->i", normals, offset) < -0.8 * distance
        chosen = surface.points[facing & (np.abs(distance - radius) < band)]
        if len(chosen) < 30:
            raise NumericalError(f"anatomy: no acetabulum found near {np.round(centre, 1).tolist()} mm")
        matrix = np.column_stack([2.0 * chosen, np.ones(len(chosen))])
        solution = np.linalg.lstsq(matrix, np.einsum("ij,ij->i", chosen, chosen), rcond=None)[0]
        centre = solution[:3]
        radius = float(np.sqrt(solution[3] + centre @ centre))
    return radius, centre


def vertex_normals(surface: Surface) -> Floats:
    """Unit normals at the vertices, area-weighted, pointing outwards, shape (n, 3)."""
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    area = np.cross(b - a, c - a)
    out = np.zeros_like(surface.points)
    for i in range(3):
        np.add.at(out, surface.triangles[:, i], area)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-300)


def clearance(surface: Surface, start: Floats, end: Floats, number: int = 25) -> float:
    """Least distance from a segment to the bone surface, negative where it leaves the bone [mm]."""
    share = np.linspace(0.0, 1.0, number)[:, None]
    return -float(signed_distance(surface, start + share * (end - start)).max())


def pedicle_axis(bone: Surface, middle: Floats, forwards: Floats, depth: float) -> tuple[Floats, Floats]:
    """Entry and target of a transpedicular screw with the largest clearance.

    Around the given axis, the middle is shifted (up to 2.5 mm) and the direction turned (up to 8 deg) on a fixed set
    of trials, the best kept and the steps halved.

    Args:
        bone: The vertebra.
        middle: Middle of the pedicle, shape (3,) [mm].
        forwards: Unit vector along the pedicle into the body.
        depth: Anteroposterior depth of the vertebral body [mm].

    Returns:
        The point on the posterior surface where the axis leaves the bone, and the point deep in the body.
    """
    lateral = np.cross(forwards, [0.0, 0.0, 1.0])
    lateral /= np.linalg.norm(lateral)
    upwards = np.cross(lateral, forwards)
    shift, turn = np.zeros(2), np.zeros(2)
    across = np.column_stack([lateral, upwards])

    def axis(shift: Floats, turn: Floats) -> tuple[Floats, Floats]:
        direction = forwards + across @ turn
        return middle + across @ shift, direction / np.linalg.norm(direction)

    def quality(shift: Floats, turn: Floats) -> float:
        through, direction = axis(shift, turn)
        # the part that has to be deep in bone: the pedicle itself and three quarters of the body
        return clearance(bone, through - 6.0 * direction, through + 0.85 * depth * direction)

    best = quality(shift, turn)
    step, angle = 1.25, np.radians(4.0)
    for _ in range(5):
        trials = [
            (shift + step * np.array([i, j]), turn + angle * np.array([k, m]))
            for i, j, k, m in (*np.vstack([np.eye(4), -np.eye(4)]).astype(int).tolist(), (1, 0, -1, 0), (-1, 0, 1, 0))
        ]
        trials = [t for t in trials if np.abs(t[0]).max() <= 2.5 and np.abs(t[1]).max() <= np.tan(np.radians(8.0))]
        values = [quality(*t) for t in trials]
        if max(values) > best:
            best = max(values)
            shift, turn = trials[int(np.argmax(values))]
        else:
            step, angle = 0.5 * step, 0.5 * angle
    through, direction = axis(shift, turn)
    return _exit(bone, through, -direction), through + 0.8 * depth * direction


def _exit(bone: Surface, inside: Floats, direction: Floats) -> Floats:
    """Where a ray from a point in the bone first leaves it [mm]."""
    along = np.arange(0.0, 45.0, 0.25)
    distance = signed_distance(bone, inside + along[:, None] * direction)
    outside = np.flatnonzero(distance > 0.0)
    if distance[0] >= 0.0 or outside.size == 0:
        raise NumericalError(f"anatomy: the pedicle at {np.round(inside, 1).tolist()} mm is not inside bone")
    i = int(outside[0])
    share = distance[i - 1] / (distance[i - 1] - distance[i])
    return inside + (along[i - 1] + 0.25 * share) * direction


def measures(
    landmarks: Mapping[str, Floats], directions: Mapping[str, Floats], parts: Mapping[str, Surface]
) -> dict[str, float]:
    """Descriptive measures for the report, name with unit -> value."""

    def apart(name: str) -> float:
        return float(np.linalg.norm(landmarks[f"left_{name}"] - landmarks[f"right_{name}"]))

    def middle(name: str) -> Floats:
        return 0.5 * (landmarks[f"left_{name}"] + landmarks[f"right_{name}"])

    plate = 0.5 * (landmarks["endplate_S1_ant"] + landmarks["endplate_S1_post"])
    normal = directions["S1_endplate"][1:]
    line = (plate - middle("hip_centre"))[1:]
    line /= np.linalg.norm(line)
    incidence = np.arctan2(line[0] * normal[1] - line[1] * normal[0], line @ normal)
    out = {
        "pelvic_incidence [deg]": float(np.degrees(incidence)),
        "sacral_slope [deg]": float(np.degrees(np.arctan2(-normal[0], normal[1]))),
        "pelvic_tilt [deg]": float(np.degrees(np.arctan2(line[0], line[1]))),
        "inter_ASIS_width [mm]": apart("ASIS"),
        "inter_PSIS_width [mm]": apart("PSIS"),
        "inter_ischial_spine_width [mm]": apart("isch_spine"),
        "hip_centre_distance [mm]": apart("hip_centre"),
        "mid_ASIS_to_mid_PSIS [mm]": float(np.linalg.norm(middle("ASIS") - middle("PSIS"))),
    }
    for name, surface in parts.items():
        out[f"volume_{name} [mm3]"] = enclosed(surface.points, surface.triangles)
    return out
