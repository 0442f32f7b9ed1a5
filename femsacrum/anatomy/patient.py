"""Bones from files: the reference laid over them brings the landmarks, and lends what the files lack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.facing import misfit
from femsacrum.anatomy.given import given_parts
from femsacrum.anatomy.grid import mirrored
from femsacrum.anatomy.joints import disc_between, sacroiliac, symphysis
from femsacrum.anatomy.lower_sacrum import completed
from femsacrum.anatomy.measures import measures
from femsacrum.anatomy.model import PARTS, Anatomy, Floats, Surface
from femsacrum.anatomy.parting import parted
from femsacrum.anatomy.placing import centre_of, endplate_of, origins, placed
from femsacrum.anatomy.proportions import shape
from femsacrum.anatomy.reference import limbs, reference
from femsacrum.anatomy.registration import Affine, Fitted, Laid, boxes_matched, moved, register
from femsacrum.anatomy.soft import Endplate, Limb
from femsacrum.anatomy.tumour import assert_near
from femsacrum.case.names import TUMOUR
from femsacrum.errors import InputError

if TYPE_CHECKING:
    from femsacrum.case.schema import AnatomyOptions

BONES = ("left_ilium", "right_ilium", "sacrum", "L5", "L4")


@dataclass(frozen=True)
class _Flipped:
    """How a mirrored bone carries points of the reference: to the other side, over the bone there is, and back."""

    carry: Callable[[Floats], Floats]
    flip: Affine

    def __call__(self, points: Floats) -> Floats:
        return self.flip(self.carry(np.asarray(points) * np.array([-1.0, 1.0, 1.0])))


def from_files(options: AnatomyOptions, folder: Path, data: Sequence[Path] = ()) -> Anatomy:
    """The anatomy of a case that names surface files, a label map or both.

    Args:
        options: Of the case.
        folder: The case file's folder.
        data: Data folders.

    Raises:
        InputError: A file cannot be used, or does not hold what it should.
    """
    read = given_parts(options, folder, data)
    given, origin = read.surfaces, read.origin
    base = reference(options)
    laid, whole = laid_over(base, {name: given[name] for name in BONES if name in given}, read.frames, read.keys)
    lent = _borrow(base, laid, whole, origin) if read.borrow else set()
    bones, remarks = parted({name: laid[name].surface for name in BONES if name in laid}, set(laid) - set(given))
    for name, remark in remarks.items():
        origin[name] += f"; {remark}"
    laid = {name: Laid(laid[name].place, laid[name].carry, bone) for name, bone in bones.items()}
    landmarks, plates, radii = placed(options, base, laid, whole)
    directions = {name: plate.normal for name, plate in plates.items()}
    parts = {**bones, **{name: surface for name, surface in given.items() if name not in BONES}}
    if read.borrow:
        for name, surface in _soft(options, laid, plates, set(PARTS) - set(parts)).items():
            parts[name] = surface
            origin[name] = "generated between the bones beside it"
    parts = {name: parts[name] for name in PARTS if name in parts}
    tumour = given.get(TUMOUR)
    if tumour is not None:
        assert_near(tumour, bones, read.keys[TUMOUR])
    return Anatomy(
        parts=parts,
        landmarks=landmarks,
        directions=directions,
        acetabular_radius=float(np.mean(radii)) if radii else base.acetabular_radius,
        cortical_thickness=options.cortical_thickness,
        origin={name: origin[name] for name in (*parts, TUMOUR) if name in origin},
        measures=measures(landmarks, directions, parts),
        landmark_origin=origins(landmarks, given),
        fidelity=read.fidelity,
        own=tuple(name for name in BONES if name in given and name not in lent),
        tumour=tumour,
    )


def laid_over(
    base: Anatomy, given: Mapping[str, Surface], frames: Mapping[str, str], keys: Mapping[str, str]
) -> tuple[dict[str, Laid], Affine]:
    """The reference laid over every bone that is given: pelvic bones together first, then each by itself.

    Args:
        base: The reference.
        given: The bones, LPS [mm].
        frames: Frame each was in, for messages.
        keys: Key of the case that gives each, for messages.

    Returns:
        Each bone, and the similarity of the pelvis (of the vertebra, where no pelvic bone is given).

    Raises:
        InputError: A bone does not look like one, or not in this frame.
    """
    pelvic = [name for name in ("left_ilium", "right_ilium") if name in given] or [n for n in given if n == "sacrum"]
    if len(pelvic) == 1 and "sacrum" in given:
        pelvic = [*dict.fromkeys([*pelvic, "sacrum"])]
    whole = _registered(base, given, pelvic, None) if pelvic else None
    out = {}
    for name, bone in given.items():
        start = whole if name not in ("L5", "L4") else None
        place = _registered(base, given, [name], start)
        fitted = Fitted(base.parts[name], bone, register([base.parts[name]], [bone], place, affine=True))
        problem = misfit(base.parts[name], bone, place, frames[name])
        if problem:
            raise InputError(keys[name], problem)
        out[name] = Laid(place, fitted, bone)
    return out, whole or next(iter(out.values())).place


def _registered(base: Anatomy, given: Mapping[str, Surface], names: list[str], start: Affine | None) -> Affine:
    from_here, to_there = [base.parts[name] for name in names], [given[name] for name in names]
    return register(from_here, to_there, start or boxes_matched(from_here, to_there), affine=False)


def _borrow(base: Anatomy, laid: dict[str, Laid], whole: Affine, origin: dict[str, str]) -> set[str]:
    """Add what is not given: a hip as the other's mirror image, other bones and a sacrum's end from the reference.

    Returns:
        Bones of which the whole or a part was added.
    """
    given, lent = set(laid), set()
    if "sacrum" in given:
        laid["sacrum"], said = completed(base, laid["sacrum"])
        if said:
            origin["sacrum"] += f"; {said}"
            lent.add("sacrum")
    for name, other in (("left_ilium", "right_ilium"), ("right_ilium", "left_ilium")):
        if name not in laid and other in laid:
            flip = _mirror(laid["sacrum"].place if "sacrum" in laid else whole)
            surface = Surface(flip(laid[other].surface.points), mirrored(laid[other].surface).triangles)
            laid[name] = Laid(laid[other].place, _Flipped(laid[other].carry, flip), surface)
            origin[name] = f"mirror image of {other}"
    for name in ("left_ilium", "right_ilium", "sacrum"):
        if name not in laid:
            laid[name] = Laid(whole, whole, moved(base.parts[name], whole))
            origin[name] = f"{base.origin[name]}, scaled {whole.scale():.3f}, placed by the bones given"
    for name, below, which in (("L5", "sacrum", "S1_endplate"), ("L4", "L5", "L5_upper")):
        if name not in laid:
            above = name == "L5" and "L4" in given and "sacrum" not in given
            place = laid["L4"].place if above else _on_endplate(base, laid[below], which)
            laid[name] = Laid(place, place, moved(base.parts[name], place))
            origin[name] = f"{base.origin[name]}, scaled {place.scale():.3f}, placed on {'L4' if above else below}"
    return lent | (set(laid) - given)


def _mirror(place: Affine) -> Affine:
    """Reflection in the patient's midsagittal plane, which is the reference's plane x = 0 carried over."""
    normal = place.matrix[:, 0] / np.linalg.norm(place.matrix[:, 0])
    return Affine(np.eye(3) - 2.0 * np.outer(normal, normal), 2.0 * (place.shift @ normal) * normal)


def _on_endplate(base: Anatomy, below: Laid, which: str) -> Affine:
    """The similarity of the bone below, turned and shifted so that the reference's endplate lies on the real one."""
    real = endplate_of(base, below, which)
    here = below.place(centre_of(base, which))
    turned = below.place.normals(base.directions[which])
    left = below.place.matrix[:, 0] / np.linalg.norm(below.place.matrix[:, 0])
    normal = real.normal - (real.normal @ left) * left  # a borrowed spine leans forwards or backwards, not aside
    normal /= np.linalg.norm(normal)
    axis, cosine = np.cross(turned, normal), float(turned @ normal)
    cross = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
    turn = np.eye(3) + cross + cross @ cross / (1.0 + cosine)
    return Affine(turn @ below.place.matrix, turn @ (below.place.shift - here) + real.centre)


