"""Pictures of a movement that has been walked: how its faces touch over the cycle, and how its metal and bone bear it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Case
from femsacrum.course.gait import Gait
from femsacrum.course.shakedown import touching
from femsacrum.findings import kernels
from femsacrum.findings.fatigue.bodies import bodies
from femsacrum.findings.overload import envelope
from femsacrum.loads.loadcase import Cycle
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.materials.modifiers import factor
from femsacrum.mechanics.interfaces import Interface, LoadCaseSolution
from femsacrum.mechanics.repeated import Motion
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import cycle as curves
from femsacrum.report import faces, fatigue, fatigue_lines, forces, overload
from femsacrum.report.scene import INK
from femsacrum.sources.tables import constant

#: Of the faces, in turn (Okabe and Ito 2008), and how their line is drawn once the colours are used up.
SHADES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222")
DASHES = ("-", "--", ":")

#: What paints a picture, and what it is given.
Painted = tuple[str, Any, tuple[Any, ...]]


def pictures(
    case: Case,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    interfaces: tuple[Interface, ...],
    cycle: Cycle,
    gait: Gait,
    found: Mapping[str, Any],
) -> Iterator[Painted]:
    """Every picture of a movement: kind, function that paints it into a file, what else that is given.

    Args:
        case: What was asked.
        assembly: Meshed bodies.
        materials: Body name -> elasticity.
        interfaces: Contacts with their laws.
        cycle: The movement.
        gait: What came of it.
        found: The findings on it.
    """
    weight = weight_of(case)
    yield "cycle_forces", curves.curves, (cycle, weight)
    yield "forces", fullest, (assembly, cycle, weight)
    yield "cycle_micromotion", faces.over_cycle, (assembly, interfaces, gait)
    yield "cycle_pressure", faces.pressure_over_cycle, (assembly, interfaces, gait)
    yield "cycle_contact", contact, (gait,)
    if found["fatigue"] is not None and case.course.fatigue is not None:
        judged = bodies(assembly, materials, gait.solutions, case.course.fatigue)
        yield "fatigue", fatigue.use_of_strength, (assembly, judged, found["fatigue"], cycle.name)
        yield "fatigue_s_n", fatigue_lines.s_n, (found["fatigue"], cycle.name)
        yield "fatigue_haigh", fatigue.haigh, (found["fatigue"], cycle.name)
    yield "overload", overloaded, (case, assembly, gait.solutions, found["overload"], cycle.name)


def weight_of(case: Case) -> float:
    """Body weight [N]."""
    return case.patient.mass * constant("loads", "gravity").value


def fullest(path: Path, assembly: Assembly, cycle: Cycle, weight: float) -> tuple[str, str]:
    """The forces of the instant in which a hip is loaded most.

    Args:
        path: PNG file.
        assembly: Meshed bodies.
        cycle: The movement.
        weight: Of the body [N].
    """
    largest = [max(float(np.linalg.norm(f)) for f in forces.hip_forces(phase).values()) for phase in cycle.phases]
    title, caption = forces.forces(path, assembly, cycle.phases[int(np.argmax(largest))], weight)
    return title, f"The instant in which a hip is loaded most. {caption}"


def overloaded(
    path: Path,
    case: Case,
    assembly: Assembly,
    solutions: tuple[LoadCaseSolution, ...],
    found: Mapping[str, Any],
    name: str,
) -> tuple[str, str] | None:
    """Overloaded bone at any of several instants; None where there is none."""
    if not found["regions"]:
        return None
    risk = {}
    for body in found["bodies"]:
        mesh = assembly.bodies[body]
        strength = factor(case.patient.modifiers, "strength", {body: mesh.role}).nominal
        risk[body] = envelope(mesh, [solution.strained(body) for solution in solutions], strength)
    return overload.overloaded(path, assembly, risk, found, name)


def contact(path: Path, gait: Gait) -> tuple[str, str] | None:
    """Area in contact, force across, and distance moved, face by face over the cycle; None where nothing rubs.

    Args:
        path: PNG file.
        gait: What was walked.
    """
    from matplotlib.figure import Figure

    rubbing = {name: motion for name, motion in gait.walked.motion.items() if rubs(motion)}
    if not rubbing:
        return None
    figure = Figure(figsize=(11.5, 3.6 + 0.22 * -(-len(rubbing) // 3)), dpi=110, layout="constrained")
    panels = figure.subplots(1, 3)
    around = [*gait.percent, 100.0]
    for number, (name, motion) in enumerate(rubbing.items()):
        look: dict[str, Any] = {
            "color": SHADES[number % len(SHADES)], "linestyle": DASHES[number // len(SHADES) % len(DASHES)],
            "marker": "o", "markersize": 3, "label": name.replace("_", " "),
        }  # fmt: skip
        for axes, values in zip(panels, over_cycle(motion), strict=True):
            axes.plot(around, [*values, values[0]], **look)
    titles = (
        ("area in contact", "% of the face"),
        ("force pressing the faces together", "N"),
        ("moved since the start of the cycle,\n95 % of the area by less than", "µm"),
    )
    for axes, (title, unit) in zip(panels, titles, strict=True):
        axes.set_title(title, fontsize=9, color=INK)
        axes.set_ylabel(unit, fontsize=8)
        axes.set_xlabel("cycle [%]", fontsize=8)
        axes.set_xlim(0.0, 100.0)
        axes.set_ylim(bottom=0.0)
        axes.tick_params(labelsize=8)
        axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    lines, labels = panels[0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    figure.savefig(path)
    return f"The faces over the cycle, {gait.name}", (
        f"The {len(gait.percent)} instants of the last cycle that was walked, joined by straight lines. Faces that rub; "
        "what is bonded is left out."
    )


def rubs(motion: Motion) -> bool:
    """Whether a face opens, sticks or slips at some instant, instead of being bonded throughout."""
    return bool((motion.status != 3).any())


def over_cycle(motion: Motion) -> tuple[Floats, Floats, Floats]:
    """Of each phase: area in contact [%], normal force [N], and what 95 % of the area has moved at most [um], shape (m,).

    Only points that touch at some instant count as moving.
    """
    area = motion.area
    held = 100.0 * (motion.status > 0) @ area / area.sum()
    force = motion.traction[:, :, 0] @ area
    points = np.flatnonzero(touching(motion))
    away = 1e3 * np.linalg.norm(motion.jump - motion.jump[0], axis=2)[:, points]
    weight = np.ascontiguousarray(area[points], float)
    moved = [
        kernels.weighted_percentile(np.ascontiguousarray(row), weight, 0.95) if len(points) else 0.0 for row in away
    ]
    return np.asarray(held), np.asarray(force), np.asarray(moved)
