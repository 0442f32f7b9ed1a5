"""The figure of the fit: contact, gap, overlap and what has no bone below it, each in its colour and at its place."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from femsacrum.anatomy.model import Plane
from femsacrum.report.gaps import BARE_BONE, COLOURS, OFF_BONE, OVERLAP, gaps
from femsacrum.surgery.implants.fit import STEP, Fit
from femsacrum.surgery.shapes.frame import frame_on


def quarters(normal):
    """Five bands of 8 mm along the face: contact, gap of 0.3 mm, overlap of 1 mm, no bone, no implant."""
    frame = frame_on(Plane(np.zeros(3), np.array(normal)), np.array([0.0, 0.0, 1.0]))
    across, along = np.arange(0.0, 20.0, STEP), np.arange(0.0, 40.0, STEP)
    band = np.repeat((along // 8.0).astype(int)[:, None], len(across), axis=1)
    gap = np.choose(band, [0.0, 0.3, -1.0, np.nan, np.nan])
    return Fit(frame, across, along, gap, band != 3, band != 4)


def share(picture, colour):
    return (np.abs(picture - to_rgb(colour)).max(axis=2) < 0.02).mean()


@pytest.mark.parametrize("normal", [(1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)])
def test_every_state_has_its_colour_and_an_equal_share(tmp_path, normal):
    title, caption = gaps(tmp_path / "fit.png", {"left_graft/left_ilium": quarters(normal)})
    assert title == "Fit on the cut faces"
    assert "less than 0.1 mm" in caption
    picture = imread(tmp_path / "fit.png")[..., :3]
    picture = picture[:, : int(0.7 * picture.shape[1])]  # without the bar of colours
    shares = [share(picture, colour) for colour in (COLOURS[0], COLOURS[1], OVERLAP, BARE_BONE)]
    assert min(shares) > 0.02
    assert shares == pytest.approx([np.mean(shares)] * 4, rel=0.1)
    assert share(picture, OFF_BONE) > 0.9 * np.mean(shares)


def test_nothing_is_drawn_without_a_face_on_a_cut(tmp_path):
    assert gaps(tmp_path / "fit.png", {}) is None
    assert not (tmp_path / "fit.png").exists()
