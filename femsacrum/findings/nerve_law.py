"""A nerve as a cable that is slack, then linear: N = E A max(0, (L - L0) / L0); and how its ends move with bone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from femsacrum.anatomy.model import Floats
from femsacrum.sources.tables import constant

#: Nodes of a bone next to a nerve whose common rigid motion the nerve takes part in.
NODES = 24
#: What a strain means, from the upper end down: key in the table of strains, words.
MEANING = (
    ("flow_stops", "blood flow stops"),
    ("conduction_blocked", "conduction is blocked"),
    ("flow_falls", "blood flow is impaired"),
    ("conduction_falls", "conduction falls"),
    ("wanted", "over what is aimed at"),
)
#: A strain that is the one aimed at up to rounding is within it [1].
ROUNDING = 1e-6


def strain(length: float, rest: float) -> float:
    """Strain of a cable that bears no compression.

    Args:
        length: Between its ends [mm].
        rest: Length at which it begins to be strained [mm].
    """
    return max(0.0, length - rest) / rest


def tension(strained: float, radius: float, modulus: float) -> float:
    """Force in a cable [N].

    Args:
        strained: Strain [1].
        radius: Of its round section [mm].
        modulus: Young's modulus [MPa].
    """
    return modulus * float(np.pi) * radius**2 * strained


def slack_needed(length: float, elongation: float, most: float) -> float:
    """Least slack with which a cable is not strained more than ``most`` [mm].

    From (length + elongation - rest) / rest = most with rest = length + slack.

    Args:
        length: Between its ends before [mm].
        elongation: By how much the ends part along it [mm].
        most: Strain [1].
    """
    return max(0.0, (elongation - most * length) / (1.0 + most))


def elongation(points: Floats, displacements: Floats) -> float:
    """By how much a line through points gets longer as they move, each shape (n, 3) [mm]; exact at any motion."""
    before = np.linalg.norm(np.diff(points, axis=0), axis=1)
    after = np.linalg.norm(np.diff(points + displacements, axis=0), axis=1)
    return float(np.sum(after - before))


def carried(point: Floats, nodes: Floats, displacement: Floats) -> Floats:
    """Displacement of a point that moves with the bone next to it, shape (3,) [mm].

    The rigid motion that fits the displacement of the nearest nodes best (Kabsch 1976) carries the point; a bone that
    moves rigidly carries it exactly, however far it lies from the bone.

    Args:
        point: Shape (3,) [mm].
        nodes: Of the bone, shape (n, 3) [mm].
        displacement: Of its nodes, shape (n, 3) [mm].
    """
    near = np.atleast_1d(cKDTree(nodes).query(point, k=min(NODES, len(nodes)))[1])
    before, after = nodes[near], nodes[near] + displacement[near]
    middle, moved = before.mean(axis=0), after.mean(axis=0)
    left, _, right = np.linalg.svd((before - middle).T @ (after - moved))
    mirror = np.diag([1.0, 1.0, np.sign(np.linalg.det(right.T @ left.T))])
    return np.asarray(moved + right.T @ mirror @ left.T @ (point - middle) - point)


def exceeds(strained: float) -> bool:
    """Whether a strain [1] is more than what is aimed at."""
    return strained > constant("nerves", "strain.wanted").value * (1.0 + ROUNDING)


def meaning(strained: float) -> str:
    """What was seen at a strain [1], in words; the strain aimed at itself is within it."""
    for key, words in MEANING:
        if exceeds(strained) if key == "wanted" else strained >= constant("nerves", f"strain.{key}").value:
            return words
    return f"within {100.0 * constant('nerves', 'strain.wanted').value:g} %"


def percent(strained: float) -> str:
    """A strain [1] in per cent, to so many digits that what is read means what was found: 5.04, not 5 %."""
    if 0.0 < strained < 1e-5:
        return "< 0.001 %"
    for digits in range(2, 9):
        said = float(f"{100.0 * strained:.{digits}g}")
        if meaning(said / 100.0) == meaning(strained):
            break
    return f"{said:.8g} %"


def worst(strains: Sequence[float | None]) -> float | None:
    """The largest of those that are known; None where none is."""
    return max((one for one in strains if one is not None), default=None)
