"""What the result of a stage depends on: what it is handed, the files the case names, and the code that makes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from femsacrum import __version__, codec
from femsacrum.case.schema import Case
from femsacrum.case.series import Series
from femsacrum.images import read as images
from femsacrum.paths import locate, mesh_of

#: Rooms in the order in which one may use another (a room may use what is left of it).
ROOMS = (
    *("errors", "paths", "sources", "case", "images", "anatomy", "surgery"),
    *("meshing", "materials", "loads", "mechanics", "findings", "course"),
)

#: Rooms outside that order whose functions may be stages as well; they count for nothing else.
BESIDE = ("credibility",)

#: Packages whose version decides numbers.
PACKAGES = (
    "numpy",
    "scipy",
    "gmsh",
    "manifold3d",
    "pyacvd",
    "shapely",
    "simpleitk",
    "numba",
    "dolfinx-solver-real",
    "fenics-dolfinx",
)

#: Keys of images, which may be folders.
IMAGES = ("anatomy.labels.file", "materials.ct.file")

_SOURCES = Path(__file__).parent


def of_value(value: object) -> str:
    """Fingerprint of one thing a stage is handed.

    Args:
        value: A case (the files it names count with their content, not their path), another pydantic model, or
            anything the codec knows. A path says where, not what, and counts nothing.
    """
    if isinstance(value, Path) or (isinstance(value, tuple) and all(isinstance(one, Path) for one in value)):
        return ""
    if isinstance(value, BaseModel):
        files = _file_contents(value) if isinstance(value, Case) else {}
        return of_text(json.dumps([value.model_dump(mode="json"), files], sort_keys=True))
    return codec.digest(*codec.encode(value))


def of_text(text: str) -> str:
    """Hash of a text (32 hex digits)."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@cache
def of_code(room: str | None) -> str:
    """Fingerprint of the code a stage runs.

    Args:
        room: The room the stage is in; it and all rooms to its left count. None: all rooms that decide a result.
    """
    rooms = ROOMS[: ROOMS.index(room) + 1] if room in ROOMS else (*ROOMS, *(one for one in BESIDE if one == room))
    hasher = hashlib.blake2b(__version__.encode(), digest_size=16)
    for name in PACKAGES:
        hasher.update(f"{name} {_version(name)}".encode())
    for source in sorted(path for name in rooms for path in _files(name)):
        hasher.update(str(source.relative_to(_SOURCES)).encode())
        hasher.update(source.read_bytes())
    return hasher.hexdigest()


def room_of(function: Any) -> str | None:
    """Room in which a function (or a partial of it) is written; None outside the rooms."""
    module = getattr(getattr(function, "func", function), "__module__", "")
    package, _, rest = module.partition(".")
    room = rest.partition(".")[0]
    return room if package == __name__.partition(".")[0] and room in (*ROOMS, *BESIDE) else None


def _files(room: str) -> list[Path]:
    if (_SOURCES / f"{room}.py").is_file():
        return [_SOURCES / f"{room}.py"]
    return [path for path in (_SOURCES / room).rglob("*") if path.suffix in (".py", ".toml", ".json", ".npz", ".csv")]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


def files_of(case: Case) -> dict[str, Path]:
    """The files that the sections of a case name, by the name in the case."""
    return {name: locate(name, case.folder, case.data, key, folders=key in IMAGES) for key, name in _names(case)}


def _names(case: Case) -> Iterator[tuple[str, str]]:
    surfaces = case.anatomy.surfaces if "anatomy" in case.__dict__ else None
    for part, name in surfaces.files.items() if surfaces else ():
        yield f"anatomy.surfaces.files.{part}", mesh_of(name)[0]
    labels = case.anatomy.labels if "anatomy" in case.__dict__ else None
    if labels is not None:
        yield "anatomy.labels.file", labels.file
    ct = case.materials.ct if "materials" in case.__dict__ else None
    if ct is not None:
        yield "materials.ct.file", ct.file
    prosthesis = case.surgery.prosthesis if "surgery" in case.__dict__ else None
    if prosthesis is not None and prosthesis.file is not None:
        yield "surgery.prosthesis.file", prosthesis.file
    nerves = case.surgery.nerves if "surgery" in case.__dict__ else None
    for i, root in enumerate(nerves.roots if nerves is not None else ()):
        if root.course is not None:
            yield f"surgery.nerves.roots[{i}].course", root.course
    for index, load in enumerate(case.loads if "loads" in case.__dict__ else ()):
        yield from _series_names(f"loads[{index}].series", load.series)
    for index, rule in enumerate(case.interfaces if "interfaces" in case.__dict__ else ()):
        if rule.function:
            yield f"interfaces[{index}].function", rule.function.rpartition(":")[0]


def _series_names(key: str, series: Series | None) -> Iterator[tuple[str, str]]:
    if series is not None:
        yield f"{key}.file", series.file
        for part, file in (
            ("muscles", series.muscles.file if series.muscles else None),
            ("angles", series.angles.file if series.angles else None),
        ):
            if file is not None:
                yield f"{key}.{part}.file", file


def _file_contents(case: Case) -> dict[str, str]:
    return {name: _content(file) for name, file in files_of(case).items()}


def _content(path: Path) -> str:
    """Hash of a file, or of all that an image is made of, with the names by which its files stand in an order."""
    hasher = hashlib.blake2b()
    parts = images.files_of(path, path.name) if path.is_dir() or images.ending(path) else [path]
    for part in parts:
        hasher.update(part.name.encode() if len(parts) > 1 else b"")
        with part.open("rb") as stream:
            hasher.update(hashlib.file_digest(stream, "blake2b").digest())
    return hasher.hexdigest()
