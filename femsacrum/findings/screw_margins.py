"""Whether bone holds each screw: against pulling out along its axis, and against toggling across it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from femsacrum.anatomy.model import Floats
from femsacrum.findings.around_screws import around
from femsacrum.findings.bone import yield_strains
from femsacrum.findings.quantities import limit, quantity, vector
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Screw

#: Constants that the margins rest on, for the report.
SOURCES = (
    "around", "damage_low", "damage_high", "shear_over_compression", "ultimate_over_modulus", "densest",
    "thread_shape_low", "thread_shape_high", "measured_pull_out",
)  # fmt: skip

#: What has no thread: the rod's own end in the ilium, and a bar from ilium to ilium. Nothing is said of their pull-out.
SMOOTH, BAR = "_galveston", "transiliac_bar"

LIMITS = (
    "Screws run through bone without a hole: bone inside the shaft bears load that it cannot bear in truth. Resultants "
    "of a screw, and so its margins, hardly depend on that; strains beside the shaft do.",
    "Strength follows the modulus of the bone's core round the screw. Cortex that the thread cuts, and bone that is held "
    "together by its surroundings and so bears more than a free cube, are not counted: low margins are lower than they "
    "are, and a margin below 1 at the low end alone is a doubt, not a failure.",
    "The margins are of one loading. Screws loosen by many cycles below these forces, and by the bone's own answer to "
    "them, of which nothing is said here.",
)


@dataclass(frozen=True)
class Hold:
    """What bone does to one screw at one instant.

    Attributes:
        pull: Force by which the rest of the construct pulls the screw out of bone, along its axis [N]; negative: it is
            pushed in.
        across: Resultant across the axis that bone exerts on the shaft, shape (3,) [N].
        moment: Of all that bone exerts about the middle of the purchase, across the axis, shape (3,) [N mm].
        at_entry: The same about the point where bone begins [N mm].
        length: Of the shaft in bone as the model has it: its surface there over its circumference [mm].
        shear: Lowest and highest strength against pull-out over the shaft, thread shape included [N].
        bearing: Lowest and highest strength across the shaft [N/mm].
        modulus: Mean of the bone's core along it [MPa].
    """

    pull: float
    across: Floats
    moment: Floats
    at_entry: Floats
    length: float
    shear: tuple[float, float]
    bearing: tuple[float, float]
    modulus: float


def screw_margins(
    assembly: Assembly,
    solutions: Sequence[LoadCaseSolution],
    materials: Mapping[str, BodyMaterial],
    strength: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Pull-out and toggle margins of every screw in bone, and the strain of the bone round it.

    Pull-out: strength S pi D L (0.5 + 0.577 depth / pitch) with the shear strength S of the bone (Chapman 1996). Toggle: the
    screw as a rigid pile in bone that yields at the same force per length everywhere, ``toggle``. The shear strength is 0.44
    of the compressive one (Sanyal 2012), which lies between yield strain times modulus and the ultimate strength.

    Args:
        assembly: Meshed bodies; its construct has screws and contacts.
        solutions: One load case alone, or all phases of a cycle: every screw is then told at its worst instant.
        materials: Body -> material; the modulus of the bone's core sets its strength.
        strength: Body -> factor on the strength of bone that the case states; None or left out: 1.

    Returns:
        "screws": name -> "hosts", "length", "modulus", "pull_out" (from all its bones together; no strength where there is
        no thread) and "toggle" (of the worst of its bones), each with demand, strength and margin, low and high, and the
        instant, "around" (see ``around``); "weakest": name, mode, margin and why in words; "sources";
        "limits".
    """
    found: dict[str, Any] = {}
    for screw in assembly.construct.screws:
        bones = [host for host in screw.hosts if assembly.bodies[host].role == "bone"]
        whole = _held(assembly, solutions, materials, screw, strength or {}, bones)
        if not whole:
            continue
        apart = [(host, _held(assembly, solutions, materials, screw, strength or {}, [host])) for host in bones]
        turned = [(host, name, each) for host, rows in apart for name, each in rows]
        host, instant, worst = min(turned, key=lambda row: _toggle(row[2])[0])
        pulled = max(whole, key=lambda row: row[1].pull)
        found[screw.name] = {
            "hosts": bones,
            "length": quantity(pulled[1].length, "mm"),
            "modulus": quantity(pulled[1].modulus, "MPa"),
            "pull_out": _pull_out(*pulled, threaded=not screw.name.endswith(SMOOTH) and BAR not in screw.name),
            "toggle": {"host": host} | _toggled(instant, worst),
            "around": around(assembly, solutions, screw),
        }
    return {
        "screws": found,
        "weakest": _weakest(found),
        "sources": {key: _cited(key) for key in SOURCES},
        "limits": list(LIMITS),
    }


