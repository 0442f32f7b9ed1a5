"""A comparison as files: one page that needs no network and no other file, and the same as JSON."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from femsacrum.credibility.worst_size import Worst, sentences
from femsacrum.errors import InputError
from femsacrum.report.comparison import told
from femsacrum.report.comparison.compare import RULES, Comparison, content, finite
from femsacrum.report.comparison.dots import dots
from femsacrum.report.comparison.fields import Picture, pictures
from femsacrum.report.document.legible import legible
from femsacrum.store import written

#: Titles of the page.
TITLE, FAMILY = "Designs side by side", "Worst-case size of a family"


def write(
    folder: Path, found: Comparison, worst: Sequence[Worst] | None = None, *, drawn: bool = True
) -> tuple[Path, Path]:
    """Write ``comparison.html`` and ``comparison.json``.

    Args:
        folder: Where; made if absent, no run folder.
        found: The comparison.
        worst: Worst sizes, where the runs are a family.
        drawn: Draw the runs' fields side by side.

    Raises:
        InputError: The folder is one of the runs.
    """
    refuse_run(folder, [design.folder for design in found.designs])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        made, lacking = _pictures(Path(place), found) if drawn else ([], [])
        page = _page(found, worst, made, lacking)
    data = content(found)
    if worst is not None:
        data["worst_case"] = _worst(found, worst)
    files = {"comparison.html": page, "comparison.json": json.dumps(data, indent=1, ensure_ascii=False) + "\n"}
    for name, text in files.items():
        with written(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return folder / "comparison.html", folder / "comparison.json"


def refuse_run(folder: Path, runs: Sequence[Path]) -> None:
    """Refuse to write into a run folder, or below one.

    Raises:
        InputError: It is.
    """
    place = folder.resolve()
    if any(run.resolve() in (place, *place.parents) for run in runs):
        raise InputError(f"--out {folder}", "is in one of the runs, which are only read; give another folder")


def _pictures(place: Path, found: Comparison) -> tuple[list[Picture], list[str]]:
    made: list[Picture] = []
    named = dots(place / "outcomes.png", found)
    if named is not None:
        made.append(Picture(place / "outcomes.png", *named))
    try:
        more, lacking = pictures(place, found.compared)
    except InputError as error:  # no OpenGL on this machine
        return made, [error.problem]
    return made + more, lacking


def _page(found: Comparison, worst: Sequence[Worst] | None, made: Sequence[Picture], lacking: Sequence[str]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("femsacrum.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        finalize=lambda shown: legible(shown) if type(shown) is str else shown,
    )  # fmt: skip
    names = [design.name for design in found.compared]
    return environment.get_template("comparison.html").render(
        title=TITLE if worst is None else FAMILY,
        against=found.against,
        remarks=[*found.remarks, *lacking],
        verdict=[] if worst is None else list(sentences(worst, names)),
        rules=[f"{key}: {text}" for key, text in RULES.items()],
        unsound=[design for design in found.designs if not design.sound],
        standing=told.standing(found),
        worst=None if worst is None else told.worst(found, worst),
        cases=told.cases(found),
        outcomes=told.outcomes(found),
        pictures=[
            (each.title, each.caption, Markup(base64.b64encode(each.file.read_bytes()).decode("ascii")))
            for each in made
        ],
    )


def _worst(found: Comparison, worst: Sequence[Worst]) -> dict[str, Any]:
    names = [design.name for design in found.compared]
    return {
        "sentences": list(sentences(worst, names)),
        "outcomes": [
            {
                "outcome": each.row.key,
                "load_case": each.row.load_case,
                "sizes": [names[i] for i in each.sizes],
                "next": None if each.following is None else names[each.following],
                "differs_from_next": each.resolved,
                "over_the_sizes": each.course,
                "margin": finite(each.margin),
                "unit": each.row.unit,
            }
            for each in worst
        ],
    }
