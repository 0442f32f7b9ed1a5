"""The sentence: from a case to findings in a run folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from femsacrum.aftermath import Aftermath, aftermath
from femsacrum.anatomy.build import build
from femsacrum.case.schema import Case
from femsacrum.course.envelope import write_envelopes
from femsacrum.findings.criteria import judge
from femsacrum.findings.fields import write_fields
from femsacrum.findings.measure import measure
from femsacrum.loads.balance import cycles, load_cases
from femsacrum.loads.loadcase import Cycle, LoadCase
from femsacrum.logbook import timed
from femsacrum.materials.assign import assign
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.choose import interfaces as choose
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.interfaces import Bolt, Interface, LoadCaseSolution, LostLigament, Spring
from femsacrum.mechanics.preload import preload
from femsacrum.meshing.bodies import Assembly
from femsacrum.meshing.tetrahedra import mesh
from femsacrum.progress import Progress
from femsacrum.shelf import shelf
from femsacrum.store import RunFolder
from femsacrum.surgery.construct import Construct
from femsacrum.surgery.cuts.margin import doubts, least
from femsacrum.surgery.openings import as_planned, as_sawn
from femsacrum.surgery.operate import operate

if TYPE_CHECKING:
    from femsacrum.course.against_intact import Solved


@dataclass(frozen=True)
class Model:
    """Everything that is solved.

    Attributes:
        assembly: The meshed construct.
        materials: Body name -> material.
        load_cases: Of one instant, in the order of the case.
        cycles: Movements, in the order of the case.
        interfaces: Contacts with their laws.
        bolts: Screws that are tightened.
        springs: Ligaments.
        lost: Ligaments that lost an attachment and are left out.
    """

    assembly: Assembly
    materials: dict[str, BodyMaterial]
    load_cases: tuple[LoadCase, ...]
    cycles: tuple[Cycle, ...]
    interfaces: tuple[Interface, ...]
    bolts: tuple[Bolt, ...]
    springs: tuple[Spring, ...]
    lost: tuple[LostLigament, ...]


@dataclass(frozen=True)
class Run:
    """Everything a finished run holds, for whoever writes a report about it.

    Attributes:
        folder: The run folder.
        case: The case.
        assembly: The meshed construct.
        materials: Body name -> material.
        interfaces: Contacts with their laws.
        load_cases: In the order of the case.
        solutions: One for each load case.
        findings: What was measured; the content of ``findings.json``.
        cycles: The movements, in the order of the case.
        after: What followed: the movements walked, and the months.
        untouched: The same patient's intact model; None: not asked for.
    """

    folder: Path
    case: Case
    assembly: Assembly
    materials: dict[str, BodyMaterial]
    interfaces: tuple[Interface, ...]
    load_cases: tuple[LoadCase, ...]
    solutions: tuple[LoadCaseSolution, ...]
    findings: dict[str, Any]
    cycles: tuple[Cycle, ...]
    after: Aftermath
    untouched: Solved | None


def run(
    case: Case, folder: str | Path | None = None, *, cache: bool = True, progress: Progress | None = None
) -> dict[str, Any]:
    """Carry a case from its anatomy to its findings.

    Args:
        case: From ``femsacrum.load``.
        folder: Run folder; None: the case's, by default ``runs/<case name>``. It is left with ``findings.json``,
            ``fields/``, the resolved ``case.toml``, ``run.log`` and the results of the stages.
        cache: Continue after the last stage that finished in this folder with the same input.
        progress: Told how it goes.

    Returns:
        The findings, the content of ``findings.json``.

    Raises:
        InputError: The case asks for something that cannot be done.
        NumericalError: The mesh or the solve failed.
    """
    return carry_out(case, folder, cache=cache, progress=progress).findings


def carry_out(
    case: Case, folder: str | Path | None = None, *, cache: bool = True, progress: Progress | None = None
) -> Run:
    """The same as ``run``, but gives back all that was made on the way."""
    with RunFolder(run_folder(case, folder), case, cache=cache, progress=progress) as store:
        made = model(store, case, cache=cache)
        solutions, findings = solved(store, case, made)
        assembly, materials, interfaces, cases = made.assembly, made.materials, made.interfaces, made.load_cases
        with timed(store.progress, "fields"):
            write_fields(store.path / "fields", assembly, materials, interfaces, solutions)
        after = aftermath(store, case, made)
        if after.gaits:
            with timed(store.progress, "fields of movements"):
                write_envelopes(store.path / "fields", assembly, materials, interfaces, after.gaits)
        against, untouched = beside_intact(store, case, made, solutions, cache=cache)
        findings |= after.findings | against
        findings["criteria"] = judge(case.criteria, findings)
        store.write_json("findings.json", findings)
    return Run(
        store.path, case, assembly, materials, interfaces, cases, solutions, findings, made.cycles, after, untouched
    )


def solved(store: RunFolder, case: Case, made: Model) -> tuple[tuple[LoadCaseSolution, ...], dict[str, Any]]:
    """Load cases of one instant, and what was measured on them."""
    solutions = _solve(store, case, made, made.load_cases)
    told = case.only("name", "question", "surgery", "patient", "ligament_set", "loads", "course")
    findings = store.stage(
        "findings",
        measure,
        told,
        made.assembly,
        made.materials,
        made.interfaces,
        made.load_cases,
        solutions,
        made.lost,
        made.springs,
    )
    return solutions, findings


def beside_intact(
    store: RunFolder, case: Case, made: Model, solutions: tuple[LoadCaseSolution, ...], *, cache: bool
) -> tuple[dict[str, Any], Solved | None]:
    """The same patient's untouched pelvis under the same loads, and both on a bench: what the plan changes.

    Returns:
        "against_intact" with its findings, and the untouched model; nothing and None where the case does not ask.
    """
    if not case.course.against_intact:
        return {}, None
    from femsacrum.case.compare import intact_of
    from femsacrum.course.against_intact import Solved, against_intact

    operated = Solved(
        made.assembly, made.materials, made.springs, made.load_cases, solutions, _on_a_bench(store, case, made)
    )
    untouched = intact_of(case)
    with RunFolder(store.path / "intact", untouched, cache=cache, progress=store.progress) as beside:
        model_of = model(beside, untouched, cache=cache)
        solved = _solve(beside, untouched, model_of, model_of.load_cases)
        bench = _on_a_bench(beside, untouched, model_of)
    intact = Solved(model_of.assembly, model_of.materials, model_of.springs, model_of.load_cases, solved, bench)
    found = store.stage("against the intact pelvis", against_intact, operated, intact)
    return {"against_intact": found}, intact


def _on_a_bench(store: RunFolder, case: Case, made: Model) -> tuple[LoadCaseSolution, ...]:
    from femsacrum.loads.junction import junction_loads

    loads = store.stage("bench", junction_loads, made.assembly)
    return _solve(store, case, made, loads)


def _solve(
    store: RunFolder, case: Case, made: Model, load_cases: tuple[LoadCase, ...]
) -> tuple[LoadCaseSolution, ...]:
    """Load cases of one instant, each a stage, several side by side."""
    model = (made.assembly.bodies, made.materials, made.interfaces)
    given = [(*model, one, case.solver, made.bolts, made.springs) for one in load_cases]
    return store.stages_side_by_side(
        [f"solve {one.name}" for one in load_cases], solve, given, told=True, resumed=True
    )


def construct(store: RunFolder, case: Case) -> Construct:
    """The first two stages: the pelvis after the operation."""
    anatomy = store.stage("anatomy", build, case.only("anatomy"), case.folder, case.data)
    planned = as_planned(case).only("surgery")
    operated = store.stage("surgery", operate, planned, anatomy, case.folder, case.data)
    if case.surgery.resection is not None and case.surgery.resection.sawn is not None:
        operated = store.stage("cuts as sawn", as_sawn, case.only("surgery"), operated)
    if operated.margins is not None:
        away, where = least(operated.margins)
        store.note(f"least margin: {away:.1f} mm, {where} (planned: {operated.margins.planned:g} mm)")
    for said in doubts(operated.margins):
        store.note(said)
    return operated


def model(store: RunFolder, case: Case, *, cache: bool = True) -> Model:
    """All stages before a load case is solved."""
    bodies = shelf((store.shared or store.stages) / "bodies", mesh, read=cache, tell=store.note)
    assembly = store.stage("mesh", partial(mesh, kept=bodies), case.only("mesh"), construct(store, case))
    places = (case.folder, case.data)
    materials = store.stage("materials", assign, case.only("materials", "patient"), assembly, *places)
    cases = store.stage("loads", load_cases, case.only("loads", "patient"), assembly)
    moving = store.stage("movements", cycles, case.only("loads", "patient"), assembly)
    interfaces = store.stage("interfaces", choose, case.only("interfaces"), assembly, materials, *places)
    joined = case.only("pretension", "ligaments", "ligament_set", "surgery")
    bolts, springs, lost = store.stage("preload", preload, joined, assembly, interfaces)
    for ligament in lost:
        store.note(f"ligament {ligament.name} is left out: {ligament.why}")
    return Model(assembly, materials, cases, moving, interfaces, bolts, springs, lost)


def run_folder(case: Case, folder: str | Path | None = None) -> Path:
    """Where a case is run: what the caller says, or the case (relative to its file), or ``runs/<case name>``."""
    if folder is not None:
        return Path(folder)
    return case.folder / case.output.folder if case.output.folder else Path("runs") / case.name
