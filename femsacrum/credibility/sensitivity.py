"""One uncertain input after the other at both ends of its range: what the outcomes of a case hinge on.

Written are ``credibility/sensitivity.json`` and its figure in the run folder of the case. Every solve is a stage in a run
folder below ``credibility/sensitivity/``, kept under a name that says what it is made of, so that what is interrupted
continues where it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from femsacrum import fingerprint
from femsacrum.case.schema import Case
from femsacrum.credibility import influence, manifest
from femsacrum.credibility.also import Further
from femsacrum.credibility.hinging import hinging
from femsacrum.credibility.influence import Answer, Ranked, Row, Uncertain
from femsacrum.credibility.variants import BEFORE_MESH, BEFORE_SOLVE, instants, resized, share
from femsacrum.credibility.vary import ENTRIES, own, unreached, vary
from femsacrum.errors import InputError, NumericalError
from femsacrum.progress import Progress, Silent
from femsacrum.sources.tables import table
from femsacrum.store import RunFolder

if TYPE_CHECKING:
    from femsacrum.pipeline import Model

#: Element sizes of the mesh that is varied on over those of the case: those of the coarse mesh of ``converge``.
RATIO = 1.96
PLACE = "credibility/sensitivity"
#: Parts of a case that a solve and what is measured on it depend on.
READ = ("name", "question", "surgery", "patient", "ligament_set", "loads", "course", "solver")

Ends = tuple[Uncertain, dict[str, Answer], dict[str, Answer]]


@dataclass(frozen=True)
class Sensitivity:
    """What came of it.

    Attributes:
        ratio: Element sizes of the mesh that was varied on over those of the case [1].
        tetrahedra: Of that mesh.
        rows: Every quantity and input.
        ranked: The inputs, those the outcomes hinge most on first.
        left_out: Input -> why it changes nothing in this model.
    """

    ratio: float
    tetrahedra: int
    rows: tuple[Row, ...]
    ranked: tuple[Ranked, ...]
    left_out: Mapping[str, str]


def sensitivity(
    folder: Path,
    case: Case,
    *,
    also: Sequence[Further] = (),
    ratio: float = RATIO,
    progress: Progress | None = None,
) -> Sensitivity:
    """Solve a case again with one input after the other at the ends of its range.

    Args:
        folder: Its run folder, in which it has been run.
        case: The case.
        also: Keys of the case that are to go through a range as well.
        ratio: Element sizes to vary on over those of the case; 1: the case's own mesh.
        progress: Told how it goes.

    Raises:
        InputError: The ratio is of no use, no load case is of one instant, or a key takes the case where it cannot be built.
        NumericalError: The mesh failed, or a load case with the model's own inputs on it.
    """
    progress = progress or Silent()
    if not 1.0 <= ratio <= 3.0:
        raise InputError("--ratio", f"{ratio:g} is not between 1, the case's own mesh, and 3; give one that is")
    plain = instants(case)
    with RunFolder(folder, case, progress=progress, shows=False):  # holds it against a run that starts meanwhile
        told = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
        names = {load.name for load in plain.loads}
        here = {key: each for key, each in hinging(told).items() if key[0] in names}
        base, ends, left_out, cells = _ranges(folder, resized(plain, ratio), ratio, progress)
        ends += [_ends_of(folder, each, ratio, progress) for each in also]
    rows = influence.rows(here, base, ends)
    return Sensitivity(ratio, cells, rows, influence.ranks(rows), left_out)


def write(folder: Path, found: Sensitivity) -> Path:
    """Write ``credibility/sensitivity.json`` and its figure, and enter both in the manifest.

    Args:
        folder: Run folder of the case.
        found: From ``sensitivity``.

    Returns:
        The JSON file.
    """
    from femsacrum.credibility.sensitivity_figure import draw

    return manifest.write_evidence(
        folder, "sensitivity", evidence(found), lambda file: draw(file, found.rows, found.ranked)
    )


def evidence(found: Sensitivity) -> dict[str, Any]:
    """What ``sensitivity.json`` holds."""
    return {
        "code": fingerprint.of_code(None),
        "mesh": {"factor": found.ratio, "tetrahedra": found.tetrahedra, "folder": PLACE},
        "left_out": [{"input": name, "why": why} for name, why in found.left_out.items()],
        **influence.evidence(found.rows, found.ranked),
    }


def answer(case: Case, model: Model, name: str, inputs: Mapping[str, float], progress: Progress) -> Answer:
    """Solve one load case with other inputs, and measure it.

    Args:
        case: What ``READ`` names.
        model: Meshed, with its own inputs.
        name: Of the load case.
        inputs: As for ``vary``.
        progress: Told how it goes.

    Returns:
        The quantities, or why there is no solution: at the end of a range that is a result.
    """
    from femsacrum.findings.measure import measure
    from femsacrum.mechanics.equilibrium import solve

    made = vary(model, inputs)
    (load_case,) = (one for one in made.load_cases if one.name == name)
    given = (made.assembly.bodies, made.materials, made.interfaces)
    try:
        solution = solve(*given, load_case, case.solver, made.bolts, made.springs, progress=progress)
    except NumericalError as error:
        return Answer((), str(error))
    found = measure(
        case, made.assembly, made.materials, made.interfaces, (load_case,), (solution,), made.lost, made.springs
    )
    return Answer(tuple(hinging(found).values()))


def _ranges(
    folder: Path, case: Case, ratio: float, progress: Progress
) -> tuple[dict[str, Answer], list[Ends], dict[str, str], int]:
    """The model's own inputs, every input of the table at its ends, what is left out and why, and the size of the mesh."""
    from femsacrum import pipeline

    place = _prepared(folder, "inputs", ratio)
    with RunFolder(place, case, progress=progress) as store:
        model = pipeline.model(store, case)
        left_out = unreached(model)
        inputs = [_uncertain(model, name) for name in table("ranges") if name not in left_out]
        (base,) = _solved(store, case, model, [{}])
        for name, each in base.items():
            if each.why:
                raise NumericalError(f"{name}, the model's own inputs, {ratio:g} times the element sizes: {each.why}")
        samples = [{each.name: end} for each in inputs for end in (each.low, each.high)]
        solved = _solved(store, case, model, samples)
    ends = [(each, solved[2 * i], solved[2 * i + 1]) for i, each in enumerate(inputs)]
    return base, ends, left_out, sum(len(body.cells) for body in model.assembly.bodies.values())


