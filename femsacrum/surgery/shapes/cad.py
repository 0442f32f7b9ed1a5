"""The few solids that implants are made of, drawn with Gmsh's OpenCASCADE kernel and carried as BREP bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.errors import NumericalError
from femsacrum.surgery.shapes.frame import Frame, unit

Tag = tuple[int, int]
#: Spans of a spline arc.
ARC_SPANS = 6


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


def outline(points: Floats, joints: Sequence[int] | None = None) -> list[int]:
    """A smooth closed curve, as arcs that meet with one tangent.

    Arcs, because OpenCASCADE integrates volumes with too few points on one long spline (10 % off in a prism on a
    closed spline of 36 knots; 0.1 % on arcs of four spans).

    Args:
        points: Knots, shape (n, 3) [mm].
        joints: Indices of the knots where arcs meet; None: every fourth.

    Returns:
        Tags of the curves, in order.
    """
    import gmsh
    from scipy.interpolate import CubicSpline, make_interp_spline

    occ, number = gmsh.model.occ, len(points)
    closed = np.vstack([points, points[:1]])
    at = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    slope = CubicSpline(at, closed, bc_type="periodic")(at, 1)
    ends = list(range(0, number, ARC_SPANS) if joints is None else joints)
    corner = {i: occ.addPoint(*points[i]) for i in ends}
    curves = []
    for first, last in zip(ends, [*ends[1:], ends[0] + number], strict=True):
        span = np.arange(first, last + 1)
        where = at[span % number] + at[-1] * (span // number)
        bounds = ([(1, slope[first])], [(1, slope[last % number])])
        arc = make_interp_spline(where, points[span % number], k=3, bc_type=bounds)
        poles = [corner[first], *(occ.addPoint(*pole) for pole in arc.c[1:-1]), corner[last % number]]
        knots, multiplicities = np.unique(arc.t, return_counts=True)
        curves.append(occ.addBSpline(poles, degree=3, knots=knots, multiplicities=multiplicities))
    return curves


def prism(frame: Frame, knots: Floats, joints: Sequence[int], start: float, end: float) -> Tag:
    """A prism on a smooth outline.

    Args:
        frame: Its plane.
        knots: Of the closed spline that is the outline, (across, along), shape (n, 2) [mm].
        joints: Indices of the knots where its side faces meet.
        start: Depth of one end [mm].
        end: Depth of the other [mm].
    """
    import gmsh

    occ = gmsh.model.occ
    face = occ.addPlaneSurface([occ.addCurveLoop(outline(frame.space(knots, start), joints))])
    made = occ.extrude([(2, face)], *((end - start) * frame.normal))
    return next(tag for tag in made if tag[0] == 3)


def block(frame: Frame, low: Floats, high: Floats, start: float, end: float) -> Tag:
    """A box aligned with a frame.

    Args:
        frame: Its axes.
        low: Lower corner (across, along), shape (2,) [mm].
        high: Upper corner, shape (2,) [mm].
        start: Depth of one end [mm].
        end: Depth of the other [mm].
    """
    return slab(frame, np.array([low, [high[0], low[1]], high, [low[0], high[1]]]), start, end)


def slab(frame: Frame, corners: Floats, start: float, end: float) -> Tag:
    """A prism on a polygon.

    Args:
        frame: Its plane.
        corners: Of the polygon (across, along), in order, shape (n, 2) [mm].
        start: Depth of one end [mm].
        end: Depth of the other [mm].
    """
    import gmsh

    occ = gmsh.model.occ
    points = [occ.addPoint(*point) for point in frame.space(corners, start)]
    edges = [occ.addLine(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)]
    made = occ.extrude([(2, occ.addPlaneSurface([occ.addCurveLoop(edges)]))], *((end - start) * frame.normal))
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
        wires.append(occ.addWire(outline(section)))
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


def peg(centre: Floats, end: Floats, radius: float, wider: float) -> Tag:
    """A round tip on a shaft that widens, in one revolution: a ball fused to a cone meets it in one tangent circle.

    Args:
        centre: Of the tip's half ball, shape (3,) [mm].
        end: Middle of the shaft's other end, shape (3,) [mm].
        radius: Of the tip [mm].
        wider: Radius of the shaft's end [mm].
    """
    import gmsh

    occ, axis = gmsh.model.occ, unit(end - centre)
    aside = unit(np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))]))
    middle = occ.addPoint(*centre)
    pole, rim = occ.addPoint(*(centre - radius * axis)), occ.addPoint(*(centre + radius * aside))
    corner, top = occ.addPoint(*(end + wider * aside)), occ.addPoint(*end)
    sides = [occ.addCircleArc(pole, middle, rim), occ.addLine(rim, corner), occ.addLine(corner, top)]
    face = occ.addPlaneSurface([occ.addCurveLoop([*sides, occ.addLine(top, pole)])])
    made = occ.revolve([(2, face)], *centre, *axis, 2.0 * np.pi)
    occ.remove([(2, face), (0, middle)])  # what was turned stays in the drawing otherwise
    return next(tag for tag in made if tag[0] == 3)


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


def imported(content: bytes) -> Tag:
    """The solid of BREP text, in the drawing.

    Args:
        content: From ``brep``.
    """
    import gmsh

    with TemporaryDirectory() as folder:
        path = Path(folder) / "solid.brep"
        path.write_bytes(content)
        made = gmsh.model.occ.importShapes(str(path), highestDimOnly=True)
    return (int(made[0][0]), int(made[0][1]))


def cylinders() -> list[tuple[Floats, float]]:
    """Middle, shape (3,) [mm], and area [mm2] of every whole cylindrical face of the drawing."""
    import gmsh

    gmsh.model.occ.synchronize()
    faces = [tag for _, tag in gmsh.model.getEntities(2) if gmsh.model.getType(2, tag) == "Cylinder"]
    return [
        (np.array(gmsh.model.occ.getCenterOfMass(2, tag)), float(gmsh.model.occ.getMass(2, tag))) for tag in faces
    ]


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


def divided(solid: Tag, tools: Sequence[Tag], name: str) -> tuple[bytes, list[float]]:
    """The only solid of the drawing in parts that share faces: what each tool in turn holds of it, and the rest.

    Args:
        solid: The body.
        tools: They are used up.
        name: Of the body, for messages.

    Returns:
        BREP text; volume of what each tool holds and of the rest [mm3].

    Raises:
        NumericalError: The parts do not add up to the body.
    """
    import gmsh

    occ, whole = gmsh.model.occ, volume(solid)
    parts: list[Tag] = []
    rest, volumes = [solid], []
    for tool in tools:
        held = [tag for tag in occ.intersect(rest, [tool], removeObject=False, removeTool=False)[0] if tag[0] == 3]
        rest = list(occ.cut(rest, [tool])[0])
        parts += held
        volumes.append(sum(map(volume, held)))
    volumes.append(sum(map(volume, rest)))
    parts += rest
    if len(parts) > 1:
        occ.fragment(parts[:1], parts[1:])
    occ.synchronize()
    made = sum(volume((3, tag)) for _, tag in gmsh.model.getEntities(3))
    if not (np.isclose(made, whole, rtol=1e-3) and np.isclose(sum(volumes), whole, rtol=1e-3)):
        raise NumericalError(f"surgery: the parts of {name} do not add up to it")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "parts.brep"
        gmsh.write(str(path))
        return path.read_bytes(), volumes


def shortest_edge() -> float:
    """Length of the shortest edge in the drawing [mm]."""
    import gmsh

    gmsh.model.occ.synchronize()
    return min(float(gmsh.model.occ.getMass(*edge)) for edge in gmsh.model.getEntities(1))
