"""One load case of the coarse demo, iterative and condensed, at several penetrations: what it costs and what it finds.

What is elastic is condensed in the first condensed solve and found again by the others, as in a sweep.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

import femsacrum as fs
from benchmarks.performance.processes import COARSE, STUDY
from benchmarks.row import Row
from femsacrum.findings import micromotion
from femsacrum.mechanics.equilibrium import solve
from femsacrum.pipeline import model
from femsacrum.store import RunFolder

#: Penetrations of each method; the iterative one took more than 15 minutes at 0.0001.
ASKED = {"condensed": (0.01, 0.001, 0.0001), "iterative": (0.01, 0.001)}
SOURCE = "timed here"


def rows():
    case = fs.load(STUDY, overrides=COARSE)
    with tempfile.TemporaryDirectory() as folder, RunFolder(Path(folder), case) as store:
        made = model(store, case)
    standing = next(one for one in made.load_cases if one.name == "standing")
    given = (made.assembly.bodies, made.materials, made.interfaces, standing)
    found = {}
    for method, penetrations in ASKED.items():
        for penetration in penetrations:
            solver = case.solver.model_copy(update={"method": method, "penetration": penetration})
            began = time.perf_counter()
            solution = solve(*given, solver, made.bolts, made.springs)
            name = f"coarse demo standing, {method}, penetration {penetration:g}"
            yield Row(name, "a solve [s]", time.perf_counter() - began, np.nan, np.nan, SOURCE, judged=False)
            found[method, penetration] = motions(made.interfaces, solution)
    exact = found["condensed", min(ASKED["condensed"])]
    for (method, penetration), faces in found.items():
        name = f"coarse demo standing, {method}, penetration {penetration:g}"
        for face, motion in faces.items():
            quantity = f"{face}, 95th percentile of micromotion [um]"
            yield Row(name, quantity, motion, exact[face], np.nan, "condensed, least penetration", judged=False)


def motions(interfaces, solution):
    """Face between bodies that rub -> 95th percentile of its micromotion [um], as findings tell it."""
    told = {
        each.contact.name: micromotion.interface(each, solution.interfaces[each.contact.name])
        for each in interfaces
        if each.contact.kind == "surface"
    }
    return {name: one["micromotion"]["p95"]["value"] for name, one in told.items()}
