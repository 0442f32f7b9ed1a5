"""Regions of bone that a force or a support takes hold of, found on the mesh from landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.anatomy.surfaces import face_normals
from femsacrum.errors import InputError, NumericalError
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.sources.tables import constant
from femsacrum.surgery.shapes.outline import cut_triangles

#: An endplate facet lies this close to the endplate's plane [mm] and leans at most this much from it [deg].
ENDPLATE_BAND, ENDPLATE_LEAN = 4.0, 30.0
#: Body -> landmark in the middle of its upper endplate.
ENDPLATES = {"L4": "L4_upper", "L5": "L5_upper", "sacrum": "S1_endplate"}
#: The cup reaches to this multiple of the acetabular radius; a facet faces the centre within this angle [deg].
CUP_REACH, CUP_LEAN = 1.1, 60.0
#: A loaded cup facet faces the force within this angle [deg]: the roof, not the floor, carries weight.
ROOF_LEAN = 75.0
#: Facets of the lateral wing lean at most this much from lateral [deg].
WING_LEAN = 70.0
#: How far back along the crest its top lies in the reference, as a share of the way from ASIS to PSIS.
CREST = 0.64


@dataclass(frozen=True)
class Patch:
    """Facets of one body.

    Attributes:
        body: Body name.
        facets: Corner nodes, shape (k, 3).
        area: Sum of the facets' areas [mm2].
        centroid: Area centroid, shape (3,) [mm].
    """

    body: str
    facets: Ints
    area: float
    centroid: Floats


def facet_geometry(mesh: BodyMesh) -> tuple[Floats, Floats, Floats]:
    """Centroid (k, 3) [mm], unit outward normal (k, 3) and area (k,) [mm2] of every boundary facet."""
    a, b, c = (mesh.nodes[mesh.facets[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1)
    return (a + b + c) / 3.0, normal / np.where(length > 0.0, length, 1.0)[:, None], 0.5 * length


def upper_endplate(assembly: Assembly, body: str = "L4") -> Patch:
    """Upper endplate of L4, where the trunk rests, of L5, or of the sacrum.

    Args:
        assembly: Meshed bodies.
        body: One of ``ENDPLATES``.

    Raises:
        InputError: The anatomy lacks the body or the landmark in the middle of its endplate.
        NumericalError: No facet lies there.
    """
    mesh, centre = _body(assembly, body), landmark(assembly, ENDPLATES[body])
    up = unit(assembly.construct.anatomy.directions[ENDPLATES[body]])
    position, normal, area = facet_geometry(mesh)
    away = position - centre
    height = away @ up
    inside = (
        (normal @ up > np.cos(np.radians(ENDPLATE_LEAN)))
        & (np.abs(height) < ENDPLATE_BAND)
        & (np.linalg.norm(away - np.outer(height, up), axis=1) < constant("loads", "endplate_radius").value)
    )
    return _patch(mesh, inside, position, area, f"the upper endplate of {body}", centre)


def tuberosity(assembly: Assembly, side: str) -> Patch:
    """Facets round the ischial tuberosity, as a cup of resin takes hold of it.

    Raises:
        InputError: The ilium or the landmark is missing.
        NumericalError: No facet lies there.
    """
    mesh, centre = _body(assembly, f"{side}_ilium"), landmark(assembly, f"{side}_isch_tub")
    position, _, area = facet_geometry(mesh)
    inside = np.linalg.norm(position - centre, axis=1) < constant("loads", "tuberosity_radius").value
    return _patch(mesh, inside, position, area, f"the {side} ischial tuberosity", centre)


def away_from_joint(assembly: Assembly, side: str) -> Patch:
    """Facets of an ilium that a clamp may hold without touching its sacroiliac joint.

    Raises:
        InputError: The ilium or the joint is missing.
        NumericalError: No facet lies there.
    """
    mesh, joint = _body(assembly, f"{side}_ilium"), _body(assembly, f"{side}_sij")
    position, _, area = facet_geometry(mesh)
    inside = KDTree(joint.nodes).query(position)[0] > constant("loads", "clamp_clearance").value
    return _patch(mesh, inside, position, area, f"the {side} ilium away from its joint", mesh.nodes.mean(axis=0))


def acetabulum(assembly: Assembly, side: str, push: Floats | None = None) -> Patch:
    """Facets of the acetabulum that face the hip centre.

    Args:
        assembly: Meshed bodies.
        side: "left" or "right".
        push: Force of the femur on the pelvis, shape (3,): only facets it presses on are kept. None: the whole cup.

    Raises:
        InputError: The ilium or its hip centre is missing.
        NumericalError: No facet lies there.
    """
    mesh, centre = _body(assembly, f"{side}_ilium"), landmark(assembly, f"{side}_hip_centre")
    position, normal, area = facet_geometry(mesh)
    inward = centre - position
    distance = np.linalg.norm(inward, axis=1)
    inside = distance < CUP_REACH * assembly.construct.anatomy.acetabular_radius
    inside &= np.einsum("ij,ij->i", normal, inward) > np.cos(np.radians(CUP_LEAN)) * distance
    if push is not None:
        inside &= -(normal @ unit(push)) > np.cos(np.radians(ROOF_LEAN))
    return _patch(mesh, inside, position, area, f"the {side} acetabulum", centre)


def abductor_origin(assembly: Assembly, side: str) -> Patch:
    """Origin of gluteus medius and minimus on the outer face of the iliac wing that is left after surgery.

    Its middle, seen from the side, is (2 ASIS + 2 crest + hip centre) / 5: above the hip, half way up the wing. That is
    an estimate, not a digitised origin. "Crest" is as high as the top of the crest, CREST of the way from ASIS to PSIS,
    since the highest point of a flat crest may lie anywhere along it.

    Raises:
        InputError: The ilium or a landmark is missing.
        NumericalError: The resection took the region away.
    """
    mesh = _body(assembly, f"{side}_ilium")
    position, normal, area = facet_geometry(mesh)
    inside, middle = _on_wing(assembly, side, position, normal)
    inside &= mesh.facet_face == mesh.face_names.index("surface")
    return _patch(mesh, inside, position, area, f"the {side} abductors' origin", middle)


def abductor_origin_left(assembly: Assembly, side: str) -> float | None:
    """Share of the area of the abductors' origin that the operation leaves; None where the intact bone is not known.

    Raises:
        InputError: A landmark is missing.
    """
    construct, name = assembly.construct, f"{side}_ilium"
    if name not in construct.anatomy.parts or name not in construct.surfaces:
        return None
    areas = []
    for surface in (construct.surfaces[name], construct.anatomy.parts[name]):
        corners = surface.points[surface.triangles]
        normal, area = face_normals(surface)
        inside, _ = _on_wing(assembly, side, corners.mean(axis=1), normal)
        if "cut" in surface.flat_faces:
            inside &= ~cut_triangles(surface)
        areas.append(float(area[inside].sum()))
    # a torn bone is wrapped before it is cut, which may add a little to its area
    return min(areas[0] / areas[1], 1.0) if areas[1] > 0.0 else None


def _on_wing(assembly: Assembly, side: str, position: Floats, normal: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Which facets of an ilium are in the abductors' origin, and its middle."""
    hip = landmark(assembly, f"{side}_hip_centre")
    front, back, top = (landmark(assembly, f"{side}_{name}") for name in ("ASIS", "PSIS", "crest_top"))
    crest = front + CREST * (back - front)
    crest[2] = top[2]
    middle = (2.0 * front + 2.0 * crest + hip) / 5.0
    lateral = outward(assembly, side)
    away = position - middle
    away -= np.outer(away @ lateral, lateral)
    radius = constant("loads", "abductor_origin_radius").value
    inside = (np.linalg.norm(away, axis=1) < radius) & (normal @ lateral > np.cos(np.radians(WING_LEAN)))
    inside &= position[:, 2] > hip[2] + 1.4 * assembly.construct.anatomy.acetabular_radius
    return inside, middle


