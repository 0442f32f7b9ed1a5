"""Other inputs put on a meshed model: stiffnesses, slack and friction change, and nothing is meshed again.

Names are those of ``sources/ranges.toml``; what each is a factor on, or the value of, is said there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from femsacrum.materials.assign import table_entry
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Bonded, Frictional, Healing, Interface, Spring, Thread
from femsacrum.sources.tables import table

if TYPE_CHECKING:
    from femsacrum.pipeline import Model

#: Input -> why it changes nothing in a model that it does not reach.
NOT_REACHED = {
    "bone_modulus": "there is no bone",
    "cortex_modulus": "no bone has a cortex",
    "cortex_thickness": "no bone has a cortex",
    "disc_modulus": "there is no disc",
    "joint_cartilage_modulus": "there is no sacroiliac joint",
    "symphysis_modulus": "there is no symphysis",
    "graft_modulus": "there is no block of the iliac crest",
    "morsellised_graft_modulus": "there is no morsellised graft",
    "cortical_graft_modulus": "there is no graft of cortical bone",
    "ligament_stiffness": "there are no ligaments",
    "ligament_offset": "no ligament pulls only",
    "screw_bond": "no screw has the give of bone: none is in bone, or rules of the case say how they are held",
    "friction": "nothing rubs",
}
#: What a graft is made of, in ``materials.toml`` -> the input that is its stiffness.
GRAFTS = {
    "graft": "graft_modulus",
    "morsellised_graft": "morsellised_graft_modulus",
    "fibular_strut": "cortical_graft_modulus",
    "femoral_allograft": "cortical_graft_modulus",
}
#: Input -> entries of the tables that it stands for, as patterns of ``fnmatch``.
ENTRIES = {
    "bone_modulus": tuple(
        f"materials.toml:{bone}.youngs_modulus" for bone in ("pelvic_bone", "lumbar_bone", "posterior_elements")
    ),
    "cortex_modulus": ("materials.toml:*_cortex.youngs_modulus",),
    "disc_modulus": (
        *(f"materials.toml:{part}.youngs_modulus" for part in ("disc", "nucleus", "annulus")),
        "materials.toml:annulus.fibre_modulus",
    ),
    "joint_cartilage_modulus": ("materials.toml:sacroiliac_cartilage.youngs_modulus",),
    "symphysis_modulus": ("materials.toml:symphysis.youngs_modulus",),
    **{
        name: tuple(f"materials.toml:{made_of}.youngs_modulus" for made_of, each in GRAFTS.items() if each == name)
        for name in dict.fromkeys(GRAFTS.values())
    },
    "ligament_stiffness": ("ligaments.toml:*.stiffness", "ligaments.toml:*.stiffness_beyond"),
    "screw_bond": ("screws.toml:bond",),
}


def vary(model: Model, inputs: Mapping[str, float]) -> Model:
    """The model with other inputs.

    Penalties stay those of the model's own stiffness, as they are part of how it is solved.

    Args:
        model: Meshed.
        inputs: Name in ``ranges.toml`` -> factor or value; what is left out stays as it is.

    Raises:
        KeyError: An input that is in no table.
    """
    if unknown := set(inputs) - set(table("ranges")):
        raise KeyError(f"ranges.toml has no entry {', '.join(sorted(unknown))}")
    if not inputs:
        return model
    return replace(
        model,
        materials={name: _material(model, name, inputs) for name in model.materials},
        springs=tuple(_spring(one, inputs) for one in model.springs),
        interfaces=tuple(_interface(one, inputs) for one in model.interfaces),
    )


def unreached(model: Model) -> dict[str, str]:
    """Inputs of ``ranges.toml`` that change nothing in this model, and why."""
    return {name: NOT_REACHED[name] for name in table("ranges") if not list(_own(model, name))}


def own(model: Model, name: str) -> tuple[float, float] | None:
    """Least and largest value that an input has in the model itself; 1 for a factor, None where it reaches nothing."""
    values = list(_own(model, name))
    return (min(values), max(values)) if values else None


def _own(model: Model, name: str) -> Iterator[float]:
    """What an input is at every place that it reaches."""
    bodies = model.assembly.bodies
    if name in ("cortex_modulus", "cortex_thickness"):
        yield from (1.0 for each in model.materials.values() if each.cortex is not None)
    elif name == "ligament_stiffness":
        yield from (1.0 for _ in model.springs)
    elif name == "ligament_offset":
        yield from (0.0 for each in model.springs if each.tension_only)
    elif name == "screw_bond":
        yield from (1.0 / each.give for each in model.interfaces if each.give)
    elif name == "friction":
        for law in (each.law for each in model.interfaces):
            if isinstance(law, Frictional | Healing):
                yield law.friction if isinstance(law, Frictional) else law.contact.friction
    else:
        for body in bodies:
            if _stiffness_of(model, body) == name:
                young = model.materials[body].youngs_modulus
                yield from young[[young.argmin(), young.argmax()]] if _is_value(name) else (1.0,)


def _is_value(name: str) -> bool:
    return bool(table("ranges")[name]["unit"] != "factor")


def _stiffness_of(model: Model, body: str) -> str | None:
    """Name of the input that is a body's stiffness, or a factor on it."""
    if body == "symphysis":
        return "symphysis_modulus"
    mesh = model.assembly.bodies[body]
    if mesh.role == "graft":
        return GRAFTS.get(table_entry(mesh, model.assembly.construct))
    role = mesh.role
    return {"bone": "bone_modulus", "disc": "disc_modulus", "cartilage": "joint_cartilage_modulus"}.get(role)


