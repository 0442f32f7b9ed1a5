"""What a cut beside the planned one does to the faces that were made for the plan.

Geometry and mesh stay those of the plan; only the gap is known to the mechanics. A prosthesis that was to lie on bone that
was left standing does not reach its seat: it is pressed on until it touches first. Each cut is dealt with by itself: that a
prosthesis held off one bone is pushed towards the others, or turned, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from femsacrum.anatomy.model import Floats, Plane, Surface
from femsacrum.case.sawn import Sawn
from femsacrum.case.schema import Case
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Construct, Contact, Opening
from femsacrum.surgery.cuts.planes import FACING
from femsacrum.surgery.implants.fit import Fit
from femsacrum.surgery.shapes.outline import cut_triangles

#: A direction must lie at least this much in the plane to say to which side a gap opens, sine of its angle to the normal.
LEAST_SINE = 0.3


def as_planned(case: Case) -> Case:
    """The same case with every cut as planned: geometry and mesh depend on nothing else."""
    plan = case.surgery
    if plan.resection is None or plan.resection.sawn is None:
        return case
    resection = plan.resection.model_copy(update={"sawn": None})
    return case.model_copy(update={"surgery": plan.model_copy(update={"resection": resection})})


def as_sawn(case: Case, planned: Construct) -> Construct:
    """The same construct on cuts that deviate: what lies on them has an opening.

    Args:
        case: With ``surgery.resection.sawn``.
        planned: Of the same case as planned.

    Raises:
        InputError: Nothing lies on a cut that is said to deviate, or the side it opens to is none of its face.
    """
    contacts = planned.contacts
    said = case.surgery.resection.sawn if case.surgery.resection is not None else None
    for bone in type(said).model_fields if said is not None else ():
        sawn: Sawn | None = getattr(said, bone)
        if sawn is None:
            continue
        key = f"surgery.resection.sawn.{bone}"
        faces = [each for each in contacts if on_cut(each, bone)]
        if not faces:
            raise InputError(key, "no implant or graft lies on that cut: leave it out")
        deviation = _deviation(sawn, planned.planes[bone], middle_of(planned.surfaces[bone]), key)
        opening = seated(deviation, held(planned.fits, faces))
        contacts = tuple(replace(each, opening=opening) if each in faces else each for each in contacts)
    return replace(planned, contacts=contacts)


def on_cut(contact: Contact, bone: str) -> bool:
    """Whether a contact lies on the cut face of a bone."""
    return contact.master == (bone, "cut") and contact.kind == "surface"


def held(fits: Mapping[str, Fit], faces: list[Contact]) -> Floats:
    """Points of the planned face of a cut that an implant or graft lies on, shape (n, 3) [mm]."""
    places = []
    for each in faces:
        found = fits.get(each.name)
        if found is not None:
            rows, columns = np.nonzero(np.isfinite(found.gap))
            places.append(found.frame.space(np.column_stack([found.across[columns], found.along[rows]])))
    return np.vstack(places) if places else np.zeros((0, 3))


def seated(opening: Opening, points: Floats) -> Opening:
    """The opening once what lies on the face is pressed on until it touches first.

    Args:
        opening: Of the face as it was sawn.
        points: Of the face, shape (n, 3) [mm]; none: those of its middle alone.
    """
    least = float(opening.signed(points if len(points) else np.array([opening.middle])).min())
    return replace(opening, offset=opening.offset - min(0.0, least))


def middle_of(bone: Surface) -> Floats:
    """Middle of the area of the flat face "cut", shape (3,) [mm]."""
    corners = bone.points[bone.triangles[cut_triangles(bone)]]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    return np.asarray(area @ corners.mean(axis=1) / area.sum())


def _deviation(sawn: Sawn, plane: Plane, middle: Floats, key: str) -> Opening:
    """The opening of a cut before anything is pressed on it."""
    slope = np.zeros(3)
    if sawn.opens is not None:
        towards = np.array(FACING[sawn.opens])
        inside = towards - (towards @ plane.normal) * plane.normal
        if np.linalg.norm(inside) < LEAST_SINE:
            raise InputError(
                f"{key}.opens", f'"{sawn.opens}" runs along the normal of that cut: name a side of its face'
            )
        slope = np.tan(np.radians(sawn.tilt)) * inside / np.linalg.norm(inside)
    x, y, z = (float(each) for each in middle)
    a, b, c = (float(each) for each in slope)
    return Opening((x, y, z), sawn.offset, (a, b, c))
