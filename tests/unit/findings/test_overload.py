"""Overloaded pieces of bone on constructed strains: known volumes, and what turning and scaling change."""

import numpy as np
import pytest
from box_pelvis import assembly
from boxes import box
from scipy.spatial.transform import Rotation

from femsacrum.findings.overload import envelope, overload, pieces, risk_of, volumes
from femsacrum.mechanics.interfaces import LoadCaseSolution

#: Strain of the two kinds at which a cell is at its limit.
TENSION, COMPRESSION = 0.0073, 0.0104


def solved(meshed, moved, name="standing"):
    still = {body: np.zeros_like(mesh.nodes) for body, mesh in meshed.bodies.items()}
    return LoadCaseSolution(name, still | moved, {}, {}, {}, 0.0, 0.0, (), True)


def stretched(mesh, share, along=2):
    """Pulled along an axis without any contraction."""
    moved = np.zeros_like(mesh.nodes)
    moved[:, along] = share * mesh.nodes[:, along]
    return moved


def stretched_bands(mesh, bands, share):
    """Stretched along z inside bands of z, rigid elsewhere; band edges lie on layers of nodes."""
    z = mesh.nodes[:, 2]
    moved = np.zeros_like(mesh.nodes)
    for low, high in bands:
        moved[:, 2] += share * np.clip(z - low, 0.0, high - low)
    return moved


@pytest.mark.parametrize("order", [1, 2])
def test_risk_is_strain_over_its_limit(order):
    mesh = box((3.0, 2.0, 4.0), (2, 2, 3), order=order)
    assert risk_of(mesh, stretched(mesh, TENSION)) == pytest.approx(1.0)
    assert risk_of(mesh, stretched(mesh, -COMPRESSION)) == pytest.approx(1.0)
    assert risk_of(mesh, stretched(mesh, -COMPRESSION), strength=0.5) == pytest.approx(2.0)


def test_risk_grows_with_the_load_and_not_with_a_turn():
    mesh = box((3.0, 2.0, 4.0), (3, 3, 3))
    field = np.random.default_rng(5).normal(size=mesh.nodes.shape)
    turn = Rotation.from_rotvec([0.3, -0.7, 1.1])
    before = risk_of(mesh, field)
    assert risk_of(mesh, 3.0 * field) == pytest.approx(3.0 * before)
    turned = mesh.__class__(**{**mesh.__dict__, "nodes": turn.apply(mesh.nodes)})
    assert risk_of(turned, turn.apply(field)) == pytest.approx(before)
    spin = np.cross([1e-3, 2e-3, -1e-3], mesh.nodes)  # a small rigid turn strains nothing
    assert risk_of(mesh, field + spin) == pytest.approx(before)


def test_regions_have_the_volumes_they_were_made_with():
    meshed = assembly()
    mesh = meshed.bodies["left_ilium"]  # 20 x 60 mm across, layers of 10 mm from z = -100
    moved = stretched_bands(mesh, [(-90.0, -70.0), (0.0, 10.0)], 1.5 * TENSION)
    found = overload(meshed, [solved(meshed, {"left_ilium": moved})])
    assert found["regions_in_all"] == 2
    first, second = found["regions"]
    assert (first["body"], first["volume"]["value"]) == ("left_ilium", pytest.approx(20 * 60 * 20))
    assert second["volume"]["value"] == pytest.approx(20 * 60 * 10)
    assert first["at"]["value"] == pytest.approx([60.0, 50.0, -80.0])
    assert first["risk_max"]["value"] == pytest.approx(1.5)
    assert found["volume"]["value"] == pytest.approx(20 * 60 * 30)
    assert found["bodies"]["left_ilium"]["largest_region"] == {"value": pytest.approx(24000.0), "unit": "mm3"}
    assert found["bodies"]["right_ilium"]["regions"] == 0
    assert found["worst"] == "left_ilium"


def test_the_envelope_joins_what_single_instants_strain_apart():
    meshed = assembly()
    mesh = meshed.bodies["right_ilium"]
    low, high = ([(-90.0, -70.0)], [(-70.0, -50.0)])
    instants = [
        solved(meshed, {"right_ilium": stretched_bands(mesh, bands, sign * 2 * COMPRESSION)})
        for bands, sign in ((low, -1.0), (high, 1.0))
    ]
    single = [overload(meshed, [instant])["regions"][0]["volume"]["value"] for instant in instants]
    assert single == pytest.approx([24000.0, 24000.0])
    both = overload(meshed, instants)
    assert both["regions_in_all"] == 1
    assert both["volume"]["value"] == pytest.approx(48000.0)
    worst = envelope(mesh, [instant.displacements["right_ilium"] for instant in instants])
    assert worst.max() == pytest.approx(2 * COMPRESSION / TENSION)


def test_nothing_is_overloaded_below_the_limits():
    meshed = assembly()
    moved = {"left_ilium": stretched(meshed.bodies["left_ilium"], 0.99 * TENSION)}
    found = overload(meshed, [solved(meshed, moved)])
    assert found["volume"]["value"] == 0.0
    assert found["regions"] == []
    assert overload(meshed, [solved(meshed, moved)], {"left_ilium": 0.9})["volume"]["value"] == pytest.approx(
        156000.0
    )


def test_cells_that_share_only_an_edge_are_apart():
    mesh = box((2.0, 2.0, 1.0), (2, 2, 1))
    middle = mesh.nodes[mesh.cells].mean(axis=1)
    across = (middle[:, 0] < 1.0) == (middle[:, 1] < 1.0)  # two bricks of four, diagonal to each other
    number = pieces(mesh.cells, across)
    assert sorted(np.unique(number)) == [-1, 0, 1]
    assert [volumes(mesh)[number == i].sum() for i in (0, 1)] == pytest.approx([1.0, 1.0])
    assert pieces(mesh.cells, np.zeros(len(mesh.cells), bool)).max() == -1


def test_a_region_is_named_by_what_lies_near():
    meshed = assembly()
    mesh = meshed.bodies["L5"]
    moved = stretched_bands(mesh, [(45.0, 45.0 + 25 / 3)], 2 * TENSION)
    found = overload(meshed, [solved(meshed, {"L5": moved})])["regions"][0]
    assert found["near"]["landmark"]["name"] == "L5_lower"
    assert found["near"]["screw"]["name"] == "left_L5_pedicle"
