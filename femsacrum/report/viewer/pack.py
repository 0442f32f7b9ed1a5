"""Surfaces and values as few bytes: whole numbers of 16 bits between the ends of each array, compressed.

With 65535 steps the error is at most 0.0008 % of an array's range: below 0.01 mm for a body of up to 1.3 m.
"""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Mapping, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any, overload

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings.ranges import SHARE
from femsacrum.report.document.legible import legible
from femsacrum.report.viewer.files import Piece
from femsacrum.report.viewer.read import Field, Looked, Shown

#: Numbers from 0 to this stand for values; the next one for "no value".
STEPS = 65534
NO_VALUE = 65535
#: Bytes of the whole page, and what is kept free for its text.
LIMIT, SPARE = 25_000_000, 1_000_000
#: Key of the displacement among the chunks.
_MOVED = "displacement"

type Head = dict[str, Any]


class Chunk:
    """Arrays one after the other, each at a multiple of four bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def whole(self, array: np.ndarray) -> Head:
        """Add whole numbers as they are; returns where they are."""
        small = array.size == 0 or array.max() <= np.iinfo(np.uint16).max
        return self._add(array.astype("<u2" if small else "<u4"))

    def rounded(self, values: Floats) -> Head:
        """Add values, rounded to a step of their range; returns where they are, with "low" and "step" of each column."""
        table = np.asarray(values, dtype=float).reshape(len(values), -1)
        known = np.isfinite(table)
        low = np.where(known, table, np.inf).min(axis=0, initial=np.inf)
        high = np.where(known, table, -np.inf).max(axis=0, initial=-np.inf)
        low, high = np.where(np.isfinite(low), low, 0.0), np.where(np.isfinite(high), high, 0.0)
        step = np.where(high > low, (high - low) / STEPS, 1.0)
        codes = np.where(known, np.rint((np.where(known, table, low) - low) / step), NO_VALUE)
        return {**self._add(codes.astype("<u2")), "low": low.tolist(), "step": step.tolist()}

    def _add(self, array: np.ndarray) -> Head:
        raw = array.tobytes()
        where = {"at": self._length, "size": int(array.size), "bits": 8 * array.itemsize}
        self._parts += [raw, bytes(-len(raw) % 4)]
        self._length += len(raw) + -len(raw) % 4
        return where

    def packed(self, pieces: Mapping[int, Head] | None = None) -> bytes:
        """Compressed; the same bytes every time.

        Args:
            pieces: Number of the piece -> where its values are. It stands as JSON in front of the arrays, behind its
                length, a whole number of four bytes that is a multiple of four.
        """
        told = json.dumps(pieces or {}, separators=(",", ":"), allow_nan=False).encode("ascii")
        told += b" " * (-len(told) % 4)
        return gzip.compress(b"".join([struct.pack("<I", len(told)), told, *self._parts]), compresslevel=9, mtime=0)


class Chunks(Sequence[bytes]):
    """Surfaces, then one chunk for each field of each load case, each made when it is asked for the first time."""

    def __init__(self, shapes: bytes, load_cases: Sequence[Shown]) -> None:
        self._made: dict[int, bytes] = {0: shapes}
        self._of = [(shown, key) for shown in load_cases for key in (_MOVED, *shown.values)]
        self._one = Lock()

    def __len__(self) -> int:
        return 1 + len(self._of)

    @overload
    def __getitem__(self, number: int) -> bytes: ...
    @overload
    def __getitem__(self, number: slice) -> list[bytes]: ...
    def __getitem__(self, number: int | slice) -> bytes | list[bytes]:
        if isinstance(number, slice):
            return [self[each] for each in range(len(self))[number]]
        if not 0 <= number < len(self):
            raise IndexError(number)
        with self._one:  # a server asks from several threads, and the files that are kept are few
            if number not in self._made:
                shown, key = self._of[number - 1]
                chunk = Chunk()
                of = shown.displacement if key is _MOVED else shown.values[key]
                self._made[number] = chunk.packed({piece: chunk.rounded(values) for piece, values in of.items()})
            return self._made[number]


def pack(looked: Looked, limit: int | None = LIMIT) -> tuple[Head, Sequence[bytes]]:
    """Everything the page needs to know.

    Args:
        looked: What it shows.
        limit: Load cases are packed in their order as long as a page that holds them stays below this [bytes]; None: all,
            each chunk when it is asked for.

    Returns:
        What becomes JSON, and the chunks it points to: surfaces, then one for each field of each load case.
    """
    shapes = Chunk()
    pieces = [_piece(shapes, piece) for piece in looked.pieces]
    chunks = Chunks(shapes.packed(), looked.load_cases)
    told, tops, ends = [], [], [1]
    for shown in looked.load_cases:  # one after the other: of each the files may have to be read
        told.append(_load_case(shown, ends[-1]))
        tops.append({field.key: _tops(field, looked.pieces, shown) for field in looked.fields if field.ends is None})
        ends.append(ends[-1] + 1 + len(shown.values))
    kept, size = len(told), as_text(chunks[0])
    for place, (first, end) in enumerate(pairwise(ends) if limit is not None else ()):
        size += sum(map(as_text, chunks[first:end]))
        if place and limit is not None and size > limit - SPARE:
            kept = place
            break
    head = {
        "case": legible(looked.case),
        "question": legible(looked.question),
        "pieces": pieces,
        "load_cases": told[:kept],
        "absent": [legible(name) for name in looked.absent],
        "left_out": [legible(shown.name) for shown in looked.load_cases[kept:]],
        "fields": [_field(field, [each.get(field.key, {}) for each in tops[:kept]]) for field in looked.fields],
    }
    return head, chunks if limit is None else chunks[: ends[kept]]


def as_text(chunk: bytes) -> int:
    """Length of a chunk in base64 [bytes]."""
    return 4 * -(-len(chunk) // 3)


def _load_case(shown: Shown, first: int) -> Head:
    """Its head; its chunks are numbered from ``first`` on."""
    if shown.tops is not None:
        most = shown.tops.largest
    else:
        most = max(float(np.linalg.norm(each, axis=1).max()) for each in shown.displacement.values())
    return {
        "name": legible(shown.name),
        "note": shown.note,
        "largest": most,
        "displacement": {"chunk": first},
        "values": {key: {"chunk": first + 1 + place} for place, key in enumerate(shown.values)},
    }


def _piece(shapes: Chunk, piece: Piece) -> Head:
    points, triangles = shapes.rounded(piece.points), shapes.whole(piece.triangles)
    return {
        "name": legible(piece.name),
        "role": piece.role,
        "parts": piece.parts,
        "points": points,
        "triangles": triangles,
    }


def _field(field: Field, found: Sequence[Mapping[int, float | None]]) -> Head:
    """A field with, piece by piece and load case by load case, where a scale that follows the values would end."""
    tops: dict[int, list[float | None]] = {}
    for place, of in enumerate(found):
        for number, top in of.items():
            tops.setdefault(number, [None] * len(found))[place] = top
    told = {
        name: getattr(field, name) for name in ("key", "label", "unit", "where", "colours", "note", "ends", "ticks")
    }
    return {**told, "tops": tops}


def _tops(field: Field, pieces: Sequence[Piece], shown: Shown) -> Mapping[int, float | None]:
    """Ends of the scale of one load case, as the run kept them, or from the values."""
    if shown.tops is not None:
        return shown.tops.tops.get(field.key, {})
    if field.where != "vector":
        return {number: _top(values) for number, values in shown.values.get(field.key, {}).items()}
    bodies = {number: each for number, each in shown.displacement.items() if pieces[number].role != "interface"}
    return {number: _top(np.linalg.norm(each, axis=1)) for number, each in bodies.items()}


def _top(sizes: Floats) -> float | None:
    known = sizes[np.isfinite(sizes)]
    return float(np.percentile(known, SHARE)) if known.size else None
