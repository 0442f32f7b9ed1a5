"""A movement whose hip forces are given: applied as they are, with its muscles, and balanced by what the case chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from femsacrum.anatomy.isb import PelvicFrame
from femsacrum.anatomy.model import Floats
from femsacrum.case.names import SIDES, did_you_mean
from femsacrum.case.schema import LoadSpec
from femsacrum.errors import InputError
from femsacrum.loads.activities import load_case, supports
from femsacrum.loads.joints import wrench
from femsacrum.loads.lines import Fit, Line, axes, hip_lines, path, pulls
from femsacrum.loads.loadcase import Applied, Cycle, LoadCase, Support
from femsacrum.loads.patches import Patch, landmark, whole_surface
from femsacrum.loads.series import MeasuredInstant, series_cycle
from femsacrum.loads.trunk import l4_load, trunk_loads
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant, table

#: Half of a weight, downwards.
HALF_DOWN = np.array([0.0, 0.0, -0.5])


def measured_cycle(
    spec: LoadSpec, weight: float, assembly: Assembly, folder: Path, data: Sequence[Path], key: str
) -> Cycle:
    """A movement from a file, ``phases`` instants of one cycle.

    Hip forces are applied as they are given, muscles along their lines on this pelvis, the pelvis's weight downwards. With
    closing = "trunk" and no force of the trunk in the file, what these leave is the load on L4: a result, which holds the
    trunk's weight and inertia, the muscles the file does not name, and every disagreement between its pelvis and this
    one. How far it is from the weight of the upper body standing still is told for each instant, not refused like a closing
    moment, since the acceleration of the trunk is not known from hip data; refused is what no trunk can be (a hip force
    without the muscles that belong to it, or in other axes than the case says). Any other closing, or a force of
    the trunk that is given, leaves a remainder that is refused above 5 %BW; the trunk is then taken to be the upper body
    at rest where its force is not given.

    Args:
        spec: What the case says; of kind "series".
        weight: Body weight [N].
        assembly: Meshed bodies.
        folder: Of the case file.
        data: Data folders.
        key: Path of the load in the case, for errors.

    Raises:
        InputError: The file does not give what the case names, or what it gives does not balance.
    """
    series = spec.series
    if series is None:
        raise InputError(f"{key}.series", 'missing: kind "series" needs the file and its columns')
    percent = tuple(100.0 * i / spec.phases for i in range(spec.phases))
    frame = gait2392_axes(assembly) if series.frame == "gait2392 pelvis" else PelvicFrame.of(_landmarks(assembly))
    given = series_cycle(series, percent, weight, frame, folder, data, f"{key}.series")
    held, lines = supports(spec, assembly), {side: hip_lines(assembly, side) for side in SIDES}
    source = f"{spec.source}: {series.file}"
    phases = tuple(_phase(spec, at, weight, assembly, lines, held, source, key) for at in given.instants)
    peaks = {f"{side}_hip_peak_in_file [%BW]": 100.0 * peak / weight for side, peak in given.peaks.items()}
    told = tuple(replace(phase, measures={**phase.measures, **peaks}) for phase in phases)
    usual = table("activities")["movement"]["walking"]["per_year"] if series.per_year is None else series.per_year
    least, middle, most = usual
    return Cycle(spec.name, told, percent, given.duration, (least, middle, most), source)


def gait2392_axes(assembly: Assembly) -> PelvicFrame:
    """Axes of the pelvis of OpenSim's gait2392 on this one, as its muscles' paths are fitted to the landmarks."""
    frame, turns = axes(assembly), [Fit(assembly, side).turn for side in SIDES]
    middle = sum(turns) / abs(sum(turns))
    forward = middle.real * frame.forward + middle.imag * frame.up
    up = middle.real * frame.up - middle.imag * frame.forward
    return PelvicFrame(frame.middle, np.array([forward, up, -frame.left]))


def given_muscles(
    instant: MeasuredInstant, lines: Mapping[str, Sequence[Line]], assembly: Assembly, source: str, key: str
) -> tuple[list[Applied], float]:
    """Muscle forces of a file along the lines of action on this pelvis.

    Args:
        instant: What the file says.
        lines: Side -> its muscles that are left.
        assembly: Meshed bodies.
        source: Where the forces come from.
        key: Path of the columns in the case, for errors.

    Returns:
        Forces on the pelvis, and the sum of those of muscles that the operation took, which pull no more [N].

    Raises:
        InputError: There is no such muscle.
    """
    made: list[Applied] = []
    gone = 0.0
    for name, force in instant.muscles.items():
        side, _, muscle = name.partition(" ")
        parts = [line for line in lines.get(side, ()) if muscle in _names(line.name.partition(" ")[2])]
        if parts:
            whole = sum(line.section for line in parts)
            for line in parts:
                points = path(line, side, assembly, instant.flexion[side])
                made += pulls(line, force * line.section / whole, points, source)
        elif side in SIDES and any(muscle in _names(entry["name"]) for entry in table("muscles")["hip"]):
            gone += force
        else:
            known = [f"{each} {entry['name'].split(',')[0]}" for each in SIDES for entry in table("muscles")["hip"]]
            listed = ", ".join(dict.fromkeys(entry["name"].split(",")[0] for entry in table("muscles")["hip"]))
            problem = f'no such muscle{did_you_mean(name, known)}; "left" or "right" and one of {listed}'
            raise InputError(f"{key}.{name}", problem)
    return made, gone


def _names(name: str) -> tuple[str, str]:
    """Of a part of a muscle, and of the whole of it: "gluteus medius, rear part", "gluteus medius"."""
    return name, name.split(",")[0]


def _landmarks(assembly: Assembly) -> dict[str, Floats]:
    """Those of the pelvis' own axes."""
    names = [f"{side}_{name}" for side in SIDES for name in ("ASIS", "PSIS", "hip_centre")]
    return {name: landmark(assembly, name) for name in names}


