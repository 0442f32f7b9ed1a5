"""Linear iterations on the reconstructed pelvis, with its discs at 1 and 4 MPa beside titanium, over those on the stem.

The study's own bodies on coarse meshes. Bonded means every interface is, with the slopes such a case gets: one linear
solve. With friction the number is that of linear iterations for each step of Newton's method.
"""

from __future__ import annotations

import numpy as np

import femsacrum as fs
from benchmarks import goal
from benchmarks.performance.processes import COARSE, STUDY
from benchmarks.row import Row
from benchmarks.verification.filleted_stem import exact
from benchmarks.verification.stem import SIZE, problem
from benchmarks.verification.stem_mesh import stem_and_bone
from femsacrum.anatomy.build import build
from femsacrum.case.schema import InterfaceRule, Solver
from femsacrum.loads.balance import load_cases
from femsacrum.materials.assign import assign
from femsacrum.mechanics.choose import interfaces as choose
from femsacrum.mechanics.equilibrium import solve
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.surgery.operate import operate

DISCS = (1.0, 4.0)
SOLVER = Solver(tolerance=1e-6)
SOURCE = "counted here"


def rows():
    stem = {}
    bodies = stem_and_bone(SIZE)
    for name, friction in (("bonded", None), ("friction", 0.4)):
        stem[name] = iterations(problem(bodies, None) if friction is None else exact(problem(bodies, friction)))
        yield Row(f"stem, {name}", "linear iterations a step", stem[name], np.nan, np.nan, SOURCE, judged=False)
    case = fs.load(STUDY, overrides=COARSE)
    assembly = mesh(case, operate(case, build(case, case.folder)))
    loads = load_cases(case, assembly)
    for modulus in DISCS:
        softened = fs.load(STUDY, overrides=[*COARSE, f"materials.bodies.disc={disc(modulus)}"])
        materials = assign(softened, assembly)
        glued = softened.model_copy(update={"interfaces": (InterfaceRule(between=("*", "*"), law="bonded"),)})
        for name, ruled in (("bonded", glued), ("friction", softened)):
            laws = choose(ruled, assembly, materials)
            found = iterations((assembly.bodies, materials, laws, loads[0]))
            title = f"reconstructed pelvis, standing, discs {modulus:g} MPa, {name}"
            yield Row(title, "linear iterations a step", found, np.nan, np.nan, SOURCE, judged=False)
            yield goal.at_most(title, "over those of the stem", found / stem[name], 2.0, SOURCE)


def disc(modulus):
    """A disc's material as a case says it."""
    return f'{{youngs_modulus="{modulus:g} MPa", poisson_ratio=0.45, source="benchmark"}}'


def iterations(given):
    """Linear iterations for each step of Newton's method."""
    increments = solve(*given, SOLVER).increments
    return sum(each.linear_iterations for each in increments) / sum(each.newton_iterations for each in increments)
