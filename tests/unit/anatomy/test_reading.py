from pathlib import Path

import numpy as np
import pytest
import surface_files as files
from anatomy_shapes import ball, box

from femsacrum.anatomy.frames import FRAMES, mirrors, to_lps
from femsacrum.anatomy.grid import is_closed
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.reading import State, read_surface
from femsacrum.anatomy.surfaces import polydata, volume
from femsacrum.errors import InputError

BALL = ball(centre=(30.0, -20.0, 50.0), radius=20.0, spacing=4.0)
FULL = volume(BALL)


def saved(surface: Surface, path: Path, **options) -> Path:
    polydata(surface).save(path, **options)
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("binary.stl", files.stl(BALL)),
        ("solid.stl", files.stl(BALL, head=b"solid bone exported by someone")),
        ("facet.stl", files.stl(BALL, head=b"solid\nfacet normal 0 0 0\nouter loop\nvertex 0 0 0")),
        ("UPPER.STL", files.ascii_stl(BALL).upper()),
        ("ascii.stl", files.ascii_stl(BALL)),
        ("spaces.stl", b"\r\n   " + files.ascii_stl(BALL).replace(b"\n", b"\r\n\t ")),
        ("ascii.ply", files.ply(BALL)),
        ("little.ply", files.ply(BALL, "binary_little_endian")),
        ("big.ply", files.ply(BALL, "binary_big_endian")),
        ("bone.obj", files.obj(BALL)),
        ("back.obj", files.obj(BALL, first=-1)),
        ("bone.vtk", files.vtk(BALL)),
        ("bone.vtp", files.vtp(BALL)),
        ("bone.glb", files.glb(*files.scene(surface=BALL))),
    ],
)
def test_every_format_is_read(tmp_path, name, content):
    read = read_surface(written(tmp_path / name, content), None, "mm", "LPS", "key")
    assert read.repairs == ()
    assert len(read.surface.triangles) == len(BALL.triangles)
    assert volume(read.surface) == pytest.approx(FULL, rel=1e-5)
    assert read.surface.points.mean(axis=0) == pytest.approx(BALL.points.mean(axis=0), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "options"),
    [("b.stl", {}), ("a.stl", {"binary": False}), ("b.ply", {}), ("b.vtk", {}), ("b.vtp", {})],
)
def test_what_vtk_writes_is_read(tmp_path, name, options):
    read = read_surface(saved(BALL, tmp_path / name, **options), None, "mm", "LPS", "key")
    assert (read.repairs, len(read.surface.triangles)) == ((), len(BALL.triangles))


def test_polygons_become_triangles(tmp_path):
    corners = "v 0 0 0\nv 4 0 0\nv 4 4 0\nv 2 1 0\nv 0 4 0\nv 0 0 9\nv 4 0 9\nv 4 4 9\nv 2 1 9\nv 0 4 9\n"
    faces = "f 5 4 3 2 1\nf -5/1 -4/1 -3/1 -2/1 -1/1\nf 1 2 7 6\nf 2//3 3//3 8//3 7//3\nf 3 4 9 8\nf 4 5 10 9\nf 5 1 6 10\n"
    path = written(tmp_path / "notched.obj", f"vt 0 0\nvn 0 0 1\n{corners}g bone\ns 1\n{faces}l 1 2\n".encode())
    read = read_surface(path, None, "mm", "LPS", "key")
    assert len(read.surface.triangles) == 16
    assert volume(read.surface) == pytest.approx(9.0 * (16.0 - 6.0))  # the notch is a triangle of 4 x 3 mm


def test_a_mesh_of_a_scene_is_put_in_its_place(tmp_path):
    tree, numbers = files.scene(("left", "right"), BALL)
    half = np.sqrt(0.5)
    tree["nodes"][0] |= {"translation": [1, 2, 3], "rotation": [0, 0, half, half], "scale": [-2, 2, 2]}
    tree["nodes"].append({"name": "pelvis", "children": [0], "matrix": np.diag([1, 1, 1, 1]).ravel().tolist()})
    tree["nodes"][2]["matrix"][12:15] = [100, 0, 0]
    path = written(tmp_path / "pelvis.glb", files.glb(tree, numbers))
    x, y, z = BALL.points.mean(axis=0)
    for name in ("left", "pelvis"):
        bone = read_surface(path, name, "mm", "LPS", "key").surface
        # scaled and mirrored, turned by 90 degrees about z, shifted twice
        assert bone.points.mean(axis=0) == pytest.approx([101 - 2 * y, 2 - 2 * x, 3 + 2 * z], abs=1e-3)
        assert volume(bone) == pytest.approx(8.0 * FULL, rel=1e-5)
    assert read_surface(path, "right", "mm", "LPS", "key").surface.points.mean(axis=0) == pytest.approx([x, y, z])


def test_the_48_frames():
    assert len(set(FRAMES)) == 48
    assert sum(mirrors(frame) for frame in FRAMES) == 24
    for frame in FRAMES:
        assert np.abs(np.linalg.det(to_lps(frame))) == 1.0
    # a point to the left (3), behind (5) and above (7), in the axes of other programs
    for frame, there in {"LPS": (3, 5, 7), "RAS": (-3, -5, 7), "LSA": (3, 7, -5), "PIR": (5, -7, -3)}.items():
        assert (to_lps(frame) @ there == [3, 5, 7]).all(), frame


@pytest.mark.parametrize("frame", ["LPS", "RAS", "RPS", "LSA", "SPL", "AIR"])
def test_left_handed_frames_do_not_turn_a_bone_inside_out(tmp_path, frame):
    there = Surface(BALL.points @ to_lps(frame), BALL.triangles[:, ::-1] if mirrors(frame) else BALL.triangles)
    read = read_surface(written(tmp_path / "ball.ply", files.ply(there)), None, "mm", frame, "key")
    assert read.repairs == ()
    assert read.surface.points.mean(axis=0) == pytest.approx(BALL.points.mean(axis=0), abs=1e-3)
    assert volume(read.surface) == pytest.approx(FULL, rel=1e-5)


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


def test_a_doubled_triangle_is_removed(tmp_path):
    path = saved(
        Surface(BALL.points, np.vstack([BALL.triangles, BALL.triangles[[5, 9], ::-1]])), tmp_path / "ball.vtk"
    )
    read = read_surface(path, None, "mm", "LPS", "key")
    assert read.repairs == ("2 doubled triangles removed",)
    assert volume(read.surface) == pytest.approx(FULL, rel=1e-5)


def test_what_a_file_was_like_is_told(tmp_path):
    triangles = np.vstack([np.delete(BALL.triangles, 400, axis=0), BALL.triangles[[5]]])
    triangles[20] = triangles[20, ::-1]
    crumb = box((60, 0, 0), (62, 2, 2))
    path = written(tmp_path / "a.ply", files.ply(files.both(Surface(BALL.points, triangles), crumb)))
    state = read_surface(path, None, "mm", "LPS", "key").state
    assert state == State(
        triangles=len(triangles) + 12, open_edges=3, crowded_edges=3, opposed_edges=3, pieces=2, cutting=0
    )


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
    path = saved(
        Surface(points, np.vstack([one.triangles, other.triangles + len(one.points)])), tmp_path / "wall.vtk"
    )
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
