"""Patches lie where the landmarks say, and an empty one stops the run."""

import dataclasses

import numpy as np
import pytest
from synthetic_pelvis import RADIUS, pelvis

from femsacrum.anatomy.model import Surface
from femsacrum.case.schema import LoadSpec
from femsacrum.errors import InputError, NumericalError
from femsacrum.loads.balance import crutch_stance
from femsacrum.loads.muscles import trochanter_distance
from femsacrum.loads.patches import abductor_origin, abductor_origin_left, acetabulum, upper_endplate, whole_surface


def test_endplate_centre_and_area():
    patch = upper_endplate(pelvis(ahead=7.0))
    assert patch.centroid == pytest.approx([0.0, 55.0, 100.0])
    assert patch.area == pytest.approx(40.0 * 30.0)


def test_cup_area_is_that_of_the_spherical_cap():
    patch = acetabulum(pelvis(), "right")
    cap = 2 * np.pi * RADIUS**2 * (np.cos(0.05) - np.cos(1.5))
    assert patch.area == pytest.approx(cap, rel=0.02)


def test_roof_lies_above_the_hip_centre():
    assembly = pelvis()
    whole, roof = acetabulum(assembly, "left"), acetabulum(assembly, "left", np.array([0.0, 0.0, 700.0]))
    assert roof.area < whole.area
    nodes = assembly.bodies["left_ilium"].nodes[roof.facets].mean(axis=1)
    assert (nodes[:, 2] > -75.0 + 0.2 * RADIUS).all()


def test_abductors_start_on_the_wing_above_the_cup():
    assembly = pelvis()
    patch = abductor_origin(assembly, "left")
    assert patch.area == pytest.approx(np.pi * 35.0**2, rel=0.05)
    assert patch.centroid[2] - -75.0 > 60.0
    # where on a flat crest its highest point lies says nothing
    assembly.construct.anatomy.landmarks["left_crest_top"][1] += 20.0
    assert abductor_origin(assembly, "left").centroid == pytest.approx(patch.centroid)


def test_a_resected_wing_has_no_abductors():
    assembly = pelvis()
    wing = assembly.bodies["left_ilium"]
    low = wing.nodes[wing.facets].mean(axis=1)[:, 2] < -40.0
    cut = dataclasses.replace(wing, facets=wing.facets[low], facet_face=wing.facet_face[low])
    bodies = {**assembly.bodies, "left_ilium": cut}
    with pytest.raises(NumericalError, match=r'"left_ilium" has no facet on the left abductors\' origin near \('):
        abductor_origin(dataclasses.replace(assembly, bodies=bodies), "left")


def with_wing(assembly, behind):
    """The left wing as an intact bone, and what a cut at a distance behind the hip leaves of it."""
    wing = assembly.bodies["left_ilium"]
    whole = Surface(wing.nodes, wing.facets)
    back = wing.nodes[wing.facets].mean(axis=1)[:, 1] > 48.0 + behind
    kept = dataclasses.replace(whole, triangles=whole.triangles[~back])
    construct = assembly.construct
    anatomy = dataclasses.replace(construct.anatomy, parts={"left_ilium": whole})
    construct = dataclasses.replace(construct, anatomy=anatomy, surfaces={"left_ilium": kept})
    return dataclasses.replace(assembly, construct=construct)


@pytest.mark.parametrize(("behind", "share"), [(200.0, 1.0), (0.0, 0.5), (-200.0, 0.0)])
def test_the_share_of_the_abductors_origin_that_is_left(behind, share):
    assembly = pelvis()
    middle = abductor_origin(assembly, "left").centroid[1] - 48.0
    assert abductor_origin_left(with_wing(assembly, middle + behind), "left") == pytest.approx(share, abs=0.04)
    assert abductor_origin_left(assembly, "left") is None


def test_missing_bodies_and_landmarks_are_named():
    assembly = pelvis()
    with pytest.raises(InputError, match='need the body "sacrum"'):
        whole_surface(assembly, "sacrum")
    del assembly.construct.anatomy.landmarks["L4_upper"]
    with pytest.raises(InputError, match='need the landmark "L4_upper"'):
        upper_endplate(assembly)


@pytest.mark.parametrize("arm", [35.0, 50.0, 65.0])
def test_trochanter_gives_the_lever_asked_for(arm):
    x = trochanter_distance(10.0, 85.0, 5.0, arm)
    start, end = np.array([10.0, 85.0]), np.array([x, -5.0])
    along = (end - start) / np.linalg.norm(end - start)
    assert abs(start[0] * along[1] - start[1] * along[0]) == pytest.approx(arm)
    assert x > 0.0


def test_a_stance_without_abductors_is_refused_and_their_rest_is_told():
    spec = {"name": "one leg", "kind": "crutch_stance", "source": "test"}
    given = LoadSpec.model_validate(spec)
    measures = crutch_stance(given, 75.0, with_wing(pelvis(), 300.0), "loads[0]").measures
    assert measures["abductor_origin_left [%]"] == pytest.approx(100.0)
    refused = (
        r'loads\[0\].stance: "left": the plan leaves 0.0 % of the origin of the left abductors .* stand on the other'
    )
    with pytest.raises(InputError, match=refused):
        crutch_stance(given, 75.0, with_wing(pelvis(), -300.0), "loads[0]")
    right = LoadSpec.model_validate(spec | {"stance": "right"})
    assert (
        "abductor_origin_left [%]" not in crutch_stance(right, 75.0, with_wing(pelvis(), -300.0), "loads[0]").measures
    )
