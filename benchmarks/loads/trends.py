"""How far the faces of the reconstructed pelvis move in a gait, over friction, crutch force and union.

More friction, more force on the crutches and more union ought to let them move less. On an assembly of elastic bodies that
is no theorem: a rise is told, and its figure drawn with ``docs/images/gait_trends.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

import femsacrum as fs
from benchmarks.performance.processes import COARSE
from benchmarks.row import Row
from femsacrum.anatomy.build import build
from femsacrum.course.follow import Model, thinned, uniting
from femsacrum.course.healing.plan import kind_of, options
from femsacrum.course.healing.union import bonded
from femsacrum.course.varied import felt_at
from femsacrum.loads.balance import cycles
from femsacrum.materials.assign import assign
from femsacrum.mechanics.choose import interfaces as choose
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.surgery.operate import operate

STUDY = "studies/wuisman_total_sacrectomy/case.toml"
PHASES = 4
FRICTIONS = (0.5, 0.75, 1.0, 1.25, 1.5)
CRUTCHES, USUAL = ("10 %", "15 %", "20 %", "25 %"), "20 %"
UNIONS = (0.0, 0.25, 0.5, 0.75)
SOURCE = "counted here"


def rows():
    for what, value, motion in trends():
        for face, moved in motion.items():
            quantity = f"{value}: mean motion of {face} [um]"
            yield Row(what, quantity, moved, np.nan, np.nan, SOURCE, judged=False)


def trends() -> Iterator[tuple[str, str, dict[str, float]]]:
    """What was varied, its value, and the mean peak-to-peak motion of each of the grafts' faces in the second cycle [um].

    Not a number where the solve stops.
    """
    case = fs.load(STUDY, overrides=COARSE)
    assembly = mesh(case, operate(case, build(case, case.folder)))
    materials = assign(case, assembly)
    roles = {name: body.role for name, body in assembly.bodies.items() if body.role == "graft"}
    kind = kind_of(case.surgery.graft)
    chosen = options(case.course.healing, (), roles)
    laws, faces = uniting(assembly, choose(case, assembly, materials), kind, chosen)
    model = Model(assembly, materials, laws, case.solver, (), (), case.course.settled, 2)
    counts = {name: _count(model, name) for name in faces}

    @cache
    def motion(force, friction, union):
        walk = thinned(_walk(case, assembly, force), PHASES)
        share = {name: bonded(np.full(count, union)) for name, count in counts.items()}
        felt = felt_at(model, walk, {"friction": friction}, share)
        return {name: 1e3 * float(felt[name].motion.mean()) if felt else np.nan for name in faces}

    for force in CRUTCHES:
        yield "crutches", force, motion(force, 1.0, 0.0)
    for union in UNIONS:
        yield "union", f"{100.0 * union:g} %", motion(USUAL, 1.0, union)
    for factor in FRICTIONS:  # last: another friction is pressed and condensed anew
        yield "friction", f"times {factor:g}", motion(USUAL, factor, 0.0)


def _walk(case, assembly, force):
    """Four-point gait with this force on a crutch."""
    name = case.loads[1].name
    pressed = fs.load(STUDY, overrides=[*COARSE, f'loads[1].crutch_force="{force}"'])
    return next(each for each in cycles(pressed, assembly) if each.name == name)


def _count(model, name):
    """Constraint points of a face."""
    from femsacrum.mechanics.meeting import jump_rows

    joined = next(each for each in model.interfaces if each.contact.name == name)
    return len(jump_rows(model.assembly.bodies, joined).points)
