"""Every file that is written is read back by another program's reader, names, counts and sizes included."""

import json
import re

import meshing_shapes as shapes
import meshio
import numpy as np
import pytest
import pyvista

from femsacrum.anatomy.model import Anatomy, Plane
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.meshing.elements import boundary
from femsacrum.meshing.exchange.cad import triangulated, write_step, write_stl
from femsacrum.meshing.exchange.inp import write_inp
from femsacrum.meshing.exchange.manifest import write_manifest
from femsacrum.meshing.exchange.msh import write_msh
from femsacrum.meshing.exchange.vtk import write_faces_vtu, write_vtu
from femsacrum.meshing.gmsh_session import session
from femsacrum.meshing.solids import solid_body
from femsacrum.surgery.construct import Construct, Contact, Rod, Screw, Solid

UP = np.array([0.0, 0.0, 1.0])
#: A rod with two named ends, and its exact volume [mm3].
ROD = shapes.brep(lambda occ: occ.addCylinder(1, 2, 3, 0, 0, 40, 3))
VOLUME = np.pi * 9.0 * 40.0
ENDS = {"foot": Plane(np.array([1.0, 2.0, 3.0]), -UP), "head": Plane(np.array([1.0, 2.0, 43.0]), UP)}


@pytest.fixture(scope="module")
def bodies():
    return {
        "left_ilium": shapes.block("left_ilium", cells=(2, 3, 1)),
        "left_rod": solid_body("left_rod", Solid(ROD, "fixation", ENDS), 3.0, 2)[0],
    }


def area(nodes, triangles):
    a, b, c = (nodes[triangles[:, i]] for i in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)


def faces(bodies):
    return {(name, face): body.facets_of(face) for name, body in bodies.items() for face in body.face_names}


def test_step(tmp_path, capfd):
    path = tmp_path / "left_rod.step"
    write_step(path, "left_rod", ROD)
    assert capfd.readouterr() == ("", "")
    with session(Geometry__OCCImportLabels=1) as gmsh:
        gmsh.model.occ.importShapes(str(path))
        gmsh.model.occ.synchronize()
        (solid,) = gmsh.model.getEntities(3)
        assert gmsh.model.getEntityName(*solid).split("/")[-1] == "left_rod"
        assert gmsh.model.occ.getMass(*solid) == pytest.approx(VOLUME, rel=1e-6)
        assert np.allclose(gmsh.model.occ.getCenterOfMass(*solid), [1.0, 2.0, 23.0], atol=1e-6)
    text = path.read_text(encoding="utf-8")
    assert "MANIFOLD_SOLID_BREP('left_rod'" in text
    assert "SI_UNIT(.MILLI.,.METRE.)" in text
    again = tmp_path / "again.step"
    write_step(again, "left_rod", ROD)
    assert again.read_text(encoding="utf-8") == text


def test_stl(tmp_path):
    surface = triangulated(ROD)
    for name, shape in (("left_rod", surface), ("L5", shapes.surface(shapes.ellipsoid(20.0, 15.0, 12.0)))):
        path = tmp_path / f"{name}.stl"
        write_stl(path, name, shape)
        assert path.read_bytes()[:80].decode().split()[:3] == [name, "UNITS=mm", "frame=LPS"]
        read = pyvista.read(path)
        assert read.n_cells == len(shape.triangles)
        assert read.is_manifold
        a, b, c = (shape.points[shape.triangles[:, i]] for i in range(3))
        assert read.volume == pytest.approx(np.einsum("ij,ij->i", np.cross(a, b), c).sum() / 6.0, rel=1e-6)
        assert read.volume > 0.0
    # as near the rod as the triangles of a round face are said to be
    beside = np.linalg.norm(surface.points[surface.triangles].mean(axis=1)[:, :2] - [1.0, 2.0], axis=1)
    assert pyvista.read(tmp_path / "left_rod.stl").volume == pytest.approx(VOLUME, rel=0.02)
    assert beside.max() <= 3.0


def test_manifest(tmp_path):
    plane = Plane(np.array([0.0, 0.0, 12.0]), UP)
    construct = Construct(
        Anatomy({}, {}, {}, 25.0, 1.4, {}, {}),
        {"L5": shapes.cut(shapes.ellipsoid(20.0, 15.0, 12.0), UP, 3.0, "endplate")},
        {"left_rod": Solid(ROD, "fixation", ENDS)},
        (Screw("left_L5", "left_rod", UP, 2 * UP, 3 * UP, 6.5, ("L5",), 2.0, 30.0),),
        (Rod("left", "left_rod", np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 43.0]]), 6.0),),
        (Contact("left_rod/L5", ("left_rod", "foot"), ("L5", "endplate")),),
        {},
        {"left": plane},
    )
    write_manifest(tmp_path / "construct.json", construct, {"L5": ["L5.stl"]})
    told = json.loads((tmp_path / "construct.json").read_text(encoding="utf-8"))
    assert told["unit"] == "mm"
    assert told["frame"].startswith("LPS")
    assert {name: body["role"] for name, body in told["bodies"].items()} == {"L5": "bone", "left_rod": "fixation"}
    assert told["bodies"]["left_rod"]["faces"]["head"] == {"origin": [1.0, 2.0, 43.0], "normal": [0.0, 0.0, 1.0]}
    assert told["bodies"]["L5"]["faces"].keys() == {"endplate"}
    assert told["bodies"]["L5"]["files"] == ["L5.stl"]
    assert (told["screws"]["left_L5"]["tip"], told["screws"]["left_L5"]["diameter"]) == ([0.0, 0.0, 3.0], 6.5)
    assert told["rods"]["left"]["path"] == [[1.0, 2.0, 3.0], [1.0, 2.0, 43.0]]
    assert told["resection_planes"]["left"]["origin"] == [0.0, 0.0, 12.0]
    assert told["contacts"]["left_rod/L5"]["master"] == "L5:endplate"