def _material(model: Model, name: str, inputs: Mapping[str, float]) -> BodyMaterial:
    material = model.materials[name]
    said, cortex = _stiffness_of(model, name), material.cortex
    if said is not None and said in inputs:
        material = material.stiffer(inputs[said] / material.youngs_modulus if _is_value(said) else inputs[said])
    if cortex is not None:
        cortex = replace(
            cortex,
            thickness=cortex.thickness * inputs.get("cortex_thickness", 1.0),
            youngs_modulus=cortex.youngs_modulus * inputs.get("cortex_modulus", 1.0),
        )
    return replace(material, cortex=cortex)


def _spring(spring: Spring, inputs: Mapping[str, float]) -> Spring:
    stiffness = spring.stiffness * inputs.get("ligament_stiffness", 1.0)
    offset = inputs.get("ligament_offset", 0.0)
    if not spring.tension_only:
        return replace(spring, stiffness=stiffness)
    slack, tight = max(offset, 0.0), max(-offset, 0.0)
    return replace(
        spring, stiffness=stiffness, slack=spring.slack + slack, pretension=spring.pretension + tight * stiffness
    )


def _interface(interface: Interface, inputs: Mapping[str, float]) -> Interface:
    law = interface.law
    if interface.give and "screw_bond" in inputs:
        give = 1.0 / inputs["screw_bond"]
        if isinstance(law, Bonded):
            return replace(interface, law=Bonded(_giving(law.stiffness, interface.give, give)), give=give)
        if isinstance(law, Thread):
            across = _giving(law.lateral_stiffness, interface.give, give)
            return replace(interface, law=replace(law, lateral_stiffness=across), give=give)
    if "friction" in inputs:
        if isinstance(law, Frictional):
            return replace(interface, law=replace(law, friction=inputs["friction"]))
        if isinstance(law, Healing):
            return replace(interface, law=replace(law, contact=replace(law.contact, friction=inputs["friction"])))
    return interface


def _giving(stiffness: float, own_give: float, give: float) -> float:
    """Stiffness of a bond in series with another give than its own."""
    return 1.0 / (1.0 / stiffness - own_give + give)
