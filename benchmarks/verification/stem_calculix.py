"""The stem once more, CalculiX run on the spot: displacements node by node (five to ten minutes, needs ``ccx``)."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import calculix
from benchmarks.verification.facet_points import system_on_facets
from benchmarks.verification.stem import COARSE, SIZE, SLOPE, peaks, problem
from benchmarks.verification.stem_mesh import stem_and_bone
from femsacrum.case.schema import Solver
from femsacrum.mechanics.equilibrium import solve

#: Longest wait for one run of ccx [s].
PATIENCE = 3600.0
SOURCE = "CalculiX, surface to surface, run now"


def compare(size, bodies, friction, deck):
    """Rows of a deck that CalculiX has run."""
    given = problem(bodies, friction)
    theirs, their_slip = calculix.results(deck)
    own = solve(*given, Solver(tolerance=1e-7))
    same_points = solve(*given, Solver(tolerance=1e-7), system=system_on_facets(*given[:3]))
    case = f"stem, {size:g} mm, " + ("bonded" if friction is None else f"mu {friction:g}")
    moved, slip = peaks(own)
    largest = float(np.linalg.norm(theirs, axis=1).max())
    # on a coarse mesh the number of constraint points shows: see benchmarks/verification/stem.py
    tight, judged = (1e-3, True) if friction is None else (0.02, size == SIZE)
    result = [Row(case, "largest displacement [mm]", moved, largest, tight, SOURCE, judged)]
    if friction is not None:
        their_peak = float(np.linalg.norm(their_slip, axis=1).max())
        result.append(Row(case, "peak slip [mm]", slip, their_peak, 0.05, SOURCE, judged))
    name = "RMS difference over all nodes"
    result.append(Row(case, name, _difference(own, theirs), 0.0, np.nan, SOURCE, judged=False))
    return [*result, Row(case + ", its points", name, _difference(same_points, theirs), 0.0, 1e-3, SOURCE)]


def rows():
    for size in (COARSE, SIZE):
        bodies = stem_and_bone(size)
        for friction in (None, 0.4):
            with tempfile.TemporaryDirectory() as folder:
                deck = Path(folder) / "stem.inp"
                calculix.write(deck, bodies, problem(bodies, friction)[3], friction, SLOPE)
                start = time.perf_counter()
                try:
                    calculix.run(deck, PATIENCE)
                except RuntimeError as error:
                    sys.exit(str(error))
                seconds = time.perf_counter() - start
                result = compare(size, bodies, friction, deck)
            yield from result
            yield Row(result[0].case, "seconds of ccx", seconds, np.nan, np.nan, "", judged=False)


def _difference(solution, displacement):
    """Root mean square over all nodes, relative to that of the displacement."""
    # the deck numbers the nodes body by body
    own = np.vstack(list(solution.displacements.values()))
    return float(np.linalg.norm(own - displacement) / np.linalg.norm(displacement))
