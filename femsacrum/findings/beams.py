"""Whether the rods and screws of the run's own mesh bend as beams do; if not, the run is marked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings.quantities import cited, limit, quantity, vector
from femsacrum.mechanics.bending import SLENDER, Bar, Bending, bending
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Rod


def beams(assembly: Assembly) -> dict[str, Any]:
    """Bends every straight piece of every rod, and every screw, at the mesh of the run.

    Args:
        assembly: Meshed bodies.

    Returns:
        "limit"; "members": name -> "body", "length" of the straight piece, "free" length, "stations" between which it was
        measured (from its start: the rod's end that comes first, or the screw's head), "ratio" of the mesh's deflection
        to the beam's, "note" where it is no beam; "doubts": what a reader has to be told.
    """
    members: dict[str, Any] = {}
    for body, mesh in assembly.bodies.items():
        bars = [bar for rod in assembly.construct.rods if rod.body == body for bar in straight_pieces(rod)]
        bars += [
            Bar(screw.name, np.asarray(screw.head), np.asarray(screw.tip), screw.diameter)
            for screw in assembly.construct.screws
            if screw.body == body
        ]
        found = bending(mesh, bars) if bars else {}
        members |= {bar.name: {"body": body, **_row(bar, found[bar.name])} for bar in bars}
    return {"limit": cited("beam_deflection"), "members": members, "doubts": _doubts(members)}


def straight_pieces(rod: Rod) -> Iterator[Bar]:
    """The straight pieces of a rod by number from 1; neighbours too short for a beam, as a bend has them, as one.

    Yields:
        "left_rod 1", "left_rod 2 to 9", ...: a bar from the start of the first to the end of the last.
    """
    pieces = list(enumerate(pairwise(np.asarray(rod.path, dtype=float)), 1))
    for short, together in groupby(pieces, lambda piece: _short(piece[1][0], piece[1][1], rod.diameter)):
        each = list(together)
        for group in [each] if short else [[piece] for piece in each]:
            (first, (start, _)), (last, (_, end)) = group[0], group[-1]
            number = f"{first}" if first == last else f"{first} to {last}"
            yield Bar(f"{rod.name} {number}", start, end, rod.diameter)


def _short(start: Floats, end: Floats, diameter: float) -> bool:
    return bool(np.linalg.norm(end - start) < SLENDER * diameter)


def _row(bar: Bar, found: Bending) -> dict[str, Any]:
    free = found.free[1] - found.free[0]
    stations = found.measured and vector(np.array(found.measured), "mm")
    return {
        "length": quantity(float(np.linalg.norm(bar.end - bar.start)), "mm"),
        "free": quantity(free, "mm"),
        "stations": stations,
        "ratio": quantity(found.ratio, "1"),
        "note": "" if found.measured else f"not a beam: free length {free:.1f} mm",
    }


def _doubts(members: dict[str, Any]) -> list[str]:
    """A sentence on what bends unlike a beam, if anything does."""
    most = limit("beam_deflection")
    off = [
        f"{name.replace('_', ' ')} {'without end' if value is None else f'{value:.2f}'}"
        for name, row in members.items()
        if row["stations"] and ((value := row["ratio"]["value"]) is None or abs(value - 1.0) > most / 100.0)
    ]
    told = (
        f"Rods or screws bend by more than {most:g} % otherwise in this mesh than the formula of the beam says "
        f"(deflection over the beam's: {', '.join(off)}): take smaller quadratic elements for the fixation "
        "(mesh.fixation, mesh.order)."
    )
    return [told] if off else []
