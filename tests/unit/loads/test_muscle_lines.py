"""Paths of muscles on a pelvis: those of the specimen where the pelvis is the specimen, scaled and turned with it."""

import dataclasses

import numpy as np
import pytest
from reference_bones import reference
from synthetic_pelvis import pelvis

from femsacrum.loads.lines import Fit, axes, hip_lines, path
from femsacrum.loads.patches import landmark, outward, unit
from femsacrum.sources.tables import table


def specimen(size=1.0, turned=0.0):
    """A pelvis whose landmarks are those of the published one, larger and tilted backward by an angle [deg]."""
    assembly, frame = pelvis(), table("muscles")["frame"]
    spots, angle = dict(assembly.construct.anatomy.landmarks), np.radians(turned)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hip = np.array([sign * size * frame["hip_half_spacing"], 48.0, -75.0])
        spots[f"{side}_hip_centre"] = hip
        for name in ("ASIS", "pubic_tub"):
            ahead, above = frame[name]
            ahead, above = (
                ahead * np.cos(angle) - above * np.sin(angle),
                ahead * np.sin(angle) + above * np.cos(angle),
            )
            spots[f"{side}_{name}"] = hip + size * np.array([0.0, -ahead, above])
    anatomy = dataclasses.replace(assembly.construct.anatomy, landmarks=spots)
    return dataclasses.replace(assembly, construct=dataclasses.replace(assembly.construct, anatomy=anatomy))


@pytest.mark.parametrize(("size", "turned"), [(1.0, 0.0), (1.2, 0.0), (0.9, 15.0)])
def test_the_published_pelvis_is_fitted_exactly(size, turned):
    for side, sign in (("left", 1.0), ("right", -1.0)):
        fit = Fit(specimen(size, turned), side)
        assert abs(fit.turn) == pytest.approx(size)
        assert fit.femur == pytest.approx(size)
        assert np.degrees(np.angle(fit.turn)) == pytest.approx(turned, abs=1e-9)
        point = fit((27.0, 102.0, 62.0)) - fit.hip
        assert point[0] == pytest.approx(sign * size * 62.0)
        assert np.linalg.norm(point[1:]) == pytest.approx(size * np.hypot(27.0, 102.0))


def levers(assembly, side, flexion=0.0):
    """Levers of a side's muscles about flexion, abduction and inward rotation of the thigh [mm]."""
    frame, hip, sign = axes(assembly), landmark(assembly, f"{side}_hip_centre"), 1.0 if side == "left" else -1.0
    found = {}
    for line in hip_lines(assembly, side):
        points = path(line, side, assembly, flexion)
        turn = np.cross(points[-2] - hip, unit(points[-1] - points[-2]))  # of the pull on the pelvis
        found[line.name.split(" ", 1)[1]] = (
            turn @ frame.left,
            -sign * (turn @ frame.forward),
            sign * turn @ frame.up,
        )
    return found


def test_muscles_do_on_the_reference_what_they_do_in_a_body():
    """Groups as every anatomy text has them; levers of the abductors 35 to 70, hamstrings 35 to 70 mm (Dostal 1986)."""
    found = levers(reference(), "left")
    for name, (flexes, abducts, _) in found.items():
        if name.startswith(("gluteus medius", "gluteus minimus")):
            assert 30 < abducts < 70, name
        if name.startswith(("adductor", "gracilis")):
            assert abducts < -25, name
        if name.startswith(("semi", "biceps", "gluteus maximus")):
            assert -85 < flexes < -30, name
        if name in ("iliacus", "psoas", "rectus femoris", "tensor fasciae latae", "sartorius"):
            assert 20 < flexes < 70, name
    assert max(rotates for _, _, rotates in found.values()) < 30
    assert found["obturator internus"][2] < -15  # turns the thigh outward


def test_both_sides_have_the_same_levers():
    left, right = (levers(reference(), side) for side in ("left", "right"))
    assert left.keys() == right.keys()
    for name in left:
        assert left[name] == pytest.approx(right[name], abs=6.0), name


def test_flexion_turns_the_femur_forward():
    assembly = reference()
    line = next(each for each in hip_lines(assembly, "left") if each.name.endswith("semimembranosus"))
    hip, frame = landmark(assembly, "left_hip_centre"), axes(assembly)
    straight, bent = (path(line, "left", assembly, angle)[-1] - hip for angle in (0.0, 90.0))
    assert straight @ frame.up < -350
    assert bent @ frame.forward > 350
    assert straight @ outward(assembly, "left") == pytest.approx(bent @ outward(assembly, "left"))


def test_psoas_pulls_on_l4_and_turns_on_the_ilium():
    psoas = next(each for each in hip_lines(reference(), "right") if each.name == "right psoas")
    assert [hold.patch.body for hold in psoas.holds] == ["L4", "right_ilium"]


def test_a_smaller_origin_is_a_weaker_muscle():
    """A cut through the middle of an origin: what is left of its area is left of its strength."""
    assembly = reference()
    construct = assembly.construct
    bone = construct.anatomy.parts["left_ilium"]
    whole = {line.name: line for line in hip_lines(assembly, "left")}
    front = whole["left gluteus medius, front part"].holds[0].point
    keep = bone.points[bone.triangles].mean(axis=1)[:, 1] > front[1]
    cut = dataclasses.replace(bone, triangles=bone.triangles[keep])
    operated = dataclasses.replace(assembly, construct=dataclasses.replace(construct, surfaces={"left_ilium": cut}))
    left = {line.name: line for line in hip_lines(operated, "left")}
    weaker = left["left gluteus medius, front part"]
    assert 0.3 < weaker.left < 0.7
    assert weaker.section == pytest.approx(weaker.left * whole[weaker.name].section)
    assert "left tensor fasciae latae" not in left
    assert left["left gluteus medius, rear part"].left == 1.0
