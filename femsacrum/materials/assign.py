"""From named bodies to elastic constants: the tables, and what the case puts in their place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.errors import InputError
from femsacrum.materials.axis import axial_constants
from femsacrum.materials.cortex import natural_facets, uniform_cortex
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.materials.locking import refuse_locking
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.sources.tables import constant, table

if TYPE_CHECKING:
    from femsacrum.case.schema import Case

VERTEBRAE = ("L4", "L5")

#: Half-width of the midsagittal slab in which the vertebral canal is looked for [mm].
CANAL_SLAB = 3.0

#: The canal is at least this deep front to back [mm]: lumbar canals measure 15-25 mm, narrow (stenotic) ones above 8.
CANAL_DEPTH = 6.0


def assign(case: Case, assembly: Assembly) -> dict[str, BodyMaterial]:
    """Give every cell of every body its stiffness.

    Bone is cancellous throughout, its cortex a membrane of uniform thickness on the natural surface. A vertebra's
    posterior elements (behind the posterior wall of its body) carry one homogenised modulus that contains their
    cortex, hence no membrane. The case replaces the tables by body name or, failing that, by role.

    Args:
        case: Its ``materials`` are the overrides; they hold for a whole body.
        assembly: The meshed bodies.

    Returns:
        Body name -> material, in the order of the assembly.

    Raises:
        InputError: The case overrides a body or role this construct does not have, asks for the shaft of a body that has
            none, or a body's linear elements would lock.
    """
    _refuse_unknown(case, assembly)
    made = {name: _material(case, assembly.construct.anatomy, body) for name, body in assembly.bodies.items()}
    for name, material in made.items():
        refuse_locking(assembly.bodies[name], material)
    return made


def table_entry(body: BodyMesh) -> str:
    """Name of the entry of ``sources/materials.toml`` that a body is made of.

    Raises:
        InputError: No entry for its name or role.
    """
    by_name = {"symphysis": "symphysis", "L4": "lumbar_bone", "L5": "lumbar_bone"}
    by_role = {
        "bone": "pelvic_bone",
        "disc": "disc",
        "cartilage": "sacroiliac_cartilage",
        "implant": "printed_titanium",
        "graft": "graft",
        "fixation": "titanium",
    }
    entry = by_name.get(body.name) or by_role.get(body.role)
    if entry is None:
        raise InputError(f"materials.bodies.{body.name}", f"no material is known for role {body.role!r}")
    return entry


def posterior_wall(body: BodyMesh, anatomy: Anatomy) -> tuple[Floats, float] | None:
    """Where a vertebra's body ends and its posterior elements begin.

    In the midsagittal plane the canal is the one wide empty stretch between body and spinous process; its front is
    the posterior wall.

    Returns:
        Unit vector pointing backwards, shape (3,), and the wall's coordinate along it [mm]; None where the bone has
        no canal or its endplates are not known.
    """
    upper, lower = (anatomy.directions.get(f"{body.name}_{side}") for side in ("upper", "lower"))
    centre = anatomy.landmarks.get(f"{body.name}_upper")
    if upper is None or lower is None or centre is None:
        return None
    axis = np.asarray(upper, float) - np.asarray(lower, float)
    axis /= np.linalg.norm(axis)
    back = np.array([0.0, 1.0, 0.0]) - axis[1] * axis
    back /= np.linalg.norm(back)
    slab = np.abs(body.nodes[:, 0] - centre[0]) < CANAL_SLAB
    depth = np.sort(body.nodes[slab] @ back)
    if len(depth) < 2:
        return None
    gaps = np.diff(depth)
    widest = int(np.argmax(gaps))
    return (back, float(depth[widest])) if gaps[widest] >= CANAL_DEPTH else None


def _material(case: Case, anatomy: Anatomy, body: BodyMesh) -> BodyMaterial:
    key = body.name if body.name in case.materials.bodies else body.role
    override = case.materials.bodies.get(key)
    axial = axial_constants(override, body, f"materials.bodies.{key}") if override else None
    entry = table_entry(body)
    modulus, ratio = (constant("materials", f"{entry}.{key}") for key in ("youngs_modulus", "poisson_ratio"))
    youngs = np.full(len(body.cells), override.youngs_modulus if override else modulus.value)
    poisson = np.full(len(body.cells), override.poisson_ratio if override else ratio.value)
    source = override.source if override else f"{entry}: {modulus.cited()}"
    strength = None
    if override:
        strength = override.yield_stress
    elif "yield_stress" in table("materials")[entry]:
        found = constant("materials", f"{entry}.yield_stress")
        strength, source = found.value, f"{source}; yield: {found.cited()}"
    if body.role != "bone":
        return BodyMaterial(youngs, poisson, None, strength, source, axial)

    shell: NDArray[np.bool_] | None = None
    wall = posterior_wall(body, anatomy) if body.name in VERTEBRAE else None
    if wall is not None:
        back, depth = wall
        shell = body.nodes[natural_facets(body)].mean(axis=1) @ back <= depth
        if not override:
            posterior = body.nodes[body.cells[:, :4]].mean(axis=1) @ back > depth
            stiff = constant("materials", "posterior_elements.youngs_modulus")
            youngs[posterior] = stiff.value
            poisson[posterior] = constant("materials", "posterior_elements.poisson_ratio").value
            source = f"{source}; posterior elements: {stiff.cited()}"
    kind = "lumbar_cortex" if body.name in VERTEBRAE else "pelvic_cortex"
    bone = case.materials.cortical_bone
    cortex = uniform_cortex(
        body,
        anatomy.cortical_thickness,
        bone.youngs_modulus if bone else constant("materials", f"{kind}.youngs_modulus").value,
        bone.poisson_ratio if bone else constant("materials", f"{kind}.poisson_ratio").value,
        shell,
    )
    told = bone.source if bone else constant("materials", f"{kind}.youngs_modulus").cited()
    return BodyMaterial(
        youngs, poisson, cortex, strength, f"{source}; cortex {anatomy.cortical_thickness:g} mm: {told}", axial
    )


def _refuse_unknown(case: Case, assembly: Assembly) -> None:
    roles = {body.role for body in assembly.bodies.values()}
    for key in case.materials.bodies:
        if key not in assembly.bodies and key not in roles:
            raise InputError(
                f"materials.bodies.{key}", f"no such body or role; {_choices(key, assembly.bodies, roles)}"
            )


def _choices(wrong: str, bodies: Iterable[str], roles: Iterable[str]) -> str:
    close = difflib.get_close_matches(wrong, [*bodies, *sorted(roles)], n=1)
    known = f"bodies: {', '.join(bodies)}; roles: {', '.join(sorted(roles))}"
    return known + (f' (did you mean "{close[0]}"?)' if close else "")