def _held(
    assembly: Assembly,
    solutions: Sequence[LoadCaseSolution],
    materials: Mapping[str, BodyMaterial],
    screw: Screw,
    strength: Mapping[str, float],
    bones: Sequence[str],
) -> list[tuple[str, Hold]]:
    """What some of its bones do to a screw at every instant; empty where they do not hold it."""
    every = [(one.name, hold(assembly, one, materials, screw, strength, bones)) for one in solutions]
    return [(name, each) for name, each in every if each is not None]


def hold(
    assembly: Assembly,
    solution: LoadCaseSolution,
    materials: Mapping[str, BodyMaterial],
    screw: Screw,
    strength: Mapping[str, float],
    bones: Sequence[str],
) -> Hold | None:
    """What the given bones round a screw exert on it, and what they could; None where they do not hold it."""
    axis = (screw.tip - screw.entry) / np.linalg.norm(screw.tip - screw.entry)
    points, forces, area, moduli, least, most = [], [], [], [], [], []
    for contact in assembly.construct.contacts:
        host = contact.master[0]
        if contact.screw != screw.name or host not in bones:
            continue
        state = solution.interfaces.get(contact.name)
        if state is None or not len(state.area):
            continue
        mesh, factor = assembly.bodies[host], strength.get(host, 1.0)
        nearest = cKDTree(mesh.nodes[mesh.cells[:, :4]].mean(axis=1)).query(state.points)[1]
        core = materials[host].youngs_modulus[nearest]
        counted = factor * np.minimum(core, constant("screws", "densest").value)
        points.append(state.points)
        forces.append(state.area[:, None] * (state.shear - state.pressure[:, None] * state.normals))
        area.append(state.area)
        moduli.append(core)
        least.append(limit(yield_strains(host)[1]) * counted)
        most.append(constant("screws", "ultimate_over_modulus").value * counted)
    if not points:
        return None
    place, force, share = np.vstack(points), np.vstack(forces), np.concatenate(area)
    total = float(share.sum())
    depth = (place - screw.entry) @ axis
    middle = screw.entry + float(share @ depth / total) * axis
    length = total / (np.pi * screw.diameter)
    start = middle - 0.5 * length * axis
    across = force - np.outer(force @ axis, axis)
    # compressive strength, lowest and highest, as means over the shaft's surface
    low, high = (float(share @ np.concatenate(each) / total) for each in (least, most))
    shape = [constant("screws", f"thread_shape_{end}").value for end in ("low", "high")]
    ratio = constant("screws", "shear_over_compression").value
    return Hold(
        pull=float(force.sum(axis=0) @ axis),
        across=across.sum(axis=0),
        moment=_across(np.cross(place - middle, force).sum(axis=0), axis),
        at_entry=_across(np.cross(place - start, force).sum(axis=0), axis),
        length=length,
        shear=(ratio * low * total * shape[0], ratio * high * total * shape[1]),
        bearing=(low * screw.diameter, high * screw.diameter),
        modulus=float(share @ np.concatenate(moduli) / total),
    )


