"""What a plan does to the sacral roots: which stay, where others are divided, and the grafts between their stumps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Anatomy, Floats
from femsacrum.case.nerve_rules import read_course
from femsacrum.case.nerves import NerveRoot
from femsacrum.case.schema import Surgery
from femsacrum.errors import InputError
from femsacrum.paths import locate
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Built
from femsacrum.surgery.cuts.margin import Margins
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.cuts.sacrum import INTO_CANAL
from femsacrum.surgery.nerves.clearance import Deroofing, clearance, deroofing
from femsacrum.surgery.nerves.courses import courses
from femsacrum.surgery.nerves.grafts import evidence, graft_of
from femsacrum.surgery.nerves.model import Anchor, Course, Nerves, Root
from femsacrum.surgery.shapes.places import place

KEY = "surgery.nerves.roots"
#: A stump that the case gives lies at most this far off the course [mm].
OFF_COURSE = 10.0


def nerves(
    plan: Surgery,
    anatomy: Anatomy,
    after: Resected,
    built: Built,
    margins: Margins | None,
    folder: Path,
    data: Sequence[Path],
) -> Nerves | None:
    """Every sacral root after the operation; None where the case does not ask.

    Args:
        plan: Surgery of the case.
        anatomy: Before surgery.
        after: What the cuts leave.
        built: What was put in.
        margins: The tumour; None without one.
        folder: The case file's folder.
        data: Data folders.

    Raises:
        InputError: A course, a fate or a stump does not fit these bones and cuts.
    """
    if plan.nerves is None:
        return None
    said: dict[str, NerveRoot] = {root.root: root for root in plan.nerves.roots}
    files: dict[str, Floats] = {
        name: np.array(read_course(locate(root.course, folder, data, KEY), KEY))
        for name, root in said.items()
        if root.course is not None
    }
    found, missing = courses(anatomy, files)
    tumour = None if margins is None else (DistanceTo(margins.tumour), margins.planned)
    roof = deroofing(anatomy, plan.resection, after)
    roots = {}
    for name, course in found.items():
        given = said.get(name) or NerveRoot.model_validate({"root": name})
        roots[name] = _root(course, given, after, built, tumour, roof)
    return Nerves(roots, missing, plan.nerves.motion)


def of_nerves(found: Nerves | None) -> dict[str, float]:
    """Clearances of the roots that are kept, and gaps of those that are bridged, name with unit -> value."""
    table: dict[str, float] = {}
    for name, root in (found.roots if found else {}).items():
        table |= {f"nerve_{name}_to_{what} [mm]": away for what, away in root.clearance.items()}
        if root.graft is not None:
            table[f"nerve_{name}_gap [mm]"] = root.graft.gap
    return table


def _root(
    course: Course,
    given: NerveRoot,
    after: Resected,
    built: Built,
    tumour: tuple[DistanceTo, float] | None,
    roof: Deroofing | None,
) -> Root:
    notes = []
    if course.in_bone > 0.0:
        notes.append(
            f"{course.in_bone:.0f} mm of its course run through bone of this surface, whose canal or foramina are closed"
        )
    depth = _depth(course.points, after)
    gone = depth > 0.0
    inner = gone[: course.mouth + 1]
    fate = given.fate or ("cut" if inner.any() else "kept")
    if fate == "kept":
        if inner.any():
            at = course.points[int(np.argmax(inner))]
            raise InputError(
                KEY,
                f'{course.name} is "kept", but the cuts take the bone round it at {place(at)} mm: cut or bridge it',
            )
        if gone.any():
            notes.append("in front of what is taken away it is lifted off the specimen; drawn where it ran before")
        if roof is not None and (into := roof.behind_floor(course)) > 0.0:
            notes.append(
                f"as drawn it reaches {into:.1f} mm behind the floor of the deroofing, which lies {INTO_CANAL:g} mm in "
                "front of the lamina: the saw must stop in the lamina, not go down to that floor"
            )
        return Root(
            course, fate, (course.points,), _of_kept(course, after), given.slack or 0.0,
            clearance=clearance(course, after, built, roof), notes=tuple(notes),
        )  # fmt: skip
    ends = _stumps(course, given, depth, after, notes)
    proximal, distal = ends
    pieces = (
        np.vstack([course.points[: proximal[0] + 1], proximal[1]]),
        np.vstack([distal[1], course.points[distal[0] :]]),
    )
    for which, (_, point) in zip(("proximal", "distal"), ends, strict=True):
        away = np.inf if tumour is None else float(tumour[0](point[None])[0])
        if tumour is not None and away < tumour[1]:
            notes.append(f"its {which} stump is {away:.1f} mm from the tumour, planned are {tumour[1]:g} mm")
    if fate == "cut":
        return Root(course, fate, pieces, notes=tuple(notes))
    graft = graft_of(given, proximal[1], distal[1])
    notes += evidence(graft)
    holder = _holder(after)
    anchors = (
        Anchor("proximal stump", proximal[1], holder),
        Anchor("distal stump", distal[1], _there(after, f"{course.side}_ilium")),
    )
    return Root(course, fate, pieces, anchors, graft.slack, graft, notes=tuple(notes))


def _depth(points: Floats, after: Resected) -> Floats:
    """How far points lie beyond the cut of the sacrum, shape (n,) [mm]; of a sacrum that is gone all do."""
    if "sacrum" not in after.surfaces:
        return np.ones(len(points))
    if "sacrum" not in after.cuts:
        return -np.ones(len(points))
    plane = after.cuts["sacrum"].plane
    return np.asarray((points - plane.origin) @ plane.normal)


def _stumps(
    course: Course, given: NerveRoot, depth: Floats, after: Resected, notes: list[str]
) -> tuple[tuple[int, Floats], tuple[int, Floats]]:
    """Of both stumps the last (first) point of the course before (after) it, and where it is."""
    inner = depth[: course.mouth + 1] > 0.0
    points = course.points
    if not inner.any() and (given.proximal_stump is None or given.distal_stump is None):
        raise InputError(
            KEY,
            f"the cuts leave {course.name} whole up to its foramen at {place(points[course.mouth])} mm: to cut it all "
            "the same, give proximal_stump and distal_stump",
        )
    first = int(np.argmax(inner))
    if given.proximal_stump is not None:
        proximal = _on_course(course, given.proximal_stump, "proximal_stump")
    elif first == 0:
        stays = course.sac[_depth(course.sac, after) <= 0.0]
        proximal = (-1, stays[-1] if len(stays) else course.sac[0])
        notes.append("taken from where it leaves the dural sac: the proximal stump is put at what is left of the sac")
    else:
        share = depth[first - 1] / (depth[first - 1] - depth[first])
        proximal = (first - 1, points[first - 1] + share * (points[first] - points[first - 1]))
    if given.distal_stump is not None:
        distal = _on_course(course, given.distal_stump, "distal_stump")
        distal = (min(distal[0] + 1, len(points) - 1), distal[1])
    else:
        beyond = constant("nerves", "graft.beyond").value if given.beyond is None else given.beyond
        along = np.cumsum(np.linalg.norm(np.diff(points[course.mouth :], axis=0), axis=1))
        if beyond >= along[-1]:
            raise InputError(
                KEY,
                f"{course.name} ends {along[-1]:.0f} mm past its foramen here: take beyond = less than {beyond:g} mm",
            )
        k = course.mouth + int(np.searchsorted(along, beyond)) + 1
        distal = (k, points[k])
    if distal[0] <= proximal[0]:
        raise InputError(KEY, f"the distal stump of {course.name} lies before its proximal one: exchange them")
    return proximal, distal


def _on_course(course: Course, said: Sequence[float], key: str) -> tuple[int, Floats]:
    point = np.asarray(said, dtype=float)
    away = np.linalg.norm(course.points - point, axis=1)
    nearest = int(np.argmin(away))
    if away[nearest] > OFF_COURSE:
        raise InputError(
            f"{KEY}.{key}",
            f"{place(point)} mm is {away[nearest]:.0f} mm off the course of {course.name} (at most {OFF_COURSE:g} mm), "
            f"which is nearest at {place(course.points[nearest])} mm",
        )
    return nearest, course.points[nearest]


def _of_kept(course: Course, after: Resected) -> tuple[Anchor, ...]:
    points = course.points
    return (
        Anchor("canal", points[0], _holder(after)),
        Anchor("foramen", points[course.mouth], _there(after, "sacrum")),
        Anchor("exit", points[-1], _there(after, f"{course.side}_ilium")),
    )


def _holder(after: Resected) -> str | None:
    """What the canal's contents move with: what stays of the sacrum, else L5."""
    return _there(after, "sacrum") or _there(after, "L5")


def _there(after: Resected, name: str) -> str | None:
    return name if name in after.surfaces else None
