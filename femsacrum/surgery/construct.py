"""What this room hands on: the bones after the cuts, the implants, and which faces meet which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.model import Anatomy, Floats, Plane, Surface
from femsacrum.surgery.cuts.margin import Margins
from femsacrum.surgery.guides.model import Guide
from femsacrum.surgery.implants.fit import Fit
from femsacrum.surgery.nerves.model import Nerves
from femsacrum.surgery.shapes.frame import Frame


@dataclass(frozen=True)
class Zone:
    """A box of a solid and the share of void in it.

    Attributes:
        frame: Its axes.
        low: Lower corner (across, along), shape (2,) [mm].
        high: Upper corner, shape (2,) [mm].
        depth: Where it begins and ends on the frame's normal [mm].
        porosity: Share of void, 0 to 1; 0: solid.
    """

    frame: Frame
    low: Floats
    high: Floats
    depth: tuple[float, float]
    porosity: float

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Which of the points, shape (n, 3) [mm], lie in it."""
        flat, depth = self.frame.flat(points), self.frame.depth(points)
        beside = ((flat < self.low) | (flat > self.high)).any(axis=1)
        return np.asarray(~beside & (depth > self.depth[0]) & (depth < self.depth[1]))


@dataclass(frozen=True)
class Solid:
    """A solid with exact geometry (implant, graft, rods), carried as text, not as a handle of a CAD kernel.

    Attributes:
        brep: OpenCASCADE BREP file content of one solid, coordinates in [mm], LPS.
        role: "implant", "graft" or "fixation".
        flat_faces: Named planar faces (normal out of the solid); all other facets are face "surface".
        size: Target element size [mm]; None means the case's size for its role.
        material: Entry of ``sources/materials.toml`` that it is made of; None: that of its role.
        zones: Boxes with a porosity of their own, the first that holds a point counts.
        porosity: Share of void everywhere else.
        parted: The same solid in parts that share faces, divided where zones end; None: without zones.
    """

    brep: bytes
    role: str
    flat_faces: Mapping[str, Plane] = field(default_factory=dict)
    size: float | None = None
    material: str | None = None
    zones: tuple[Zone, ...] = ()
    porosity: float = 0.0
    parted: bytes | None = None

    def porosity_at(self, points: Floats) -> Floats:
        """Share of void at points, shape (n, 3) [mm]; shape (n,)."""
        found = np.full(len(points), self.porosity)
        for zone in reversed(self.zones):
            found[zone.holds(points)] = zone.porosity
        return found


@dataclass(frozen=True)
class Shell:
    """A body known by its surface only: a prosthesis from a surface file.

    Attributes:
        surface: Closed, oriented outwards, with its named planar faces.
        role: "implant".
        size: Target element size [mm]; None means the case's size for its role.
    """

    surface: Surface
    role: str
    size: float | None = None

    @property
    def flat_faces(self) -> Mapping[str, Plane]:
        """Named planar faces (normal out of the body)."""
        return self.surface.flat_faces


@dataclass(frozen=True)
class Screw:
    """One screw; its solid is part of a fixation body.

    Attributes:
        name: For example "left_L5_pedicle", "right_iliac_1".
        body: Name of the fixation body it belongs to.
        head: Centre of the head, on the rod's axis, shape (3,) [mm].
        entry: Where it enters the first body that holds it, shape (3,) [mm].
        tip: Shape (3,) [mm].
        diameter: [mm].
        hosts: Bodies its shaft runs in ("left_ilium", "prosthesis").
        clearance: Least distance from the axis to the bone surface along the purchase [mm]; negative: leaves bone; None:
            not measured.
        purchase: Length of the shaft inside bone [mm].
    """

    name: str
    body: str
    head: Floats
    entry: Floats
    tip: Floats
    diameter: float
    hosts: tuple[str, ...]
    clearance: float | None
    purchase: float


