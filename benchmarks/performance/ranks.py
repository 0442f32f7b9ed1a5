"""What the second process saves: the filleted stem with 80k nodes, bonded and with friction, on one and on two."""

from __future__ import annotations

import tempfile

from benchmarks import goal
from benchmarks.performance import runs
from benchmarks.performance.peer import SIZES, SOURCE, kept, name_of, ratio, record, told

__all__ = ["record", "rows"]


def rows():
    with tempfile.TemporaryDirectory() as folder:
        small, mesh = (runs.make_mesh(SIZES[name], folder) for name in ("3k", "80k"))
        for kind in ("bonded", "friction"):
            runs.ours(small, kind)  # fills the caches of compiled code
            one, two = (kept(runs.ours(mesh, kind, processes)) for processes in (1, 2))
            yield from told(two, f"{kind}, two processes")
            yield goal.at_least(name_of(one, kind), "one process over two", ratio(one, two), 1.6, SOURCE)
