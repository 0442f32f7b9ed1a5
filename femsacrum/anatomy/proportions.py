"""The reference table, and its control points and dimensions for a sex, a size and a pelvic incidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.anatomy.warp import Warp, pelvic_incidence, solve_incidence
from femsacrum.errors import InputError

if TYPE_CHECKING:
    from femsacrum.case.schema import AnatomyOptions

#: Factors on width and height beyond these make no adult pelvis.
SMALLEST, LARGEST = 0.75, 1.3


@cache
def table() -> Mapping[str, Any]:
    """The reference pelvis as numbers (``meshes/reference_pelvis.json``; its attribution is inside)."""
    path = Path(__file__).with_name("reference_pelvis.json")
    try:
        return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]
    except OSError as error:
        raise InputError(str(path), "the table of the reference anatomy is missing; reinstall femsacrum") from error


@dataclass(frozen=True)
class Shape:
    """One set of proportions.

    Attributes:
        points: Control points by name, left ones and midline ones, "hip_mid" included, shape (3,) [mm].
        warp: The map that took the reference's control points there.
        vertebrae: "L5" and "L4" -> dimension name -> value [mm, deg].
        description: For the report, "reference (female, width 1.04)".
    """

    points: Mapping[str, Floats]
    warp: Warp
    vertebrae: Mapping[str, Mapping[str, float]]
    description: str


def shape(options: AnatomyOptions) -> Shape:
    """Proportions of the reference anatomy for a case.

    Args:
        options: Sex, width, height and pelvic incidence are used.

    Raises:
        InputError: A factor or the incidence is out of what the reference can be bent to.
    """
    for name in ("width", "height"):
        if not SMALLEST <= getattr(options, name) <= LARGEST:
            share = 100.0 * getattr(options, name)
            allowed = f"{100 * SMALLEST:.0f} to {100 * LARGEST:.0f} %"
            raise InputError(f"anatomy.{name}", f"{share:.0f} % is out of the range of the reference, {allowed}")
    given = table()["control_points"]
    base = {name: np.array(point, dtype=float) for group in given.values() for name, point in group.items()}
    scaled = {name: p * _factors(name, options) for name, p in base.items()}
    key = "anatomy.pelvic_incidence"
    rotation = 0.0
    if options.pelvic_incidence is not None:
        rotation = solve_incidence(
            lambda angle: pelvic_incidence(_with_hips(_tilted(scaled, angle))), options.pelvic_incidence, key
        )
    points = _tilted(scaled, rotation)
    warp = Warp(_both_sides(base), _both_sides(points))
    changed = [name for name in ("width", "height") if getattr(options, name) != 1.0]
    words = [options.sex, *(f"{name} {getattr(options, name):.3g}" for name in changed)]
    if options.pelvic_incidence is not None:
        words.append(f"pelvic incidence {options.pelvic_incidence:.3g} deg")
    vertebrae = {level: _vertebra(table()[f"vertebra_{level}"], options) for level in ("L5", "L4")}
    return Shape(_with_hips(points), warp, vertebrae, f"reference ({', '.join(words)})")


def _with_hips(points: Mapping[str, Floats]) -> dict[str, Floats]:
    return {**points, "hip_mid": points["hip_centre"] * np.array([0.0, 1.0, 1.0])}


def _both_sides(points: Mapping[str, Floats]) -> Floats:
    """Every control point and, of the paired ones, its mirror image, shape (51, 3)."""
    names = table()["control_points"]
    left = np.array([points[name] for name in names["paired_left"]])
    return np.concatenate([left, left * np.array([-1.0, 1.0, 1.0]), [points[name] for name in names["midline"]]])


def _sex_ratio(values: Mapping[str, float], sex: str) -> float:
    """A sex's published mean over the mean of both: the reference is a mean of six subjects of unknown sex."""
    return 1.0 if sex == "mean" else 2.0 * values[sex] / (values["female"] + values["male"])


def _factors(name: str, options: AnatomyOptions) -> Floats:
    """Factors on the coordinates of a control point; the symphysis keeps its width, so that its gap stays."""
    sexes = table()["sexes"]
    ratios = [_sex_ratio(sexes["distance_mm"][measured], options.sex) for measured in sexes["follows"].get(name, ())]
    across = float(np.mean(ratios)) if ratios else 1.0
    width = 1.0 if name.startswith("symph") else options.width
    return np.array([across * width, 1.0, options.height])


def _tilted(points: Mapping[str, Floats], angle: float) -> dict[str, Floats]:
    """Control points with the sacrum rotated about a transverse axis and the ilium behind it following [deg]."""
    rule = table()["incidence_rotation"]
    axis = np.array(rule["axis_point"], dtype=float)
    out = {}
    for name, point in points.items():
        weight = rule["weight_sacral_points"] if name.startswith("S_") else rule["weight"].get(name, rule["other"])
        a = np.radians(angle * weight)
        turn = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(a), -np.sin(a)], [0.0, np.sin(a), np.cos(a)]])
        out[name] = axis + turn @ (point - axis)
    return out


def _vertebra(size: Mapping[str, Any], options: AnatomyOptions) -> dict[str, float]:
    """Dimensions of a vertebra: widths follow the pelvis' width, heights its height; sexes as measured on L5."""
    sex = {name: _sex_ratio(values, options.sex) for name, values in table()["sexes"]["L5_mm"].items()}
    out = {}
    for name, value in size.items():
        if name == "source":
            continue
        factor = 1.0
        if "width" in name or "span" in name:
            factor = options.width * (sex["pedicle_width"] if name == "pedicle_width" else sex["depth"])
        elif name.startswith("depth"):
            factor = sex["depth"]
        elif "height" in name:
            factor = options.height * (sex["pedicle_height"] if name == "pedicle_height" else sex["height"])
        out[name] = float(value) * factor
    return out
