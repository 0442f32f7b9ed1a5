"""Hip and L4 forces of the named activities beside what was measured in people, and what they hinge on.

Worked out on the surfaces of the reference bones, no mesh is made. The forces come from ground reactions, postures and
muscles; no force of an instrumented hip goes into them (but for the stumble, which is scaled to one).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.row import Row
from femsacrum.anatomy.build import build
from femsacrum.case.schema import Case, LoadSpec
from femsacrum.loads.activities import activity, cycle
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.surgery.construct import Construct

WEIGHT = 70.0 * 9.80665
PEOPLE = "ten instrumented hips, Bergmann 2016, two SD"
PHASES = 24
#: What a result hinges on: changes of walking and one-leg stance, one at a time.
CHANGES = (
    {"trunk_sway": "0 mm"},
    {"trunk_sway": "10 mm"},
    {"trunk_sway": "30 mm"},
    {"trunk_forward": "-20 mm"},
    {"trunk_forward": "20 mm"},
    {"muscle_sharing": "quadratic"},
    {"muscle_sharing": "minmax"},
    {"specific_tension": "27 N/cm^2"},
    {"specific_tension": "61 N/cm^2"},
)


@cache
def bones(sex="mean", without=()):
    """The bones of a reference pelvis as they are, surfaces only."""
    said = {"schema_version": 1, "name": "bones", "patient": {"mass": "70 kg"}, "anatomy": {"sex": sex}}
    loads = [{"name": "standing", "kind": "standing", "source": "none"}]
    case = Case.model_validate(said | {"surgery": {"plan": "intact"}, "loads": loads})
    anatomy = build(case, Path(), ())
    kept = {"left_ilium", "right_ilium", "symphysis", "L4", "sacrum"} - set(without)
    bodies = {name: _body(name, anatomy.parts[name]) for name in sorted(kept)}
    return Assembly(Construct(anatomy, {}, {}, (), (), (), {}, {}), bodies, {})


def _body(name, surface):
    cells, face = np.zeros((0, 4), np.int64), np.zeros(len(surface.triangles), np.int64)
    return BodyMesh(name, "bone", 1, surface.points, cells, surface.triangles, face, ("surface",))


def still(kind, assembly, **changes):
    """Measures of a load case of one instant."""
    return activity(_spec(kind, changes), WEIGHT, assembly, "loads[0]").measures


def moving(kind, assembly, **changes):
    """Percent of the cycle, force of the left hip and compression of L4 [%BW], each of shape (p,)."""
    made = cycle(_spec(kind, {"phases": PHASES} | changes), WEIGHT, assembly, "loads[0]")
    told = ("left_hip_force [%BW]", "L4_compression [%BW]")
    return np.array(made.percent), *(np.array([phase.measures[name] for phase in made.phases]) for name in told)


def peaks(percent, force):
    """The two peaks of stance [%BW]."""
    return force[(percent > 5) & (percent < 30)].max(), force[(percent > 35) & (percent < 58)].max()


def _spec(kind, changes):
    return LoadSpec.model_validate({"name": kind, "kind": kind, "source": "measured here"} | changes)


def rows():
    """Activities beside people, then what walking and one-leg stance hinge on."""
    whole = bones()
    percent, force, pressed = moving("walking", whole)
    walking = float(np.mean(peaks(percent, force)))
    stance = still("one_leg_stance", whole)["left_hip_force [%BW]"]
    helped = still("one_leg_stance", whole, crutch_force="10 %")["left_hip_force [%BW]"]
    yield Row("walking", "hip, mean of two peaks [%BW]", walking, 247.1, 40.0 / 247.1, PEOPLE)
    yield Row("one_leg_stance", "hip [%BW]", stance, 260.7, 57.0 / 260.7, PEOPLE)
    yield Row("one_leg_stance, crutches 10 % each", "hip [%BW]", helped, 190.0, 0.1, "frontal-plane free body")
    yield Row(
        "walking", "L4 compression, largest [%BW]", pressed.max(), 175.0, 75.0 / 175.0, "100-250, Cappozzo 1984"
    )
    rising = still("rising", whole)["left_hip_force [%BW]"]
    yield Row("rising", "hip [%BW]", rising, 215.0, 69.0 / 215.0, "nine instrumented hips, Bergmann 2016, one SD")
    for kind, known in (("stairs_up", 251.0), ("stairs_down", 260.0)):
        most = moving(kind, whole)[1].max()
        yield Row(kind, "hip, largest [%BW]", most, known, 0.0, "four instrumented hips, Bergmann 2001", False)
    for kind in ("two_point", "four_point", "three_point", "swing_through"):
        _, force, pressed = moving(kind, whole)
        yield Row(kind, "hip, largest [%BW]", force.max(), walking, 0.0, "walking, above", False)
        yield Row(kind, "L4 compression, largest [%BW]", pressed.max(), 175.0, 0.0, "100-250 in walking", False)
    for changes in CHANGES:
        yield from _beside(", ".join(f"{k} {v}" for k, v in changes.items()), whole, walking, stance, **changes)
    yield from _beside("female", bones("female"), walking, stance)
    yield from _beside("male", bones("male"), walking, stance)
    yield from _beside("without sacrum", bones(without=("sacrum",)), walking, stance)


def _beside(what, assembly, walking, stance, **changes):
    percent, force, _ = moving("walking", assembly, **changes)
    both, one = np.mean(peaks(percent, force)), still("one_leg_stance", assembly, **changes)["left_hip_force [%BW]"]
    yield Row(f"walking, {what}", "hip, mean of two peaks [%BW]", float(both), walking, 0.0, "as it stands", False)
    yield Row(f"one_leg_stance, {what}", "hip [%BW]", one, stance, 0.0, "as it stands", False)
