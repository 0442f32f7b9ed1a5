"""Each anatomy from its files to a checked mesh with materials: time, tetrahedra, shape of the worst, how true."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from benchmarks import goal
from benchmarks.anatomies import patients, sheet
from benchmarks.row import Row
from femsacrum.anatomy.build import build
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.surfaces import mean_surface_distance
from femsacrum.fingerprint import of_value
from femsacrum.materials.assign import assign
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.surgery.operate import operate

#: Element size in bone [mm].
BONE = 3.0
#: What a mesh must reach: seconds from files to materials, least gamma, share of cells below 0.1 [%].
SECONDS, GAMMA, POOR = 60.0, 0.05, 0.1
ASKED = "of every anatomy"

_record = {}


def record():
    """Per anatomy: seconds of every step, and a row for each body."""
    return _record


def carried(case):
    """Anatomy, mesh and materials of a case, and the seconds each took."""
    clock = [time.perf_counter()]
    anatomy = build(case.only("anatomy"), case.folder, case.data)
    clock.append(time.perf_counter())
    assembly = mesh(case.only("mesh"), operate(case.only("surgery"), anatomy))
    clock.append(time.perf_counter())
    materials = assign(case.only("materials", "patient"), assembly, case.folder, case.data)
    clock.append(time.perf_counter())
    return anatomy, assembly, materials, dict(zip(("anatomy", "mesh", "materials"), np.diff(clock), strict=True))


def rows(size=BONE, names=None, seconds=SECONDS, pictures=Path("runs/anatomies/sheet.png")):
    drawn = {}
    for name in names or patients.names():
        anatomy, assembly, materials, took = carried(patients.case(name, size))
        yield from judged(name, anatomy, assembly, took, seconds)
        drawn[name] = assembly, materials
    sheet.draw(drawn, pictures)


def judged(name, anatomy, assembly, took, seconds):
    """Rows of one anatomy."""
    bodies = {body: _body(body, assembly) for body in assembly.bodies}
    worst = min(row["gamma_min"] for row in bodies.values())
    cells = sum(row["cells"] for row in bodies.values())
    poor = sum(row["share_below_0.1 [%]"] * row["cells"] for row in bodies.values()) / cells
    _record[name] = {
        "seconds": took,
        "bodies": bodies,
        "origin": dict(anatomy.origin),
        "fidelity": {part: dict(row) for part, row in anatomy.fidelity.items()},
        "mesh": of_value(dict(assembly.bodies)),
    }
    yield Row(name, "tetrahedra", cells, np.nan, np.nan, "", judged=False)
    yield goal.at_most(name, "files to materials [s]", sum(took.values()), seconds, ASKED)
    yield goal.at_least(name, "least gamma", worst, GAMMA, ASKED)
    yield goal.at_most(name, "cells of gamma below 0.1 [%]", poor, POOR, ASKED)
    for quantity in ("volume_error [%]", "surface deviation [mm]"):
        largest = max(bodies, key=lambda body: abs(bodies[body][quantity]))
        yield Row(name, f"{quantity}, {largest}", bodies[largest][quantity], np.nan, np.nan, "", judged=False)


def _body(name, assembly):
    """A body's row of the quality table, and how far its mesh is from the surface it was made of."""
    body, made_of = assembly.bodies[name], assembly.construct.surfaces[name]
    skin = Surface(body.nodes, body.facets[:, :3])
    return {**assembly.quality[name], "surface deviation [mm]": mean_surface_distance(skin, made_of)}
