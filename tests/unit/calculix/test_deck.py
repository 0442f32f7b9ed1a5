"""CalculiX runs our decks as they are and finds our displacements."""

import dataclasses
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

sys.path.insert(0, str(Path(__file__).parents[1] / "mechanics"))
import blocks

from benchmarks.verification import calculix, embedded_rod, meshes
from femsacrum.calculix.contact import spring_table
from femsacrum.calculix.deck import write_deck
from femsacrum.calculix.materials import cards
from femsacrum.calculix.rows import LONG, shortened
from femsacrum.case.schema import Solver
from femsacrum.errors import InputError
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.materials.elastic import Axial, Fibres
from femsacrum.mechanics import laws, membrane
from femsacrum.mechanics.choose import BONDED_FACTOR
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bolt, Bonded, Frictional, Healing, Interface, Spring, Thread, UserLaw
from femsacrum.mechanics.membrane import strain_rows
from femsacrum.mechanics.points import parameters_of
from femsacrum.surgery.construct import Contact

needs_ccx = pytest.mark.skipif(
    shutil.which("ccx") is None, reason="CalculiX is not installed: no ccx on the PATH (make peer-setup)"
)
#: Far tighter than what is compared.
EXACT = Solver(tolerance=1e-11)
SKEW = np.array([30.0, -20.0, -80.0])


def column(order, name="bone", low=(0, 0, 0), high=(10, 10, 20), divisions=(2, 2, 4)):
    return meshes.box(name, low, high, divisions, order, jitter=0.2)


def pushed(body, face="z1", point=(7.0, 4.0, 25.0), moment=(100.0, 50.0, -200.0)):
    return Applied("push", body.name, body.facets_of(face)[:, :3], SKEW, np.array(moment), np.array(point), "test")


def standing(body, face="z0", kind="fixed", **given):
    return Support(kind, body.name, body.facets_of(face)[:, :3], kind, np.eye(3), 1e4, **given)


def off(deck, load_case, own):
    """Of CalculiX's displacement from ours: root mean square over all nodes, relative."""
    calculix.run(deck.load_cases[load_case], 60.0)
    theirs, _ = calculix.results(deck.load_cases[load_case])
    square = sum(np.sum((moved - theirs[deck.nodes[name] - 1]) ** 2) for name, moved in own.items())
    return float(np.sqrt(square / sum(np.sum(moved**2) for moved in own.values())))


def difference(folder, bodies, materials, interfaces, load_case, springs=(), **options):
    """The same, both solved here; and the deck."""
    deck = write_deck(folder, bodies, materials, interfaces, [load_case], (), springs, **options)
    own = solve(bodies, materials, interfaces, load_case, EXACT, springs=springs).displacements
    return off(deck, load_case.name, own), deck


@needs_ccx
@pytest.mark.parametrize("order", [1, 2])
def test_one_body(tmp_path, order):
    body = column(order)
    modulus = np.random.default_rng(1).uniform(500.0, 2000.0, len(body.cells))
    material = dataclasses.replace(meshes.material(body, 1.0, 0.3), youngs_modulus=modulus)
    given = {"bone": body}, {"bone": material}, (), LoadCase("a push", (pushed(body),), (standing(body),), {}, 0.0)
    found, deck = difference(tmp_path, *given, most_cards=len(body.cells))
    assert found < 1e-5
    assert not deck.remarks


@needs_ccx
def test_cortex_and_mean_supports(tmp_path):
    """A bone with a cortex on two balls and a hinge: nothing of it is a solid to CalculiX but the bone."""
    body = column(1)
    layer = meshes.cortex(body, ("x0", "x1", "y0", "y1"), 0.8, 17000.0, 0.3)
    material = meshes.material(body, 300.0, 0.3, layer)
    held = (
        standing(body, "z0", "mean", point=np.array([5.0, 5.0, -4.0]), turns=np.eye(3)[2:]),
        dataclasses.replace(standing(body, "x0", "mean"), name="side", directions=np.eye(3)[:2]),
        dataclasses.replace(standing(body, "x1", "mean"), name="other", directions=np.eye(3)[1:]),
        dataclasses.replace(standing(body, "z1", "rigid"), stiffness=1e5, directions=np.zeros((0, 3))),
    )
    load_case = LoadCase("push", (pushed(body),), held, {}, 0.0)
    assert difference(tmp_path, {"bone": body}, {"bone": material}, (), load_case)[0] < 1e-5


