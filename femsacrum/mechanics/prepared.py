"""What solves of one construct have in common, kept in memory from one to the next.

What is elastic is known by its content: another friction, load or support finds it again, also after bodies and materials
were read from disk anew. What was pressed and tightened is known by the very objects it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from femsacrum import codec
from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Solver
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import LoadCase, Support
from femsacrum.mechanics.checkpoint import Checkpoint
from femsacrum.mechanics.condensed import MOST_ROWS, Condensed, Direct
from femsacrum.mechanics.elastic import Elastic
from femsacrum.mechanics.interfaces import Interface, Thread
from femsacrum.mechanics.loading import Hold, hold
from femsacrum.mechanics.march import March, Progress
from femsacrum.mechanics.standing import assert_held
from femsacrum.mechanics.system import System, is_linear
from femsacrum.meshing.bodies import BodyMesh

#: Supports with so many rows, or that stiffen their face, that they are built into what is elastic.
BUILT_IN = ("fixed", "rigid")
#: Unknowns beyond which nothing is condensed. Ours, not measured there: 155,000 take 2.5 GB in all, and a sparse
#: factor in space grows with about the power 4/3 of them (nested dissection; from memory, M-med).
MOST_UNKNOWNS = 600_000
#: A condensed step costs little: so many times as many are allowed before an increment is cut.
PATIENCE, MOST_STEPS = 3, 500
#: What is recovered for the whole must balance, and what is out of balance at an anchor shows there as it is.
TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class Prepared:
    """A construct on its supports, pressed and tightened.

    Attributes:
        given: Bodies, materials, interfaces, bolts, springs: the very objects.
        supports: What holds it.
        system: The whole.
        holds: The supports as rows.
        assembled: The march that pressed and tightened, with the whole or what is condensed.
        pressed: Jumps after it, unknowns of ``condensed``, shape (n,) [mm].
        locked: Nodal forces of what the bolts were shortened by, shape (3 N,) [N].
        condensed: The whole on its contact points.
    """

    given: tuple[Any, ...]
    supports: tuple[Support, ...]
    system: System
    holds: tuple[Hold, ...]
    assembled: March
    pressed: Floats
    locked: Floats
    condensed: Condensed


@dataclass(frozen=True, eq=False)
class _Kept:
    """What is elastic, and all it was made of."""

    key: str
    system: System
    elastic: Elastic


_latest: list[Prepared] = []
_elastic: list[_Kept] = []
_noted: list[tuple[object, str]] = []


def condensable(bodies: Mapping[str, BodyMesh], interfaces: Sequence[Interface]) -> bool:
    """Whether what is elastic fits into memory: few enough nodes, and few enough of them where something rubs."""
    rubbing = [each.contact.slave for each in interfaces if not is_linear(each)]
    points = sum(len(np.unique(bodies[body].facets_of(face))) for body, face in rubbing)
    return 3 * sum(len(body.nodes) for body in bodies.values()) <= MOST_UNKNOWNS and 3 * points <= MOST_ROWS


def prepare(given: tuple[Any, ...], first: LoadCase, solver: Solver, progress: Progress | None) -> Prepared:
    """Press, tighten and condense, as far as that was not done for the same construct before.

    Args:
        given: Bodies, materials, interfaces, bolts, springs.
        first: A load case with the supports.
        solver: Increments, tolerances, limits.
        progress: Told how it goes.

    Raises:
        NumericalError: Something floats, or there are too many contact points.
    """
    same = _latest and all(a is b for a, b in zip(_latest[0].given, given, strict=True))
    if same and _alike(_latest[0].supports, first.supports):
        _latest[0].condensed.restart()
        return _latest[0]
    _latest.clear()
    kept = _kept(given, [each for each in first.supports if each.kind in BUILT_IN])
    system = kept.system.under(given[2])
    holds = tuple(hold(system.bodies, system.numbers, each) for each in first.supports)
    assert_held(system, holds)
    condensed = Condensed(kept.elastic, system, [each for each in holds if each.kind not in BUILT_IN], holds)
    name = f"{first.name}, assembly"
    if system.sections:  # what a bolt is shortened by is known of the whole only
        assembled = March(system, solver, progress, Checkpoint(None))
        _assemble(assembled, holds, name)
        pressed = condensed.jumps(assembled.state.displacement)
    else:
        assembled = March(condensed, patient(solver), progress, Checkpoint(None), Direct)
        _assemble(assembled, (), name)
        pressed = assembled.state.displacement
    locked = np.zeros(3 * len(system.nodes))
    for section, insertion in zip(system.sections, assembled.state.insertions, strict=True):
        locked += insertion * section.forces
    _latest.append(Prepared(given, first.supports, system, holds, assembled, pressed, locked, condensed))
    return _latest[0]


def patient(solver: Solver) -> Solver:
    """The same for what is condensed: more steps, and a tolerance that shows at an anchor as it is."""
    more = {
        "max_newton": min(PATIENCE * solver.max_newton, MOST_STEPS),
        "tolerance": min(solver.tolerance, TOLERANCE),
    }
    return solver.model_copy(update=more)


def _assemble(march: March, holds: tuple[Hold, ...], name: str) -> None:
    try:
        march.assemble(holds, name)
    finally:
        march.close()


def _kept(given: tuple[Any, ...], built_in: Sequence[Support]) -> _Kept:
    """What is elastic in a construct, from the call before where that had the same."""
    bodies, materials, interfaces, bolts, springs = given
    tied = [
        # neither a gap nor a law of contact is elastic; a thread's says how far along the screw its points reach
        (
            replace(each.contact, opening=None),
            each.screw,
            each.law if is_linear(each) or isinstance(each.law, Thread) else None,
        )
        for each in interfaces
    ]
    key = f"{_noted_digest(bodies)} {_noted_digest(materials)} {_digest([tied, bolts, springs, built_in])}"
    if not _elastic or _elastic[0].key != key:
        while _elastic:
            _elastic.pop().elastic.close()
        system = System(*given)
        if 3 * len(system.contact.area) > MOST_ROWS:
            raise NumericalError(
                f"solve: {len(system.contact.area)} contact points, at most {MOST_ROWS // 3} in what is condensed: "
                "take larger elements in mesh.implant and mesh.soft"
            )
        holds = [hold(system.bodies, system.numbers, each) for each in built_in]
        _elastic.append(_Kept(key, system, Elastic(system, holds)))
    return _elastic[0]


def _noted_digest(value: object) -> str:
    """Hash of the content of what is large, reckoned once for the same object in a row of calls."""
    for one, known in _noted:
        if one is value:
            return known
    _noted.insert(0, (value, _digest(value)))
    del _noted[2:]
    return _noted[0][1]


def _digest(value: object) -> str:
    return codec.digest(*codec.encode(value))


def _alike(one: Sequence[Support], other: Sequence[Support]) -> bool:
    """Whether two sets of supports are equal in every number."""
    return len(one) == len(other) and all(
        np.array_equal(getattr(a, each.name), getattr(b, each.name))
        if isinstance(getattr(a, each.name), np.ndarray)
        else getattr(a, each.name) is getattr(b, each.name) or getattr(a, each.name) == getattr(b, each.name)
        for a, b in zip(one, other, strict=True)
        for each in fields(Support)
    )
