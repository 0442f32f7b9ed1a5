"""A case carried from its anatomy to a run folder with its summary and manifest, for every command that needs one."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from femsacrum.cli.command import INTERRUPTED, DefectError, with_file
from femsacrum.errors import FemsacrumError, InputError

if TYPE_CHECKING:
    from femsacrum.case.schema import Case
    from femsacrum.progress import Progress


def carried_out(
    case: Case, case_file: Path, folder: Path, words: Sequence[str], *, cache: bool, progress: Progress
) -> tuple[Path, dict[str, Any]]:
    """Run a case, write its summary, and last its manifest.

    Args:
        case: The case.
        case_file: Where it was read from.
        folder: Run folder.
        words: The command, for the manifest.
        cache: Continue after the last stage that finished.
        progress: Told how it goes.

    Returns:
        The summary, and the findings.
    """
    from femsacrum.credibility.manifest import begin
    from femsacrum.logbook import run_log, timed
    from femsacrum.pipeline import carry_out
    from femsacrum.progress import Cached
    from femsacrum.report.summary import write

    begun = begin(case, case_file, words)
    listening = Cached(progress)
    finished = carry_out(case, folder, cache=cache, progress=listening)
    with run_log(folder), timed(progress, "summary"):
        summary = write(**vars(finished))
    with run_log(folder), timed(progress, "manifest"):
        begun.write(folder, listening.stages)
    return summary, finished.findings


@contextlib.contextmanager
def ends_well(folder: Path, case_file: Path) -> Iterator[None]:
    """Whatever ends a run is said in one line: how to go on, where in the case, or where the log is."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # "kill" and batch systems stop a run as Ctrl-C does
    try:
        yield
    except KeyboardInterrupt:
        raise _interrupted(folder) from None
    except InputError as error:
        raise with_file(error, case_file) from None
    except FemsacrumError as error:
        error.add_note(f"log: {folder / 'run.log'}")
        raise
    except OSError:
        raise
    except Exception as error:
        if _was_interrupt(error):
            raise _interrupted(folder) from None
        raise DefectError(folder / "run.log", error) from error


def _interrupted(folder: Path) -> typer.Exit:
    typer.echo(f"interrupted; the same command continues after the last finished stage in {folder}", err=True)
    return typer.Exit(INTERRUPTED)


def _was_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind an error: PETSc turns what stops a Python preconditioner into an error of its own."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def words_of(
    command: str,
    case_file: Path,
    overrides: Sequence[str] | None,
    data: Sequence[Path] | None,
    flags: Sequence[str] = (),
    out: Path | None = None,
) -> list[str]:
    """The command line that gives the same again.

    Args:
        command: "run".
        case_file: The case.
        overrides: Of ``--set``.
        data: Of ``--data``.
        flags: Any that were given, with their values.
        out: Run folder; None: not given.
    """
    words = ["femsacrum", command, str(case_file)]
    for option, given in (("--set", overrides), ("--data", data), ("--out", [out] if out is not None else [])):
        for value in given or ():
            words += [option, str(value)]
    return [*words, *flags]
