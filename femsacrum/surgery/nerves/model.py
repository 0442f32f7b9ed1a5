"""What is known of the sacral roots after an operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from femsacrum.anatomy.model import Floats


@dataclass(frozen=True)
class Course:
    """Where a root runs.

    Attributes:
        name: "left_S1" ... "right_S4".
        points: From the canal outwards, shape (n, 3) [mm].
        mouth: Index of the point in the mouth of its anterior foramen.
        sac: The dural sac from its top to where the root leaves it, shape (k, 3) [mm].
        radius: Of the round section that has the area of ventral and dorsal root [mm].
        origin: Where the course is from, one line.
        in_bone: Length of it that runs through bone of the surface at hand [mm]; 0 where foramina are open.
    """

    name: str
    points: Floats
    mouth: int
    sac: Floats
    radius: float
    origin: str
    in_bone: float

    @property
    def level(self) -> str:
        """Of S1 to S4."""
        return self.name[-2:]

    @property
    def side(self) -> str:
        """Left or right."""
        return self.name[:-3]


@dataclass(frozen=True)
class Anchor:
    """A point of a nerve that moves with a bone.

    Attributes:
        name: "canal", "foramen", "exit", "proximal stump" or "distal stump".
        point: Shape (3,) [mm].
        body: Part it moves with; None: nothing of this construct is there.
    """

    name: str
    point: Floats
    body: str | None


@dataclass(frozen=True)
class NerveGraft:
    """An allograft between the stumps of a root.

    Attributes:
        length: [mm].
        radius: [mm].
        path: Drawn from stump to stump with its whole length, shape (n, 3) [mm]; how it lies is not known.
        gap: Straight from stump to stump [mm].
    """

    length: float
    radius: float
    path: Floats
    gap: float

    @property
    def slack(self) -> float:
        """Length over the gap [mm]; negative: too short, sutured under tension."""
        return self.length - self.gap


@dataclass(frozen=True)
class Root:
    """A root after the operation.

    Attributes:
        course: Where it ran before.
        fate: "kept", "cut" or "bridged".
        left: What is left of it, piece by piece from the canal outwards, each of shape (n, 3) [mm]; a single point where
            nothing but the stump is.
        anchors: What it is strained between, in order: of a kept root its whole course, of a graft its stumps; empty
            for a cut one.
        slack: Length it can be pulled out by before it is strained [mm].
        graft: Of a bridged root.
        clearance: "cut", "deroofing", "screw" -> least distance of its surface [mm]; of kept roots.
        notes: What a reader has to know.
    """

    course: Course
    fate: str
    left: tuple[Floats, ...]
    anchors: tuple[Anchor, ...] = ()
    slack: float = 0.0
    graft: NerveGraft | None = None
    clearance: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Nerves:
    """All sacral roots of a patient that this anatomy can tell.

    Attributes:
        roots: Name -> root.
        missing: Name of a root that has no foramen here -> why it is not told.
        motion: How far one end is taken to move with an implant or a fragment [mm].
    """

    roots: Mapping[str, Root]
    missing: Mapping[str, str]
    motion: float

    def tubes(self) -> dict[str, tuple[Floats, float]]:
        """Name -> points, shape (n, 3) [mm], and radius [mm] of every piece that is there: roots, stumps and grafts."""
        out: dict[str, tuple[Floats, float]] = {}
        for name, root in self.roots.items():
            for i, piece in enumerate(root.left):
                if len(piece) > 1:
                    out[name if i == 0 else f"{name}_distal"] = (piece, root.course.radius)
            if root.graft is not None:
                out[f"{name}_graft"] = (root.graft.path, root.graft.radius)
        return out


def length(points: Floats) -> float:
    """Length of a polyline, shape (n, 3) [mm]."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
