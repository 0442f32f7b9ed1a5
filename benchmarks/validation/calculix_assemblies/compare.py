"""Displacement and stress of one deck: what CalculiX finds beside what the package finds."""

from __future__ import annotations

import numpy as np

from benchmarks.verification import calculix
from femsacrum.calculix.deck import write_deck
from femsacrum.findings.anisotropic import stresses
from femsacrum.findings.kernels import von_mises
from femsacrum.findings.stress import strain

#: Longest wait for one run of ccx [s].
PATIENCE = 1200.0


def differences(folder, bodies, materials, interfaces, load_case, solution, springs=(), shared_nodes=False):
    """How far the two are apart.

    Args:
        folder: For the deck.
        bodies: Body name -> mesh.
        materials: Body name -> stiffness.
        interfaces: Contacts, all bonded.
        load_case: That was solved.
        solution: By the package.
        springs: Ligaments.
        shared_nodes: Bonded faces share their nodes in the deck.

    Returns:
        "displacement": root mean square difference over all nodes over that of CalculiX; "farthest": largest difference of
        a node over the largest displacement; "stress": the same as the first for the von Mises stress of the elements, by
        volume, over all bodies; "worst body": the largest of that body by body; "nodes".

    Raises:
        RuntimeError: ccx is absent, too slow or stops.
    """
    most = max(len(body.cells) for body in bodies.values())
    deck = write_deck(
        folder, bodies, materials, interfaces, [load_case], (), springs, shared_nodes=shared_nodes, most_cards=most
    )
    if deck.remarks:
        raise RuntimeError(f"the deck is not the model: {'; '.join(deck.remarks)}")
    path = deck.load_cases[load_case.name]
    wanted = "".join(f"*EL PRINT, ELSET={name}, GLOBAL=YES\nS\n" for name in bodies)
    path.write_text(path.read_text(encoding="ascii").replace("*END STEP", f"{wanted}*END STEP"), encoding="ascii")
    calculix.run(path, PATIENCE)
    theirs, _ = calculix.results(path)
    own = np.vstack([solution.displacements[name] for name in bodies])
    moved = np.vstack([theirs[deck.nodes[name] - 1] for name in bodies])
    apart = np.linalg.norm(own - moved, axis=1)
    mises = _mises_of(path, sum(len(body.cells) for body in bodies.values()))
    by_body, first = {}, 0
    for name, body in bodies.items():
        found = strain(body, solution.strained(name))
        ours = von_mises(stresses(found.inside, materials[name])).mean(axis=1)
        other = mises[first : first + len(body.cells)]
        volume = found.volume.sum(axis=1)
        by_body[name] = (volume @ (ours - other) ** 2, volume @ other**2)
        first += len(body.cells)
    over, under = np.array(list(by_body.values())).sum(axis=0)
    return {
        "displacement": float(np.linalg.norm(own - moved) / np.linalg.norm(moved)),
        "farthest": float(apart.max() / np.linalg.norm(moved, axis=1).max()),
        "stress": float(np.sqrt(over / under)),
        "worst body": float(max(np.sqrt(a / b) for a, b in by_body.values())),
        "nodes": len(theirs),
    }


def _mises_of(path, count):
    """Von Mises stress of each element, mean of its integration points, shape (count,) [MPa]."""
    rows = []
    for line in path.with_suffix(".dat").read_text(encoding="ascii").splitlines():
        words = line.split()
        if len(words) == 8 and words[0].isdigit():
            rows.append(words)
    table = np.array(rows, dtype=float)
    # CalculiX: xx, yy, zz, xy, xz, yz; the kernel: xx, yy, zz, xy, yz, xz
    mises = von_mises(np.ascontiguousarray(table[:, None, [2, 3, 4, 5, 7, 6]]))[:, 0]
    element = table[:, 0].astype(int) - 1
    points = np.bincount(element, minlength=count)
    if points.min() < 1:
        raise RuntimeError(f"{path.name}: CalculiX printed no stress for {np.sum(points < 1)} elements")
    return np.bincount(element, mises, minlength=count) / points
