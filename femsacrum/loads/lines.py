"""Muscles from the pelvis to the femur on this pelvis: where they pull, how strong what is left of them is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femsacrum.anatomy.model import Floats
from femsacrum.anatomy.surfaces import face_normals
from femsacrum.loads.loadcase import Applied
from femsacrum.loads.patches import Patch, facet_geometry, landmark, outward, unit
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import table
from femsacrum.surgery.shapes.outline import cut_triangles

#: A muscle of whose origin less is left than this share is gone.
LEAST_ORIGIN = 0.02
#: Facets about the point where a muscle turns round the bone [mm].
TURN_RADIUS = 12.0
#: Facets of the outer (inner) face of the wing look outward (inward) at least this much, as a cosine.
FACING = 0.2


@dataclass(frozen=True)
class Axes:
    """Directions of a pelvis, unit vectors of shape (3,), and the middle between its hip centres [mm]."""

    forward: Floats
    left: Floats
    up: Floats
    middle: Floats


@dataclass(frozen=True)
class Hold:
    """Where a muscle takes hold of bone.

    Attributes:
        point: The force acts here, shape (3,) [mm].
        patch: Facets it is spread over.
    """

    point: Floats
    patch: Patch


@dataclass(frozen=True)
class Line:
    """One muscle of one side.

    Attributes:
        name: "left gluteus medius, front part".
        section: Cross-section of what is left of it [mm2].
        left: Share of the origin's area that the operation leaves.
        holds: Origin, and where it turns round the pelvis, if it does.
        insertion: From the hip centre with the hip in neutral, (forward, up) [mm].
        beside: The same, outward [mm].
    """

    name: str
    section: float
    left: float
    holds: tuple[Hold, ...]
    insertion: tuple[float, float]
    beside: float


def axes(assembly: Assembly) -> Axes:
    """Directions from the hip centres; up is across the line that joins them."""
    left, right = (landmark(assembly, f"{side}_hip_centre") for side in ("left", "right"))
    lateral = unit(left - right)
    up = unit(np.array([0.0, 0.0, 1.0]) - lateral[2] * lateral)
    return Axes(np.cross(lateral, up), lateral, up, 0.5 * (left + right))


def hip_lines(assembly: Assembly, side: str) -> tuple[Line, ...]:
    """Every hip muscle of a side that the operation leaves.

    Published origins are brought onto the pelvis by a similarity in the sagittal plane that keeps the hip centre and
    fits ASIS and pubic tubercle, and a scale from side to side that fits the distance of the hips; an origin is then
    the bone nearest to it.

    Raises:
        InputError: A landmark is missing.
    """
    fit = Fit(assembly, side)
    found = (_line(assembly, side, fit, entry) for entry in table("muscles")["hip"])
    return tuple(line for line in found if line is not None)


def path(line: Line, side: str, assembly: Assembly, flexion: float) -> list[Floats]:
    """Points of a muscle from its origin to the femur, each of shape (3,) [mm].

    Args:
        line: The muscle.
        side: "left" or "right".
        assembly: Meshed bodies.
        flexion: Of the hip [deg].
    """
    frame, angle = axes(assembly), np.radians(flexion)
    ahead, above = line.insertion
    turned = (
        ahead * np.cos(angle) - above * np.sin(angle),
        ahead * np.sin(angle) + above * np.cos(angle),
    )
    end = landmark(assembly, f"{side}_hip_centre") + turned[0] * frame.forward + turned[1] * frame.up
    return [*(hold.point for hold in line.holds), end + line.beside * outward(assembly, side)]


def pulls(line: Line, force: float, points: Sequence[Floats], source: str) -> list[Applied]:
    """A muscle's force on the pelvis: at its origin, and where it turns round the bone.

    Args:
        line: The muscle.
        force: Its size [N].
        points: From the origin to the femur, each of shape (3,) [mm].
        source: Where the force comes from.
    """
    along = [unit(b - a) for a, b in pairwise(points)]
    vectors = [force * along[0], *(force * (after - before) for before, after in pairwise(along))]
    names = [line.name] + [f"{line.name}, where it turns"] * (len(vectors) - 1)
    return [
        Applied(name, hold.patch.body, hold.patch.facets, vector, np.zeros(3), hold.point, source)
        for name, hold, vector in zip(names, line.holds, vectors, strict=True)
    ]


class Fit:
    """From the published specimen to one side of a pelvis; points are forward, up and outward of the hip centre."""

    def __init__(self, assembly: Assembly, side: str) -> None:
        frame, specimen = axes(assembly), table("muscles")["frame"]
        hip = landmark(assembly, f"{side}_hip_centre")
        given, wanted = [], []
        for name in ("ASIS", "pubic_tub"):
            away = landmark(assembly, f"{side}_{name}") - hip
            given.append(complex(*specimen[name]))
            wanted.append(complex(float(away @ frame.forward), float(away @ frame.up)))
        z, w = np.array(given), np.array(wanted)
        self.turn = complex(np.vdot(z, w) / np.vdot(z, z))
        self.beside = float(np.linalg.norm(hip - frame.middle)) / specimen["hip_half_spacing"]
        #: The femur, which is not modelled, is larger or smaller as the pelvis is by volume.
        self.femur = (abs(self.turn) ** 2 * self.beside) ** (1.0 / 3.0)
        self.frame, self.hip, self.outward = frame, hip, outward(assembly, side)

    def __call__(self, point: Any) -> Floats:
        """A point of the specimen's pelvis on this one, shape (3,) [mm]."""
        here = self.turn * complex(point[0], point[1])
        sideways = self.beside * point[2] * self.outward
        return self.hip + here.real * self.frame.forward + here.imag * self.frame.up + sideways


