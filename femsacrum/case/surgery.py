"""What a case may say about the operation: cuts, prosthesis, grafts, rods and screws."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, field_serializer, model_serializer, model_validator
from pydantic.config import JsonDict

from femsacrum.case.guide import Guide
from femsacrum.case.implants import Graft, Prosthesis
from femsacrum.case.model import Count, Model, Text
from femsacrum.case.names import CUT_TURNS, DEFAULT_PARTS, NOT_OF_ANCHOR, PLAN_KEYS, RESECTION_KEYS
from femsacrum.case.nerves import Nerves
from femsacrum.case.sawn import SawnCuts
from femsacrum.case.tumour import Tumour
from femsacrum.case.units import (
    LENGTH,
    Angle,
    Depth,
    Length,
    Point,
    PositiveLength,
    Vector,
)

PedicleScrewLength = Annotated[float, replace(LENGTH, at_least=20.0)]  # [mm], the shortest that counts as held
IliacScrewLength = Annotated[float, replace(LENGTH, at_least=30.0)]  # [mm], the shortest that counts as held
RodDiameter = Annotated[float, replace(LENGTH, at_least=3.0, at_most=12.0)]  # [mm], of spine systems: 3.5 to 6.35
HeadDiameter = Annotated[float, replace(LENGTH, at_least=5.0, at_most=30.0)]  # [mm]
SacralLevel = Literal[
    "through S1", "below S1", "through S2", "below S2", "through S3", "below S3", "through S4", "below S4"
]
Facing = Literal["left", "right", "anterior", "posterior", "cranial", "caudal"]


class CutPlane(Model):
    """A resection plane: where it passes, and what it takes away."""

    landmark: Text | None = None
    """Landmark the plane passes through, for example "left_notch"; this or another of the first five keys."""
    point: Point | None = None
    """Point the plane passes through [mm], LPS."""
    points: tuple[Point, Point, Point] | None = None
    """Three points on the plane [mm], LPS; ``facing`` or ``normal`` then only says which side is taken."""
    level: SacralLevel | None = None
    """Level of the sacrum: "below S2" is the lower edge of the second foramina, "through S2" half way between the
    first and the second, the middle of that vertebra; the plane
    stands square to the sacrum there and takes what is caudal."""
    clear_of: Literal["sacroiliac_joint"] | None = None
    """What the plane just clears: the whole sacroiliac joint of that side is taken; a negative offset leaves more room."""
    normal: Vector | None = None
    """Direction of what is taken away, LPS (+x left, +y posterior, +z up), bare numbers, any length."""
    facing: Facing | None = None
    """Direction of what is taken away in words, to be turned by the three angles; this or ``normal``."""
    sagittal_tilt: Angle = 0.0
    """Turn of the plane seen from the left, counter-clockwise [deg]; for ``facing`` and ``level``."""
    frontal_tilt: Angle = 0.0
    """Turn of the plane seen from behind, counter-clockwise [deg]; after the sagittal one."""
    axial_turn: Angle = 0.0
    """Turn of the plane seen from above, counter-clockwise [deg]; after the other two."""
    offset: Length = 0.0
    """Distance the plane is moved along its normal [mm]; may be negative."""

    @model_serializer(mode="wrap", when_used="json")
    def _write_what_is_read(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Angles of a plane that nothing turns are not written: a case that says them is refused."""
        turned = self.normal is None and self.points is None
        return {key: value for key, value in write(self).items() if turned or key not in CUT_TURNS}


class Laminectomy(Model):
    """Deroofing of the sacral canal, so that its roots can be seen and kept."""

    levels: Annotated[tuple[Literal["S1", "S2", "S3", "S4"], ...], Field(min_length=1)]
    """Levels whose lamina is taken away, for example ["S1", "S2"]."""
    width: PositiveLength = 20.0
    """Width of the opening [mm]."""