def _inertia(halves: Sequence[Patch], about: Floats, force: Floats, moment: Floats) -> tuple[Applied, ...]:
    """A force [N] and a moment [N mm] about a point, spread over the pelvis like its mass."""
    turned = sum((np.cross(half.centroid - about, 0.5 * force) for half in halves), np.zeros(3))
    source = "inertia of the pelvis that closes the balance [D]"
    share = 0.5 * force, 0.5 * (moment - turned)
    return tuple(
        Applied(f"inertia, {half.body}", half.body, half.facets, *share, half.centroid, source) for half in halves
    )


def _phase(
    spec: LoadSpec, at: MeasuredInstant, weight: float, assembly: Assembly, lines: Mapping[str, Sequence[Line]],
    held: tuple[Support, ...], source: str, key: str,
) -> LoadCase:  # fmt: skip
    """One instant, balanced."""
    name, top = f"{spec.name} {at.percent:.3g} %", landmark(assembly, "L4_upper")
    heavy = constant("loads", "pelvis_weight")
    halves = [whole_surface(assembly, f"{side}_ilium") for side in SIDES]
    still = [
        Applied(f"pelvis, {side} half", half.body, half.facets, weight * heavy.value * HALF_DOWN, np.zeros(3),
                half.centroid, heavy.cited())
        for side, half in zip(SIDES, halves, strict=True)
    ]  # fmt: skip
    muscles, gone = given_muscles(at, lines, assembly, source, f"{key}.series.muscles.columns")
    pushes = {side: at.hips.get(side, np.zeros(3)) for side in SIDES}
    femora = [
        Applied("", "", halves[0].facets, push, np.zeros(3), landmark(assembly, f"{side}_hip_centre"), "")
        for side, push in pushes.items()
    ]
    force, moment = wrench([*still, *muscles, *femora], top)
    trunk, bend, added, measures = _closed(spec, name, at.trunk, (force, moment), weight, assembly, key)
    if gone:
        measures["muscle_force_of_what_is_gone [%BW]"] = 100.0 * gone / weight
    if spec.muscles == "none":
        loads: tuple[Applied, ...] = (l4_load(assembly, trunk / weight, bend / weight, weight, source),)
    else:
        options = (spec.specific_tension, spec.muscle_sharing, source)
        loads = trunk_loads(assembly, trunk / weight, bend / weight, weight, *options)
    hips = {side: push / weight for side, push in pushes.items()}
    applied = (*loads, *still, *muscles, *added)
    made = load_case(spec, name, assembly, key, applied, hips, {}, np.zeros(3), weight, held)
    imbalance = measures.get("imbalance [%BW]", 0.0) / 100.0
    return replace(made, imbalance=imbalance, measures={**made.measures, **measures})


def _closed(
    spec: LoadSpec, name: str, trunk: Floats | None, given: tuple[Floats, Floats], weight: float, assembly: Assembly,
    key: str,
) -> tuple[Floats, Floats, tuple[Applied, ...], dict[str, float]]:  # fmt: skip
    """Force [N] and moment [N mm] of the trunk on L4, what else closes the balance, and what that took.

    ``given`` are force and moment about L4 of all that is not the trunk.
    """
    force, moment = given
    upper = np.array([0.0, 0.0, -constant("loads", "upper_body").value * weight])
    if trunk is None and spec.closing == "trunk":
        beyond, most = float(np.linalg.norm(force + upper)) / weight, constant("loads", "trunk_beyond_weight").value
        if beyond > most:
            x, y, z = -100.0 * force / weight
            left = f'"{name}" leaves ({x:.0f}, {y:.0f}, {z:.0f}) %BW (LPS) for L4, {100.0 * beyond:.0f} %BW from the weight'
            remedy = "give the muscles' forces, or check frame and acts_on"
            raise InputError(f"{key}.series", f"{left} of the upper body, {100.0 * most:g} %BW is allowed: {remedy}")
        return -force, -moment, (), {"L4_beyond_upper_body [%BW]": 100.0 * beyond}

    trunk, limit = upper if trunk is None else trunk, constant("loads", "imbalance_limit").value
    top = landmark(assembly, "L4_upper")
    left_over, height = force + trunk, float(top[2] - axes(assembly).middle[2])
    size = float(np.linalg.norm(left_over)) / weight
    # no file gives the trunk's moment, which is a result unless something else has to take it
    if spec.closing != "trunk":
        size += float(np.linalg.norm(moment)) / height / weight
    if size > limit:
        taken = f'"{spec.closing}" has to take {100.0 * size:.1f} %BW in "{name}", {100.0 * limit:g} %BW is allowed'
        remedy = 'closing = "trunk" without a force of the trunk in the file makes L4\'s load a result'
        raise InputError(f"{key}.closing", f"{taken}: {remedy}")
    measures = {"imbalance [%BW]": 100.0 * size}
    if spec.closing == "trunk":
        return -force, -moment, (), measures
    halves = [whole_surface(assembly, f"{side}_ilium") for side in SIDES]
    added = _inertia(halves, top, -left_over, -moment) if spec.closing == "inertia_relief" else ()
    return trunk, np.zeros(3), added, measures
