"""A point of a sweep that is solved in many increments: a block pushed over a plane, friction all the way.

Only the model and what is measured stand in for the rooms; run folder, solver and record are the real ones. RUBBING_STOP
says after how many increments the scheduler wants its task to end.
"""

import os
import signal

import numpy as np

from benchmarks.verification import meshes
from femsacrum import pipeline
from femsacrum.anatomy.model import Anatomy
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.checkpoint import Checkpoint
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Construct, Contact
from femsacrum.sweep import outcomes
from femsacrum.sweep.evaluate import evaluate

STOP = int(os.environ.get("RUBBING_STOP", "0"))
NORMAL, SPRING, PENALTY, MIDDLE = 500.0, 1000.0, 1e5, np.array([10.0, 5.0, 0.0])


def rubbed(task, point, values, attempts):
    """As ``evaluate``."""
    pipeline.model, pipeline.measure, outcomes.rows = _model, _measure, _rows
    keep, kept = Checkpoint.write, []

    def write(self, state):
        keep(self, state)
        kept.append(state.reached)
        if len(kept) == STOP:
            os.kill(os.getppid(), signal.SIGUSR1)
            signal.pause()

    Checkpoint.write = write
    return evaluate(task, point, values, attempts)


def _model(store, case):
    plane = meshes.box("plane", (-10, -10, -5), (30, 20, 0), (8, 6, 2))
    block = meshes.box("block", (0, 0, 0), (20, 10, 6), (7, 5, 2))
    bodies, top = {"plane": plane, "block": block}, block.facets_of("z1")
    materials = {name: meshes.material(mesh, 2e3, 0.3) for name, mesh in bodies.items()}
    friction = case.interfaces[3].friction
    contact = Contact("block/plane", ("block", "z0"), ("plane", "z1"))
    interface = Interface(contact, Frictional(friction, PENALTY, PENALTY))
    supports = (
        Support("ground", "plane", plane.facets_of("z0"), "fixed", np.eye(3), 1e5),
        Support("spring", "block", top, "mean", np.eye(3)[:1], SPRING, MIDDLE),
    )
    force = np.array([2.0 * friction * NORMAL, 0.0, -NORMAL])
    load = Applied("push", "block", top, force, np.zeros(3), MIDDLE, "test")
    construct = Construct(Anatomy({}, {}, {}, 25.0, 1.4, {}, {}), {}, {}, (), (), (), {}, {})
    cases = (LoadCase("push", (load,), supports, {}, 0.0),)
    return pipeline.Model(Assembly(construct, bodies, {}), materials, cases, (), (interface,), (), (), ())


def _measure(case, assembly, materials, interfaces, load_cases, solutions, lost, springs):
    state, (end,) = solutions[0].interfaces["block/plane"], solutions
    numbers = {
        "slide": -float(end.reactions["spring"][0]) / SPRING,
        "highest": float(end.displacements["block"][:, 2].max()),
        "pressure": float(state.pressure.max()),
        "friction": float(state.area @ state.shear[:, 0]),
    }
    return {"load_cases": {"push": {}}, "numbers": numbers}


def _rows(findings):
    return [
        {"load_case": "push", "key": key, "words": key, "unit": "", "value": value}
        for key, value in findings["numbers"].items()
    ]
