"""The tumour's surface: the one that came with the bones, or an ellipsoid of the case."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy import manifolds
from femsacrum.anatomy.model import Anatomy, Floats, Surface
from femsacrum.case.tumour import Tumour
from femsacrum.errors import InputError

#: Segments round a sphere; its surface then lies inside the true one by at most 0.09 % of the largest half-axis.
ROUND = 128


def tumour_of(anatomy: Anatomy, options: Tumour | None) -> tuple[Surface, str] | None:
    """The tumour and where its shape is from; None where there is none.

    Args:
        anatomy: Its own tumour, and its landmarks.
        options: Of the case.

    Raises:
        InputError: It has two shapes or none, or its landmark is not there.
    """
    key = "surgery.tumour"
    if options is None or options.half_axes is None:
        if anatomy.tumour is not None:
            return anatomy.tumour, anatomy.origin.get("tumour", "")
        if options is not None:
            raise InputError(key, 'has no shape: add half_axes with a landmark or a point, or a part "tumour"')
        return None
    if anatomy.tumour is not None:
        raise InputError(f"{key}.half_axes", "the anatomy has a tumour already: leave out one of them")
    centre = _centre(anatomy, options, key)
    x, y, z = options.half_axes
    return ellipsoid(centre, np.array([x, y, z]), _turn(options)), f"ellipsoid, half-axes {x:g}, {y:g}, {z:g} mm"


def ellipsoid(centre: Floats, half_axes: Floats, turn: Floats) -> Surface:
    """A closed surface of an ellipsoid.

    Args:
        centre: Shape (3,) [mm].
        half_axes: Along x, y and z before it is turned, shape (3,) [mm].
        turn: Rotation, shape (3, 3).
    """
    import manifold3d

    points, triangles = manifolds.arrays(manifold3d.Manifold.sphere(1.0, ROUND))
    return Surface(centre + (points * half_axes) @ turn.T, triangles)


def _centre(anatomy: Anatomy, options: Tumour, key: str) -> Floats:
    if (options.landmark is None) == (options.point is None):
        raise InputError(key, 'needs either a landmark or a point for its centre, for example "left_foramen_S2"')
    if options.landmark is not None and options.landmark not in anatomy.landmarks:
        known = ", ".join(sorted(anatomy.landmarks))
        raise InputError(f"{key}.landmark", f'"{options.landmark}" is not a landmark of this anatomy; known: {known}')
    start = options.point if options.landmark is None else anatomy.landmarks[options.landmark]
    return np.asarray(start, dtype=float) + np.asarray(options.offset or (0.0, 0.0, 0.0), dtype=float)


def _turn(options: Tumour) -> Floats:
    """Turned about the patient's left, posterior and cranial axis one after the other, right-handed."""
    from scipy.spatial.transform import Rotation

    angles = [options.sagittal_tilt, options.frontal_tilt, options.axial_turn]
    return np.asarray(Rotation.from_euler("xyz", angles, degrees=True).as_matrix())
