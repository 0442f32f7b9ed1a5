"""The four real pelves with hand-picked landmarks, and what the anatomy room makes of them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np

from femsacrum.anatomy.build import build
from femsacrum.case.schema import Case

DATA = Path(__file__).parents[3] / "shared/data"
_HIPS = {"left_ilium": "LeftHip{}", "right_ilium": "RightHip{}", "sacrum": "Sacrum{}"}
FILES = {
    f"atlas{n}": {part: f"pelvis_atlas_jhu/{stem.format(n)}_cpd.vtk" for part, stem in _HIPS.items()}
    for n in (2, 3, 5)
} | {
    "bodyparts3d": {
        part: f"bodyparts3d/{stem}.ply"
        for part, stem in (("left_ilium", "hip_L"), ("right_ilium", "hip_R"), ("sacrum", "sacrum"))
    }
}


def hand_picked():
    """Subject -> name -> position [mm], and the second reading of one of them."""
    text = Path(__file__).with_name("hand_picked.toml").read_text(encoding="utf-8")
    read = {
        subject: {name: np.array(point) for name, point in points.items()}
        for subject, points in tomllib.loads(text).items()
        if subject != "second_reading"
    }
    second = tomllib.loads(text)["second_reading"]
    return read, {s: {name: np.array(point) for name, point in points.items()} for s, points in second.items()}


@cache
def anatomy(subject):
    """The anatomy of a subject from its files, nothing borrowed."""
    if not DATA.is_dir():
        raise SystemExit(f"the bones are not here ({DATA.parent.name}/{DATA.name} beside the project)")
    surfaces = {"unit": "mm", "frame": "LPS", "files": FILES[subject], "borrow": False}
    options = Case.model_fields["anatomy"].annotation.model_validate({"surfaces": surfaces})
    return build(Case.model_construct(anatomy=options), DATA)


def errors(subject):
    """Name -> distance of the automatic landmark from the one picked by hand [mm]; None where none was found."""
    found = anatomy(subject).landmarks
    picked = hand_picked()[0][subject]
    return {n: float(np.linalg.norm(found[n] - point)) if n in found else None for n, point in picked.items()}
