"""The command ``femsacrum``; everything it does is a Python call first.

Exit codes: 0 done, 1 the user's input, 2 the numerics, 70 a defect of this program, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from femsacrum import __version__
from femsacrum.errors import FemsacrumError, InputError

if TYPE_CHECKING:
    from femsacrum.case.schema import Case
    from femsacrum.progress import Progress

INPUT, DEFECT, INTERRUPTED = 1, 70, 130

app = typer.Typer(
    help="Finite-element biomechanics of spinopelvic reconstruction. Research software, not a medical device.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

CaseFile = Annotated[Path, typer.Argument(metavar="CASE", help="The case, a TOML file.", show_default=False)]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help='Replace a value, e.g. --set loads[0].force="400 N"; repeatable.'
    ),
]

Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        metavar="FOLDER",
        help="Where files are that the case names, beside its own folder; repeatable (also FEMSACRUM_DATA).",
    ),
]


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """Without a command: say which there are."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


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
    case = _load(case_file, overrides, data)

    from femsacrum.pipeline import carry_out, run_folder
    from femsacrum.report.summary import write
    from femsacrum.store import run_log, timed

    folder = run_folder(case, out)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # "kill" and batch systems stop a run as Ctrl-C does
    try:
        with _progress(quiet) as progress:
            finished = carry_out(case, folder, cache=not no_cache, progress=progress)
            with run_log(folder), timed(progress, "summary"):
                summary = write(**vars(finished))
    except KeyboardInterrupt:
        typer.echo(f"interrupted; the same command continues after the last finished stage in {folder}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except InputError as error:
        raise _with_file(error, case_file) from None
    except FemsacrumError as error:
        error.add_note(f"log: {folder / 'run.log'}")
        raise
    except OSError:
        raise
    except Exception as error:
        raise DefectError(folder / "run.log", error) from error
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
    case = _load(case_file, overrides, data)
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
    case = _load(case_file, overrides, data)

    from femsacrum.exports import export as write

    try:
        with _progress(quiet) as progress:
            folder = source if source.is_dir() else None
            files, remarks = write(case, to, formats.split(","), folder=folder, force=force, progress=progress)
    except InputError as error:
        raise _with_file(error, case_file) from None
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


def main() -> None:
    """Entry point of the command."""
    sys.exit(execute(sys.argv[1:]))


def execute(arguments: list[str]) -> int:
    """Run the command; every way it can end is one line and an exit code.

    Args:
        arguments: As on the command line.

    Returns:
        The exit code.
    """
    try:
        code = app(args=arguments, prog_name="femsacrum", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except TyperException as error:
        return _say(INPUT, f"{error.format_message()} See femsacrum --help.")
    except FemsacrumError as error:
        return _say(error.exit_code, str(error), *getattr(error, "__notes__", ()))
    except (KeyboardInterrupt, typer.Abort):
        return _say(INTERRUPTED, "interrupted")
    except BrokenPipeError:  # the reader of a pipe went away ("| head"); nothing may be flushed into it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INPUT
    except OSError as error:
        return _say(INPUT, f"{error.filename or 'file system'}: {error.strerror or error}")
    except DefectError as error:
        return _say(DEFECT, str(error))
    except Exception as error:
        return _say(DEFECT, str(DefectError(_crash_file(error), error)))


class DefectError(Exception):
    """An error this program should not make.

    Args:
        log: Where its traceback was written.
        error: What happened.
    """

    def __init__(self, log: Path, error: Exception) -> None:
        first_line = (str(error).splitlines() or [""])[0]
        super().__init__(f"femsacrum failed unexpectedly: {type(error).__name__}: {first_line} (traceback in {log})")


def _load(case_file: Path, overrides: list[str] | None, data: list[Path] | None) -> Case:
    from femsacrum.case.load import load

    return load(case_file, overrides or (), data or ())


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    from femsacrum.progress import Lines, Live, Silent

    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with Live() as live:
            yield live
    else:
        yield Lines()


def _with_file(error: InputError, case_file: Path) -> InputError:
    """Name the case file in front of a key of the case that a stage could not use."""
    from femsacrum.case.schema import Case

    section = error.key.partition(".")[0].partition("[")[0]
    return InputError(f"{case_file.name}: {error.key}", error.problem) if section in Case.model_fields else error


def _crash_file(error: Exception) -> Path:
    handle, name = tempfile.mkstemp(prefix="femsacrum-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.writelines(traceback.format_exception(error))
    return Path(name)


def _say(code: int, *lines: str) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
