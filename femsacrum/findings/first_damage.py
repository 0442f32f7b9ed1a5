"""How many times the load, until the first piece of bone breaks: principal strain past its limit in a piece of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings.overload import near, pieces, risk_of, volumes
from femsacrum.findings.quantities import cited, limit, place, quantity
from femsacrum.loads.loadcase import LoadCase
from femsacrum.mechanics.interfaces import LoadCaseSolution, Spring
from femsacrum.meshing.bodies import Assembly, BodyMesh

LIMIT = (
    "First damage is not strength: nothing yields, no crack runs, load is not handed on, and strain is taken as "
    "proportional to the load. Cadaver pelves bore two to three times as much (one laboratory). Compare it with the same "
    "patient's intact pelvis on one mesh."
)


@dataclass(frozen=True)
class Damage:
    """Where bone is damaged first, and by how much of the load.

    Attributes:
        factor: On the load, at which a connected piece of the wanted volume is past its limit [1]; infinite: never.
        onset: On the load, at which the first cell is [1].
        wide: On the load, at which cells of another volume are in all, connected or not [1].
        cells: Of that piece, shape (k,).
        centre: Middle of that piece, shape (3,) [mm].
    """

    factor: float
    onset: float
    wide: float
    cells: Ints
    centre: Floats


def damage(mesh: BodyMesh, risk: Floats, volume: float, attached: Ints | None = None, in_all: float = 0.0) -> Damage:
    """The factor on a load at which a connected piece of bone is strained past its limit, by scaling one solution.

    Principal strain of 0.73 % in tension or 1.04 % in compression begins a fracture: linear models of 14 femora foretold
    their strength by it, from the first node on (E. Schileo et al., J Biomech 47 (2014) 3531-3538, R2 = 0.89). Here a
    piece as large as a continuum is asked for, since a single element's strain depends on the mesh. Strain is taken as
    proportional to the load: no bone yields, no ligament tightens, nothing slides; cracks do not grow.

    Args:
        mesh: Of bone or graft.
        risk: Of every cell, from ``overload.risk_of``, shape (m,).
        volume: Of the piece [mm3].
        attached: Nodes of facets that something pulls or presses on; cells with one are left out, since a few facets
            bear there what a whole attachment does.
        in_all: Volume that ``wide`` asks for [mm3].
    """
    risk, size = risk.copy(), volumes(mesh)
    if attached is not None:
        risk[np.isin(mesh.cells, attached).any(axis=1)] = 0.0
    order = np.argsort(-risk, kind="stable")
    low, high = 1, len(order)
    while low < high:  # the fewest of the most strained cells that hold such a piece
        middle = (low + high) // 2
        low, high = (low, middle) if _largest(mesh, size, order[:middle])[0] >= volume else (middle + 1, high)
    inside = _largest(mesh, size, order[:low])[1]
    centres = mesh.nodes[mesh.cells[inside, :4]].mean(axis=1)
    centre = size[inside] @ centres / size[inside].sum()
    reached = min(int(np.searchsorted(np.cumsum(size[order]), in_all)), len(order) - 1)
    return Damage(_over(risk[order[low - 1]]), _over(risk.max()), _over(risk[order[reached]]), inside, centre)


def first_damage(
    assembly: Assembly,
    load_case: LoadCase,
    solution: LoadCaseSolution,
    springs: Sequence[Spring] = (),
    strength: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """How many times the load each bone and graft bears until its first piece is damaged.

    Args:
        assembly: Meshed bodies.
        load_case: Forces and supports: cells that they act on are left out, as those of ligaments are.
        solution: Of that load case.
        springs: Ligaments.
        strength: Body -> factor on the limits that the case states for this patient's bone; None or left out: 1.

    Returns:
        "bodies": name -> "factor" of the load, "onset" of its first cell, "wide" of 1 cm3 in all, "at", "near"; "weakest"
        body; "volume" of the piece, "in_all" of the 1 cm3; "limit".
    """
    found: dict[str, Any] = {}
    attached = attachments(assembly, load_case, springs)
    for name, mesh in assembly.bodies.items():
        if mesh.role not in ("bone", "graft"):
            continue
        risk = risk_of(mesh, solution.strained(name), (strength or {}).get(name, 1.0))
        made = damage(mesh, risk, limit("damaged_piece"), attached.get(name), limit("damaged_volume"))
        found[name] = {
            "factor": quantity(made.factor, "1"),
            "onset": quantity(made.onset, "1"),
            "wide": quantity(made.wide, "1"),
            "at": place(made.centre),
            "near": near(assembly.construct, made.centre),
        }
    known = {name: row["factor"]["value"] for name, row in found.items() if row["factor"]["value"] is not None}
    weakest = min(known, key=lambda name: float(known[name])) if known else None
    cited_volumes = {"volume": cited("damaged_piece"), "in_all": cited("damaged_volume")}
    return {"bodies": found, "weakest": weakest, **cited_volumes, "limit": LIMIT}


def attachments(assembly: Assembly, load_case: LoadCase | None, springs: Sequence[Spring]) -> dict[str, Ints]:
    """Body -> nodes of the facets that ligaments, muscles, other loads and supports act on.

    A load on the whole surface of a body, its weight, is attached nowhere.
    """
    ends = [end for spring in springs for end in spring.ends]
    if load_case is not None:
        ends += [(one.body, one.facets) for one in load_case.applied]
        ends += [(one.body, one.facets) for one in load_case.supports]
    found: dict[str, list[Ints]] = {}
    for name, facets in ends:
        if len(facets) < len(assembly.bodies[name].facets):
            found.setdefault(name, []).append(np.unique(facets))
    return {name: np.unique(np.concatenate(nodes)) for name, nodes in found.items()}


def _largest(mesh: BodyMesh, size: Floats, chosen: Ints) -> tuple[float, Ints]:
    """Volume and cells of the largest connected piece of some cells."""
    mask: NDArray[np.bool_] = np.zeros(len(mesh.cells), dtype=bool)
    mask[chosen] = True
    number = pieces(mesh.cells, mask)
    weight = np.bincount(number[number >= 0], weights=size[number >= 0])
    return float(weight.max()), np.flatnonzero(number == weight.argmax())


def _over(risk: float) -> float:
    return 1.0 / float(risk) if risk > 0.0 else np.inf
