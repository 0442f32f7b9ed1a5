"""What a case that says nothing of its screws gets: the give of bone round them, and none in metal."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from benchmarks.verification.embedded_rod import problem
from femsacrum.case.schema import InterfaceRule
from femsacrum.mechanics.choose import interfaces
from femsacrum.mechanics.interfaces import Bonded, Thread
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Construct

GIVE = 1.0 / constant("screws", "bond").value


def held(role, *rules):
    """The law of a screw in a body of that role, and the model it is of."""
    bodies, materials, (given,), _ = problem(12.0, Bonded(1.0), (0.0, 0.0, 300.0), 3.0, 0.0)
    inside, host = given.contact.slave[0], given.contact.master[0]
    bodies = {inside: replace(bodies[inside], role="fixation"), host: replace(bodies[host], role=role)}
    contacts, screws = (replace(given.contact, screw=given.screw.name),), (given.screw,)
    construct = Construct(None, {}, {}, screws, (), contacts, {}, {})
    assembly = Assembly(construct, bodies, {})
    made = interfaces(SimpleNamespace(interfaces=rules), assembly, materials)
    return made[0].law, SimpleNamespace(assembly=assembly, materials=materials, springs=(), interfaces=made)


def rule(law, **keys):
    return InterfaceRule(between=("fixation", "*"), law=law, **keys)


@pytest.mark.parametrize("role", ["bone", "graft"])
def test_bone_gives_way_round_a_screw_that_no_rule_names(role):
    fast = held(role, rule("bonded"))[0].stiffness
    assert 1.0 / held(role)[0].stiffness == pytest.approx(1.0 / fast + GIVE)
    assert held(role)[0].stiffness < 1.0 / GIVE < fast


def test_metal_does_not():
    assert held("implant")[0] == held("implant", rule("bonded"))[0]


def test_a_thread_without_a_stiffness_across_has_that_give_and_one_with_it_its_own():
    thread = held("bone", rule("thread", thread_stiffness="500 N/mm2"))[0]
    assert isinstance(thread, Thread)
    assert thread.lateral_stiffness == held("bone")[0].stiffness
    own = held("bone", rule("thread", thread_stiffness="500 N/mm2", stiffness="70 N/mm3"))[0]
    assert own.lateral_stiffness == 70.0


def test_the_model_says_which_bonds_hold_the_give_of_bone():
    for rules in ((), (rule("thread", thread_stiffness="500 N/mm2"),)):
        assert held("bone", *rules)[1].interfaces[0].give == GIVE
        assert held("implant", *rules)[1].interfaces[0].give == 0.0
    said = [{"stiffness": "2 N/mm3"}, {"stiffness": "2 N/mm3", "thread_stiffness": "500 N/mm2"}, {}]
    for law, keys in zip(("bonded", "thread", "bonded"), said, strict=True):
        assert held("bone", rule(law, **keys))[1].interfaces[0].give == 0.0
