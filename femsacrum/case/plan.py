"""Rules about the plan: which tables and cuts it reads, and what says where a cut is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from femsacrum.case.fixation import fixation_problems
from femsacrum.case.names import (
    CUT_PLACES,
    CUT_TURNS,
    LANDMARKS,
    PARTS,
    PLAN_KEYS,
    RESECTION_KEYS,
    RESECTION_NEEDS,
    TUMOUR,
    did_you_mean,
)
from femsacrum.case.rules import Location, Problem, Raw, at
from femsacrum.case.sawn import SawnCuts

CUTS = ("left_ilium", "right_ilium", "sacrum")
#: Keys of an ellipsoid that stands for the tumour, beside its half-axes.
ELLIPSOID = ("landmark", "point", "offset", *CUT_TURNS)
#: Where the tumour may stand among the bones.
GIVEN = (("anatomy", "surfaces", "files"), ("anatomy", "labels", "parts"))
#: What a missing cut is.
CUT_NAMES = {
    "left_ilium": "the cut through the left ilium",
    "sacrum": "the cut through the sacrum",
    "side": "the side",
}


def plan_problems(data: Raw) -> Iterator[Problem]:
    """Every broken rule about ``surgery``.

    Args:
        data: Content of the case file, current schema version.

    Yields:
        Where, and what is wrong.
    """
    plan = at(data, "surgery", "plan")
    if isinstance(plan, str) and plan in PLAN_KEYS:
        yield from _tables(data, plan)
        yield from _cuts(data, plan)
        yield from _parts(data, plan)
    for name in CUTS:
        yield from _cut_plane(data, name)
    if plan == "intact" and at(data, "course", "accuracy") is not None:
        yield ("course", "accuracy"), 'plan "intact" makes no cut: leave it out'
    for name in SawnCuts.model_fields:
        yield from _sawn(data, name)
    yield from _tumour(data)


def _tables(data: Raw, plan: str) -> Iterator[Problem]:
    """Tables of [surgery] that the plan does not read."""
    for key in dict.fromkeys(key for keys in PLAN_KEYS.values() for key in keys):
        if at(data, "surgery", key) is not None and key not in PLAN_KEYS[plan]:
            plans = " or ".join(f'"{one}"' for one, keys in PLAN_KEYS.items() if key in keys)
            yield ("surgery", key), f'plan "{plan}" does not read it: leave it out, or take plan {plans}'


def _cuts(data: Raw, plan: str) -> Iterator[Problem]:
    """Cuts that the plan needs, and those that it does not make."""
    if plan not in RESECTION_NEEDS:
        return
    cuts, needed = at(data, "surgery", "resection"), RESECTION_NEEDS[plan]
    if cuts is None:
        yield ("surgery", "resection"), f'missing: plan "{plan}" needs {CUT_NAMES[needed]}'
    if not isinstance(cuts, Mapping):
        return
    if needed not in cuts:
        yield ("surgery", "resection", needed), f'missing: plan "{plan}" needs {CUT_NAMES[needed]}'
    for key in dict.fromkeys(key for keys in RESECTION_KEYS.values() for key in keys):
        if key in cuts and key not in RESECTION_KEYS[plan]:
            plans = " or ".join(f'"{one}"' for one, keys in RESECTION_KEYS.items() if key in keys)
            problem = f'plan "{plan}" does not read it: leave it out, or take plan {plans}'
            yield ("surgery", "resection", key), problem
    side = cuts.get("side")
    if plan == "hemisacrectomy" and side in ("left", "right"):
        other = "right_ilium" if side == "left" else "left_ilium"
        if other in cuts:
            yield ("surgery", "resection", other), f'side "{side}" leaves that ilium whole: leave it out'


def _parts(data: Raw, plan: str) -> Iterator[Problem]:
    """Parts that do not go together."""
    fixation = at(data, "surgery", "fixation")
    if isinstance(fixation, Mapping):
        yield from fixation_problems(fixation, plan)


def _cut_plane(data: Raw, name: str) -> Iterator[Problem]:
    location: Location = ("surgery", "resection", name)
    plane = at(data, *location)
    if not isinstance(plane, Mapping):
        return
    places = [key for key in CUT_PLACES if key in plane]
    if len(places) != 1:
        yield location, 'needs one of landmark, point, points, level or clear_of, for example landmark = "left_notch"'
    if "level" in plane and name != "sacrum":
        yield (*location, "level"), "is a level of the sacrum: an ilium is cut by landmark, point or points"
    if "clear_of" in plane and name == "sacrum":
        problem = "is for the cut through an ilium: the sacrum is cut by level, landmark or point"
        yield (*location, "clear_of"), problem
    if "normal" in plane and "facing" in plane:
        yield (*location, "facing"), "normal says it as well; leave out one of them"
    elif not {"normal", "facing"} & set(plane) and "level" not in plane:
        yield location, 'needs normal or facing, the direction of what is taken away, for example facing = "caudal"'
    if "level" in plane and {"normal", "facing"} & set(plane):
        yield (*location, "level"), "takes what is caudal: leave normal and facing out, or give a landmark or point"
    if "normal" in plane or "points" in plane:
        for key in CUT_TURNS:
            if key in plane:
                yield (*location, key), "turns a plane that is given by facing or level: leave it out"
    landmark = plane.get("landmark")
    if isinstance(landmark, str) and landmark and landmark not in LANDMARKS:
        known = ", ".join(LANDMARKS)
        yield (*location, "landmark"), f"no such landmark{did_you_mean(landmark, LANDMARKS)}; known: {known}"


def _sawn(data: Raw, bone: str) -> Iterator[Problem]:
    """A tilt has a side to which it opens."""
    location: Location = ("surgery", "resection", "sawn", bone)
    given = at(data, *location)
    if not isinstance(given, Mapping):
        return
    if "tilt" in given and "opens" not in given:
        yield (*location, "opens"), 'missing: say to which side the tilt opens the gap, for example opens = "cranial"'
    if "opens" in given and "tilt" not in given:
        yield (*location, "opens"), "says where a tilt opens the gap, but there is no tilt: add it, or leave it out"


def _tumour(data: Raw) -> Iterator[Problem]:
    """The tumour has one shape, from an ellipsoid or from the images and files of the bones."""
    tables = {where: found for where in GIVEN if isinstance(found := at(data, *where), Mapping)}
    part = next((where for where, table in tables.items() if TUMOUR in table), None)
    if part is not None and not any(PARTS.get(name) == "bone" for table in tables.values() for name in table):
        yield (*part, TUMOUR), "has no bone beside it to tell where it lies: give one that was segmented with it"
    location: Location = ("surgery", "tumour")
    given = at(data, *location)
    if not isinstance(given, Mapping):
        return
    if "half_axes" not in given:
        for key in ELLIPSOID:
            if key in given:
                yield (*location, key), "is of an ellipsoid: add half_axes, or leave it out"
        if part is None:
            known = " or ".join(".".join(where) for where in GIVEN)
            yield location, f'has no shape: add half_axes with a landmark or a point, or a part "tumour" in {known}'
        return
    if part is not None:
        yield (*location, "half_axes"), f"{'.'.join(part)}.tumour gives its shape as well: leave out one of them"
    if ("landmark" in given) == ("point" in given):
        yield location, 'needs either a landmark or a point for its centre, for example landmark = "left_foramen_S2"'
    landmark = given.get("landmark")
    if isinstance(landmark, str) and landmark and landmark not in LANDMARKS:
        hint, known = did_you_mean(landmark, LANDMARKS), ", ".join(LANDMARKS)
        yield (*location, "landmark"), f"no such landmark{hint}; known: {known}"
