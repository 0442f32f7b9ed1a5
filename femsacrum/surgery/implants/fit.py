"""How well a face of an implant or graft fits the cut face of bone it is made for: the gap, point by point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Plane, Surface
from femsacrum.surgery.shapes.frame import Frame, frame_on
from femsacrum.surgery.shapes.raster import facing, heights

#: Spacing of the points at which the gap is measured [mm].
STEP = 0.5
#: Faces farther apart than this along the normal do not belong together [mm]: the seat of a graft beside a pad.
REACH = 3.0
#: A gap below this counts as contact [mm], a choice of this project: about what a printed part's face can be made true
#: to, and a fifth of the 0.5 mm that bone grows over at best (dogs: Bobyn 1981, Sandborn 1988, Dalton 1995; from memory).
CONTACT = 0.1
#: A triangle of an implant whose corners are nearer to a plane belongs to its face there [mm].
ON_FACE = 1e-3
#: Nearer than this is rounding [mm].
ROUNDING = 1e-9


@dataclass(frozen=True)
class Fit:
    """Gap between two faces, seen along the normal of the cut.

    Attributes:
        frame: On the cut; its normal points from the bone to the implant.
        across: Places of the columns on the frame's axis, shape (m,) [mm].
        along: Places of the rows, shape (n,) [mm].
        gap: From bone to implant, negative where they overlap, NaN where one of them is not there, shape (n, m) [mm].
        bone: Whether a point is on the cut face, shape (n, m).
        implant: Whether a point is on the implant's face, shape (n, m).
    """

    frame: Frame
    across: Floats
    along: Floats
    gap: Floats
    bone: np.ndarray
    implant: np.ndarray

    @property
    def touching(self) -> np.ndarray:
        """Where the implant lies on the cut face, shape (n, m), bool."""
        return np.asarray(self.bone & (np.nan_to_num(self.gap, nan=np.inf) < CONTACT))

    def numbers(self) -> dict[str, float]:
        """What the findings say, name with unit -> value.

        ``contact_share`` is the share of the cut face in contact, ``face_on_bone`` the share of the implant's face that
        has bone within reach; gaps are those of the implant's face that has.
        """
        held = np.maximum(self.gap[np.isfinite(self.gap)], 0.0)
        area, touching = STEP**2, self.touching
        mean, p95, most = (held.mean(), np.percentile(held, 95.0), held.max()) if len(held) else (np.nan,) * 3
        return {
            "contact_area [mm2]": area * float(touching.sum()),
            "contact_share [%]": 100.0 * float(touching.sum()) / max(1.0, float(self.bone.sum())),
            "face_area [mm2]": area * float(self.implant.sum()),
            "face_on_bone [%]": 100.0 * len(held) / max(1.0, float(self.implant.sum())),
            "gap_mean [mm]": float(mean),
            "gap_p95 [mm]": float(p95),
            "gap_max [mm]": float(most),
            "overlap_max [mm]": float(max(0.0, -np.nanmin(self.gap, initial=0.0))),
        }


def fit(implant: Surface, face: Plane, bone: Surface) -> Fit:
    """The gap between a flat face of an implant and what of the bone faces it within reach.

    Args:
        implant: Closed surface.
        face: Plane of its face.
        bone: Closed surface with the flat face "cut".
    """
    plane = bone.flat_faces["cut"]
    level = abs(plane.normal[2]) > 0.8
    frame = frame_on(plane, np.array([0.0, -1.0, 0.0]) if level else np.array([0.0, 0.0, 1.0]))
    on_cut = bone.triangles[(np.abs(frame.depth(bone.points)) < 1e-6)[bone.triangles].all(axis=1)]
    on_face = (np.abs((implant.points - face.origin) @ face.normal) < ON_FACE)[implant.triangles].all(axis=1)
    lower, upper = implant.triangles[on_face], facing(bone, frame, 1.0, REACH)
    flat = np.vstack([frame.flat(surface.points)[rows] for surface, rows in ((implant, lower), (bone, on_cut))])
    low, high = flat.reshape(-1, 2).min(axis=0), flat.reshape(-1, 2).max(axis=0)
    across, along = (np.arange(STEP * (np.floor(a / STEP) + 0.5), b, STEP) for a, b in zip(low, high, strict=True))
    below = -heights(frame, implant, lower, across, along, -1.0)
    above = heights(frame, bone, upper, across, along, 1.0)
    cut = np.isfinite(heights(frame, bone, on_cut, across, along, 1.0))
    gap = below - above
    gap[np.abs(gap) < ROUNDING] = 0.0
    return Fit(frame, across, along, gap, cut, np.isfinite(below))