@needs_ccx
@pytest.mark.parametrize("turning", [False, True])
def test_transversely_isotropic(tmp_path, turning):
    body = column(2)
    axes = np.tile([0.6, 0.0, 0.8], (len(body.cells), 1))
    if turning:
        angle = np.linspace(0.0, 1.5, len(body.cells))
        axes = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
    along = (np.full(len(body.cells), value) for value in (3000.0, 0.2, 400.0))
    material = dataclasses.replace(meshes.material(body, 1000.0, 0.35), axial=Axial(axes, *along))
    load_case = LoadCase("push", (pushed(body),), (standing(body),), {}, 0.0)
    assert difference(tmp_path, {"bone": body}, {"bone": material}, (), load_case)[0] < 1e-5


@needs_ccx
def test_fibres_of_two_families(tmp_path):
    """Crossing at angles and running round as they do in an annulus, none in the nucleus."""
    body = column(2)
    turn, half = np.linspace(0.0, 1.5, len(body.cells)), np.radians(30.0)
    round_it = np.stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)], axis=1)
    families = np.stack([np.cos(half) * round_it + side * np.sin(half) * np.eye(3)[2] for side in (1.0, -1.0)])
    fibres = Fibres(families, np.where(np.arange(len(turn)) % 3 == 0, 0.0, 3000.0))
    material = dataclasses.replace(meshes.material(body, 1000.0, 0.35), fibres=fibres)
    load_case = LoadCase("push", (pushed(body),), (standing(body),), {}, 0.0)
    assert difference(tmp_path, {"bone": body}, {"bone": material}, (), load_case)[0] < 1e-5
    assert len(cards(body, material).constants) == 2
    along = np.stack([round_it, -round_it])
    for wrong in (Fibres(families[:1], fibres.modulus), Fibres(along, fibres.modulus)):
        with pytest.raises(ValueError, match="two families that cross"):
            cards(body, dataclasses.replace(material, fibres=wrong))
    with pytest.raises(ValueError, match="2 sets of constants with fibres; at most 1"):
        cards(body, material, most=1)


def two(divisions=(2, 2, 2)):
    """A bone and an implant on it."""
    bone, implant = column(1), column(2, "implant", (0, 0, 20), (10, 10, 26), divisions)
    bodies = {"bone": bone, "implant": implant}
    materials = {"bone": meshes.material(bone, 1000.0, 0.3), "implant": meshes.material(implant, 11e4, 0.33)}
    return bodies, materials


def joined(law, bodies):
    load_case = LoadCase("push", (pushed(bodies["implant"]),), (standing(bodies["bone"]),), {}, 0.0)
    return (Interface(Contact("implant/bone", ("implant", "z0"), ("bone", "z1")), law),), load_case


@needs_ccx
def test_bonded_faces_that_do_not_match(tmp_path):
    bodies, materials = two((3, 3, 2))
    assert difference(tmp_path, bodies, materials, *joined(Bonded(2e4), bodies))[0] < 1e-5


