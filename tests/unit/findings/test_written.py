"""What is written for ParaView reads back, and its largest values are those of the findings."""

import json
from dataclasses import replace

import box_pelvis
import numpy as np
import pytest

from femsacrum.case.schema import Case
from femsacrum.findings.fields import write_fields
from femsacrum.findings.measure import measure
from femsacrum.findings.ranges import surface, write_ranges
from femsacrum.loads.balance import load_cases

pyvista = pytest.importorskip("pyvista")

LOAD = "on both legs"
CASE = Case.model_validate(
    {
        "schema_version": 1,
        "name": "boxes",
        "patient": {"mass": "75 kg"},
        "surgery": {"plan": "intact"},
        "loads": [{"name": LOAD, "kind": "standing", "source": "test"}],
    }
)


@pytest.fixture(scope="module")
def solved():
    """The pelvis of boxes; every body but the evenly stretched prosthesis is strained at random."""
    meshed = box_pelvis.assembly()
    cases = load_cases(CASE, meshed)
    solution = box_pelvis.solution(meshed, cases[0])
    chance = np.random.default_rng(4)
    moved = {
        name: field + (name != "prosthesis") * 1e-3 * chance.standard_normal(field.shape)
        for name, field in solution.displacements.items()
    }
    return (
        meshed,
        box_pelvis.materials(meshed),
        box_pelvis.interfaces(),
        cases,
        replace(solution, displacements=moved),
    )


