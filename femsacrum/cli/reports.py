"""Commands that tell finished runs: a report of one, a comparison of several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from femsacrum.cli.command import app


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    title: Annotated[str | None, typer.Option("--title", help="Title; default made of the case's name.")] = None,
    author: Annotated[str | None, typer.Option("--author", help="Who answers for it.")] = None,
    logo: Annotated[Path | None, typer.Option("--logo", metavar="PNG", help="Picture for the first page.")] = None,
    question: Annotated[
        str | None, typer.Option("--question", help="Question of interest; default the case's.")
    ] = None,
    context_of_use: Annotated[
        str | None,
        typer.Option("--context-of-use", metavar="TEXT", help="What the model is used for, beside which evidence."),
    ] = None,
    influence: Annotated[
        str | None,
        typer.Option("--influence", metavar="GRADE", help="How much the decision rests on it: low, medium, high."),
    ] = None,
    consequence: Annotated[
        str | None,
        typer.Option("--consequence", metavar="GRADE", help="What a wrong decision does: low, medium, high."),
    ] = None,
    influence_why: Annotated[str | None, typer.Option("--influence-why", metavar="TEXT", help="Why that.")] = None,
    consequence_why: Annotated[
        str | None, typer.Option("--consequence-why", metavar="TEXT", help="Why that.")
    ] = None,
    adequacy: Annotated[
        str | None, typer.Option("--adequacy", metavar="TEXT", help="Whether the evidence is enough, and why.")
    ] = None,
    asked: Annotated[
        Path | None, typer.Option("--asked", metavar="TOML", help="File of these texts; options win.")
    ] = None,
) -> None:
    """Write report.pdf, .html, .json and viewer.html into a run folder, for somebody who reviews it."""
    from femsacrum.report.document.write import report as write

    viewer = _viewer(folder)
    written = write(
        folder, title=title, author=author, logo=logo, question=question, context_of_use=context_of_use,
        influence=influence, consequence=consequence, influence_why=influence_why, consequence_why=consequence_why,
        adequacy=adequacy, asked=asked,
    )  # fmt: skip
    for file in (*written, *viewer):
        typer.echo(str(file))


@app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="Run folders.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where to write; no run folder.")] = Path(
        "comparison"
    ),
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Draw nothing.")] = False,
) -> None:
    """Lay finished runs side by side: outcomes, ranks, what differs in their cases, pictures on one scale."""
    from femsacrum.report.comparison.compare import compare as beside
    from femsacrum.report.comparison.told import lines
    from femsacrum.report.comparison.write import refuse_run, write
    from femsacrum.report.document.legible import legible

    refuse_run(out, folders)
    found = beside(folders)
    for line in lines(found):
        typer.echo(legible(line))
    for file in write(out, found, drawn=not no_pictures):
        typer.echo(str(file))


def _viewer(folder: Path) -> list[Path]:
    """The page in three dimensions, where the run kept fields that can be shown."""
    from femsacrum.errors import InputError
    from femsacrum.report.viewer import NAME, write_viewer

    if not (folder / "fields").is_dir():
        return []
    try:
        return [write_viewer(folder)]
    except InputError as error:  # what is wrong with the run is for the report to say
        (folder / NAME).unlink(missing_ok=True)
        typer.echo(f"no {NAME}: {error}", err=True)
        return []
