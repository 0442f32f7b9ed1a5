"""Whatever is wrong with a surface file: one line with the key, the file and what to do; never a crash, never silence."""

import base64
import gzip
import io
import random
import re
import struct
import time
import zipfile
import zlib

import numpy as np
import pytest
import surface_files as files
from anatomy_shapes import box
from surface_files import BALL

from femsacrum.anatomy import formats
from femsacrum.anatomy.files import check_order, read_parts
from femsacrum.anatomy.frames import to_lps
from femsacrum.anatomy.grid import is_closed
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.reading import read_surface
from femsacrum.anatomy.selfcuts import self_cuts
from femsacrum.anatomy.surfaces import volume
from femsacrum.case.schema import SurfaceFiles
from femsacrum.errors import InputError

FULL = volume(BALL)
HALF = Surface(BALL.points, BALL.triangles[BALL.points[BALL.triangles].mean(axis=1)[:, 2] > 50.0])
TWO = files.both(BALL, Surface(BALL.points + 60.0, BALL.triangles))
SHEET = Surface(BALL.points * [1.0, 1.0, 0.0], BALL.triangles)


def changed(points=None, triangles=None):
    """The ball with one number in it that should not be."""
    new = Surface(BALL.points.copy(), BALL.triangles.copy())
    if points is not None:
        new.points[7, 1] = points
    if triangles is not None:
        new.triangles[-1, 1] = triangles
    return new


def zipped():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bone.stl", bytes(1 << 24))
    return stream.getvalue()


def entities():
    rows = ['<!ENTITY a0 "bone">', *(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))]
    return files.vtp(head=f"<!DOCTYPE VTKFile [{''.join(rows)}]>").replace(b"<Points>", b"<Points>&a9;")


def inflating():
    """A VTP whose points are four thousand million zeros packed into a few hundred bytes."""
    packed = zlib.compress(bytes(1 << 16))
    head = struct.pack("<QQQQ", 1, 12 << 32, 0, len(packed))
    data = base64.b64encode(head).decode() + base64.b64encode(packed).decode()
    return (
        f'<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64" '
        f'compressor="vtkZLibDataCompressor"><PolyData><Piece NumberOfPoints="{1 << 32}" NumberOfPolys="4"><Points>'
        f'<DataArray type="Float32" NumberOfComponents="3" format="binary">{data}</DataArray></Points>'
        f"</Piece></PolyData></VTKFile>"
    ).encode()


def glb(change):
    """A GLB with something changed in its scene."""
    tree, numbers = files.scene(("left", "right"))
    change(tree)
    return files.glb(tree, numbers)


AGAIN = "is it damaged or cut off\\? Export it again"
OUT = "names a vertex that is not there"

