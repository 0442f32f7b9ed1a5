"""What a case may say about forces over time from a file of one's own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from femsacrum.case.model import Model, Number, Text
from femsacrum.case.units import Duration

Side = Literal["left", "right"]
Three = tuple[Text, Text, Text]
CyclesPerYear = Annotated[Number, Field(gt=0)]
#: Frames of the femur: forces on its head, which need the hip's angles to get to the pelvis.
FEMUR_FRAMES = ("HIP98 femur", "Bergmann 2016 femur")


class HipAngles(Model):
    """Columns of the three angles of one hip."""

    flexion: Text
    """Column of the flexion, positive: the thigh is in front."""
    adduction: Text
    """Column of the adduction, positive: the thigh is towards the midline."""
    rotation: Text
    """Column of the rotation, positive: the thigh's front is turned inwards."""


class SeriesAngles(Model):
    """Angles of the hips over the same time."""

    file: Text | None = None
    """File with the angles; left out: the file of the forces."""
    unit: Literal["deg", "rad"] | None = None
    """Unit of the angles; needed by CSV, while an OpenSim file says it itself ("inDegrees")."""
    hips: Annotated[dict[Side, HipAngles], Field(min_length=1)]
    """Side ("left", "right") and its columns."""


class SeriesMuscles(Model):
    """Muscle forces over the same time."""

    file: Text | None = None
    """File with the muscles' forces; left out: the file of the hip forces."""
    unit: Literal["N", "%BW"]
    """Unit of the columns; "%BW": percent of body weight."""
    columns: Annotated[dict[Text, tuple[Text, ...]], Field(min_length=1)]
    """Muscle as femsacrum calls it, with its side ("right gluteus medius", or one of its parts: "right gluteus medius,
    rear part"), and its columns, which are summed; the parts of a muscle share by their cross-sections."""


class Series(Model):
    """Hip forces of a movement, measured or computed, from a file."""

    file: Text
    """CSV or OpenSim file, relative to the case file or a data folder."""
    format: Literal["CSV", "OpenSim"]
    """"CSV": names of the columns in the first line; "OpenSim": ``.sto`` or ``.mot`` with its header."""
    unit: Literal["N", "%BW"]
    """Unit of hip and trunk forces; "%BW": percent of body weight."""
    frame: Literal["ISB pelvis", "gait2392 pelvis", "LPS", "HIP98 femur", "Bergmann 2016 femur"]
    """Axes of the forces. "ISB pelvis": x forwards in the plane of the iliac spines, y up, z right; "gait2392 pelvis":
    those of OpenSim's gait2392 and its kin, which lean some 15 deg against them; "LPS": those of the bones; or a published
    frame of the femur."""
    acts_on: Literal["pelvis", "femur"]
    """Whom the hip forces of the file act on; the published frames of the femur give those on its head."""
    hips: Annotated[dict[Side, Three], Field(min_length=1)]
    """Side ("left", "right") and the columns of x, y and z of its hip contact force."""
    mirrored: Annotated[bool, Field(strict=True)] = False
    """The side that is not given, and its muscles, are the mirror image of the given one half a cycle later."""
    angles: SeriesAngles | None = None
    """Angles of the hips; needed by frames of the femur, else only of use to muscles: left out, thighs hang down."""
    muscles: SeriesMuscles | None = None
    """Muscle forces across the hips; without them hip forces of a loaded leg do not balance."""
    trunk: Three | None = None
    """Columns of the force of the trunk on L4, where known, in the same frame, which must be one of the pelvis."""
    time: Text = "time"
    """Column of the time, or of the percentage of the cycle."""
    start: Number
    """Where the cycle starts, in the unit of that column."""
    end: Number
    """Where it ends, and the next one starts."""
    duration: Duration | None = None
    """How long a cycle takes [s]; left out: from ``start`` to ``end``, in seconds."""
    per_year: tuple[CyclesPerYear, CyclesPerYear, CyclesPerYear] | None = None
    """Cycles in a year: least, usual, most; left out: those of "walking"."""
