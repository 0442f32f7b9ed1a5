"""What all evidence that solves a case again shares: which load cases, which mesh, what need not be done twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from femsacrum.case.course import Course
from femsacrum.case.schema import Case
from femsacrum.errors import InputError

#: Stages that another mesh, and another way to solve on the same mesh, leave as they are.
BEFORE_MESH = ("anatomy", "surgery")
BEFORE_SOLVE = (*BEFORE_MESH, "mesh", "materials", "loads", "movements", "interfaces", "preload")


def instants(case: Case) -> Case:
    """The case with nothing but its load cases of one instant: movements and months are left out.

    Raises:
        InputError: All of its loads move.
    """
    loads = tuple(load for load in case.loads if not load.moves)
    if not loads:
        raise InputError("loads", "all of them move; what is compared are load cases of one instant, add one")
    return case.model_copy(update={"loads": loads, "course": Course(), "criteria": ()})


def moving(case: Case) -> Case:
    """The case with its movements as well, but without months and the intact pelvis.

    Raises:
        InputError: None of its loads moves.
    """
    if not any(load.moves for load in case.loads):
        raise InputError("--movements", "no load of the case moves; leave it out")
    said = case.course
    course = Course(settled=said.settled, most_cycles=said.most_cycles, fatigue=said.fatigue)
    return case.model_copy(update={"course": course, "criteria": ()})


def resized(case: Case, factor: float) -> Case:
    """The case with all of its element sizes multiplied."""
    sizes = {name: factor * size for name, size in case.mesh.model_dump().items() if name != "order"}
    return case.model_copy(update={"mesh": case.mesh.model_copy(update=sizes)})


def share(near: Path, place: Path, stages: Sequence[str]) -> None:
    """Let a run folder have what another one computed of these stages; names say what each is made of.

    Args:
        near: A run folder; one that is not there has computed nothing.
        place: The run folder that is to have them.
        stages: Their names.
    """
    (place / "stages").mkdir(parents=True, exist_ok=True)
    for stage in (near / "stages").glob("*.npz"):
        if stage.name.partition("-")[0] in stages:
            _link(stage, place / "stages" / stage.name)


def _link(source: Path, target: Path) -> None:
    """The same file at two places where the file system can, else a copy; no stage file is ever written to again."""
    if not target.exists():
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