#: Name of the file, its content, and what must be said.
MALFORMED = {
    "empty": ("a.stl", b"", "a.stl: is empty; export it again"),
    "an extension that is not read": (
        "a.txt",
        files.stl(),
        r"\"a.txt\" is in no format that is read; export the bone",
    ),
    "no extension": ("bone", files.stl(), "is in no format that is read"),
    "gzip by its name": ("a.stl.gz", gzip.compress(files.stl()), "is in no format that is read"),
    "gzip called STL": ("a.stl", gzip.compress(files.stl()), AGAIN),
    "gzip bomb called PLY": ("a.ply", gzip.compress(bytes(1 << 24)), "no header of a PLY file.*" + AGAIN),
    "zip bomb called STL": ("a.stl", zipped(), AGAIN),
    "zip called VTP": ("a.vtp", zipped(), "a.vtp: cannot be read: .*" + AGAIN),
    "zip called VTK": ("a.vtk", zipped(), "a.vtk: .*" + AGAIN),
    "zip called GLB": ("a.glb", zipped(), "is no GLB file of version 2; " + AGAIN),
    "text called STL": ("a.stl", b"this is not a surface " * 20, "is no STL file; " + AGAIN),
    "text called OBJ": ("a.obj", b"this is not a surface\n" * 20, AGAIN),
    "STL called PLY": ("a.ply", files.stl(), "has no header of a PLY file with vertices and faces; " + AGAIN),
    "STL count too large": ("a.stl", files.stl(count=4_000_000_000), "says it has 4000000000 triangles.*" + AGAIN),
    "STL count too small": ("a.stl", files.stl(count=12), "says it has 12 triangles but is as long as .*" + AGAIN),
    "STL count of none": ("a.stl", files.stl(count=0)[:84], r"has no closed triangle surface \(0 triangles\)"),
    "STL with NaN": ("a.stl", files.stl(changed(np.nan)), r"vertex \d+ is not a finite position; " + AGAIN),
    "STL with infinity": ("a.stl", files.stl(changed(np.inf)), r"vertex \d+ is not a finite position"),
    "STL far away": ("a.stl", files.stl(changed(1e30)), r"vertex \d+ lies 1\.0e\+30 units from the origin"),
    "ASCII STL with nan": ("a.stl", files.ascii_stl(changed(np.nan)), r"vertex \d+ is not a finite position"),
    "ASCII STL with a word": ("a.stl", files.ascii_stl().replace(b"vertex 3", b"vertex x", 1), "that is no number"),
    "ASCII STL with two coordinates": (
        *("a.stl", files.ascii_stl().replace(b"\n endloop", b" 1\n endloop", 1)),
        r"has \d+ facets, \d+ of them ended, and \d+ vertices; " + AGAIN,
    ),
    "PLY of four thousand million faces": (
        "a.ply",
        files.ply(faces=4_000_000_000),
        "a.ply: cannot be read: |" + AGAIN,
    ),
    "binary PLY of two thousand million vertices": (
        *("a.ply", files.ply(kind="binary_little_endian", vertices=2_000_000_000)),
        "a.ply: cannot be read: |" + AGAIN,
    ),
    "PLY without z": ("a.ply", files.ply(properties="xy"), AGAIN + "|cannot be read"),
    "PLY that names a vertex too far": ("a.ply", files.ply(changed(triangles=9999)), OUT),
    "PLY with a negative vertex": ("a.ply", files.ply(changed(triangles=-2), "binary_big_endian"), OUT),
    "PLY with infinity": (
        "a.ply",
        files.ply(changed(np.inf), "binary_little_endian"),
        "vertex 7 is not a finite position",
    ),
    "VTK count too large": ("a.vtk", files.vtk(vertices=10**6), "a.vtk: .*" + AGAIN),
    "VTK count too small": ("a.vtk", files.vtk(vertices=20), "a.vtk: .*" + AGAIN),
    "VTK that names a vertex too far": ("a.vtk", files.vtk(changed(triangles=9999)), OUT),
    "VTK with a negative vertex": ("a.vtk", files.vtk(changed(triangles=-1)), OUT),
    "VTK of another kind": (
        *(
            "a.vtk",
            b"# vtk DataFile Version 3.0\na\nASCII\nDATASET STRUCTURED_POINTS\nDIMENSIONS 2 2 2\nORIGIN 0 0 0\n",
        ),
        "holds ImageData, not one surface; export the bone as a triangle surface|" + AGAIN,
    ),
    "VTP with an entity bomb": ("a.vtp", entities(), "a.vtp: cannot be read: "),
    "VTP that inflates": ("a.vtp", inflating(), "a.vtp: cannot be read: "),
    "VTP count too large": ("a.vtp", files.vtp(points=4_000_000_000), "a.vtp: cannot be read: "),
    "VTP that names a vertex too far": ("a.vtp", files.vtp(last=10**9), OUT),
    "VTP that is HTML": ("a.vtp", b"<html><body>404</body></html>", AGAIN),
    "OBJ that names a vertex too far": ("a.obj", files.obj(changed(triangles=9999)), OUT + "|" + AGAIN),
    "OBJ of points": ("a.obj", files.obj(Surface(BALL.points, BALL.triangles[:0])), AGAIN),
    "GLB cut off": ("a.glb", files.glb()[:-100], r"says it has \d+ bytes but has \d+; " + AGAIN),
    "GLB of version 1": (
        "a.glb",
        files.glb().replace(b"\x02\0\0\0", b"\x01\0\0\0", 1),
        "is no GLB file of version 2",
    ),
    "GLB with a broken scene": ("a.glb", files.glb(text='{"nodes": [}'), "has no readable scene: .*" + AGAIN),
    "GLB nested without end": ("a.glb", files.glb(text="[" * 100_000), "has no readable scene: .*" + AGAIN),
    "GLB without meshes": ("a.glb", files.glb(text='{"nodes": []}'), "has 0 meshes|is no sound GLB"),
    "GLB with a node that hangs on another twice": (
        *("a.glb", glb(lambda tree: tree["nodes"].append({"children": [0, 0]}))),
        r"is no sound GLB file \(a node hangs on two others\); " + AGAIN,
    ),
    "GLB with another file's numbers": (
        *("a.glb#left", glb(lambda tree: tree["buffers"][0].update(uri="../../etc/passwd"))),
        "keeps numbers sparse or in another file, which is not read; export it anew in one piece",
    ),
    "GLB compressed": (
        *("a.glb#left", glb(lambda tree: tree.update(extensionsRequired=["KHR_draco_mesh_compression"]))),
        r"needs \['KHR_draco_mesh_compression'\], which is not read; export it without compression",
    ),
    "GLB count too large": (
        *("a.glb#left", glb(lambda tree: tree["accessors"][0].update(count=10**12))),
        "names numbers beyond its end; " + AGAIN,
    ),
    "GLB with a negative offset": (
        *("a.glb#left", glb(lambda tree: tree["bufferViews"][0].update(byteOffset=-8))),
        "names numbers beyond its end; " + AGAIN,
    ),
    "GLB in a place that is no number": (
        *("a.glb#left", glb(lambda tree: tree["nodes"][0].update(translation=[0, float("nan"), 0]))),
        "vertex 0 is not a finite position",
    ),
    "GLB with several meshes": ("a.glb", glb(len), "has 2 meshes; name one of them as FILE.glb#NAME: left, right"),
    "GLB without that mesh": ("a.glb#sacrum", glb(len), 'has no mesh "sacrum"; name one of them .*: left, right'),
    "half a bone": ("a.stl", files.stl(HALF), r"a hole (with|of) .* at triangle \d+ near .* mm; holes of up to"),
    "two bones": ("a.ply", files.ply(TWO), r"2 separate pieces; .* triangle \d+ near .* mm: save one bone to a file"),
    "two bones that touch": (
        "a.vtk",
        files.vtk(files.edge_to_edge()),
        r"1 edges? joins? more than two triangles, first",
    ),
    "a flat sheet": ("a.obj", files.obj(SHEET), "a.obj: "),
    "a single place": ("a.ply", files.ply(Surface(BALL.points * 0.0, BALL.triangles)), "triangles with an area"),
    "one triangle": ("a.vtk", files.vtk(Surface(BALL.points, BALL.triangles[:1])), r"surface \(1 triangles\)"),
    "cuts itself everywhere": (
        *("a.stl", files.stl(files.twisted())),
        r"triangles cut through others, the first near .* mm: more than 2.5 % of them; repair it where it was",
    ),
}


