"""Partial sacrectomies and sacroiliac joints on the bench: files, planes, fracture and ratios."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.validation import experiment, gunterberg_luo, hugate_2006, miller_1987, sacroiliac_motion
from benchmarks.validation import sacrectomy as cut
from benchmarks.validation.part import dissected
from femsacrum.anatomy.model import Surface
from femsacrum.anatomy.reference import reference
from femsacrum.case.schema import AnatomyOptions
from femsacrum.pipeline import Model
from femsacrum.sources.tables import table

NAMES = ("gunterberg_luo", "hugate_2006", "miller_1987", "sacroiliac_motion")
#: Hugate's abstract: stiffness [N/mm] and failure [N] of intact, group I, group II.
TOLD = {"stiffness": (353.0, 222.0, 100.0), "failure": (3014.0, 2166.0, 1045.0)}


@pytest.fixture(scope="module")
def pelvis():
    return reference(AnatomyOptions(sex="male"))


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_tells_its_fixture_load_and_inputs(name):
    told = experiment.load(name)
    said = {row.what for row in told.equivalence}
    assert {"specimens", "ligaments", "rate"} <= said
    assert any("fixture" in what for what in said)
    assert len(said) == len(told.equivalence)
    assert len({row.key for row in told.compared}) == len(told.compared)
    assert set(told.inputs) <= set(table("ranges"))


def test_hugates_ratios_are_those_of_the_abstract():
    means = {row.key: row.mean for row in experiment.load("hugate_2006").compared}
    for what, (intact, *groups) in TOLD.items():
        assert means[f"{what}_intact"] == intact
        for group, value in zip(hugate_2006.GROUPS, groups, strict=True):
            for how in ("share", "level"):
                assert means[f"{what}_ratio_{group}_by_{how}"] == pytest.approx(100.0 * value / intact, abs=0.06)


def test_weakening_and_losses_follow_from_stiffness_and_failure():
    found = {"failure_intact": 1000.0, "failure_between_S1_S2": 700.0}
    found |= {f"stiffness_{s}": k for s, k in (("intact", 400.0), ("below_S1", 360.0), ("quarter_S1", 340.0))}
    made = gunterberg_luo.derived(found)
    assert made == pytest.approx(
        {"weakening_between_S1_S2": 30.0, "loss_to_below_S1": 10.0, "loss_to_quarter_S1": 5.0}
    )
    made = gunterberg_luo.derived(found | {"stiffness_half_S1": 200.0})
    assert (made["loss_to_quarter_S1_rank"], made["loss_to_half_S1_rank"]) == (1.0, 2.0)


def test_a_plane_takes_the_share_of_the_joints_that_is_asked(pelvis):
    low, high = (cut.offset_for(pelvis, share) for share in (0.16, 0.25))
    assert low > high > 0.0  # both below the level
    table = cut.sacrum_cut(pelvis, "below S1", high)["surgery"]["resection"]["sacrum"]
    point = np.array([float(x) for x in table["point"].strip("() m").split(",")])
    beyond = total = 0.0
    for side in ("left", "right"):
        joint: Surface = pelvis.parts[f"{side}_sij"]
        corners = joint.points[joint.triangles]
        area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        total += area.sum()
        beyond += area[(corners.mean(axis=1) - point) @ np.array(table["normal"]) > 0.0].sum()
    assert beyond / total == pytest.approx(0.25, abs=0.01)


def test_denis_counts_zones_from_the_middle(pelvis):
    mouth = pelvis.landmarks["left_foramen_S1"]
    assert cut.denis_zone(pelvis, mouth) == 2
    assert cut.denis_zone(pelvis, mouth * [0.0, 1.0, 1.0]) == 3
    assert cut.denis_zone(pelvis, mouth * [-2.0, 1.0, 1.0]) == 1


def test_the_axes_of_miller_are_those_of_the_endplate(pelvis):
    left, back, up = miller_1987.axes(pelvis)
    assert np.linalg.det([left, back, up]) == pytest.approx(1.0)
    assert up @ pelvis.directions["S1_endplate"] == pytest.approx(1.0)
    assert left[0] > 0.99
    assert back[1] > 0.5
    turned = np.cross(miller_1987.loads(pelvis)["right_bend"][0], up)
    assert turned @ left == pytest.approx(-1.0)  # its upper end goes to the right


def block(strains, sizes):
    """Tetrahedra side by side along x, each stretched along x; the first two share a face."""
    corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    nodes, moved, cells = [], [], []
    for i, (strain, size) in enumerate(zip(strains, sizes, strict=True)):
        points = corner * np.cbrt(6.0 * size) + [100.0 * i, 0.0, 0.0]
        cells.append(np.arange(4) + len(nodes))
        nodes += list(points)
        moved += list(np.column_stack([strain * points[:, 0], np.zeros((4, 2))]))
    mesh = SimpleNamespace(nodes=np.array(nodes), cells=np.array(cells), order=1)
    return mesh, np.array(moved)


def model_of(mesh, springs=()):
    marks = {f"{side}_hip_centre": np.array([x, 0.0, 0.0]) for side, x in (("left", 80.0), ("right", -80.0))}
    for level, height in ((1, 10.0), (2, -15.0)):
        marks |= {
            f"{side}_foramen_S{level}": np.array([x, 0.0, height]) for side, x in (("left", 18), ("right", -18))
        }
    construct = SimpleNamespace(anatomy=SimpleNamespace(landmarks=marks))
    return SimpleNamespace(assembly=SimpleNamespace(bodies={"sacrum": mesh}, construct=construct), springs=springs)


def test_bone_breaks_where_a_piece_of_it_is_strained_past_its_limit():
    mesh, moved = block((0.0146, 0.00365), (50.0, 200.0))
    solution = SimpleNamespace(strained=lambda body: moved)
    broken = cut.failure(model_of(mesh), solution)
    assert broken.onset == pytest.approx(0.5 * cut.FORCE)  # 1.46 % against 0.73 %
    assert broken.force == pytest.approx(2.0 * cut.FORCE)  # only the second cell is as large as a continuum
    assert broken.place[0] > 100.0
    attached = SimpleNamespace(ends=(("sacrum", mesh.cells[:1, :3]), ("left_ilium", mesh.cells[:1, :3])))
    assert cut.failure(model_of(mesh, (attached,)), solution).onset == pytest.approx(2.0 * cut.FORCE)


def test_a_dissected_model_keeps_what_lies_between_its_bodies():
    names = ("sacrum", "left_ilium", "left_sij", "L5")

    def contact(slave, master):
        return SimpleNamespace(contact=SimpleNamespace(slave=(slave, "surface"), master=(master, "surface")))

    def spring(*bodies):
        return SimpleNamespace(ends=tuple((body, None) for body in bodies))

    from femsacrum.meshing.bodies import Assembly

    assembly = Assembly(None, dict.fromkeys(names), {})
    joints = (contact("left_sij", "sacrum"), contact("left_sij", "left_ilium"), contact("disc", "L5"))
    springs = (spring("left_ilium", "sacrum"), spring("L5", "left_ilium"))
    whole = Model(assembly, dict.fromkeys(names), (), (), joints, (), springs, ())
    alone = dissected(whole, miller_1987.BODIES)
    assert set(alone.assembly.bodies) == set(alone.materials) == {"sacrum", "left_ilium", "left_sij"}
    assert alone.interfaces == joints[:2]
    assert alone.springs == springs[:1]


def test_the_joints_range_is_from_end_to_end_and_by_sex(monkeypatch):
    angles = {"left_ilium": 0.3, "right_ilium": 0.5}  # of the sacrum beside each [deg], in every load case
    assembly = SimpleNamespace(bodies={"sacrum": SimpleNamespace(nodes=np.zeros((1, 3)))})
    monkeypatch.setattr(sacroiliac_motion, "dissected", lambda model, bodies: SimpleNamespace(assembly=assembly))
    monkeypatch.setattr(sacroiliac_motion, "bench_load", lambda *_, moment, **__: moment)
    monkeypatch.setattr(sacroiliac_motion, "whole", lambda _, body: body)

    def motion(_, solution, of, beside, at):
        return SimpleNamespace(turn=np.radians(angles[beside[0]]) * solution / sacroiliac_motion.MOMENT)

    monkeypatch.setattr(sacroiliac_motion, "motion", motion)
    bench = SimpleNamespace(
        anatomy="reference_female", model=lambda *_: None, solve=lambda model, inputs, cases: cases
    )
    found = sacroiliac_motion.measure(bench, {})
    for movement in sacroiliac_motion.MOVEMENTS:
        assert found[movement] == pytest.approx(0.8)  # 0.3 and 0.5, either way, mean of both joints
        assert found[f"{movement}_women"] == found[movement]
        assert f"{movement}_men" not in found
    assert found["flexion_extension_usual_women"] == pytest.approx(0.8 * 7.5 / 12.5)
