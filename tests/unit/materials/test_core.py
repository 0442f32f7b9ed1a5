"""The core of a synthetic bone behind a known cortex, and the whole way from a case's CT to materials."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import manifold3d
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "meshing"))
import meshing_shapes as shapes

from femsacrum.anatomy.model import Surface
from femsacrum.case.ct import Modifier
from femsacrum.case.schema import Materials
from femsacrum.errors import InputError
from femsacrum.materials import image, overlap
from femsacrum.materials.assign import assign
from femsacrum.materials.density import Line, chain
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant
from meshes import synthetic_ct

#: The bone is a box that reaches 14 mm above the saw cut on the mesh's top.
SIZE, CUT = (26.0, 22.0, 36.0), 22.0
CORE = 220.0
MODULUS = 2017.3 * ((0.0389 + 1.06 * 0.00075 * CORE) / 0.6) ** 2.46  # by hand, without a phantom


@pytest.fixture(scope="module")
def bone():
    body = shapes.block("left_ilium", size=(SIZE[0], SIZE[1], CUT), cells=(9, 8, 8))
    return body, shapes.surface(manifold3d.Manifold.cube(SIZE))


def scan(surface, spacing=(1.0, 1.0, 1.0), turn=(6.0, 4.0, 9.0), **how):
    grid = synthetic_ct.grid_around({"left_ilium": surface}, np.array(spacing), turn, margin=12.0)
    settings = synthetic_ct.Scan(cortex=1.5, core_hu=(CORE, CORE), body=12.0, **how)
    return synthetic_ct.scanned({"left_ilium": surface}, grid, settings)


@pytest.fixture(scope="module")
def sharp(bone):
    return scan(bone[1])


def chained():
    return chain(Line("rho_app", 0.0389 / 0.6, 1.06 * 0.00075 / 0.6, "", False), "dalstra_1993", "law")


def cored(volume, bone, thickness=1.5):
    body, surface = bone
    thick = np.full(len(image.natural_facets(body)), thickness)
    return image.core(volume, body, surface, thick, chained(), "materials.ct.file")


def test_the_cortex_spoils_the_core_unless_it_is_left_out(bone, sharp, monkeypatch):
    body, _ = bone
    inner = cored(sharp, bone).youngs_modulus
    assert inner == pytest.approx(MODULUS, rel=0.02)
    monkeypatch.setattr(image, "margins", lambda *given: np.full((len(body.cells), 10), np.inf))
    assert cored(sharp, bone).youngs_modulus.mean() > 5.0 * MODULUS


def test_a_blurred_oblique_scan_with_noise_leaves_some_of_it(bone):
    found = cored(scan(bone[1], (0.8, 0.8, 3.0), (12.0, 8.0, 0.0), blur=1.2, noise=20.0), bone)
    assert np.median(found.youngs_modulus) == pytest.approx(MODULUS, rel=0.1)
    assert found.youngs_modulus.mean() == pytest.approx(MODULUS, rel=0.25)


def test_cells_at_a_saw_cut_count_and_those_in_the_cortex_take_the_nearest(bone, sharp):
    body, surface = bone
    margin = image.margins(sharp, body, surface, np.full(len(image.natural_facets(body)), 1.5))
    corners = body.nodes[body.cells]
    middle = np.all(np.abs(corners[..., :2] - [13.0, 11.0]) < 5.0, axis=(1, 2))
    at_cut = middle & (corners[..., 2].max(axis=1) == CUT)
    below = middle & (corners[..., 2].min(axis=1) == 0.0)
    assert at_cut.any()
    assert (margin[at_cut] > 0.0).all()
    assert below.any()
    assert (margin[below, :4].min(axis=1) < 0.0).all()
    measures = cored(sharp, bone).measures
    assert 40.0 < measures["cells with samples of their own [%]"] < 95.0
    assert measures["clamped [%]"] == 0.0


def test_a_bone_partly_outside_or_nowhere_deep_is_refused(bone, sharp):
    half = replace(sharp, values=np.ascontiguousarray(sharp.values[:, : sharp.values.shape[1] // 2]))
    with pytest.raises(InputError, match=r"% of left_ilium lies outside the image, at most 2 % may: take an image"):
        cored(half, bone)
    with pytest.raises(InputError, match="nowhere deep enough below its cortex"):
        cored(sharp, bone, thickness=20.0)


def assembly(bone, own=("left_ilium",), **more):
    body, surface = bone
    anatomy = SimpleNamespace(
        parts={"left_ilium": surface, **{name: surface for name in more}},
        own=own,
        landmarks={},
        directions={},
        cortical_thickness=1.5,
    )
    return Assembly(SimpleNamespace(anatomy=anatomy, solids={}), {"left_ilium": body, **more}, {})


def given(modifiers=(), **materials):
    patient = SimpleNamespace(modifiers=tuple(Modifier.model_validate(one) for one in modifiers))
    return SimpleNamespace(materials=Materials.model_validate(materials), patient=patient)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, sharp):
    place = tmp_path_factory.mktemp("ct")
    synthetic_ct.write(sharp, place / "synthetic_ct.nrrd")
    return place


CT = {"file": "synthetic_ct.nrrd"}


def test_from_the_file_to_materials(bone, folder):
    made = assign(given(ct=CT, cortex={"thickness": "image", "hounsfield": 1600.0}), assembly(bone), folder)
    hip = made["left_ilium"]
    assert hip.youngs_modulus == pytest.approx(MODULUS, rel=0.05)
    assert np.median(hip.cortex.thickness) == pytest.approx(1.5, abs=0.1)
    assert len(hip.cortex.facets) == len(hip.cortex.thickness)
    assert hip.image.assumed
    assert hip.image.measures["youngs_modulus_p50 [MPa]"] == pytest.approx(MODULUS, rel=0.02)
    for word in ("NRRD", "ASSUMED", "dalstra_1993", "cortical bone at 1600 HU (of the case)"):
        assert word in hip.source


def test_a_mirrored_bone_keeps_the_tables(bone, folder):
    other = shapes.block("right_ilium", size=(26.0, 22.0, 22.0), cells=(2, 2, 2))
    both = assembly(bone, right_ilium=other)
    made = assign(given(ct=CT, cortex={"thickness": "table"}), both, folder)
    assert made["right_ilium"].image is None
    assert made["right_ilium"].source.endswith("not mapped from the image")
    assert np.all(made["right_ilium"].youngs_modulus == 100.0)
    assert np.all(made["right_ilium"].cortex.thickness == constant("cortex", "pelvis").value)
    with pytest.raises(InputError, match="is not mapped from the image") as told:
        assign(given(ct=CT, cortex={"thickness": "1 mm", "bodies": {"right_ilium": "image"}}), both, folder)
    assert told.value.key == "materials.cortex.bodies.right_ilium"


def test_no_bone_of_the_patients_own_is_refused(bone, folder):
    with pytest.raises(InputError, match="no bone is this patient's own"):
        assign(given(ct=CT), assembly(bone, own=()), folder)
    with pytest.raises(InputError, match="no such file"):
        assign(given(ct={"file": "absent.nrrd"}), assembly(bone), folder)


@pytest.mark.parametrize(
    ("factor", "cause"),
    [
        ((-1.0, -1.0, 1.0), "read as RAS"),
        ((-1.0, 1.0, 1.0), "mirrored left to right"),
        ((1.0, 1.0, -1.0), "upside down"),
    ],
)
def test_bones_in_another_frame_are_refused_with_the_likely_cause(bone, sharp, factor, cause):
    _, surface = bone
    factor = np.array(factor)
    turned = Surface(surface.points * factor, surface.triangles[:, :: int(np.sign(factor.prod()))])
    with pytest.raises(InputError, match=rf"only \d+ % of the surface of left_ilium .*{cause}"):
        overlap.refuse_misplaced(sharp, {"left_ilium": turned}, "materials.ct.file")
    overlap.refuse_misplaced(sharp, {"left_ilium": surface}, "materials.ct.file")


def test_bones_in_another_unit_or_place_are_refused(bone, sharp):
    _, surface = bone
    with pytest.raises(InputError, match="is the unit of the bones or of the image wrong"):
        overlap.refuse_misplaced(sharp, {"L5": Surface(surface.points * 10.0, surface.triangles)}, "key")
    with pytest.raises(InputError, match="another patient's image"):
        overlap.refuse_misplaced(sharp, {"L5": Surface(surface.points + 9.0, surface.triangles)}, "key")


def test_a_modifier_changes_bone_and_cortex_by_the_middle_of_its_range(bone):
    radiation = {"name": "radiation", "stiffness": ["70 %", "90 %"], "source": "test"}
    age = {"name": "age", "stiffness": 0.5, "bodies": ["left_ilium"], "source": "test"}
    elsewhere = {"name": "cyst", "stiffness": 0.1, "bodies": ["L5"], "source": "test"}
    disc = shapes.block("disc_L4L5", "disc", order=2)
    made = assign(given([radiation, age, elsewhere]), assembly(bone, disc_L4L5=disc))
    assert made["left_ilium"].youngs_modulus == pytest.approx(100.0 * 0.8 * 0.5)
    assert made["left_ilium"].cortex.youngs_modulus == pytest.approx(17000.0 * 0.8 * 0.5)
    assert "stiffness 40 % (35 to 45 %) by radiation, age" in made["left_ilium"].source
    assert set(made["disc_L4L5"].youngs_modulus) == {
        constant("materials", f"{part}.youngs_modulus").value for part in ("nucleus", "annulus")
    }
