"""Files of ``fields/`` as the page needs them: each when it is asked for, and only the last ones kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import InputError
from femsacrum.findings.field_files import of_interfaces, ranges_of
from femsacrum.findings.ranges import surface
from femsacrum.report.viewer.surface import Skin, skin

_VTK_TRIANGLE = 5
#: Files that are kept as they were read: the bodies and the interfaces of one load case.
_KEPT = 2


@dataclass(frozen=True)
class Piece:
    """A surface that is drawn: the boundary of a body, or the face of an interface on its slave.

    Attributes:
        name: Of the body, or "slave on master".
        role: Of the body; "interface" of an interface.
        points: Shape (p, 3) [mm], LPS.
        triangles: Shape (t, 3).
        parts: Triangles of each facet, which share one value of a cell.
    """

    name: str
    role: str
    points: Floats
    triangles: Ints
    parts: int


class OnDemand[K, V](Mapping[K, V]):
    """Values that are made each time they are asked for."""

    def __init__(self, keys: tuple[K, ...], make: Callable[[K], V]) -> None:
        self._keys, self._make = keys, make

    def __getitem__(self, key: K) -> V:
        if key not in self._keys:
            raise KeyError(key)
        return self._make(key)

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class Surfaces:
    """Surfaces met so far: those of the bodies from the first load case on, those of interfaces as they come."""

    def __init__(self, roles: Mapping[str, str]) -> None:
        self.roles = roles
        self.pieces: list[Piece] = []
        self.skins: dict[str, Skin] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._read = lru_cache(maxsize=_KEPT)(_blocks)

    def first(self, file: Path) -> None:
        """Take the surfaces of the bodies from a load case, unless they are known."""
        if self.skins:
            return
        blocks = self._of_bodies(file)
        for name, role in self.roles.items():
            block = blocks[name]
            own = self.skins[name] = skin(block.points, _cells(block))
            self.pieces.append(Piece(name, role, block.points[own.nodes], own.triangles, own.parts))

    def body(self, file: Path, number: int) -> Any:
        """Block of a body of a load case."""
        name = list(self.roles)[number]
        block, nodes = self._of_bodies(file)[name], self.skins[name].nodes
        if len(block.points) <= nodes.max() or (block.points[nodes] != self.pieces[number].points).any():
            raise InputError(str(file), "has another mesh than the first load case; run the case again")
        return block

    def face(self, file: Path, number: int) -> Any:
        """Block of an interface of a load case."""
        piece, block = self.pieces[number], self._read(of_interfaces(file))[self.pieces[number].name]
        if not np.array_equal(block.points, piece.points):
            raise InputError(str(ranges_of(file)), "tells of other faces than the fields have; run the case again")
        return block

    def faces(self, file: Path, told: Mapping[str, Any] | None) -> dict[int, str]:
        """Numbers and names of the interfaces of a load case that have triangles.

        Where points or triangles change from load case to load case an interface has several surfaces.

        Args:
            file: Of its bodies.
            told: Of ``ranges``: which surface each has; None: the file is read for that.
        """
        if told is not None:
            known = {name: str(row["surface"]) for name, row in told["faces"].items()}
        else:
            known = {name: surface(block.points, _triangles(block)) for name, block in self._of_faces(file).items()}
        found = {}
        for name, which in known.items():
            number = self._numbers.setdefault((name, which), len(self.pieces))
            if number == len(self.pieces):
                block = self._of_faces(file)[name]
                self.pieces.append(Piece(name, "interface", np.asarray(block.points), _triangles(block), 1))
            found[number] = name
        return found

    def number_of(self, body: str) -> int:
        """Number of the piece of a body."""
        return list(self.roles).index(body)

    def _of_bodies(self, file: Path) -> Mapping[str, Any]:
        blocks = self._read(file)
        if blocks.keys() != self.roles.keys():
            raise InputError(str(file), "does not hold the bodies of findings.json; run the case again")
        return blocks

    def _of_faces(self, file: Path) -> Mapping[str, Any]:
        blocks = self._read(of_interfaces(file)) if of_interfaces(file).exists() else {}
        return {name: block for name, block in blocks.items() if _VTK_TRIANGLE in block.cells_dict}


def ranges(file: Path, bodies: Mapping[str, str]) -> dict[str, Any] | None:
    """How far the fields of a load case reach, as the run kept it.

    Args:
        file: Of the bodies of the load case.
        bodies: Names that it has to have.

    Returns:
        Content of the file; None where there is none that can be used: a run of an earlier version.
    """
    try:
        told = json.loads(ranges_of(file).read_text(encoding="utf-8"))
        rows = [*told["bodies"].values(), *(row["fields"] for row in told["faces"].values())]
        numbers = [end for row in rows for ends in row.values() for end in (ends["largest"], ends["p999"])]
        if told["bodies"].keys() == bodies.keys() and all(each is None or np.isfinite(each) for each in numbers):
            return dict(told)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return None


def _blocks(file: Path) -> dict[str, Any]:
    import pyvista

    if not file.exists():
        raise InputError(str(file), "is missing; run the case again")
    try:
        with pyvista.vtk_verbosity("off"):
            blocks = pyvista.read(file)
    except Exception as error:  # VTK's readers raise many things
        raise InputError(str(file), "cannot be read; run the case again") from error
    return {str(name): blocks[number] for number, name in enumerate(blocks.keys())}


def _cells(block: Any) -> Ints:
    (cells,) = block.cells_dict.values()  # a body has cells of one order
    return np.asarray(cells, dtype=np.int64)


def _triangles(block: Any) -> Ints:
    return np.asarray(block.cells_dict[_VTK_TRIANGLE])