@dataclass(frozen=True)
class Rod:
    """One rod of a fixation body, from head to head or clamp to clamp, with its bends.

    Attributes:
        name: "left_rod", "right_rod_2", "cross_link_1", "transiliac_bar_1".
        body: Fixation body it is part of.
        path: Points on its axis, arcs in short chords, shape (n, 3) [mm].
        diameter: [mm].
    """

    name: str
    body: str
    path: Floats
    diameter: float


@dataclass(frozen=True)
class Opening:
    """Gap that a cut beside the planned one leaves between bone and what was made for the plan, affine over the face.

    Attributes:
        middle: Where it is ``offset`` wide, on the planned face [mm].
        offset: [mm]; negative: bone stands proud there.
        slope: Growth of the gap along the face, a vector in the planned plane, [1].
    """

    middle: tuple[float, float, float]
    offset: float
    slope: tuple[float, float, float]

    def signed(self, points: Floats) -> Floats:
        """Distance from the bone to the planned face, negative where bone stands proud, points (n, 3) -> (n,) [mm]."""
        return np.asarray(self.offset + (points - np.array(self.middle)) @ np.array(self.slope))

    def at(self, points: Floats) -> Floats:
        """Gap at points of the face, shape (n, 3) -> (n,) [mm]."""
        return np.maximum(0.0, self.signed(points))


@dataclass(frozen=True)
class Contact:
    """Two faces that meet, or a screw shaft inside a body.

    Attributes:
        name: "slave_body/master_body" or, where that is not unique, with a suffix: "prosthesis/left_ilium".
        slave: (body, face): where gap and slip are measured.
        master: (body, face).
        kind: "surface", or "embedded": the slave's facets on the screw's shaft (a cylinder) lie inside the master's
            volume, or "anatomical": bone and soft tissue grown together (bonded whatever the distance).
        screw: Name of the screw, for kind "embedded"; the slave's face is then "surface".
        opening: Gap that the saw left beside the plan, on top of that of the geometry; None: the cut is as planned.
    """

    name: str
    slave: tuple[str, str]
    master: tuple[str, str]
    kind: str = "surface"
    screw: str | None = None
    opening: Opening | None = None


@dataclass(frozen=True)
class Construct:
    """The pelvis after the operation (or untouched), ready to be meshed body by body.

    Attributes:
        anatomy: What was operated on (landmarks, directions, radii stay valid: nothing is moved).
        surfaces: Bones and soft tissue that remain, cut, with named cut faces.
        solids: Implants, grafts, fixation bodies.
        screws: Every screw.
        rods: Every rod.
        contacts: Which faces meet.
        measures: Descriptive measures for the report, name with unit -> value
            ("resected_volume_left_ilium [mm3]", "contact_share_left [%]", ...).
        planes: Resection planes by name; the normal points at what is taken away.
        fits: Contact of an implant or graft with a cut face -> the gap between them.
        margins: The tumour against what the plan cuts and leaves; None without a tumour or a cut.
        nerves: The sacral roots; None where the case does not ask for them.
        guide: What leads the saw; off the patient by the time anything is loaded. None where the plan asks for none.
    """

    anatomy: Anatomy
    surfaces: Mapping[str, Surface]
    solids: Mapping[str, Solid | Shell]
    screws: tuple[Screw, ...]
    rods: tuple[Rod, ...]
    contacts: tuple[Contact, ...]
    measures: Mapping[str, float]
    planes: Mapping[str, Plane]
    fits: Mapping[str, Fit] = field(default_factory=dict)
    margins: Margins | None = None
    nerves: Nerves | None = None
    guide: Guide | None = None


@dataclass(frozen=True)
class Built:
    """What an operation puts in.

    Attributes:
        solids: Body name -> solid.
        screws: Every screw.
        rods: Every rod.
        contacts: Which faces meet.
        measures: Name with unit -> value.
        fits: Contact of an implant or graft with a cut face -> the gap between them.
    """

    solids: Mapping[str, Solid | Shell] = field(default_factory=dict)
    screws: tuple[Screw, ...] = ()
    rods: tuple[Rod, ...] = ()
    contacts: tuple[Contact, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    fits: Mapping[str, Fit] = field(default_factory=dict)
