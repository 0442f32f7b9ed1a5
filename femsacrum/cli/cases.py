"""Commands on a case: run, check, export, init, schema, version."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from femsacrum import __version__
from femsacrum.cli.carrying import carried_out, ends_well, words_of
from femsacrum.cli.command import CaseFile, Data, Overrides, app, load, progress_of, with_file
from femsacrum.errors import InputError


@app.command()
def run(
    case_file: CaseFile,
    overrides: Overrides = None,
    data: Data = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Compute every stage anew.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Run folder; default runs/<case name>.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell nothing but the result.")] = False,
) -> None:
    """Run a case: findings, fields, figures and a summary in its run folder; a line for each acceptance criterion."""
    case = load(case_file, overrides, data)

    from femsacrum.pipeline import run_folder

    folder = run_folder(case, out)
    words = words_of("run", case_file, overrides, data, ["--no-cache"] if no_cache else [], out)
    with ends_well(folder, case_file), progress_of(quiet) as progress:
        summary, findings = carried_out(case, case_file, folder, words, cache=not no_cache, progress=progress)
    from femsacrum.report.tables.criteria import line

    for row in findings["criteria"]:
        typer.echo(line(row))
    typer.echo(str(summary))


@app.command()
def check(
    case_file: CaseFile,
    overrides: Overrides = None,
    data: Data = None,
    files: Annotated[
        bool, typer.Option("--files", help="Read its surface files too, and tell what they are like.")
    ] = False,
) -> None:
    """Check a case without running it."""
    case = load(case_file, overrides, data)
    if files and case.anatomy.surfaces:
        from femsacrum.anatomy.preflight import preflight
        from femsacrum.case.load import CaseError

        table, refused = preflight(case.anatomy, case.anatomy.surfaces, case.folder, case.data)
        typer.echo(table)
        if refused:
            raise CaseError(case_file.name, refused)
    loads = ", ".join(f'"{load.name}"' for load in case.loads)
    typer.echo(f'{case_file.name}: valid; case "{case.name}", plan "{case.surgery.plan}", load cases {loads}')


@app.command()
def export(
    source: Annotated[Path, typer.Argument(metavar="CASE|RUN", help="A case, or a run folder.", show_default=False)],
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where to write.", show_default=False)],
    formats: Annotated[str, typer.Option("--formats", help="Of these, with commas.")] = "step,stl,vtu,msh,inp",
    overrides: Overrides = None,
    data: Data = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell nothing but the files.")] = False,
) -> None:
    """Write shapes and meshes for other programs: CAD (STEP, STL), ParaView, Gmsh, CalculiX."""
    case_file = source / "case.toml" if source.is_dir() else source
    if source.is_dir() and not case_file.exists():
        raise InputError(str(source), "is no run folder: it holds no case.toml")
    case = load(case_file, overrides, data)

    from femsacrum.exports import export as write

    try:
        with progress_of(quiet) as progress:
            folder = source if source.is_dir() else None
            files, remarks = write(case, to, formats.split(","), folder=folder, force=force, progress=progress)
    except InputError as error:
        raise with_file(error, case_file) from None
    for file in files:
        typer.echo(str(file))
    for remark in remarks:
        typer.echo(f"not as in femsacrum: {remark}")


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("case.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a commented case to start from."""
    template = (resources.files("femsacrum.case") / "template.toml").read_text(encoding="utf-8")
    try:
        with file.open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(template)
    except FileExistsError:
        raise InputError(str(file), "is there already; --force replaces it") from None
    typer.echo(f"{file} written; next: femsacrum check {file}")


@app.command()
def schema() -> None:
    """Print the JSON schema of a case, for editors that complete TOML."""
    from femsacrum.case.editors import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"femsacrum {__version__}")
