"""Fatigue of whole bodies: a rod bent in turn in every direction, who has which surface, what is told."""

import json
from dataclasses import replace

import numpy as np
import pytest
from box_pelvis import assembly, materials
from boxes import EDGES, box

from benchmarks.verification.round_meshes import cylinder
from femsacrum.case.fatigue import Fatigue, FatiguePart
from femsacrum.errors import InputError
from femsacrum.findings.fatigue.bodies import bodies
from femsacrum.findings.fatigue.conditions import parts
from femsacrum.findings.fatigue.history import history
from femsacrum.findings.fatigue.strengths import strength
from femsacrum.findings.fatigue.tell import fatigue
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Rod, Solid, Zone
from femsacrum.surgery.shapes.frame import Frame

YOUNGS, POISSON, RADIUS = 110000.0, 0.3, 3.0
#: Radius of curvature of the bent rod [mm], which puts 220 MPa on its surface.
CURVED = YOUNGS * RADIUS / 220.0
PERCENT = tuple(100.0 * np.arange(12) / 12.0)


def solution(moved, name="instant"):
    return LoadCaseSolution(name, moved, {}, {}, {}, 0.0, 0.0, (), True)


def bent(nodes, angle, curvature):
    """Pure bending of a rod along x: u = K (-x s, x^2 / 2 - nu ...) with s along the direction of bending."""
    towards = np.array([0.0, np.cos(angle), np.sin(angle)])
    aside = np.array([0.0, -np.sin(angle), np.cos(angle)])
    x, s, t = nodes[:, 0], nodes @ towards, nodes @ aside
    moved = np.zeros_like(nodes)
    moved[:, 0] = -curvature * x * s
    moved += 0.5 * curvature * np.outer(x**2 + POISSON * (s**2 - t**2), towards)
    return moved + POISSON * curvature * np.outer(s * t, aside)


@pytest.fixture(scope="module")
def rod():
    return cylinder("left_fixation", (0, 0, 0), (30, 0, 0), RADIUS, 2.0)


def straight(mesh):
    """Mid-edge nodes in the middle of their edges: elements that hold pure bending exactly."""
    nodes = mesh.nodes.copy()
    for k, (i, j) in enumerate(EDGES):
        nodes[mesh.cells[:, 4 + k]] = 0.5 * (mesh.nodes[mesh.cells[:, i]] + mesh.nodes[mesh.cells[:, j]])
    return replace(mesh, nodes=nodes)


def around(mesh, path=((0, 0, 0), (15, 0, 0), (30, 0, 0)), source="titanium: table"):
    """Assembly and materials of one body along a rod."""
    construct = assembly().construct
    rods = (Rod("left_rod", mesh.name, np.array(path, float), 6.0),)
    construct = replace(construct, rods=rods, screws=())
    count = len(mesh.cells)
    metal = BodyMaterial(np.full(count, YOUNGS), np.full(count, POISSON), None, 795.0, source)
    return Assembly(construct, {mesh.name: mesh}, {}), {mesh.name: metal}


def turning(mesh, factor=1.0, steady=0.0):
    """Twelve instants of bending that goes round once, over a steady bend."""
    angles = 2.0 * np.pi * np.arange(12) / 12.0
    still = steady * bent(mesh.nodes, 0.3, 1.0 / CURVED)
    return [solution({mesh.name: factor * bent(mesh.nodes, angle, 1.0 / CURVED) + still}) for angle in angles]


