"""What a case may say. Every physical quantity is a string with a unit and becomes a float in mm, N, MPa, s, deg.

A rule about one field is part of its type; a rule about several fields together stands in ``rules.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr

from femsacrum.case.accuracy import Accuracy as Accuracy
from femsacrum.case.accuracy import SawErrors as SawErrors
from femsacrum.case.course import Course as Course
from femsacrum.case.course import WalkFrom as WalkFrom
from femsacrum.case.criteria import Criterion as Criterion
from femsacrum.case.ct import CT as CT
from femsacrum.case.ct import CortexOptions as CortexOptions
from femsacrum.case.ct import Modifier
from femsacrum.case.ct import Phantom as Phantom
from femsacrum.case.ct import PhantomPoint as PhantomPoint
from femsacrum.case.fatigue import Fatigue as Fatigue
from femsacrum.case.fatigue import FatiguePart as FatiguePart
from femsacrum.case.guide import Guide as Guide
from femsacrum.case.healing import HealingCourse as HealingCourse
from femsacrum.case.imaging import LabelMap as LabelMap
from femsacrum.case.implants import Flanges as Flanges
from femsacrum.case.implants import Graft as Graft
from femsacrum.case.implants import Lattice as Lattice
from femsacrum.case.implants import Placement as Placement
from femsacrum.case.implants import Porous as Porous
from femsacrum.case.implants import Prosthesis as Prosthesis
from femsacrum.case.joining import Attachment as Attachment
from femsacrum.case.joining import InterfaceRule as InterfaceRule
from femsacrum.case.joining import Ligament, Pretension
from femsacrum.case.loads import LoadSpec as LoadSpec
from femsacrum.case.material import Material as Material
from femsacrum.case.material import Materials
from femsacrum.case.model import Count, Model, Number, Text
from femsacrum.case.nerves import NerveRoot as NerveRoot
from femsacrum.case.nerves import Nerves as Nerves
from femsacrum.case.sawn import Sawn as Sawn
from femsacrum.case.sawn import SawnCuts as SawnCuts
from femsacrum.case.series import HipAngles as HipAngles
from femsacrum.case.series import Series as Series
from femsacrum.case.series import SeriesAngles as SeriesAngles
from femsacrum.case.series import SeriesMuscles as SeriesMuscles
from femsacrum.case.surgery import CutPlane as CutPlane
from femsacrum.case.surgery import Fixation as Fixation
from femsacrum.case.surgery import Laminectomy as Laminectomy
from femsacrum.case.surgery import PlannedScrew as PlannedScrew
from femsacrum.case.surgery import Resection as Resection
from femsacrum.case.surgery import Surgery
from femsacrum.case.tumour import Tumour as Tumour
from femsacrum.case.units import (
    Angle,
    Factor,
    Mass,
    Point,
    PositiveLength,
)

SCHEMA_VERSION = 1


class Patient(Model):
    """Who is operated on."""

    mass: Mass
    """Body mass [kg]; body weight in every load case follows from it."""
    age: Annotated[Number, Field(gt=0, lt=120)] | None = None
    """Age in years, a bare number; printed in the report, changes nothing."""
    description: str = ""
    """Free text for the report."""
    modifiers: tuple[Modifier, ...] = ()
    """What has changed the patient's bone: radiation, chemotherapy, age."""


class SurfaceFiles(Model):
    """Bones from surface files instead of the reference anatomy."""

    unit: Literal["mm", "cm", "m"]
    """Length unit of the coordinates in the files."""
    frame: Annotated[str, Field(pattern="^[LRPASI]{3}$")]
    """Where x, y and z of the files point to, for example "LPS" (DICOM), "RAS" (Slicer) or "LSA" (y up, looking at you)."""
    files: Annotated[dict[str, Text], Field(min_length=1)]
    """Part name ("left_ilium", "sacrum", "L5", ...) and its file, relative to the case file or a data folder."""
    borrow: Annotated[bool, Field(strict=True)] = True
    """Take parts without a file from the reference anatomy, scaled and placed."""


class AnatomyOptions(Model):
    """The bones: the parametric reference anatomy, or surfaces from files."""

    sex: Literal["mean", "female", "male"] = "mean"
    """Shape of the reference pelvis."""
    width: Factor = 1.0
    """Factor on the reference's width, "104 %" or 1.04."""
    height: Factor = 1.0
    """Factor on the reference's height, "104 %" or 1.04."""
    pelvic_incidence: Angle | None = None
    """Pelvic incidence [deg]; left out: what the reference has."""
    cortical_thickness: PositiveLength = 1.4
    """Thickness of the cortex, a membrane on every bone [mm], unless ``materials.cortex`` says it."""
    surfaces: SurfaceFiles | None = None
    """Surface files of real bones; without them and without labels: the reference anatomy."""
    labels: LabelMap | None = None
    """A label map with real bones; parts it does not give may come from ``surfaces``."""
    landmarks: dict[str, Point] = Field(default={})
    """Landmark name and position [mm], LPS; each replaces the one found, and must be at its bone."""


