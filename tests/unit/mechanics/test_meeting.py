"""Where faces meet is searched once for the same meshes, and anew for others."""

from dataclasses import replace

import numpy as np
from blocks import on_plane

from femsacrum.mechanics import meeting
from femsacrum.mechanics.interfaces import Bonded
from femsacrum.mechanics.meeting import jump_rows


def test_another_law_meets_where_the_first_did_and_another_mesh_does_not(monkeypatch):
    bodies, _, (interface,) = on_plane()
    searches = []
    search = meeting._search
    monkeypatch.setattr(meeting, "_search", lambda *given: searches.append(given) or search(*given))
    first = jump_rows(bodies, interface)
    assert jump_rows(bodies, replace(interface, law=Bonded(7.0))) is first
    assert len(searches) == 1
    block = bodies["block"]
    shifted = bodies | {"block": replace(block, nodes=block.nodes + np.array([0.5, 0.0, 0.0]))}
    moved = jump_rows(shifted, interface)
    assert len(searches) == 2
    np.testing.assert_allclose(moved.points.mean(axis=0) - first.points.mean(axis=0), [0.5, 0.0, 0.0], atol=1e-9)
    assert jump_rows(bodies, interface) is first


def test_nothing_is_kept_of_meshes_that_are_gone():
    bodies, _, (interface,) = on_plane()
    for _ in range(4):
        jump_rows({name: replace(body) for name, body in bodies.items()}, interface)
    held = len(meeting._found)
    for _ in range(4):
        jump_rows({name: replace(body) for name, body in bodies.items()}, interface)
    assert len(meeting._found) == held
