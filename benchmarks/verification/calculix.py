"""The stem benchmark written for CalculiX, run when ``ccx`` is installed, and read back."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np

from femsacrum.mechanics.loading import nodal_loads
from femsacrum.mechanics.share import listed
from femsacrum.meshing.exchange.inp import node_set, write_inp

#: Young's modulus [MPa] and Poisson's ratio.
MATERIALS = {"bone": (1000.0, 0.3), "stem": (110000.0, 0.3)}


def write(path, bodies, load_case, friction, slope, contact="SURFACE TO SURFACE", step="*STATIC"):
    """Write the deck and, beside it, the mesh it includes.

    Unlike those of ``femsacrum.calculix`` these bond by CalculiX's own contact, which is what is to be compared with.

    Args:
        path: Ends in ``.inp``.
        bodies: "bone" and "stem" of ``stem_mesh``.
        load_case: Loads; its one support is written as nodes that do not move.
        friction: Coefficient of friction; None ties the surfaces.
        slope: Pressure over overclosure, and stick slope [MPa/mm].
        contact: Type of the contact; "MORTAR" is the other.
        step: Keyword with the solver.
    """
    mesh = path.with_name(f"{path.stem}_mesh.inp")
    numbers = {name: each + 1 for name, each in listed(bodies).items()}
    write_inp(mesh, bodies, numbers)
    lines = [f"*INCLUDE, INPUT={mesh.name}"]
    for name, (modulus, ratio) in MATERIALS.items():
        lines += [f"*MATERIAL, NAME={name.upper()}", "*ELASTIC", f"{modulus}, {ratio}"]
        lines.append(f"*SOLID SECTION, ELSET={name}, MATERIAL={name.upper()}")
    (support,) = load_case.supports
    lines += [*node_set("BOTTOM", numbers[support.body][support.facets]), "*BOUNDARY", "BOTTOM, 1, 3, 0."]
    lines.append("*SURFACE INTERACTION, NAME=FACE")
    lines += ["*SURFACE BEHAVIOR, PRESSURE-OVERCLOSURE=" + ("TIED" if friction is None else "LINEAR"), f"{slope}"]
    lines += ["*FRICTION", f"{friction or 0.4}, {slope}"]
    lines += [f"*CONTACT PAIR, INTERACTION=FACE, TYPE={contact}", "stem_interface, bone_hole"]
    # one increment: the whole load at once
    lines += ["*STEP, INC=100", step, "1., 1.", "*CLOAD"]
    forces = nodal_loads(bodies, listed(bodies), load_case.applied).reshape(-1, 3)
    for node in np.flatnonzero(np.abs(forces).sum(axis=1) > 0):
        lines += [f"{node + 1}, {axis + 1}, {forces[node, axis]:.12g}" for axis in range(3)]
    lines += ["*NODE FILE", "U", "*CONTACT FILE", "CDIS, CSTR", "*END STEP"]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def run(path, seconds):
    """Run ccx on a deck.

    Raises:
        RuntimeError: It is absent, too slow or stops.
    """
    if shutil.which("ccx") is None:
        raise RuntimeError("CalculiX is not installed: no ccx on the PATH (Debian: apt-get install calculix-ccx)")
    try:
        done = subprocess.run(
            ["ccx", path.stem], cwd=path.parent, timeout=seconds, capture_output=True, text=True, check=False
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"ccx did not finish {path.name} in {seconds:g} s") from None
    if done.returncode or "Job finished" not in done.stdout:
        raise RuntimeError(f"ccx stopped on {path.name}: {' '.join(done.stdout.split()[-40:])}")


def results(path):
    """Nodal displacement [mm] and slip [mm] in the .frd file of a deck, shapes (n, 3) and (c, 2)."""
    values, inside = {"DISP": [], "CONTACT": []}, None
    for line in path.with_suffix(".frd").read_text(encoding="utf-8").splitlines():
        if line.startswith(" -4"):
            inside = line[5:13].strip()
        elif line.startswith(" -1") and inside in values:
            values[inside].append([float(line[start : start + 12]) for start in (13, 25, 37)])
        elif line.startswith(" -3"):
            inside = None
    return np.array(values["DISP"]), np.array(values["CONTACT"]).reshape(-1, 3)[:, 1:]
