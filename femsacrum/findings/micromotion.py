"""How much the two sides of an interface move against each other, and what passes between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.findings import kernels
from femsacrum.findings.quantities import limit, place, quantity, vector
from femsacrum.mechanics.interfaces import Frictional, Healing, Interface, InterfaceState, UserLaw
from femsacrum.meshing.bodies import Assembly


def micromotion(state: InterfaceState) -> Floats:
    """Size of the motion of slave against master that the load brought, shape (p,) [mm].

    Slip and change of gap together: sqrt(|slip|^2 + (gap - gap before the load)^2). What press-fit and tightening moved
    before is not part of it.
    """
    slip = state.slip if state.assembled_slip is None else state.slip - state.assembled_slip
    before = state.initial_gap if state.assembled_gap is None else state.assembled_gap
    return np.sqrt((slip**2).sum(axis=1) + (state.gap - before) ** 2)


def interface(law: Interface, state: InterfaceState, loose: bool = False) -> dict[str, Any]:
    """Motion, opening, pressure and resultant of one interface; means, percentiles and shares are by area.

    Args:
        law: The interface.
        state: Its state under load.
        loose: Nothing holds one of its bodies: how far it moves is not determined, and no figure of it is given.
    """
    area = np.ascontiguousarray(state.area, float)
    motion = micromotion(state)
    slip = np.linalg.norm(state.slip, axis=1)
    spring = np.linalg.norm(state.elastic_slip, axis=1)
    opening = np.maximum(state.gap, 0.0)
    known = not loose
    force = (area[:, None] * (state.shear - state.pressure[:, None] * state.normals)).sum(axis=0)
    return {
        "law": "user" if isinstance(law.law, UserLaw) else type(law.law).__name__.lower(),
        "loose": loose,
        "kind": law.contact.kind,
        "slave": list(law.contact.slave),
        "master": list(law.contact.master),
        "area": quantity(area.sum(), "mm2"),
        # the slave face of a disc is its whole surface: the share means nothing there; of a screw it is its purchase
        "uncovered_share": quantity(100.0 * state.uncovered if law.contact.kind != "anatomical" else None, "%"),
        "micromotion": _spread(1e3 * motion, area, "um", known),
        "micromotion_max_at": place(state.points[motion.argmax()]) if known else quantity(None, "mm"),
        "slip": _spread(1e3 * slip, area, "um", known),
        "gap": _spread(1e3 * opening, area, "um", known),
        "initial_gap_max": quantity(1e3 * float(state.initial_gap.max()), "um"),
        "contact_error": quantity(
            100.0 * state.violation if isinstance(law.law, Frictional | Healing) else None, "%"
        ),
        "penetration_max": quantity(1e3 * max(0.0, -float(state.gap.min())), "um"),
        "elastic_slip_max": quantity(1e3 * float(spring.max()), "um"),
        "bands": _bands(1e3 * motion, area, known),
        "pressure_max": quantity(float(state.pressure.max()), "MPa"),
        "pressure_max_at": place(state.points[state.pressure.argmax()]),
        "pressure_mean": quantity(float(area @ state.pressure / area.sum()), "MPa"),
        "open_area": quantity(float(area[state.status == 0].sum()), "mm2"),
        "open_share": quantity(100.0 * float(area[state.status == 0].sum() / area.sum()), "%"),
        "sliding_share": quantity(100.0 * float(area[state.status == 2].sum() / area.sum()), "%"),
        "force_on_slave": vector(force, "N"),
    }


def triangles_of(assembly: Assembly, state: InterfaceState, interface: Interface) -> Ints:
    """Slave facets whose corners all carry a constraint point, as indices into the points, shape (k, 3)."""
    mesh = assembly.bodies[interface.contact.slave[0]]
    number = np.full(len(mesh.nodes), -1)
    number[state.slave_nodes] = np.arange(len(state.slave_nodes))
    facets = mesh.facets_of(interface.contact.slave[1])
    if facets.shape[1] == 6:
        facets = np.concatenate([facets[:, part] for part in ([0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5])])
    local = number[facets]
    return local[(local >= 0).all(axis=1)]


def facet_size(state: InterfaceState) -> float:
    """Typical edge of the slave's facets, from the area of a point: two triangles a node [mm]."""
    return float(np.sqrt(np.median(state.area)))


def _bands(motion: Floats, area: Floats, known: bool) -> list[dict[str, Any]]:
    """Share of the area in each band of micromotion [um]: favourable, uncertain, adverse."""
    limits = np.array([limit("micromotion_favourable"), limit("micromotion_adverse")])
    edges = [0.0, *limits, None]
    shares = kernels.band_shares(motion, area, limits)
    return [
        {
            "from": quantity(edges[i], "um"),
            "to": quantity(edges[i + 1], "um"),
            "area": quantity(100.0 * shares[i] if known else None, "%"),
        }
        for i in range(3)
    ]


def _spread(values: Floats, area: Floats, unit: str, known: bool) -> dict[str, Any]:
    if not known:
        return {name: quantity(None, unit) for name in ("max", "p95", "mean")}
    return {
        "max": quantity(float(values.max()), unit),
        "p95": quantity(float(kernels.weighted_percentile(values, area, 0.95)), unit),
        "mean": quantity(float(area @ values / area.sum()), unit),
    }
