"""Commands on many designs of one case: sweep, sweep-status, collect, sweep-report."""

from __future__ import annotations

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from femsacrum.cli.command import INTERRUPTED, Data, app
from femsacrum.errors import InputError, NumericalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from femsacrum.sweep.carry import Cost, Told
    from femsacrum.sweep.folder import Prepared

SweepFile = Annotated[Path, typer.Argument(metavar="SWEEP", help="A sweep, a TOML file.", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the sweep; default runs/<its name>.")]


class On(StrEnum):
    """Where points are done."""

    local = "local"
    slurm = "slurm"
    cluster = "cluster"


@app.command()
def sweep(
    sweep_file: SweepFile,
    data: Data = None,
    out: Out = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=1024, help="Points at once; default what the machine holds.")
    ] = None,
    ranks: Annotated[
        int, typer.Option("--ranks", min=1, max=1024, help="MPI ranks of a point, where it is solved iteratively.")
    ] = 1,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it may cost that much.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a sweep that was begun; asks nothing.")
    ] = False,
    on: Annotated[
        On,
        typer.Option("--on", help="This machine; or submit job arrays: [slurm] or [cluster] of the sweep says how."),
    ] = On.local,
    time_here: Annotated[
        bool, typer.Option("--time-here", help="With --on slurm: do the first point here, to see what one takes.")
    ] = False,
) -> None:
    """Solve many designs of one case; what is done already is not done again."""
    from femsacrum.sweep.carry import carry
    from femsacrum.sweep.folder import prepare
    from femsacrum.sweep.ranks import assert_room, with_ranks
    from femsacrum.sweep.told import told_of

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if (on is not On.local and workers is not None) or (on is On.local and time_here):
        wrong = "--time-here" if time_here else "--workers"
        raise InputError(wrong, f"does not go with --on {on.value}; leave it out")
    if on is not On.local and ranks > 1:
        raise InputError("--ranks", f"does not go with --on {on.value}; give ranks in [{on.value}] of the sweep")
    prepared = prepare(sweep_file, out, data or ())
    begun = (prepared.task.folder / "points").is_dir()
    if resume and not begun:
        raise InputError("--resume", f"nothing was begun in {prepared.task.folder}; leave it out, or give --out")

    def agreed(cost: Cost | None) -> bool:
        typer.echo(
            cost.line() if cost else "no point is done yet, so nothing tells what one takes; --time-here does one"
        )
        if yes or resume:
            return True
        if not sys.stdin.isatty():
            raise InputError("--yes", "nobody can be asked here; give --yes where it may cost that much")
        return typer.confirm("Go on?")

    try:
        with told_of(prepared) as told:
            if on is not On.local:
                _submit(prepared, on, sweep_file, agreed, told, time_here=time_here)
                return
            if ranks > 1:
                assert_room(ranks)
            asked = with_ranks(prepared, ranks)
            found = carry(asked, processes=workers, agreed=agreed, told=told, together=yes or resume)
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


def _submit(
    prepared: Prepared,
    on: On,
    sweep_file: Path,
    agreed: Callable[[Cost | None], bool],
    told: Told,
    *,
    time_here: bool,
) -> None:
    from femsacrum.sweep.hand_over import hand_over

    cluster = prepared.sweep.slurm if on is On.slurm else prepared.sweep.cluster
    if cluster is None:
        raise InputError("cluster", f"{sweep_file.name} has no [cluster]; it says how the scheduler is spoken to")
    done = hand_over(prepared, cluster, sweep_file.parent, agreed=agreed, told=told, time_here=time_here)
    for line in done.lines():
        typer.echo(line)
    typer.echo(str(prepared.task.folder))


@app.command("sweep-points", hidden=True)
def sweep_points(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of a sweep.")],
    file: Annotated[Path, typer.Argument(metavar="POINTS", help="List of points in it.")],
    start: Annotated[int, typer.Argument(min=0, help="First of the list.")],
    stop: Annotated[int, typer.Argument(min=0, help="One past the last.")],
    workers: Annotated[int, typer.Option("--workers", min=1, max=1024, help="Points at once.")] = 1,
    ranks: Annotated[int, typer.Option("--ranks", min=1, max=1024, help="MPI ranks of a point.")] = 1,
    launch: Annotated[str, typer.Option("--launch", help="Command that starts them.")] = "",
) -> None:
    """Do some points of a sweep, as a task of a cluster does."""
    from femsacrum.sweep.share import share

    try:
        states = share(folder, file, start, stop, workers, ranks=ranks, launch=launch)
    except KeyboardInterrupt:
        typer.echo("told to end; the points in work go on where they are when they are submitted again", err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(", ".join(f"{count} {state}" for state, count in states.items()) or "nothing left to do")


@app.command()
def warmup(
    case_file: Annotated[
        Path | None, typer.Argument(metavar="[CASE]", help="What it needs; default a total sacrectomy.")
    ] = None,
    data: Data = None,
) -> None:
    """Compile everything beforehand, so that the nodes of a cluster need no compiler; says where it is kept."""
    from femsacrum.sweep.warmup import warmup as warm

    for line in warm(case_file, tuple(data or ())).lines():
        typer.echo(line)


@app.command("sweep-status")
def sweep_status(sweep_file: SweepFile, data: Data = None, out: Out = None) -> None:
    """Tell how far a sweep has come, and which of its points the scheduler has."""
    from femsacrum.sweep import slurm
    from femsacrum.sweep.folder import prepare
    from femsacrum.sweep.status import status

    prepared = prepare(sweep_file, out, data or ())
    task, queued = prepared.task, None
    try:
        queued = slurm.queued(task.folder, prepared.sweep.cluster or prepared.sweep.slurm)
    except InputError as error:
        typer.echo(f"nobody tells which points wait: {error}", err=True)
    for line in status(task.folder, len(prepared.points), task.code, queued).lines():
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
