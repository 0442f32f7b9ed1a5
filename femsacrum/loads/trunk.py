"""Muscles of the trunk that cross the cut: they pull on the pelvis and press L4 as much."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.names import SIDES
from femsacrum.loads.lines import axes, origin_at
from femsacrum.loads.loadcase import Applied
from femsacrum.loads.patches import Patch, landmark, outward, unit, upper_endplate
from femsacrum.loads.sharing import share
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant, table

#: Where the forces come from.
SOURCE = "shared so that L4 has no moment; sections and levers of the trunk [M-low]"


def trunk_loads(
    assembly: Assembly, force: Floats, bend: Floats, weight: float, tension: float, criterion: str, source: str
) -> tuple[Applied, ...]:
    """L4's load and the trunk's muscles, which together are the net load of the trunk.

    The muscles take the moments that bend L4 forward and sideways and the one that turns it: the obliques come in pairs
    that turn the trunk opposite ways, and a sacrectomy leaves no facets to carry torsion. A muscle is weaker by the share
    of its origin that the operation took, and gone with all of it; a moment that none is left to give stays with L4.

    Args:
        assembly: Meshed bodies.
        force: Net force of the trunk on L4, shape (3,) [BW].
        bend: Its moment about the middle of L4's upper endplate, shape (3,) [BW mm].
        weight: Body weight [N].
        tension: Largest stress of a muscle [MPa].
        criterion: How they share, see ``share``.
        source: Where the net load comes from.

    Returns:
        The load on L4 first.
    """
    frame, top = axes(assembly), landmark(assembly, "L4_upper")
    pulls: list[tuple[str, Patch, Floats, float]] = []
    for entry in table("muscles")["trunk"]:
        for side in SIDES:
            patch, left = origin_at(assembly, side, entry["at"])
            if patch is None:
                continue
            back, out = entry["towards"]
            end = top - back * frame.forward + out * outward(assembly, side)
            strength = 100.0 * left * entry["section"] * tension / weight
            pulls.append((f"{side} {entry['name']}", patch, unit(end - patch.centroid), strength))
    about = np.array([frame.left, frame.forward, frame.up])
    levers = np.array([strength * (about @ np.cross(patch.centroid - top, way)) for _, patch, way, strength in pulls])
    tone, idle = constant("activities", "tone").value, np.zeros(len(pulls))
    active = share(levers.T / 1e3, about @ bend / 1e3, criterion, tone, idle, 0.0)
    made = []
    for (name, patch, way, strength), a in zip(pulls, active, strict=True):
        pull = a * strength * way
        force, bend = force - pull, bend - np.cross(patch.centroid - top, pull)
        made.append(Applied(name, patch.body, patch.facets, weight * pull, np.zeros(3), patch.centroid, SOURCE))
    return (l4_load(assembly, force, bend, weight, source), *made)


def trunk_muscles_left(assembly: Assembly, side: str) -> float:
    """Share of the trunk muscles' cross-section on one side that the operation leaves."""
    entries = table("muscles")["trunk"]
    whole = sum(entry["section"] for entry in entries)
    return float(sum(entry["section"] * origin_at(assembly, side, entry["at"])[1] for entry in entries) / whole)


def l4_load(assembly: Assembly, force: Floats, bend: Floats, weight: float, source: str) -> Applied:
    """A force [BW] and a moment [BW mm] at the middle of L4's upper endplate, where the trunk rests."""
    plate, top = upper_endplate(assembly), landmark(assembly, "L4_upper")
    return Applied("upper body on L4", plate.body, plate.facets, weight * force, weight * bend, top, source)
