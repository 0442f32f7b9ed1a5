"""What a case may say about the prosthesis and the grafts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from femsacrum.case.model import Count, Model, Text
from femsacrum.case.names import DESIGNED, FLANGE_SCREWS, GRAFT_KEYS, MOST_FLANGE_SCREWS, PARAMETRIC
from femsacrum.case.units import Angle, Depth, PartialShare, Point, PositiveLength, Share


class Placement(Model):
    """Where a prosthesis from a file is put: turned about its file's origin and moved, or by landmarks."""

    translation: Point = (0.0, 0.0, 0.0)
    """How far it is moved, after the turns [mm], LPS."""
    sagittal_tilt: Angle = 0.0
    """Turn about the file's origin seen from the left, counter-clockwise [deg]."""
    frontal_tilt: Angle = 0.0
    """Turn seen from behind, counter-clockwise [deg]; after the sagittal one."""
    axial_turn: Angle = 0.0
    """Turn seen from above, counter-clockwise [deg]; after the other two."""
    landmarks: dict[str, Point] = Field(default={})
    """Landmark of the anatomy and the point of the file that belongs there [mm]; three or more, instead of the above."""
    residual: PositiveLength = 3.0
    """Largest distance that may stay between a landmark and its point [mm]."""


class Porous(Model):
    """A porous layer on the faces that lie on bone, so that it grows in."""

    thickness: PositiveLength = 1.5
    """Thickness of the layer [mm]; it is part of the plates' and the endplate's."""
    porosity: PartialShare = 0.7
    """Share of void in it, "70 %"."""


class Lattice(Model):
    """Transverse body and pedestal as a lattice; plates and endplate stay solid, and there is no skin round it."""

    porosity: PartialShare = 0.7
    """Share of void in it, "70 %"."""


class Flanges(Model):
    """On each side a flat flange from the contact plate onto the ilium beside the cut, with locking screws."""

    side: Literal["inner", "outer"] = "outer"
    """Surface of the ilium it lies on: "inner", of the pelvis; "outer", under the gluteal muscles."""
    length: PositiveLength = 25.0
    """How far it reaches from the cut along the bone [mm]."""
    width: PositiveLength = 12.0
    """Width [mm]."""
    thickness: PositiveLength = 3.0
    """Thickness [mm]."""
    screws: Annotated[Count, Field(ge=1, le=MOST_FLANGE_SCREWS)] = FLANGE_SCREWS
    """Screws in each flange, in a row away from the cut."""
    screw_diameter: PositiveLength = 4.5
    """Diameter of the screws [mm]."""
    screw_length: PositiveLength = 30.0
    """Length wanted, from the flange's outer face to the tip [mm]; shorter where the bone ends: 2 mm
    through its far cortex."""


class Prosthesis(Model):
    """The custom sacral prosthesis: parametric, its plates following the cut faces, or from the designer's file."""

    inset: Depth = 1.0
    """Distance from the contour of the cut face to the edge of the contact plate [mm]."""
    plate_thickness: PositiveLength = 6.0
    """Thickness of the plates on the ilia [mm]."""
    body_scale: Share = 0.5
    """Height of the transverse body relative to the pads, "50 %"; less where a plate has no room: see the findings."""
    endplate_thickness: PositiveLength = 6.0
    """Thickness of the endplate that carries L5 [mm]."""
    porous: Porous | None = None
    """A porous layer on pads and endplate; left out: solid."""
    lattice: Lattice | None = None
    """Transverse body and pedestal as a lattice; left out: solid."""
    flanges: Flanges | None = None
    """Flanges with screws on both ilia; left out: none."""
    file: Text | None = None
    """STEP, BREP or surface file of a prosthesis somebody designed, relative to the case file or a data folder; the keys
    above are then left out."""
    unit: Literal["mm", "cm", "m"] | None = None
    """Length unit of the coordinates in the file; needed by all but STEP, which says it itself."""
    frame: Annotated[str, Field(pattern="^[LRPASI]{3}$")] = "LPS"
    """Where x, y and z of the file point to, for example "RAS"; before the placement."""
    placement: Placement = Placement()
    """Where the prosthesis of the file is put; left out: where its coordinates say."""
    mesh_size: PositiveLength | None = None
    """Size of its elements [mm]; left out: ``mesh.implant``."""

    @model_serializer(mode="wrap", when_used="json")
    def _write_what_is_read(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Defaults of the other way to a prosthesis are not written: a case that says them is refused."""
        unread = DESIGNED if self.file is None else PARAMETRIC
        return {key: value for key, value in write(self).items() if key not in unread}


class Graft(Model):
    """One bone graft on each side: under the plates of a prosthesis, or a strut from L5 to the ilium in its place."""

    kind: Literal["iliac_block", "morsellised", "fibular_strut", "femoral_allograft"] = "iliac_block"
    """"iliac_block": tricortical block of the iliac crest; "morsellised": a bed of chips in its place; "fibular_strut":
    free or vascularised fibula; "femoral_allograft": ring of a femoral shaft. The first two lie under a prosthesis, the
    others stand in its place."""
    share: PartialShare = 0.3
    """Share of the contact plate's area given to the graft, "30 %" or 0.3; of block and bed."""
    thickness: PositiveLength = 10.0
    """Thickness between prosthesis and ilium [mm]; of block and bed."""
    diameter: PositiveLength | None = None
    """Diameter of a strut [mm]; left out: 14 mm of a fibula, 24 mm of a femur."""
    wall: PositiveLength | None = None
    """Thickness of a strut's wall [mm]; left out: a fibula is solid, a femur has 6 mm."""
    vascularised: Annotated[bool, Field(strict=True)] = False
    """Whether a fibula comes with its vessels: it unites faster and does not weaken where ``course.healing`` is asked
    for."""
    mesh_size: PositiveLength | None = None
    """Size of its elements [mm]; left out: ``mesh.implant``."""

    @model_serializer(mode="wrap", when_used="json")
    def _write_what_is_read(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Defaults of other kinds are not written: a case that says them is refused."""
        unread = {key for keys in GRAFT_KEYS.values() for key in keys} - set(GRAFT_KEYS[self.kind])
        return {key: value for key, value in write(self).items() if key not in unread}
