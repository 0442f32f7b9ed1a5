"""Other inputs put on a model: what each reaches, and what it leaves alone."""

from types import SimpleNamespace

import numpy as np
import pytest

from femsacrum.credibility.vary import GRAFTS, NOT_REACHED, own, unreached, vary
from femsacrum.materials.elastic import Axial, BodyMaterial, Cortex
from femsacrum.mechanics.interfaces import Bonded, Frictional, Healing, Interface, Spring, Thread
from femsacrum.pipeline import Model
from femsacrum.sources.tables import table
from femsacrum.surgery.construct import Contact, Solid

ROLES = {"sacrum": "bone", "L5": "bone", "disc_L5_S1": "disc", "left_sij": "cartilage", "symphysis": "cartilage",
         "rod": "fixation"}  # fmt: skip


def material(young, cortex=None, axial=None):
    return BodyMaterial(np.array(young), np.full(2, 0.3), cortex, None, "", axial)


def interface(law, give=0.0):
    return Interface(Contact("a/b", ("a", "x"), ("b", "x")), law, None, give)


def spring(**keys):
    return Spring("one", (("L5", None), ("sacrum", None)), np.zeros((2, 3)), 100.0, **keys)


def model(roles=ROLES, interfaces=(), springs=()):
    bodies = {name: SimpleNamespace(role=role) for name, role in roles.items()}
    materials = {name: material([10.0, 20.0]) for name in roles}
    if "sacrum" in roles:
        materials["sacrum"] = material([100.0, 200.0], Cortex(np.zeros((1, 3)), np.array([1.0]), 17000.0, 0.3))
        along = Axial(
            np.tile([0.0, 0.0, 1.0], (2, 1)), np.array([300.0, 400.0]), np.full(2, 0.3), np.array([50.0, 60.0])
        )
        materials["L5"] = material([100.0, 200.0], axial=along)
    assembly = SimpleNamespace(bodies=bodies)
    return Model(assembly, materials, (), (), tuple(interfaces), (), tuple(springs), ())


def test_a_factor_reaches_the_bodies_it_is_of_and_no_other():
    given = model()
    made = vary(
        given, {"bone_modulus": 2.0, "disc_modulus": 0.5, "joint_cartilage_modulus": 54.0, "symphysis_modulus": 3.0}
    )
    young = {name: each.youngs_modulus.tolist() for name, each in made.materials.items()}
    assert young == {
        "sacrum": [200.0, 400.0], "L5": [200.0, 400.0], "disc_L5_S1": [5.0, 10.0], "left_sij": [54.0, 54.0],
        "symphysis": [30.0, 60.0], "rod": [10.0, 20.0],
    }  # fmt: skip
    assert made.materials["sacrum"].cortex == given.materials["sacrum"].cortex
    assert given.materials["rod"].youngs_modulus.tolist() == [10.0, 20.0]


def test_a_graft_has_the_range_of_what_it_is_made_of():
    """A block of the iliac crest by its role; chips and struts say what they are; none is varied with the bone."""
    made_of = {
        "block": None,
        "chips": "morsellised_graft",
        "left_strut": "fibular_strut",
        "ring": "femoral_allograft",
    }
    solids = {name: Solid(b"", "graft", material=entry) for name, entry in made_of.items()}
    given = model(dict.fromkeys(made_of, "graft"))
    for name, body in given.assembly.bodies.items():
        body.name = name
    given.assembly.construct = SimpleNamespace(solids=solids)
    factors = {
        "graft_modulus": 0.4,
        "morsellised_graft_modulus": 5.0,
        "cortical_graft_modulus": 0.8,
        "bone_modulus": 2.0,
    }
    young = {name: each.youngs_modulus[0] for name, each in vary(given, factors).materials.items()}
    assert young == pytest.approx({"block": 4.0, "chips": 50.0, "left_strut": 8.0, "ring": 8.0})
    assert {"graft_modulus", "morsellised_graft_modulus", "cortical_graft_modulus"}.isdisjoint(unreached(given))


