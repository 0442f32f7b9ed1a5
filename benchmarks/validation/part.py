"""A part of a specimen: what a laboratory dissected free."""

from __future__ import annotations

from dataclasses import replace


def dissected(model, bodies):
    """A model with some of its bodies alone, and the joints and ligaments between them.

    Args:
        model: A ``femsacrum.pipeline.Model``.
        bodies: Names of those that stay.
    """
    kept = set(bodies)
    alone = {name: body for name, body in model.assembly.bodies.items() if name in kept}
    return replace(
        model,
        assembly=replace(model.assembly, bodies=alone),
        materials={name: one for name, one in model.materials.items() if name in kept},
        interfaces=tuple(one for one in model.interfaces if {one.contact.slave[0], one.contact.master[0]} <= kept),
        springs=tuple(one for one in model.springs if {body for body, _ in one.ends} <= kept),
    )