def test_vtu(tmp_path, bodies):
    write_vtu(tmp_path / "mesh.vtu", bodies)
    write_faces_vtu(tmp_path / "faces.vtu", bodies)
    cells, facets = pyvista.read(tmp_path / "mesh.vtu"), pyvista.read(tmp_path / "faces.vtu")
    names = list(facets.field_data["face_names"])
    assert names == [f"{name}:{face}" for name, face in faces(bodies)]
    assert list(cells.field_data["body_names"]) == list(facets.field_data["body_names"]) == list(bodies)
    for number, body in enumerate(bodies.values()):
        assert (cells.cell_data["body"] == number).sum() == len(body.cells)
        assert (facets.cell_data["body"] == number).sum() == len(body.facets)
    for (name, face), wanted in faces(bodies).items():
        own = facets.extract_cells(facets.cell_data["face"] == names.index(f"{name}:{face}"))
        assert own.n_cells == len(wanted)
        corners = own.cell_connectivity.reshape(own.n_cells, -1)
        assert area(np.asarray(own.points), corners) == pytest.approx(area(bodies[name].nodes, wanted), rel=1e-9)


def test_msh_with_gmsh(tmp_path, bodies):
    write_msh(tmp_path / "mesh.msh", bodies)
    with session() as gmsh:
        gmsh.open(str(tmp_path / "mesh.msh"))
        groups = {gmsh.model.getPhysicalName(*group): group for group in gmsh.model.getPhysicalGroups()}
        assert groups.keys() == {*bodies, *(f"{name}:{face}" for name, face in faces(bodies))}
        for name, body in bodies.items():
            (volume,) = gmsh.model.getEntitiesForPhysicalGroup(*groups[name])
            ((kind,), (cells,), _) = gmsh.model.mesh.getElements(3, volume)
            assert len(cells) == len(body.cells)
            # a positive Jacobian everywhere, and its integral, tell that curved elements have their nodes in order
            points, weights = gmsh.model.mesh.getIntegrationPoints(kind, "Gauss4")
            _, determinants, _ = gmsh.model.mesh.getJacobians(kind, points, volume)
            assert determinants.min() > 0.0
            whole = float((determinants.reshape(len(cells), -1) @ weights).sum())
            assert whole == pytest.approx(VOLUME if name == "left_rod" else body.volume(), rel=1e-3)
            for face in body.face_names:
                (surface,) = gmsh.model.getEntitiesForPhysicalGroup(*groups[f"{name}:{face}"])
                assert len(gmsh.model.mesh.getElements(2, surface)[1][0]) == len(body.facets_of(face))


def test_msh_with_meshio(tmp_path, bodies):
    write_msh(tmp_path / "mesh.msh", bodies)
    read = meshio.read(tmp_path / "mesh.msh")
    for name, body in bodies.items():
        kind = "tetra" if body.order == 1 else "tetra10"
        back = np.vstack([block.data[rows] for block, rows in zip(read.cells, read.cell_sets[name], strict=True)
                          if rows is not None and block.type == kind and len(rows)])  # fmt: skip
        assert np.allclose(read.points[back], body.nodes[body.cells], atol=1e-12)
    for (name, face), wanted in faces(bodies).items():
        rows = read.cell_sets[f"{name}:{face}"]
        back = np.vstack([block.data[own] for block, own in zip(read.cells, rows, strict=True)
                          if own is not None and len(own)])  # fmt: skip
        assert np.allclose(read.points[back], bodies[name].nodes[wanted], atol=1e-12)


def test_inp(tmp_path, bodies):
    write_inp(tmp_path / "mesh.inp", bodies)
    text = (tmp_path / "mesh.inp").read_text(encoding="utf-8")
    read = meshio.read(tmp_path / "mesh.inp")
    for number, (name, body) in enumerate(bodies.items()):
        assert read.cells[number].type == ("tetra" if body.order == 1 else "tetra10")
        assert np.allclose(read.points[read.cells[number].data], body.nodes[body.cells], atol=1e-9)
        assert sorted(read.cell_sets[name][number].tolist()) == list(range(len(body.cells)))
    for (name, face), wanted in faces(bodies).items():
        own = np.unique(wanted)
        back = read.points[np.sort(read.point_sets[f"N_{name}_{face}"])]
        assert np.allclose(np.sort(back, axis=0), np.sort(bodies[name].nodes[own], axis=0), atol=1e-9)
        surface = re.search(rf"NAME={name}_{face}, TYPE=ELEMENT\n((?:\d.*\n)*)", text)[1]
        assert len(surface.splitlines()) == len(wanted)


def test_a_face_without_a_facet_is_left_out(tmp_path):
    box = shapes.block()
    facets, _ = boundary(box.cells)
    body = BodyMesh("box", "bone", 1, box.nodes, box.cells, facets, np.zeros(len(facets), int), ("surface", "cut"))
    write_msh(tmp_path / "mesh.msh", {"box": body})
    with session() as gmsh:
        gmsh.open(str(tmp_path / "mesh.msh"))
        names = {gmsh.model.getPhysicalName(*group) for group in gmsh.model.getPhysicalGroups()}
    assert names == {"box", "box:surface"}
    write_inp(tmp_path / "mesh.inp", {"box": body})
    assert "NSET=N_box_cut" not in (tmp_path / "mesh.inp").read_text(encoding="utf-8")
