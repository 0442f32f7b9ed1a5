"""The same case on three meshes, and with its equations solved otherwise: what is the mesh's, what the solver's.

Written are ``credibility/convergence.json`` and its figure in the run folder of the case. Every further mesh has a run
folder of its own below ``credibility/convergence/``, so that what is interrupted continues where it was, and anybody
can look into each.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from femsacrum import fingerprint
from femsacrum.case.schema import Case
from femsacrum.credibility import manifest
from femsacrum.credibility.quantities import quantities
from femsacrum.credibility.quantity import Quantity
from femsacrum.credibility.refinement import Convergence, Effect, Mesh, compare, doubts, evidence
from femsacrum.credibility.variants import BEFORE_MESH, BEFORE_SOLVE, instants, moving, resized, share
from femsacrum.credibility.verify import verify
from femsacrum.errors import FemsacrumError, InputError, NumericalError
from femsacrum.findings.outcomes import RESTED
from femsacrum.progress import Cached, Progress, Silent
from femsacrum.store import RunFolder, resolved

#: Ratio of element sizes asked for from mesh to mesh, unless the caller says otherwise. Where geometry asks for small
#: elements they stay: on the pelvis 1.4 makes cells some 1.3 times larger, the least that Celik 2008 advises.
RATIO = 1.4
#: Factors by which the equations are solved otherwise: looser, in more steps, with a tenth of the penetration.
LOOSER, MORE, TIGHTER = 100.0, 2, 0.1
#: The loosest tolerance a case may have.
LOOSEST = 1e-3

NAMES = ("fine", "middle", "coarse")


def current(folder: Path, case: Case) -> bool:
    """Whether a run folder holds the finished run of this case, of these inputs and this code, and nobody changed it."""
    try:
        noted = manifest.read(folder)
        same = (noted.get("code"), noted["inputs"]) == (fingerprint.of_code(None), manifest.inputs_of(case))
        written = (folder / "case.toml").read_text(encoding="utf-8")
        return same and written == resolved(case, folder) and verify(folder).holds
    except (InputError, OSError, UnicodeDecodeError):
        return False


def converge(
    folder: Path,
    case: Case,
    case_file: Path,
    *,
    ratio: float = RATIO,
    finer: bool = False,
    effects: bool = True,
    movements: bool = False,
    progress: Progress | None = None,
) -> Convergence:
    """Solve a case on further meshes, and otherwise, and compare.

    Args:
        folder: Its run folder, in which it has been run.
        case: The case.
        case_file: Where it was read from.
        ratio: Of the element sizes from mesh to mesh.
        finer: The case's own mesh is the middle one; else it is the fine one.
        effects: Solve with another tolerance, other increments and another penetration too, on the coarse mesh; load cases
            of one instant alone.
        movements: Walk the movements on every mesh too, and compare them.
        progress: Told how it goes.

    Raises:
        InputError: The ratio refines nothing, no load case is of one instant, or no load moves.
        NumericalError: One of the meshes, or a solve on it, failed.
    """
    progress = progress or Silent()
    if not 1.05 <= ratio <= 3.0:
        raise InputError("--ratio", f"{ratio:g} is not between 1.05 and 3: meshes would be all alike, or useless")
    plain = instants(case)
    meshed = moving(case) if movements else plain
    factors = [ratio**step for step in ((-1, 0, 1) if finer else (0, 1, 2))]
    with RunFolder(folder, case, progress=progress, shows=False):  # holds it against a run that starts meanwhile
        found: dict[str, Mapping[str, Any]] = {}
        for name, factor in sorted(zip(NAMES, factors, strict=True), key=lambda each: -each[1]):
            if factor == 1.0:
                found[name] = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
                continue
            progress.note(f"{name} mesh: element sizes {factor:.3g} times those of the case")
            try:
                found[name] = _run(folder, name, resized(meshed, factor), case_file, progress)
            except FemsacrumError as error:
                error.add_note(f"on the {name} mesh, {factor:.3g} times the element sizes of the case")
                raise
        settings, others, stopped = _solved_otherwise(folder, plain, factors[2], case_file, progress, wanted=effects)
    places = {name: "." if factor == 1.0 else _place(name) for name, factor in zip(NAMES, factors, strict=True)}
    volume = sum(body["volume"]["value"] for body in found["fine"]["mesh"]["bodies"].values())
    meshes = tuple(
        _mesh_of(name, factor, found[name], volume, places[name]) for name, factor in zip(NAMES, factors, strict=True)
    )
    told = [quantities(found[name], movements=movements) for name in NAMES]
    rows, remarks = compare(told, [mesh.size for mesh in meshes])
    restless = _restless(found) if movements else ()
    coarse = quantities(found["coarse"])
    made = tuple(_effects(coarse, others))
    return Convergence(
        meshes, rows, settings, made, (*doubts(meshes), *restless, *remarks, *stopped, *_unlike(coarse, others))
    )


def write(folder: Path, found: Convergence) -> Path:
    """Write ``credibility/convergence.json`` and its figure, and enter both in the manifest.

    Args:
        folder: Run folder of the case.
        found: From ``converge``.

    Returns:
        The JSON file.
    """
    from femsacrum.credibility.convergence_figure import draw

    return manifest.write_evidence(folder, "convergence", evidence(found), lambda file: draw(file, found))


def _solved_otherwise(
    folder: Path, case: Case, factor: float, case_file: Path, progress: Progress, *, wanted: bool
) -> tuple[dict[str, tuple[float, float]], dict[str, Mapping[str, Any]], list[str]]:
    """What -> settings, what -> findings, and what did not converge; all on the coarse mesh."""
    said = case.solver
    loose = LOOSER * said.tolerance if LOOSER * said.tolerance <= LOOSEST else said.tolerance / LOOSER
    changes = {
        "tolerance": ("tolerance", loose),
        "increments": ("increments", MORE * said.increments),
        "penalty": ("penetration", TIGHTER * said.penetration),
    }
    settings, found, stopped = {}, {}, []
    for what, (key, value) in changes.items() if wanted else ():
        progress.note(f"coarse mesh, solver.{key} {value:g} instead of {getattr(said, key):g}")
        other = resized(case, factor).model_copy(update={"solver": said.model_copy(update={key: value})})
        settings[what] = (float(getattr(said, key)), float(value))
        try:
            found[what] = _run(folder, f"coarse_{what}", other, case_file, progress)
        except NumericalError as error:
            stopped.append(f"solver.{key} = {value:g} on the coarse mesh: {error}")
    return settings, found, stopped


def _restless(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Movements that did not come to the same end on all meshes, or to none."""
    for name, walk in found["fine"]["movements"].items():
        ends = [found[mesh]["movements"][name]["outcome"] for mesh in NAMES]
        if set(ends) != {walk["outcome"]} or walk["outcome"] == RESTED:
            yield f"{name}: " + ", ".join(f"{end} on the {mesh} mesh" for mesh, end in zip(NAMES, ends, strict=True))


