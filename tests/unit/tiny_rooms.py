"""Rooms that do next to nothing, in place of the real ones: the command and the pipeline without meshing or solving.

Run as a script it is the command ``femsacrum`` with these rooms. The environment says what goes wrong:
``TINY_FAIL=<stage>:<input|numerics|defect|files|wait>``.
"""

import os
import sys
import time
from dataclasses import dataclass
from types import ModuleType

import numpy as np

if __name__ == "__main__":
    sys.modules["dolfinx_solver"] = ModuleType(
        "dolfinx_solver"
    )  # MPI takes a second to load and nothing here uses it

from femsacrum.anatomy.model import Anatomy
from femsacrum.errors import InputError, NumericalError
from femsacrum.mechanics.interfaces import Increment, LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Construct

#: Another process would not see these stand-ins.
os.environ.setdefault("FEMSACRUM_PROCESSES", "1")

CALLS: list[str] = []


def happens(stage: str) -> None:
    """Note that a stage runs, and let it fail where the environment says so."""
    CALLS.append(stage)
    where, _, what = os.environ.get("TINY_FAIL", "").partition(":")
    if where != stage:
        return
    if what == "input":
        raise InputError("surgery.resection.left_ilium", "misses the bone")
    if what == "numerics":
        raise NumericalError('solve: "standing" stopped at 62 % of load after 6 cuts')
    if what == "files":
        raise PermissionError(13, "Permission denied", "/somewhere")
    if what == "wait":
        print("WAITING", file=sys.stderr, flush=True)
        time.sleep(60.0)
    if what == "defect":
        raise ZeroDivisionError("division by zero\nsecond line")


def build(case, folder, data):
    happens("anatomy")
    return Anatomy({}, {"left_notch": np.zeros(3)}, {}, 25.0, case.anatomy.cortical_thickness, {}, {})


def operate(case, anatomy, folder, data):
    happens("surgery")
    return Construct(anatomy, {}, {}, (), (), (), {"plan": float(len(case.surgery.plan))}, {})


def mesh(case, construct, kept):
    happens("mesh")
    return Assembly(construct, {}, {"L5": {"cells": case.mesh.bone}})


def assign(case, assembly, folder, data):
    happens("materials")
    return {}


def load_cases(case, assembly):
    from femsacrum.loads.loadcase import LoadCase

    happens("loads")
    return tuple(LoadCase(load.name, (), (), {}, load.upper_body) for load in case.loads)


def cycles(case, assembly):
    return ()


def interfaces(case, assembly, materials, folder, data):
    happens("interfaces")
    return ()


def preload(case, assembly, interfaces):
    happens("preload")
    return (), (), ()


def solve(bodies, materials, interfaces, load_case, solver, bolts, springs, checkpoint, progress):
    happens(f"solve {load_case.name}")
    progress.newton(Increment(load_case.name, 1, 1.0, 0, 3, 60, 7e-3, 110, 0.35), 4.2)
    row = Increment(load_case.name, 1, 1.0, 0, 5, 80, 1e-9, 120, 0.25)
    progress.increment(row)
    return LoadCaseSolution(load_case.name, {}, {}, {}, {}, 0.0, 0.0, (row,), True)


def measure(case, assembly, materials, interfaces, load_cases, solutions, lost, springs):
    happens("findings")
    return {"schema_version": 1, "case": case.name, "load_cases": {one.name: {} for one in solutions}}


@dataclass(frozen=True)
class Aftermath:
    findings: dict
    gaits: tuple = ()


def aftermath(store, case, made):
    happens("aftermath")
    return Aftermath({"movements": {}, "healing": None})


def write_fields(*given):
    happens("fields")


def write_envelopes(*given):
    happens("fields of movements")


def write(
    *, folder, case, assembly, materials, interfaces, load_cases, solutions, findings, cycles, after, untouched
):
    happens("summary")
    (folder / "summary.html").write_text("<html></html>")
    return folder / "summary.html"


ROOMS = {
    "anatomy.build": ("build",),
    "surgery.operate": ("operate",),
    "meshing.tetrahedra": ("mesh",),
    "materials.assign": ("assign",),
    "loads.balance": ("load_cases", "cycles"),
    "mechanics.choose": ("interfaces",),
    "mechanics.preload": ("preload",),
    "mechanics.equilibrium": ("solve",),
    "findings.measure": ("measure",),
    "findings.fields": ("write_fields",),
    "course.envelope": ("write_envelopes",),
    "aftermath": ("aftermath", "Aftermath"),
    "report.summary": ("write",),
}


def modules() -> dict[str, ModuleType]:
    """Stand-ins by the name of the module they stand for."""
    made = {}
    for name, functions in ROOMS.items():
        module = made[f"femsacrum.{name}"] = ModuleType(f"femsacrum.{name}")
        for function in functions:
            globals()[function].__module__ = module.__name__  # the stage's code is the code of that room
            setattr(module, function, globals()[function])
    return made


if __name__ == "__main__":
    sys.modules.update(modules())
    from femsacrum.cli import main

    main()
