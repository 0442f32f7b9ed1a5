"""The stages after the load cases of one instant: movements walked, faces followed over the months, cuts drawn by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from femsacrum.case.healing import HealingCourse
from femsacrum.case.schema import Case
from femsacrum.course.accuracy.assess import Assessed, assess
from femsacrum.course.accuracy.known import asked as asked_of_cuts
from femsacrum.course.accuracy.known import guides, roots
from femsacrum.course.accuracy.told import accuracy
from femsacrum.course.follow import Followed, follow, thinned, uniting
from femsacrum.course.follow import Model as Followable
from femsacrum.course.gait import Gait, gait
from femsacrum.course.healing.months import Course as Healing
from femsacrum.course.healing.plan import asked, kind_of, options, spread_of
from femsacrum.course.healing.spread import Spread
from femsacrum.course.healing.told import course_findings
from femsacrum.course.saw import UnderSaw, under_saw
from femsacrum.course.saw_told import told as of_saw
from femsacrum.course.told import movement
from femsacrum.course.varied import felt_at
from femsacrum.errors import InputError, NumericalError
from femsacrum.findings.fatigue.conditions import parts
from femsacrum.loads.loadcase import Cycle
from femsacrum.materials.modifiers import strengths
from femsacrum.store import RunFolder
from femsacrum.surgery.construct import Construct

if TYPE_CHECKING:
    from femsacrum.pipeline import Model


@dataclass(frozen=True)
class Aftermath:
    """What followed the load cases of one instant.

    Attributes:
        gaits: One for each movement, in the order of the case.
        healed: The months after the operation; None: not asked for.
        findings: What was measured on them.
        drawn: What errors of guide and saw may do; None: not asked for.
    """

    gaits: tuple[Gait, ...]
    healed: Healed | None
    findings: dict[str, Any]
    drawn: Assessed | None = None


def aftermath(store: RunFolder, case: Case, made: Model) -> Aftermath:
    """Walk every movement, follow the months, and measure both."""
    if made.cycles and case.course.fatigue is not None:
        parts(
            made.assembly, made.materials, case.course.fatigue
        )  # a pattern that is of no part is told before the walk
    gaits = walk(store, case, made)
    healed = heal(store, case, made)
    told = tell(store, case, made, gaits, healed)
    said, construct = asked_of_cuts(case), made.assembly.construct
    moved, of_guide = _under_saw(store, construct)
    told |= of_guide
    if said is None:
        return Aftermath(gaits, healed, told)
    led = guides(construct, said, moved)
    drawn = store.stage("accuracy of the cuts", assess, construct, said, led, roots(construct))
    planned = construct.margins.planned if construct.margins is not None else None
    told["accuracy"] = accuracy(drawn, said, planned)
    return Aftermath(gaits, healed, told, drawn)


def _under_saw(store: RunFolder, construct: Construct) -> tuple[UnderSaw | None, dict[str, Any]]:
    """What hand and blade do to a cutting guide, and that as findings; nothing without a guide."""
    if construct.guide is None:
        return None, {}
    try:
        found = store.stage("guide under the saw", under_saw, construct.anatomy, construct.guide)
    except NumericalError as error:  # says nothing of the pelvis, whose findings stand
        doubt = f"Its motion under the saw could not be solved ({error}): its wires are taken to bend alone."
        return None, {"guide_under_saw": {"doubts": [doubt]}}
    return found, {"guide_under_saw": of_saw(found)}


def walk(store: RunFolder, case: Case, made: Model) -> tuple[Gait, ...]:
    """Every movement, walked until its interfaces settle; each is a stage of its own."""
    model = (made.assembly.bodies, made.materials, made.interfaces)
    limits = (case.solver, case.course.settled, case.course.most_cycles, made.bolts, made.springs)
    given = [(*model, each, *limits) for each in made.cycles]
    return store.stages_side_by_side([f"walk {each.name}" for each in made.cycles], gait, given, told=True)


@dataclass(frozen=True)
class Healed:
    """The months after the operation.

    Attributes:
        followed: Month by month, with the mechanics.
        course: The same, as what became of the faces.
        spread: What is not known, drawn; None: not asked for.
    """

    followed: Followed
    course: Healing
    spread: Spread | None


def heal(store: RunFolder, case: Case, made: Model) -> Healed | None:
    """The months after the operation; None where the case does not ask, or nothing can unite.

    Each span between two months of settling is a stage, so that an interrupted course goes on from the last.
    """
    said = case.course.healing
    if said is None:
        return None
    kind = kind_of(case.surgery.graft)
    roles = {name: body.role for name, body in made.assembly.bodies.items() if body.role in ("graft", "implant")}
    chosen = options(said, case.patient.modifiers, roles)
    interfaces, faces = uniting(made.assembly, made.interfaces, kind, chosen)
    if not faces:
        store.note("no face of a graft presses and slides: there is nothing to unite")
        return None
    walks = {month: thinned(each, said.phases) for month, each in _walks(case, made.cycles).items()}
    limits = case.course
    model = Followable(
        made.assembly,
        made.materials,
        interfaces,
        case.solver,
        made.bolts,
        made.springs,
        limits.settled,
        limits.most_cycles,
    )
    kinds = {contact: (body, kind) for contact, body in faces.items()}
    settle = tuple(month for month in said.shakedown_months if month <= said.months)
    followed: Followed | None = None
    for until in (*(month for month in settle if 0 < month < said.months), said.months):
        (followed,) = store.stages_side_by_side(
            [f"healing to month {until}"], follow, [(model, walks, kinds, chosen, settle, followed, until)], told=True
        )
    assert followed is not None
    course = Healing(followed.faces, chosen, followed.months)
    return Healed(followed, course, _spread(store, said, model, walks[0], course))


def _spread(store: RunFolder, said: HealingCourse, model: Followable, cycle: Cycle, course: Healing) -> Spread | None:
    """The spread, from solves of which each is a stage."""
    given = [(model, cycle, factors, bonded) for factors, bonded in asked(course, said)]
    names = [f"solve {i} of {len(given)} for the spread" for i in range(1, len(given) + 1)]
    answers = iter(store.stages_side_by_side(names, felt_at, given, told=True))
    return spread_of(course, said, lambda *_: next(answers))


def tell(
    store: RunFolder,
    case: Case,
    made: Model,
    gaits: tuple[Gait, ...],
    healed: Healed | None,
) -> dict[str, Any]:
    """Findings of the movements and of the months."""
    roles = {name: body.role for name, body in made.assembly.bodies.items()}
    strength = strengths(case.patient.modifiers, roles)
    told: dict[str, Any] = {
        "movements": {
            cycle.name: store.stage(
                f"findings of {cycle.name}", movement, cycle, each, made.assembly, made.materials, made.interfaces,
                strength, case.course.fatigue,
            )
            for cycle, each in zip(made.cycles, gaits, strict=True)
        },
        "healing": None,
    }  # fmt: skip
    if healed is not None:
        told["healing"] = course_findings(healed.course, healed.spread)
        told["healing"]["steps"] = [asdict(each) for each in healed.followed.steps]
    return told


def _walks(case: Case, cycles: tuple[Cycle, ...]) -> Mapping[int, Cycle]:
    """Month -> movement from then on."""
    by_name = {each.name: each for each in cycles}
    if not cycles:
        raise InputError("course.healing", 'given, but no load moves; add one, for example kind = "three_point"')
    if not case.course.walks:
        return {0: cycles[0]}
    found: dict[int, Cycle] = {}
    for i, said in enumerate(case.course.walks):
        if said.load not in by_name:
            known = ", ".join(f'"{name}"' for name in by_name)
            raise InputError(f"course.walks[{i}].load", f'"{said.load}" is not a moving load; there are {known}')
        found[said.month] = by_name[said.load]
    if 0 not in found:
        raise InputError("course.walks", f"none from month 0 on; the first is from month {min(found)}")
    return found
