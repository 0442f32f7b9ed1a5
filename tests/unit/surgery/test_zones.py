"""Porous layers and lattices: a block divided in exact parts, meshed in them, and what is too thin for a layer."""

from __future__ import annotations

import numpy as np
import pytest
from surgery_shapes import boxes

from femsacrum.anatomy.model import Plane
from femsacrum.case.schema import Prosthesis, Resection
from femsacrum.errors import InputError
from femsacrum.materials import lattice as stiffness
from femsacrum.meshing.one_body import Job, mesh_body
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Solid, Zone
from femsacrum.surgery.cuts.ilium import trim_endplate
from femsacrum.surgery.implants import lattice
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import frame_on
from femsacrum.surgery.shapes.outline import Regions, smooth
from femsacrum.surgery.shapes.profiles import stadium

FRAME = frame_on(Plane(np.array([5.0, -3.0, 8.0]), np.array([0.0, 0.6, 0.8])), np.array([1.0, 0.0, 0.0]))
#: A block of 30 x 20 x 12 mm: a layer 2 mm thick, a plate of 5 mm over it, the rest.
LOW, HIGH, TALL = np.array([-15.0, -10.0]), np.array([15.0, 10.0]), 12.0
LAYER = Zone(FRAME, LOW - 1.0, HIGH + 1.0, (0.0, 2.0), 0.7)
PLATE = Zone(FRAME, LOW - 1.0, HIGH + 1.0, (0.0, 5.0), 0.0)


def block(zones, rest):
    with cad.drawing("block"):
        solid = cad.block(FRAME, LOW, HIGH, 0.0, TALL)
        whole = cad.brep(solid, "block")
        parts, void = lattice.parted(solid, zones, rest, "block")
    return Solid(whole, "implant", {"pad": FRAME.plane(outward=-1.0)}, None, None, zones, rest, parts), void


def test_parts_add_up_and_elements_keep_to_them():
    """2 of 12 mm are 70 % void, 3 are solid, 7 are 50 % void."""
    solid, void = block((LAYER, PLATE), 0.5)
    assert void == pytest.approx((2.0 * 0.7 + 7.0 * 0.5) / 12.0)
    body, quality = mesh_body(Job("prosthesis", "implant", solid, 4.0, 2))
    assert quality["gamma_min"] > 0.1
    corners = body.nodes[body.cells[:, :4]]
    a, b, c, d = (corners[:, i] for i in range(4))
    volume = np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a) / 6.0
    porosity = solid.porosity_at(corners.mean(axis=1))
    for share, thick in ((0.7, 2.0), (0.0, 3.0), (0.5, 7.0)):
        assert volume[porosity == share].sum() == pytest.approx(600.0 * thick, rel=1e-6)
    facets = body.facets_of("pad")[:, :3]
    a, b, c = (body.nodes[facets[:, i]] for i in range(3))
    assert np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0 == pytest.approx(600.0)
    factor, told = stiffness.stiffness(body, solid)
    assert set(np.round(factor, 6)) == set(np.round(stiffness.relative_modulus(np.array([0.7, 0.0, 0.5])), 6))
    assert "lattice of porosity 50 %, 70 %" in told


def test_a_solid_without_zones_is_solid():
    with cad.drawing("block"):
        solid = Solid(cad.brep(cad.block(FRAME, LOW, HIGH, 0.0, TALL), "block"), "implant")
    body, _ = mesh_body(Job("prosthesis", "implant", solid, 8.0, 1))
    assert stiffness.stiffness(body, solid) is None


def test_stiffness_of_a_lattice_against_what_is_published():
    """Simulated skeletal gyroids of the paper whose tests gave the constants: 1.05 % of E at a density of 13.33 %, 20.77 %
    at 50 %. Gyroids made by electron beam: 8 to 15 GPa at about 70 % porosity. The closed form itself at two densities."""
    simulated = stiffness.relative_modulus(1.0 - np.array([0.1333, 0.5]))
    assert simulated == pytest.approx([0.0105, 0.2077], rel=0.2)
    metal = constant("materials", "printed_titanium.youngs_modulus").value
    assert 8000.0 < metal * stiffness.relative_modulus(np.array([0.7]))[0] < 15000.0
    tested = stiffness.relative_modulus(1.0 - np.array([0.1519, 0.4169]))
    assert tested == pytest.approx([0.0165, 0.1553], rel=0.01)
    assert stiffness.relative_modulus(np.array([0.0, 1e-6])).tolist() == [1.0, 1.0]


def test_a_plate_too_thin_for_its_layer_is_refused():
    knots = stadium((9.0, 45.0), 40)
    plate = Plate("left", FRAME, Regions(knots, smooth(knots), smooth(knots), None, 45.0), 0.0, 4.0)
    outline = stadium((15.0, 20.0), 24)
    thin = Prosthesis.model_validate({"plate_thickness": "4 mm", "porous": {"thickness": "2.5 mm"}})
    with pytest.raises(InputError, match=r"2.5 mm leave 1.5 mm of solid metal in the plate of 4 mm") as caught:
        lattice.zones((plate,), FRAME, outline, thin)
    assert caught.value.key == "surgery.prosthesis.porous.thickness"
    thin = Prosthesis.model_validate({"endplate_thickness": "3 mm", "porous": {}})
    with pytest.raises(InputError, match=r"1.5 mm leave 1.5 mm of solid metal in the endplate of 3 mm"):
        lattice.zones((plate,), FRAME, outline, thin)
    both = Prosthesis.model_validate({"porous": {}, "lattice": {"porosity": "60 %"}})
    zones, rest = lattice.zones((plate,), FRAME, outline, both)
    assert [zone.porosity for zone in zones] == [0.7, 0.7, 0.0, 0.0]
    assert rest == 0.6


@pytest.mark.parametrize("angle", [-7.0, 0.0, 5.0])
def test_the_endplate_turns_in_the_sagittal_plane(angle):
    """Counter-clockwise seen from the left: the front of the plane goes down by sin(angle)."""
    cut = trim_endplate(boxes(), Resection(endplate_trim="4 mm", endplate_inclination=f"{angle} deg"))
    front = np.cross(np.array([1.0, 0.0, 0.0]), -cut.plane.normal)
    front *= -np.sign(front[1])
    assert front[2] == pytest.approx(-np.sin(np.radians(angle)), abs=1e-12)
    assert cut.plane.normal[0] == pytest.approx(0.0, abs=1e-12)
