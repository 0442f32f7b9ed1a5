"""Nerve allografts between the stumps of a root: their gap, their slack, and what is known of such lengths."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.nerves import NerveRoot
from femsacrum.errors import InputError
from femsacrum.sources.tables import constant
from femsacrum.surgery.nerves.model import NerveGraft, length

#: Points that a graft is drawn with.
DRAWN = 41


def graft_of(given: NerveRoot, proximal: Floats, distal: Floats) -> NerveGraft:
    """The graft a case asks for between two stumps.

    Args:
        given: Of the case.
        proximal: Stump, shape (3,) [mm].
        distal: Stump, shape (3,) [mm].

    Raises:
        InputError: It has no length.
    """
    if given.graft_length is None:
        raise InputError("surgery.nerves.roots.graft_length", f'missing: {given.root} is "bridged"')
    diameter = given.graft_diameter or constant("nerves", "graft.diameter").value
    path = sagging(proximal, distal, given.graft_length)
    return NerveGraft(given.graft_length, 0.5 * diameter, path, float(np.linalg.norm(distal - proximal)))


def sagging(start: Floats, end: Floats, whole: float) -> Floats:
    """A line from start to end that bows forwards until it has its whole length, shape (n, 3) [mm].

    Half a sine; straight where the length does not reach.

    Args:
        start: Shape (3,) [mm].
        end: Shape (3,) [mm].
        whole: Length [mm].
    """
    chord = end - start
    share = np.linspace(0.0, 1.0, DRAWN)[:, None]
    forwards = np.array([0.0, -1.0, 0.0])
    forwards -= (forwards @ chord) / max(float(chord @ chord), 1e-12) * chord
    forwards /= max(float(np.linalg.norm(forwards)), 1e-12)
    low, high = 0.0, whole
    for _ in range(50):
        middle = 0.5 * (low + high)
        longer = length(start + share * chord + middle * np.sin(np.pi * share) * forwards) > whole
        low, high = (low, middle) if longer else (middle, high)
    return np.asarray(start + share * chord + low * np.sin(np.pi * share) * forwards)


def evidence(graft: NerveGraft) -> list[str]:
    """What a reader has to know of a graft: too short, or longer than those that were followed."""
    said = []
    if graft.slack < 0.0:
        said.append(
            f"the graft of {graft.length:g} mm is {-graft.slack:.1f} mm shorter than the gap between its stumps: it can "
            "only be sutured stretched"
        )
    longest, few = (constant("nerves", f"graft.{key}").value for key in ("longest", "low_evidence"))
    if graft.length > longest:
        said.append(f"grafts of more than {longest:g} mm: no result in man was found")
    elif graft.length > few:
        said.append(f"grafts of more than {few:g} mm in mixed nerves: little evidence")
    return said
