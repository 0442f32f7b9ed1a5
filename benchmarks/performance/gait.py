"""A gait of twelve phases over a bonded solve of the same construct, and over the same gait walked with the whole.

Condensing the elastic part onto the contact points costs some solves once; then a phase costs a few dense ones.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

import femsacrum as fs
from benchmarks import goal
from benchmarks.performance.processes import COARSE
from benchmarks.row import Row
from femsacrum.anatomy.build import build
from femsacrum.case.schema import InterfaceRule
from femsacrum.loads.balance import cycles
from femsacrum.materials.assign import assign
from femsacrum.mechanics.choose import interfaces as choose
from femsacrum.mechanics.equilibrium import history
from femsacrum.mechanics.repeated import Repeated
from femsacrum.mechanics.system import System
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.surgery.operate import operate

STUDY = "studies/wuisman_total_sacrectomy/case.toml"
PHASES, CYCLES = 12, 3
MOST = 24.0
SOURCE = "timed here"


def rows():
    case = fs.load(STUDY, overrides=[*COARSE, f"loads[1].phases={PHASES}"])
    assembly = mesh(case, operate(case, build(case, case.folder)))
    walk = cycles(case, assembly)[0]
    materials = assign(case, assembly)
    laws = choose(case, assembly, materials)
    glued = case.model_copy(update={"interfaces": (InterfaceRule(between=("*", "*"), law="bonded"),)})
    bonded = bonded_solve(assembly, materials, choose(glued, assembly, materials), walk, case.solver)
    began = time.perf_counter()
    repeated = Repeated(assembly.bodies, materials, laws, walk.phases, case.solver)
    condensing = time.perf_counter() - began
    name = f"gait, {PHASES} phases"
    yield Row(name, "nodes", float(len(repeated.system.nodes)), np.nan, np.nan, SOURCE, judged=False)
    yield Row(name, "contact points", float(len(repeated.system.contact.area)), np.nan, np.nan, SOURCE, judged=False)
    yield Row(
        name, "assembly and condensing, bonded solves", condensing / bonded, np.nan, np.nan, SOURCE, judged=False
    )
    for number in range(1, CYCLES + 1):
        began = time.perf_counter()
        repeated.cycle()
        cost = (time.perf_counter() - began) / bonded
        steps = float(repeated.newton_steps())
        yield Row(name, f"cycle {number}, steps of Newton's method", steps, np.nan, np.nan, SOURCE, judged=False)
        yield goal.at_most(name, f"cycle {number}, bonded solves", cost, MOST, SOURCE)
    repeated.close()
    # the whole, in the same run: its first half of a cycle, which is enough to tell
    half = walk.phases[: PHASES // 2]
    began = time.perf_counter()
    for _ in history(assembly.bodies, materials, laws, half, case.solver):
        pass
    cost = 2.0 * (time.perf_counter() - began) / bonded
    yield Row(name, "first cycle with the whole, bonded solves", cost, np.nan, np.nan, SOURCE, judged=False)


def bonded_solve(assembly, materials, laws, walk, solver):
    """Seconds for one load case with every interface bonded, assembled beforehand; the second of two."""
    system = System(assembly.bodies, materials, laws)
    for phase in walk.phases[:2]:
        began = time.perf_counter()
        next(history(assembly.bodies, materials, laws, [replace(phase)], solver, system=system))
        seconds = time.perf_counter() - began
    return seconds
