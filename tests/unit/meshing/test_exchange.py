"""What is written can be read back, names and fields included."""

from __future__ import annotations

import re

import meshing_shapes as shapes
import numpy as np
import pytest

from femsacrum.meshing.exchange.inp import write_inp
from femsacrum.meshing.exchange.vtk import write_surfaces, write_vtkhdf, write_vtu

pyvista = pytest.importorskip("pyvista")


@pytest.fixture
def bodies():
    return {
        "left_ilium": shapes.block("left_ilium", cells=(2, 1, 1)),
        "prosthesis": shapes.block("prosthesis", "implant", corner=(0.0, 0.0, 1.0), cells=(1, 2, 1), order=2),
    }


def linear(bodies):
    return {name: body.nodes @ np.array([[1.0, 0, 0], [0, 2.0, 0], [0, 0, 3.0]]) for name, body in bodies.items()}


def same(grid, body):
    assert grid.n_cells == len(body.cells)
    assert np.abs(grid.points - body.nodes).max() < 1e-12
    assert np.array_equal(grid.cell_connectivity.reshape(-1, body.cells.shape[1]), body.cells)
    assert grid.compute_cell_sizes()["Volume"].sum() == pytest.approx(body.volume(), rel=1e-9)


def test_vtkhdf_keeps_bodies_by_name(tmp_path, bodies):
    path = tmp_path / "case.vtkhdf"
    stress = {"prosthesis": np.arange(12.0)}
    write_vtkhdf(path, bodies, {"displacement [mm]": linear(bodies)}, {"von Mises [MPa]": stress})
    blocks = pyvista.read(path)
    assert blocks.keys() == ["left_ilium", "prosthesis"]
    for name, body in bodies.items():
        same(blocks[name], body)
        assert np.array_equal(blocks[name]["displacement [mm]"], linear(bodies)[name])
    assert "von Mises [MPa]" not in blocks["left_ilium"].cell_data
    assert np.array_equal(blocks["prosthesis"].cell_data["von Mises [MPa]"], stress["prosthesis"])


def test_vtu_keeps_bodies_by_number_and_name(tmp_path, bodies):
    path = tmp_path / "case.vtu"
    write_vtu(path, bodies, {"u [mm]": linear(bodies)}, {"E [MPa]": {"prosthesis": np.full(12, 110e3)}})
    grid = pyvista.read(path)
    assert list(grid.field_data["body_names"]) == list(bodies)
    for number, (name, body) in enumerate(bodies.items()):
        part = grid.extract_cells(grid.cell_data["body"] == number)
        assert part.n_cells == len(body.cells)
        assert np.allclose(part["u [mm]"], part.points * [1.0, 2.0, 3.0])
        assert np.all(part["E [MPa]"] == (110e3 if name == "prosthesis" else 0.0))
        assert part.compute_cell_sizes()["Volume"].sum() == pytest.approx(body.volume(), rel=1e-6)


def test_surfaces_keep_names_fields_and_points_without_a_triangle(tmp_path):
    path = tmp_path / "faces.vtkhdf"
    points = np.vstack([np.eye(3), np.zeros(3)])
    gap, slip = np.arange(4.0), np.arange(12.0).reshape(4, 3)
    fields = {"gap [um]": gap, "slip [um]": slip}
    whole = np.array([[0, 1, 2], [0, 2, 3]])
    surfaces = {"prosthesis/left_ilium": (points, whole, fields), "screw/L4": (points, whole[:0], fields)}
    for _ in range(2):  # a second run writes over the first
        write_surfaces(path, surfaces)
    blocks = pyvista.read(path)
    assert blocks.keys() == ["prosthesis on left_ilium", "screw on L4"]
    assert np.array_equal(blocks[0].cell_connectivity.reshape(-1, 3), whole)
    assert blocks[1].n_cells == 0
    for block in blocks:
        assert np.array_equal(block.points, points)
        assert np.array_equal(block["gap [um]"], gap)
        assert np.array_equal(block["slip [um]"], slip)


def test_a_file_is_about_as_large_as_what_it_holds(tmp_path):
    bodies = {f"body{n}": shapes.block(f"body{n}", cells=(4, 4, 4)) for n in range(30)}
    chance = np.random.default_rng(1)
    noise = {name: chance.standard_normal((len(body.cells), 6)) for name, body in bodies.items()}
    write_vtkhdf(tmp_path / "case.vtkhdf", bodies, cell_fields={"stress [MPa]": noise})
    held = sum(body.nodes.nbytes + body.cells.nbytes + noise[name].nbytes for name, body in bodies.items())
    assert (tmp_path / "case.vtkhdf").stat().st_size < 1.5 * held


def test_inp_for_calculix(tmp_path, bodies):
    path = tmp_path / "mesh.inp"
    write_inp(path, bodies)
    sections = re.findall(r"^\*([^\n]+)\n((?:[^*\n][^\n]*\n)*)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {head: [line.split(",") for line in body.splitlines()] for head, body in sections}
    nodes = np.array(found["NODE, NSET=Nall"], float)
    assert np.array_equal(nodes[:, 0], np.arange(1, len(nodes) + 1))
    elements = {}
    for name, kind in (("left_ilium", "C3D4"), ("prosthesis", "C3D10")):
        rows = np.array(found[f"ELEMENT, TYPE={kind}, ELSET={name}"], int)
        assert np.allclose(nodes[rows[:, 1:] - 1, 1:], bodies[name].nodes[bodies[name].cells])
        own = [int(number) for line in found[f"NSET, NSET=N_{name}"] for number in line]
        assert np.unique(rows[:, 1:]).tolist() == own
        elements.update({row[0]: row[1:] for row in rows.tolist()})
    assert sorted(elements) == list(range(1, 25))
    # faces of a tetrahedron as the CalculiX manual numbers them
    corners = {"S1": (0, 1, 2), "S2": (0, 3, 1), "S3": (1, 3, 2), "S4": (2, 3, 0)}
    for name, height in (("left_ilium", 1.0), ("prosthesis", 2.0)):
        tops = found[f"SURFACE, NAME={name}_cut, TYPE=ELEMENT"]
        area = 0.0
        for element, side in tops:
            triangle = nodes[[elements[int(element)][i] - 1 for i in corners[side.strip()]], 1:]
            assert np.allclose(triangle[:, 2], height)
            area += np.linalg.norm(np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0])) / 2.0
        assert area == pytest.approx(2.0)
        assert len(found[f"SURFACE, NAME={name}_surface, TYPE=ELEMENT"]) == len(bodies[name].facets_of("surface"))
