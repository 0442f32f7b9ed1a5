"""A cutting guide on the reference and on real bones: it sits in one way, and its wires find bone."""

import numpy as np
import pytest
from coarse_studies import REAL_BONES

import femsacrum as fs
from femsacrum.anatomy.build import build
from femsacrum.anatomy.distance import DistanceTo
from femsacrum.surgery.cuts.resect import resect
from femsacrum.surgery.guides.doubts import contact_error
from femsacrum.surgery.guides.layout import beside_cuts
from femsacrum.surgery.guides.plan import guide

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
    "reference_not_opened": ('anatomy.sex = "male"', ""),
    "bodyparts3d": (FILES + BODYPARTS, ""),
    "atlas2": (FILES + ATLAS, OPENING),
}


#: What the bone and the neighbours it has leave, not the making of the parts.
LEFT = ("Another seat", "The saw is led over")


@pytest.mark.parametrize("bones", BONES)
def test_a_guide_sits_is_pinned_and_can_be_made(bones, tmp_path):
    if not bones.startswith("reference") and not REAL_BONES.is_dir():
        pytest.skip(
            f"{bones}: the bones are not here ({REAL_BONES.parent.name}/{REAL_BONES.name} beside the project)"
        )
    anatomy, opening = BONES[bones]
    (tmp_path / "case.toml").write_text(CASE.format(anatomy=anatomy, opening=opening), encoding="utf-8")
    case = fs.load(tmp_path / "case.toml", data=[REAL_BONES] if REAL_BONES.is_dir() else [])
    pelvis, options = build(case, case.folder, case.data), case.surgery.guide
    after = resect(case.surgery, pelvis)
    made = guide(case.surgery, pelvis, after)
    found, held = made.seat, made.kinematics

    assert len(found.points) == options.contacts  # each has a foot
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

    for one in made.others:
        assert one.misfit > 0.5
        assert np.linalg.norm(one.shift) >= 2.0 or np.linalg.norm(one.turn) >= 2.0
    mistaken = [doubt for doubt in made.doubts if doubt.startswith("Another seat")]
    assert len(mistaken) == any(one.misfit < contact_error() for one in made.others)

    assert len(made.wires) == 2
    for wire in made.wires:
        along = wire.entry + np.linspace(0.1, 1.0, 50)[:, None] * (wire.tip - wire.entry)
        assert remains(along).max() < 0.0
        assert wire.clearance >= options.wire_clearance
        assert np.linalg.norm(wire.tip - wire.entry) >= 15.0
        mouths = [where for name, where in pelvis.landmarks.items() if "foramen" in name]
        assert np.linalg.norm(along[:, None] - mouths, axis=2).min() > options.wire_clearance + 3.0
    lean = np.degrees(np.arccos(made.wires[0].direction @ made.wires[1].direction))
    assert 10.0 - 1e-6 <= lean <= 20.0 + 1e-6

    assert [doubt for doubt in made.doubts if not doubt.startswith(LEFT)] == []
    assert ("deroofing_guide" in made.solids) == bool(opening)
    assert made.measures["guide_undercut [mm2]"] == 0.0
    assert made.measures["guide_slot_off_plane [mm]"] < 1e-6
