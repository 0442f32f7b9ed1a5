"""Stress shielding and load paths of a pelvis of boxes: fields and tractions put in by hand."""

from dataclasses import replace

import numpy as np
import pytest
from box_pelvis import assembly, materials
from boxes import box

from femsacrum.anatomy.model import Surface
from femsacrum.course.against_intact import Solved, against_intact
from femsacrum.findings.ilium_regions import REGIONS, region_of
from femsacrum.findings.load_paths import load_paths
from femsacrum.findings.shielding import energy_density, equivalent_strain, membrane_energy, shielding
from femsacrum.loads.loadcase import Applied, LoadCase
from femsacrum.materials.elastic import Cortex
from femsacrum.mechanics.interfaces import InterfaceState, LoadCaseSolution, Spring, SpringState
from femsacrum.surgery.construct import Contact

GRADIENT = 1e-4 * np.array([[1.0, 0.4, -0.2], [0.0, -2.0, 0.3], [0.5, 0.1, 3.0]])


def whole(counts=(3, 6, 13)):
    """The pelvis of boxes with the landmarks and joints that regions need; the left wing meshed as wanted."""
    made = assembly()
    marks, parts = dict(made.construct.anatomy.landmarks), {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        marks[f"{side}_pubic_tub"] = np.array([sign * 20.0, 5.0, -150.0])
        marks[f"{side}_isch_tub"] = np.array([sign * 60.0, 90.0, -190.0])
        joint = np.array([sign * 50.0, 70.0, 20.0])
        parts[f"{side}_sij"] = Surface(joint + 5.0 * np.eye(3), np.array([[0, 1, 2]]))
    anatomy = replace(made.construct.anatomy, landmarks=marks, parts=parts)
    wing = box((20.0, 60.0, 130.0), counts, (50.0, 20.0, -100.0), name="left_ilium", bottom="cut")
    return replace(
        made, construct=replace(made.construct, anatomy=anatomy), bodies={**made.bodies, "left_ilium": wing}
    )


def strained(meshed, factor, name="standing"):
    """Every body strained evenly by a multiple of the same gradient."""
    moved = {body: factor * mesh.nodes @ GRADIENT.T for body, mesh in meshed.bodies.items()}
    return LoadCaseSolution(name, moved, {}, {}, {}, 0.0, 0.0, (), True)


def compared(factor, intact_counts=(3, 6, 13)):
    operated, intact = whole(), whole(intact_counts)
    return shielding(
        operated, strained(operated, factor), intact, strained(intact, 1.0), materials(operated), materials(intact)
    )


@pytest.mark.parametrize("counts", [(3, 6, 13), (4, 5, 9)])
def test_energy_goes_with_the_square_of_strain_whatever_the_meshes(counts):
    found = compared(0.7, counts)
    assert found["matched"]["left_ilium"]["value"] == pytest.approx(100.0)
    rows = found["left_ilium"]
    assert sum(row["volume"]["value"] for row in rows.values()) == pytest.approx(20 * 60 * 130)
    for row in rows.values():
        assert row["energy_change"]["value"] == pytest.approx(-51.0)
        assert row["strain_change"]["value"] == pytest.approx(-30.0)
        assert row["cortex_energy_change"]["value"] == pytest.approx(-51.0, rel=0.1)  # facets of one plane differ
        assert row["share_shielded"]["lazy_zone_narrow"]["value"] == pytest.approx(100.0)
        assert row["share_shielded"]["lazy_zone_wide"]["value"] == 0.0


def test_the_same_pelvis_is_not_shielded():
    found = compared(1.0)
    for side in ("left_ilium", "right_ilium"):
        for row in found[side].values():
            assert row["energy_change"]["value"] == pytest.approx(0.0, abs=1e-9)
            assert row["cortex_energy_change"]["value"] == pytest.approx(0.0, abs=1e-9)
            assert row["share_shielded"]["lazy_zone_narrow"]["value"] == 0.0


def test_only_bone_that_is_left_counts():
    operated, intact = whole(), whole()
    wing = operated.bodies["left_ilium"]
    left = replace(wing, cells=wing.cells[wing.nodes[wing.cells].mean(axis=1)[:, 2] < -20.0])
    cut = replace(operated, bodies={**operated.bodies, "left_ilium": left})
    made = materials(cut)
    found = shielding(cut, strained(cut, 2.0), intact, strained(intact, 1.0), made, materials(intact))
    assert sum(row["volume"]["value"] for row in found["left_ilium"].values()) == pytest.approx(20 * 60 * 80)
    assert all(row["energy_change"]["value"] == pytest.approx(300.0) for row in found["left_ilium"].values())


def test_bone_that_has_no_counterpart_is_told():
    operated, intact = whole(), whole()
    wing = intact.bodies["left_ilium"]
    short = replace(wing, cells=wing.cells[wing.nodes[wing.cells].mean(axis=1)[:, 2] < -35.0])
    before = replace(intact, bodies={**intact.bodies, "left_ilium": short})
    found = shielding(
        operated, strained(operated, 1.0), before, strained(before, 1.0), materials(operated), materials(before)
    )
    assert found["matched"]["left_ilium"]["value"] == pytest.approx(50.0, abs=5.0)
    assert found["matched"]["right_ilium"]["value"] == pytest.approx(100.0)


def test_without_landmarks_there_are_no_regions():
    meshed = assembly()
    made = materials(meshed)
    assert shielding(meshed, strained(meshed, 1.0), meshed, strained(meshed, 1.0), made, made) == {}


def test_energy_and_strain_of_closed_forms():
    meshed = whole()
    mesh, material = meshed.bodies["L5"], materials(meshed)["L5"]
    pulled = np.zeros_like(mesh.nodes)
    pulled[:, 2] = 1e-3 * mesh.nodes[:, 2]
    young, nu = 100.0, 0.3
    constrained = young * (1 - nu) / ((1 + nu) * (1 - 2 * nu))
    assert energy_density(mesh, pulled, material) == pytest.approx(0.5 * constrained * 1e-6)
    assert equivalent_strain(mesh, pulled) == pytest.approx(2.0 / 3.0 * 1e-3)
    sheared = np.zeros_like(mesh.nodes)
    sheared[:, 0] = 2e-3 * mesh.nodes[:, 1]
    assert energy_density(mesh, sheared, material) == pytest.approx(0.5 * young / (2 * (1 + nu)) * 4e-6)
    top = mesh.facets[np.ptp(mesh.nodes[mesh.facets][:, :, 2], axis=1) < 1e-9]
    flat = Cortex(top, np.full(len(top), 1.4), 17000.0, 0.3)
    both = 1e-3 * mesh.nodes * [1.0, 1.0, 0.0]
    density, area = membrane_energy(mesh, flat, both)
    assert density == pytest.approx(1.4 * 17000.0 / (1 - 0.3) * 1e-6)  # E t e^2 / (1 - nu), stretched both ways
    assert area.sum() == pytest.approx(2 * 40 * 30)


def test_regions_are_where_their_names_say():
    meshed = whole()
    for side, sign in (("left", 1.0), ("right", -1.0)):
        places = np.array(
            [
                [sign * 60.0, 50.0, -100.0],  # 20 mm above the hip centre
                [sign * 55.0, 62.0, -30.0],  # half way to the joint
                [sign * 75.0, 15.0, 0.0],
                [sign * 45.0, 110.0, 10.0],
                [sign * 30.0, 16.0, -145.0],
                [sign * 60.0, 85.0, -180.0],
            ]
        )
        assert [REGIONS[i] for i in region_of(meshed, side, places)] == list(REGIONS)


def state(force, points=7):
    """An interface that pushes its slave with this resultant [N]."""
    normals, zero = np.tile([0.0, 0.0, -1.0], (points, 1)), np.zeros((points, 3))
    none, area = np.zeros(points), np.full(points, 3.0)
    shear = np.tile(np.array([force[0], force[1], 0.0]) / area.sum(), (points, 1))
    return InterfaceState(
        zero, normals, area, np.arange(points), none, none, zero, zero, np.full(points, force[2] / area.sum()), shear,
        np.full(points, 3),
    )  # fmt: skip


@pytest.fixture
def standing():
    """600 N on L4: seat 450 N, rods 130 N, a ligament 20 N below L5; faces 300 and 100 N, graft 50, screws 150 N below."""
    meshed = whole()
    surface = "surface"
    contacts = {
        Contact("prosthesis/L5", ("prosthesis", surface), ("L5", "cut")): [0.0, 0.0, -450.0],
        Contact(
            "left_fixation/L5:left_L5_pedicle", ("left_fixation", surface), ("L5", surface), "embedded", "left_L5_pedicle"
        ): [0.0, 0.0, -130.0],
        Contact("prosthesis/left_ilium", ("prosthesis", surface), ("left_ilium", "cut")): [40.0, 0.0, 300.0],
        Contact("prosthesis/right_ilium", ("prosthesis", surface), ("right_ilium", "cut")): [-40.0, 0.0, 80.0],
        Contact("left_graft/left_ilium", ("left_graft", "host"), ("left_ilium", "cut")): [0.0, 0.0, 50.0],
        Contact("left_graft/prosthesis", ("left_graft", surface), ("prosthesis", surface)): [0.0, 0.0, -50.0],
        Contact(
            "left_fixation/left_ilium:left_iliac_1", ("left_fixation", surface), ("left_ilium", surface), "embedded",
            "left_iliac_1",
        ): [0.0, 0.0, 150.0],
    }  # fmt: skip
    meshed = replace(meshed, construct=replace(meshed.construct, contacts=tuple(contacts)))
    load = Applied(
        "trunk", "L4", np.zeros((0, 3), int), np.array([0.0, 0.0, -600.0]), np.zeros(3), np.zeros(3), "test"
    )
    leg = Applied("leg", "left_ilium", load.facets, np.array([0.0, 0.0, -90.0]), np.zeros(3), np.zeros(3), "test")
    still = {body: np.zeros_like(mesh.nodes) for body, mesh in meshed.bodies.items()}
    none = np.zeros((0, 3), int)
    ligament = Spring(
        "left_iliolumbar", (("left_ilium", none), ("L5", none)), np.array([[60.0, 0, 0], [60.0, 0, 50.0]]), 100.0
    )
    solution = LoadCaseSolution(
        "standing", still, {each.name: state(force) for each, force in contacts.items()}, {}, {}, 0.0, 0.0, (), True,
        springs={"left_iliolumbar": SpringState(-20.0, 0.0)},
    )  # fmt: skip
    return meshed, LoadCase("standing", (load, leg), (), {}, 0.0), solution, (ligament,)


def test_paths_carry_what_is_put_in_and_close(standing):
    found = load_paths(*standing)
    below = found["below L5"]
    assert below["load"]["value"] == [0.0, 0.0, -600.0]
    shares = {name: row["share"]["value"] for name, row in below["paths"].items()}
    assert shares == pytest.approx({"prosthesis face": 75.0, "left rods": 130 / 6, "ligaments": 20 / 6})
    assert below["closing_error"]["value"] == pytest.approx(0.0, abs=1e-12)
    into = found["into the pelvis"]
    shares = {name: row["share"]["value"] for name, row in into["paths"].items()}
    assert shares == pytest.approx(
        {
            "left prosthesis face": 50.0,
            "right prosthesis face": 80 / 6,
            "left graft face": 50 / 6,
            "left screws": 25.0,
            "ligaments": 20 / 6,
        }
    )
    assert sum(shares.values()) == pytest.approx(100.0)
    assert into["paths"]["left prosthesis face"]["force"]["value"] == pytest.approx([40.0, 0.0, 300.0])
    assert into["paths"]["left screws"]["members"]["left_iliac_1"]["value"] == pytest.approx(25.0)
    assert into["closing_error"]["value"] == pytest.approx(0.0, abs=1e-12)


def test_what_pushes_is_a_facet_joint(standing):
    *rest, (spring,) = standing
    facet = replace(spring, tension_only=False, compression_only=True)
    paths = load_paths(*rest, (facet,))["below L5"]["paths"]
    assert "ligaments" not in paths
    assert paths["facet joints"]["members"]["left_iliolumbar"]["value"] == pytest.approx(20 / 6)


def test_a_path_that_is_missing_shows_as_an_error(standing):
    meshed, load_case, solution, _ = standing
    found = load_paths(meshed, load_case, solution)  # without its ligament
    assert found["below L5"]["closing_error"]["value"] == pytest.approx(20 / 600)
    pure = replace(load_case, applied=(replace(load_case.applied[0], force=np.zeros(3)),))
    assert load_paths(meshed, pure, solution)["below L5"]["paths"]["prosthesis face"]["share"]["value"] is None


def test_only_load_cases_that_both_models_have_are_laid_beside_each_other(standing):
    meshed, load_case, solution, springs = standing
    other, made = replace(load_case, name="one leg"), materials(meshed)
    operated = Solved(meshed, made, springs, (load_case, other), (solution, replace(solution, name="one leg")), ())
    intact = Solved(meshed, made, (), (load_case,), (strained(meshed, 1.0),), ())
    found = against_intact(operated, intact)
    assert list(found["load_cases"]) == ["standing"]
    assert found["junction"] is None
    rows = found["load_cases"]["standing"]
    assert rows["load_paths"]["below L5"]["paths"]["ligaments"]["share"]["value"] == pytest.approx(20 / 6)
    assert rows["load_paths_intact"]["below L5"]["paths"] == {}  # nothing was put into its interfaces
    # the operated one stands still: it feels nothing of what the other does
    assert rows["shielding"]["left_ilium"]["wing"]["energy_change"]["value"] == pytest.approx(-100.0)
    # strained twice as much it is damaged by half the load; at rest by none
    twice = replace(operated, solutions=(strained(meshed, 2.0), replace(solution, name="one leg")))
    for row in against_intact(twice, intact)["load_cases"]["standing"]["damage"].values():
        assert row["of_intact"]["value"] == pytest.approx(50.0)
    assert all(row["of_intact"]["value"] is None for row in rows["damage"].values())