def _line(assembly: Assembly, side: str, fit: Fit, entry: Mapping[str, Any]) -> Line | None:
    bone = f"{side}_ilium" if entry["bone"] == "ilium" else entry["bone"]
    if bone not in assembly.bodies:
        return None
    away = fit.outward if entry["face"] == "outer" else -fit.outward if entry["face"] == "inner" else None
    origin, left = _origin(assembly, bone, fit(entry["origin"]), entry["radius"], away)
    if origin is None or left < LEAST_ORIGIN:
        return None
    holds = [Hold(origin.centroid, origin)]
    if "turn" in entry:
        turn = fit(entry["turn"])
        holds.append(Hold(turn, _near(assembly, f"{side}_ilium", turn, TURN_RADIUS)))
    size, end = fit.femur, entry["insertion"]
    section = 100.0 * entry["section"] * left
    return Line(f"{side} {entry['name']}", section, left, tuple(holds), (size * end[0], size * end[1]), size * end[2])


def _origin(
    assembly: Assembly, bone: str, point: Floats, radius: float, away: Floats | None
) -> tuple[Patch | None, float]:
    """Facets of an origin on the mesh, and the share of its area that the operation leaves."""
    construct, left = assembly.construct, 1.0
    if bone in construct.anatomy.parts and bone in construct.surfaces:
        whole, rest = construct.anatomy.parts[bone], construct.surfaces[bone]
        position, (normal, area) = whole.points[whole.triangles].mean(axis=1), face_normals(whole)
        middle = _nearest(position, normal, point, away)
        before = area[_within(position, normal, middle, radius, away)].sum()
        position, (normal, area) = rest.points[rest.triangles].mean(axis=1), face_normals(rest)
        inside = _within(position, normal, middle, radius, away)
        if "cut" in rest.flat_faces:
            inside &= ~cut_triangles(rest)
        left = min(float(area[inside].sum() / before), 1.0) if before > 0.0 else 1.0
    else:
        position, normal, _ = _surface(assembly, bone)
        middle = _nearest(position, normal, point, away)
    if left < LEAST_ORIGIN:
        return None, left
    position, normal, area = _surface(assembly, bone)
    inside = _within(position, normal, middle, radius, away)
    if not inside.any():  # facets larger than the origin: the nearest one
        inside = np.arange(len(area)) == np.linalg.norm(position - middle, axis=1).argmin()
    return _patch(assembly, bone, inside, position, area), left


def _near(assembly: Assembly, bone: str, point: Floats, radius: float) -> Patch:
    """Facets within a radius of the one nearest to a point."""
    position, normal, area = _surface(assembly, bone)
    inside = _within(position, normal, _nearest(position, normal, point, None), radius, None)
    return _patch(assembly, bone, inside, position, area)


def near_landmark(assembly: Assembly, side: str, name: str) -> Patch:
    """Facets of an ilium about the bone nearest to one of its landmarks."""
    return _near(assembly, f"{side}_ilium", landmark(assembly, f"{side}_{name}"), TURN_RADIUS)


def origin_at(assembly: Assembly, side: str, at: Mapping[str, float]) -> tuple[Patch | None, float]:
    """Facets of an ilium about the bone that was nearest to a weighted mean of its landmarks before the operation.

    Returns:
        The facets, None where the operation took them; the share of their area that it leaves.
    """
    where = np.sum([weight * landmark(assembly, f"{side}_{name}") for name, weight in at.items()], axis=0)
    return _origin(assembly, f"{side}_ilium", where, TURN_RADIUS, None)


def _surface(assembly: Assembly, bone: str) -> tuple[Floats, Floats, Floats]:
    """Centroid, normal and area of every facet; those of cuts and contacts have no area and lie nowhere near."""
    mesh = assembly.bodies[bone]
    position, normal, area = facet_geometry(mesh)
    own = mesh.facet_face == mesh.face_names.index("surface")
    return np.where(own[:, None], position, np.inf), normal, np.where(own, area, 0.0)


def _nearest(position: Floats, normal: Floats, point: Floats, away: Floats | None) -> Floats:
    distance = np.linalg.norm(position - point, axis=1)
    if away is not None and (normal @ away > FACING).any():
        distance = np.where(normal @ away > FACING, distance, np.inf)
    return np.asarray(position[distance.argmin()])


def _within(
    position: Floats, normal: Floats, middle: Floats, radius: float, away: Floats | None
) -> NDArray[np.bool_]:
    inside = np.linalg.norm(position - middle, axis=1) <= radius
    return inside if away is None else inside & (normal @ away > FACING)


def _patch(assembly: Assembly, bone: str, inside: NDArray[np.bool_], position: Floats, area: Floats) -> Patch:
    total = float(area[inside].sum())
    return Patch(bone, assembly.bodies[bone].facets[inside, :3], total, area[inside] @ position[inside] / total)
