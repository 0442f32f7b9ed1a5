"""The tumour's surface: the one that came with the bones, or an ellipsoid of the case."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy import manifolds
from femsacrum.anatomy.model import ROLES, Anatomy, Floats, Surface
from femsacrum.anatomy.tumour import assert_near
from femsacrum.case.tumour import Tumour
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.planes import turn
from femsacrum.surgery.shapes.places import place

#: Segments round a sphere; its surface then lies inside the true one by at most 0.09 % of the largest half-axis.
ROUND = 128


def tumour_of(anatomy: Anatomy, options: Tumour | None) -> tuple[Surface, str] | None:
    """The tumour and where its shape is from; None where there is none.

    Args:
        anatomy: Its own tumour, and its landmarks.
        options: Of the case.

    Raises:
        InputError: It has two shapes or none, its landmark is not there, or it lies far from every bone.
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
    turned = turn(options.sagittal_tilt, options.frontal_tilt, options.axial_turn)
    surface = ellipsoid(centre, np.array([x, y, z]), turned)
    bones = {name: part for name, part in anatomy.parts.items() if ROLES[name] == "bone"}
    given = f"{key}.{'point' if options.landmark is None else 'landmark'}"
    assert_near(surface, bones, given, f"its centre is at {place(centre)} mm: correct {given} or {key}.offset")
    return surface, f"ellipsoid, half-axes {x:g}, {y:g}, {z:g} mm"


def ellipsoid(centre: Floats, half_axes: Floats, rotation: Floats) -> Surface:
    """A closed surface of an ellipsoid.

    Args:
        centre: Shape (3,) [mm].
        half_axes: Along x, y and z before it is turned, shape (3,) [mm].
        rotation: Shape (3, 3).
    """
    import manifold3d

    points, triangles = manifolds.arrays(manifold3d.Manifold.sphere(1.0, ROUND))
    return Surface(centre + (points * half_axes) @ rotation.T, triangles)


def _centre(anatomy: Anatomy, options: Tumour, key: str) -> Floats:
    if (options.landmark is None) == (options.point is None):
        raise InputError(key, 'needs either a landmark or a point for its centre, for example "left_foramen_S2"')
    if options.landmark is not None and options.landmark not in anatomy.landmarks:
        known = ", ".join(sorted(anatomy.landmarks))
        raise InputError(f"{key}.landmark", f'"{options.landmark}" is not a landmark of this anatomy; known: {known}')
    start = options.point if options.landmark is None else anatomy.landmarks[options.landmark]
    return np.asarray(start, dtype=float) + np.asarray(options.offset or (0.0, 0.0, 0.0), dtype=float)