def _ends_of(folder: Path, each: Further, ratio: float, progress: Progress) -> Ends:
    """A key of the case at its ends: all stages that depend on it are made again."""
    from femsacrum import pipeline

    found = []
    for end, value, said in zip(("low", "high"), (each.low, each.high), each.cases, strict=True):
        progress.note(f"{each.key} = {value:g} {each.unit}")
        case = resized(instants(said), ratio)
        place = _prepared(folder, f"{each.place}_{end}", ratio)
        try:
            with RunFolder(place, case, progress=progress) as store:
                found += _solved(store, case, pipeline.model(store, case), [{}])
        except InputError as error:
            error.add_note(f"at the {end} end of --also {each.key}; give a range in which the case can be built")
            raise
        except NumericalError as error:  # the mesh of this end
            found.append({load.name: Answer((), str(error)) for load in case.loads})
    own_value = None if each.own is None else (each.own, each.own)
    given = Uncertain(each.key, each.low, each.high, each.unit, own_value, "range given with --also", "not graded")
    return given, found[0], found[1]


def _solved(
    store: RunFolder, case: Case, model: Model, samples: Sequence[Mapping[str, float]]
) -> list[dict[str, Answer]]:
    """Load case -> answer, for each sample; all solves are stages, several side by side."""
    told, names = case.only(*READ), [one.name for one in model.load_cases]
    jobs = [(told, model, name, sample) for sample in samples for name in names]
    titles = [f"solve {name}{_words(sample)}" for _, _, name, sample in jobs]
    answers = iter(store.stages_side_by_side(titles, answer, jobs, told=True))
    return [{name: next(answers) for name in names} for _ in samples]


def _words(sample: Mapping[str, float]) -> str:
    return "".join(f", {name.replace('_', ' ')} {value:g}" for name, value in sample.items())


def _prepared(folder: Path, name: str, ratio: float) -> Path:
    """A run folder of its own, with what the run of the case and ``converge`` have computed of the same."""
    place = folder / PLACE / name
    share(folder, place, BEFORE_MESH if ratio != 1.0 else BEFORE_SOLVE)
    for other in ("convergence/coarse", "convergence/middle", "sensitivity/inputs"):
        if folder / "credibility" / other != place:
            share(folder / "credibility" / other, place, BEFORE_SOLVE)
    return place


def _uncertain(model: Model, name: str) -> Uncertain:
    row = table("ranges")[name]
    known = own(model, name)
    return Uncertain(
        name, row["low"], row["high"], row["unit"], known, row["source"], row["confidence"], ENTRIES.get(name, ())
    )
