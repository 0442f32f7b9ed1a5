"""Commands on a case: run, check, export, init, schema, version."""

from __future__ import annotations

import json
import signal
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from femsacrum import __version__
from femsacrum.cli.command import (
    INTERRUPTED,
    CaseFile,
    Data,
    DefectError,
    Overrides,
    app,
    load,
    progress_of,
    with_file,
)
from femsacrum.errors import FemsacrumError, InputError


@app.command()
def run(
    case_file: CaseFile,
    overrides: Overrides = None,
    data: Data = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Compute every stage anew.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Run folder; default runs/<case name>.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell nothing but the result.")] = False,
) -> None:
    """Run a case: findings, fields, figures and a summary in its run folder."""
    case = load(case_file, overrides, data)

    from femsacrum.credibility.manifest import begin
    from femsacrum.pipeline import carry_out, run_folder
    from femsacrum.progress import Cached
    from femsacrum.report.summary import write
    from femsacrum.store import run_log, timed

    folder = run_folder(case, out)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # "kill" and batch systems stop a run as Ctrl-C does
    try:
        with progress_of(quiet) as progress:
            begun = begin(case, case_file, _words(case_file, overrides, data, no_cache, out))
            listening = Cached(progress)
            finished = carry_out(case, folder, cache=not no_cache, progress=listening)
            with run_log(folder), timed(progress, "summary"):
                summary = write(**vars(finished))
            with run_log(folder), timed(progress, "manifest"):
                begun.write(folder, listening.stages)
    except KeyboardInterrupt:
        typer.echo(f"interrupted; the same command continues after the last finished stage in {folder}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except InputError as error:
        raise with_file(error, case_file) from None
    except FemsacrumError as error:
        error.add_note(f"log: {folder / 'run.log'}")
        raise
    except OSError:
        raise
    except Exception as error:
        raise DefectError(folder / "run.log", error) from error
    typer.echo(str(summary))


def _words(
    case_file: Path, overrides: list[str] | None, data: list[Path] | None, no_cache: bool, out: Path | None
) -> list[str]:
    """The command that gives this run again."""
    words = ["femsacrum", "run", str(case_file)]
    for option, given in (("--set", overrides), ("--data", data)):
        for value in given or ():
            words += [option, str(value)]
    words += ["--no-cache"] if no_cache else []
    return words + (["--out", str(out)] if out is not None else [])


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