@pytest.fixture(scope="module")
def read(solved, tmp_path_factory):
    meshed, materials, interfaces, _, solution = solved
    files = write_fields(tmp_path_factory.mktemp("run") / "fields", meshed, materials, interfaces, [solution])
    names = ["on_both_legs.vtkhdf", "on_both_legs_interfaces.vtkhdf", "on_both_legs_ranges.json"]
    assert [file.name for file in files] == names
    return [pyvista.read(file) for file in files[:2]] + [json.loads(files[2].read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def found(solved):
    meshed, materials, interfaces, cases, solution = solved
    return measure(CASE, meshed, materials, interfaces, cases, (solution,))["load_cases"][LOAD]


def test_every_body_has_its_fields(solved, read):
    meshed, materials, _, _, solution = solved
    assert read[0].keys() == list(meshed.bodies)
    for number, (name, mesh) in enumerate(meshed.bodies.items()):
        block = read[0][name]
        assert set(block.point_data.keys()) == {"displacement [mm]", "von_mises_nodal [MPa]"}
        assert np.array_equal(block["displacement [mm]"], solution.displacements[name])
        assert block["stress [MPa]"].shape == (len(mesh.cells), 6)
        assert np.array_equal(block["youngs_modulus [MPa]"], materials[name].youngs_modulus)
        assert np.all(block["body"] == number)


def test_stress_of_an_even_stretch(read):
    plate = read[0]["prosthesis"]  # 110 MPa along z
    np.testing.assert_allclose(plate["stress [MPa]"], np.tile([0, 0, 110.0, 0, 0, 0], (plate.n_cells, 1)), atol=1e-4)
    np.testing.assert_allclose(plate["von_mises_nodal [MPa]"], 110.0, rtol=1e-6)
    np.testing.assert_allclose(plate["principal_strain_max [1]"], 1e-3, rtol=1e-6)
    np.testing.assert_allclose(plate["principal_strain_min [1]"], -3e-4, rtol=1e-6)


def test_the_largest_values_are_those_of_the_findings(read, found):
    bodies, faces, _ = read
    for name, told in found["implants"].items():
        assert bodies[name]["von_mises [MPa]"].max() == pytest.approx(told["von_mises_max"]["value"], rel=1e-6)
    for name, told in found["bones"].items():
        block = bodies[name]
        assert block["principal_strain_max [1]"].max() == pytest.approx(told["tensile_strain_max"]["value"], rel=1e-6)
        least = told["compressive_strain_min"]["value"]
        assert block["principal_strain_min [1]"].min() == pytest.approx(least, rel=1e-6)
    for name, told in found["interfaces"].items():
        block = faces[name.replace("/", " on ")]
        assert block["micromotion [um]"].max() == pytest.approx(told["micromotion"]["max"]["value"])
        assert block["slip_magnitude [um]"].max() == pytest.approx(told["slip"]["max"]["value"])
        assert block["contact_pressure [MPa]"].max() == pytest.approx(told["pressure_max"]["value"])
        assert block["area [mm2]"].sum() == pytest.approx(told["area"]["value"])


def test_how_far_fields_reach_is_told_beside_them(solved, read):
    meshed = solved[0]
    bodies, faces, ranges = read
    assert list(ranges["bodies"]) == list(meshed.bodies)
    for name, mesh in meshed.bodies.items():
        told, boundary = ranges["bodies"][name], np.unique(mesh.facets)
        assert "stress [MPa]" not in told, "a tensor has no size"
        sizes = np.linalg.norm(bodies[name]["displacement [mm]"][boundary], axis=1)
        strains = bodies[name]["principal_strain_min [1]"]
        for field, values in (("displacement [mm]", sizes), ("principal_strain_min [1]", strains)):
            ends = [values.min(), values.max(), np.percentile(values, 99.9)]
            assert list(told[field].values()) == pytest.approx(ends, rel=1e-6)
    drawn = [name for name in faces.keys() if 5 in faces[name].cells_dict]  # noqa: SIM118
    assert list(ranges["faces"]) == drawn
    for name in drawn:
        assert ranges["faces"][name]["fields"]["slip [um]"]["largest"] == pytest.approx(
            np.linalg.norm(faces[name]["slip [um]"], axis=1).max()
        )
        triangles = faces[name].cells_dict[5]
        assert ranges["faces"][name]["surface"] == surface(faces[name].points, triangles)
        assert ranges["faces"][name]["surface"] != surface(faces[name].points + 1.0, triangles)


def test_what_is_not_determined_has_no_range(solved, tmp_path):
    meshed, _, _, _, solution = solved
    state = solution.interfaces["left_graft/left_ilium"]
    values = {"gap [um]": np.full(len(state.points), np.nan), "area [mm2]": state.area}
    triangles = np.array([[0, 1, 2]])
    faces = {"a/b": (state.points, triangles, values), "none": (state.points, triangles[:0], values)}
    file = write_ranges(tmp_path / "x.vtkhdf", meshed.bodies, {}, {}, faces)
    told = json.loads(file.read_text(encoding="utf-8"))["faces"]
    assert set(told) == {"a on b"}
    assert told["a on b"]["fields"]["gap [um]"] == {"least": None, "largest": None, "p999": None}
    assert told["a on b"]["fields"]["area [mm2]"]["largest"] == state.area.max()


def test_every_interface_is_a_surface_with_its_states(solved, read):
    meshed, _, _, _, solution = solved
    assert read[1].keys() == ["left_graft on left_ilium", "prosthesis on L5"]
    graft, state = read[1][0], solution.interfaces["left_graft/left_ilium"]
    assert np.array_equal(graft.points, state.points)
    assert graft.n_cells == len(meshed.bodies["left_graft"].facets_of("host"))
    assert graft.area == pytest.approx(100.0)
    assert np.allclose(graft["slip [um]"], [30.0, 0.0, 0.0])
    assert np.allclose(graft["gap [um]"], 0.0)
    assert np.all(graft["status (0 open, 1 stick, 2 slip, 3 bonded)"] == 2)


def test_no_interfaces_no_file(solved, tmp_path):
    meshed, materials, _, _, solution = solved
    file, _ = write_fields(tmp_path, meshed, materials, (), [replace(solution, interfaces={})])
    assert file.name == "on_both_legs.vtkhdf"
