"""Pictures of overloaded and shielded bone: what is above its limit is drawn, and in the colour of its band."""

import numpy as np
import pytest

from femsacrum.course.against_intact import Solved
from femsacrum.findings.overload import envelope, overload
from femsacrum.findings.shielding import Beside
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.report import overload as pictures


def strained(meshed, share):
    """The upper half of the left wing is stretched along z."""
    moved = {body: np.zeros_like(mesh.nodes) for body, mesh in meshed.bodies.items()}
    moved["left_ilium"][:, 2] = share * np.maximum(meshed.bodies["left_ilium"].nodes[:, 2] + 40.0, 0.0)
    return LoadCaseSolution("standing", moved, {}, {}, {}, 0.0, 0.0, (), True)


def colour_share(path, colour):
    """Share of the picture's pixels that have a colour."""
    import matplotlib.image

    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    image = matplotlib.image.imread(path)[..., :3]
    return float((np.abs(image - wanted).max(axis=2) < 0.02).mean())


def test_what_is_above_its_limit_is_drawn_in_its_band(run, small, tmp_path):
    meshed, captions, shares = run["assembly"], [], []
    for number, share in enumerate((0.9, 1.7)):
        solution = strained(meshed, 0.0073 * share)
        risk = {"left_ilium": envelope(meshed.bodies["left_ilium"], [solution.strained("left_ilium")])}
        file = tmp_path / f"{number}.png"
        title, caption = pictures.overloaded(file, meshed, risk, overload(meshed, [solution]), "standing")
        assert title == "Overloaded bone, standing"
        captions.append(caption)
        shares.append([colour_share(file, colour) for colour in pictures.RISK_COLOURS])
    assert "0 mm³ in 0 connected regions" in captions[0]
    assert "84000 mm³ in 1 connected regions" in captions[1]
    # the scale below shows every colour as much; only the band from 1.5 to 2 is there besides
    assert np.ptp(shares[0]) < 0.001
    assert np.ptp(np.delete(shares[1], 2)) < 0.001
    assert shares[1][2] > max(np.delete(shares[1], 2)) + 0.008


def test_bone_has_the_colour_of_what_it_lost(run, small, tmp_path):
    meshed = run["assembly"]
    count = len(meshed.bodies["left_ilium"].cells)
    one = np.ones(count)
    found = {"left_ilium": {"wing": {"energy_change": {"value": -90.0, "unit": "%"}}}}
    sides = {"left_ilium": Beside(one, one > 0, 0.1 * one, one, one, one)}
    _, caption = pictures.shielded(tmp_path / "b.png", meshed, sides, found, "standing")
    assert "left ilium: wing -90 %" in caption
    assert colour_share(tmp_path / "b.png", pictures.CHANGE_COLOURS[0]) > 0.03
    assert colour_share(tmp_path / "b.png", pictures.CHANGE_COLOURS[3]) < 0.02


def test_the_same_bone_of_both_models_is_laid_side_by_side(run, small, tmp_path):
    """Strained a third as much, bone has a ninth of the energy: -89 %, past the widest lazy zone."""
    meshed, materials = run["assembly"], run["materials"]
    untouched = Solved(meshed, materials, (), (), (strained(meshed, 0.003),))
    row = {"wing": {"energy_change": {"value": -89.0, "unit": "%"}}}
    found = {"left_ilium": row, "right_ilium": {}}
    given = (meshed, materials, strained(meshed, 0.001), untouched)
    title, _ = pictures.beside_untouched(tmp_path / "c.png", *given, found)
    assert title == "Strain energy beside the untouched pelvis, standing"
    assert colour_share(tmp_path / "c.png", pictures.CHANGE_COLOURS[0]) > 0.015
    for nothing in ({}, None):  # regions that are not known, a load case of one model only
        assert pictures.beside_untouched(tmp_path / "d.png", *given, nothing) is None


def test_what_nothing_lay_beside_has_no_ratio(run):
    meshed = run["assembly"]
    mesh = meshed.bodies["left_ilium"]
    one = np.ones(len(mesh.cells))
    known = mesh.nodes[mesh.cells].mean(axis=1)[:, 2] < 0.0
    ratio = pictures.nodal_ratio(meshed, "left_ilium", Beside(one, known, 3.0 * one, 2.0 * known, one, one))
    assert np.isnan(ratio[mesh.nodes[:, 2] > 5.0]).all()
    assert ratio[mesh.nodes[:, 2] < -5.0] == pytest.approx(1.5)
