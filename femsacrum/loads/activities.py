"""Load cases of named activities: posture, free bodies and muscles put together, each instant in equilibrium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.case.names import SIDES
from femsacrum.case.schema import LoadSpec
from femsacrum.errors import InputError
from femsacrum.loads.joints import (
    clamped,
    femur_load,
    free,
    hip_springs,
    isostatic,
    l4_support,
    rigid_reactions,
    wrench,
)
from femsacrum.loads.lines import Line, axes, hip_lines, near_landmark, path, pulls
from femsacrum.loads.loadcase import Applied, Cycle, LoadCase, Support
from femsacrum.loads.patches import landmark, outward, unit, upper_endplate, whole_surface
from femsacrum.loads.pilots import kinematic
from femsacrum.loads.posture import Instant, movement, posture
from femsacrum.loads.segments import Pelvis, free_bodies
from femsacrum.loads.sharing import share
from femsacrum.loads.trunk import l4_load, trunk_loads, trunk_muscles_left
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant, table

#: Muscles that turn the thigh outward from the midline.
ABDUCTORS = ("gluteus medius", "gluteus minimus", "tensor")
MUSCLE_SOURCE = (
    "shared by the stated criterion within cross-section times specific tension; paths after Delp 1990 [S]"
)


def activity(spec: LoadSpec, weight: float, assembly: Assembly, key: str) -> LoadCase:
    """A load case of one instant: lying, sitting, rising, one_leg_stance or stumble.

    Args:
        spec: What the case says.
        weight: Body weight [N].
        assembly: Meshed bodies.
        key: Path of the load in the case, for errors.

    Raises:
        InputError: The posture would not stand.
    """
    held = supports(spec, assembly)
    if spec.kind == "lying":
        loads, hips, missing = _lying(assembly, weight)
        return load_case(spec, spec.name, assembly, key, loads, hips, {}, missing, weight, held)
    entry = table("activities")["posture"]["one_leg_stance" if spec.kind == "stumble" else spec.kind]
    lines = {side: hip_lines(assembly, side) for side in SIDES}
    source = f"{entry['source']} [{entry['confidence']}]"
    made = _instant(spec, spec.name, posture(spec), weight, assembly, lines, source, key, held)
    if spec.kind == "stumble":
        made = _stumble(made, spec, weight)
    return made


def cycle(spec: LoadSpec, weight: float, assembly: Assembly, key: str) -> Cycle:
    """A movement as its instants, which all have the same supports.

    Args:
        spec: What the case says; of a kind that moves.
        weight: Body weight [N].
        assembly: Meshed bodies.
        key: Path of the load in the case, for errors.

    Raises:
        InputError: An instant would not stand.
    """
    moved, held = movement(spec), supports(spec, assembly)
    lines = {side: hip_lines(assembly, side) for side in SIDES}
    phases = tuple(
        _instant(spec, f"{spec.name} {at.percent:.3g} %", at, weight, assembly, lines, moved.source, key, held)
        for at in moved.instants
    )
    percent = tuple(float(at.percent) for at in moved.instants)
    return Cycle(spec.name, phases, percent, moved.duration, moved.per_year, moved.source)


def _instant(
    spec: LoadSpec, name: str, instant: Instant, weight: float, assembly: Assembly,
    lines: dict[str, tuple[Line, ...]], source: str, key: str, held: tuple[Support, ...],
) -> LoadCase:  # fmt: skip
    body = free_bodies(instant, assembly)
    applied = [Applied(f"pelvis, {side} half", patch.body, patch.facets, weight * body.weight, np.zeros(3),
                       patch.centroid, constant("loads", "pelvis_weight").cited())
               for side, patch in body.halves.items()]  # fmt: skip
    for side, (force, patch) in body.seat.items():
        applied.append(
            _force(f"seat under {side} ischium", patch.body, patch.facets, weight * force, patch.centroid, source)
        )
    hips, turns, measures = {}, {}, {}
    missing = np.zeros(3)
    for side in SIDES:
        if spec.muscles == "none":
            hips[side], turns[side] = body.hips[side], body.turns[side]
            continue
        pulled, lost = _muscles(spec, side, instant, body, weight, assembly, lines[side])
        applied += pulled
        missing = missing + lost
        hips[side] = body.hips[side] - sum((load.force for load in pulled), np.zeros(3)) / weight
        strength = sum(float(np.linalg.norm(load.force)) for load in pulled if any(a in load.name for a in ABDUCTORS))
        whole = 100.0 * sum(entry["section"] for entry in table("muscles")["hip"])
        measures[f"{side}_hip_muscles_left [%]"] = 100.0 * sum(line.section for line in lines[side]) / whole
        measures[f"{side}_trunk_muscles_left [%]"] = 100.0 * trunk_muscles_left(assembly, side)
        measures[f"{side}_abductor_force [%BW]"] = 100.0 * strength / weight
    if spec.muscles == "none":
        loads: tuple[Applied, ...] = (l4_load(assembly, body.trunk, body.bend, weight, source),)
    else:
        loads = trunk_loads(
            assembly, body.trunk, body.bend, weight, spec.specific_tension, spec.muscle_sharing, source
        )
    for side, crutch in instant.crutches.items():
        measures[f"{side}_crutch_force [%BW]"] = 100.0 * crutch
    made = (*loads, *applied)
    return load_case(spec, name, assembly, key, made, hips, turns, missing, weight, held, measures)


def _muscles(
    spec: LoadSpec,
    side: str,
    instant: Instant,
    body: Pelvis,
    weight: float,
    assembly: Assembly,
    lines: Sequence[Line],
) -> tuple[list[Applied], Floats]:
    """Forces of a side's hip muscles, and the moment that none of them can give [BW mm].

    Beside the moment, they hold the leg that hangs: the joint's surfaces press, they never pull.
    """
    hip, up = landmark(assembly, f"{side}_hip_centre"), axes(assembly).up
    paths = [path(line, side, assembly, instant.flexion[side]) for line in lines]
    ways = [unit(points[-1] - points[-2]) for points in paths]
    strength = np.array([line.section for line in lines]) * spec.specific_tension / weight
    turning = np.array([np.cross(points[-2] - hip, way) for points, way in zip(paths, ways, strict=True)])
    levers = (strength[:, None] * turning).T / 1e3
    pull = strength * -(np.array(ways) @ up)
    tone, wanted = constant("activities", "tone").value, -float(body.hips[side] @ up)
    active = share(levers, body.turns[side] / 1e3, spec.muscle_sharing, tone, pull, max(wanted, 0.0))
    made: list[Applied] = []
    for line, points, force in zip(lines, paths, active * strength * weight, strict=True):
        made += pulls(line, float(force), points, MUSCLE_SOURCE)
    return made, body.turns[side] - 1e3 * levers @ active


def load_case(
    spec: LoadSpec, name: str, assembly: Assembly, key: str, applied: tuple[Applied, ...], hips: dict[str, Floats],
    turns: dict[str, Floats], missing: Floats, weight: float, held: tuple[Support, ...],
    measures: dict[str, float] | None = None,
) -> LoadCase:  # fmt: skip
    """Close the balance, put the femora on the cups where they are not what holds the pelvis, and say what was found."""
    frame, measures = axes(assembly), dict(measures or {})
    height = float((landmark(assembly, "L4_upper") - frame.middle) @ frame.up)
    size, limit = float(np.linalg.norm(missing)), constant("loads", "imbalance_limit").value
    if size / height > limit:
        problem = f'"{name}" needs {100.0 * size / height:.1f} %BW at L4 that no muscle gives'
        problem += f", {100.0 * limit:g} %BW is allowed"
        raise InputError(key, f"{problem}: take more crutch, a stronger specific_tension, or another plan")
    applied = _closed(spec, applied, weight * missing, assembly)
    measures |= {"closing_moment [N m]": size * weight / 1e3, "imbalance [%BW]": 100.0 * size / height}
    loads = []
    for side, push in hips.items():
        measures[f"{side}_hip_force [%BW]"] = 100.0 * float(np.linalg.norm(push))
        measures |= {f"{side}_hip_force_{way} [%BW]": 100.0 * float(push @ along)
                     for way, along in (("forward", frame.forward), ("outward", outward(assembly, side)),
                                        ("up", frame.up))}  # fmt: skip
        turn = weight * turns.get(side, np.zeros(3))
        loads.append(femur_load(assembly, side, weight * push, turn, "net force of the leg less its muscles [D]"))
    if spec.held == "free":
        applied = (*applied, *loads)
    top = next(load for load in applied if load.name == "upper body on L4")
    across = unit(assembly.construct.anatomy.directions["L4_upper"])
    measures["L4_compression [%BW]"] = -100.0 * float(top.force @ across) / weight
    reactions = _reactions(spec, assembly, applied, held)
    supports = (*held, *kinematic(applied, held)) if spec.pilot == "kinematic" else held
    return LoadCase(name, applied, supports, reactions, size / height, measures)


def _closed(spec: LoadSpec, applied: tuple[Applied, ...], moment: Floats, assembly: Assembly) -> tuple[Applied, ...]:
    """Give the missing moment [N mm] to what the case says."""
    if spec.closing == "trunk":
        return tuple(replace(a, moment=a.moment + moment) if a.name == "upper body on L4" else a for a in applied)
    if spec.closing == "support" or not moment.any():
        return applied
    # a moment of inertia is spread over the pelvis like its mass
    halves = [whole_surface(assembly, f"{side}_ilium") for side in SIDES]
    source = "inertia of the pelvis that closes the balance [D]"
    inertia = (Applied(f"inertia, {patch.body}", patch.body, patch.facets, np.zeros(3), 0.5 * moment, patch.centroid, source)
               for patch in halves)  # fmt: skip
    return (*applied, *inertia)


def supports(spec: LoadSpec, assembly: Assembly) -> tuple[Support, ...]:
    """What holds the pelvis; on whole cups, since the forces of a movement change direction."""
    trunk = l4_support(assembly, spec.l4)
    if spec.held == "free":
        return trunk if spec.l4 == "held" else (*free(assembly, spec.stance), *trunk)
    if spec.held == "hips":
        return (*isostatic(assembly, spec.stance, ())[0], *trunk)
    return (*(clamped(assembly) if spec.held == "acetabula_fixed" else hip_springs(assembly)), *trunk)


def _reactions(
    spec: LoadSpec, assembly: Assembly, applied: tuple[Applied, ...], held: tuple[Support, ...]
) -> dict[str, Floats]:
    """What statics alone says of the reactions."""
    if spec.l4 != "free" or spec.held in ("acetabula_fixed", "hip_springs"):
        return {}
    rows = {each.name: (each.point, each.directions) for each in held if each.point is not None}
    found = rigid_reactions(rows, applied)
    # what is left of a balance within rounding is nothing
    return {name: np.zeros(3) if np.linalg.norm(force) < 1e-6 else force for name, force in found.items()}


def _lying(assembly: Assembly, weight: float) -> tuple[tuple[Applied, ...], dict[str, Floats], Floats]:
    """On the back: tone presses L4 and the hips together, the bed carries the pelvis under the posterior spines.

    Returns:
        Loads, net force of each hip [BW], and the moment that the two sides' difference leaves [BW mm].
    """
    frame, top = axes(assembly), landmark(assembly, "L4_upper")
    tone, heavy = constant("activities", "lying"), constant("loads", "pelvis_weight")
    halves = [whole_surface(assembly, f"{side}_ilium") for side in SIDES]
    bed = {side: near_landmark(assembly, side, "PSIS") for side in SIDES}
    plate = upper_endplate(assembly)
    down, back = -weight * tone.value * frame.up, -0.5 * weight * heavy.value * frame.forward
    still = [_force(f"pelvis, {p.body}", p.body, p.facets, back, p.centroid, heavy.cited()) for p in halves]

    def lifted(trunk: float, under: float) -> list[Applied]:
        parts = [
            _force(
                "upper body on L4", plate.body, plate.facets, down + weight * trunk * frame.forward, top, tone.cited()
            )
        ]
        push = 0.5 * weight * under * frame.forward
        return parts + [_force(f"bed under {s} PSIS", p.body, p.facets, push, p.centroid, "closes the balance [D]")
                        for s, p in bed.items()]  # fmt: skip

    hips = {side: 0.5 * tone.value * frame.up for side in SIDES}
    joints = [
        _force(side, "", plate.facets, weight * hips[side], landmark(assembly, f"{side}_hip_centre"), "")
        for side in SIDES
    ]

    def sagittal(trunk: float, under: float) -> float:
        return float(wrench([*still, *lifted(trunk, under), *joints], frame.middle)[1] @ frame.left)

    # trunk and bed together carry the pelvis; how much is whose follows from the moment about the hips
    share_of_bed = sagittal(heavy.value, 0.0) / (sagittal(heavy.value, 0.0) - sagittal(0.0, heavy.value))
    loads = lifted(heavy.value * (1.0 - share_of_bed), heavy.value * share_of_bed)
    made = (loads[0], *still, *loads[1:])
    return made, hips, -wrench([*made, *joints], frame.middle)[1] / weight


def _stumble(made: LoadCase, spec: LoadSpec, weight: float) -> LoadCase:
    """All forces of a stance, so many times that its hip carries what was measured in stumbles."""
    wanted = constant("activities", "stumble")
    times = 100.0 * wanted.value / made.measures[f"{spec.stance}_hip_force [%BW]"]
    loads = tuple(
        replace(a, force=times * a.force, moment=times * a.moment, source=wanted.cited()) for a in made.applied
    )
    measures = {
        name: value * (1.0 if name.endswith(("imbalance [%BW]", "_muscles_left [%]")) else times)
        for name, value in made.measures.items()
    }
    reactions = {name: times * force for name, force in made.expected_reactions.items()}
    return replace(
        made, applied=loads, measures=measures | {"times_one_leg_stance": times}, expected_reactions=reactions
    )


def _force(name: str, body: str, facets: Ints, force: Floats, point: Floats, source: str) -> Applied:
    return Applied(name, body, facets, force, np.zeros(3), point, source)
