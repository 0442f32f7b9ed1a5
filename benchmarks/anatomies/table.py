"""The tables of docs/anatomy.md from what ``python -m benchmarks anatomies --json FILE`` wrote.

Usage: python -m benchmarks.anatomies.table FILE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HEAD = ("anatomy", "anatomy / mesh / materials [s]", "tetrahedra", "least gamma", "below 0.1 [%]", "wrapped")


def lines(record):
    """Lines of two tables: one row for each anatomy, one for each body."""
    yield from _header(HEAD)
    for name, found in record.items():
        bodies = found["bodies"].values()
        cells = sum(row["cells"] for row in bodies)
        poor = sum(row["share_below_0.1 [%]"] * row["cells"] for row in bodies) / cells
        seconds = " / ".join(f"{value:.0f}" for value in found["seconds"].values())
        wrapped = ", ".join(body for body, row in found["bodies"].items() if row["wrapped"]) or "–"
        worst = min(row["gamma_min"] for row in bodies)
        yield f"| {name} | {seconds} | {cells:,.0f} | {worst:.2f} | {poor:.3f} | {wrapped} |"
    yield ""
    yield from _header(("body", *record))
    for body in next(iter(record.values()))["bodies"]:
        rows = (found["bodies"][body] for found in record.values())
        told = (f"{row['volume_error [%]']:+.2f}, {row['surface deviation [mm]']:.3f}" for row in rows)
        yield f"| {body} | {' | '.join(told)} |"


def _header(words):
    return f"| {' | '.join(words)} |", f"|{'---|' * len(words)}"


if __name__ == "__main__":
    print("\n".join(lines(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["records"]["eight"])))