@needs_ccx
def test_bonded_faces_share_their_nodes(tmp_path):
    """Shared nodes for the stiff bond that femsacrum takes by default, which gives 2 % of what an element layer gives."""
    bone = meshes.box("bone", (0, 0, 0), (10, 10, 20), (4, 4, 8))
    implant = meshes.box("implant", (0, 0, 20), (10, 10, 26), (4, 4, 2), role="implant")
    bodies = {"bone": bone, "implant": implant}
    materials = {"bone": meshes.material(bone, 1000.0, 0.3), "implant": meshes.material(implant, 11e4, 0.33)}
    bond = Bonded(BONDED_FACTOR * float(materials["bone"].confined()[0]) / 2.5)
    found, deck = difference(tmp_path, bodies, materials, *joined(bond, bodies), shared_nodes=True)
    seam = [deck.nodes[name][bodies[name].facets_of(face)] for name, face in (("bone", "z1"), ("implant", "z0"))]
    assert np.array_equal(*(np.unique(numbers) for numbers in seam))
    assert "BOND" not in deck.model.read_text(encoding="utf-8")
    assert found < 1e-3


def test_faces_that_do_not_match_share_nothing(tmp_path):
    bodies, materials = two((3, 3, 2))
    deck = write_deck(
        tmp_path,
        bodies,
        materials,
        *(each if i == 0 else [each] for i, each in enumerate(joined(Bonded(1e4), bodies))),
        shared_nodes=True,
    )
    assert len(np.unique(np.concatenate(list(deck.nodes.values())))) == sum(
        len(body.nodes) for body in bodies.values()
    )
    assert "BOND_implant_bone" in deck.model.read_text(encoding="utf-8")


@needs_ccx
def test_screw(tmp_path):
    """A thread softer along the screw than across it, in a host without a hole."""
    bodies, materials, interfaces, load_case = embedded_rod.problem(12.0, Thread(1e3, 300.0), (5.0, 3.0, 60.0), 2.0)
    assert difference(tmp_path, bodies, materials, interfaces, load_case)[0] < 1e-5


@needs_ccx
@pytest.mark.parametrize(
    "given",
    [
        {"tension_only": False, "pretension": 20.0},
        {"tension_only": True, "slack": 0.002, "pretension": 5.0},
        {"tension_only": True, "slack": 50.0},
        {"tension_only": False, "compression_only": True, "slack": 0.001},
    ],
)
def test_ligaments(tmp_path, given):
    """An implant in the air over the bone, on soft springs and a ligament back to the bone."""
    bodies, materials = two()
    ends = tuple((name, bodies[name].facets_of("x1")[:, :3]) for name in bodies)
    spring = Spring("left band", ends, np.array([[10.0, 5.0, 10.0], [10.0, 5.0, 23.0]]), 300.0, **given)
    load = Applied("lift", "implant", bodies["implant"].facets_of("z1")[:, :3], np.array([5.0, 3.0, 60.0]),
                   np.zeros(3), np.array([5.0, 5.0, 26.0]), "test")  # fmt: skip
    soft = dataclasses.replace(standing(bodies["implant"]), stiffness=0.5, name="air", kind="fixed")
    load_case = LoadCase("lift", (load,), (standing(bodies["bone"]), soft), {}, 0.0)
    assert difference(tmp_path, bodies, materials, (), load_case, (spring,))[0] < 1e-5


@pytest.mark.parametrize(
    "given",
    [
        {"slack": 0.2, "knee": 0.3, "stiffer": 3.0},
        {"pretension": 20.0, "knee": 0.3, "stiffer": 3.0},
        {"tension_only": False, "pretension": 20.0},
        {"tension_only": False, "compression_only": True, "slack": 0.2, "knee": 0.3, "stiffer": 3.0},
    ],
)
def test_a_table_holds_the_law(given):
    spring = Spring("band", (("a", np.zeros((0, 3))), ("b", np.zeros((0, 3)))), np.zeros((2, 3)), 300.0, **given)
    far = np.linspace(-1.0, 1.0, 41)
    jump, nothing = np.column_stack([-far, 0.0 * far, 0.0 * far]), np.zeros((41, 3))
    traction, parameters = np.zeros((41, 3)), parameters_of(spring, 41)[0]
    laws.spring(
        jump, nothing, nothing, far, parameters, 0.0, traction, np.zeros((41, 3, 3)), nothing, np.zeros(41, int)
    )
    np.testing.assert_allclose(np.interp(far, *zip(*spring_table(spring), strict=True)), -traction[:, 0], atol=1e-9)


