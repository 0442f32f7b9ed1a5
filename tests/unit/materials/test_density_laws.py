"""Laws and conversions: complete, as the literature has them, and chained only where a published line leads."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from docs.images import density_laws
from femsacrum.case.ct import CT
from femsacrum.errors import InputError
from femsacrum.materials.calibration import calibrated
from femsacrum.materials.density import Line, chain, law_of
from femsacrum.sources.tables import table

TABLE = table("density_laws")
CONFIDENCE = {"S", "S2", "M-high", "M-med", "M-low", "D"}
PAGE = (Path(__file__).parents[3] / "docs/materials.md").read_text(encoding="utf-8")


def test_the_picture_of_the_laws_is_drawn_from_the_table(tmp_path):
    number = re.compile(r"\d+\.\d+")
    made, kept = (density_laws.write(tmp_path), density_laws.FOLDER / density_laws.NAME)
    texts = [file.read_text(encoding="utf-8") for file in (made, kept)]
    assert number.sub("", texts[0]) == number.sub("", texts[1]), "run: python docs/images/density_laws.py"
    drawn, there = (np.array(number.findall(text), float) for text in texts)
    np.testing.assert_allclose(drawn, there, rtol=0.0, atol=2e-3)


def at(found, hounsfield):
    """Modulus of a chain by its own constants."""
    return found.offset + found.factor * (found.density.offset + found.density.slope * hounsfield) ** found.exponent


def test_every_law_and_conversion_is_complete_and_sourced():
    measures = {"rho_K2HPO4", "rho_HA", "rho_ash", "rho_app"}
    for law in TABLE["laws"].values():
        assert law["measure"] in measures
        assert law["tissue"] in ("cancellous", "cortical")
        assert 0.0 < law["range"][0] < law["range"][1]
        assert {law["confidence"], law["range_confidence"]} <= CONFIDENCE
        low, high = (law["offset"] + law["factor"] * rho ** law["exponent"] for rho in law["range"])
        assert 0.0 < low < high < 25e3  # MPa, over the densities it was fitted to
    for line in (*TABLE["conversions"].values(), *TABLE["calibrations"].values()):
        assert line["slope"] > 0.0
        assert line["confidence"] in CONFIDENCE
        assert len(line["source"]) > 10
    for region in ("pelvis", "vertebra"):
        assert TABLE["laws"][TABLE["choice"][region]]["tissue"] == "cancellous"
    assert TABLE["laws"]["carter_hayes_1977"]["factor"] == pytest.approx(3790 * 0.01**0.06, rel=1e-3)


def test_the_page_has_every_law_as_the_table_has_it():
    for name, law in TABLE["laws"].items():
        offset = f"{law['offset']:g} + " if law["offset"] else ""
        power = f"^{law['exponent']:g}" if law["exponent"] != 1.0 else ""
        form = f"{offset}{law['factor']:g} ρ{power}"
        low, high = law["range"]
        told = f"{law['measure']} | {form} | {low:g} to {high:g} ({law['range_confidence']}) | {law['site']}"
        assert f"| `{name}` | {told} | {law['source']} | {law['confidence']} |\n" in PAGE
    for name, line in TABLE["conversions"].items():
        form = f"{line['offset']:g} + {line['slope']:.4g} {line['from']}"
        assert f"| `{name}` | {line['to']} | {form} | {line['source']} | {line['confidence']} |\n" in PAGE


def test_a_chain_by_hand():
    ct = CT(file="x")
    found = chain(calibrated(ct), "dalstra_1993", "key")
    # 200 HU: 0.15 g/cm3 K2HPO4, 0.1979 ash, 0.3298 apparent
    apparent = (0.0389 + 1.06 * 0.00075 * 200.0) / 0.6
    assert at(found, 200.0) == pytest.approx(2017.3 * apparent**2.46, rel=1e-12)
    assert found.density.uncertain
    assert "ASSUMED" in found.told
    hydroxyapatite = Line("rho_HA", 0.0, 0.001, "phantom", False)
    assert at(chain(hydroxyapatite, "keller_1994", "key"), 300.0) == pytest.approx(
        10500 * (0.079 + 0.877 * 0.3) ** 2.29
    )
    other = chain(hydroxyapatite, "keller_1994", "key", ["les_1994"])
    assert at(other, 300.0) == pytest.approx(10500 * (0.063 + 0.887 * 0.3) ** 2.29)
    direct = chain(Line("rho_K2HPO4", 0.0, 0.001, "phantom", False), "kopperdahl_2002", "key")
    assert at(direct, 200.0) == pytest.approx(-34.7 + 3230 * 0.2)


def test_a_chain_that_is_not_published_is_refused_with_the_laws_that_can_be_had():
    with pytest.raises(InputError, match=r"no published conversion leads there from rho_HA") as told:
        chain(Line("rho_HA", 0.0, 0.001, "phantom", False), "kopperdahl_2002", "materials.ct.laws.L5")
    assert told.value.key == 'materials.ct.laws.L5 = "kopperdahl_2002"'
    assert "morgan_2003_vertebra, " in str(told.value)
    assert "kopperdahl" not in str(told.value).split("can be reached")[1]
    assert "cortical" not in str(told.value)


def test_a_body_has_the_law_of_the_case_or_of_its_region():
    assert law_of("L5", {}) == "morgan_2003_vertebra"
    assert law_of("sacrum", {}) == "dalstra_1993"
    assert law_of("L5", {"bone": "keller_1994"}) == "keller_1994"
    assert law_of("L5", {"bone": "keller_1994", "L5": "kopperdahl_2002"}) == "kopperdahl_2002"


def phantom(*points):
    given = [{"hounsfield": unit, "density": density} for unit, density in points]
    return CT.model_validate({"file": "x", "phantom": {"substance": "HA", "points": given, "source": "rods"}})


def test_a_phantom_gives_the_line_of_least_squares():
    points = ((0.0, "0.004 g/cm3"), (130.0, "98 mg/cm3"), (260.0, "0.202 g/cm3"), (520.0, "0.399 g/cm3"))
    line = calibrated(phantom(*points))
    units, densities = np.array([0.0, 130.0, 260.0, 520.0]), np.array([0.004, 0.098, 0.202, 0.399])
    slope = np.cov(units, densities, bias=True)[0, 1] / units.var()
    assert (line.measure, line.uncertain) == ("rho_HA", False)
    assert line.slope == pytest.approx(slope)
    assert line.offset == pytest.approx(densities.mean() - slope * units.mean())
    residual = np.sqrt(np.mean((line.offset + line.slope * units - densities) ** 2))
    assert f"4 points, residual {residual:.2g} g/cm3: rods" in line.told


@pytest.mark.parametrize(
    ("points", "told"),
    [
        (((0.0, "0.2 g/cm3"), (300.0, "0 g/cm3")), "does not rise in a line"),
        (((0.0, "0 g/cm3"), (400.0, "0.1 g/cm3"), (130.0, "0.4 g/cm3")), "does not rise in a line"),
        (((100.0, "0 g/cm3"), (100.0, "0.1 g/cm3")), "all have the same HU"),
    ],
)
def test_a_phantom_that_is_mixed_up_is_refused(points, told):
    with pytest.raises(InputError, match=told):
        calibrated(phantom(*points))


def test_one_point_is_no_phantom():
    with pytest.raises(ValidationError, match="at least 2"):
        phantom((0.0, "0 g/cm3"))
