"""The stem benchmark written for CalculiX, run when ``ccx`` is installed, and read back."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np

from femsacrum.mechanics.loading import nodal_loads
from femsacrum.mechanics.share import listed


def write(path, bodies, load_case, friction, slope, contact="SURFACE TO SURFACE"):
    """INP deck: contact of that type ("MORTAR" is the other) with friction; ``friction=None`` ties the surfaces."""
    offsets, start = {}, 0
    for name, body in bodies.items():
        offsets[name] = start
        start += len(body.nodes)
    lines = ["*NODE, NSET=ALL"]
    for name, body in bodies.items():
        lines += [f"{i + offsets[name] + 1}, " + ", ".join(f"{x:.12g}" for x in p) for i, p in enumerate(body.nodes)]
    element, faces = 0, {}
    for name, body in bodies.items():
        lines.append(f"*ELEMENT, TYPE=C3D4, ELSET={name.upper()}")
        for cell in body.cells:
            element += 1
            lines.append(f"{element}, " + ", ".join(str(n + offsets[name] + 1) for n in cell))
        faces[name] = _faces(body, element - len(body.cells))
    for name, modulus in (("bone", 1000.0), ("stem", 110000.0)):
        lines += [f"*MATERIAL, NAME={name.upper()}", "*ELASTIC", f"{modulus}, 0.3"]
        lines.append(f"*SOLID SECTION, ELSET={name.upper()}, MATERIAL={name.upper()}")
        lines.append(f"*SURFACE, NAME=S{name.upper()}, TYPE=ELEMENT")
        lines += [f"{cell}, S{side}" for cell, side in faces[name]]
    bottom = np.unique(bodies["bone"].facets_of("z0")) + offsets["bone"] + 1
    lines += ["*NSET, NSET=BOTTOM", *(f"{n}," for n in bottom), "*BOUNDARY", "BOTTOM, 1, 3, 0."]
    lines.append("*SURFACE INTERACTION, NAME=FACE")
    lines += ["*SURFACE BEHAVIOR, PRESSURE-OVERCLOSURE=" + ("TIED" if friction is None else "LINEAR"), f"{slope}"]
    lines += ["*FRICTION", f"{friction or 0.4}, {slope}"]
    lines += [f"*CONTACT PAIR, INTERACTION=FACE, TYPE={contact}", "SSTEM, SBONE"]
    lines += ["*STEP, INC=100", "*STATIC", "1., 1.", "*CLOAD"]
    forces = nodal_loads(bodies, listed(bodies), load_case.applied).reshape(-1, 3)
    for node in np.flatnonzero(np.abs(forces).sum(axis=1) > 0):
        lines += [f"{node + 1}, {axis + 1}, {forces[node, axis]:.12g}" for axis in range(3)]
    lines += ["*NODE FILE", "U", "*CONTACT FILE", "CDIS, CSTR", "*END STEP"]
    path.write_text("\n".join(lines) + "\n")


def _faces(body, first):
    """Element and CalculiX face number of every facet of face 0 (faces 123, 142, 243, 341 are S1 to S4)."""
    corners = body.cells[:, [[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]]]
    count = np.int64(len(body.nodes))
    weight = np.array([count * count, count, 1])
    keys = np.sort(corners, axis=2) @ weight
    wanted = np.sort(body.facets[body.facet_face == 0], axis=1) @ weight
    cell, side = np.nonzero(np.isin(keys, wanted))
    return [(first + c + 1, s + 1) for c, s in zip(cell, side, strict=True)]


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
    for line in path.with_suffix(".frd").read_text().splitlines():
        if line.startswith(" -4"):
            inside = line[5:13].strip()
        elif line.startswith(" -1") and inside in values:
            values[inside].append([float(line[start : start + 12]) for start in (13, 25, 37)])
        elif line.startswith(" -3"):
            inside = None
    return np.array(values["DISP"]), np.array(values["CONTACT"]).reshape(-1, 3)[:, 1:]
