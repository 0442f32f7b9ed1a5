"""The filleted stem with 80k and 250k nodes: bonded against CalculiX, friction, growth of time and memory."""

from __future__ import annotations

import tempfile

import numpy as np

from benchmarks import goal
from benchmarks.performance import runs
from benchmarks.performance.peer import (
    REPEATS,
    SIZES,
    SOURCE,
    alternating,
    judged,
    kept,
    least,
    memory,
    name_of,
    phases,
    ratio,
    record,
    told,
)

__all__ = ["record", "rows"]

#: Friction over bonded that is aimed at; None: told only.
MOST = {"80k": 6.0, "250k": None}


def rows():
    with tempfile.TemporaryDirectory() as folder:
        mesh = runs.make_mesh(SIZES["20k"], folder)
        # the first of each kind fills the caches of compiled code
        runs_of = {
            kind: {"20k": least([runs.ours(mesh, kind) for _ in range(1 + REPEATS["20k"])][1:])}
            for kind in ("bonded", "friction")
        }
        for name in ("80k", "250k"):
            mesh = runs.make_mesh(SIZES[name], folder)
            bonded, peer = alternating(mesh, "bonded", folder, REPEATS[name])
            yield from told(bonded, "bonded")
            yield from told(peer, "bonded, CalculiX")
            case, what = name_of(bonded, "bonded"), "over CalculiX's ITERATIVE CHOLESKY"
            yield goal.at_most(case, what, ratio(bonded, peer), 1.0, SOURCE)
            yield from memory(bonded, "bonded")
            friction = kept(runs.ours(mesh, "friction"))
            yield from told(friction, "friction")
            yield from judged(friction, bonded, MOST[name])
            yield from memory(friction, "friction")
            runs_of["bonded"][name], runs_of["friction"][name] = bonded, friction
            if name == "80k":
                for kind in ("bonded", "friction"):
                    yield from phases(kept(runs.ours(mesh, kind, profile=True)), kind)
        for kind, found in runs_of.items():
            few, many = found["20k"], found["250k"]
            exponent = np.log(ratio(many, few)) / np.log(many["nodes"] / few["nodes"])
            yield goal.at_most(name_of(many, kind), "exponent of time, from 20k nodes", float(exponent), 1.2, SOURCE)
