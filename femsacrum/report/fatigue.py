"""Fatigue of the metals: where they use their strength, and Haigh diagrams of their worst points."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings.fatigue.assess import findley_to_reversed
from femsacrum.findings.fatigue.bodies import BodyFatigue
from femsacrum.findings.fatigue.mean_stress import OPENING
from femsacrum.findings.fatigue.plane import MOST
from femsacrum.findings.fatigue.strengths import spread
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.report import scene, sheet
from femsacrum.report.scene import INK
from femsacrum.report.sheet import Label, Scale

if TYPE_CHECKING:
    import pyvista

#: Shares of the fatigue strength [%] and their colours; red and purple are beyond it.
EDGES = (0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 150.0)
COLOURS = ("#f3f1ea", "#c6dbef", "#6baed6", "#2171b5", "#f2b134", "#d55e00")
#: Metal of no known strength.
UNKNOWN = "#bbbbbb"
#: Colour of a body in the diagrams (Okabe and Ito 2008), in turn.
INKS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
#: Parts told by name in one diagram.
NAMED = 3

#: Body, part, and what is told of the part.
type Row = tuple[str, str, Mapping[str, Any]]


def use_of_strength(
    path: Path, assembly: Assembly, found: Mapping[str, BodyFatigue], told: Mapping[str, Any], movement: str
) -> tuple[str, str] | None:
    """Share of the fatigue strength that a movement uses; None without implants.

    Args:
        path: PNG file.
        assembly: Meshed bodies.
        found: What ``findings.fatigue.bodies`` found.
        told: What ``findings.fatigue.tell`` told of it.
        movement: Its name.

    Returns:
        Title and caption.
    """
    from matplotlib.colors import ListedColormap

    if not found:
        return None
    metal = [assembly.bodies[name] for name in found]
    values = {mesh.name: 100.0 * _everywhere(mesh, found[mesh.name].nodal(len(mesh.nodes))) for mesh in metal}
    colours = ListedColormap(COLOURS)

    def paint(plotter: pyvista.Plotter) -> None:
        for mesh in metal:
            shown = scene.surface(mesh)
            share = values[mesh.name]
            shown.point_data["shown"] = np.where(
                np.isnan(share), np.nan, np.interp(share, EDGES, np.arange(len(EDGES)))
            )
            plotter.add_mesh(
                shown, scalars="shown", clim=(0.0, len(COLOURS)), cmap=colours, nan_color=UNKNOWN, lighting=False,
                show_scalar_bar=False,
            )  # fmt: skip

    labels = [_label(body) for body in told["bodies"].values()]
    points = np.vstack([mesh.nodes for mesh in metal])
    panels = [scene.snapshot(paint, view, points) for view in ("front", "back")]
    words = [label for label in labels if label is not None]
    sheet.write(path, panels, [words, words], Scale(colours, EDGES, "use of the fatigue strength at 1e7 [%]"))
    return f"Fatigue of the implants, {movement}", (
        "One over the factor by which all stress could grow until the largest cycle is borne just 1e7 times, at the "
        "usual strength of each metal and surface; from 100 % on it breaks before (the last colour has no "
        "end). Lines lead to the least safe part "
        "of each body, which may be a peak the mesh does not resolve. Grey: a metal of no known strength."
    )


def haigh(path: Path, told: Mapping[str, Any], movement: str) -> tuple[str, str] | None:
    """Amplitude over mean of the stress across the critical plane, with what each metal bears; None without implants.

    Args:
        path: PNG file.
        told: What ``findings.fatigue.tell`` told.
        movement: Its name.

    Returns:
        Title and caption.
    """
    if not panels(path, told, _diagram):
        return None
    return f"Haigh diagrams of the implants, {movement}", (
        "Amplitude over mean of the stress across the plane that opens most, at the peak of each part (full) and where "
        "99.9 % of its volume stays below (open). Lines: what the metal and its surface bear 1e7 times, notch included, "
        "by Goodman (with the range of its endurance shaded), Gerber, Smith, Watson and Topper, and Findley for a pull "
        "along one axis. Points above the line of the rule that was chosen break earlier."
    )


def panels(path: Path, told: Mapping[str, Any], diagram: Callable[[Any, list[Row], Mapping[str, str]], None]) -> bool:
    """One panel for each alloy, process and surface; returns whether there was anything to draw.

    Args:
        path: PNG file.
        told: What ``findings.fatigue.tell`` told.
        diagram: Paints axes with rows of body, part and findings, in the colour of each body.
    """
    from matplotlib.figure import Figure

    groups: dict[tuple[str, str, str, str], list[Row]] = {}
    for body, part, row in _parts(told):
        bears = row["strength"]
        key = (bears["process"], bears["alloy"], bears["surface"], f"{bears['porosity']['value']:g} %")
        groups.setdefault(key, []).append((body, part, row))
    if not groups:
        return False
    inks = {body: INKS[index % len(INKS)] for index, body in enumerate(told["bodies"])}
    columns = min(3, len(groups))
    lines = math.ceil(len(groups) / columns)
    figure = Figure(figsize=(4.6 * columns, 4.0 * lines + 0.5), dpi=110, layout="constrained")
    drawn = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes, (key, rows) in zip(drawn, groups.items(), strict=False):
        diagram(axes, rows, inks)
        porous = f", {key[3]} void" if key[2] == "porous" else ""
        axes.set_title(f"{key[1]}, {key[0]},\n{key[2]}{porous}".replace("_", " "), fontsize=9, color=INK)
    for axes in drawn[len(groups) :]:
        axes.set_axis_off()
    handles, names = drawn[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    figure.savefig(path)
    return True


def least_safe(rows: Sequence[Row]) -> list[int]:
    """Numbers of the parts that are told by name in one diagram, the least safe first."""
    safe = [row["safety_factor"]["1e7"]["value"] or math.inf for _, _, row in rows]
    return sorted(range(len(rows)), key=lambda number: safe[number])[:NAMED]


def _parts(told: Mapping[str, Any]) -> Iterator[Row]:
    for body, parts in told["bodies"].items():
        for part, row in parts.items():
            if row["strength"] is not None:
                yield body, part, row


def _label(parts: Mapping[str, Any]) -> Label | None:
    """The least safe part of a body."""
    safe = {
        name: row["safety_factor"]["1e7"]["value"] or math.inf
        for name, row in parts.items()
        if row["strength"] is not None
    }
    if not safe:
        return None
    least = min(safe, key=lambda name: safe[name])
    factor = f"safety factor {safe[least]:.2g}" if math.isfinite(safe[least]) else "no stress"
    return Label(np.array(parts[least]["at"]["value"]), f"{least.replace('_', ' ')}\n{factor}")


def _everywhere(mesh: BodyMesh, values: Floats) -> Floats:
    """Values of corner nodes, with the mean of both ends at nodes in the middle of edges."""
    if mesh.order == 1:
        return values
    filled = values.copy()
    for k, (i, j) in enumerate(((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))):
        filled[mesh.cells[:, 4 + k]] = 0.5 * (values[mesh.cells[:, i]] + values[mesh.cells[:, j]])
    return filled


def _diagram(axes: Any, rows: list[Row], inks: Mapping[str, str]) -> None:
    bears = rows[0][2]["strength"]
    ultimate, notch = bears["ultimate"]["usual"]["value"], bears["notch_factor"]["usual"]["value"]
    low, limit, high = (bears["endurance_1e7"][end]["value"] / notch for end in ("low", "usual", "high"))
    points = [(body, part, row["normal_stress"], row["below_which_99.9_percent_stay"]) for body, part, row in rows]
    means = [each[2]["mean"]["value"] for each in points]
    sizes = [each[2]["amplitude"]["value"] for each in points]
    left = min(-0.1 * ultimate, 1.15 * min(means))
    mean = np.linspace(left, 1.02 * ultimate, 300)
    axes.fill_between(
        mean, _line(mean, low, ultimate, 1), _line(mean, high, ultimate, 1), color="#dddddd", linewidth=0.0,
        label="Goodman, its range",
    )  # fmt: skip
    axes.plot(mean, _line(mean, limit, ultimate, 1), color=INK, linewidth=1.4, label="Goodman")
    axes.plot(mean, _line(mean, limit, ultimate, 2), color=INK, linewidth=0.9, linestyle="--", label="Gerber")
    topper = 0.5 * (np.sqrt(mean**2 + 4.0 * limit**2) - mean)
    axes.plot(mean, topper, color="#777777", linewidth=0.9, linestyle=":", label="Smith, Watson, Topper")
    axes.plot(mean, _findley(mean, limit), color="#777777", linewidth=0.9, linestyle="-.", label="Findley, one axis")
    least = least_safe(rows)
    for body, _, peak, inner in points:
        usual = inner["normal_stress"]
        axes.plot(peak["mean"]["value"], peak["amplitude"]["value"], "o", color=inks[body], markersize=5)
        axes.plot(
            usual["mean"]["value"], usual["amplitude"]["value"], "o", color=inks[body], markersize=5, fillstyle="none"
        )
    rising = sorted(least, key=lambda i: sizes[i])
    for row, index in enumerate(rising):
        body, part = points[index][:2]
        axes.annotate(
            part.replace("_", " "), (means[index], sizes[index]), (14, 8 + 11 * row), textcoords="offset points",
            fontsize=7, color=inks[body], arrowprops={"arrowstyle": "-", "color": inks[body], "linewidth": 0.5},
        )  # fmt: skip
    axes.set_xlim(left, 1.02 * ultimate)
    axes.set_ylim(0.0, 1.12 * max(high, *sizes))
    axes.axvline(0.0, color="#bbbbbb", linewidth=0.6)
    axes.set_xlabel("mean [MPa]", fontsize=8)
    axes.set_ylabel("amplitude [MPa]", fontsize=8)
    axes.tick_params(labelsize=8)


def _line(mean: Floats, limit: float, ultimate: float, power: int) -> Floats:
    """Amplitude borne with a mean by Goodman (power 1) or Gerber (2).

    With a mean in compression min(a, 2 (m + a)) = limit: level until the tension no longer reaches half of the amplitude.
    """
    shut = np.maximum(1.0, 1.0 / OPENING - mean / limit)
    return np.asarray(limit * shut * np.clip(1.0 - (np.clip(mean, 0.0, None) / ultimate) ** power, 0.0, None))


def _findley(mean: Floats, limit: float) -> Floats:
    """Amplitude borne with a mean along one axis.

    k S + sqrt(a^2 + k^2 S^2) = h with S = m + a the largest stress, counted up to 4 a, and h = limit (k + sqrt(1 + k^2)).
    """
    k = spread("findley.k").usual
    h = 2.0 * limit / findley_to_reversed(k)
    borne = np.sqrt(np.clip(h * h * (1.0 + k * k) - 2.0 * h * k * mean, 0.0, None)) - h * k
    steady = h * (math.hypot(MOST * k, 1.0) - MOST * k)
    # in compression throughout nothing but the shear counts
    return np.asarray(np.minimum(np.maximum(borne, steady), h))
