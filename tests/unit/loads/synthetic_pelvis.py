"""A pelvis of two spherical cups, two flat wings and an endplate: enough surface to hang every load on."""

import numpy as np

from femsacrum.anatomy.model import Anatomy
from femsacrum.loads.patches import CREST
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.surgery.construct import Construct

RADIUS = 24.0


def grid(u, v, at):
    """Triangles of a parametric patch at(u, v), nodes and facets."""
    nodes = np.array([at(a, b) for a in u for b in v])
    n = len(v)
    i = np.array([a * n + b for a in range(len(u) - 1) for b in range(n - 1)])
    return nodes, np.concatenate([np.c_[i, i + n, i + n + 1], np.c_[i, i + n + 1, i + 1]])


def body(name, role, patches):
    """Surface-only body: every patch is (nodes, facets, direction its normals point at)."""
    nodes, facets, offset = [], [], 0
    for points, triangles, towards in patches:
        a, b, c = (points[triangles[:, k]] for k in range(3))
        wrong = np.einsum("ij,ij->i", np.cross(b - a, c - a), towards((a + b + c) / 3)) < 0
        triangles = np.where(wrong[:, None], triangles[:, ::-1], triangles)
        nodes.append(points)
        facets.append(triangles + offset)
        offset += len(points)
    facets = np.concatenate(facets)
    cells, face = np.zeros((0, 4), dtype=np.int64), np.zeros(len(facets), dtype=np.int64)
    return BodyMesh(name, role, 1, np.concatenate(nodes), cells, facets, face, ("surface",))


def ilium(side, hip, wing_y):
    sign = 1.0 if side == "left" else -1.0

    def cup(theta, phi):  # opens laterally and downwards
        local = RADIUS * np.array([-np.cos(theta), np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi)])
        tilt = np.radians(40.0)
        x, y, z = local
        x, z = x * np.cos(tilt) + z * np.sin(tilt), -x * np.sin(tilt) + z * np.cos(tilt)
        return hip + np.array([sign * x, y, z])

    def wing(y, z):
        return np.array([hip[0] + sign * (10.0 + 0.1 * z), hip[1] + wing_y + y, hip[2] + 70.0 + z])

    lateral = np.array([sign, 0.0, 0.0])
    return body(
        f"{side}_ilium",
        "bone",
        [
            (*grid(np.linspace(0.05, 1.5, 12), np.linspace(0, 2 * np.pi, 25), cup), lambda x: hip - x),
            (
                *grid(np.linspace(-60, 60, 25), np.linspace(-30, 70, 21), wing),
                lambda x: np.tile(lateral, (len(x), 1)),
            ),
        ],
    )


def pelvis(spread=85.0, height=175.0, ahead=5.0, wing_y=0.0, asymmetry=0.0):
    """Assembly with hips ``spread`` from the midline and L4 ``height`` above and ``ahead`` behind their axis [mm]."""
    hips = {
        "left": np.array([spread, 48.0, -75.0]),
        "right": np.array([-spread - asymmetry, 48.0, -75.0 + 0.3 * asymmetry]),
    }
    top = np.array([0.0, 48.0 + ahead, height - 75.0])
    plate = grid(np.linspace(-20, 20, 9), np.linspace(-15, 15, 9), lambda x, y: top + np.array([x, y, 0.0]))
    pubic = grid(np.linspace(-3, 3, 4), np.linspace(-15, 15, 6), lambda x, z: np.array([x, 10.0, -95.0 + z]))
    up, front = np.array([0.0, 0.0, 1.0]), np.array([0.0, -1.0, 0.0])
    bodies = {
        "left_ilium": ilium("left", hips["left"], wing_y),
        "right_ilium": ilium("right", hips["right"], wing_y),
        "symphysis": body("symphysis", "cartilage", [(*pubic, lambda x: np.tile(front, (len(x), 1)))]),
        "L4": body("L4", "bone", [(*plate, lambda x: np.tile(up, (len(x), 1)))]),
    }
    landmarks = {"L4_upper": top}
    for side, hip in hips.items():
        sign = 1.0 if side == "left" else -1.0
        landmarks[f"{side}_hip_centre"] = hip
        landmarks[f"{side}_ASIS"] = hip + np.array([sign * 30.0, -50.0, 73.0])
        landmarks[f"{side}_crest_top"] = hip + np.array([-sign * 5.0, 44.0 + wing_y, 142.0])
        landmarks[f"{side}_PSIS"] = hip + np.array([-sign * 25.0, -50.0 + (94.0 + wing_y) / CREST, 96.0])
    anatomy = Anatomy({}, landmarks, {"L4_upper": up}, RADIUS, 1.4, {}, {})
    return Assembly(Construct(anatomy, {}, {}, (), (), (), {}, {}), bodies, {})
