"""What this room hands on: closed surfaces of bones and soft tissue, with landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Names a part may have, in the order they are listed everywhere. "ilium" is the whole innominate bone.
PARTS = (
    "left_ilium",
    "right_ilium",
    "sacrum",
    "L5",
    "L4",
    "disc_L5S1",
    "disc_L4L5",
    "left_sij",
    "right_sij",
    "symphysis",
)

#: Role of each part; it decides the material table and the element order.
ROLES = {
    "left_ilium": "bone",
    "right_ilium": "bone",
    "sacrum": "bone",
    "L5": "bone",
    "L4": "bone",
    "disc_L5S1": "disc",
    "disc_L4L5": "disc",
    "left_sij": "cartilage",
    "right_sij": "cartilage",
    "symphysis": "cartilage",
}


@dataclass(frozen=True)
class Plane:
    """An oriented plane.

    Attributes:
        origin: A point on it, shape (3,) [mm], LPS.
        normal: Unit normal, shape (3,). For a face of a body it points out of that body.
    """

    origin: Floats
    normal: Floats


@dataclass(frozen=True)
class Surface:
    """A closed, manifold triangle surface, oriented outwards.

    Attributes:
        points: Vertices, shape (n, 3) [mm], LPS.
        triangles: Vertex indices, shape (m, 3).
        flat_faces: Named planar faces of it (a saw cut, say). A triangle belongs to a flat face when all its
            vertices lie in that plane; every other triangle belongs to the face "surface".
    """

    points: Floats
    triangles: Ints
    flat_faces: Mapping[str, Plane] = field(default_factory=dict)


@dataclass(frozen=True)
class Anatomy:
    """Bones and soft tissue of one patient, before surgery.

    Attributes:
        parts: Part name (see PARTS) -> surface; a part may be absent.
        landmarks: Name -> position, shape (3,) [mm], LPS. Paired ones carry "left_" or "right_":
            ASIS, PSIS, PIIS, AIIS, notch (apex of the greater sciatic notch), crest_top, hip_centre,
            pubic_tub, isch_tub, isch_spine, foramen_S1 to foramen_S4 (mouths of the anterior sacral foramina, as
            far down as the bone reaches); midline: S1_endplate (its middle), endplate_S1_ant, endplate_S1_post (its
            ends), promontory (the front one on the bone), S_tip; of L4 and L5:
            "L5_upper", "L5_lower" (endplate centres), "L5_left_pedicle_entry" and "L5_left_pedicle_target" (a
            safe transpedicular axis: entry on the posterior bone surface, target deep in the body), and so on.
        directions: Name -> unit vector, shape (3,): "L4_upper", "L5_upper", "L5_lower" endplate normals, each
            pointing out of the vertebra; "S1_endplate" pointing cranially out of the sacrum.
        acetabular_radius: Of the sphere fitted to the acetabulum [mm].
        cortical_thickness: Uniform cortical thickness [mm].
        origin: Part name -> where it came from, one line each for the report ("reference, scaled 1.03", a file).
        measures: Descriptive measures for the report, name with unit in it -> value,
            for example "pelvic_incidence [deg]".
        fidelity: Part from a label map -> how far its surface is from its label, name with unit in it -> value.
        own: Bones that are this patient's from end to end: an image of the patient shows them.
        landmark_origin: Landmark name -> "reference", "found on the bone", "carried from the reference", "of a
            borrowed bone", or "given" and how far that is from where it was found.
        tumour: Closed surface of the tumour where files or labels give it, in one piece or several; it is cut round,
            never solved. ``origin`` and ``fidelity`` have it as "tumour".
    """

    parts: Mapping[str, Surface]
    landmarks: Mapping[str, Floats]
    directions: Mapping[str, Floats]
    acetabular_radius: float
    cortical_thickness: float
    origin: Mapping[str, str]
    measures: Mapping[str, float]
    fidelity: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    landmark_origin: Mapping[str, str] = field(default_factory=dict)
    tumour: Surface | None = None