def test_rotating_bending_of_a_rod(rod):
    meshed, metal = around(straight(rod))
    found = fatigue(meshed, metal, turning(meshed.bodies[rod.name]), PERCENT, Fatigue(criterion="normal_stress"))
    row = found["bodies"]["left_fixation"]["left_rod"]
    stress = 220.0  # reversed, wherever on the surface; twelve instants meet its peak within 15 degrees
    assert 0.966 * stress < row["normal_stress"]["amplitude"]["value"] <= stress * (1.0 + 1e-9)
    assert row["normal_stress"]["ratio"]["value"] == pytest.approx(-1.0)
    assert abs(row["plane_normal"]["value"][0]) == pytest.approx(1.0, abs=1e-6)
    assert np.linalg.norm(row["at"]["value"][1:]) == pytest.approx(RADIUS, rel=1e-6)
    amplitude = row["normal_stress"]["amplitude"]["value"]
    borne = strength("titanium", "wrought", "contoured")
    limit = borne.endurance.usual / borne.notch.usual
    assert row["safety_factor"]["1e7"]["value"] == pytest.approx(limit / amplitude, rel=1e-6)
    slope = 4.0 / np.log10(borne.early.usual * borne.ultimate.usual / limit)
    assert row["damage"]["1e6"]["value"] == pytest.approx(0.1 * (amplitude / limit) ** (2.0 * slope - 1.0), rel=1e-4)


def test_averages_at_corners_are_nearer_than_cells(rod):
    meshed, metal = around(rod)
    made = parts(meshed, metal, Fatigue())["left_fixation"]
    past = history(rod, metal["left_fixation"], made, turning(rod)[:1])
    inner = (rod.nodes[past.node, 0] > 3.0) & (rod.nodes[past.node, 0] < 27.0)
    exact = -YOUNGS / CURVED * rod.nodes[past.node, 1]
    assert np.abs(past.stress[0, inner, 0] - exact[inner]).max() < 0.04 * 220.0
    middles = rod.nodes[rod.cells[:, :4]].mean(axis=1)
    assert 220.0 - YOUNGS / CURVED * np.abs(middles[:, 1]).max() > 0.1 * 220.0  # what a mean over a cell misses
    assert past.volume.sum() == pytest.approx(np.pi * RADIUS**2 * 30.0, rel=0.02)


@pytest.mark.parametrize("criterion", ["findley", "normal_stress", "either"])
def test_half_the_load_is_twice_as_safe(rod, criterion):
    meshed, metal = around(rod)
    options = Fatigue(criterion=criterion)
    safe = [
        fatigue(meshed, metal, turning(rod, factor, 0.5 * factor), PERCENT, options)["bodies"]["left_fixation"][
            "left_rod"
        ]["safety_factor"]["1e7"]["value"]
        for factor in (1.0, 0.5)
    ]
    assert safe[1] == pytest.approx(2.0 * safe[0], rel=1e-3)


def test_damage_is_linear_in_repetitions_and_years_follow(rod):
    meshed, metal = around(rod)
    found = fatigue(meshed, metal, turning(rod, 2.0), PERCENT, per_year=(1e6, 2e6, 4e6))
    row = found["bodies"]["left_fixation"]["left_rod"]
    damage = {key: each["value"] for key, each in row["damage"].items()}
    assert damage["5e6"] == pytest.approx(5.0 * damage["1e6"])
    assert damage["1e7"] == pytest.approx(10.0 * damage["1e6"])
    years = {key: each["value"] for key, each in row["years_to_damage_1"].items()}
    assert years["usual"] == pytest.approx(0.5 / damage["1e6"])
    assert years["high"] == pytest.approx(4.0 * years["low"])


def test_load_that_does_not_change_breaks_nothing(rod):
    meshed, metal = around(rod)
    still = [solution({rod.name: bent(rod.nodes, 0.0, 1.0 / CURVED)})] * 4
    row = fatigue(meshed, metal, still, PERCENT[:4])["bodies"]["left_fixation"]["left_rod"]
    assert row["damage"]["1e7"]["value"] < 1e-12
    assert row["years_to_damage_1"]["usual"]["value"] is None


