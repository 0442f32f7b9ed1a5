"""What a case may say. Every physical quantity is a string with a unit and becomes a float in mm, N, MPa, s, deg."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from femsacrum.case.units import (
    Angle,
    Force,
    FoundationModulus,
    Length,
    Mass,
    Point,
    Pressure,
    Share,
    Vector,
)

SCHEMA_VERSION = 1


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Patient(Model):
    mass: Mass  # [kg]
    age: Annotated[float, Field(gt=0, lt=120)] | None = None  # years, for the report only
    description: str = ""


class SurfaceFiles(Model):
    """Bones from files instead of the reference anatomy; parts not named are borrowed from the reference."""

    unit: Literal["mm", "cm", "m"]
    frame: Literal["LPS", "RAS"]
    files: dict[str, str]  # part name -> path relative to the case file
    borrow: bool = True  # borrow absent parts from the reference, scaled and placed


class AnatomyOptions(Model):
    sex: Literal["mean", "female", "male"] = "mean"
    width: Share = 1.0  # "104 %": factor on the reference
    height: Share = 1.0
    pelvic_incidence: Angle | None = None  # None: what the reference has
    cortical_thickness: Length = 1.4
    surfaces: SurfaceFiles | None = None


class CutPlane(Model):
    """A resection plane: through a landmark (moved by ``offset`` along the normal) or a point."""

    landmark: str | None = None
    point: Point | None = None
    normal: Vector  # points at what is taken away; LPS; any length
    offset: Length = 0.0


class Resection(Model):
    """Left plane given; right is its mirror in the midsagittal plane unless given too."""

    left_ilium: CutPlane
    right_ilium: CutPlane | None = None
    endplate_trim: Length = 1.0  # taken off the lower endplate of L5 to seat the prosthesis flat


class Prosthesis(Model):
    inset: Length = 1.0  # of the contact plate inside the contour of the cut
    plate_thickness: Length = 6.0
    body_scale: Share = 0.6  # size of the transverse body relative to the plates
    endplate_thickness: Length = 6.0
    mesh_size: Length | None = None


class Graft(Model):
    share: Share = 0.3  # of the contact plate's area given to the graft
    thickness: Length = 10.0  # between prosthesis and ilium


class Fixation(Model):
    rod_diameter: Length = 6.0
    pedicle_screw_diameter: Length = 6.5
    pedicle_screw_length: Length = 45.0
    iliac_screw_diameter: Length = 8.0
    iliac_screw_length: Length = 80.0  # purchase wanted in the ilium
    iliac_screws_per_side: Annotated[int, Field(ge=1, le=2)] = 2
    head_diameter: Length = 11.0


class Surgery(Model):
    plan: Literal["intact", "total_sacrectomy"]
    resection: Resection | None = None
    prosthesis: Prosthesis = Prosthesis()
    graft: Graft | None = Graft()
    fixation: Fixation = Fixation()


class Material(Model):
    youngs_modulus: Pressure
    poisson_ratio: Annotated[float, Field(gt=-1.0, lt=0.5)]
    yield_stress: Pressure | None = None
    source: str


class Materials(Model):
    """Overrides of the tables in ``sources/``; keys are body names or roles."""

    bodies: dict[str, Material] = {}
    cortical_bone: Material | None = None


class InterfaceRule(Model):
    """Law for every contact whose two bodies match ``between`` (names, or roles; "*" matches any)."""

    between: tuple[str, str]
    law: Literal["bonded", "frictional"]
    friction: Annotated[float, Field(ge=0.0, le=2.0)] | None = None
    stiffness: FoundationModulus | None = None  # penalty slope; None: chosen from the bodies' stiffness
    source: str = ""


class LoadSpec(Model):
    """One load case."""

    name: str
    kind: Literal["axial", "standing", "crutch_stance"]
    force: Force | None = None  # axial: on L4, straight down; others: from body mass
    support: Literal["hips", "acetabula_fixed"] = "hips"
    stance: Literal["left", "right"] = "left"  # crutch_stance
    crutch_force: Share = 0.15  # of body weight, each of two crutches
    abductor_arm: Length = 50.0
    upper_body: Share = 0.536  # of body weight above L5/S1
    source: str


class Solver(Model):
    increments: Annotated[int, Field(ge=1, le=1000)] = 1
    tolerance: Annotated[float, Field(gt=0.0, le=1e-3)] = 1e-8
    max_newton: Annotated[int, Field(ge=1, le=500)] = 60
    max_cuts: Annotated[int, Field(ge=0, le=20)] = 6


class Mesh(Model):
    bone: Length = 3.0
    soft: Length = 2.5
    implant: Length = 4.0
    fixation: Length = 3.0


class Output(Model):
    folder: str | None = None  # default: runs/<case name>
    figures: bool = True


class Case(Model):
    schema_version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    question: str = ""
    patient: Patient
    anatomy: AnatomyOptions = AnatomyOptions()
    surgery: Surgery
    materials: Materials = Materials()
    interfaces: tuple[InterfaceRule, ...] = ()
    loads: Annotated[tuple[LoadSpec, ...], Field(min_length=1)]
    mesh: Mesh = Mesh()
    solver: Solver = Solver()
    output: Output = Output()
