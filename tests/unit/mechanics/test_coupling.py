"""Facets are found or refused, never guessed; of a screw is told how much of its planned stretch found its host."""

import numpy as np
import pytest

from benchmarks.verification.meshes import box
from femsacrum.errors import NumericalError
from femsacrum.mechanics.coupling import embedded, full_facets
from femsacrum.mechanics.locate import cell_of_facet
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.surgery.construct import Screw

#: A screw straight down through a plate, z from 0 to -20, into bone, to z = -50.
SCREW = Screw("left_iliac_1", "left_fixation", np.array([0.0, 0.0, 10.0]), np.zeros(3), np.array([0.0, 0.0, -50.0]), 8.0,
              ("prosthesis", "left_ilium"), 5.0, 30.0)  # fmt: skip


def shaft():
    """The screw's cylinder as facets, from z = 10 to -50."""
    around, down = 24, np.linspace(10.0, -50.0, 61)
    angle = 2.0 * np.pi * np.arange(around) / around
    nodes = np.array([[4.0 * np.cos(a), 4.0 * np.sin(a), z] for z in down for a in angle])
    i, j = (index.ravel() for index in np.meshgrid(np.arange(len(down) - 1), np.arange(around), indexing="ij"))
    a, b = i * around + j, i * around + (j + 1) % around
    facets = np.concatenate([np.c_[a, a + around, b], np.c_[b, a + around, b + around]])
    cells, face = np.zeros((0, 4), dtype=np.int64), np.zeros(len(facets), dtype=np.int64)
    return BodyMesh("left_fixation", "fixation", 1, nodes, cells, facets, face, ("surface",))


def host(name, role, top, bottom):
    return box(name, (-8.0, -8.0, bottom), (8.0, 8.0, top), (4, 4, 8), role=role)


def uncovered(name, role, top, bottom):
    return embedded(shaft(), SCREW, host(name, role, top, bottom)).uncovered


def test_a_shaft_wholly_in_its_hosts_lacks_nothing():
    assert uncovered("prosthesis", "implant", 0.0, -20.0) == pytest.approx(0.0, abs=1e-12)
    assert uncovered("left_ilium", "bone", -20.0, -60.0) == pytest.approx(0.0, abs=1e-12)


def test_the_share_of_the_purchase_that_bone_does_not_reach():
    assert uncovered("left_ilium", "bone", -20.0, -38.0) == pytest.approx(12.0 / 30.0, abs=0.02)
    assert uncovered("left_ilium", "bone", -26.0, -60.0) == pytest.approx(6.0 / 30.0, abs=0.02)


def test_the_share_of_the_way_before_it_that_the_plate_does_not_fill():
    assert uncovered("prosthesis", "implant", 0.0, -15.0) == pytest.approx(5.0 / 20.0, abs=0.02)
    assert uncovered("prosthesis", "implant", 0.0, -30.0) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_a_facet_is_found_whatever_the_order_of_its_corners(order):
    body = box("L5", (0, 0, 0), (3, 2, 2), (3, 2, 2), order=order)
    found = full_facets(body, body.facets[:, [2, 0, 1]])
    np.testing.assert_array_equal(np.sort(found[:, :3]), np.sort(body.facets[:, :3]))
    cell, local = cell_of_facet(body, body.facets)
    np.testing.assert_array_equal(np.take_along_axis(body.cells[cell], local, axis=1), body.facets[:, :3])


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("corners", [[0, 1, 26], [24, 25, 26]])
def test_a_facet_that_is_none_of_the_body_is_refused(order, corners):
    body = box("L5", (0, 0, 0), (2, 2, 2), (2, 2, 2), order=order)
    wrong = np.array([body.facets[0, :3], corners])
    with pytest.raises(NumericalError, match=r"L5: a facet at \(.*\) mm is not on its boundary \(1 of 2"):
        full_facets(body, wrong)
    with pytest.raises(NumericalError, match=r"L5: a facet at \(.*\) mm is no face of a cell \(1 of 2"):
        cell_of_facet(body, wrong)
