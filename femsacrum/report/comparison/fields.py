"""The same pictures of all runs side by side, on one scale, drawn anew from the fields that the runs kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import InputError
from femsacrum.findings.outcomes import readings
from femsacrum.report import scene, sheet
from femsacrum.report.comparison.designs import Design
from femsacrum.report.comparison.dots import drawn
from femsacrum.report.comparison.faces import faces
from femsacrum.report.figures import slug
from femsacrum.report.maps import MOTION_MAP, STRAIN_COLOURS, STRAIN_EDGES, STRESS_MAP
from femsacrum.report.scene import Snapshot
from femsacrum.report.sheet import Scale
from femsacrum.report.viewer.read import Looked, Shown, read

if TYPE_CHECKING:
    import pyvista

#: Runs in one picture; more make further pictures.
BESIDE = 4


@dataclass(frozen=True)
class Picture:
    """One picture of the comparison.

    Attributes:
        file: PNG.
        title: In a few words.
        caption: How to read it.
    """

    file: Path
    title: str
    caption: str


@dataclass(frozen=True)
class Fields:
    """Fields of one run.

    Attributes:
        name: Of the design.
        looked: What it kept.
        findings: Of the run.
    """

    name: str
    looked: Looked
    findings: dict[str, Any]

    def of(self, load_case: str) -> Shown | None:
        """Values under a load case."""
        return next((each for each in self.looked.load_cases if each.name == load_case), None)


def pictures(folder: Path, designs: Sequence[Design]) -> tuple[list[Picture], list[str]]:
    """Draw every load case that two runs share.

    Args:
        folder: Where the PNG files go.
        designs: Sound ones.

    Returns:
        The pictures, and what could not be drawn, and why.
    """
    kept, lacking = [], []
    for design in designs:
        try:
            kept.append(Fields(design.name, read(design.folder), design.findings))
        except InputError as error:
            lacking.append(f"no pictures of {design.name}: {error.problem}")
    made: list[Picture] = []
    for load in dict.fromkeys(each.name for fields in kept for each in fields.looked.load_cases):
        sharing = [fields for fields in kept if fields.of(load) is not None]
        if len(sharing) > 1:
            made += _of_load(folder, load, sharing)
    return made, lacking


def _of_load(folder: Path, load: str, kept: Sequence[Fields]) -> Iterator[Picture]:
    """Stress from behind and in front, strain of bone, displacement, and the faces."""
    top = scene.rounded(max(_stress_top(each, load) for each in kept))
    stress = Scale(STRESS_MAP, (0.0, top), "von Mises stress [MPa]")
    said = (
        f"Von Mises stress at the nodes; for all runs the scale ends at {top:g} MPa, the largest 99.9th percentile of any "
        "body of any of them, rounded up; whatever lies above has its last colour."
    )
    for view in ("back", "front"):
        what = ("stress", load, view, stress)
        yield from _sheets(folder, kept, what, f"Stress in the implants, {load}, {scene.VIEWS[view].words}", said)
    from matplotlib.colors import ListedColormap

    risk = Scale(ListedColormap(STRAIN_COLOURS), STRAIN_EDGES, "strain over its limit [%]")
    yield from _sheets(
        folder, kept, ("risk", load, "front", risk), f"Strain of bone and graft over its limit, {load}",
        "The larger of tensile and compressive principal strain of each element, each over its limit; red is overloaded.",
    )  # fmt: skip
    most = scene.rounded(max(_displacement_top(each, load) for each in kept))
    moved = Scale(MOTION_MAP, (0.0, most), "displacement [mm]", open_end=False)
    yield from _sheets(
        folder, kept, ("displacement", load, "front", moved), f"Displacement, {load}",
        "Its magnitude, relative to what is held, on the unloaded shape.",
    )  # fmt: skip
    for number, few in enumerate(_few(kept)):
        file = folder / f"micromotion_{slug(load)}{_part(number)}.png"
        told = faces(file, [(each.name, each.looked, each.of(load), each.findings) for each in few], load)
        if told is not None:
            yield Picture(file, *told)


def _sheets(
    folder: Path, kept: Sequence[Fields], what: tuple[str, str, str, Scale], title: str, caption: str
) -> Iterator[Picture]:
    key, load, view, scale = what
    having = [each for each in kept if _values(each, load, key)]
    if len(having) < 2:
        return
    for number, few in enumerate(_few(having)):
        panels = [_panel(each, load, key, view, scale) for each in few]
        file = folder / f"{key}_{view}_{slug(load)}{_part(number)}.png"
        sheet.write(file, panels, scale=scale)
        yield Picture(file, title, caption)


def _panel(fields: Fields, load: str, key: str, view: str, scale: Scale) -> Snapshot:
    values = _values(fields, load, key)
    points = np.vstack([fields.looked.pieces[number].points for number in values])

    def paint(plotter: pyvista.Plotter) -> None:
        for number, field in values.items():
            piece = fields.looked.pieces[number]
            shape = scene.polygons(piece.points, piece.triangles)
            ends: tuple[float, float] = (float(scale.edges[0]), float(scale.edges[-1]))
            if key == "risk":
                banded = np.interp(100.0 * field, STRAIN_EDGES, np.arange(len(STRAIN_EDGES)))
                shape.cell_data["shown"], ends = np.repeat(banded, piece.parts), (0.0, float(len(STRAIN_COLOURS)))
            else:
                shape.point_data["shown"] = field
            plotter.add_mesh(
                shape, scalars="shown", clim=ends, cmap=scale.colours, lighting=False, show_scalar_bar=False
            )

    made = scene.snapshot(paint, view, points)
    return replace(made, view=replace(made.view, words=drawn(fields.name)))


def _values(fields: Fields, load: str, key: str) -> Mapping[int, Floats]:
    shown = fields.of(load)
    assert shown is not None
    if key != "displacement":
        return shown.values.get(key, {})
    pieces = fields.looked.pieces
    moved = {number: each for number, each in shown.displacement.items() if pieces[number].role != "interface"}
    return {number: np.linalg.norm(each, axis=1) for number, each in moved.items()}


def _stress_top(fields: Fields, load: str) -> float:
    told = readings("implant_stress", fields.findings)
    return max((one.value for one in told if one.load_case == load and one.value is not None), default=0.0)


def _displacement_top(fields: Fields, load: str) -> float:
    return max(float(each.max()) for each in _values(fields, load, "displacement").values())


def _few(kept: Sequence[Fields]) -> list[Sequence[Fields]]:
    return [kept[start : start + BESIDE] for start in range(0, len(kept), BESIDE)]


def _part(number: int) -> str:
    return f"_{number + 1}" if number else ""
