"""Small surface files, written byte by byte so that anything in them can be made wrong."""

import json
import struct

import numpy as np
from anatomy_shapes import ball, box

from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.surfaces import polydata

BALL = ball(centre=(30.0, -20.0, 50.0), radius=20.0, spacing=6.0)


def both(one, other):
    """Two surfaces as one."""
    triangles = np.vstack([one.triangles, other.triangles + len(one.points)])
    return Surface(np.vstack([one.points, other.points]), triangles)


def stl(surface=BALL, head=b"", count=None):
    """Binary STL."""
    corners = surface.points[surface.triangles].astype("<f4")
    facets = b"".join(bytes(12) + one.tobytes() + bytes(2) for one in corners)
    return head.ljust(80) + struct.pack("<I", len(corners) if count is None else count) + facets


def ascii_stl(surface=BALL, word="solid"):
    lines = [f"{word} bone"]
    for triangle in surface.points[surface.triangles]:
        corners = [f"  vertex {x:.9g} {y:.9g} {z:.9g}" for x, y, z in triangle]
        lines += ["facet normal 0 0 0", " outer loop", *corners, " endloop", "endfacet"]
    return "\n".join([*lines, "endsolid bone", ""]).encode()


def ply(surface=BALL, kind="ascii", vertices=None, faces=None, properties="xyz"):
    """PLY: ascii, binary_little_endian or binary_big_endian."""
    vertices, faces = vertices or len(surface.points), faces or len(surface.triangles)
    head = [
        *("ply", f"format {kind} 1.0", "comment a bone", f"element vertex {vertices}"),
        *(f"property float {name}" for name in properties),
        *(f"element face {faces}", "property list uchar int vertex_indices", "end_header", ""),
    ]
    if kind == "ascii":
        rows = [" ".join(f"{x:.9g}" for x in point) for point in surface.points]
        body = "\n".join([*rows, *(f"3 {a} {b} {c}" for a, b, c in surface.triangles), ""]).encode()
    else:
        order = "<" if "little" in kind else ">"
        rows = np.zeros(len(surface.triangles), [("n", "u1"), ("corners", f"{order}i4", 3)])
        rows["n"], rows["corners"] = 3, surface.triangles
        body = surface.points.astype(f"{order}f4").tobytes() + rows.tobytes()
    return "\n".join(head).encode() + body


def obj(surface=BALL, first=1):
    """OBJ; a negative ``first`` counts back from the last vertex."""
    number = len(surface.points)
    rows = [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in surface.points]
    triangles = surface.triangles + 1 if first > 0 else surface.triangles - number
    return "\n".join(["# a bone", "o bone", *rows, *(f"f {a} {b} {c}" for a, b, c in triangles), ""]).encode()


def vtk(surface=BALL, vertices=None, faces=None, dataset="POLYDATA"):
    """Legacy VTK, ASCII."""
    vertices, faces = vertices or len(surface.points), faces or len(surface.triangles)
    rows = ["# vtk DataFile Version 3.0", "a bone", "ASCII", f"DATASET {dataset}", f"POINTS {vertices} double"]
    rows += [f"{x:.17g} {y:.17g} {z:.17g}" for x, y, z in surface.points]
    rows += [f"POLYGONS {faces} {4 * faces}", *(f"3 {a} {b} {c}" for a, b, c in surface.triangles), ""]
    return "\n".join(rows).encode()


def vtp(surface=BALL, head="", points=None, last=None):
    """VTP with numbers as text."""
    count, faces = points or len(surface.points), len(surface.triangles)
    ends = 3 * np.arange(1, faces + 1)
    numbers = " ".join(f"{x:.17g}" for x in surface.points.ravel())
    named = surface.triangles.ravel().copy()
    named[-1] = named[-1] if last is None else last
    return (
        f'<?xml version="1.0"?>{head}<VTKFile type="PolyData" version="1.0"><PolyData><Piece NumberOfPoints="{count}" '
        f'NumberOfPolys="{faces}"><Points><DataArray type="Float64" NumberOfComponents="3" format="ascii">{numbers}'
        f'</DataArray></Points><Polys><DataArray type="Int64" Name="connectivity" format="ascii">'
        f'{" ".join(map(str, named))}</DataArray><DataArray type="Int64" Name="offsets" format="ascii">'
        f"{' '.join(map(str, ends))}</DataArray></Polys></Piece></PolyData></VTKFile>"
    ).encode()


def scene(names=("bone",), surface=BALL):
    """A GLB scene with the same surface under several names, and the numbers behind it."""
    points = surface.points.astype("<f4").tobytes()
    numbers = points + surface.triangles.astype("<u4").tobytes()
    tree = {
        "asset": {"version": "2.0"},
        "nodes": [{"name": name, "mesh": index} for index, name in enumerate(names)],
        "meshes": [{"name": name, "primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]} for name in names],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": len(surface.points), "type": "VEC3"},
            {"bufferView": 1, "componentType": 5125, "count": surface.triangles.size, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": len(points)},
            {"buffer": 0, "byteOffset": len(points), "byteLength": len(numbers) - len(points)},
        ],
        "buffers": [{"byteLength": len(numbers)}],
    }
    return tree, numbers


def glb(tree=None, numbers=None, text=None):
    plain = scene()
    numbers = plain[1] if numbers is None else numbers
    text = (text or json.dumps(tree or plain[0])).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(numbers), b"BIN\0") + numbers
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def by_vtk(suffix, folder, **options):
    """The ball as VTK writes it."""
    polydata(BALL).save(folder / f"by_vtk{suffix}", **options)
    return (folder / f"by_vtk{suffix}").read_bytes()


def twisted():
    """A closed ball with its vertices thrown about, so that it cuts itself nearly everywhere."""
    noise = np.random.default_rng(1).normal(scale=8.0, size=BALL.points.shape)
    return Surface(BALL.points + noise, BALL.triangles)


def edge_to_edge():
    return both(box((0, 0, 0), (9, 9, 9)), box((9, 9, 0), (18, 18, 9)))
