"""Commands on the credibility of a result: verify, reproduce."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from femsacrum.cli.command import INPUT, Data, app, progress_of

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)]

#: Differences told line by line; the rest are counted.
SHOWN = 50


@app.command()
def verify(folder: RunFolder, data: Data = None) -> None:
    """Hash a run folder again, and name every file that was changed, added or removed (exit code 1)."""
    from femsacrum.credibility.verify import verify as hash_again
    from femsacrum.store import MANIFEST

    found = hash_again(folder, data or ())
    for line in found.lines():
        typer.echo(line)
    if found.inputs_unseen:
        where = "--data FOLDER says where they are"
        typer.echo(f"{_counted(len(found.inputs_unseen), 'input')} not looked at; {where}")
    if not found.holds:
        raise typer.Exit(INPUT)
    typer.echo(f"{_counted(len(found.sound), 'file')} as they were written")
    if found.inputs_sound:
        typer.echo(f"{_counted(len(found.inputs_sound), 'input')} as they were")
    typer.echo(f"SHA-256 of the manifest itself: {hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()}")


@app.command()
def reproduce(
    folder: RunFolder,
    data: Data = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", min=0.0, max=1.0, help="Relative difference of two numbers that is none.")
    ] = 1e-6,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell nothing but the result.")] = False,
) -> None:
    """Run the case of a run folder again, without its cache, and compare the findings (exit code 1: they differ)."""
    from femsacrum.credibility.reproduce import reproduce as run_again

    with progress_of(quiet) as progress:
        found = run_again(folder, data or (), tolerance=tolerance, progress=progress)
    for difference in found.differences[:SHOWN]:
        typer.echo(difference.line())
    if len(found.differences) > SHOWN:
        typer.echo(f"and {len(found.differences) - SHOWN} more")
    total = found.numbers + found.others
    if found.differences:
        typer.echo(f"{len(found.differences)} of {total} entries differ")
        raise typer.Exit(INPUT)
    typer.echo(
        f"numbers that agree to {tolerance:g}: {found.numbers} (largest relative difference {found.largest:.1e}); "
        f"other entries that are the same: {found.others}"
    )


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing} is" if number == 1 else f"{number} {thing}s are"
