"""From named bodies to elastic constants: the tables, and what the case puts in their place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.errors import InputError
from femsacrum.materials import lattice
from femsacrum.materials.axis import axial_constants
from femsacrum.materials.cortex import Thickness, natural_facets, thicknesses
from femsacrum.materials.discs import two_part
from femsacrum.materials.elastic import BodyMaterial, Cortex, FromImage
from femsacrum.materials.image import core
from femsacrum.materials.locking import refuse_locking
from femsacrum.materials.modifiers import factor
from femsacrum.materials.scan import KEY, Scan, scan
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.sources.tables import constant, table
from femsacrum.surgery.construct import Construct, Solid

if TYPE_CHECKING:
    from femsacrum.case.schema import Case

VERTEBRAE = ("L4", "L5")

#: Half-width of the midsagittal slab in which the vertebral canal is looked for [mm].
CANAL_SLAB = 3.0

#: The canal is at least this deep front to back [mm]: lumbar canals measure 15-25 mm, narrow (stenotic) ones above 8.
CANAL_DEPTH = 6.0


def assign(
    case: Case, assembly: Assembly, folder: Path = Path(), data: Sequence[Path] = ()
) -> dict[str, BodyMaterial]:
    """Give every cell of every body its stiffness.

    Bone is cancellous throughout, its cortex a membrane on the natural surface. A vertebra's posterior elements (behind
    the posterior wall of its body) carry one homogenised modulus that contains their cortex, hence no membrane. The case
    replaces the tables by body name or, failing that, by role; a CT gives the core of the patient's own bones a modulus
    cell by cell, posterior elements like the rest, and these then carry the membrane too.

    Args:
        case: Its ``materials`` are read, and what has changed the bone of its ``patient``.
        assembly: The meshed bodies.
        folder: The case file's folder; the CT is relative to it.
        data: Data folders, which it may be relative to as well.

    Returns:
        Body name -> material, in the order of the assembly.

    Raises:
        InputError: The case overrides a body or role this construct does not have, asks for the shaft of a body that has
            none, a body's linear elements would lock, or the CT cannot be used.
    """
    _refuse_unknown(case, assembly)
    given = scan(case.materials, assembly, folder, data)
    thick = thicknesses(case.materials.cortex, assembly, given)
    made = {}
    for name, body in assembly.bodies.items():
        if given is not None and name in given.chains:
            material = _imaged(case, assembly, body, given, thick[name])
        else:
            material = _material(case, assembly.construct, body, thick.get(name))
            if given is not None and body.role == "bone":
                material = replace(material, source=f"{material.source}; not mapped from the image")
        made[name] = _changed(case, body, material)
        refuse_locking(body, made[name])
    return made


def table_entry(body: BodyMesh, construct: Construct) -> str:
    """Name of the entry of ``sources/materials.toml`` that a body is made of.

    Args:
        body: The body.
        construct: What was put in may say what it is made of.

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
    solid = construct.solids.get(body.name)
    own = solid.material if isinstance(solid, Solid) else None
    entry = own or by_name.get(body.name) or by_role.get(body.role)
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


def _material(case: Case, construct: Construct, body: BodyMesh, thick: Thickness | None) -> BodyMaterial:
    key = body.name if body.name in case.materials.bodies else body.role
    override = case.materials.bodies.get(key)
    if body.role == "disc" and override is None and case.materials.disc == "nucleus_and_annulus":
        return two_part(body)
    axial = axial_constants(override, body, f"materials.bodies.{key}") if override else None
    entry = table_entry(body, construct)
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
    solid = construct.solids.get(body.name)
    printed = lattice.stiffness(body, solid) if isinstance(solid, Solid) else None
    if printed is not None:
        youngs, source = youngs * printed[0], f"{source}; {printed[1]}"
    if thick is None:
        return BodyMaterial(youngs, poisson, None, strength, source, axial)

    shell: NDArray[np.bool_] | None = None
    wall = posterior_wall(body, construct.anatomy) if body.name in VERTEBRAE else None
    if wall is not None:
        back, depth = wall
        shell = body.nodes[natural_facets(body)].mean(axis=1) @ back <= depth
        if not override:
            posterior = body.nodes[body.cells[:, :4]].mean(axis=1) @ back > depth
            stiff = constant("materials", "posterior_elements.youngs_modulus")
            youngs[posterior] = stiff.value
            poisson[posterior] = constant("materials", "posterior_elements.poisson_ratio").value
            source = f"{source}; posterior elements: {stiff.cited()}"
    cortex, told = _cortex(case, body, thick, shell)
    return BodyMaterial(youngs, poisson, cortex, strength, f"{source}; {told}", axial)


def _cortex(case: Case, body: BodyMesh, thick: Thickness, shell: NDArray[np.bool_] | None) -> tuple[Cortex, str]:
    """Membrane on the natural facets, or on those of them in ``shell``, and where its constants come from."""
    kind = "lumbar_cortex" if body.name in VERTEBRAE else "pelvic_cortex"
    bone = case.materials.cortical_bone
    modulus, ratio = (constant("materials", f"{kind}.{key}") for key in ("youngs_modulus", "poisson_ratio"))
    facets, values = natural_facets(body), thick.values
    if shell is not None:
        facets, values = facets[shell], values[shell]
    stiff = (bone.youngs_modulus, bone.poisson_ratio) if bone else (modulus.value, ratio.value)
    return Cortex(facets, values, *stiff), f"cortex {thick.told}: {bone.source if bone else modulus.cited()}"


def _imaged(case: Case, assembly: Assembly, body: BodyMesh, given: Scan, thick: Thickness) -> BodyMaterial:
    """A bone whose core comes from the CT."""
    chain = given.chains[body.name]
    found = core(given.volume, body, assembly.construct.anatomy.parts[body.name], thick.values, chain, KEY)
    cortex, told = _cortex(case, body, thick, None)
    ratio = constant("materials", f"{table_entry(body, assembly.construct)}.poisson_ratio")
    return BodyMaterial(
        found.youngs_modulus,
        np.full(len(body.cells), ratio.value),
        cortex,
        None,
        f"{given.volume.source}; {chain.told}; {told}",
        image=FromImage({**found.measures, **thick.measures}, given.line.uncertain),
    )


def _changed(case: Case, body: BodyMesh, material: BodyMaterial) -> BodyMaterial:
    """The same with the factors on stiffness that the case states for this patient's bone."""
    change = factor(case.patient.modifiers, "stiffness", {body.name: body.role})
    if not change.names:
        return material
    by, cortex = change.nominal, material.cortex
    return replace(
        material.stiffer(by),
        cortex=cortex and replace(cortex, youngs_modulus=by * cortex.youngs_modulus),
        source=f"{material.source}; stiffness {change.told()}",
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
