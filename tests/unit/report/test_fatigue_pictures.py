"""Pictures of fatigue show what was found: colours where strength is used up, points where the lines put them."""

import numpy as np
import pytest
from matplotlib.image import imread
from scipy.optimize import brentq

from femsacrum.case.fatigue import Fatigue
from femsacrum.findings.fatigue.assess import assess, usual
from femsacrum.findings.fatigue.bodies import bodies
from femsacrum.findings.fatigue.mean_stress import RULES, reversed_amplitude
from femsacrum.findings.fatigue.strengths import strength
from femsacrum.findings.fatigue.tell import told
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.report import fatigue, fatigue_lines
from femsacrum.report.fatigue_words import sentences
from femsacrum.report.words import plain

RED = np.array([0xD5, 0x5E, 0x00]) / 255.0


@pytest.fixture
def meshed(run):
    return run["assembly"]


def found(meshed, strain):
    """Both implants stretched along z by a strain and let go."""
    metal = {}
    for name, mesh in meshed.bodies.items():
        count = len(mesh.cells)
        metal[name] = BodyMaterial(np.full(count, 110000.0), np.full(count, 0.0), None, 795.0, source(mesh.role))
    instants = []
    for factor in (0.0, strain):
        moved = {name: factor * mesh.nodes * [0.0, 0.0, 1.0] for name, mesh in meshed.bodies.items()}
        instants.append(LoadCaseSolution("walking", moved, {}, {}, {}, 0.0, 0.0, (), True))
    options = Fatigue()
    each = bodies(meshed, metal, instants, options)
    return each, told(meshed, each, (0.0, 50.0), options)


def source(role):
    return {"implant": "printed_titanium: table", "fixation": "titanium: table"}.get(role, "")


def red(path):
    return (np.abs(imread(path)[..., :3] - RED).max(axis=2) < 0.02).mean()


def test_what_breaks_is_red(tmp_path, meshed, small):
    for name, strain in (("little", 1e-4), ("much", 4e-3)):
        fatigue.use_of_strength(tmp_path / f"{name}.png", meshed, *found(meshed, strain), "walking")
    assert red(tmp_path / "much.png") > red(tmp_path / "little.png") + 0.05


def test_diagram_has_a_panel_for_each_strength(tmp_path, meshed):
    title, caption = fatigue.haigh(tmp_path / "haigh.png", found(meshed, 1e-3)[1], "walking")
    assert "walking" in title
    assert "Goodman" in caption
    assert imread(tmp_path / "haigh.png").shape[1] > 1000  # three side by side: as built, machined, threaded


def test_sentences_name_the_least_safe_part_of_each_body_and_what_it_hinges_on(meshed):
    _, little = found(meshed, 1e-3)  # 110 MPa from nothing: 55 beside 110 and 550
    first, second = sentences(little)
    safe = 1.0 / (55.0 / 110.0 + 55.0 / 1000.0)
    findley = 110.0 / (55.0 * 2.0 * (0.3 + np.hypot(0.5, 0.3)) / (0.3 + np.hypot(1.0, 0.3)))
    factor = plain(min(safe, findley), 2)
    assert first.startswith(f"Prosthesis (titanium, laser printed, as built): safety factor {factor} at 1e7")
    assert "What changes that factor most: surface" in first
    assert second.startswith("Left L5 pedicle (titanium, wrought, threaded)")
    assert "no damage of 1 within 1e9 repetitions" in second
    hard, _ = sentences(found(meshed, 4e-3)[1])
    assert f"safety factor {plain(0.25 * min(safe, findley), 2)} at" in hard  # four times the stress
    assert "a damage of 1 after 0" in hard
    assert sentences({"bodies": {"rod": {"left_rod": {"strength": None, "note": "unknown"}}}}) == [
        "Left rod: unknown."
    ]


def test_no_known_strength_draws_no_diagram(tmp_path, meshed):
    _, nothing = found(meshed, 1e-3)
    for body in nothing["bodies"].values():
        for part in body:
            body[part] = {"strength": None}
    assert fatigue.haigh(tmp_path / "none.png", nothing, "walking") is None


