"""A pelvis with half a million tetrahedra, from files to materials."""

from __future__ import annotations

from pathlib import Path

from benchmarks.anatomies import eight, patients

#: Element size in bone that gives half a million tetrahedra [mm], and the seconds they may take.
BONE, SECONDS = 2.0, 180.0


def record():
    """Per anatomy: seconds of every step, and a row for each body."""
    return eight.record()


def rows():
    name = "bodyparts3d" if "bodyparts3d" in patients.names() else "reference_female"
    yield from eight.rows(BONE, [name], SECONDS, Path("runs/anatomies/large.png"))
