"""Load cases in equilibrium: what presses, pulls and holds the pelvis at one instant."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Case, LoadSpec
from femsacrum.errors import InputError, NumericalError
from femsacrum.loads.activities import activity, cycle
from femsacrum.loads.joints import UNLOADED, clamped, free, guide, hip_loads, hip_springs, isostatic, wrench
from femsacrum.loads.loadcase import Applied, Cycle, LoadCase
from femsacrum.loads.measured import measured_cycle
from femsacrum.loads.muscles import abductors
from femsacrum.loads.patches import (
    Patch,
    abductor_origin_left,
    acetabulum,
    landmark,
    outward,
    unit,
    upper_endplate,
    whole_surface,
)
from femsacrum.loads.pilots import kinematic
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant

#: Rigid-body sums, over the largest force (moments over that force times 100 mm), must be below this.
BALANCED = 1e-6
#: Abductors of whose origin less is left than this share have none.
LEAST_ORIGIN = 0.02


def load_cases(case: Case, assembly: Assembly) -> tuple[LoadCase, ...]:
    """Builds every load case of one instant, each balanced as a rigid body; ``cycles`` builds those that move.

    Raises:
        InputError: A load cannot act on this anatomy, or the posture would not stand.
        NumericalError: A patch is empty on the mesh, or the sums do not close.
    """
    build = {"axial": axial, "standing": standing, "crutch_stance": crutch_stance}
    made = []
    for i, spec in enumerate(case.loads):
        if spec.moves:
            continue
        if spec.guided and spec.kind != "axial":
            raise InputError(
                f"loads[{i}].guided", f'true, but a machine guides L4 only in kind "axial", not "{spec.kind}"'
            )
        make = build.get(spec.kind)
        mass, key = case.patient.mass, f"loads[{i}]"
        made.append(make(spec, mass, assembly, key) if make else activity(spec, _weight_of(mass), assembly, key))
        _assert_balanced(made[-1], assembly)
    return tuple(made)


def cycles(case: Case, assembly: Assembly) -> tuple[Cycle, ...]:
    """Builds every movement of a case, each of its instants balanced as a rigid body.

    Raises:
        InputError: An instant would not stand.
        NumericalError: A patch is empty on the mesh, or the sums do not close.
    """
    moving = [(i, spec) for i, spec in enumerate(case.loads) if spec.moves]
    made = tuple(_cycle(case, spec, assembly, f"loads[{i}]") for i, spec in moving)
    for phase in (phase for each in made for phase in each.phases):
        _assert_balanced(phase, assembly)
    return made


def _cycle(case: Case, spec: LoadSpec, assembly: Assembly, key: str) -> Cycle:
    weight = _weight_of(case.patient.mass)
    if spec.kind == "series":
        return measured_cycle(spec, weight, assembly, case.folder, case.data, key)
    return cycle(spec, weight, assembly, key)


def _weight_of(mass: float) -> float:
    """Body weight [N] of a mass [kg]."""
    return mass * constant("loads", "gravity").value


def axial(spec: LoadSpec, mass: float, assembly: Assembly, key: str) -> LoadCase:
    """A force straight down at the centre of L4's upper endplate, as on a testing machine.

    Where the case says ``guided``, L4 neither turns nor shifts, as under a clamp on a crosshead; else L4 is free to.
    """
    if spec.force is None or spec.force <= 0.0:
        raise InputError(
            f"{key}.force", f'{spec.force} given; an axial load needs a force above zero, for example "500 N"'
        )
    load = _weight(
        "axial force on L4", upper_endplate(assembly), landmark(assembly, "L4_upper"), spec.force, spec.source
    )
    return _close(spec, assembly, key, "left", (load,), {"force [N]": spec.force})


def standing(spec: LoadSpec, mass: float, assembly: Assembly, key: str) -> LoadCase:
    """Two-leg stance: the upper body's weight on L4, the pelvis's own weight on the ilia, both hips carry.

    The gravity line passes through the hip axis; the trunk therefore hands L4 a sagittal moment beside its weight,
    which closes the balance. Ground reactions are vertical; muscles across the hips are not modelled, so the hips
    carry less than the 80-100 %BW that co-contraction gives each in vivo.
    """
    weight = _weight_of(mass)
    applied = [*_pelvis_weight(assembly, weight), _trunk(spec, assembly, weight * spec.upper_body)]
    left, right = (landmark(assembly, f"{side}_hip_centre") for side in ("left", "right"))
    middle, axis = 0.5 * (left + right), unit(left - right)
    line = middle + np.array([0.0, constant("loads", "gravity_line").value, 0.0])
    down, moment = wrench(applied, middle)
    wanted = np.cross(line - middle, down)
    added = ((wanted - moment) @ axis) * axis
    measures = _closing(assembly, added, weight, middle)
    applied[-1] = _with_moment(applied[-1], added)
    return _close(spec, assembly, key, "left", tuple(applied), measures, weight)


def crutch_stance(spec: LoadSpec, mass: float, assembly: Assembly, key: str) -> LoadCase:
    """One-leg stance on two crutches: the stance instant of walking.

    Everything above the stance hip is one free body: trunk, pelvis, the swinging leg that hangs from the other hip,
    and the crutches, which push up on the hands and so relieve L4. The frontal moment about the stance hip gives the
    abductors' force; what is left of the sagittal and axial moments is handed to L4 by the trunk. The stance hip's
    reaction is the hip contact force. With vertical abductors and 0.84 BW above the hip this is the free body that
    gives 155 %BW at 15 %BW a crutch; here the muscle slants and the levers are those of this pelvis.
    """
    side, other = spec.stance, "right" if spec.stance == "left" else "left"
    weight = _weight_of(mass)
    hip, swing = landmark(assembly, f"{side}_hip_centre"), landmark(assembly, f"{other}_hip_centre")
    origin_left = _origin_left(assembly, side, key)
    muscle = abductors(assembly, side, spec.abductor_arm, f"{key}.abductor_arm")
    relief = 2.0 * spec.crutch
    if relief >= spec.upper_body:
        raise InputError(
            f"{key}.crutch_force",
            f"{100.0 * spec.crutch:g} % each lifts the upper body off L4: take less than "
            f"{50.0 * spec.upper_body:g} %",
        )

    trunk = _trunk(spec, assembly, weight * (spec.upper_body - relief))
    trunk = _with_moment(trunk, _hands(assembly, side, weight * spec.crutch, trunk.point, muscle.forward))
    leg = constant("loads", "leg_weight")
    hanging = _weight(f"{other} leg", acetabulum(assembly, other), swing, weight * leg.value, leg.cited())
    applied = [*_pelvis_weight(assembly, weight), hanging, trunk]

    lever = float(np.cross(muscle.origin.centroid - hip, muscle.direction) @ muscle.forward)
    pull = -float(wrench(applied, hip)[1] @ muscle.forward) / lever
    if pull < 0.0:
        raise InputError(
            f"{key}.crutch_force",
            f"{100.0 * spec.crutch:g} % each tips the pelvis over the stance leg: abductors would have to push",
        )
    source = f"closes the frontal moment about the hip, lever {spec.abductor_arm:g} mm [D]"
    force, origin = pull * muscle.direction, muscle.origin
    applied.insert(
        0, Applied(f"{side} abductors", origin.body, origin.facets, force, np.zeros(3), origin.centroid, source)
    )

    left_over = -wrench(applied, hip)[1]
    added = left_over - (left_over @ muscle.forward) * muscle.forward
    applied[-1] = _with_moment(trunk, added)
    measures = _closing(assembly, added, weight, hip)
    measures |= {"abductor_force [%BW]": 100.0 * pull / weight}
    measures |= {"abductor_angle_to_vertical [deg]": float(np.degrees(np.arccos(-muscle.direction[2])))}
    measures |= {"crutch_relief [%BW]": 100.0 * relief} | origin_left
    return _close(spec, assembly, key, side, tuple(applied), measures, weight)


def _origin_left(assembly: Assembly, side: str, key: str) -> dict[str, float]:
    """How much of the abductors' origin the operation leaves; what is left takes the whole force."""
    share = abductor_origin_left(assembly, side)
    if share is None:
        return {}
    if share < LEAST_ORIGIN:
        x, y, z = landmark(assembly, f"{side}_ASIS")
        raise InputError(
            f"{key}.stance",
            f'"{side}": the plan leaves {100.0 * share:.1f} % of the origin of the {side} abductors on the wing behind '
            f"({x:.1f}, {y:.1f}, {z:.1f}) mm (at least {100.0 * LEAST_ORIGIN:g} %): stand on the other leg, or move the cut",
        )
    return {"abductor_origin_left [%]": 100.0 * share}