def test_what_it_hinges_on_is_ranked_and_points_the_right_way(rod):
    meshed, metal = around(rod)
    row = fatigue(meshed, metal, turning(rod, 1.5), PERCENT)["bodies"]["left_fixation"]["left_rod"]
    hinges = {each["input"]: each for each in row["hinges_on"]}
    changes = [each["safety_factor_changes_by"]["value"] for each in row["hinges_on"]]
    assert changes == sorted(changes, reverse=True)
    assert {"endurance limit", "surface", "mean-stress rule", "notch factor", "repetitions in a year"} < set(hinges)
    for name, sign in (("endurance limit", 1), ("notch factor", -1), ("repetitions in a year", -1)):
        low, high = (end["safety_factor"]["value"] for end in hinges[name]["ends"])
        assert sign * (high - low) > 0.0, name
    assert [end["at"] for end in hinges["surface"]["ends"]] == ["machined"]
    assert changes[0] > 40.0  # a notch factor from 1.2 to 2.2, or stress from 0.8 to 1.2


def test_more_repetitions_in_a_year_do_more_damage_in_one(rod):
    meshed, metal = around(rod)
    found = fatigue(meshed, metal, turning(rod, 1.5), PERCENT, per_year=(1e6, 2e6, 4e6))
    row = found["bodies"]["left_fixation"]["left_rod"]
    (often,) = (each for each in row["hinges_on"] if each["input"] == "repetitions in a year")
    low, high = (end["damage_in_a_year"]["value"] for end in often["ends"])
    assert low == pytest.approx(row["damage"]["1e6"]["value"])
    assert high == pytest.approx(4.0 * low)
    assert [end["at"] for end in often["ends"]] == ["1e+06", "4e+06"]


def test_either_is_the_worse_and_use_is_one_over_safety(rod):
    meshed, metal = around(rod)
    moved = turning(rod, 1.0, 1.5)
    shear, tension, either = (
        bodies(meshed, metal, moved, Fatigue(criterion=each))["left_fixation"].use
        for each in ("findley", "normal_stress", "either")
    )
    assert either == pytest.approx(np.maximum(shear, tension))
    row = fatigue(meshed, metal, moved, PERCENT)["bodies"]["left_fixation"]["left_rod"]
    assert row["cycles_in_one_repetition"]["value"] == 1.0
    assert row["safety_factor"]["1e7"]["value"] == pytest.approx(1.0 / either.max(), rel=1e-5)


def test_defaults_of_rods_screws_and_prosthesis():
    meshed = assembly()
    metal = {name: replace(each, source=f"{entry}: x") for name, each, entry in named(meshed)}
    found = {part.name: part.strength for made in parts(meshed, metal, Fatigue()).values() for part in made}
    assert found["left_rod"].surface == "machined"  # straight
    assert found["left_L5_pedicle"].surface == "threaded"
    assert (found["prosthesis"].process, found["prosthesis"].surface) == ("laser_printed", "as_built")
    bends = replace(meshed.construct.rods[0], path=np.array([[23.0, 83.0, z] for z in (20.0, 40.0, 60.0)]))
    contoured = replace(meshed, construct=replace(meshed.construct, rods=(bends,)))
    assert parts(contoured, metal, Fatigue())["left_fixation"][0].strength.surface == "contoured"


def named(meshed):
    entries = {"implant": "printed_titanium", "fixation": "titanium"}
    for name, each in materials(meshed).items():
        yield name, each, entries.get(meshed.bodies[name].role, "bone")


def test_the_case_says_otherwise_and_the_first_entry_counts():
    meshed = assembly()
    metal = materials(meshed)  # of no table: the case's own
    entry = FatiguePart(
        parts="prosthesis", alloy="titanium", process="laser_printed", surface="hip_machined", source="x"
    )
    other = FatiguePart(parts="*", alloy="stainless_steel", process="wrought", surface="machined", source="x")
    found = parts(meshed, metal, Fatigue(parts=(entry, other)))
    assert found["prosthesis"][0].strength.surface == "hip_machined"
    assert found["left_fixation"][0].strength.alloy == "stainless_steel"
    assert parts(meshed, metal, Fatigue())["prosthesis"][0].strength is None


def test_a_pattern_of_nothing_is_refused_with_what_there_is(rod):
    meshed, metal = around(rod)
    entry = FatiguePart(parts="left_rods", alloy="titanium", process="wrought", surface="machined", source="x")
    told = r'course.fatigue.parts\[0\].parts: "left_rods" is no rod.*; there are left_fixation, left_rod .*"left_rod"'
    with pytest.raises(InputError, match=told):
        parts(meshed, metal, Fatigue(parts=(entry,)))


