"""The inputs of one sample put on a meshed model: no remeshing, only stiffnesses, slack and friction change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from femsacrum.mechanics.choose import GIVING
from femsacrum.mechanics.interfaces import Bonded, Frictional, Healing, Thread
from femsacrum.sources.tables import constant


def vary(model, inputs):
    """The model with other inputs.

    Args:
        model: A ``femsacrum.pipeline.Model``.
        inputs: Name in ``ranges.toml`` -> factor or value; what is left out stays as it is.
    """
    if not inputs:
        return model
    materials = {name: _material(model, name, one, inputs) for name, one in model.materials.items()}
    return replace(
        model,
        materials=materials,
        springs=tuple(_spring(one, inputs) for one in model.springs),
        interfaces=tuple(replace(one, law=_law(model, one, inputs)) for one in model.interfaces),
    )


def _material(model, name, material, inputs):
    role = model.assembly.bodies[name].role
    young = material.youngs_modulus
    if role == "bone":
        young = young * inputs.get("bone_modulus", 1.0)
    elif role == "disc":
        young = young * inputs.get("disc_modulus", 1.0)
    elif name == "symphysis":
        young = young * inputs.get("symphysis_modulus", 1.0)
    elif role == "cartilage" and "joint_cartilage_modulus" in inputs:
        young = np.full_like(young, inputs["joint_cartilage_modulus"])
    cortex = material.cortex
    if cortex is not None:
        cortex = replace(
            cortex,
            thickness=cortex.thickness * inputs.get("cortex_thickness", 1.0),
            youngs_modulus=cortex.youngs_modulus * inputs.get("cortex_modulus", 1.0),
        )
    return replace(material, youngs_modulus=young, cortex=cortex)


def _spring(spring, inputs):
    stiffness = spring.stiffness * inputs.get("ligament_stiffness", 1.0)
    offset = inputs.get("ligament_offset", 0.0)
    if not spring.tension_only:
        return replace(spring, stiffness=stiffness)
    slack, tight = max(offset, 0.0), max(-offset, 0.0)
    return replace(
        spring, stiffness=stiffness, slack=spring.slack + slack, pretension=spring.pretension + tight * stiffness
    )


def _law(model, interface, inputs):
    law = interface.law
    held = {model.assembly.bodies[name].role for name in (interface.contact.slave[0], interface.contact.master[0])}
    if interface.screw is not None and "screw_bond" in inputs and held & set(GIVING):
        if isinstance(law, Bonded):
            return Bonded(_given(law.stiffness, inputs["screw_bond"]))
        if isinstance(law, Thread):
            return replace(law, lateral_stiffness=_given(law.lateral_stiffness, inputs["screw_bond"]))
    if "friction" in inputs:
        if isinstance(law, Frictional):
            return replace(law, friction=inputs["friction"])
        if isinstance(law, Healing):
            return replace(law, contact=replace(law.contact, friction=inputs["friction"]))
    return law


def _given(stiffness, sampled):
    """A screw's bond with the sampled give in the place of the model's own, where it has that."""
    own, whole = 1.0 / constant("screws", "bond").value, 1.0 / stiffness
    return 1.0 / ((whole - own if whole > own else whole) + 1.0 / sampled)
