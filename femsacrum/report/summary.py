"""One self-contained page that tells a run: the answer first, then how it was come by."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from femsacrum.aftermath import Aftermath
from femsacrum.case.schema import Case
from femsacrum.course.against_intact import Solved
from femsacrum.loads.loadcase import Cycle, LoadCase
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Interface, LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import after_words, cells, guide_words, nerve_words, tables, words
from femsacrum.report import validation as experiments
from femsacrum.report.fatigue_words import sentences
from femsacrum.sources.tables import constant

if TYPE_CHECKING:
    from femsacrum.report.figures import Figure


def write(
    folder: Path,
    case: Case,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    interfaces: tuple[Interface, ...],
    load_cases: tuple[LoadCase, ...],
    solutions: tuple[LoadCaseSolution, ...],
    findings: Mapping[str, Any],
    cycles: tuple[Cycle, ...],
    after: Aftermath,
    untouched: Solved | None,
) -> Path:
    """Draws the figures, unless the case switches them off, and writes ``summary.html`` beside them.

    Args:
        folder: The run folder.
        case: What was asked.
        assembly: Meshed bodies.
        materials: Body name -> elasticity.
        interfaces: Contacts with their laws.
        load_cases: What was applied.
        solutions: What was solved, in the same order.
        findings: What was measured.
        cycles: Movements.
        after: What came of them, and of the months.
        untouched: The same patient's intact model; None: not asked for.

    Returns:
        The page.

    Raises:
        InputError: Figures are wanted and nothing can be drawn on this machine.
    """
    figures: list[Figure] = []
    if case.output.figures:
        from femsacrum.report.figures import draw

        run = (case, assembly, materials, interfaces, load_cases, solutions, findings, cycles, after, untouched)
        figures = draw(folder / "figures", *run)
        note_figures(folder / "figures", figures)
    page = folder / "summary.html"
    page.write_text(render(findings, figures), encoding="utf-8")
    return page


def note_figures(folder: Path, figures: Sequence[Figure]) -> Path:
    """Writes what each picture shows beside the pictures, for a report that is made later.

    Args:
        folder: Of the pictures.
        figures: The pictures, in the order in which they are shown.

    Returns:
        ``figures.json``.
    """
    told = [
        {"file": figure.path.name, **{key: getattr(figure, key) for key in ("title", "caption", "load_case", "kind")}}
        for figure in figures
    ]
    file = folder / "figures.json"
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def render(findings: Mapping[str, Any], figures: list[Figure]) -> str:
    """The page as text; whatever comes from the case is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("femsacrum.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    # macros that are imported know nothing but globals
    told = (words.number, words.spoken, words.ranged, after_words.settled, cells.sentence, sentences)
    environment.globals.update(
        {each.__name__: each for each in told}, tables=tables, nerve_words=nerve_words, guide_words=guide_words
    )
    return environment.get_template("summary.html").render(
        findings=findings,
        figures=[_embedded(figure) for figure in figures],
        headline=words.headline(findings, after_words.answers(findings), after_words.doubts(findings)),
        healing=findings.get("healing"),
        against=findings.get("against_intact"),
        statics_note=statics_note,
        validation=experiments.validation(),
        attribution=attribution(findings),
    )


def attribution(findings: Mapping[str, Any]) -> list[str]:
    """Whom the reference anatomy has to name, where any part of this run came from it."""
    if not any("reference" in origin for origin in findings["anatomy"]["origin"].values()):
        return []
    text = (resources.files("femsacrum.anatomy") / "reference_pelvis.json").read_text("utf-8")
    entries = json.loads(text)["attribution"]
    return [
        "; ".join(f"{key}: {entry[key]}" for key in ("part", "source", "licence", "changes", "note") if key in entry)
        for entry in entries
    ]


def _embedded(figure: Figure) -> dict[str, Any]:
    data = base64.b64encode(figure.path.read_bytes()).decode("ascii")
    return {
        "title": figure.title,
        "caption": figure.caption,
        "kind": figure.kind,
        "load_case": figure.load_case,
        "source": f"data:image/png;base64,{data}",
    }


def statics_note(found: Mapping[str, Any]) -> str:
    """What the hip force of a crutch stance is to be held against."""
    if "abductor_force" not in found["statics"]["measures"]:
        return ""
    alone, helped = constant("loads", "in_vivo_one_leg_stance"), constant("loads", "free_body_hip_force")
    alone_said = f"{100 * alone.value:.0f} %BW without crutches ({alone.cited()})"
    helped_said = f"{100 * helped.value:.0f} %BW with 15 %BW on each of two ({helped.cited()})"
    return (
        f"To compare: {alone_said}; {helped_said}. Here the abductors slant, which lowers the hip force, and the "
        "levers are those of this pelvis."
    )
