"""One flange of the prosthesis: a flat tab on the ilium beside the cut, and the neck that joins it to its plate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.case.schema import Flanges
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import Frame, unit
from femsacrum.surgery.shapes.places import Depth
from femsacrum.surgery.shapes.raster import heights

#: A tab stays so far off bone [mm]; its neck so far off the cut and below the back of its plate [mm].
FREE, NECK_FREE = 0.3, 0.8
#: The neck is narrower than the tab by this much on either side [mm], reaches so far into the plate [mm], is as thick as
#: the tab times this, and at least so thick [mm].
SHOULDER, IN_PLATE, NECK, THINNEST = 1.0, 3.0, 1.5, 2.0
#: Bone so far beside a tab is kept clear of as well [mm]; spacing of the points looked at [mm]; steepest plane.
BESIDE, STEP, STEEPEST = 1.0, 1.0, 1.0


@dataclass(frozen=True)
class Box:
    """Corners of a box in a tab's frame: low and high (across, along), shape (2,), start and end on its normal [mm]."""

    low: Floats
    high: Floats
    start: float
    end: float


@dataclass(frozen=True)
class Tab:
    """A flange.

    Attributes:
        side: Of the patient.
        frame: On the face towards bone; ``across`` leads away from the cut along the bone, the normal away from bone.
        tab: The flat part; 0 across is the edge of the cut.
        neck: From the middle of the tab's thickness down into the plate.
    """

    side: str
    frame: Frame
    tab: Box
    neck: Box

    def draw(self) -> list[cad.Tag]:
        """Its two boxes, in the open drawing."""
        return [cad.block(self.frame, box.low, box.high, box.start, box.end) for box in (self.tab, self.neck)]

    def points(self, *boxes: Box) -> Floats:
        """A grid in some of its boxes, shape (n, 3) [mm]."""
        found = []
        for box in boxes:
            ends = (*zip(box.low, box.high, strict=True), (box.start, box.end))
            axes = [np.linspace(a, b, 2 + int((b - a) / STEP)) for a, b in ends]
            grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
            found.append(self.frame.space(grid[:, :2], grid[:, 2]))
        return np.vstack(found)

    def gap(self, bone: Depth) -> tuple[float, float]:
        """Mean and largest distance from the face on bone to the bone [mm]."""
        low, high = np.array([0.0, self.tab.low[1]]), self.tab.high
        axes = (np.arange(a + 0.5 * STEP, b, STEP) for a, b in zip(low, high, strict=True))
        flat = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
        away = -bone(self.frame.space(flat, 0.0))
        return float(away.mean()), float(away.max())


def lay(plate: Plate, ilium: Surface, options: Flanges, level: float) -> Tab | str:
    """A flange at a level of its plate, as near to bone as a flat tab can lie without cutting it.

    Args:
        plate: That it is fused with.
        ilium: After its cut.
        options: Of the case.
        level: Of its middle line on the plate's ``along`` axis [mm].

    Returns:
        The flange, or why there is none.
    """
    outward = (1.0 if options.side == "outer" else -1.0) * plate.frame.across  # the plate's axis leads to the back
    away, up = -plate.frame.normal, plate.frame.along
    half = 0.5 * options.width
    rim = _rim(plate, float(outward @ plate.frame.across), level, half)
    if rim is None:
        return "the pad is too narrow for its neck"
    view = Frame(plate.frame.origin, away, up, outward)
    x = np.arange(-plate.back - BESIDE, options.length + BESIDE + STEP, STEP)
    y = np.arange(level - half - BESIDE, level + half + BESIDE + 0.5 * STEP, STEP)
    height = heights(view, ilium, _under(ilium, view, x, y), x, y, 1.0)
    under = (x[None] >= 0.5) & (x[None] <= options.length) & (np.abs(y - level)[:, None] <= half)
    if not np.isfinite(height[under]).all():
        return "it reaches beyond the bone"
    plane = _plane(x, y, height, under)
    if plane is None:
        return "the bone is too steep"
    base, along_x, along_y = plane
    frame = _frame(view, level, base + along_y * level, along_x, along_y)
    lean, sink = (
        float(frame.across @ away),
        -float(frame.normal @ away),
    )  # of the tab, and of the neck on its way down
    tall = min(plate.back, NECK_FREE + NECK * options.thickness)
    top = base + along_y * level + half * abs(along_y) + tall * max(0.0, -along_x)
    down = max(0.0, top - rim + IN_PLATE) / float(frame.normal @ outward)
    near = (NECK_FREE + max(0.0, down * sink)) / lean
    far = (plate.back - NECK_FREE - max(0.0, -down * sink)) / lean
    if far - near < THINNEST:
        return "the plate is too thin for its neck"
    far = min(far, near + NECK * options.thickness)
    narrow = half - SHOULDER
    neck = Box(np.array([-far, -narrow]), np.array([-near, narrow]), -down, 0.5 * options.thickness)
    if not _ends_in(plate, frame, neck):
        return "its neck misses the plate"
    low, high = np.array([-far - SHOULDER, -half]), np.array([options.length, half])
    return Tab(plate.side, frame, Box(low, high, 0.0, options.thickness), neck)


