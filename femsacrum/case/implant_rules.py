"""Rules about the prosthesis and the grafts: which keys go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from femsacrum.case.names import (
    CUT_TURNS,
    DESIGNED,
    GRAFT_KEYS,
    LANDMARKS,
    PARAMETRIC,
    SOLID_FILES,
    STEP_FILES,
    STRUTS,
    SURFACE_FILES,
    did_you_mean,
)
from femsacrum.case.rules import FRAME_AXES, Location, Problem, Raw, at, path_problem

PROSTHESIS: Location = ("surgery", "prosthesis")
GRAFT: Location = ("surgery", "graft")


def implant_problems(data: Raw, folder: Path, folders: Sequence[Path] = ()) -> Iterator[Problem]:
    """Every broken rule about ``surgery.prosthesis`` and ``surgery.graft``.

    Args:
        data: Content of the case file, current schema version.
        folder: Folder of the case file.
        folders: Data folders.

    Yields:
        Where, and what is wrong.
    """
    given = at(data, *PROSTHESIS)
    if isinstance(given, Mapping):
        if "file" in given:
            yield from _designed(data, given, folder, folders)
        else:
            for key in DESIGNED:
                if key in given:
                    yield (*PROSTHESIS, key), "is of a prosthesis from a file: add file, or leave it out"
            for key in ("porous", "lattice"):
                if key in given and "flanges" in given:
                    yield (
                        (*PROSTHESIS, "flanges"),
                        f"flanges are drawn on a solid prosthesis: leave them or {key} out",
                    )
    graft = at(data, *GRAFT)
    if isinstance(graft, Mapping):
        yield from _graft(graft, given)


def _graft(graft: Raw, prosthesis: object) -> Iterator[Problem]:
    """Which keys a kind of graft reads, and whether it goes with the prosthesis."""
    kind = graft.get("kind", "iliac_block")
    if not isinstance(kind, str) or kind not in GRAFT_KEYS:
        return
    for key in dict.fromkeys(key for keys in GRAFT_KEYS.values() for key in keys):
        if key in graft and key not in GRAFT_KEYS[kind]:
            kinds = " or ".join(f'"{one}"' for one, keys in GRAFT_KEYS.items() if key in keys)
            yield (*GRAFT, key), f'only for kind = {kinds}, this graft is "{kind}": leave it out'
    if kind in STRUTS and prosthesis != "none":
        yield (*GRAFT, "kind"), f'a "{kind}" stands where the prosthesis is: say prosthesis = "none"'
    if kind not in STRUTS and prosthesis == "none":
        struts = " or ".join(f'"{one}"' for one in STRUTS)
        yield (
            (*GRAFT, "kind"),
            f'a "{kind}" lies under a prosthesis, and there is none: take {struts}, or graft = "none"',
        )


def _designed(data: Raw, given: Raw, folder: Path, folders: Sequence[Path]) -> Iterator[Problem]:
    """A prosthesis from a file."""
    for key in PARAMETRIC:
        if key in given:
            yield (*PROSTHESIS, key), "is of a parametric prosthesis; the one in the file has its own: leave it out"
    if isinstance(at(data, *GRAFT), Mapping):
        problem = 'a prosthesis from a file has no seats for grafts: leave the table out, or say graft = "none"'
        yield GRAFT, problem
    name = given["file"]
    if isinstance(name, str) and name:
        ending = PurePosixPath(name).suffix.lower()
        if ending not in (*SOLID_FILES, *SURFACE_FILES):
            known = ", ".join((*SOLID_FILES, *SURFACE_FILES))
            yield (*PROSTHESIS, "file"), f"is in no format that is read; export the prosthesis as one of {known}"
        elif ending in STEP_FILES and "unit" in given:
            yield (*PROSTHESIS, "unit"), "a STEP file says its own unit: leave it out"
        elif ending not in STEP_FILES and "unit" not in given:
            yield (*PROSTHESIS, "unit"), f'missing: a {ending} file does not say its unit, for example unit = "mm"'
        yield from path_problem((*PROSTHESIS, "file"), name, folder, folders)
    frame = given.get("frame")
    if isinstance(frame, str) and set(frame) <= set("LRPASI") and len(frame) == 3:
        if not all(set(frame) & set(axis) for axis in FRAME_AXES):
            yield (*PROSTHESIS, "frame"), 'needs one letter of each pair LR, PA, SI, for example "LPS" or "RAS"'
        elif _left_handed(frame):
            problem = (
                "is left-handed, so the prosthesis would become its mirror image: which axes does the file have?"
            )
            yield (*PROSTHESIS, "frame"), problem
    yield from _placement(given.get("placement"))


def _placement(placement: object) -> Iterator[Problem]:
    location: Location = (*PROSTHESIS, "placement")
    landmarks = placement.get("landmarks") if isinstance(placement, Mapping) else None
    if not isinstance(placement, Mapping):
        return
    if not isinstance(landmarks, Mapping):
        if "residual" in placement:
            yield (*location, "residual"), "is of landmarks, and there are none: leave it out"
        return
    for key in ("translation", *CUT_TURNS):
        if key in placement:
            yield (*location, key), "the landmarks say where it is put: leave it out, or the landmarks"
    for name in landmarks:
        if name not in LANDMARKS:
            hint, known = did_you_mean(name, LANDMARKS), ", ".join(LANDMARKS)
            yield (*location, "landmarks", name), f"no such landmark{hint}; known: {known}"
    if len(landmarks) < 3:
        problem = f"{len(landmarks)} of them do not say how it is turned: give three or more, far from one line"
        yield (*location, "landmarks"), problem


def _left_handed(frame: str) -> bool:
    """Whether three axes, a letter each, make a mirror image."""
    order = [next(i for i, axis in enumerate(FRAME_AXES) if letter in axis) for letter in frame]
    swaps = sum(order[i] > order[j] for i in range(3) for j in range(i + 1, 3))
    return bool((swaps + sum(letter in "RAI" for letter in frame)) % 2)
