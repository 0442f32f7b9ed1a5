"""A cutting guide on the reference and on real bones: it sits in one way, and its wires find bone."""

import numpy as np
import pytest
from coarse_studies import REAL_BONES

import femsacrum as fs
from femsacrum.anatomy.build import build
from femsacrum.anatomy.distance import DistanceTo
from femsacrum.surgery.cuts.resect import resect
from femsacrum.surgery.guides.kinematics import kinematics
from femsacrum.surgery.guides.layout import beside_cuts
from femsacrum.surgery.guides.other_seats import other_seats
from femsacrum.surgery.guides.seat import seat
from femsacrum.surgery.guides.wires import wires

CASE = """
schema_version = 1
name = "guide"
patient.mass = "75 kg"
{anatomy}
[surgery]
plan = "partial_sacrectomy"
resection.sacrum = {{ level = "below S2" }}
{opening}
guide = {{}}
[[loads]]
name = "standing"
kind = "standing"
support = "hips"
upper_body = "53.6 %"
source = "not used here"
"""
OPENING = 'resection.laminectomy = { levels = ["S1", "S2"], width = "20 mm" }'
FILES = '[anatomy.surfaces]\nunit = "mm"\nframe = "LPS"\n[anatomy.surfaces.files]\n'
BODYPARTS = "".join(
    f'{part} = "bodyparts3d/{file}.ply"\n'
    for part, file in {
        "left_ilium": "hip_L",
        "right_ilium": "hip_R",
        "sacrum": "sacrum",
        "L5": "L5",
        "L4": "L4",
    }.items()
)
ATLAS = "".join(
    f'{part} = "pelvis_atlas_jhu/{file}2_cpd.vtk"\n'
    for part, file in {"left_ilium": "LeftHip", "right_ilium": "RightHip", "sacrum": "Sacrum"}.items()
)
#: The sacrum of BodyParts3D is solid where the canal is, so that nothing can be deroofed there.
BONES = {
    "reference": ('anatomy.sex = "male"', OPENING),
    "bodyparts3d": (FILES + BODYPARTS, ""),
    "atlas2": (FILES + ATLAS, OPENING),
}


@pytest.mark.parametrize("bones", BONES)
def test_a_guide_sits_and_is_pinned(bones, tmp_path):
    if bones != "reference" and not REAL_BONES.is_dir():
        pytest.skip(
            f"{bones}: the bones are not here ({REAL_BONES.parent.name}/{REAL_BONES.name} beside the project)"
        )
    anatomy, opening = BONES[bones]
    (tmp_path / "case.toml").write_text(CASE.format(anatomy=anatomy, opening=opening), encoding="utf-8")
    case = fs.load(tmp_path / "case.toml", data=[REAL_BONES] if REAL_BONES.is_dir() else [])
    pelvis, options = build(case, case.folder, case.data), case.surgery.guide
    after = resect(case.surgery, pelvis)
    found = seat(pelvis, after, options)

    held = kinematics(found)
    assert len(held.free) == 0
    assert held.pressed
    assert held.condition < 4.0
    assert held.singular_values[-1] > 0.7

    sacrum, remains = DistanceTo(pelvis.parts["sacrum"]), DistanceTo(after.surfaces["sacrum"])
    assert np.abs(sacrum(found.points)).max() < 1e-6
    assert np.abs(remains(found.points)).max() < 0.25  # on bone that no cut takes
    cut = after.cuts["sacrum"].plane
    assert ((cut.origin - found.points) @ cut.normal).min() > beside_cuts(options)
    for other in ("left_ilium", "right_ilium", "L5"):
        assert DistanceTo(pelvis.parts[other])(found.points).min() > options.foot_radius

    for one in other_seats(found, sacrum):
        assert one.misfit > 0.5
        assert np.linalg.norm(one.shift) >= 2.0 or np.linalg.norm(one.turn) >= 2.0

    pins = wires(pelvis, after, found, options)
    assert len(pins) == 2
    for wire in pins:
        along = wire.entry + np.linspace(0.1, 1.0, 50)[:, None] * (wire.tip - wire.entry)
        assert remains(along).max() < 0.0
        assert wire.clearance >= options.wire_clearance
        assert np.linalg.norm(wire.tip - wire.entry) >= 15.0
        mouths = [where for name, where in pelvis.landmarks.items() if "foramen" in name]
        assert np.linalg.norm(along[:, None] - mouths, axis=2).min() > options.wire_clearance + 3.0
    assert 10.0 <= np.degrees(np.arccos(pins[0].direction @ pins[1].direction)) <= 20.0 + 1e-6
