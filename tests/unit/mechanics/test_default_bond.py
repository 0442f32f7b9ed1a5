"""The bond of a case that does not say how stiff: fifty times what a layer of the softer side has that cannot widen."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.verification import meshes
from femsacrum.materials.elastic import Axial, BodyMaterial
from femsacrum.mechanics.choose import interfaces
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Construct, Contact

#: Of a disc's annulus between its fibres.
YOUNG, RATIO = 4.2, 0.45


def uniform(*values):
    return [np.full(3, value) for value in values]


def test_modulus_of_a_layer_that_cannot_widen():
    isotropic = BodyMaterial(*uniform(YOUNG, RATIO), None, None, "test")
    confined = YOUNG * (1.0 - RATIO) / ((1.0 + RATIO) * (1.0 - 2.0 * RATIO))
    assert isotropic.confined() == pytest.approx(confined)
    assert confined == pytest.approx(3.79 * YOUNG, rel=1e-3)
    # across the axis: entry of the inverse compliance
    compliance = np.array(
        [[1 / 10, -0.3 / 10, -0.2 / 30], [-0.3 / 10, 1 / 10, -0.2 / 30], [-0.2 / 30, -0.2 / 30, 1 / 30]]
    )
    along = Axial(np.tile([0.0, 0.0, 1.0], (3, 1)), *uniform(30.0, 0.2, 5.0))
    drawn = BodyMaterial(*uniform(10.0, 0.3), None, None, "test", axial=along)
    assert drawn.confined() == pytest.approx(np.linalg.inv(compliance)[0, 0])


@pytest.mark.parametrize("softer", ["bone", "disc"])
def test_a_bond_gives_a_fiftieth_of_what_a_layer_of_the_softer_side_does(softer):
    bodies = {
        "bone": meshes.box("bone", (0, 0, 0), (10, 10, 10), (2, 2, 2)),
        "disc": meshes.box("disc", (0, 0, 10), (10, 10, 20), (5, 5, 5), role="disc"),
    }
    moduli = {"bone": 100.0, "disc": 100.0} | {softer: YOUNG}
    ratios = {"bone": 0.2, "disc": 0.2} | {softer: RATIO}
    materials = {name: meshes.material(body, moduli[name], ratios[name]) for name, body in bodies.items()}
    contact = Contact("disc/bone", ("disc", "z0"), ("bone", "z1"), "anatomical")
    construct = Construct(None, {}, {}, (), (), (contact,), {}, {})
    law = interfaces(SimpleNamespace(interfaces=()), Assembly(construct, bodies, {}), materials)[0].law
    # six tetrahedra to a cube; the edge of the regular one as large
    edge = np.cbrt(6.0 * np.sqrt(2.0) * {"bone": 5.0, "disc": 2.0}[softer] ** 3 / 6.0)
    assert law.stiffness == pytest.approx(50.0 * 3.793 * YOUNG / edge, rel=1e-3)