def _ends_in(plate: Plate, frame: Frame, neck: Box) -> bool:
    """Whether the end of a neck lies in the pad's outline."""
    from shapely.geometry import MultiPoint

    corners = np.array([neck.low, [neck.low[0], neck.high[1]], neck.high, [neck.high[0], neck.low[1]]])
    return bool(plate.regions.pad.contains(MultiPoint(plate.frame.flat(frame.space(corners, neck.start)))))


def _rim(plate: Plate, sign: float, level: float, half: float) -> float | None:
    """How far out the pad reaches at every level of a flange; None where it is not there [mm]."""
    from shapely.geometry import LineString

    pad = plate.regions.pad
    left, _, right, _ = pad.bounds
    reach = []
    for at in np.linspace(level - half, level + half, 9):
        line = pad.intersection(LineString([(left - 1.0, at), (right + 1.0, at)]))
        if line.is_empty:
            return None
        reach.append(line.bounds[2] if sign > 0.0 else -line.bounds[0])
    return float(min(reach))


def _under(ilium: Surface, view: Frame, x: Floats, y: Floats) -> np.ndarray:
    """Triangles seen over the grid, shape (n, 3)."""
    flat = view.flat(ilium.points)[ilium.triangles]
    low, high = np.array([x[0], y[0]]), np.array([x[-1], y[-1]])
    return np.asarray(ilium.triangles[((flat.max(axis=1) > low) & (flat.min(axis=1) < high)).all(axis=1)])


def _plane(x: Floats, y: Floats, height: Floats, under: np.ndarray) -> Floats | None:
    """Of all planes over the bone the one with the least mean gap: its height at 0 and its two slopes."""
    from scipy.optimize import linprog

    grid = np.stack(np.broadcast_arrays(1.0, x[None], y[:, None]), axis=-1)
    seen = np.isfinite(height)
    bounds = [(None, None), (-STEEPEST, STEEPEST), (-STEEPEST, STEEPEST)]
    found = linprog(grid[under].mean(axis=0), -grid[seen], -height[seen], bounds=bounds)
    if not found.success:
        return None
    base, *slopes = found.x
    return np.array([base + FREE * np.sqrt(1.0 + np.dot(slopes, slopes)), *slopes])


def _frame(view: Frame, level: float, height: float, along_x: float, along_y: float) -> Frame:
    normal = unit(view.normal - along_x * view.across - along_y * view.along)
    across = unit(view.across + along_x * view.normal)
    along = unit(view.along - (view.along @ across) * across - (view.along @ normal) * normal)
    return Frame(view.space(np.array([0.0, level]), height)[0], across, along, normal)
