"""The filleted stem once more, CalculiX run on the spot, both its ways of contact (half an hour, needs ``ccx``).

Slip is taken from the displacements of the nodes, at our constraint points, so that both codes are summed up alike.

Debian's CalculiX 2.20 (SPOOLES, one thread) took, surface to surface, 7, 45 and 251 CPU seconds at 2.35, 1.66 and 1.17 mm,
with 82, 257 and 834 MB; mortar 8, 41 and 251 CPU seconds with 167, 627 and 1778 MB. What it found: ``filleted_stem``.
With 75,784 nodes (0.72 mm), surface to surface, it was stopped after 30 minutes, at 5.3 GB, on a machine it shared.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.row import Row
from benchmarks.verification import calculix
from benchmarks.verification.facet_points import system_on_facets
from benchmarks.verification.filleted_stem import (
    FRICTION,
    MEASURES,
    bodies,
    exact,
    extrapolated,
    slip_at,
    summed_up,
)
from benchmarks.verification.stem import SLOPE, problem
from femsacrum.case.schema import Solver
from femsacrum.mechanics.equilibrium import solve

#: Sizes on the interface [mm] of the meshes that CalculiX finishes: about 3.4k, 8k and 20k nodes.
SIZES = (2.35, 1.66, 1.17)
#: Longest wait for one run of ccx [s]; one that is stopped counts as that long.
PATIENCE = 1800.0
WAYS = ("SURFACE TO SURFACE", "MORTAR")


def theirs(given, way):
    """Displacement of each body as CalculiX finds it, None when it does not finish; and its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        deck = Path(folder) / "stem.inp"
        calculix.write(deck, given[0], given[3], FRICTION, SLOPE, way)
        start = time.perf_counter()
        try:
            calculix.run(deck, PATIENCE)
        except RuntimeError as error:
            if "not installed" in str(error):
                sys.exit(str(error))
            print(f"  {error}", flush=True)
            return None, PATIENCE
        seconds = time.perf_counter() - start
        # the deck numbers the nodes body by body
        moved, _ = calculix.results(deck)
    ends = np.cumsum([len(body.nodes) for body in given[0].values()])
    return dict(zip(given[0], np.split(moved, ends[:-1]), strict=True)), seconds


def rows():
    found = {"ours": {}, **{way: {} for way in WAYS}}
    for size in SIZES:
        given = problem(bodies(size), FRICTION)
        state = solve(*exact(given), Solver(tolerance=1e-7)).interfaces["stem/bone"]
        found["ours"][size] = summed_up(state.slip, state.area)
        same_points = solve(*given, Solver(tolerance=1e-7), system=system_on_facets(*given[:3])).displacements
        ours = {WAYS[0]: summed_up(slip_at(state, given, same_points), state.area), WAYS[1]: found["ours"][size]}
        for way in WAYS:
            moved, seconds = theirs(given, way)
            case = f"filleted stem, {size:g} mm, {way.lower()}"
            yield Row(case, "seconds of ccx", seconds, np.nan, np.nan, "", judged=False)
            if moved is None:
                continue
            found[way][size] = summed_up(slip_at(state, given, moved), state.area)
            # given CalculiX's points we are asked for its digits; its mortar is another method, and so is compared
            for name, own, other in zip(MEASURES, ours[way], found[way][size], strict=True):
                judged = way == WAYS[0]
                yield Row(case, f"{name} of slip [um]", own, other, 1e-3, "CalculiX, run now", judged)
    for who, values in found.items():
        if len(values) < 3:
            continue
        for i, name in enumerate(MEASURES):
            case = f"filleted stem, {who.lower()}"
            limit = extrapolated({size: each[i] for size, each in values.items()})
            yield Row(case, f"{name}: limit [um]", limit.value, np.nan, np.nan, "Celik et al. 2008", judged=False)
            yield Row(case, f"{name}: half of the interval [um]", limit.margin, np.nan, np.nan, "", judged=False)