@needs_ccx
def test_a_face_that_has_united_all_over_is_a_bond(tmp_path):
    bodies, materials = two((3, 3, 2))
    interfaces, load_case = joined(Healing(1.0, 2e4, Frictional(0.4)), bodies)
    deck = write_deck(tmp_path, bodies, materials, interfaces, [load_case])
    assert "CONTACT PAIR" not in deck.model.read_text(encoding="utf-8")
    assert not deck.remarks
    own = solve(bodies, materials, joined(Bonded(2e4), bodies)[0], load_case, EXACT).displacements
    assert off(deck, "push", own) < 1e-5


def test_a_face_that_has_half_united_shares_its_stiffness(tmp_path):
    bodies, materials = two((3, 3, 2))
    interfaces, load_case = joined(Healing(0.25, 2e4, Frictional(0.4, 8e3, 4e3)), bodies)
    text = write_deck(tmp_path, bodies, materials, interfaces, [load_case]).model.read_text(encoding="utf-8")
    assert "*ELEMENT, TYPE=SPRING1, ELSET=UNION_implant_bone_1" in text
    assert "PRESSURE-OVERCLOSURE=LINEAR\n6000\n*FRICTION\n0.4, 3000\n" in text
    assert "TYPE=SURFACE TO SURFACE\nimplant_z0, bone_z1\n" in text


def test_what_is_left_out_is_told_in_every_deck(tmp_path):
    bodies, materials = two((3, 3, 2))
    press_fit = joined(Frictional(0.4, interference=0.1), bodies)[0][0]
    own_law = dataclasses.replace(press_fit, law=UserLaw("glue", "def f(): pass", "f", {}))
    bolt = Bolt("left_screw", "implant", np.zeros(3), np.eye(3)[2], 1.0, force=100.0)
    load_case = joined(Bonded(1e4), bodies)[1]
    deck = write_deck(tmp_path, bodies, materials, (press_fit,), [load_case], (bolt,))
    told = (
        "the press-fit of 0.1 mm is left out: implant/bone",
        "tightening is left out: left_screw",
        "contact by a penalty, where femsacrum enforces it exactly: implant/bone",
        "friction at the points of CalculiX's own contact, surface to surface: implant/bone",
    )
    for line in told:
        assert line in deck.remarks
        for file in (deck.model, deck.load_cases["push"]):
            assert f"** not as in femsacrum: {line}" in file.read_text(encoding="utf-8").splitlines()
    with pytest.raises(InputError, match='user\'s law "glue"'):
        write_deck(tmp_path, bodies, materials, (own_law,), [load_case])


def test_a_slope_that_calculix_would_not_follow_is_told(tmp_path):
    """It iterates only where a deck has contact."""
    bodies, materials = two()
    ends = tuple((name, bodies[name].facets_of("x1")[:, :3]) for name in bodies)
    places = np.array([[10.0, 5.0, 10.0], [10.0, 5.0, 23.0]])
    springs = tuple(
        Spring(name, ends, places, 300.0, **given)
        for name, given in (("slack", {}), ("straight", {"tension_only": False}))
    )
    alone, load_case = joined(Bonded(1e4), bodies)
    told = "a slope at rest kept under load (CalculiX iterates only with contact): slack"
    assert told in write_deck(tmp_path, bodies, materials, alone, [load_case], (), springs).remarks
    rubbing = joined(Frictional(0.4, 8e3, 4e3), bodies)[0]
    assert told not in write_deck(tmp_path, bodies, materials, rubbing, [load_case], (), springs).remarks


def test_no_load_case_takes_the_file_of_another(tmp_path):
    bodies, materials = two()
    interfaces, load_case = joined(Bonded(1e4), bodies)
    cases = [dataclasses.replace(load_case, name=name) for name in ("mesh", "one leg", "one-leg", "Model")]
    deck = write_deck(tmp_path, bodies, materials, interfaces, cases)
    assert [file.name for file in deck.load_cases.values()] == [
        "mesh_2.inp",
        "one_leg.inp",
        "one_leg_2.inp",
        "Model_2.inp",
    ]
    for name, file in deck.load_cases.items():
        assert file.read_text(encoding="utf-8").startswith(f"** load case {name}\n*INCLUDE, INPUT=model.inp\n")