class Resection(Model):
    """What is taken away."""

    left_ilium: CutPlane | None = None
    """Cut through the left ilium; needed by "total_sacrectomy"."""
    right_ilium: CutPlane | None = None
    """Cut through the right ilium; left out in "total_sacrectomy": the mirror image of the left one."""
    sacrum: CutPlane | None = None
    """Cut through the sacrum; needed by "partial_sacrectomy"; left out in "hemisacrectomy": its midsagittal plane."""
    side: Literal["left", "right"] | None = None
    """Half of the sacrum that is taken away; needed by "hemisacrectomy"."""
    laminectomy: Laminectomy | None = None
    """Opening of the sacral canal; only where a part of the sacrum stays."""
    divided_ligaments: tuple[Text, ...] = ()
    """Ligaments that are divided though the bone they grew on stays: names or patterns, ["*_sacrotuberous"]; of
    ``ligaments`` or of the ``ligament_set``. Those on bone that is taken are lost without being named."""
    endplate_trim: Depth = 1.0
    """Depth taken off the lower endplate of L5 to seat a prosthesis or a strut flat [mm]; for "total_sacrectomy"."""
    endplate_inclination: Angle = 0.0
    """Turn of that flat cut about the middle of the endplate, and so of what carries L5, seen from the left,
    counter-clockwise (front down) [deg]; for "total_sacrectomy"."""
    sawn: SawnCuts | None = None
    """Cuts that were not made as planned, and so leave a gap to what was made for the plan; for "total_sacrectomy"."""


class PlannedScrew(Model):
    """A trajectory that replaces the one the program would choose."""

    name: Literal[
        "left_L4_pedicle",
        "left_L5_pedicle",
        "left_iliac_1",
        "left_iliac_2",
        "right_L4_pedicle",
        "right_L5_pedicle",
        "right_iliac_1",
        "right_iliac_2",
    ]
    """Which screw it is."""
    entry: Point
    """Point on or behind the bone it starts from [mm], LPS."""
    tip: Point
    """End of the screw [mm], LPS."""
    diameter: PositiveLength | None = None
    """Diameter [mm]; left out: that of its kind."""


