"""Three whole assemblies of ours solved by CalculiX: the deck as exported, and faces that share their nodes.

Two sets of twins. As exported: a case's own bodies, which do not match, with cortex, screws in bone without a hole and
supports spread over faces, all of which the deck carries as springs on equations. With shared nodes: the same bodies on one
grid (see ``conforming``), bonded here, one mesh there; this is what tells what the bond itself costs.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.validation.bench import RUNS, Bench
from benchmarks.validation.calculix_assemblies.compare import differences
from benchmarks.validation.calculix_assemblies.conforming import conforming
from femsacrum.case.schema import Solver
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bonded

INPUTS = ()
ANATOMY = "reference_male"
#: Sizes that ccx with SPOOLES solves in minutes; all cells but the discs' (a nucleus hardly changes its volume) linear, so
#: that nodes are few.
SIZES = {"bone": "9 mm", "soft": "4 mm", "implant": "8 mm", "fixation": "4 mm"}
#: Edge of the grid's cubes [mm].
SPACING = 5.0
SOLVER = Solver(tolerance=1e-10)
#: A bond so many times as stiff as that of a case that does not say how stiff: told beside it.
STIFFER = 10.0

BONDED = [{"between": ["*", "*"], "law": "bonded", "source": "one linear system in both programs"}]
RESECTION = {
    "left_ilium": {"landmark": "left_notch", "offset": "2 mm", "normal": [-0.6, 0.8, 0.1]},
    "endplate_trim": "1 mm",
}
TOTAL = {"plan": "total_sacrectomy", "resection": RESECTION}
#: State -> sections of its case, and the roles of its bodies.
STATES = {
    "intact": ({"surgery": {"plan": "intact"}}, ("bone", "disc", "cartilage")),
    "rods": (
        {"surgery": {**TOTAL, "prosthesis": "none"}, "interfaces": BONDED},
        ("bone", "disc", "cartilage", "fixation"),
    ),
    "prosthesis": (
        {"surgery": TOTAL, "interfaces": BONDED},
        ("bone", "disc", "cartilage", "fixation", "implant", "graft"),
    ),
}


def model(state, runs=RUNS):
    """A state of the pelvis, coarsely meshed, and why there is none where there is none."""
    content, roles = STATES[state]
    bench = Bench(ANATOMY, {**SIZES, "order": {**dict.fromkeys(roles, 1), "disc": 2}}, runs)
    return bench.model(f"calculix_{state}", content), bench.refused.get(f"calculix_{state}", "")


def measure(bench, inputs):
    """Agreement [%]: a hundred less the relative root mean square difference, of displacement and of stress."""
    values = {}
    for state in STATES:
        made, why = model(state)
        try:
            if made is None:
                raise RuntimeError(why)
            values |= _compared(state, made)
        except RuntimeError as error:
            bench.refused[state] = str(error)
    return values


def _compared(state, made):
    bodies, own = made.assembly.bodies, made.load_cases[0]
    grid = conforming(made, SPACING)
    stiffer = tuple(replace(each, law=Bonded(STIFFER * each.law.stiffness)) for each in grid[2])
    told = {}
    for name, given, springs in (
        ("exported", (bodies, made.materials, made.interfaces, own), made.springs),
        ("shared", grid, ()),
        ("shared_stiffer", (*grid[:2], stiffer, grid[3]), ()),
    ):
        solution = solve(*given, SOLVER, springs=springs)
        with tempfile.TemporaryDirectory() as folder:
            found = differences(Path(folder), *given, solution, springs, shared_nodes=name != "exported")
        for what in ("displacement", "stress"):
            told[f"{state}_{name}_{what}"] = 100.0 * (1.0 - found[what])
        told[f"{state}_{name}_nodes"] = found["nodes"]
    return told