def test_the_ranges_of_grafts_lie_around_the_models_own_modulus():
    """Each range is that of the literature, in MPa."""
    ends = {"graft": (100, 400), "morsellised_graft": (5, 150), "fibular_strut": (12e3, 18e3),
            "femoral_allograft": (12e3, 18e3)}  # fmt: skip
    for made_of, name in GRAFTS.items():
        own_value = table("materials")[made_of]["youngs_modulus"]["value"]
        row = table("ranges")[name]
        assert (own_value * row["low"], own_value * row["high"]) == pytest.approx(ends[made_of], rel=5e-3)


def test_bone_that_is_stiffer_along_an_axis_stays_so():
    made = vary(model(), {"bone_modulus": 2.0}).materials["L5"]
    assert made.axial.youngs_modulus.tolist() == [600.0, 800.0]
    assert made.axial.shear_modulus.tolist() == [100.0, 120.0]
    np.testing.assert_allclose(made.invariants(), 2.0 * model().materials["L5"].invariants())


def test_the_cortex_has_its_own_factors():
    made = vary(model(), {"cortex_modulus": 0.6, "cortex_thickness": 1.3}).materials["sacrum"]
    assert (made.cortex.youngs_modulus, made.cortex.thickness.tolist()) == (pytest.approx(10200.0), [1.3])
    assert made.youngs_modulus.tolist() == [100.0, 200.0]


def test_ligaments_are_slack_or_tight():
    pulls, pushes = spring(), spring(tension_only=False, compression_only=True)
    slack = vary(model(springs=(pulls, pushes)), {"ligament_offset": 0.5, "ligament_stiffness": 2.0}).springs
    assert [(one.stiffness, one.slack, one.pretension) for one in slack] == [(200.0, 0.5, 0.0), (200.0, 0.0, 0.0)]
    tight = vary(model(springs=(pulls,)), {"ligament_offset": -0.1, "ligament_stiffness": 2.0}).springs[0]
    assert (tight.slack, tight.pretension) == (0.0, pytest.approx(20.0))


def test_friction_is_that_of_all_that_rubs():
    laws = (Frictional(0.4), Healing(0.5, 1e3, Frictional(0.6)), Bonded(1e3))
    given = model(interfaces=map(interface, laws))
    made = [one.law for one in vary(given, {"friction": 0.3}).interfaces]
    assert made == [Frictional(0.3), Healing(0.5, 1e3, Frictional(0.3)), Bonded(1e3)]
    assert own(given, "friction") == (0.4, 0.6)


def test_a_sampled_give_takes_the_place_of_the_models_own_where_it_says_it_has_one():
    laws = (interface(Bonded(1.0 / (0.01 + 0.25)), 0.25), interface(Thread(1.0 / (0.01 + 0.25), 500.0), 0.25),
            interface(Bonded(2.0)))  # fmt: skip
    given = model(interfaces=laws)
    bond, thread, stated = vary(given, {"screw_bond": 2.0}).interfaces
    assert 1.0 / bond.law.stiffness == pytest.approx(0.01 + 0.5)
    assert 1.0 / thread.law.lateral_stiffness == pytest.approx(0.01 + 0.5)
    assert thread.law.stiffness == 500.0
    assert stated is laws[2], "a rule of the case says how stiff it is, softer than bone or not"
    again = vary(vary(given, {"screw_bond": 2.0}), {"screw_bond": 4.0}).interfaces[0]
    assert again.law.stiffness == pytest.approx(laws[0].law.stiffness)
    assert again.give == 0.25
    assert own(given, "screw_bond") == (4.0, 4.0)


def test_nothing_varied_is_the_model_itself():
    given = model()
    assert vary(given, {}) is given
    with pytest.raises(KeyError, match="no entry bone"):
        vary(given, {"bone": 2.0})


def test_what_an_input_cannot_reach_is_named_with_the_reason():
    assert set(NOT_REACHED) == set(table("ranges"))
    assert unreached(model({"rod": "fixation"})) == NOT_REACHED
    assert set(unreached(model())) == {
        "ligament_stiffness", "ligament_offset", "screw_bond", "friction", *GRAFTS.values(),
    }  # fmt: skip
    assert own(model(), "joint_cartilage_modulus") == (10.0, 20.0)
    assert own(model(), "bone_modulus") == (1.0, 1.0)
    assert own(model(), "friction") is None
