"""The filleted stem with 3.4k and 20k nodes, ours and CalculiX's: bonded, friction, a load history, two processes.

Every solve runs in a process of its own, ours and theirs alternately, one increment for both; ours has one thread,
theirs all cores. What is compared is wall time from a mesh in memory (ours) or in a file (theirs) to the answer; the
interpreter's imports are told apart. ``peer_large`` has the larger meshes, ``peer_friction`` CalculiX with friction.
"""

from __future__ import annotations

import tempfile

import numpy as np

from benchmarks import goal
from benchmarks.performance import alone, runs
from benchmarks.row import Row

#: Element size on the interface [mm] of the meshes with about so many nodes.
SIZES = {"3k": 2.31, "20k": 1.18, "80k": 0.72, "250k": 0.48}
#: Alternating runs of a size; the least time of each counts.
REPEATS = {"3k": 1, "20k": 2, "80k": 2, "250k": 1}
SOURCE = "timed here"
#: What is told of every run.
TOLD = (
    ("seconds", "wall time [s]"),
    ("processor seconds", "processor time [s]"),
    ("import seconds", "imports and reading the mesh [s]"),
    ("peak MB", "peak memory [MB]"),
    ("steps", "Newton steps"),
    ("linear iterations", "linear iterations"),
    ("displacement", "largest displacement [mm]"),
    ("peak slip", "peak slip [mm]"),
    ("penetration", "largest penetration [mm]"),
    ("elastic slip", "largest elastic slip [mm]"),
)
#: Settings of both, for the JSON file.
_settings = {
    "ours": {
        "tolerance of the residual": alone.TOLERANCE,
        "bond [MPa/mm]": alone.SLOPE,
        "friction": f"{alone.FRICTION}, enforced exactly: penetration and elastic slip below 1 % of the peak motion",
        "increments": 1,
        "environment": runs.OURS["OMP_NUM_THREADS"] + " thread",
    },
    "theirs": {"slope and stick slope [MPa/mm]": alone.SLOPE, "friction": alone.FRICTION, "increments": 1},
    "patience [s]": runs.PATIENCE,
}
#: Everything that ran since it was last asked for.
_runs = []


def record():
    """Settings, and every single run since the last record."""
    done = _settings | {"runs": _runs.copy()}
    _runs.clear()
    return done


def rows():
    with tempfile.TemporaryDirectory() as folder:
        small, mesh = (runs.make_mesh(SIZES[name], folder) for name in ("3k", "20k"))
        for kind in ("bonded", "friction"):  # fills the caches of compiled code
            kept(runs.ours(small, kind))
        yield from told(kept(runs.ours(small, "friction")), "friction")
        bonded, peer = alternating(mesh, "bonded", folder, REPEATS["20k"])
        yield from told(bonded, "bonded")
        yield from told(peer, "bonded, CalculiX")
        case = name_of(bonded, "bonded")
        yield goal.at_most(case, "over CalculiX's ITERATIVE CHOLESKY", ratio(bonded, peer), 1.0, SOURCE)
        friction = least(runs.ours(mesh, "friction") for _ in range(REPEATS["20k"]))
        yield from told(friction, "friction")
        yield from judged(friction, bonded, 5.0)
        path = kept(runs.ours(mesh, "friction", history=True))
        _, *further = path["case seconds"]
        case = name_of(path, f"friction, {len(further)} further increments")
        each = float(np.mean(further)) / bonded["seconds"]
        yield goal.at_most(case, "each over a bonded solve", each, 2.0, SOURCE)
        for kind in ("bonded", "friction"):
            yield from phases(kept(runs.ours(mesh, kind, profile=True)), kind)


def alternating(mesh, kind, folder, repeats):
    """The quickest of several runs of ours and theirs, taken in turns."""
    mine, other = [], []
    for _ in range(repeats):
        mine.append(kept(runs.ours(mesh, kind)))
        other.append(kept(runs.theirs(mesh, kind, folder)))
    return least(mine), least(other)


def least(found):
    """The run that took the least wall time."""
    return min((kept(each) for each in found), key=lambda each: each["seconds"])


def kept(run):
    """The same run, entered into the record."""
    if run not in _runs:
        _runs.append(run)
    return run


def ratio(one, other):
    """Wall time over wall time."""
    return one["seconds"] / other["seconds"]


def name_of(run, what):
    return f"stem, {run['nodes']} nodes, {what}"


def told(run, what):
    """Rows of one run."""
    for key, quantity in TOLD:
        if key in run:
            yield Row(name_of(run, what), quantity, float(run[key]), np.nan, np.nan, SOURCE, judged=False)


def judged(friction, bonded, most):
    """What friction costs, and whether it was enforced at that setting."""
    case, what, cost = name_of(friction, "friction"), "over a bonded solve", ratio(friction, bonded)
    if most is None:
        yield Row(case, what, cost, np.nan, np.nan, SOURCE, judged=False)
    else:
        yield goal.at_most(case, what, cost, most, SOURCE)
    for key in ("penetration", "elastic slip"):
        share = friction[key] / friction["peak slip"]
        yield goal.at_most(case, f"{key} over peak slip", share, 0.01, "at the setting timed")


def memory(run, what):
    """Peak above the interpreter with its imports, for each degree of freedom; that baseline is told too."""
    case = name_of(run, what)
    yield Row(case, "interpreter with imports [MB]", run["imports MB"], np.nan, np.nan, SOURCE, judged=False)
    kilobytes = (run["peak MB"] - run["imports MB"]) * 1024.0 / (3 * run["nodes"])
    yield goal.at_most(case, "memory per degree of freedom [kB]", kilobytes, 4.0, "peak less the imports")


def phases(run, what):
    """Where the processor's time went."""
    whole = sum(run["phases"].values())
    for phase, seconds in run["phases"].items():
        yield Row(
            name_of(run, what), f"{phase} [%]", 100.0 * seconds / whole, np.nan, np.nan, "profile", judged=False
        )