def toggle(bearing: float, length: float, force: float, moment: float) -> float:
    """How many times a force and a moment across it a rigid shaft bears in bone that yields everywhere.

    Bone bears at most p per length of the shaft in either direction. A force V and a moment M about the middle of the
    length L are at the limit where V^2 + 4 p M = p^2 L^2: the short free-headed pile of B. B. Broms, J Soil Mech Found Div
    ASCE 90 (SM2) (1964) 27-63, with a resistance that does not grow with depth, written for the middle. Where force and
    moment are not in one plane this is on the safe side.

    Args:
        bearing: p [N/mm].
        length: L [mm].
        force: V, >= 0 [N].
        moment: M, >= 0 [N mm].

    Returns:
        Factor on both at which the shaft turns in its bone; inf without load.
    """
    demand = 2.0 * moment + float(np.sqrt(4.0 * moment**2 + (force * length) ** 2))
    return bearing * length**2 / demand if demand > 0.0 else float("inf")


def _toggle(held: Hold) -> tuple[float, float]:
    """Lowest and highest factor against toggling."""
    force, moment = float(np.linalg.norm(held.across)), float(np.linalg.norm(held.moment))
    low, high = (toggle(bearing, held.length, force, moment) for bearing in held.bearing)
    return low, high


def _pull_out(instant: str, held: Hold, threaded: bool) -> dict[str, Any]:
    pull = max(held.pull, 0.0)
    strengths = held.shear if threaded else (None, None)
    margins = [strength / pull if strength is not None and pull > 0.0 else None for strength in strengths]
    return {
        "instant": instant,
        "axial_force": quantity(held.pull, "N") | {"positive": "pulls out"},
        "strength": _range(strengths, "N"),
        "margin": _range(margins, "1"),
    }


def _toggled(instant: str, held: Hold) -> dict[str, Any]:
    return {
        "instant": instant,
        "length": quantity(held.length, "mm"),
        "force_across": quantity(float(np.linalg.norm(held.across)), "N"),
        "force_on_shaft": vector(held.across, "N"),
        "moment_at_entry": quantity(float(np.linalg.norm(held.at_entry)) / 1e3, "N m"),
        "bearing_strength": _range(held.bearing, "N/mm"),
        "margin": _range(_toggle(held), "1"),
    }


def _weakest(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """The screw and mode with the least low margin, and why, in words; None where nothing is loaded."""
    rows = [
        (row[mode]["margin"]["low"]["value"], name, mode)
        for name, row in found.items()
        for mode in ("pull_out", "toggle")
        if row[mode]["margin"]["low"]["value"] is not None
    ]
    if not rows:
        return None
    _, name, mode = min(rows)
    row, told = found[name], found[name][mode]
    low, high = told["margin"]["low"]["value"], told["margin"]["high"]["value"]
    length = told["length"]["value"] if mode == "toggle" else row["length"]["value"]
    if mode == "pull_out":
        loaded = f"{told['axial_force']['value']:.0f} N pull it out"
    else:
        moment = told["moment_at_entry"]["value"]
        loaded = f"{told['force_across']['value']:.0f} N across it and {moment:.1f} N m at its entry turn it"
    why = (
        f"{loaded} ({told['instant']}); {length:.0f} mm of bone with a core of "
        f"{row['modulus']['value']:.0f} MPa bear {low:.2g} to {high:.2g} times that"
    )
    return {"screw": name, "mode": mode, "margin": told["margin"], "why": why}


def _across(moment: Floats, axis: Floats) -> Floats:
    return np.asarray(moment - (moment @ axis) * axis)


def _range(ends: Sequence[float | None], unit: str) -> dict[str, Any]:
    return {"low": quantity(ends[0], unit), "high": quantity(ends[1], unit)}


def _cited(key: str) -> dict[str, Any]:
    entry = constant("screws", key)
    return {"value": entry.value, "unit": entry.unit, "source": entry.source, "confidence": entry.confidence}