class Fixation(Model):
    """Rods and screws from the lumbar spine to the ilia."""

    rods_per_side: Annotated[Count, Field(ge=1, le=2)] = 1
    """Rods on each side, 1 or 2: the second one leads to the second iliac screw and is clamped to the first."""
    rod_diameter: RodDiameter = 6.0
    """Diameter of the rods [mm]."""
    alloy: Literal["titanium", "cobalt_chromium", "stainless_steel"] = "titanium"
    """Metal of rods, heads and screws: Ti-6Al-4V ELI, Co-28Cr-6Mo or 316L; ``materials.bodies`` may say another."""
    pedicle_screw_diameter: PositiveLength = 6.5
    """Diameter of the screws in L4 and L5 [mm]."""
    pedicle_screw_length: PedicleScrewLength = 45.0
    """Length of the screws in L4 and L5 [mm]."""
    iliac_anchor: Literal["screws", "S2_alar_iliac", "galveston", "none"] = "screws"
    """What holds in the ilium: screws through its cut face or from its posterior spine, screws through the wing of the
    sacrum, the rod's own bent end (modified Galveston), or nothing, where the rods join L4 to L5 alone."""
    iliac_screw_diameter: PositiveLength = 8.0
    """Diameter of the iliac screws [mm]; not for "galveston" and "none"."""
    iliac_screw_length: IliacScrewLength = 80.0
    """Purchase wanted in the ilium [mm]; not for "none"."""
    iliac_screws_per_side: Annotated[Count, Field(ge=1, le=2)] = 2
    """Iliac screws on each side, 1 or 2; not for "galveston" and "none"."""
    head_diameter: HeadDiameter = 11.0
    """Diameter of the screw heads [mm]; at least 2 mm more than rods and screws have."""
    cross_links: Annotated[Count, Field(ge=0, le=4)] = 0
    """Cross-links between the rods of both sides; left and right fixation are then one body, "fixation"."""
    transiliac_bars: Annotated[Count, Field(ge=0, le=2)] = 0
    """Bars from ilium to ilium, clamped to the rods; left and right fixation are then one body, "fixation"."""
    trajectories: tuple[PlannedScrew, ...] = ()
    """Screws whose trajectory is planned: each must lie in its bone; the others are placed by the program."""

    @model_serializer(mode="wrap", when_used="json")
    def _write_what_is_read(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Sizes of iliac screws are not written where there are none: a case that says them is refused."""
        unread = NOT_OF_ANCHOR.get(self.iliac_anchor, ())
        return {key: value for key, value in write(self).items() if key not in unread}


def _or_none(schema: JsonDict) -> None:
    """TOML has no null, so the word "none" stands for it."""
    schema["anyOf"] = [{"$ref": schema.pop("$ref")}, {"const": "none"}]


class Surgery(Model):
    """The operation."""

    plan: Literal["intact", "partial_sacrectomy", "hemisacrectomy", "total_sacrectomy"]
    """"intact": nothing is cut; "partial_sacrectomy": the sacrum out below a plane; "hemisacrectomy": one half of it;
    "total_sacrectomy": all of it with the posterior ilia, a reconstruction in."""
    resection: Resection | None = None
    """The cuts; needed by every plan but "intact"."""
    tumour: Tumour | None = None
    """The tumour and the margin planned round it; left out: the part "tumour" with 15 mm, where the anatomy has one."""
    nerves: Nerves | None = None
    """The sacral roots: where they run, which are cut and bridged; left out: nothing is said about nerves."""
    guide: Guide | None = None
    """The cutting guide of "partial_sacrectomy": a base block on the posterior sacrum; left out: none."""
    prosthesis: Annotated[Prosthesis | None, Field(json_schema_extra=_or_none)] = None
    """The sacral prosthesis of "total_sacrectomy"; left out: one of default sizes; "none" instead of a table: none."""
    graft: Annotated[Graft | None, Field(json_schema_extra=_or_none)] = None
    """The grafts of "total_sacrectomy"; left out beside a prosthesis: of default sizes; "none" instead of a table."""
    fixation: Annotated[Fixation | None, Field(json_schema_extra=_or_none)] = None
    """Rods and screws; left out: of default sizes in "total_sacrectomy", else none; "none" instead of a table."""

    @model_validator(mode="before")
    @classmethod
    def _read_none(cls, data: object) -> object:
        """The word "none" is no part, and a total sacrectomy comes with its usual parts."""
        if not isinstance(data, dict):
            return data
        given: dict[str, Any] = dict(data)
        for key in default_parts(given):
            given.setdefault(key, {})
        return {key: None if key in DEFAULT_PARTS and value == "none" else value for key, value in given.items()}

    @field_serializer("prosthesis", "graft", "fixation", mode="wrap", when_used="json")
    def _write_none(self, value: Model | None, write: SerializerFunctionWrapHandler) -> object:
        return "none" if value is None else write(value)

    @model_serializer(mode="wrap", when_used="json")
    def _write_what_is_read(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Defaults of the other plans are not written: a case that says them is refused."""
        read = ("plan", *PLAN_KEYS[self.plan])
        written = {key: value for key, value in write(self).items() if key in read}
        cuts = written.get("resection")
        if isinstance(cuts, dict):
            written["resection"] = {key: cuts[key] for key in RESECTION_KEYS[self.plan] if key in cuts}
        return written


def default_parts(surgery: Any) -> tuple[str, ...]:
    """Parts that a plan has where the case does not say: those of a total sacrectomy.

    Grafts only beside a parametric prosthesis: one from a file has no seats for them.

    Args:
        surgery: Content of the table [surgery].
    """
    if surgery.get("plan") != "total_sacrectomy":
        return ()
    given = surgery.get("prosthesis")
    seats = given != "none" and not (isinstance(given, dict) and "file" in given)
    return tuple(key for key in DEFAULT_PARTS if key != "graft" or seats)
