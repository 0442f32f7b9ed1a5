"""A prosthesis from a file: a bridge of blocks between three blocks of bone, and what is refused about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from surgery_shapes import box

from femsacrum.anatomy.model import Anatomy, Plane, Surface
from femsacrum.case.schema import Placement, Prosthesis
from femsacrum.errors import InputError
from femsacrum.surgery.cuts.cut import Cut
from femsacrum.surgery.fixation.clearances import overlaps
from femsacrum.surgery.implants import designed, seats
from femsacrum.surgery.implants.placement import motion
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.outside import outside


def bone(low, high, point, normal):
    """A block with its cut, normal out of the bone."""
    plane = Plane(np.array(point), np.array(normal))
    return Cut(replace(box(low, high), flat_faces={"cut": plane}), plane, 0.0, 0.0, 1.0)


#: Face of the prosthesis -> bone and its cut.
CUTS = {
    "endplate": ("L5", bone((-20.0, 0.0, 60.0), (20.0, 40.0, 80.0), (0.0, 20.0, 60.0), (0.0, 0.0, -1.0))),
    "left_pad": ("left_ilium", bone((60.0, 0.0, 0.0), (80.0, 40.0, 40.0), (60.0, 20.0, 20.0), (-1.0, 0.0, 0.0))),
    "right_pad": ("right_ilium", bone((-80.0, 0.0, 0.0), (-60.0, 40.0, 40.0), (-60.0, 20.0, 20.0), (1.0, 0.0, 0.0))),
}
LANDMARKS = {"left_notch": (60.0, 0.0, 0.0), "right_notch": (-60.0, 0.0, 0.0), "L5_lower": (0.0, 20.0, 60.0)}
ANATOMY = Anatomy({}, {name: np.array(point) for name, point in LANDMARKS.items()}, {}, 25.0, 1.4, {}, {})
#: Plates 6 mm thick, a beam that joins them, a column that carries L5.
BLOCKS = (
    ((54.0, 5.0, 5.0), (60.0, 35.0, 35.0)),
    ((-60.0, 5.0, 5.0), (-54.0, 35.0, 35.0)),
    ((-56.0, 10.0, 22.0), (56.0, 30.0, 33.0)),
    ((-15.0, 5.0, 30.0), (15.0, 35.0, 60.0)),
)


def write(path, blocks=BLOCKS, scale=1.0, motion=None, unite=True):
    """The bridge as a CAD file."""
    import gmsh

    with cad.drawing("bridge"):
        tags = [(3, gmsh.model.occ.addBox(*low, *np.subtract(high, low))) for low, high in blocks]
        if unite and len(tags) > 1:
            tags = gmsh.model.occ.fuse(tags[:1], tags[1:])[0]
        if motion is not None:
            motion(gmsh.model.occ, tags)
        gmsh.model.occ.dilate(tags, 0, 0, 0, scale, scale, scale)
        gmsh.model.occ.synchronize()
        gmsh.write(str(path))
    return path


def skin_of(blocks=BLOCKS):
    import gmsh

    with cad.drawing("bridge"):
        tags = [(3, gmsh.model.occ.addBox(*low, *np.subtract(high, low))) for low, high in blocks]
        gmsh.model.occ.fuse(tags[:1], tags[1:])
        return outside("bridge")


def write_stl(path, surface, scale=1.0, keep=slice(None)):
    lines = ["solid bridge"]
    for corners in scale * surface.points[surface.triangles[keep]]:
        points = ["vertex {} {} {}".format(*map(float, point)) for point in corners]
        lines += ["facet normal 0 0 0", "outer loop", *points, "endloop", "endfacet"]
    path.write_text("\n".join([*lines, "endsolid bridge", ""]))
    return path


def given(path, **options):
    options = Prosthesis(**{"file": path.name, **options})
    return designed.read(options, ANATOMY, path.parent, ())


def refusal(function, *arguments, **options):
    with pytest.raises(InputError) as caught:
        function(*arguments, **options)
    return str(caught.value)


def test_a_step_file_finds_its_seats_and_its_plates(tmp_path):
    read = given(write(tmp_path / "bridge.step"))
    assert read.volume == pytest.approx(2 * 6 * 900 + 108 * 220 + 30 * 900 - 3 * 600)
    skin = seats.seated(read.skin, CUTS)
    assert set(skin.flat_faces) == set(CUTS)
    for face, (_, cut) in CUTS.items():
        assert skin.flat_faces[face].normal == pytest.approx(-cut.plane.normal)
    plate, ceiling = seats.plate_of(skin, CUTS["left_pad"][1], "left")
    assert plate.back == pytest.approx(6.0)
    assert plate.regions.plate.area == pytest.approx(900.0, rel=0.05)
    assert ceiling + 20.0 == pytest.approx(22.0, abs=1.0)  # the frame's origin is at z = 20


def test_brep_in_cm_and_stl_in_m_are_the_same_body(tmp_path):
    brep = given(write(tmp_path / "bridge.brep", scale=0.1), unit="cm")
    stl = given(write_stl(tmp_path / "bridge.stl", skin_of(), 1e-3), unit="m")
    assert stl.brep is None
    assert stl.volume == pytest.approx(brep.volume, rel=1e-6)
    assert seats.seated(stl.skin, CUTS).flat_faces["endplate"].origin[2] == pytest.approx(60.0, abs=1e-3)


def test_translation_and_turn_put_it_back(tmp_path):
    def away(occ, tags):
        occ.translate(tags, -5.0, 7.0, -11.0)
        occ.rotate(tags, 0, 0, 0, 0, 0, 1, np.radians(-30.0))

    path = write(tmp_path / "bridge.step", motion=away)
    placement = Placement.model_validate({"translation": "(5, -7, 11) mm", "axial_turn": "30 deg"})
    assert set(seats.seated(given(path, placement=placement).skin, CUTS).flat_faces) == set(CUTS)


def at(points, **more):
    return Placement.model_validate(
        {"landmarks": {name: [f"{x!r} mm" for x in p] for name, p in points.items()}, **more}
    )


def test_landmarks_put_it_back():
    turned = {name: (-y + 3.0, x, z - 8.0) for name, (x, y, z) in LANDMARKS.items()}
    exact = motion(ANATOMY, at(turned), "LPS")
    assert exact.of(np.array(list(turned.values()))) == pytest.approx(np.array(list(LANDMARKS.values())))
    assert max(exact.residuals.values()) == pytest.approx(0.0, abs=1e-9)
    ras = {name: (-x, -y, z) for name, (x, y, z) in LANDMARKS.items()}
    there = np.array([[1.0, 2.0, 3.0]])
    assert motion(ANATOMY, at(ras), "RAS").of(there * [-1.0, -1.0, 1.0]) == pytest.approx(there)
    assert motion(ANATOMY, Placement(), "RAS").of(there * [-1.0, -1.0, 1.0]) == pytest.approx(there)


def test_what_landmarks_leave_is_told():
    """Both notches 1 mm farther apart in the file, 0.5 mm each to their sides: no motion makes up for it."""
    wide = {name: (1.0 / 120.0 * x + x, y, z) for name, (x, y, z) in LANDMARKS.items()}
    residuals = motion(ANATOMY, at(wide), "LPS").residuals
    assert residuals == pytest.approx({"left_notch": 0.5, "right_notch": 0.5, "L5_lower": 0.0}, abs=1e-9)


def test_landmarks_that_do_not_fit_are_refused():
    off = {**LANDMARKS, "L5_lower": (0.0, 20.0, 75.0)}
    said = refusal(motion, ANATOMY, at(off), "LPS")
    assert "placement.landmarks.L5_lower: stays " in said
    assert "mm from the landmark at (0.0, 20.0, 60.0) mm" in said
    assert motion(ANATOMY, at(off, residual="12 mm"), "LPS").residuals["L5_lower"] > 3.0
    line = {name: (i * 40.0, 0.0, 0.0) for i, name in enumerate(LANDMARKS)}
    assert "lie within 0.0 mm of one line" in refusal(motion, ANATOMY, at(line), "LPS")
    strange = {**LANDMARKS, "S_tip": (0.0, 0.0, 0.0)}
    assert "S_tip: is not a landmark of this anatomy" in refusal(motion, ANATOMY, at(strange), "LPS")


@pytest.mark.parametrize(
    ("scale", "hint"),
    [
        (1e-3, "is its unit m instead of mm?"),
        (25.4, "is its unit mm instead of inches?"),
        (1 / 25.4, "is its unit inches instead of mm?"),
        (3.0, "is it this implant"),
    ],
)
def test_a_wrong_unit_is_refused(tmp_path, scale, hint):
    said = refusal(given, write_stl(tmp_path / "bridge.stl", skin_of(), scale), unit="mm")
    assert "corner to corner, expected 50 to 350 mm" in said
    assert hint in said


def test_a_step_file_of_a_wrong_unit_is_refused_before_it_is_meshed(tmp_path):
    assert "is its unit mm instead of m?" in refusal(given, write(tmp_path / "bridge.step", scale=1000.0))


def test_what_is_no_single_closed_solid_is_refused(tmp_path):
    two = write(tmp_path / "two.step", (*BLOCKS, ((0.0, 90.0, 0.0), (9.0, 99.0, 9.0))))
    assert "holds 2 solids (" in refusal(given, two)
    empty = tmp_path / "nothing.step"
    empty.write_text("ISO-10303-21;\nno shape")
    assert "nothing.step: " in refusal(given, empty)
    whole = skin_of()
    half = np.flatnonzero(whole.points[whole.triangles].mean(axis=1)[:, 0] < 10.0)
    assert "hole" in refusal(given, write_stl(tmp_path / "open.stl", whole, keep=half), unit="mm")


def moved(by, turned=0.0):
    skin = skin_of()
    angle = np.radians(turned)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    return Surface((skin.points - [0, 20, 60]) @ turn.T + [0, 20, 60] + np.array(by), skin.triangles)


def test_what_lies_beside_a_cut_is_refused_with_the_distance():
    said = refusal(seats.seated, moved((0.0, 0.0, -3.0)), CUTS)
    assert "no flat face of it lies on the cut of L5 at (0.0, 20.0, 60.0) mm: the nearest is 3.0 mm off at (" in said
    assert "turned 3.0 deg" in refusal(seats.seated, moved((0.0, 0.0, 0.0), 3.0), CUTS)
    assert "nothing of it faces the cut of L5" in refusal(seats.seated, moved((0.0, 0.0, -150.0)), CUTS)
    said = refusal(seats.seated, moved((0.0, 0.0, -0.3)), CUTS)
    assert "no contact on the cut of L5: 0 mm2 of its face at (0.0, 20.0, 59.7) mm" in said
    assert "the gap is 0.30 mm on average" in said


def test_a_face_that_is_not_flat_is_refused():
    skin = skin_of()
    bulge = skin.points.copy()
    top = bulge[:, 2] > 59.9
    bulge[top, 2] -= 2e-4 * ((bulge[top, 0]) ** 2 + (bulge[top, 1] - 20.0) ** 2)
    assert "on the cut of L5 is not flat: it strays 0.0" in refusal(
        seats.seated, Surface(bulge, skin.triangles), CUTS
    )


def test_what_runs_into_bone_is_refused_with_depth_and_place_but_not_what_lies_on_it():
    bones = {name: cut.surface for name, cut in CUTS.values()}
    assert overlaps(bones, {"prosthesis": moved((0.0, 0.0, 0.05))}) == {}
    said = refusal(overlaps, bones, {"prosthesis": moved((0.0, 0.0, 2.0))})
    assert said.startswith("surgery.prosthesis: prosthesis runs 2.0 mm into L5 at (")


def test_a_solid_block_has_no_plate_for_screws():
    skin = seats.seated(
        skin_of((((-60.0, 5.0, 5.0), (60.0, 35.0, 35.0)), ((-15.0, 5.0, 30.0), (15.0, 35.0, 60.0)))), CUTS
    )
    said = refusal(seats.plate_of, skin, CUTS["left_pad"][1], "left")
    assert "has no plate round (60.0, " in said
