"""Which way the load goes from the spine into the pelvis: forces across a cut through the model, path by path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.findings.quantities import quantity, vector
from femsacrum.loads.loadcase import LoadCase
from femsacrum.mechanics.interfaces import InterfaceState, LoadCaseSolution, Spring
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Contact

#: Bodies above the cut below L5, and bodies beyond the cut into the pelvis.
SPINE = ("L4", "L5", "disc_L4L5")
PELVIS = ("left_ilium", "right_ilium", "symphysis")
BELOW_L5, INTO_PELVIS = "below L5", "into the pelvis"


def load_paths(
    assembly: Assembly, load_case: LoadCase, solution: LoadCaseSolution, springs: Sequence[Spring] = ()
) -> dict[str, Any]:
    """Forces that carry the upper body across two cuts: below L5, and into the ilia.

    All that crosses a cut is in equilibrium with what acts above it, so the paths add up to the load.

    Args:
        assembly: Meshed bodies.
        load_case: What was applied; loads on the spine's side of a cut are what the paths carry.
        solution: What was solved.
        springs: Ligaments and springs of the model, as they were handed to ``solve``.

    Returns:
        "below L5" and "into the pelvis": "load" above the cut; "paths": name -> "force" on the spine's side, "share" of the
        load along its direction (a path that hangs on the others has a negative share; several may so add to more than
        100 %; None where only a moment acts), and for screws, ligaments and facet joints "members"; "closing_error": what is
        left, over the load.
    """
    cuts = {
        BELOW_L5: {name for name in assembly.bodies if name in SPINE},
        INTO_PELVIS: {name for name in assembly.bodies if name not in PELVIS},
    }
    found = {name: _cut(assembly, load_case, solution, springs, above) for name, above in cuts.items() if above}
    if BELOW_L5 in found:  # what pedicle screws take from the vertebrae goes down the rods
        paths = found[BELOW_L5]["paths"]
        found[BELOW_L5]["paths"] = {name.replace("screws", "rods"): row for name, row in paths.items()}
    return found


def force_on_slave(state: InterfaceState) -> Floats:
    """Resultant of an interface's tractions on its slave, shape (3,) [N]."""
    return np.asarray(state.area @ (state.shear - state.pressure[:, None] * state.normals))


def _cut(
    assembly: Assembly, load_case: LoadCase, solution: LoadCaseSolution, springs: Sequence[Spring], above: set[str]
) -> dict[str, Any]:
    load = np.sum([each.force for each in load_case.applied if each.body in above] or [np.zeros(3)], axis=0)
    held = [
        solution.reactions[each.name] for each in load_case.supports if each.body in above and each.kind != "rigid"
    ]
    size = float(np.linalg.norm(load))
    paths: dict[str, dict[str, Floats]] = {}
    for path, member, force in (*_faces(assembly, solution, above), *_ligaments(solution, springs, above)):
        members = paths.setdefault(path, {})
        members[member] = members.get(member, np.zeros(3)) + force
    rows = {}
    for path, members in sorted(paths.items()):
        force = np.sum(list(members.values()), axis=0)
        rows[path] = {"force": vector(force, "N"), "share": _share(force, load)}
        if path.endswith(("screws", "ligaments", "facet joints")):
            rows[path]["members"] = {
                name: _share(each, load) | {"force": vector(each, "N")} for name, each in members.items()
            }
    every = load + np.sum([np.zeros(3), *held, *(each for path in paths.values() for each in path.values())], axis=0)
    return {
        "load": vector(load, "N"),
        "paths": rows,
        "closing_error": quantity(float(np.linalg.norm(every)) / size if size > 0.0 else None, "1"),
    }


def _faces(assembly: Assembly, solution: LoadCaseSolution, above: set[str]) -> Iterator[tuple[str, str, Floats]]:
    """Path, member and force on the upper side of every interface that crosses the cut."""
    for contact in assembly.construct.contacts:
        slave, master = contact.slave[0], contact.master[0]
        if (slave in above) == (master in above) or contact.name not in solution.interfaces:
            continue
        force = force_on_slave(solution.interfaces[contact.name])
        yield _path(assembly, contact), contact.screw or contact.name, force if slave in above else -force


def _ligaments(
    solution: LoadCaseSolution, springs: Sequence[Spring], above: set[str]
) -> Iterator[tuple[str, str, Floats]]:
    for spring in springs:
        ends = [body in above for body, _ in spring.ends]
        if ends[0] == ends[1] or spring.name not in solution.springs:
            continue
        along = spring.points[1] - spring.points[0]
        pull = solution.springs[spring.name].tension * along / np.linalg.norm(along)
        path = "facet joints" if spring.compression_only else "ligaments"
        yield path, spring.name, pull if ends[0] else -pull


def _path(assembly: Assembly, contact: Contact) -> str:
    """Side and kind of a path: "left screws", "right graft face", "left sacroiliac joint", "prosthesis face", "disc"."""
    bodies = contact.slave[0], contact.master[0]
    side = next((f"{side} " for side in ("left", "right") for body in bodies if body.startswith(f"{side}_")), "")
    if contact.kind == "embedded":
        named = contact.screw or ""
        return f"{named.split('_')[0]} screws" if named.startswith(("left_", "right_")) else f"{side}screws"
    roles = {assembly.bodies[body].role for body in bodies}
    for role, word in (("graft", "graft face"), ("implant", "prosthesis face"), ("disc", "disc")):
        if role in roles:
            return f"{side}{word}"
    return f"{side}sacroiliac joint" if any(body.endswith("_sij") for body in bodies) else f"{side}face"


def _share(force: Floats, load: Floats) -> dict[str, Any]:
    """Share of the load that a force carries, by its component against it."""
    square = float(load @ load)
    return quantity(-100.0 * float(force @ load) / square if square > 0.0 else None, "%")
