import numpy as np
import pytest

from femsacrum.anatomy.proportions import shape, table
from femsacrum.anatomy.warp import pelvic_incidence, sacral_slope
from femsacrum.case.schema import AnatomyOptions
from femsacrum.errors import InputError


def options(**chosen):
    return AnatomyOptions.model_validate(chosen)


def test_the_reference_itself_is_not_moved():
    form = shape(options())
    points = np.random.default_rng(1).uniform(-120.0, 120.0, (20, 3))
    assert form.warp(points) == pytest.approx(points, abs=1e-6)
    assert pelvic_incidence(form.points) == pytest.approx(table()["expected"]["PI_deg"], abs=0.1)
    assert sacral_slope(form.points) == pytest.approx(table()["expected"]["sacral_slope_deg"], abs=0.1)
    assert form.description == "reference (mean)"


@pytest.mark.parametrize("wanted", [38.8, 45.0, 53.0, 62.0, 68.8])
def test_the_incidence_asked_for_is_the_incidence_there_is(wanted):
    form = shape(options(pelvic_incidence=f"{wanted} deg"))
    assert pelvic_incidence(form.points) == pytest.approx(wanted, abs=1e-6)
    for fixed in ("hip_centre", "ASIS", "pubic_tub"):
        assert form.points[fixed] == pytest.approx(shape(options()).points[fixed])


def test_sexes_have_the_published_ratios():
    women, men = shape(options(sex="female")), shape(options(sex="male"))
    published = table()["sexes"]["distance_mm"]
    for name in ("ASIS", "PSIS", "isch_spine"):
        ratio = published[name]["female"] / published[name]["male"]
        assert women.points[name][0] / men.points[name][0] == pytest.approx(ratio, rel=1e-9)
    assert women.vertebrae["L5"]["depth_upper"] / men.vertebrae["L5"]["depth_upper"] == pytest.approx(33.3 / 37.1)
    assert women.points["symph_sup"][0] == men.points["symph_sup"][0]  # the gap stays


def test_width_and_height_scale_what_they_name():
    form, base = shape(options(width="106 %", height="92 %")), shape(options())
    assert form.points["ASIS"] == pytest.approx(base.points["ASIS"] * [1.06, 1.0, 0.92])
    assert form.points["symph_mid"][2] == pytest.approx(0.92 * base.points["symph_mid"][2])
    assert form.vertebrae["L4"]["width_upper"] == pytest.approx(1.06 * base.vertebrae["L4"]["width_upper"])
    assert form.vertebrae["L4"]["height_back"] == pytest.approx(0.92 * base.vertebrae["L4"]["height_back"])
    assert form.description == "reference (mean, width 1.06, height 0.92)"


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"width": "150 %"}, r"^anatomy\.width: 150 % is out of .*75 to 130 %"),
        ({"height": "50 %"}, r"^anatomy\.height: 50 %"),
        ({"pelvic_incidence": "110 deg"}, r"^anatomy\.pelvic_incidence: 110\.0 deg cannot .* to \d+ deg can"),
    ],
)
def test_what_cannot_be_reached_is_refused_by_name(chosen, message):
    with pytest.raises(InputError, match=message):
        shape(options(**chosen))


def test_the_table_names_its_sources():
    assert [row["licence"] for row in table()["attribution"]] == ["CC BY 4.0", "CC BY 4.0", "none needed"]
    for block in ("vertebra_L5", "vertebra_L4", "lumbar_stack", "sexes"):
        assert table()[block]["source"]
