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

#: Pieces in a row are straight where the way along them is longer than from end to end by no more than this share.
STRAIGHT = 1e-6


def beams(assembly: Assembly) -> dict[str, Any]:
    """Bends every straight piece of every rod, and every screw, at the mesh of the run.

    Args:
        assembly: Meshed bodies.

    Returns:
        "limit"; "members": name -> "body", "length" of the straight piece, "free" length, "stations" between which it was
        measured (from its start: the rod's end that comes first, or the screw's head), "ratio" of the mesh's deflection
        to the beam's, "note" where it is no straight beam; "doubts": what a reader has to be told. A piece that clamps
        divide has a member for each free length.
    """
    members: dict[str, Any] = {}
    for body, mesh in assembly.bodies.items():
        rods = [rod for rod in assembly.construct.rods if rod.body == body]
        pieces = [piece for rod in rods for piece in pieces_of(rod)]
        pieces += [
            (Bar(screw.name, np.asarray(screw.head), np.asarray(screw.tip), screw.diameter), False)
            for screw in assembly.construct.screws
            if screw.body == body and screw.name not in {rod.name for rod in rods}  # a bar that bone holds is both
        ]
        straight = [bar for bar, bent in pieces if not bent]
        found = bending(mesh, straight) if straight else {}
        for bar, bent in pieces:
            rows = [_row(bar, each) for each in found[bar.name]] if not bent else [_bent(bar)]
            for number, row in enumerate(rows, 1):
                name = bar.name if len(rows) == 1 else f"{bar.name}, free length {number}"
                members[name] = {"body": body, **row}
    return {"limit": cited("beam_deflection"), "members": members, "doubts": _doubts(members)}


def pieces_of(rod: Rod) -> Iterator[tuple[Bar, bool]]:
    """The straight pieces of a rod by number from 1; neighbours too short for a beam, as a bend has them, as one.

    Yields:
        "left_rod 1", "left_rod 2 to 9", ...: a bar from the start of the first to the end of the last, and whether it is
        bent.
    """
    pieces = list(enumerate(pairwise(np.asarray(rod.path, dtype=float)), 1))
    for short, together in groupby(pieces, lambda piece: _short(piece[1][0], piece[1][1], rod.diameter)):
        each = list(together)
        for group in [each] if short else [[piece] for piece in each]:
            (first, (start, _)), (last, (_, end)) = group[0], group[-1]
            number = f"{first}" if first == last else f"{first} to {last}"
            way = sum(float(np.linalg.norm(b - a)) for _, (a, b) in group)
            bent = float(np.linalg.norm(end - start)) < (1.0 - STRAIGHT) * way
            yield Bar(f"{rod.name} {number}", start, end, rod.diameter), bent


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


def _bent(bar: Bar) -> dict[str, Any]:
    length = quantity(float(np.linalg.norm(bar.end - bar.start)), "mm")
    none = quantity(None, "mm")
    return {"length": length, "free": none, "stations": None, "ratio": quantity(None, "1"), "note": "bent"}


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