def test_metal_of_no_known_strength_is_said_so(rod):
    meshed, metal = around(rod, source="nickel of my own")
    found = fatigue(meshed, metal, turning(rod), PERCENT)
    assert found["worst"] is None
    assert "course.fatigue.parts" in found["bodies"]["left_fixation"]["left_rod"]["note"]
    with pytest.raises(InputError, match="nothing is known of nickel wrought"):
        strength("nickel", "wrought", "machined")


def test_porous_regions_are_parts_with_stress_of_their_own():
    mesh = box((10.0, 10.0, 20.0), (2, 2, 4), order=2, name="prosthesis", role="implant")
    meshed, metal = around(mesh, source="printed_titanium: table")
    zone = Zone(Frame(np.zeros(3), *np.eye(3)), np.zeros(2), np.full(2, 10.0), (0.0, 10.0), 0.7)
    solid = Solid(b"", "implant", zones=(zone,))
    meshed = replace(meshed, construct=replace(meshed.construct, rods=(), solids={"prosthesis": solid}))
    low = mesh.nodes[mesh.cells[:, :4]].mean(axis=1)[:, 2] < 10.0
    metal["prosthesis"] = replace(metal["prosthesis"], youngs_modulus=np.where(low, 7000.0, YOUNGS))
    stretch = np.zeros_like(mesh.nodes)
    stretch[:, 2] = 1e-4 * mesh.nodes[:, 2]
    stretch[:, :2] = -POISSON * 1e-4 * mesh.nodes[:, :2]
    found = bodies(meshed, metal, [solution({"prosthesis": factor * stretch}) for factor in (0.0, 1.0)], Fatigue())
    whole, porous = found["prosthesis"].parts
    assert (whole.name, porous.name) == ("prosthesis", "prosthesis, 70 % void")
    assert (whole.strength.surface, porous.strength.surface) == ("as_built", "porous")
    past = found["prosthesis"].history
    assert past.stress[1, past.part == 0, 2] == pytest.approx(11.0)
    assert past.stress[1, past.part == 1, 2] == pytest.approx(0.7)
    seam = np.isclose(mesh.nodes[past.node, 2], 10.0)
    assert seam.sum() == 2 * len(np.unique(past.node[seam]))


def test_a_rod_that_stays_in_compression_is_judged_by_shear(rod):
    meshed, metal = around(straight(rod))
    nodes = meshed.bodies[rod.name].nodes
    shorter = nodes * np.array([-300.0 / YOUNGS, POISSON * 300.0 / YOUNGS, POISSON * 300.0 / YOUNGS])
    pressed = [solution({rod.name: factor * shorter}) for factor in (0.0, 1.0)]
    row = fatigue(meshed, metal, pressed, (0.0, 50.0))["bodies"]["left_fixation"]["left_rod"]
    assert row["governed_by"] == "findley"
    assert row["safety_factor_1e7_by_criterion"]["normal_stress"]["value"] is None
    # no tension on any plane: half of 150 in shear, by 2 / (k + sqrt(1 + k^2))
    assert row["reversed_amplitude"]["value"] == pytest.approx(150.0 / (0.3 + np.hypot(1.0, 0.3)), rel=1e-4)


def test_findings_are_json_and_every_number_has_its_unit(rod):
    meshed, metal = around(rod)
    found = json.loads(json.dumps(fatigue(meshed, metal, turning(rod), PERCENT), allow_nan=False))

    def check(entry):
        if isinstance(entry, dict):
            if "value" in entry:
                assert isinstance(entry["unit"], str)
                return
            for each in entry.values():
                check(each)
        elif isinstance(entry, list):
            for each in entry:
                check(each)
        else:
            assert entry is None or isinstance(entry, str | bool)

    check(found)
    assert found["worst"] == {"body": "left_fixation", "part": "left_rod"}