def test_many_moduli_become_few_materials_of_the_same_mean():
    body = column(1, divisions=(5, 5, 8))
    modulus = np.random.default_rng(2).uniform(100.0, 10000.0, len(body.cells))
    material = dataclasses.replace(meshes.material(body, 1.0, 0.3), youngs_modulus=modulus)
    every, few = cards(body, material, len(modulus)), cards(body, material, 50)
    assert every.deviation == 0.0
    assert np.array_equal(every.constants[every.card, 0], modulus)
    assert len(few.constants) <= 50
    corners = body.nodes[body.cells]
    volume = np.linalg.det(corners[:, 1:] - corners[:, :1])
    binned = few.constants[few.card, 0]
    assert volume @ binned == pytest.approx(volume @ modulus, rel=1e-12)
    # a bin reaches over a ratio of 100 to the power 1/50
    assert 0.0 < np.abs(binned / modulus - 1.0).max() == few.deviation < 100.0 ** (1 / 50) - 1.0


@needs_ccx
@pytest.mark.parametrize("slope", [None, 2e4])
def test_a_block_slides_as_statics_says(tmp_path, slope):
    """Pushed with 1.3 mu N it moves until its spring takes what friction does not."""
    bodies, materials, interfaces = blocks.on_plane(Frictional(blocks.FRICTION, slope, slope))
    load_case = blocks.push(bodies, 1.3, blocks.supports(bodies))
    deck = write_deck(tmp_path, bodies, materials, interfaces, [load_case])
    calculix.run(deck.load_cases["1.3 mu N"], 60.0)
    moved, _ = calculix.results(deck.load_cases["1.3 mu N"])
    top = bodies["block"].facets_of("z1")
    slide = moved[deck.nodes["block"][top] - 1, 0].mean()
    assert slide == pytest.approx(0.3 * blocks.LIMIT / blocks.SPRING, rel=0.01)
    assert any("surface to surface" in remark for remark in deck.remarks)


@needs_ccx
def test_a_support_spread_over_many_nodes(tmp_path):
    body = column(1, divisions=(14, 14, 2))
    held = (standing(body, "z0", "mean", turns=np.eye(3)),)
    load_case = LoadCase("push", (pushed(body),), held, {}, 0.0)
    materials = {"bone": meshes.material(body, 300.0, 0.3)}
    found, deck = difference(tmp_path, {"bone": body}, materials, (), load_case)
    assert found < 1e-5
    equation = deck.load_cases["push"].read_text(encoding="utf-8").partition("*EQUATION\n")[2]
    assert max(int(line) for line in equation.splitlines() if line.isdigit()) <= LONG + 1


def test_long_rows_in_parts_are_as_stiff():
    rows = sparse.random_array((3, 900), density=0.7, random_state=1, format="csr")
    parts = shortened(rows)
    assert np.diff(parts.indptr).max() <= LONG
    whole = (parts.T @ parts).toarray()
    own, further, both = whole[:900, :900], whole[900:, 900:], whole[:900, 900:]
    left = own - both @ np.linalg.solve(further, both.T)
    wanted = (rows.T @ rows).toarray()
    assert np.abs(left - wanted).max() < 1e-12 * np.abs(wanted).max() * len(further)


@pytest.mark.parametrize("order", [1, 2])
def test_the_cortex_is_the_squares_of_its_rows(order):
    body = column(order)
    layer = meshes.cortex(body, ("x0", "x1", "z0"), 0.8, 17000.0, 0.3)
    rows, whole = strain_rows(body, layer), membrane.stiffness(body, layer)
    assert abs(rows.T @ rows - whole).max() < 1e-12 * abs(whole).max()
