"""Meshes of a GLB file (binary glTF 2.0, Khronos Group, ISO/IEC 12113:2022), each in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints

#: Types of the numbers in an accessor.
NUMBERS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
#: Numbers in an element of an accessor.
ELEMENTS = {"SCALAR": 1, "VEC3": 3}

TRIANGLES = 4


class DamageError(ValueError):
    """A file that is not what it says it is."""


def read_glb(content: bytes, wanted: str | None) -> tuple[Floats, Ints]:
    """Points and triangles of one mesh, after the transforms of the nodes it hangs on.

    Args:
        content: Of the file.
        wanted: Name of a node or a mesh; with a node all below it counts. None: the only mesh there is.

    Raises:
        DamageError: It is no sound GLB file.
        ValueError: It has no such mesh, several to choose from, or something that is not read.
    """
    tree, buffer = _chunks(content)
    try:
        placed = list(_placed(tree))
        names = sorted({names[-1] for names, _, _ in placed})
        chosen = [(mesh, place) for names, mesh, place in placed if wanted is None or wanted in names]
        if not chosen or (wanted is None and len(chosen) > 1):
            what = f'has no mesh "{wanted}"' if wanted is not None else f"has {len(placed)} meshes"
            raise ValueError(f"{what}; name one of them as FILE.glb#NAME: {', '.join(names)}")
        points: list[Floats] = []
        triangles: list[Ints] = []
        for mesh, place in chosen:
            for corners, faces in _primitives(tree, buffer, tree["meshes"][mesh]):
                triangles.append(
                    (faces[:, ::-1] if np.linalg.det(place[:3, :3]) < 0.0 else faces) + sum(map(len, points))
                )
                points.append(corners @ place[:3, :3].T + place[:3, 3])
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise DamageError(f"is no sound GLB file ({type(error).__name__}: {error})") from None
    return np.concatenate(points), np.concatenate(triangles)


def _chunks(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The scene, and the numbers behind it."""
    if content[:4] != b"glTF" or int.from_bytes(content[4:8], "little") != 2:
        raise DamageError("is no GLB file of version 2")
    said, long = int.from_bytes(content[8:12], "little"), int.from_bytes(content[12:16], "little")
    if said != len(content) or content[16:20] != b"JSON" or 20 + long > said:
        raise DamageError(f"says it has {said} bytes but has {len(content)}")
    try:
        tree = json.loads(content[20 : 20 + long])
    except (ValueError, RecursionError) as error:
        raise DamageError(f"has no readable scene: {error}") from None
    if not isinstance(tree, dict):
        raise DamageError("has no readable scene")
    if tree.get("extensionsRequired"):
        raise ValueError(f"needs {tree['extensionsRequired']}, which is not read; export it without compression")
    return tree, content[28 + long :]


def _placed(tree: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], int, Floats]]:
    """Every mesh of the scene: names of the nodes above it and its own, its number, its place, shape (4, 4)."""
    nodes = tree["nodes"]
    below = {child for node in nodes for child in node.get("children", ())}
    waiting: list[tuple[int, tuple[str, ...], Floats]] = [
        (index, (), np.eye(4)) for index in range(len(nodes)) if index not in below
    ]
    for steps, (index, names, place) in enumerate(waiting):
        if steps >= len(nodes):
            raise DamageError("is no sound GLB file (a node hangs on two others)")
        node = nodes[index]
        names = (*names, str(node.get("name", f"node {index}")))
        place = place @ _own(node)
        if "mesh" in node:
            name = str(tree["meshes"][node["mesh"]].get("name", names[-1]))
            yield (*names, name), node["mesh"], place
        waiting += [(child, names, place) for child in node.get("children", ())]


def _own(node: Mapping[str, Any]) -> Floats:
    """Transform of one node: a matrix, or shift, rotation (a quaternion) and scale (glTF 2.0, 5.25)."""
    if "matrix" in node:
        return np.array(node["matrix"], dtype=float).reshape(4, 4).T
    out = np.eye(4)
    x, y, z, w = np.array(node.get("rotation", (0.0, 0.0, 0.0, 1.0)), dtype=float)
    out[:3, :3] = [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - z * w), 2.0 * (x * z + y * w)],
        [2.0 * (x * y + z * w), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - x * w)],
        [2.0 * (x * z - y * w), 2.0 * (y * z + x * w), 1.0 - 2.0 * (x * x + y * y)],
    ]
    out[:3, :3] *= np.array(node.get("scale", (1.0, 1.0, 1.0)), dtype=float)
    out[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return out


def _primitives(tree: Mapping[str, Any], buffer: bytes, mesh: Mapping[str, Any]) -> Iterator[tuple[Floats, Ints]]:
    for primitive in mesh["primitives"]:
        if primitive.get("mode", TRIANGLES) != TRIANGLES:
            raise ValueError("has lines, points or strips; export triangles")
        corners = _accessor(tree, buffer, primitive["attributes"]["POSITION"], "VEC3").astype(float)
        if "indices" in primitive:
            faces = _accessor(tree, buffer, primitive["indices"], "SCALAR").astype(np.int64).ravel()
        else:
            faces = np.arange(len(corners))
        if faces.size % 3 or (faces.size and not 0 <= faces.min() <= faces.max() < len(corners)):
            raise DamageError(f"a triangle names a vertex that is not there ({len(corners)} vertices)")
        yield corners, faces.reshape(-1, 3)


def _accessor(tree: Mapping[str, Any], buffer: bytes, index: int, kind: str) -> np.ndarray:
    """Numbers of one accessor, shape (count, elements), out of the buffer in the file."""
    accessor = tree["accessors"][index]
    view = tree["bufferViews"][accessor["bufferView"]]
    if accessor["type"] != kind or "sparse" in accessor or view["buffer"] != 0 or "uri" in tree["buffers"][0]:
        raise ValueError("keeps numbers sparse or in another file, which is not read; export it anew in one piece")
    number = np.dtype(NUMBERS[accessor["componentType"]])
    width = ELEMENTS[kind] * number.itemsize
    step = view.get("byteStride", width)
    first = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    count = accessor["count"]
    if min(first, count - 1, step - width) < 0 or first + (count - 1) * step + width > len(buffer):
        raise DamageError("names numbers beyond its end")
    return np.ndarray((count, ELEMENTS[kind]), number, buffer, first, (step, number.itemsize))
