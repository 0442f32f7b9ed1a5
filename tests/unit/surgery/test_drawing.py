from __future__ import annotations

import numpy as np
import pytest
from surgery_shapes import volume

from femsacrum.anatomy.model import Plane
from femsacrum.errors import NumericalError
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import frame_on
from femsacrum.surgery.shapes.outline import joints, smooth
from femsacrum.surgery.shapes.outside import outside
from femsacrum.surgery.shapes.profiles import stadium

FRAME = frame_on(Plane(np.array([70.0, 90.0, 10.0]), np.array([-0.6, 0.8, 0.0])), np.array([0.0, 0.0, 1.0]))
KNOTS = stadium((9.0, 45.0), 40)


def test_prism_has_the_volume_and_the_outline_of_its_polygon() -> None:
    exact = smooth(KNOTS).area * 10.0
    with cad.drawing("prism"):
        solid = cad.prism(FRAME, KNOTS, joints(KNOTS, 99.0), 0.0, 10.0)
        assert cad.volume(solid) == pytest.approx(exact, rel=2e-3)
        skin = outside("the prism")
        assert b"CASCADE Topology" in cad.brep(solid, "the prism")
    assert volume(skin) == pytest.approx(exact, rel=5e-3)
    depth = FRAME.depth(skin.points)
    assert (depth.min(), depth.max()) == pytest.approx((0.0, 10.0), abs=1e-9)


def test_brep_is_the_same_twice() -> None:
    def draw() -> bytes:
        with cad.drawing("twice"):
            return cad.brep(cad.prism(FRAME, KNOTS, joints(KNOTS, 99.0), 0.0, 10.0), "twice")

    assert draw() == draw()


def test_pieces_apart_are_refused() -> None:
    with cad.drawing("apart"), pytest.raises(NumericalError, match="pieces of dumbbell make 2 solids"):
        cad.fuse([cad.ball(np.zeros(3), 1.0), cad.ball(np.array([5.0, 0.0, 0.0]), 1.0)], "dumbbell")


def test_drawing_leaves_an_open_kernel_as_it_was() -> None:
    import gmsh

    gmsh.initialize(interruptible=False)
    try:
        gmsh.model.add("mine")
        with cad.drawing("other"):
            cad.ball(np.zeros(3), 1.0)
        assert gmsh.model.getCurrent() == "mine"
    finally:
        gmsh.finalize()


def test_screw_shaft_is_pointed() -> None:
    with cad.drawing("screw"):
        solid = cad.fuse(cad.pointed(np.zeros(3), np.array([0.0, 0.0, -40.0]), 4.0), "screw")
        # 35.2 mm of bar and a frustum of 4.8 mm from radius 4 to 1.8
        frustum = np.pi * 4.8 / 3.0 * (16.0 + 4.0 * 1.8 + 1.8**2)
        assert cad.volume(solid) == pytest.approx(np.pi * 16.0 * 35.2 + frustum, rel=1e-6)
