"""How far each field of a load case reaches, kept beside it, so that nobody has to read all of it for a common scale."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings.field_files import ranges_of
from femsacrum.meshing.bodies import BodyMesh

type Fields = Mapping[str, Mapping[str, Floats]]
#: Points, triangles and fields of a face.
type Face = tuple[Floats, Ints, Mapping[str, Floats]]

#: A scale ends at the largest of the bodies' values at this share, as in the pictures of the report [%].
SHARE = 99.9


def write_ranges(
    bodies_file: Path, bodies: Mapping[str, BodyMesh], nodal: Fields, inside: Fields, faces: Mapping[str, Face]
) -> Path:
    """Write ``<load case>_ranges.json`` beside the file of the bodies.

    For every body and field, and for every face that has triangles, "least", "largest" and "p999", the 99.9th percentile;
    null where no value is known. Of fields at nodes those on the boundary count, of fields in cells all; of vectors the
    size; tensors are left out. "surface" of a face tells its points and triangles apart from those of other load cases.

    Args:
        bodies_file: As written before.
        bodies: The meshes.
        nodal: Field -> body -> values at its nodes.
        inside: Field -> body -> values in its cells.
        faces: By name.

    Returns:
        The file.
    """
    shown = {name: np.unique(mesh.facets) for name, mesh in bodies.items()}
    told: dict[str, Any] = {"bodies": {name: {} for name in bodies}, "faces": {}}
    for field, of in nodal.items():
        for name, values in of.items():
            told["bodies"][name] |= _ends(field, np.asarray(values)[shown[name]])
    for field, of in inside.items():
        for name, values in of.items():
            told["bodies"][name] |= _ends(field, np.asarray(values))
    for name, (points, triangles, fields) in faces.items():
        if len(triangles):
            ends = {key: row for field, values in fields.items() for key, row in _ends(field, values).items()}
            told["faces"][name.replace("/", " on ")] = {"surface": surface(points, triangles), "fields": ends}
    file = ranges_of(bodies_file)
    file.write_text(json.dumps(told, allow_nan=False), encoding="utf-8")
    return file


def surface(points: Floats, triangles: Ints) -> str:
    """What tells one surface from another: SHA-256 of its points and triangles."""
    raw = np.ascontiguousarray(points, float).tobytes() + np.ascontiguousarray(triangles, np.int64).tobytes()
    return hashlib.sha256(raw).hexdigest()


def _ends(field: str, values: Floats) -> dict[str, dict[str, float | None]]:
    table = np.asarray(values, float).reshape(len(values), -1)
    if table.shape[1] not in (1, 3):
        return {}
    sizes = table[:, 0] if table.shape[1] == 1 else np.linalg.norm(table, axis=1)
    known = sizes[np.isfinite(sizes)]
    if not len(known):
        return {field: {"least": None, "largest": None, "p999": None}}
    ends = {"least": known.min(), "largest": known.max(), "p999": np.percentile(known, SHARE)}
    return {field: {name: float(value) for name, value in ends.items()}}