def _close(
    spec: LoadSpec, assembly: Assembly, key: str, first: str, applied: tuple[Applied, ...],
    measures: dict[str, float], weight: float | None = None,
) -> LoadCase:  # fmt: skip
    """Refuse what does not stand, and hold the rest; reactions are told only where statics alone gives them."""
    imbalance, limit = measures.get("imbalance [%BW]", 0.0) / 100.0, constant("loads", "imbalance_limit").value
    if imbalance > limit:
        needed = f'"{spec.name}" needs {100.0 * imbalance:.1f} %BW at L4 to stand, {100.0 * limit:g} %BW is allowed'
        raise InputError(key, f"{needed}: check the hip centres and the pose")
    supports, reactions = isostatic(assembly, first, applied)
    if spec.held == "acetabula_fixed":
        supports, reactions = clamped(assembly), {}
    if spec.held == "hip_springs":
        pushes = {name.split()[0]: force for name, force in reactions.items() if np.linalg.norm(force) > UNLOADED}
        supports, reactions = hip_springs(assembly, pushes), {}
    if spec.guided:
        supports, reactions = (*supports, guide(assembly)), {}
    for name, force in reactions.items() if weight else ():
        measures[f"{name.replace(' ', '_')}_reaction [%BW]"] = 100.0 * float(np.linalg.norm(force)) / (weight or 1.0)
    if spec.held == "free":
        pushes = {name.split()[0]: force for name, force in reactions.items() if name.endswith("hip")}
        applied = (*applied, *hip_loads(assembly, pushes, "what statics says that a ball joint carries [D]"))
        supports = free(assembly, first)
        reactions = {each.name: np.zeros(3) for each in supports}
    if spec.pilot == "kinematic":
        supports = (*supports, *kinematic(applied, supports))
    return LoadCase(spec.name, applied, supports, reactions, imbalance, measures)


