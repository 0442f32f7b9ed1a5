"""How stiffly the spine stands on the pelvis on the bench, against the same patient's untouched pelvis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import NumericalError
from femsacrum.findings.bench import cups, motion, plate, whole
from femsacrum.findings.quantities import quantity
from femsacrum.loads.junction import COMPRESSION, DIRECTIONS
from femsacrum.loads.patches import landmark
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant, table

#: Points of a linear interface have this status.
BONDED = 3


def junction(
    assembly: Assembly,
    solutions: Sequence[LoadCaseSolution],
    intact_assembly: Assembly,
    intact_solutions: Sequence[LoadCaseSolution],
) -> dict[str, Any]:
    """Stiffness in compression, flexion, lateral bending and torsion, operated, untouched, and as a percentage.

    Read twice: at L4's upper endplate, which the machine holds (with the disc L4-L5 in it), and at L5's body, the junction
    alone. Motion is relative to the acetabula.

    Args:
        assembly: Of the operated pelvis.
        solutions: Of ``loads.junction.junction_loads(assembly)``, in that order.
        intact_assembly: Of the same patient's untouched pelvis.
        intact_solutions: Of ``junction_loads(intact_assembly)``.

    Returns:
        "loads": word ("compression", ...) -> "at L4" and "at L5", each with "stiffness", "intact" and "of_intact"; "model"
        and "model_intact": whether linear, in words; "measured": what a laboratory found, with sources.

    Raises:
        NumericalError: Solutions of other load cases.
    """
    now, before = stiffnesses(assembly, solutions), stiffnesses(intact_assembly, intact_solutions)
    rows: dict[str, Any] = {}
    for word, places in now.items():
        rows[word] = {}
        for where, (value, unit) in places.items():
            was = before[word][where][0] if where in before[word] else None
            share = 100.0 * value / was if value is not None and was is not None else None
            rows[word][where] = {
                "stiffness": quantity(value, unit),
                "intact": quantity(was, unit),
                "of_intact": quantity(share, "%"),
            }
    measured = {key: dict(table("junction")[key]) for key in table("junction") if key not in ("force", "moment")}
    return {
        "loads": rows,
        "model": linearity(solutions),
        "model_intact": linearity(intact_solutions),
        "measured": measured,
    }


def stiffnesses(
    assembly: Assembly, solutions: Sequence[LoadCaseSolution]
) -> dict[str, dict[str, tuple[float | None, str]]]:
    """Load over motion for each of the four loads: word -> "at L4", "at L5" -> value and unit (N/mm or N m/deg)."""
    if [each.name for each in solutions] != list(DIRECTIONS):
        names = ", ".join(each.name for each in solutions)
        raise NumericalError(f"junction: solutions of {', '.join(DIRECTIONS)} are needed, there are {names}")
    force, moment = constant("junction", "force").value, constant("junction", "moment").value
    found: dict[str, dict[str, tuple[float | None, str]]] = {}
    for solution in solutions:
        direction = np.asarray(DIRECTIONS[solution.name])
        pushed = solution.name == COMPRESSION
        row: dict[str, tuple[float | None, str]] = {}
        for where, (shift, turn) in _motions(assembly, solution).items():
            moved = float(shift @ direction) if pushed else float(np.degrees(turn @ direction))
            load = force if pushed else moment / 1e3
            row[where] = (load / moved if moved > 0.0 else None, "N/mm" if pushed else "N m/deg")
        found[solution.name.removeprefix("junction ")] = row
    return found


def linearity(solutions: Sequence[LoadCaseSolution]) -> str:
    """Whether the joints were linear in what was solved, in words."""
    loose = {name for each in solutions for name, state in each.interfaces.items() if np.any(state.status != BONDED)}
    slack = {name for each in solutions for name in each.springs}
    if not loose and not slack:
        return "bonded throughout: linear, the same at any load"
    told = [f"faces that rub and open: {', '.join(sorted(loose))}"] if loose else []
    told += [f"{len(slack)} ligaments and facet joints that act one way"] if slack else []
    return f"not linear ({'; '.join(told)}): secant stiffness at the full load"


def _motions(assembly: Assembly, solution: LoadCaseSolution) -> dict[str, tuple[Floats, Floats]]:
    """Displacement [mm] and rotation [rad] of L4's endplate and of L5's body, less what the acetabula's would be there."""
    ground = cups(assembly)
    found = {"at L4": motion(assembly, solution, plate(assembly, "L4"), ground, landmark(assembly, "L4_upper"))}
    if "L5" in assembly.bodies:
        middle = assembly.bodies["L5"].nodes.mean(axis=0)
        found["at L5"] = motion(assembly, solution, whole(assembly, "L5"), ground, middle)
    return {where: (each.shift, each.turn) for where, each in found.items()}
