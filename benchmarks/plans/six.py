"""Six anatomies times four plans: drawn, meshed, checked, standing; one picture of all.

Every run is kept under ``runs/plans``; a second call goes on where the first one stopped.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from benchmarks import goal
from benchmarks.plans import cases, sheet
from benchmarks.row import Row
from femsacrum.errors import FemsacrumError
from femsacrum.pipeline import carry_out
from femsacrum.progress import Silent

RUNS = Path("runs/plans")
#: Least gamma; how far from its plane a node of a cut face may be [mm]; seconds for the mesh of a total sacrectomy.
GAMMA, FLAT, SECONDS = 0.05, 0.05, 60.0
#: Deflection of rods and screws over the beam formula's.
BENDING = 0.05
ASKED = "of every plan on every anatomy"

#: Plans whose mesh has a time to keep.
TOTAL = ("custom_prosthesis", "four_rod")
#: What a run must be to count as standing.
STANDING = ("solution converged", "loads and reactions balance", "no body is loose", "the spine stays")

_record = {}


class Clock(Silent):
    """Keeps the seconds of every stage that was computed."""

    def __init__(self):
        self.seconds = {}

    def finished(self, name, seconds, cached):
        if not cached:
            self.seconds[name] = seconds


def record():
    """Per run: sizes, shape of the worst element, how it stands."""
    return _record


def rows(names=None, plans=None, mesh=cases.MESH, runs=RUNS, picture=True):
    names, plans = names or cases.names(), plans or tuple(cases.PLANS)
    drawn = {}
    for name in names:
        for plan in plans:
            start = time.perf_counter()
            clock = Clock()
            try:
                run = carry_out(cases.case(name, plan, mesh), runs / f"{name}_{plan}", progress=clock)
            except FemsacrumError as error:
                _record[f"{name} {plan}"] = {"refused": str(error)}
                print(f"{name} {plan}: {error}")
                yield goal.at_least(f"{name} {plan}", "stands", 0.0, 1.0, ASKED)
                continue
            drawn[name, plan] = run.assembly
            yield from judged(f"{name} {plan}", run, time.perf_counter() - start)
            if plan in TOTAL and "mesh" in clock.seconds:
                yield goal.at_most(
                    f"{name} {plan}", "mesh [s]", clock.seconds["mesh"], SECONDS, "of a total sacrectomy"
                )
    if picture:
        sheet.draw(drawn, names, plans, runs / "sheet.png")


def judged(name, run, seconds):
    """Rows of one run."""
    found, bodies = run.findings, run.findings["mesh"]["bodies"]
    standing = found["load_cases"]["standing"]
    checks = {check["check"]: check["holds"] for check in standing["validity"]}
    gamma = min(row["gamma_min"]["value"] for row in bodies.values())
    moved = standing["deformation"]
    members = found["beams"]["members"].items()
    # a note says that a member is no beam; a ratio that could not be had counts as out
    bent = {each: row["ratio"]["value"] or np.inf for each, row in members if not row["note"]}
    worst = max(bent.values(), key=lambda ratio: abs(ratio - 1.0), default=1.0)
    _record[name] = {
        "seconds": seconds,
        "tetrahedra": found["mesh"]["tetrahedra"],
        "gamma": gamma,
        "flat": flatness(run.assembly),
        "L5 drop [mm]": moved["L5_drop"]["value"],
        "stiffness [N/mm]": moved["construct_stiffness"]["value"],
        "bending": bent,
        "measures": dict(run.assembly.construct.measures),
        "stress [MPa]": {each: row["von_mises_p999"]["value"] for each, row in standing["implants"].items()},
        "validity": checks,
    }
    yield Row(name, "tetrahedra", found["mesh"]["tetrahedra"], np.nan, np.nan, "", judged=False)
    yield Row(name, "drop of L5 [mm]", moved["L5_drop"]["value"], np.nan, np.nan, "", judged=False)
    yield goal.at_least(name, "least gamma", gamma, GAMMA, ASKED)
    yield goal.at_most(name, "cut faces off their planes [mm]", flatness(run.assembly), FLAT, ASKED)
    yield goal.at_least(name, "stands", float(sound(checks)), 1.0, ASKED)
    if bent:
        yield goal.at_most(name, "worst bending of rods and screws", abs(worst - 1.0), BENDING, ASKED)


def sound(checks):
    """Whether the solve converged, loads and reactions balance, nothing is loose and the spine stays."""
    return all(any(check.startswith(one) and holds for check, holds in checks.items()) for one in STANDING)


def flatness(assembly):
    """How far the farthest node of a saw's cut lies from its plane [mm]."""
    off = [0.0]
    for name, plane in assembly.construct.planes.items():
        body = assembly.bodies[name]
        if "cut" in body.face_names:
            nodes = body.nodes[np.unique(body.facets_of("cut"))]
            off.append(float(np.abs((nodes - plane.origin) @ plane.normal).max()))
    return max(off)
