"""Micromotion on the contact faces of several runs: a row for each run, a column for each face, one scale for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.report.comparison.dots import drawn
from femsacrum.report.faces import COLOURS, bands, outline
from femsacrum.report.viewer.files import Piece
from femsacrum.report.viewer.read import Looked, Shown

#: One run: name, surfaces, values of the load case, findings.
type Run = tuple[str, Looked, Shown | None, Mapping[str, Any]]


def faces(path: Path, runs: Sequence[Run], load_case: str) -> tuple[str, str] | None:
    """Write a PNG; None where no run has a face in contact.

    Args:
        path: Where.
        runs: From top to bottom.
        load_case: Name.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.figure import Figure

    rows = [(name, _faces(looked, shown, found["load_cases"][load_case])) for name, looked, shown, found in runs]
    columns = list(dict.fromkeys(face for _, own in rows for face in own))
    if not columns:
        return None
    size = (2.6 * len(columns) + 1.6, 2.3 * len(rows) + 0.8)
    figure = Figure(figsize=size, layout="constrained", dpi=110)
    axes = figure.subplots(len(rows), len(columns), squeeze=False)
    for i, (name, own) in enumerate(rows):
        for j, face in enumerate(columns):
            _panel(axes[i][j], own.get(face))
            if i == 0:
                axes[i][j].set_title(face.replace("_", " ").replace(" on ", " on\n"), fontsize=8)
        axes[i][0].set_ylabel(drawn(name), fontsize=9)
    mappable = ScalarMappable(BoundaryNorm(bands(), len(COLOURS), extend="max"), ListedColormap(COLOURS))
    bar = figure.colorbar(mappable, ax=axes, shrink=0.9, extend="max", ticks=bands())
    bar.set_label("micromotion [µm]")
    figure.savefig(path)
    return f"Micromotion on the contact faces, {load_case}", (
        "Every face of an implant or graft, square on, a row for each run; colours as on the runs' own pages, the same for "
        "all. A face all grey belongs to a body that nothing holds; an empty place: the run has no such face."
    )


def _faces(
    looked: Looked, shown: Shown | None, found: Mapping[str, Any]
) -> dict[str, tuple[Piece, Floats | None, float | None]]:
    """Name -> surface, motion [um] (None: nothing holds it) and its 95th percentile."""
    told = {name.replace("/", " on "): row for name, row in found["interfaces"].items() if row["kind"] == "surface"}
    made: dict[str, tuple[Piece, Floats | None, float | None]] = {}
    for number, values in (shown.values.get("micromotion", {}) if shown else {}).items():
        piece = looked.pieces[number]
        if piece.name in told:
            known = values if np.isfinite(values).all() else None
            made[piece.name] = (piece, known, told[piece.name]["micromotion"]["p95"]["value"])
    return made


def _panel(axes: Any, face: tuple[Piece, Floats | None, float | None] | None) -> None:
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    if face is None:
        return
    piece, values, p95 = face
    across, up, middle = _frame(piece)
    x, y = (piece.points - middle) @ across, (piece.points - middle) @ up
    if values is None:
        axes.tripcolor(x, y, piece.triangles, np.zeros(len(x)), cmap="Greys", vmin=-1.0, vmax=4.0)
        axes.set_xlabel("nothing holds it", fontsize=8)
        return
    edges = [*bands(), max(2.0 * bands()[-1], 1.01 * float(values.max()))]
    axes.tricontourf(x, y, piece.triangles, values, levels=edges, colors=list(COLOURS))
    outline(axes, x, y, piece.triangles)
    axes.set_xlabel("" if p95 is None else f"95 % below {p95:.0f} µm", fontsize=8)


def _frame(piece: Piece) -> tuple[Floats, Floats, Floats]:
    """Two axes in the mean plane of a face, across and upwards, and its middle."""
    a, b, c = (piece.points[piece.triangles[:, corner]] for corner in range(3))
    normal = np.cross(b - a, c - a).sum(axis=0)
    normal /= np.linalg.norm(normal)
    guide = np.array([0.0, 0.0, 1.0]) if abs(normal[2]) < 0.8 else np.array([0.0, -1.0, 0.0])
    up = guide - (guide @ normal) * normal
    up /= np.linalg.norm(up)
    return np.cross(up, normal), up, piece.points.mean(axis=0)
