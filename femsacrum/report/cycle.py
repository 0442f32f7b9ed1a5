"""Forces of a movement over its cycle: hips, L4, crutches, muscles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.loads.loadcase import Cycle, LoadCase
from femsacrum.report.forces import hip_forces, is_hip
from femsacrum.report.scene import INK

#: Of the left side, of the right one, of neither (Okabe and Ito 2008).
SIDES = {"left": "#0072b2", "right": "#d55e00", "": "#222222"}
#: Muscles drawn on each side: the strongest ones.
STRONGEST = 6
#: How the names of loads begin that are no muscle's.
NO_MUSCLE = ("upper body", "axial", "pelvis", "seat", "bed", "inertia")
SHADES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def curves(path: Path, cycle: Cycle, weight: float) -> tuple[str, str]:
    """Draws what acts on the pelvis against the percentage of the cycle.

    Args:
        path: PNG file.
        cycle: The movement.
        weight: Of the body [N].

    Returns:
        Title and caption.
    """
    from matplotlib.figure import Figure

    hips = over_cycle([{side: _percent(f, weight) for side, f in hip_forces(p).items()} for p in cycle.phases])
    trunk = over_cycle([trunk_of(phase, weight) for phase in cycle.phases])
    moments = {name: trunk.pop(name) for name in list(trunk) if "[N m]" in name}
    crutches = over_cycle([_told(phase, "crutch") for phase in cycle.phases])
    muscles = over_cycle([muscles_of(phase, weight) for phase in cycle.phases])
    sides = {
        side: strongest({name: each for name, each in muscles.items() if side in name}) for side in SIDES if side
    }
    wanted: list[tuple[str, str, Mapping[str, list[float]]]] = [
        ("hip contact force", "%BW", hips),
        ("force on L4", "%BW", trunk),
        ("moment on L4", "N m", {name.replace(" [N m]", ""): each for name, each in moments.items()}),
        ("crutches", "%BW", {name.replace("_", " ").replace(" [%BW]", ""): each for name, each in crutches.items()}),
        ("muscles of the left side", "%BW", sides["left"]),
        ("muscles of the right side", "%BW", sides["right"]),
    ]
    shown = [each for each in wanted if each[2]]
    rows = (len(shown) + 1) // 2
    figure = Figure(figsize=(10.5, 2.7 * rows + 0.4), dpi=110, layout="constrained")
    panels = figure.subplots(rows, 2, squeeze=False, sharex=True).ravel()
    for axes, (title, unit, table) in zip(panels, shown, strict=False):
        _panel(axes, cycle.percent, table, title, unit)
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    for axes in panels[: len(shown)][-2:]:
        axes.set_xlabel("cycle [%]")
        axes.tick_params(labelbottom=True)
    figure.suptitle(cycle.name, fontsize=11, color=INK)
    figure.savefig(path)
    return f"Forces over the cycle, {cycle.name}", (
        f"The {len(cycle.phases)} instants that are solved, joined by straight lines; the cycle of {cycle.duration:g} s "
        "starts again at 100 %. Hips: force of the femur on the pelvis. L4: what the trunk hands to the pelvis, the "
        f"muscles of the trunk that are not drawn included. Muscles: the {STRONGEST} strongest of each side, bellies summed."
    )


def over_cycle(values: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Name -> its value at each instant, nothing where an instant lacks it; left out where it is nothing throughout."""
    names = dict.fromkeys(name for each in values for name in each)
    tables = {name: [each.get(name, 0.0) for each in values] for name in names}
    return {name: each for name, each in tables.items() if any(abs(value) > 1e-9 for value in each)}


def trunk_of(phase: LoadCase, weight: float) -> dict[str, float]:
    """Force on L4, whole and its part downwards [%BW], and its moment about its point, to each side [N m]."""
    loads = [load for load in phase.applied if load.body == "L4" and load.name.startswith(NO_MUSCLE)]
    force = sum((load.force for load in loads), np.zeros(3))
    moment = sum((load.moment for load in loads), np.zeros(3)) / 1e3
    return {
        "whole": _percent(force, weight),
        "downwards": -100.0 * float(force[2]) / weight,
        "about left (bends forwards) [N m]": float(moment[0]),
        "about back (leans to the left) [N m]": float(moment[1]),
        "about up (turns to the left) [N m]": float(moment[2]),
    }


def muscles_of(phase: LoadCase, weight: float) -> dict[str, float]:
    """Muscle with its side -> force [%BW], bellies summed: what pulls on the pelvis and is neither weight nor joint."""
    found: dict[str, float] = {}
    for load in phase.applied:
        other = is_hip(load) or load.name.startswith(NO_MUSCLE)
        # where a muscle turns round the bone its force is not another one
        if other or load.name.endswith(("leg", "where it turns")):
            continue
        name = load.name.split(",")[0]
        found[name] = found.get(name, 0.0) + _percent(load.force, weight)
    return found


def strongest(muscles: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """The strongest ones, the first one most."""
    names = sorted(muscles, key=lambda name: -max(muscles[name]))[:STRONGEST]
    return {name: muscles[name] for name in names}


def _told(phase: LoadCase, word: str) -> dict[str, float]:
    """Measures in %BW whose name has a word."""
    return {name: value for name, value in phase.measures.items() if word in name and name.endswith("[%BW]")}


def _panel(axes: Any, percent: Sequence[float], table: Mapping[str, list[float]], title: str, unit: str) -> None:
    by_side = title.startswith(("hip", "crutches"))
    for i, (name, values) in enumerate(table.items()):
        side = next((each for each in ("left", "right") if each in name), "")
        colour = SIDES[side] if by_side else SHADES[i % len(SHADES)]
        label = name if by_side else name.removeprefix("left ").removeprefix("right ")
        axes.plot([*percent, 100.0], [*values, values[0]], color=colour, marker="o", markersize=3, label=label)
    axes.set_xlim(0.0, 100.0)
    axes.set_title(title, fontsize=9, color=INK)
    axes.set_ylabel(unit, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.axhline(0.0, color="#999999", linewidth=0.8)
    axes.legend(fontsize=7, frameon=False)


def _percent(force: Any, weight: float) -> float:
    return 100.0 * float(np.linalg.norm(force)) / weight
