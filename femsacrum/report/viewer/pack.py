"""Surfaces and values as few bytes: whole numbers of 16 bits between the ends of each array, compressed.

With 65535 steps the error is at most 0.0008 % of an array's range: below 0.01 mm for a body of up to 1.3 m.
"""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.report.document.legible import legible
from femsacrum.report.viewer.read import Field, Looked, Piece, Shown

#: Numbers from 0 to this stand for values; the next one for "no value".
STEPS = 65534
NO_VALUE = 65535
#: Bytes of the whole page, and what is kept free for its text.
LIMIT, SPARE = 25_000_000, 1_000_000
#: A scale ends at the largest of the bodies' values at this share, as in the pictures of the report.
SHARE = 99.9

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

    def packed(self) -> bytes:
        """Compressed; the same bytes every time."""
        return gzip.compress(b"".join(self._parts), compresslevel=9, mtime=0)


def pack(looked: Looked, limit: int | None = LIMIT) -> tuple[Head, list[bytes]]:
    """Everything the page needs to know.

    Args:
        looked: What it shows.
        limit: Load cases are packed in their order as long as a page that holds them stays below this [bytes]; None: all.

    Returns:
        What becomes JSON, and the chunks it points to: surfaces, then one for each field of each load case.
    """
    shapes = Chunk()
    pieces = [_piece(shapes, piece) for piece in looked.pieces]
    chunks = [shapes.packed()]
    packed: list[tuple[Shown, Head]] = []
    for shown in looked.load_cases:
        told, own = _load_case(shown, len(chunks))
        if packed and limit is not None and sum(map(as_text, [*chunks, *own])) > limit - SPARE:
            break
        packed.append((shown, told))
        chunks += own
    kept = [shown for shown, _ in packed]
    head = {
        "case": legible(looked.case),
        "question": legible(looked.question),
        "pieces": pieces,
        "load_cases": [told for _, told in packed],
        "absent": [legible(name) for name in looked.absent],
        "left_out": [legible(shown.name) for shown in looked.load_cases[len(packed) :]],
        "fields": [_field(field, kept) for field in looked.fields],
    }
    return head, chunks


def as_text(chunk: bytes) -> int:
    """Length of a chunk in base64 [bytes]."""
    return 4 * -(-len(chunk) // 3)


def _load_case(shown: Shown, first: int) -> tuple[Head, list[bytes]]:
    """Its head, and its chunks, which are numbered from ``first`` on."""
    chunks: list[bytes] = []

    def field(of: dict[int, Floats]) -> Head:
        chunk = Chunk()
        pieces = {number: chunk.rounded(values) for number, values in of.items()}
        chunks.append(chunk.packed())
        return {"chunk": first + len(chunks) - 1, "pieces": pieces}

    most = max(float(np.linalg.norm(each, axis=1).max()) for each in shown.displacement.values())
    told = {
        "name": legible(shown.name),
        "note": shown.note,
        "largest": most,
        "displacement": field(shown.displacement),
    }
    return {**told, "values": {key: field(of) for key, of in shown.values.items()}}, chunks


def _piece(shapes: Chunk, piece: Piece) -> Head:
    points, triangles = shapes.rounded(piece.points), shapes.whole(piece.triangles)
    return {
        "name": legible(piece.name),
        "role": piece.role,
        "parts": piece.parts,
        "points": points,
        "triangles": triangles,
    }


def _field(field: Field, shown: list[Shown]) -> Head:
    """A field with, piece by piece and load case by load case, where a scale would end."""
    tops: dict[int, list[float | None]] = {}
    for place, load_case in enumerate(shown):
        vectors = field.where == "vector"
        found = load_case.displacement if vectors else load_case.values.get(field.key, {})
        for number, values in found.items():
            sizes = np.linalg.norm(values, axis=1) if vectors else values
            sizes = sizes[np.isfinite(sizes)]
            top = float(np.percentile(sizes, SHARE)) if sizes.size else None
            tops.setdefault(number, [None] * len(shown))[place] = top
    told = {
        name: getattr(field, name) for name in ("key", "label", "unit", "where", "colours", "note", "ends", "ticks")
    }
    return {**told, "tops": tops}
