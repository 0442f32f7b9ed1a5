"""The few solids that implants are made of, drawn with Gmsh's OpenCASCADE kernel and carried as BREP bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from femsacrum.anatomy.model import Floats, Surface
from femsacrum.errors import NumericalError
from femsacrum.surgery.frame import Frame, unit

Tag = tuple[int, int]


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """A Gmsh model of its own; whatever the kernel held before is there again afterwards.

    Args:
        name: Of the body drawn.
    """
    import gmsh

    opened = not gmsh.isInitialized()
    if opened:
        gmsh.initialize(readConfigFiles=False, interruptible=False)
    before = None if opened else gmsh.model.getCurrent()
    verbosity = gmsh.option.getNumber("General.Terminal")
    gmsh.option.setNumber("General.Terminal", 0)
    model = f"surgery: {name}"
    gmsh.model.add(model)
    try:
        yield
    finally:
        gmsh.model.setCurrent(model)
        gmsh.model.remove()
        gmsh.option.setNumber("General.Terminal", verbosity)
        if before is not None:
            gmsh.model.setCurrent(before)
        if opened:
            gmsh.finalize()


def prism(frame: Frame, outline: Floats, start: float, end: float) -> Tag:
    """A prism on a polygon.

    Args:
        frame: Its plane.
        outline: Corners (across, along), shape (n, 2) [mm].
        start: Depth of one end [mm].
        end: Depth of the other [mm].
    """
    import gmsh

    occ = gmsh.model.occ
    corners = [occ.addPoint(*point) for point in frame.space(outline, start)]
    edges = [occ.addLine(a, b) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]
    face = occ.addPlaneSurface([occ.addCurveLoop(edges)])
    made = occ.extrude([(2, face)], *((end - start) * frame.normal))
    return next(tag for tag in made if tag[0] == 3)


def loft(sections: Sequence[Floats]) -> Tag:
    """A solid through closed sections, smooth along its length.

    Args:
        sections: Points on each closed curve, in corresponding order, each shape (n, 3) [mm].
    """
    import gmsh

    occ = gmsh.model.occ
    wires = []
    for section in sections:
        points = [occ.addPoint(*point) for point in section]
        wires.append(occ.addWire([occ.addSpline([*points, points[0]])]))
    made = occ.addThruSections(wires, makeSolid=True, makeRuled=len(sections) == 2)
    return next(tag for tag in made if tag[0] == 3)


def cylinder(start: Floats, end: Floats, radius: float) -> Tag:
    """A round bar between two points [mm]."""
    import gmsh

    return (3, gmsh.model.occ.addCylinder(*start, *(end - start), radius))


def pointed(start: Floats, end: Floats, radius: float) -> list[Tag]:
    """A screw shaft: a round bar whose last 1.2 radii taper to 0.45 of the radius, in pieces to be fused."""
    import gmsh

    shoulder = end - 1.2 * radius * unit(end - start)
    cone = gmsh.model.occ.addCone(*shoulder, *(end - shoulder), radius, 0.45 * radius)
    return [cylinder(start, shoulder, radius), (3, cone)]


def ball(centre: Floats, radius: float) -> Tag:
    """A sphere [mm]."""
    import gmsh

    return (3, gmsh.model.occ.addSphere(*centre, radius))


def subtract(body: Tag, tools: Sequence[Tag]) -> list[Tag]:
    """The body without the tools."""
    import gmsh

    return list(gmsh.model.occ.cut([body], list(tools))[0])


def fuse(pieces: Sequence[Tag], name: str) -> Tag:
    """All pieces as one solid.

    Raises:
        NumericalError: The union is not exactly one solid.
    """
    import gmsh

    merged = list(pieces) if len(pieces) == 1 else gmsh.model.occ.fuse([pieces[0]], list(pieces[1:]))[0]
    solids = [tag for tag in merged if tag[0] == 3]
    if len(solids) != 1:
        raise NumericalError(f"surgery: the pieces of {name} make {len(solids)} solids instead of one")
    return (solids[0][0], solids[0][1])


def volume(solid: Tag) -> float:
    """Volume of a solid [mm3]."""
    import gmsh

    return float(gmsh.model.occ.getMass(*solid))


def brep(solid: Tag, name: str) -> bytes:
    """BREP text of the only solid of the drawing.

    Raises:
        NumericalError: Something else is left in the drawing, or the solid has no volume.
    """
    import gmsh

    gmsh.model.occ.synchronize()
    solids = gmsh.model.getEntities(3)
    if solids != [solid] or not volume(solid) > 0.0:
        raise NumericalError(f"surgery: {name} is drawn as {len(solids)} solids instead of one")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "solid.brep"
        gmsh.write(str(path))
        return path.read_bytes()


def skin(size: float) -> Surface:
    """A triangulation of the drawing's outside, for distances.

    Args:
        size: Of its triangles [mm].
    """
    import gmsh

    gmsh.model.occ.synchronize()
    gmsh.option.setNumber("Mesh.MeshSizeMin", size)
    gmsh.option.setNumber("Mesh.MeshSizeMax", size)
    gmsh.model.mesh.generate(2)
    tags, nodes, _ = gmsh.model.mesh.getNodes()
    index = np.zeros(int(tags.max()) + 1, dtype=np.int64)
    index[tags] = np.arange(len(tags))
    pieces = []
    for _, face in gmsh.model.getEntities(2):
        rows = index[gmsh.model.mesh.getElementsByType(2, face)[1]].reshape(-1, 3)
        pieces.append(rows)
    gmsh.model.mesh.clear()
    return Surface(np.asarray(nodes, dtype=float).reshape(-1, 3), np.concatenate(pieces))
