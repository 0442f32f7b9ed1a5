"""What faces feel when bone, friction or load are not what the case says: one solve for the spread of the course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.course.follow import MOST_BONDED, Model
from femsacrum.course.gait import Progress, walk
from femsacrum.course.healing.stimulus import Stimulus, over_cycle
from femsacrum.errors import NumericalError
from femsacrum.loads.loadcase import Applied, Cycle
from femsacrum.materials.elastic import BodyMaterial, Cortex
from femsacrum.mechanics.interfaces import Frictional, Healing, Interface
from femsacrum.mechanics.repeated import Repeated

#: Cycles of such a solve: the first is not yet what follows, and the pattern of motion is there in the second.
CYCLES = 2
#: Halvings of the increment before such a solve is given up: one of several is not worth an hour.
CUTS = 2


def felt_at(
    model: Model,
    cycle: Cycle,
    factors: Mapping[str, float],
    bonded: Mapping[str, Floats],
    *,
    progress: Progress | None = None,
) -> dict[str, Stimulus]:
    """What every face feels over a cycle of the first day, with some of the inputs multiplied.

    Args:
        model: The construct.
        cycle: The movement.
        factors: "modulus" of all bone, "friction" of all faces, "load": factors on what the case says; others are not read.
        bonded: Face -> share bonded at each of its points, shape (p,).
        progress: Told how it goes.

    Returns:
        Face -> what it feels; empty where the solve stops: with these values the construct may not carry the load.
    """
    stiffer, rougher, heavier = (float(factors.get(name, 1.0)) for name in ("modulus", "friction", "load"))
    bones = {name for name, body in model.assembly.bodies.items() if body.role == "bone"}
    materials, interfaces = model.materials, model.interfaces
    if stiffer != 1.0:  # else the very same object: what was condensed before serves again
        materials = {name: _stiffer(each, stiffer) if name in bones else each for name, each in materials.items()}
    if rougher != 1.0:
        interfaces = tuple(_rougher(each, rougher) for each in interfaces)
    supports = cycle.phases[0].supports
    phases = tuple(
        replace(each, supports=supports, applied=tuple(_heavier(load, heavier) for load in each.applied))
        for each in cycle.phases
    )
    solver = model.solver.model_copy(update={"max_cuts": min(model.solver.max_cuts, CUTS)})
    repeated = Repeated(
        model.assembly.bodies, materials, interfaces, phases, solver, model.bolts, model.springs, progress
    )
    try:
        pressed = repeated.pressed()  # bonds carry nothing where the press-fit has left the faces
        shares = {name: np.minimum(share, MOST_BONDED) for name, share in bonded.items()}
        repeated.unite(shares, {name: pressed[name] for name in bonded})
        motion = walk(repeated, model.settled, CYCLES, cycle.name, progress).motion
        return {name: over_cycle(motion[name]) for name in bonded}
    except NumericalError as error:
        if progress is not None:
            said = ", ".join(f"{name} {value:.2f}" for name, value in factors.items() if "/" not in name)
            progress.note(f"left out of the spread ({said}): {error}")
        return {}
    finally:
        repeated.close()


def _stiffer(material: BodyMaterial, factor: float) -> BodyMaterial:
    cortex = material.cortex
    return replace(material.stiffer(factor), cortex=_thicker(cortex, factor) if cortex is not None else None)


def _thicker(cortex: Cortex, factor: float) -> Cortex:
    return replace(cortex, youngs_modulus=factor * cortex.youngs_modulus)


def _rougher(interface: Interface, factor: float) -> Interface:
    law = interface.law
    if isinstance(law, Frictional):
        return replace(interface, law=replace(law, friction=factor * law.friction))
    if isinstance(law, Healing):
        return replace(
            interface, law=replace(law, contact=replace(law.contact, friction=factor * law.contact.friction))
        )
    return interface


def _heavier(load: Applied, factor: float) -> Applied:
    return replace(load, force=factor * load.force, moment=factor * load.moment)
