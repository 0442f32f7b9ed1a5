"""One solve of the stem in a process of its own: time, memory, iterations, slips as a line of JSON.

``python -m benchmarks.performance.alone '{"mesh": FILE, "kind": "friction"}'``; with ``mpiexec -n 2`` before it and
``-m mpi4py`` between, on two processes. ``{"make": 1.18, "mesh": FILE}`` only makes the mesh.
"""

from __future__ import annotations

import json
import pickle
import resource
import sys
import time
from pathlib import Path

#: Coefficient of friction, and slope of the bond, of CalculiX's contact and of its stick [MPa/mm].
FRICTION, SLOPE = 0.4, 5e4
#: Young's modulus [MPa] and Poisson's ratio.
MATERIALS = {"bone": (1000.0, 0.3), "stem": (110000.0, 0.3)}
#: Foundation that stands for a fixed bottom: moves 1e-7 mm under 0.3 MPa [N/mm3].
FIXED = 1e6
#: Of the residual, relative to the load.
TOLERANCE = 1e-6
#: Sideways force of the load history after the first push [N]: off, to the other side, off, back.
HISTORY = (0.0, -300.0, 0.0, 300.0)
PUSH, DOWN = 300.0, 1000.0
#: Where the time goes: phase -> functions (file, name) whose time it is, calls within each other counted once.
PHASES = {
    "elasticity": (("system.py", "body_stiffness"),),
    "jump operator": (("meeting.py", "jump_rows"),),
    "pattern and matrices": (("system.py", "__init__"), ("system.py", "matrix"), ("krylov.py", "__init__")),
    "set-up of the preconditioner": (("krylov.py", "set_preconditioner"),),
    "Krylov": (("krylov.py", "solve"),),
    "tangent": (("krylov.py", "set_tangent"),),
    "laws": (("points.py", "evaluate"),),
    "results": (("results.py", "collect"),),
}
#: Phases that contain others.
CONTAINS = {"pattern and matrices": ("elasticity", "jump operator")}


def main(words):
    began = time.perf_counter()
    asked = json.loads(words[1])
    path = Path(asked["mesh"])
    if "make" in asked:
        from benchmarks.verification.stem_mesh import stem_and_bone

        path.write_bytes(pickle.dumps(stem_and_bone(asked["make"], fillet=2.0)))
        return
    from mpi4py import MPI

    import femsacrum.mechanics.equilibrium  # noqa: F401  (what takes time to import is imported before the clock starts)
    from petsc4py import PETSc  # isort: skip  (its libraries are found once femsacrum.mechanics has been imported)

    bodies = pickle.loads(path.read_bytes())
    given = problem(bodies, asked["kind"])
    loaded = time.perf_counter() - began
    world = MPI.COMM_WORLD
    base = _memory("VmRSS")
    world.Barrier()
    wall, processor = time.perf_counter(), _processor()
    found, phases = _solved(given, asked, PETSc.COMM_WORLD if world.size > 1 else None)
    world.Barrier()
    found |= {
        "processes": world.size,
        "nodes": sum(len(body.nodes) for body in bodies.values()),
        "seconds": time.perf_counter() - wall,
        "processor seconds": world.allreduce(_processor() - processor),
        "import seconds": loaded,
        "imports MB": world.allreduce(base),
        "peak MB": world.allreduce(_memory("VmHWM")),
        "phases": phases,
    }
    if world.rank == 0:
        print(json.dumps(found))


def problem(bodies, kind, sideways=PUSH):
    """Bodies, materials, interfaces and load case of a "bonded" or a "friction" stem."""
    import numpy as np

    from benchmarks.verification.meshes import material
    from femsacrum.loads.loadcase import Applied, LoadCase, Support
    from femsacrum.mechanics.interfaces import Bonded, Frictional, Interface
    from femsacrum.surgery.construct import Contact

    materials = {name: material(bodies[name], *constants) for name, constants in MATERIALS.items()}
    law = Bonded(SLOPE) if kind == "bonded" else Frictional(FRICTION)
    interfaces = (Interface(Contact("stem/bone", ("stem", "interface"), ("bone", "hole")), law),)
    force, point = np.array([sideways, 0.0, -DOWN]), np.array([30.0, 30.0, 60.0])
    load = Applied("load", "stem", bodies["stem"].facets_of("z1"), force, np.zeros(3), point, "benchmark")
    ground = Support("bottom", "bone", bodies["bone"].facets_of("z0"), "fixed", np.eye(3), FIXED)
    return bodies, materials, interfaces, LoadCase(f"push {sideways:g} N", (load,), (ground,), {}, 0.0)


def _solved(given, asked, comm):
    """What was found, and the processor seconds of each phase where these were asked for."""
    import cProfile
    import dataclasses

    import numpy as np

    from femsacrum.case.schema import Solver
    from femsacrum.mechanics.equilibrium import history

    *construct, first = given
    cases = [first]
    if asked.get("history"):
        load = first.applied[0]
        for sideways in HISTORY:
            again = dataclasses.replace(load, force=np.array([sideways, 0.0, -DOWN]))
            cases.append(dataclasses.replace(first, name=f"push {sideways:g} N", applied=(again,)))
    profile = cProfile.Profile(time.process_time) if asked.get("profile") else None
    if profile:
        profile.enable()
    start, taken, solutions = time.perf_counter(), [], []
    for solution in history(*construct, cases, Solver(tolerance=TOLERANCE), comm=comm):
        taken.append(time.perf_counter() - start)
        solutions.append(solution)
    if profile:
        profile.disable()
    state = solutions[0].interfaces["stem/bone"]
    moved = max(float(np.linalg.norm(each, axis=1).max()) for each in solutions[0].displacements.values())
    table = [row for solution in solutions for row in solution.increments]
    return {
        "displacement": moved,
        "peak slip": float(np.linalg.norm(state.slip, axis=1).max()),
        "penetration": float(max(0.0, -state.gap.min())),
        "elastic slip": float(np.linalg.norm(state.elastic_slip, axis=1).max()),
        "steps": sum(row.newton_iterations for row in table),
        "linear iterations": sum(row.linear_iterations for row in table),
        "case seconds": np.diff([0.0, *taken]).tolist(),
    }, _phases(profile) if profile else {}


def _phases(profile):
    """Processor seconds of each phase, and of the rest."""
    import pstats

    stats = pstats.Stats(profile)
    known = {}
    for (file, _, name), (_, _, _, cumulative, _) in stats.stats.items():
        if Path(file).parent.name == "mechanics":
            # constructors of one file may call each other: the outermost has it all
            known[Path(file).name, name] = max(cumulative, known.get((Path(file).name, name), 0.0))
    seconds = {}
    for phase, functions in PHASES.items():
        called = [known[each] for each in functions if each in known]
        if not called and phase != "laws":  # no laws are asked where all is bonded
            raise RuntimeError(f"profile: nothing of {phase!r} was called; known: {functions}")
        seconds[phase] = sum(called)
    for phase, inner in CONTAINS.items():
        seconds[phase] -= sum(seconds[each] for each in inner)
    return seconds | {"rest": stats.total_tt - sum(seconds.values())}


def _memory(key):
    """VmRSS or VmHWM of this process [MB]."""
    line = next(
        line for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines() if line.startswith(key)
    )
    return int(line.split()[1]) / 1024.0


def _processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(sys.argv)
