"""What every reader of the findings has to know, by what the case asks; the report prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.case.schema import Case
from femsacrum.findings import bone_quality

ALWAYS = (
    "Research software, not a medical device: nothing here may be used to decide on a patient's treatment.",
    "Small strains, small sliding, linear elasticity; bone and implants do not yield, and nothing is preloaded, healed or "
    "held by ligaments but what the case says.",
    "Screws are embedded: the bone they run through is not drilled, so strain right beside a shaft is approximate.",
    "Peak stress at a re-entrant corner or where a screw enters another body grows as the mesh is refined; judge by "
    "the 99.9th percentile and compare plans on the same mesh.",
)

INSTANT = "A load case of one instant is one posture, applied once."
INSTANTS_ONLY = (
    f"{INSTANT} Nothing is walked: no fatigue, no settling or wandering of implants, and no course of healing."
)
MOVEMENT = (
    "A movement is a row of instants, each in equilibrium and solved without inertia of the construct; between them "
    "loads and friction go on, but bone does not yield, wear, creep or remodel from cycle to cycle."
)
NO_FATIGUE = "The case asks for no fatigue: what the movements do to the metal is not judged."
NO_HEALING = "The case asks for no course of healing: faces stay as they are on the first day."
HEALING = (
    "The course of healing is a rule followed month after month, not a prediction of a patient. Bladder, bowel and nerve "
    "function, wounds, infection and return of the tumour are not predicted."
)
NO_MUSCLES = "Axial load and standing have no muscles across the hips: hips are loaded less than in life."
ABDUCTORS = "Crutch stance has no muscles but the hip abductors."
MUSCLES = (
    "Muscles of the activities are straight lines between landmarks that share moments by a rule: those that work against "
    "each other in life are left out, and hips that carry little carry too little here."
)

#: Kinds of load that have no muscles of the set.
WITHOUT = ("axial", "standing", "crutch_stance", "series")

MARGIN_LIMIT = (
    "Margins are those of bone: soft tissue has no surface here, and its margin in front of the sacrum and behind it is not "
    "measured."
)

NERVE_LIMIT = (
    "Strain of nerves is predicted, their function is not: bladder, bowel, sexual and leg function follow from more than "
    "strain. Courses are estimated from landmarks; diameters of S2 to S4 and how far postures pull these roots are "
    "assumptions; what is known of strain is mostly from animals. Roots and grafts carry no load in the model."
)

SAWN_LIMIT = (
    "A cut beside the plan is a gap on its faces and nothing else: bones, implants and mesh are those of the plan. Where "
    "bone was left standing the implant is moved off that face until it touches first; that it is turned by it, or pushed "
    "against its other faces, is left out, and so is what a surgeon does about a gap."
)

SET_LIMIT = (
    "Ligaments of the set are straight, linear or of two slopes, and without slack between places estimated from landmarks, "
    "none of them digitised; the tables their stiffnesses are from do not say whether they mean a whole ligament. A facet "
    "joint is a spring at one place, whatever its real surfaces are like."
)


def limits(case: Case, image: Mapping[str, Any], margins: bool, nerves: bool = False) -> list[str]:
    """Everything that has to be said about a case.

    Args:
        case: What was asked.
        image: What ``bone_quality.from_image`` told.
        margins: Whether margins round a tumour were measured.
        nerves: Whether sacral roots are told.
    """
    moving = any(load.moves for load in case.loads)
    kinds = {load.kind for load in case.loads}
    muscled = any(load.muscles == "set" for load in case.loads if load.kind not in WITHOUT)
    said = [
        (not moving, INSTANTS_ONLY),
        (moving and any(not load.moves for load in case.loads), INSTANT),
        (moving, MOVEMENT),
        (moving and case.course.fatigue is None, NO_FATIGUE),
        (moving and case.course.healing is None, NO_HEALING),
        (case.course.healing is not None, HEALING),
        (bool(kinds & {"axial", "standing"}), NO_MUSCLES),
        ("crutch_stance" in kinds, ABDUCTORS),
        (muscled, MUSCLES),
    ]
    return [
        *ALWAYS,
        *(words for holds, words in said if holds),
        *bone_quality.limits(image),
        *([MARGIN_LIMIT] if margins else []),
        *([NERVE_LIMIT] if nerves else []),
        *([SAWN_LIMIT] if case.surgery.resection is not None and case.surgery.resection.sawn is not None else []),
        *([SET_LIMIT] if case.ligament_set != "none" else []),
    ]
