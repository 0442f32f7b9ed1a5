"""Pictures of healing: every cause in its colour and with its area, curves where the numbers say."""

import numpy as np
import pytest
from healing_springs import face, springs
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from femsacrum.course.healing.months import LIMITS, Options, heal
from femsacrum.course.healing.spread import spread
from femsacrum.course.healing.surrogate import fit, solves_of
from femsacrum.report.healing import COURSE, LIMIT_COLOURS, LIMIT_WORDS, PUBLISHED, maps, union

COUNT = 40


def grid():
    """A face of 40 x 40 points, 2 mm apart, seen from the left: its across is to the back."""
    places = np.array([(0.0, y, z) for y in range(0, 2 * COUNT, 2) for z in range(0, 2 * COUNT, 2)])
    one = face(points=len(places), uncovered=0.2)
    return type(one)(one.name, one.graft, one.kind, places, np.full(len(places), 4.0), np.array([1.0, 0, 0]), 0.2)


@pytest.fixture
def course():
    one = grid()
    motion = np.where(one.points[:, 1] < 20.0, 0.01, np.where(one.points[:, 1] < 40.0, 0.1, 0.4))
    gap = np.where(one.points[:, 2] < 40.0, 0.0, 3.0)
    return heal(springs(one, motion=1.0, stiffness=1e15, pattern=motion, gap=gap), [one], Options(months=36))


def share(picture, colour):
    return (np.abs(picture - to_rgb(colour)).max(axis=2) < 0.02).mean()


def test_every_limit_has_its_colour_and_its_area(tmp_path, course):
    title, caption = maps(tmp_path / "maps.png", course)
    assert title == "Where the faces unite"
    assert "to one scale" in caption
    picture = imread(tmp_path / "maps.png")[..., :3]
    height, width = picture.shape[:2]
    last = picture[int(0.1 * height) : int(0.85 * height), int(0.6 * width) :]
    areas = {word: share(last, LIMIT_COLOURS[LIMITS.index(word)]) for word in LIMITS}
    # below half height a quarter of the width is still, a quarter between the limits, half moves; above all is gap
    assert areas["motion"] == pytest.approx(2.0 * areas["united"], rel=0.15)
    assert areas["motion between the limits"] == pytest.approx(areas["united"], rel=0.15)
    assert areas["gap"] > 3.0 * areas["united"]
    assert max(areas["time"], areas["too little stimulus"]) < 0.05 * areas["united"]  # a rim between two colours


def test_there_is_a_word_and_a_colour_for_every_limit():
    assert len(LIMITS) == len(LIMIT_COLOURS) == len(LIMIT_WORDS) == len(set(LIMIT_COLOURS))


def test_the_curves_say_what_they_are(tmp_path, course):
    plain = union(tmp_path / "plain.png", course, None)
    assert "Shaded" not in plain[1]
    with_spread = union(tmp_path / "spread.png", course, spread(course, fit(solves_of(course)), 16))
    assert "at least 75 % of the face" in with_spread[1]
    assert "Kohli 2021" in with_spread[1]
    for name in ("plain", "spread"):
        picture = imread(tmp_path / f"{name}.png")[..., :3]
        assert share(picture, COURSE) > 0.0005
        assert share(picture, PUBLISHED) > 0.0001
