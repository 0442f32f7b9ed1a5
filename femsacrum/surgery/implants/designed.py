"""A prosthesis that somebody designed: read from its file, put in its place, and looked at for a wrong unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from femsacrum import guarded
from femsacrum.anatomy.frames import UNITS
from femsacrum.anatomy.grid import enclosed
from femsacrum.anatomy.model import Anatomy, Surface
from femsacrum.anatomy.reading import read_surface
from femsacrum.case.names import SOLID_FILES, STEP_FILES
from femsacrum.case.schema import Prosthesis
from femsacrum.errors import InputError
from femsacrum.paths import locate
from femsacrum.surgery.implants.placement import Motion, motion
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.outside import outside

KEY = "surgery.prosthesis.file"
#: Diagonal of the bounding box of what bridges L5 and both ilia, widest plausible range [mm].
SIZE = (50.0, 350.0)
#: Factors by which a file may be wrong, and what they mean.
WRONG_UNITS = (
    (1000.0, "m instead of mm"), (0.001, "mm instead of m"), (25.4, "inches instead of mm"),
    (1 / 25.4, "mm instead of inches"), (10.0, "cm instead of mm"), (0.1, "mm instead of cm"),
)  # fmt: skip


@dataclass(frozen=True)
class Designed:
    """What was in the file, in its place.

    Attributes:
        brep: Exact geometry; None of a surface file.
        skin: Its surface, of a surface file as it stands there.
        volume: [mm3].
        residuals: Landmark -> distance left to its point [mm].
    """

    brep: bytes | None
    skin: Surface
    volume: float
    residuals: dict[str, float]


def read(options: Prosthesis, anatomy: Anatomy, folder: Path, data: Sequence[Path]) -> Designed:
    """Read the prosthesis of a case and put it in its place.

    Args:
        options: Prosthesis of the case, with a file.
        anatomy: Its landmarks may say the place.
        folder: The case file's folder.
        data: Data folders.

    Raises:
        InputError: No such file, no single closed solid in it, a size no prosthesis has, or a place that is not met.
    """
    assert options.file is not None
    path = locate(options.file, folder, data, KEY)
    moved = motion(anatomy, options.placement, options.frame)
    if path.suffix.lower() in SOLID_FILES:
        scale = 1.0 if path.suffix.lower() in STEP_FILES else UNITS[options.unit or "mm"]
        brep, skin, volume = guarded.call(_solid, path, scale, moved, KEY, key=KEY, what=path.name)
        return Designed(brep, skin, volume, moved.residuals)
    found = read_surface(path, None, options.unit or "mm", "LPS", KEY).surface
    _check_diagonal(path.name, float(np.linalg.norm(np.ptp(found.points, axis=0))))
    skin = Surface(moved.of(found.points), found.triangles)
    return Designed(None, skin, enclosed(skin.points, skin.triangles), moved.residuals)


def _solid(path: Path, scale: float, moved: Motion, key: str) -> tuple[bytes, Surface, float]:
    """Inside the process: BREP, triangulation and volume of the only solid of a file."""
    import gmsh
    from scipy.spatial.transform import Rotation

    with cad.drawing("prosthesis"):
        gmsh.option.setString("Geometry.OCCTargetUnit", "MM")
        gmsh.model.occ.importShapes(str(path), highestDimOnly=False)
        gmsh.model.occ.synchronize()
        solids = gmsh.model.getEntities(3)
        if len(solids) != 1:
            faces = len(gmsh.model.getEntities(2))
            raise InputError(
                key,
                f"{path.name}: holds {len(solids)} solids ({faces} faces), not one: "
                + ("unite them" if solids else "close its surface and export it as a solid"),
            )
        vector = Rotation.from_matrix(moved.turn).as_rotvec()
        angle = float(np.linalg.norm(vector))
        if scale != 1.0:
            gmsh.model.occ.dilate(solids, 0.0, 0.0, 0.0, scale, scale, scale)
        if angle > 0.0:
            gmsh.model.occ.rotate(solids, 0.0, 0.0, 0.0, *(vector / angle), angle)
        gmsh.model.occ.translate(solids, *moved.shift)
        gmsh.model.occ.synchronize()
        solid = (3, solids[0][1])
        size = float(np.linalg.norm(np.ptp(np.reshape(gmsh.model.getBoundingBox(*solid), (2, 3)), axis=0)))
        _check_diagonal(path.name, size)  # a triangulation at a fixed size of what is 1000 times too large has no end
        return cad.brep(solid, path.name), outside(path.name), cad.volume(solid)


def _check_diagonal(name: str, size: float) -> None:
    low, high = SIZE
    if low <= size <= high:
        return
    likely = [said for factor, said in WRONG_UNITS if low <= factor * size <= high]
    hint = f"is its unit {likely[0]}?" if likely else "is it this implant, and all of it?"
    raise InputError(
        KEY, f"{name}: measures {size:.3g} mm corner to corner, expected {low:.0f} to {high:.0f} mm: {hint}"
    )
