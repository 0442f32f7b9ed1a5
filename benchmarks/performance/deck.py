"""The stem benchmark as a CalculiX deck, with the solver that is timed, and what CalculiX found."""

from __future__ import annotations

import numpy as np

from benchmarks.verification import calculix

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
CONTACT = "SURFACE TO SURFACE"


def write(path, bodies, load_case, kind, friction, slope):
    """Write the deck of a kind of ``SETTINGS``; the rest as in ``calculix.write``."""
    tied = "TIED" in SETTINGS[kind]["behavior"]
    calculix.write(path, bodies, load_case, None if tied else friction, slope, step=SETTINGS[kind]["step"])


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
