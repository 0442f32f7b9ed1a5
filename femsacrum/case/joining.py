"""What a case may say about how bodies are joined: interface laws, tightened screws, ligaments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from femsacrum.case.model import Model, Number, Text
from femsacrum.case.units import (
    Depth,
    Force,
    FoundationModulus,
    LineForce,
    LineStiffness,
    Point,
    PositiveLength,
    PossibleForce,
    PossibleShare,
    Share,
    SpringStiffness,
)


class InterfaceRule(Model):
    """A law for every contact between two bodies; of all rules the first that matches a contact counts."""

    between: tuple[str, str]
    """The two bodies, each by name or role; "*" is any body."""
    law: Literal["bonded", "frictional", "healing", "thread", "user"]
    """"bonded": they cannot part or slide; "frictional": they press, slide and open; "healing": a share of the face has
    united; "thread": a screw's thread; "user": a law of one's own."""
    friction: Annotated[Number, Field(ge=0.0, le=2.0)] | None = None
    """Coefficient of friction, a bare number from 0 to 2; needed by "frictional" and "healing"."""
    stiffness: FoundationModulus | None = None
    """Stiffness per area [N/mm3]: of the bond, of the united face, of a thread across its screw (left out: stiff beside
    the two bodies; of a thread what bone gives round a screw), of a physical layer between faces that rub (left out:
    none, contact is exact)."""
    interference: Depth | None = None
    """Press-fit: overlap of the two faces as made [mm]; for "frictional" and "healing"."""
    union: PossibleShare | None = None
    """Share of the face that has united, "30 %" or 0.3; needed by "healing"."""
    thread_stiffness: LineStiffness | None = None
    """Stiffness along the screw, per length of thread [N/mm2]; needed by "thread"."""
    pull_out_strength: LineForce | None = None
    """Force per length at which the thread strips [N/mm]; left out: it never does; for "thread"."""
    thread_length: PositiveLength | None = None
    """Threaded length from the tip [mm], the rest of the shaft touches nothing; left out: all of it; for "thread"."""
    function: Text | None = None
    """Python file and function, "my_laws.py:cement"; needed by "user"; the path is relative to the case file."""
    parameters: dict[str, Number] | None = None
    """Numbers handed to the function by name, in mm, N, MPa; for "user"."""
    source: str = ""
    """Where the law and its numbers come from."""


class Pretension(Model):
    """Screws that are tightened before the load comes, and then locked."""

    screws: Text
    """Name of a screw, "left_iliac_1", or a pattern for several, "*_iliac_*"; they must pass an implant into bone."""
    force: Force | None = None
    """Tension after tightening [N]; this or ``shortening``."""
    shortening: Depth | None = None
    """How much shorter the shaft is made [mm]; this or ``force``."""
    loss: Share = 0.0
    """Share of the tension lost before the load comes, "50 %"."""
    source: Text
    """Where the numbers come from."""


class Attachment(Model):
    """Where a ligament is attached."""

    body: Text
    """The body."""
    landmark: Text | None = None
    """Landmark at the middle of the attachment; this or ``point``."""
    point: Point | None = None
    """Point at the middle of the attachment [mm], LPS; this or ``landmark``."""
    radius: PositiveLength = 6.0
    """The force is spread over the body's surface within this distance of the nearest point of it [mm]."""


class Ligament(Model):
    """A ligament, spring or facet joint between two bodies."""

    name: Text
    """Name, different from every other ligament's."""
    ends: tuple[Attachment, Attachment]
    """Its two ends."""
    stiffness: SpringStiffness
    """Stiffness [N/mm]."""
    slack: Depth = 0.0
    """Elongation before it pulls, or gap before it pushes [mm]."""
    pretension: PossibleForce = 0.0
    """Tension before the load comes [N]."""
    tension_only: Annotated[bool, Field(strict=True)] = True
    """It pulls and never pushes; false: a spring."""
    compression_only: Annotated[bool, Field(strict=True)] = False
    """It pushes and never pulls, as a facet joint does; with ``tension_only = false``."""
    knee: PositiveLength | None = None
    """Elongation past the slack beyond which it is stiffer, the end of its toe region [mm]; with ``stiffness_beyond``."""
    stiffness_beyond: SpringStiffness | None = None
    """Stiffness beyond the knee [N/mm]."""
    source: Text
    """Where the numbers come from."""
