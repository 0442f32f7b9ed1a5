"""What all commands share: the app, common options, and the one line and exit code in which every command ends."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

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


def load(case_file: Path, overrides: list[str] | None, data: list[Path] | None) -> Case:
    """The case of a command line."""
    from femsacrum.case.load import load

    return load(case_file, overrides or (), data or ())


@contextlib.contextmanager
def progress_of(quiet: bool) -> Iterator[Progress]:
    """Who is told how it goes: a terminal in place, anything else line by line, nobody where it is to be quiet."""
    from femsacrum.progress import Lines, Live, Silent

    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with Live() as live:
            yield live
    else:
        yield Lines()


def with_file(error: InputError, case_file: Path) -> InputError:
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