def read(folder, name, content):
    file, _, mesh = name.partition("#")
    (folder / file).write_bytes(content)
    return read_surface(folder / file, mesh or None, "mm", "LPS", "key")


def refusal(folder, name, content):
    """What is said, after looking that it is said well."""
    start = time.perf_counter()
    with pytest.raises(InputError) as caught:
        read(folder, name, content)
    assert time.perf_counter() - start < 30.0
    assert "object at 0x" not in str(caught.value)
    return well_said(str(caught.value), name)


def well_said(message, name):
    """The message, if it is one line that begins with the key and names the file."""
    assert message.startswith("key: ")
    assert name.partition("#")[0] in message
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_file_is_one_clear_line(what, tmp_path):
    name, content, words = MALFORMED[what]
    message = refusal(tmp_path, name, content)
    assert re.search(words, message), message


#: The ball in every format, and how often it is damaged (a crash of VTK's reader takes a second).
GOOD = {
    "binary.stl": (lambda folder: files.stl(head=b"solid bone"), 4),
    "ascii.stl": (lambda folder: files.ascii_stl(), 4),
    "ascii.ply": (lambda folder: files.ply(), 4),
    "binary.ply": (lambda folder: files.ply(kind="binary_little_endian"), 1),
    "binary.vtk": (lambda folder: files.by_vtk(".vtk", folder), 1),
    "ascii.vtk": (lambda folder: files.vtk(), 4),
    "binary.vtp": (lambda folder: files.by_vtk(".vtp", folder), 4),
    "ascii.vtp": (lambda folder: files.vtp(), 4),
    "ascii.obj": (lambda folder: files.obj(), 4),
    "binary.glb": (lambda folder: files.glb(), 4),
}


def outcome(folder, name, content):
    """The surface that is read, or None where the file is refused in one line."""
    try:
        return read(folder, name, content)
    except InputError as error:
        well_said(str(error), name)
        return None


