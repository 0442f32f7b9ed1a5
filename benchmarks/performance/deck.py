"""The stem benchmark as a CalculiX deck: mesh by ``meshing/exchange/inp.py``, contact, load and solver by these lines."""

from __future__ import annotations

import numpy as np

from femsacrum.mechanics.loading import nodal_loads
from femsacrum.mechanics.share import listed
from femsacrum.meshing.exchange.inp import write_inp

#: What CalculiX is told, for the record: keyword -> words in the deck. Convergence criteria are its defaults (residual
#: and correction 0.5 and 1 %); its iterative solver has a tolerance of its own, which a deck cannot set.
SETTINGS = {
    "bonded": {
        "step": "*STATIC, SOLVER=ITERATIVE CHOLESKY",
        "behavior": "*SURFACE BEHAVIOR, PRESSURE-OVERCLOSURE=TIED",
    },
    "bonded, SPOOLES": {
        "step": "*STATIC, SOLVER=SPOOLES",
        "behavior": "*SURFACE BEHAVIOR, PRESSURE-OVERCLOSURE=TIED",
    },
    "friction": {
        "step": "*STATIC, SOLVER=SPOOLES",
        "behavior": "*SURFACE BEHAVIOR, PRESSURE-OVERCLOSURE=LINEAR",
    },
}
CONTACT = "*CONTACT PAIR, INTERACTION=FACE, TYPE=SURFACE TO SURFACE"


def write(path, bodies, materials, load_case, kind, friction, slope):
    """Write the deck and, beside it, the mesh it includes.

    Args:
        path: Ends in ``.inp``.
        bodies: "bone" and "stem" of ``stem_mesh``.
        materials: Body name -> Young's modulus [MPa] and Poisson's ratio.
        load_case: Loads; its one support is written as nodes that do not move.
        kind: Key of ``SETTINGS``.
        friction: Coefficient of friction; without meaning where the surfaces are tied.
        slope: Pressure over overclosure, and stick slope [MPa/mm].
    """
    mesh = path.with_name(f"{path.stem}_mesh.inp")
    write_inp(mesh, bodies)
    offsets, start = {}, 0
    for name, body in bodies.items():
        offsets[name] = start
        start += len(body.nodes)
    lines = [f"*INCLUDE, INPUT={mesh.name}"]
    for name, (modulus, ratio) in materials.items():
        lines += [f"*MATERIAL, NAME={name.upper()}", "*ELASTIC", f"{modulus}, {ratio}"]
        lines.append(f"*SOLID SECTION, ELSET={name}, MATERIAL={name.upper()}")
    (support,) = load_case.supports
    held = np.unique(support.facets) + offsets[support.body] + 1
    lines += ["*NSET, NSET=BOTTOM", *(f"{node}," for node in held), "*BOUNDARY", "BOTTOM, 1, 3, 0."]
    lines += ["*SURFACE INTERACTION, NAME=FACE", SETTINGS[kind]["behavior"], f"{slope}"]
    lines += ["*FRICTION", f"{friction}, {slope}", CONTACT, "stem_interface, bone_hole"]
    # one increment: the whole load at once
    lines += ["*STEP, INC=100", SETTINGS[kind]["step"], "1., 1.", "*CLOAD"]
    forces = nodal_loads(bodies, listed(bodies), load_case.applied).reshape(-1, 3)
    for node in np.flatnonzero(np.abs(forces).sum(axis=1) > 0):
        lines += [f"{node + 1}, {axis + 1}, {forces[node, axis]:.12g}" for axis in range(3)]
    lines += ["*NODE FILE", "U", "*CONTACT FILE", "CDIS, CSTR", "*END STEP"]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def results(path, slope):
    """Largest displacement, slip, penetration and elastic slip [mm] in the .frd file of a deck.

    The slip CalculiX gives contains the elastic one, which is the shear over the stick slope.
    """
    moved, contact, inside = [], [], None
    with path.with_suffix(".frd").open() as file:
        for line in file:
            if line.startswith(" -4"):
                inside = {"DISP": moved, "CONTACT": contact}.get(line[5:13].strip())
            elif line.startswith(" -1") and inside is not None:
                inside.append([float(line[start : start + 12]) for start in range(13, len(line) - 11, 12)])
            elif line.startswith(" -3"):
                inside = None
    gap, slip, shear = (np.array(contact)[:, part] for part in (0, slice(1, 3), slice(4, 6)))
    return {
        "displacement": float(np.linalg.norm(np.array(moved)[:, :3], axis=1).max()),
        "peak slip": float(np.linalg.norm(slip, axis=1).max()),
        "penetration": float(max(0.0, -gap.min())),
        "elastic slip": float(np.linalg.norm(shear, axis=1).max() / slope),
    }
