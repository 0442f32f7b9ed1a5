"""Commands on many designs of one case: sweep, sweep-status, collect, sweep-report."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from femsacrum.cli.command import INTERRUPTED, Data, app
from femsacrum.errors import InputError, NumericalError

if TYPE_CHECKING:
    from femsacrum.sweep.carry import Cost

SweepFile = Annotated[Path, typer.Argument(metavar="SWEEP", help="A sweep, a TOML file.", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the sweep; default runs/<its name>.")]


@app.command()
def sweep(
    sweep_file: SweepFile,
    data: Data = None,
    out: Out = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=1024, help="Points at once; default what the machine holds.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it may cost that much.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a sweep that was begun; asks nothing.")
    ] = False,
) -> None:
    """Solve many designs of one case; what is done already is not done again."""
    from femsacrum.sweep.carry import carry
    from femsacrum.sweep.folder import prepare
    from femsacrum.sweep.told import told_of

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    prepared = prepare(sweep_file, out, data or ())
    begun = (prepared.task.folder / "points").is_dir()
    if resume and not begun:
        raise InputError("--resume", f"nothing was begun in {prepared.task.folder}; leave it out, or give --out")

    def agreed(cost: Cost) -> bool:
        typer.echo(cost.line())
        if yes or resume:
            return True
        if not sys.stdin.isatty():
            raise InputError("--yes", "nobody can be asked here; give --yes where it may cost that much")
        return typer.confirm("Go on?")

    try:
        with told_of(prepared) as told:
            found = carry(prepared, processes=workers, agreed=agreed, told=told)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command with --resume goes on with the points that are missing", err=True)
        raise typer.Exit(INTERRUPTED) from None
    for line in found.lines():
        typer.echo(line)
    typer.echo(str(prepared.task.folder))
    if found.states.get("failed"):
        raise NumericalError(
            f"{found.states['failed']} points ended without an answer; see {prepared.task.folder / 'logs'}"
        )


@app.command("sweep-status")
def sweep_status(sweep_file: SweepFile, data: Data = None, out: Out = None) -> None:
    """Tell how far a sweep has come."""
    from femsacrum.sweep.folder import prepare
    from femsacrum.sweep.status import status

    prepared = prepare(sweep_file, out, data or ())
    for line in status(prepared.task.folder, len(prepared.points), prepared.task.code).lines():
        typer.echo(line)


@app.command()
def collect(sweep_file: SweepFile, data: Data = None, out: Out = None) -> None:
    """Write what is known of all points of a sweep into one Parquet table."""
    from femsacrum.sweep.collect import collect as gather
    from femsacrum.sweep.folder import prepare

    prepared = prepare(sweep_file, out, data or ())
    task = prepared.task
    typer.echo(str(gather(task.folder, prepared.sweep.factors, len(prepared.points), task.code)))


@app.command("sweep-report")
def sweep_report(sweep_file: SweepFile, data: Data = None, out: Out = None) -> None:
    """Write what the points of a sweep say together as sweep_report.pdf, .html and .json."""
    from femsacrum.report.sweep.write import sweep_report as write
    from femsacrum.sweep.folder import prepare

    prepared = prepare(sweep_file, out, data or ())
    for file in write(prepared.task.folder, prepared.sweep, prepared.points, prepared.task.code):
        typer.echo(str(file))
