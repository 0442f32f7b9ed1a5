"""What a case may say about materials from a CT, about cortex, and about what has changed the patient's bone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from femsacrum.case.choices import BoneFactor, CortexThickness, Density
from femsacrum.case.model import Model, Number, Text


class PhantomPoint(Model):
    """One insert of a calibration phantom."""

    hounsfield: Number
    """Mean of the insert in the image [HU], a bare number."""
    density: Density
    """Density of the substance in it [g/cm3]."""


class Phantom(Model):
    """A calibration phantom that was scanned with the patient, or on the same scanner with the same settings."""

    substance: Literal["K2HPO4", "HA"]
    """What its inserts hold: dipotassium phosphate, or hydroxyapatite."""
    points: Annotated[tuple[PhantomPoint, ...], Field(min_length=2)]
    """Its inserts, at least two."""
    source: Text
    """Which phantom, scanner and settings."""


class CT(Model):
    """A CT from which the bones' cores take their stiffness."""

    file: Text
    """Folder with a DICOM series, NIfTI or NRRD file, relative to the case file or a data folder; in the bones' frame."""
    series: Text | None = None
    """Of a DICOM folder with several series: identifier or number."""
    phantom: Phantom | None = None
    """Calibration phantom; left out: the assumed line named by ``calibration``, told as uncertain."""
    calibration: Text = "assumed_k2hpo4"
    """Line from HU to density where there is no phantom, by name."""
    laws: dict[str, Text] = Field(default={})
    """Body ("L5") or "bone" and the name of its density law; left out: one for the pelvis, one for vertebrae."""
    conversions: tuple[Text, ...] = ()
    """Names of conversions between densities that go before the table's first."""
    bodies: tuple[Text, ...] = ()
    """Bones that are mapped; left out: each that came from this patient's files and has no material of the case."""


class CortexOptions(Model):
    """Thickness of the cortex, a membrane on every bone."""

    thickness: CortexThickness
    """"image": measured in the CT; "table": by region; or one length [mm]."""
    bodies: dict[str, CortexThickness] = Field(default={})
    """Body name and its own thickness, in the same words."""
    hounsfield: Annotated[Number, Field(gt=500.0, le=3000.0)] | None = None
    """Value of cortical bone in the image [HU], for "image"; left out: found where the cortex is thick enough."""


class Modifier(Model):
    """Something that has changed the patient's bone; several multiply."""

    name: Text
    """"radiation", "chemotherapy", "age", or another word."""
    stiffness: BoneFactor | None = None
    """Factor on Young's modulus of bone and cortex, "90 %", or its range, ["70 %", "100 %"]: its middle counts."""
    strength: BoneFactor | None = None
    """Factor on the strain at which bone counts as yielding, in the same way."""
    healing: BoneFactor | None = None
    """Factor on healing: on how fast graft faces unite where ``course.healing`` is asked for; else only told
    beside their risk."""
    bodies: tuple[Text, ...] = ()
    """Bodies by name or role; left out: every bone."""
    source: Text
    """Where the factors come from."""
