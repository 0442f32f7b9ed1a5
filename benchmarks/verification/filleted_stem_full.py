"""The filleted stem at all four sizes, nothing taken from the record: up to 250,000 nodes, half an hour."""

from __future__ import annotations

from benchmarks.verification import filleted_stem


def rows():
    return filleted_stem.rows(live=filleted_stem.SIZES)