def whole_surface(assembly: Assembly, body: str) -> Patch:
    """Every facet of a body that is not a named face."""
    mesh = _body(assembly, body)
    position, _, area = facet_geometry(mesh)
    inside = mesh.facet_face == mesh.face_names.index("surface")
    return _patch(mesh, inside, position, area, f"the surface of {body}", mesh.nodes.mean(axis=0))


def outward(assembly: Assembly, side: str) -> Floats:
    """Unit vector along the hip axis that points away from the midline on the given side, shape (3,)."""
    other = "right" if side == "left" else "left"
    return unit(landmark(assembly, f"{side}_hip_centre") - landmark(assembly, f"{other}_hip_centre"))


def _patch(mesh: BodyMesh, inside: np.ndarray, position: Floats, area: Floats, what: str, near: Floats) -> Patch:
    if not inside.any():
        x, y, z = near
        raise NumericalError(f'body "{mesh.name}" has no facet on {what} near ({x:.1f}, {y:.1f}, {z:.1f}) mm')
    total = float(area[inside].sum())
    return Patch(mesh.name, mesh.facets[inside, :3], total, area[inside] @ position[inside] / total)


def _body(assembly: Assembly, name: str) -> BodyMesh:
    if name not in assembly.bodies:
        raise InputError("loads", f'need the body "{name}"; the plan leaves {", ".join(assembly.bodies)}')
    return assembly.bodies[name]


def landmark(assembly: Assembly, name: str) -> Floats:
    """A landmark's position, shape (3,) [mm]; InputError where the anatomy does not have it."""
    landmarks = assembly.construct.anatomy.landmarks
    if name not in landmarks:
        raise InputError("loads", f'need the landmark "{name}", which this anatomy does not have')
    return np.asarray(landmarks[name], dtype=float)


def unit(vector: Floats) -> Floats:
    """The vector over its length."""
    return np.asarray(vector, dtype=float) / np.linalg.norm(vector)
