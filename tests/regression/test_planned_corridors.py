"""The corridors that the pelvis atlas planned lie in the bones of the same person.

A corridor is a closed surface round all trajectories that were thought acceptable: wide at its ends, narrowest in its
middle, and as wide as the bone lets it be. The widest cylinder that fits in it is measured here, and a screw on its axis
checked: 7.3 mm across the sacroiliac joints, 4.5 mm in the superior ramus, both common sizes.
"""

import numpy as np
import pytest
from coarse_studies import REAL_BONES
from scipy.optimize import minimize

from femsacrum.anatomy.formats import load
from femsacrum.anatomy.reading import read_surface
from femsacrum.surgery.fixation.held import check_trajectory

ATLAS = REAL_BONES / "pelvis_atlas_jhu"
FILES = {"left_ilium": "LeftHip{}_cpd.vtk", "sacrum": "Sacrum{}_cpd.vtk", "right_ilium": "RightHip{}_cpd.vtk"}
CORRIDORS = [
    (2, "Superior_Ramus_Left"),
    *((subject, f"Iliosacral_{level}") for subject in (2, 3, 5) for level in ("S1", "S2")),
    *((subject, "Superior_Ramus_Right") for subject in (2, 3, 5)),
]


@pytest.fixture(scope="module")
def bones():
    """Every bone of the three subjects as it is read, holes filled."""
    if not ATLAS.is_dir():
        pytest.skip("real bones (../shared/data) are not here")
    return {
        (subject, part): read_surface(ATLAS / file.format(subject), None, "mm", "LPS", part).surface
        for subject in (2, 3, 5)
        for part, file in FILES.items()
    }


def widest_cylinder(path):
    """Ends of the axis, and the radius of the widest cylinder inside a corridor, its flared ends left out."""
    points, triangles = load(path, None, "corridor")
    points = np.vstack([points[triangles].mean(axis=1), points[np.unique(triangles)]])
    centre = points.mean(axis=0)
    across, aside, along = np.linalg.eigh(np.cov((points - centre).T))[1].T
    at = (points - centre) @ along
    low, high = at.min(), at.max()
    wall = points[np.abs(at - 0.5 * (low + high)) < 0.4 * (high - low)]

    def ends(moved):
        near, far = moved[:2], moved[2:]
        return tuple(
            centre + t * along + shift[0] * across + shift[1] * aside for t, shift in ((low, near), (high, far))
        )

    def radius(moved):
        a, b = ends(moved)
        return np.linalg.norm(np.cross(wall - a, (b - a) / np.linalg.norm(b - a)), axis=1).min()

    starts = np.vstack([np.zeros(4), 2.0 * np.eye(4)])
    best = max((minimize(lambda x: -radius(x), one, method="Nelder-Mead").x for one in starts), key=radius)
    return (*ends(best), radius(best))


@pytest.mark.parametrize(("subject", "corridor"), CORRIDORS)
def test_a_planned_corridor_lies_in_bone(bones, subject, corridor):
    start, end, radius = widest_cylinder(ATLAS / f"TrajectoryVolume_{subject}_{corridor}.stl")
    if "Iliosacral" in corridor:
        named, diameter, least = tuple(FILES), 7.3, 120.0
    else:
        named, diameter, least = (f"{corridor.split('_')[-1].lower()}_ilium",), 4.5, 120.0
    assert 2.0 * radius > diameter
    hosts = {part: bones[subject, part] for part in named}
    found = check_trajectory(hosts, start, end, diameter)
    assert found.leaves is None
    assert found.clearance > 0.5
    assert found.purchase > least
    # moved sideways by its own width, it is no longer in bone
    aside = np.cross(end - start, [0.0, 0.0, 1.0])
    moved = 2.0 * radius * aside / np.linalg.norm(aside) + diameter * np.array([0.0, 0.0, 1.0])
    away = check_trajectory(hosts, start + moved, end + moved, diameter)
    assert away.leaves is not None or away.clearance < found.clearance
