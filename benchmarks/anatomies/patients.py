"""The eight anatomies: two of the reference, four real ones from surface files, two synthetic CT volumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from femsacrum.anatomy.model import PARTS, ROLES
from femsacrum.anatomy.reference import reference
from femsacrum.case.load import check
from femsacrum.case.schema import AnatomyOptions
from femsacrum.fingerprint import of_text
from meshes import synthetic_ct
from meshes.synthetic_ct import Scan, grid_around, labelled, scanned, write

#: Bones no one on this project made; where they are not beside it, their anatomies are left out.
REAL = Path(__file__).parents[3] / "shared/data"
#: Where synthetic images are put; they are made once for each state of the recipe.
MADE = Path("runs/anatomies") / of_text(Path(synthetic_ct.__file__).read_text(encoding="utf-8"))[:12]

ATLAS = {"left_ilium": "LeftHip{}_cpd.vtk", "right_ilium": "RightHip{}_cpd.vtk", "sacrum": "Sacrum{}_cpd.vtk"}
STANDING = "weight above L5/S1 0.536 BW, sum of Winter 2009 segments; confidence medium"
BODYPARTS = {"left_ilium": "hip_L", "right_ilium": "hip_R", "sacrum": "sacrum", "L5": "L5", "L4": "L4"}


@dataclass(frozen=True)
class Synthetic:
    """A synthetic CT: whose bones, on which grid [mm, deg], how scanned, as which files (no ending: DICOM)."""

    proportions: Mapping[str, object]
    spacing: tuple[float, float, float]
    turn: tuple[float, float, float]
    scan: Scan
    ct_ending: str
    label_ending: str


SYNTHETIC = {
    "synthetic_ct_1mm": Synthetic(
        {"sex": "female", "width": "104 %", "pelvic_incidence": "60 deg"},
        (1.0, 1.0, 1.0),
        (0.0, 0.0, 0.0),
        Scan(blur=1.0),
        ".nii.gz",
        ".nii.gz",
    ),
    "synthetic_ct_oblique": Synthetic(
        {"sex": "male", "height": "97 %", "pelvic_incidence": "48 deg"},
        (0.8, 0.8, 3.0),
        (9.0, -6.0, 4.0),
        Scan(blur=1.2, noise=20.0),
        "",
        ".nrrd",
    ),
}


def names():
    """Those that can be run here."""
    real = ("bodyparts3d", "atlas_2", "atlas_3", "atlas_5") if REAL.is_dir() else ()
    return ("reference_female", "reference_male", *real, *SYNTHETIC)


def case(name, bone=3.0):
    """The intact pelvis of one of them.

    Args:
        name: One of ``names()``.
        bone: Element size in bone [mm].
    """
    mesh = {"bone": f"{bone} mm", "soft": "2.5 mm"}
    return check({**content(name), "mesh": mesh}, folder(name) / "case.toml")


def content(name):
    """What the case file of an intact pelvis says."""
    data = {
        "schema_version": 1,
        "name": name,
        "patient": {"mass": "75 kg"},
        "surgery": {"plan": "intact"},
        "loads": [{"name": "standing", "kind": "standing", "source": STANDING}],
    }
    if name.startswith("reference"):
        data["anatomy"] = {"sex": name.removeprefix("reference_")}
    elif name in SYNTHETIC:
        data |= _imaged(name)
    else:
        files = {part: f"{file}.ply" for part, file in BODYPARTS.items()}
        if name != "bodyparts3d":
            files = {part: file.format(name[-1]) for part, file in ATLAS.items()}
        data["anatomy"] = {"surfaces": {"unit": "mm", "frame": "LPS", "files": files}}
    return data


def folder(name):
    """Where its files are."""
    if name.startswith("reference") or name in SYNTHETIC:
        return MADE
    return REAL / ("bodyparts3d" if name == "bodyparts3d" else "pelvis_atlas_jhu")


def bones(name):
    """The surfaces a synthetic CT was made of: a reference of other proportions than the one a case starts from."""
    options = AnatomyOptions(**SYNTHETIC[name].proportions)
    return {part: surface for part, surface in reference(options).parts.items() if ROLES[part] == "bone"}


def _imaged(name):
    """What a case says about a synthetic CT and its label map, which are made where they are not there yet."""
    made = SYNTHETIC[name]
    ct, labels = f"{name}{made.ct_ending}", f"{name}_labels{made.label_ending}"
    if not (MADE / labels).exists():
        MADE.mkdir(parents=True, exist_ok=True)
        parts = bones(name)
        grid = grid_around(parts, np.array(made.spacing), np.array(made.turn))
        write(scanned(parts, grid, made.scan), MADE / ct)
        write(labelled(parts, grid)[0], MADE / labels)
    numbers = {part: number for number, part in enumerate(PARTS, start=1) if ROLES[part] == "bone"}
    return {
        "anatomy": {"labels": {"file": labels, "parts": numbers}},
        "materials": {"ct": {"file": ct}, "cortex": {"thickness": "image"}},
    }