def _soft(
    options: AnatomyOptions, laid: Mapping[str, Laid], plates: Mapping[str, Endplate], wanted: set[str]
) -> dict[str, Surface]:
    """Cartilage and discs that are not given, between the bones there are."""
    out: dict[str, Surface] = {}
    form = shape(options)
    if "symphysis" in wanted and {"left_ilium", "right_ilium"} <= set(laid):
        middle = form.points["symph_mid"][None]
        middle = 0.5 * (laid["left_ilium"].carry(middle) + laid["right_ilium"].carry(middle))[0]
        out["symphysis"] = symphysis(laid["left_ilium"].surface, laid["right_ilium"].surface, middle)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if f"{side}_sij" in wanted and {f"{side}_ilium", "sacrum"} <= set(laid):
            sacrum, scale = laid["sacrum"], laid["sacrum"].place.scale()
            outline = [
                Limb.between(sacrum.carry(form.warp(ends) * [sign, 1.0, 1.0]), (scale * radius[0], scale * radius[1]))
                for ends, radius in limbs()
            ]
            out[f"{side}_sij"] = sacroiliac(laid[f"{side}_ilium"].surface, sacrum.surface, outline, f"{side}_sij")
    for name, below, floor, above, top in (
        ("disc_L5S1", "sacrum", "S1_endplate", "L5", "L5_lower"),
        ("disc_L4L5", "L5", "L5_upper", "L4", "L4_lower"),
    ):
        if name in wanted and {below, above} <= set(laid):
            ceiling = plates[top]
            width = plates[floor].half_width or ceiling.half_width  # the sacrum's endplate has no sides of its own
            lower = Endplate(plates[floor].centre, plates[floor].normal, plates[floor].half_depth, width)
            upper = Endplate(ceiling.centre, -ceiling.normal, ceiling.half_depth, ceiling.half_width)
            out[name] = disc_between(lower, upper, laid[below].surface, laid[above].surface, name)
    return out
