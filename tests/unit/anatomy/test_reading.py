from pathlib import Path

import numpy as np
import pytest
from anatomy_shapes import ball, box

from femsacrum.anatomy.grid import is_closed
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.reading import read_surface
from femsacrum.anatomy.surfaces import polydata, volume
from femsacrum.errors import InputError

BALL = ball(centre=(30.0, -20.0, 50.0), radius=20.0, spacing=4.0)
FULL = volume(BALL)


def saved(surface: Surface, path: Path, **options) -> Path:
    polydata(surface).save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ball.stl", {"binary": True}),
        ("ascii.stl", {"binary": False}),
        ("ball.ply", {}),
        ("ball.vtk", {}),
        ("ball.vtp", {}),
        ("ball.obj", {}),
    ],
)
def test_every_format_is_read(tmp_path, name, options):
    path = tmp_path / name
    if path.suffix == ".obj":
        lines = [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in BALL.points]
        path.write_text("\n".join(lines + [f"f {a} {b} {c}" for a, b, c in BALL.triangles + 1]))
    else:
        saved(BALL, path, **options)
    read = read_surface(path, None, "mm", "LPS", "key")
    assert read.repairs == ()
    assert len(read.surface.triangles) == len(BALL.triangles)
    assert volume(read.surface) == pytest.approx(FULL, rel=1e-5)
    assert read.surface.points.mean(axis=0) == pytest.approx(BALL.points.mean(axis=0), abs=1e-3)


def test_unit_and_frame_are_brought_to_mm_lps(tmp_path):
    path = saved(BALL, tmp_path / "ball.stl")
    read = read_surface(path, None, "cm", "RAS", "key").surface
    assert read.points.mean(axis=0) == pytest.approx(BALL.points.mean(axis=0) * [-10.0, -10.0, 10.0], abs=0.01)
    assert volume(read) == pytest.approx(1000.0 * FULL, rel=1e-5)  # still oriented outwards


def test_a_surface_inside_out_is_turned(tmp_path):
    path = saved(Surface(BALL.points, BALL.triangles[:, ::-1]), tmp_path / "ball.stl")
    read = read_surface(path, None, "mm", "LPS", "key")
    assert volume(read.surface) > 0.0
    assert "inside out" in read.repairs[0]


def test_mixed_orientation_is_made_one(tmp_path):
    triangles = BALL.triangles.copy()
    triangles[::3] = triangles[::3, ::-1]
    read = read_surface(saved(Surface(BALL.points, triangles), tmp_path / "ball.vtk"), None, "mm", "LPS", "key")
    assert volume(read.surface) == pytest.approx(FULL, rel=1e-5)
    assert read.repairs[0] == "triangles turned to face one way"


def test_small_holes_are_filled_and_reported(tmp_path):
    corner = int(BALL.triangles[10, 0])
    around = (BALL.triangles == corner).any(axis=1)
    triangles = BALL.triangles[~around & (np.arange(len(BALL.triangles)) != 400)]
    read = read_surface(saved(Surface(BALL.points, triangles), tmp_path / "ball.ply"), None, "mm", "LPS", "key")
    assert is_closed(read.surface.triangles)
    assert read.repairs == (f"2 holes with {3 + around.sum()} edges filled",)
    assert volume(read.surface) == pytest.approx(FULL, rel=0.01)


def test_holes_that_meet_in_a_vertex_are_filled(tmp_path):
    corner = int(BALL.triangles[10, 0])
    around = np.flatnonzero((BALL.triangles == corner).any(axis=1))
    others = [set(BALL.triangles[t]) - {corner} for t in around]
    opposite = next(t for t, pair in zip(around, others, strict=True) if not pair & others[0])
    triangles = np.delete(BALL.triangles, [around[0], opposite], axis=0)
    read = read_surface(saved(Surface(BALL.points, triangles), tmp_path / "ball.ply"), None, "mm", "LPS", "key")
    assert read.repairs == ("2 holes with 6 edges filled",)
    assert volume(read.surface) == pytest.approx(FULL, rel=1e-5)


def test_a_dangling_triangle_is_removed(tmp_path):
    points = np.vstack([BALL.points, BALL.points[BALL.triangles[5, 0]] * 1.2])
    triangles = np.vstack([BALL.triangles, [[*BALL.triangles[5, :2], len(BALL.points)]]])
    read = read_surface(saved(Surface(points, triangles), tmp_path / "ball.vtk"), None, "mm", "LPS", "key")
    assert read.repairs == ("1 dangling triangle removed",)
    assert volume(read.surface) == pytest.approx(FULL, rel=1e-5)


def test_crumbs_are_dropped_but_not_a_second_body(tmp_path):
    crumb, other = box((60, 0, 0), (62, 2, 2)), ball(centre=(90.0, 0.0, 0.0), radius=12.0, spacing=4.0)

    def both(extra: Surface) -> Surface:
        return Surface(
            np.vstack([BALL.points, extra.points]), np.vstack([BALL.triangles, extra.triangles + len(BALL.points)])
        )

    read = read_surface(saved(both(crumb), tmp_path / "a.vtk"), None, "mm", "LPS", "key")
    assert read.repairs == ("1 crumb (8.0 mm3) removed",)
    with pytest.raises(InputError, match=r"^key: b\.vtk: 2 separate pieces; the second has 2\d\.\d % .* near \(\d+"):
        read_surface(saved(both(other), tmp_path / "b.vtk"), None, "mm", "LPS", "key")


def test_a_large_hole_is_refused_with_triangle_and_place(tmp_path):
    low = BALL.points[BALL.triangles].mean(axis=1)[:, 2] < 42.0
    path = saved(Surface(BALL.points, BALL.triangles[~low]), tmp_path / "torn.vtk")
    with pytest.raises(InputError, match=r"key: torn\.vtk: a hole with \d\d edges at triangle \d+ near \(.*\) mm"):
        read_surface(path, None, "mm", "LPS", "key")


def test_edges_of_three_triangles_are_refused_with_their_place(tmp_path):
    one, other = box((0, 0, 0), (9, 9, 9)), box((9, 9, 0), (18, 18, 9))  # they share an edge
    points = np.vstack([one.points, other.points])
    path = saved(Surface(points, np.vstack([one.triangles, other.triangles + len(one.points)])), tmp_path / "wall.vtk")
    with pytest.raises(InputError, match=r"more than two triangles, first triangle \d+ near"):
        read_surface(path, None, "mm", "LPS", "key")


def test_a_point_that_is_no_number_is_refused(tmp_path):
    points = BALL.points.copy()
    points[7, 1] = np.nan
    with pytest.raises(InputError, match="not a finite position"):
        read_surface(saved(Surface(points, BALL.triangles), tmp_path / "nan.vtk"), None, "mm", "LPS", "key")


def test_files_that_are_no_surfaces_are_refused(tmp_path):
    (tmp_path / "noise.stl").write_bytes(b"this is not a surface" * 20)
    (tmp_path / "scan.nii").write_bytes(b"0")
    for name, words in (("scan.nii", "no format"), ("noise.stl", "noise.stl: is no STL file")):
        with pytest.raises(InputError, match=words):
            read_surface(tmp_path / name, None, "mm", "LPS", "key")