@pytest.mark.parametrize(("rule", "power"), [("goodman", 1), ("gerber", 2)])
@pytest.mark.parametrize("mean", [-150.0, -40.0, 0.0, 300.0])
def test_lines_of_goodman_and_gerber_are_where_a_cycle_is_just_borne(mean, rule, power):
    drawn = float(fatigue._line(np.array([mean]), 110.0, 1000.0, power)[0])
    assert reversed_amplitude(drawn, mean, 1000.0, RULES[rule]) == pytest.approx(110.0)


@pytest.mark.parametrize("mean", [0.0, 60.0, 140.0, 400.0])
def test_line_of_findley_is_where_a_cycle_is_just_borne(mean):
    bears = strength("titanium", "laser_printed", "as_built")
    given = usual(bears, criterion="findley")
    drawn = float(fatigue._findley(np.array([mean]), bears.endurance.usual)[0])

    def spare(amplitude):
        stress = np.outer([mean - amplitude, mean + amplitude], [1.0, 0, 0, 0, 0, 0])
        return assess(stress, given).counted["findley"].reversed()[0] - bears.endurance.usual

    assert drawn == pytest.approx(brentq(spare, 1.0, 400.0), rel=1e-4)


def test_points_stand_where_damage_and_line_put_them(meshed):
    """A point lies on the line where the damage of so many repetitions is 1, and above it where it is more."""
    _, told = found(meshed, 4e-3)
    for body in told["bodies"].values():
        for row in body.values():
            drawn = fatigue_lines.line(row["strength"], "usual")
            assert drawn.endurance == pytest.approx(row["endurance_with_notch"]["value"])
            for place in (row, row["below_which_99.9_percent_stay"]):
                height = place["equivalent_amplitude"]["value"]
                for count, damage in place["damage"].items():
                    assert float(count) / drawn.cycles(height) == pytest.approx(damage["value"], rel=1e-9)
                    assert (height > drawn.amplitude(float(count))) == (damage["value"] > 1.0)
            if row["cycles_in_one_repetition"]["value"] == 1.0:  # nothing to add up
                assert row["equivalent_amplitude"]["value"] == pytest.approx(row["reversed_amplitude"]["value"])


def test_range_of_the_line_holds_it(meshed):
    _, told = found(meshed, 1e-3)
    for body in told["bodies"].values():
        for row in body.values():
            low, usual_line, high = (fatigue_lines.line(row["strength"], end) for end in ("low", "usual", "high"))
            for count in (1e3, 1e5, 1e7, 1e9):
                assert low.amplitude(count) < usual_line.amplitude(count) < high.amplitude(count)


def test_s_n_lines_are_drawn_for_each_strength_and_point(tmp_path, meshed):
    title, caption = fatigue_lines.s_n(tmp_path / "some.png", found(meshed, 2e-3)[1], "walking")
    assert "walking" in title
    assert "1.5e+06 repetitions a year" in caption
    some = imread(tmp_path / "some.png")
    assert some.shape[1] > 1000
    _, nothing = found(meshed, 1e-9)
    fatigue_lines.s_n(tmp_path / "none.png", nothing, "walking")  # nothing but lines
    ink = np.array([0x00, 0x72, 0xB2]) / 255.0
    count = [(np.abs(each[..., :3] - ink).max(axis=2) < 0.02).sum() for each in (some, imread(tmp_path / "none.png"))]
    assert count[0] > count[1] == 0
    for body in nothing["bodies"].values():
        for part in body:
            body[part] = {"strength": None}
    assert fatigue_lines.s_n(tmp_path / "unknown.png", nothing, "walking") is None


def test_what_breaks_at_once_is_drawn_at_the_edge(tmp_path, meshed):
    _, told = found(meshed, 5e-2)  # beyond the tensile strength
    assert told["bodies"]["prosthesis"]["prosthesis"]["equivalent_amplitude"]["value"] is None
    fatigue_lines.s_n(tmp_path / "broken.png", told, "walking")
    ink = np.array([0x00, 0x72, 0xB2]) / 255.0
    assert (np.abs(imread(tmp_path / "broken.png")[..., :3] - ink).max(axis=2) < 0.02).sum() > 0
