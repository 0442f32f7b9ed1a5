"""The factor on a load at which the first piece of bone is damaged, on constructed strains."""

import numpy as np
import pytest
from box_pelvis import assembly
from boxes import box

from femsacrum.findings.first_damage import attachments, damage, first_damage
from femsacrum.findings.overload import risk_of, volumes
from femsacrum.findings.quantities import limit
from femsacrum.loads.loadcase import Applied, LoadCase
from femsacrum.mechanics.interfaces import LoadCaseSolution, Spring

TENSION = 0.0073


def stretched(mesh, low, high, share):
    """Stretched along z between two layers of nodes, rigid elsewhere."""
    moved = np.zeros_like(mesh.nodes)
    moved[:, 2] = share * np.clip(mesh.nodes[:, 2] - low, 0.0, high - low)
    return moved


def solved(meshed, moved):
    still = {body: np.zeros_like(mesh.nodes) for body, mesh in meshed.bodies.items()}
    return LoadCaseSolution("standing", still | moved, {}, {}, {}, 0.0, 0.0, (), True)


def case(*applied):
    return LoadCase("standing", applied, (), {}, 0.0, {})


def test_a_piece_counts_by_its_volume_and_its_least_strained_cell():
    mesh = box((10.0, 10.0, 40.0), (2, 2, 8))
    moved = stretched(mesh, 0.0, 5.0, 2.0 * TENSION) + stretched(mesh, 20.0, 40.0, 0.5 * TENSION)
    risk = risk_of(mesh, moved)
    assert damage(mesh, risk, 499.0).factor == pytest.approx(0.5)  # the strong band has 500 mm3
    more = damage(mesh, risk, 501.0)
    assert (more.factor, more.onset) == (pytest.approx(2.0), pytest.approx(0.5))  # only the weak one has more
    assert volumes(mesh)[more.cells].sum() >= 501.0
    assert more.centre[2] > 20.0
    assert damage(mesh, 3.0 * risk, 501.0).factor == pytest.approx(2.0 / 3.0)


def test_a_volume_in_all_need_not_be_connected():
    mesh = box((10.0, 10.0, 40.0), (2, 2, 8))
    moved = stretched(mesh, 0.0, 5.0, 2.0 * TENSION) + stretched(mesh, 20.0, 25.0, 0.5 * TENSION)
    wide = [damage(mesh, risk_of(mesh, moved), 1.0, None, in_all).wide for in_all in (499.0, 501.0, 999.0, 1e9)]
    assert wide == pytest.approx([0.5, 2.0, 2.0, np.inf])  # two bands of 500 mm3, far apart; the whole has 4000


def test_bone_that_nothing_strains_is_never_damaged():
    mesh = box((10.0, 10.0, 10.0), (2, 2, 2))
    assert damage(mesh, np.zeros(len(mesh.cells)), 100.0).factor == np.inf


def test_cells_that_something_is_attached_to_are_left_out_but_not_all_of_a_body_that_weighs():
    meshed = assembly()
    mesh = meshed.bodies["left_ilium"]  # layers of 10 mm from z = -100
    moved = stretched(mesh, -100.0, -90.0, 2.0 * TENSION) + stretched(mesh, 0.0, 10.0, TENSION)
    facets = mesh.facets[:, :3]
    low = facets[(mesh.nodes[facets][:, :, 2] < -99.0).all(axis=1)]
    end = facets[:1]
    pull = Applied("muscle", "left_ilium", low, np.ones(3), np.zeros(3), np.zeros(3), "")
    weight = Applied("weight", "left_ilium", facets, np.ones(3), np.zeros(3), np.zeros(3), "")
    spring = Spring("a", (("left_ilium", end), ("L5", meshed.bodies["L5"].facets[:1, :3])), np.eye(2, 3), 1.0)
    assert set(attachments(meshed, case(weight), ())) == set()
    assert set(attachments(meshed, case(weight), (spring,))) == {"left_ilium", "L5"}
    solution = solved(meshed, {"left_ilium": moved})
    free, held = (first_damage(meshed, one, solution)["bodies"] for one in (case(weight), case(weight, pull)))
    assert free["left_ilium"]["factor"]["value"] == pytest.approx(0.5)
    assert held["left_ilium"]["factor"]["value"] == pytest.approx(1.0)


def test_the_weakest_bone_is_named_and_weak_bone_bears_less():
    meshed = assembly()
    moved = {
        name: stretched(meshed.bodies[name], -100.0, 150.0, share * TENSION)
        for name, share in (("L4", 0.5), ("L5", 0.8))
    }
    found = first_damage(meshed, case(), solved(meshed, moved), (), {"L4": 0.5})
    assert found["weakest"] == "L4"
    assert found["bodies"]["L4"]["factor"]["value"] == pytest.approx(1.0)
    assert found["bodies"]["L5"]["factor"]["value"] == pytest.approx(1.25)
    assert found["bodies"]["left_ilium"]["factor"]["value"] is None
    assert found["volume"]["value"] == limit("damaged_piece") == pytest.approx(4 / 3 * np.pi * 27, abs=0.01)