def _effects(before: Mapping[tuple[str, str], Quantity], others: Mapping[str, Mapping[str, Any]]) -> Iterator[Effect]:
    for what, findings in others.items():
        now = quantities(findings)
        same = ((each, now[key]) for key, each in before.items() if key in now and now[key].whose == each.whose)
        yield from (Effect(what, each, other.value) for each, other in same)


def _unlike(before: Mapping[tuple[str, str], Quantity], others: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Effects that are none, since the value is of another thing there."""
    for what, findings in others.items():
        now = quantities(findings)
        for key, each in before.items():
            if key in now and now[key].whose != each.whose:
                yield f"{key[0]}, {each.words}: {each.whose}; with another {what} {now[key].whose}"


def _run(folder: Path, name: str, case: Case, case_file: Path, progress: Progress) -> Mapping[str, Any]:
    """Run a variant in its own folder, with what it leaves as it is taken from where that has been computed."""
    from femsacrum.pipeline import run

    place = folder / _place(name)
    shared, near = (BEFORE_MESH, folder) if name in NAMES else (BEFORE_SOLVE, folder / _place("coarse"))
    share(near, place, shared)
    begun = manifest.begin(case, case_file, ["femsacrum", "converge", str(case_file)])
    listening = Cached(progress)
    findings = run(case, place, progress=listening)
    begun.write(place, listening.stages)
    return findings


def _place(name: str) -> str:
    return f"credibility/convergence/{name}"


def _mesh_of(name: str, factor: float, findings: Mapping[str, Any], volume: float, place: str) -> Mesh:
    bodies = {body: int(told["tetrahedra"]) for body, told in findings["mesh"]["bodies"].items()}
    cells = sum(bodies.values())
    return Mesh(name, factor, cells, math.cbrt(volume / cells), place, bodies)