class Solver(Model):
    """How the equations are solved."""

    method: Literal["iterative", "condensed"] = "iterative"
    """Load cases of one instant: with the whole by multigrid, or condensed onto the contact points, which pays where many
    loads or laws are solved on one construct; where that would take too much memory the first is taken."""
    increments: Annotated[Count, Field(ge=1, le=1000)] = 1
    """Load increments of each load case."""
    tolerance: Annotated[Number, Field(gt=0.0, le=1e-3)] = 1e-8
    """Residual at which Newton stops, relative to the load."""
    penetration: Annotated[Number, Field(gt=0.0, le=0.1)] = 0.01
    """Penetration and elastic slip allowed where contact is exact, as a share of the interface's largest motion."""
    max_newton: Annotated[Count, Field(ge=1, le=500)] = 60
    """Newton iterations after which an increment is cut."""
    max_cuts: Annotated[Count, Field(ge=0, le=20)] = 6
    """Cuts of an increment after which the run stops."""


class Mesh(Model):
    """Element sizes and orders."""

    bone: PositiveLength = 3.0
    """Element size in bone [mm]."""
    soft: PositiveLength = 2.5
    """Element size in discs and cartilage [mm]."""
    implant: PositiveLength = 4.0
    """Element size in prosthesis and grafts [mm]."""
    fixation: PositiveLength = 3.0
    """Element size in rods and screws [mm]."""
    order: dict[str, Annotated[Count, Field(ge=1, le=2)]] = Field(default={})
    """Body name ("L5") or role ("bone", "implant") and the order of its elements, 1 or 2; left out: 1 in bone, else 2."""


class Output(Model):
    """What is written."""

    folder: Text | None = None
    """Run folder; left out: ``runs/<case name>`` where the command is started."""
    figures: Annotated[bool, Field(strict=True)] = True
    """Draw pictures for the summary."""


class Case(Model):
    """A femsacrum case: one patient, one plan, one question."""

    schema_version: Literal[1]
    """Version of this format."""
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    """Name of the case and of its run folder: letters, digits, "_" and "-"."""
    question: str = ""
    """What the run is meant to answer; printed in the report."""
    patient: Patient
    """Who is operated on."""
    anatomy: AnatomyOptions = AnatomyOptions()
    """The bones."""
    surgery: Surgery
    """The operation."""
    materials: Materials = Materials()
    """Materials that replace those of the tables."""
    interfaces: tuple[InterfaceRule, ...] = ()
    """Laws of the interfaces; the first rule that matches a contact counts."""
    pretension: tuple[Pretension, ...] = ()
    """Screws tightened before the load comes."""
    ligaments: tuple[Ligament, ...] = ()
    """Ligaments and springs."""
    ligament_set: Literal["none", "pelvic", "lumbar", "all"] = "none"
    """Ligaments of a named set: "pelvic" has the six of each side of the pelvis, "lumbar" ligaments and facet joints of
    L4-L5 and L5-S1, "all" both; one of ``ligaments`` with the same name takes its place."""
    loads: Annotated[tuple[LoadSpec, ...], Field(min_length=1)]
    """The load cases, at least one."""
    course: Course = Course()
    """What follows the operation: gait, fatigue, healing."""
    criteria: tuple[Criterion, ...] = ()
    """What is accepted: limits to outcomes, each with a verdict of its own; they change no result."""
    mesh: Mesh = Mesh()
    """Element sizes and orders."""
    solver: Solver = Solver()
    """How the equations are solved."""
    output: Output = Output()
    """What is written."""

    _folder: Path = PrivateAttr(default_factory=Path)
    _data: tuple[Path, ...] = PrivateAttr(default=())

    @property
    def folder(self) -> Path:
        """Folder of the case file, which paths in the case are relative to."""
        return self._folder

    @property
    def data(self) -> tuple[Path, ...]:
        """Data folders the user gave, which paths in the case may be relative to as well."""
        return self._data

    def placed(self, folder: Path, data: tuple[Path, ...] = ()) -> Self:
        """The same case, read from another folder, with other data folders."""
        copy = self.model_copy()
        copy._folder, copy._data = folder, data
        return copy

    def only(self, *sections: str) -> Self:
        """The same case with nothing but these sections; reading another one raises AttributeError.

        A stage of the pipeline is given only what it declares to read, so what it depends on is known.
        """
        copy = self.model_copy()
        for name in set(type(self).model_fields) - set(sections):
            del copy.__dict__[name]
        return copy
