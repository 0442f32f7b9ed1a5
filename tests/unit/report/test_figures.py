"""Every picture is drawn, shows something, and puts things where they are."""

import subprocess
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from femsacrum.aftermath import Aftermath
from femsacrum.errors import InputError
from femsacrum.report import faces, scene, sheet
from femsacrum.report.faces import frame, triangles_of
from femsacrum.report.figures import draw, slug
from femsacrum.report.summary import render


@pytest.fixture(scope="module")
def screen():
    try:
        scene.assert_drawable()
    except InputError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def small(screen, monkeypatch):
    monkeypatch.setattr(scene, "PIXELS", (480, 400))


def test_every_figure_is_drawn_and_embedded(run, small, tmp_path):
    from matplotlib.image import imread

    figures = draw(tmp_path / "figures", **run, cycles=(), after=Aftermath((), None, {}), untouched=None)
    names = [figure.path.name for figure in figures]
    case = "two__legs_"
    assert names == [
        "anatomy_and_plan.png", "mesh.png", f"forces_{case}.png", f"loads_{case}.png", f"deformation_{case}.png",
        f"stress_{case}.png", f"micromotion_{case}.png", f"pressure_{case}.png",
        f"bone_strain_{case}.png",
    ]  # fmt: skip
    for figure in figures:
        image = imread(figure.path)[..., :3]
        assert (image < 0.9).any(axis=2).mean() > 0.01, f"{figure.path.name} is blank"
        assert figure.title
        assert figure.caption
    page = render(run["findings"], figures)
    assert page.count("data:image/png;base64,") == len(figures)
    assert "Stress in the implants, two &lt;legs&gt;" in page


def test_pressure_is_drawn_to_one_scale_and_a_pull_apart_is_blue(run, tmp_path):
    from matplotlib.colors import to_rgb
    from matplotlib.image import imread

    (solved,) = run["solutions"]
    face = "left_graft/left_ilium"
    state = solved.interfaces[face]
    pressed = np.linspace(-0.5, 2.5, len(state.points))
    bonded = replace(state, pressure=pressed, status=np.full(len(pressed), 3))
    blue = {}
    for name, each in (("pressed", state), ("pulled", bonded)):
        whole = replace(solved, interfaces=solved.interfaces | {face: each})
        title, caption = faces.pressure(tmp_path / f"{name}.png", run["assembly"], run["interfaces"], whole)
        image = imread(tmp_path / f"{name}.png")[:, :-200, :3]  # without the scale
        blue[name] = (np.abs(image - to_rgb(faces.PULLED)).max(axis=2) < 0.02).mean()
    assert "it ends at 3 MPa" in caption
    assert solved.name in title
    assert blue["pulled"] > 0.005 > blue["pressed"] == 0.0


def test_a_point_in_space_is_where_the_picture_shows_it(small):
    import pyvista

    corners = np.array([[-40.0, -30.0, -20.0], [60.0, 50.0, 70.0]])
    spot = np.array([25.0, 10.0, 40.0])

    def paint(plotter):
        plotter.add_mesh(pyvista.Sphere(radius=6.0, center=spot), color="black", lighting=False)

    for view in scene.VIEWS:
        panel = scene.snapshot(paint, view, np.vstack([corners, spot]), outlines=False)
        rows, columns = np.nonzero(panel.image[..., 0] < 100)
        assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(panel.pixel(spot), abs=0.8)
        assert np.sqrt(len(rows) / np.pi) / panel.scale == pytest.approx(6.0, rel=0.12)


def test_the_patients_right_is_on_the_left_from_in_front(small):
    panel = scene.snapshot(lambda plotter: None, "front", np.array([[-50.0] * 3, [50.0] * 3]), outlines=False)
    right, left = panel.pixel(np.array([-40.0, 0.0, 0.0])), panel.pixel(np.array([40.0, 0.0, 0.0]))
    assert right[0] < left[0]
    assert panel.view.sides == ("right", "left")


def test_without_opengl_the_user_is_told_what_to_install(monkeypatch):
    failed = subprocess.CompletedProcess([], -11)
    monkeypatch.setattr(scene.subprocess, "run", lambda *args, **more: failed)
    scene.assert_drawable.cache_clear()
    try:
        with pytest.raises(InputError, match=r"output.figures: .*apt-get install libegl1"):
            scene.assert_drawable()
    finally:
        scene.assert_drawable.cache_clear()


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.floats(1, 20))
def test_labels_keep_apart_in_order_and_inside(wanted, apart):
    placed = np.array(sheet.spread(wanted, apart, 0.0, 100.0))
    order = np.argsort(wanted, kind="stable")
    gaps = np.diff(placed[order])
    assert placed.min() >= -1e-9
    assert placed.max() <= 100.0 + 1e-9
    assert (gaps >= min(apart, 100.0 / max(1, len(wanted) - 1)) - 1e-9).all()


def test_scale_ends_are_round_and_not_below():
    for value in (0.11, 1.0, 147.0, 151.0, 699.0, 7001.0):
        assert value <= scene.rounded(value) < 2.01 * value
    assert scene.rounded(147.0) == 150.0
    assert scene.rounded(0.0) == 1.0


def test_faces_are_seen_square_on_with_the_head_up(run):
    state = run["solutions"][0].interfaces["left_graft/left_ilium"]
    across, up, middle = frame(state)
    assert [across @ up, across @ across, up @ up] == pytest.approx([0.0, 1.0, 1.0])
    np.testing.assert_allclose(middle, state.points.mean(axis=0))
    cells = triangles_of(run["assembly"], state, run["interfaces"][0])
    x, y = (state.points - middle) @ across, (state.points - middle) @ up
    doubled = (x[cells[:, 1]] - x[cells[:, 0]]) * (y[cells[:, 2]] - y[cells[:, 0]])
    doubled -= (x[cells[:, 2]] - x[cells[:, 0]]) * (y[cells[:, 1]] - y[cells[:, 0]])
    assert (doubled > 0).all()  # outward facets turn anticlockwise for who looks at them from outside
    assert doubled.sum() / 2 == pytest.approx(100.0)


def test_names_of_load_cases_are_safe_file_names():
    assert slug("crutch stance/../x") == "crutch_stance____x"