def _trunk(spec: LoadSpec, assembly: Assembly, size: float) -> Applied:
    return _weight("upper body on L4", upper_endplate(assembly), landmark(assembly, "L4_upper"), size, spec.source)


def _pelvis_weight(assembly: Assembly, weight: float) -> tuple[Applied, ...]:
    share = constant("loads", "pelvis_weight")
    sides = [(side, whole_surface(assembly, f"{side}_ilium")) for side in ("left", "right")]
    half = 0.5 * weight * share.value
    return tuple(_weight(f"pelvis, {side} half", patch, patch.centroid, half, share.cited()) for side, patch in sides)


def _hands(assembly: Assembly, side: str, push: float, point: Floats, forward: Floats) -> Floats:
    """Frontal moment about L4 of two crutches that push up on the hands, shape (3,) [N mm]."""
    hip, lateral = landmark(assembly, f"{side}_hip_centre"), outward(assembly, side)
    near, far = constant("loads", "hand_ipsilateral").value, constant("loads", "hand_contralateral").value
    up = np.array([0.0, 0.0, push])
    moment = np.cross(hip + near * lateral - point, up) + np.cross(hip - far * lateral - point, up)
    return (moment @ forward) * forward


def _closing(assembly: Assembly, added: Floats, weight: float, hip: Floats) -> dict[str, float]:
    """Size of a closing moment, and as the horizontal force at L4 that would have the same moment about the hips."""
    height = abs(float((landmark(assembly, "L4_upper") - hip)[2]))
    moment = float(np.linalg.norm(added))
    return {
        "closing_moment_at_L4 [N m]": moment / 1e3,
        "closing_moment_at_L4 [%BW m]": 100.0 * moment / 1e3 / weight,
        "imbalance [%BW]": 100.0 * moment / height / weight,
    }


def _weight(name: str, patch: Patch, point: Floats, size: float, source: str) -> Applied:
    return Applied(name, patch.body, patch.facets, np.array([0.0, 0.0, -size]), np.zeros(3), point, source)


def _with_moment(load: Applied, moment: Floats) -> Applied:
    return Applied(load.name, load.body, load.facets, load.force, load.moment + moment, load.point, load.source)


def _assert_balanced(load_case: LoadCase, assembly: Assembly) -> None:
    if not load_case.expected_reactions:
        return
    about = landmark(assembly, "left_hip_centre")
    force, moment = wrench(load_case.applied, about)
    for support in (each for each in load_case.supports if each.kind != "rigid"):
        reaction = load_case.expected_reactions[support.name]
        point = about if support.point is None else support.point
        force = force + reaction
        moment = moment + np.cross(point - about, reaction)
    scale = max(float(np.linalg.norm(load.force)) for load in load_case.applied)
    if max(np.abs(force).max() / scale, np.abs(moment).max() / (100.0 * scale)) > BALANCED:
        raise NumericalError(f'load case "{load_case.name}" does not balance: force {force} N, moment {moment} N mm')
