"""Simple bones for tests of the surgery: boxes, rods of bone, and the landmarks a cut needs."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Anatomy, Floats, Surface


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Surface:
    """A closed box."""
    grid = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    points = np.array(low) + grid * (np.array(high, dtype=float) - np.array(low))
    quads = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    return Surface(points, np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]))


def joined(*pieces: Surface) -> Surface:
    """Separate closed surfaces as one."""
    offsets = np.cumsum([0] + [len(piece.points) for piece in pieces[:-1]])
    return Surface(
        np.concatenate([piece.points for piece in pieces]),
        np.concatenate([piece.triangles + offset for piece, offset in zip(pieces, offsets, strict=True)]),
    )


def u_shaped_vertebra() -> Surface:
    """A body (z 0 to 25) with a bridge at its top to a posterior block that reaches down to z = -8."""
    import manifold3d

    def cube(low: tuple[float, ...], high: tuple[float, ...]) -> manifold3d.Manifold:
        size = tuple(b - a for a, b in zip(low, high, strict=True))
        return manifold3d.Manifold.cube(size).translate(low)

    solid = cube((-22, -16, 0), (22, 16, 25)) + cube((-15, 14, 14), (15, 34, 24)) + cube((-15, 30, -8), (15, 38, 24))
    mesh = solid.to_mesh64()
    return Surface(np.array(mesh.vert_properties[:, :3]), np.array(mesh.tri_verts, dtype=np.int64))


def volume(surface: Surface) -> float:
    """Enclosed volume [mm3]."""
    a, b, c = (surface.points[surface.triangles[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->i", np.cross(a, b), c).sum() / 6.0)


def boxes() -> Anatomy:
    """Ilia as boxes 20 mm wide, 150 mm deep and 200 mm high; the left one sits 3 mm further back than the right."""
    landmarks: dict[str, Floats] = {}
    parts = {}
    for side, sign, back in (("left", 1.0, 3.0), ("right", -1.0, 0.0)):
        x = sorted((sign * 60.0, sign * 80.0))
        parts[f"{side}_ilium"] = box((x[0], back, -120.0), (x[1], 150.0 + back, 80.0))
        landmarks[f"{side}_hip_centre"] = np.array([sign * 70.0, 30.0, -80.0])
        landmarks[f"{side}_notch"] = np.array([sign * 70.0, 90.0 + back, -40.0])
    parts["L5"] = u_shaped_vertebra()
    landmarks["L5_lower"] = np.zeros(3)
    landmarks["L5_upper"] = np.array([0.0, 0.0, 25.0])
    return Anatomy(parts, landmarks, {"L5_lower": np.array([0.0, 0.0, -1.0])}, 25.0, 1.4, {}, {})