@pytest.mark.parametrize("name", GOOD)
def test_a_file_cut_off_anywhere_is_refused_or_what_is_lost_is_told(name, tmp_path):
    make, times = GOOD[name]
    content, where = make(tmp_path), random.Random(name)
    for end in [len(content) - 20, *(where.randrange(len(content)) for _ in range(times))]:
        found = outcome(tmp_path, name, content[:end])
        if found is not None:  # OBJ has no counts: a hole is all there is to see
            assert found.repairs
            assert volume(found.surface) == pytest.approx(FULL, rel=0.02)


@pytest.mark.parametrize("name", GOOD)
def test_a_file_with_wrong_bytes_is_refused_or_still_a_closed_bone(name, tmp_path):
    make, times = GOOD[name]
    content, where = make(tmp_path), random.Random(name)
    for _ in range(times):
        damaged = bytearray(content)
        for _ in range(where.choice([1, 20])):
            damaged[where.randrange(len(content))] = where.randrange(256)
        found = outcome(tmp_path, name, bytes(damaged))
        assert found is None or is_closed(found.surface.triangles)


def test_a_file_too_fine_for_one_bone_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "MOST", 100)
    (tmp_path / "a.stl").write_bytes(files.stl())
    with pytest.raises(InputError, match=r"^key: a\.stl: has \d+ triangles, more than 100; coarsen it$"):
        formats.load(tmp_path / "a.stl", None, "key")


def test_where_triangles_cut_is_found_and_nowhere_else():
    assert self_cuts(BALL.points, BALL.triangles).size == 0
    one, other = box((0, 0, 0), (10, 10, 10)), box((9, 4, 4), (20, 6, 6))
    beams = files.both(one, other)
    cutting = self_cuts(beams.points, beams.triangles)
    # the beam's four long sides (two triangles each) go through the box's face x = 10
    through = np.flatnonzero((beams.points[beams.triangles][:, :, 0] == 10.0).all(axis=1))
    sides = np.flatnonzero(np.ptp(beams.points[beams.triangles][:, :, 0], axis=1) == 11.0)
    assert set(cutting) == {*through, *sides}
    apart = files.both(one, box((10.5, 4, 4), (20, 6, 6)))
    assert self_cuts(apart.points, apart.triangles).size == 0
    beside = files.edge_to_edge()
    assert self_cuts(beside.points, beside.triangles).size == 0


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("LPS", None),
        ("RAS", 'is the frame really "RAS" and not "LPS"'),
        ("RPS", 'is the frame really "RPS" and not "LPS"'),
        ("LAS", 'is the frame really "LAS" and not "LPS"'),
        ("LPI", 'is the frame really "LPI" and not "LPS"'),
        ("RAI", 'is the frame really "RAI" and not "LPS"'),
    ],
)
def test_bones_the_wrong_way_round_tell_the_frame(frame, message):
    true = {
        "left_ilium": box((20, -40, -20), (90, 40, 100)),
        "right_ilium": box((-90, -40, -20), (-20, 40, 100)),
        "sacrum": box((-40, 20, -10), (40, 70, 90)),
        "L5": box((-20, 10, 95), (20, 60, 120)),
    }
    turn = to_lps(frame)  # what a frame declared wrongly makes of coordinates in LPS
    declared = {part: Surface(bone.points @ turn.T, bone.triangles) for part, bone in true.items()}
    if message is None:
        check_order(declared, frame)
        return
    with pytest.raises(InputError, match=message):
        check_order(declared, frame)


def test_two_hips_alone_cannot_tell_a_mirror_image_from_a_turn():
    hips = {"left_ilium": box((-9, 0, 0), (-2, 9, 9)), "right_ilium": box((2, 0, 0), (9, 9, 9))}
    with pytest.raises(InputError, match='is the frame really "LPS" and not "RAS", or are files mixed up'):
        check_order(hips, "LPS")


@pytest.mark.parametrize(("unit", "hint"), [("cm", "mm"), ("m", "mm")])
def test_a_wrong_unit_is_told_by_the_size(unit, hint, tmp_path):
    (tmp_path / "hip.stl").write_bytes(files.stl(box((0, 0, 0), (100, 100, 180))))
    options = SurfaceFiles(unit=unit, frame="LPS", files={"left_ilium": "hip.stl"})
    words = (
        rf'^anatomy.surfaces.files.left_ilium: measures .* mm corner to corner, .*; with unit "{hint}" it would be'
    )
    with pytest.raises(InputError, match=words):
        read_parts(options, tmp_path)
