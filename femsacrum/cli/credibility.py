"""Commands on the credibility of a result: verify, reproduce, converge, sensitivity, family, qualify."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from femsacrum.cli.carrying import carried_out, ends_well, words_of
from femsacrum.cli.command import INPUT, CaseFile, Data, Overrides, app, load, progress_of
from femsacrum.errors import InputError, NumericalError

if TYPE_CHECKING:
    from femsacrum.case.schema import Case
    from femsacrum.credibility.family import Ran, Size
    from femsacrum.progress import Progress

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


@app.command()
def converge(
    case_file: CaseFile,
    overrides: Overrides = None,
    data: Data = None,
    ratio: Annotated[float, typer.Option("--ratio", help="Of the element sizes from mesh to mesh.")] = 1.4,
    finer: Annotated[
        bool, typer.Option("--finer", help="One mesh finer than the case's, one coarser; else two coarser.")
    ] = False,
    no_effects: Annotated[
        bool, typer.Option("--no-effects", help="Leave out what tolerance, increments and penetration change.")
    ] = False,
    movements: Annotated[
        bool, typer.Option("--movements", help="Walk the movements on every mesh too (not the months).")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Show every quantity, not only the main ones.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Run folder; default runs/<case name>.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell nothing but the result.")] = False,
) -> None:
    """Solve a case on three meshes: order, extrapolated value and uncertainty of every reported quantity."""
    case = load(case_file, overrides, data)

    from femsacrum.credibility.converge import converge as solve_all
    from femsacrum.credibility.converge import write
    from femsacrum.credibility.convergence_table import lines
    from femsacrum.pipeline import run_folder

    folder = run_folder(case, out)
    with ends_well(folder, case_file), progress_of(quiet) as progress:
        _run_where_needed(case, case_file, folder, words_of("run", case_file, overrides, data, out=out), progress)
        found = solve_all(
            folder, case, case_file, ratio=ratio, finer=finer, effects=not no_effects, movements=movements,
            progress=progress,
        )  # fmt: skip
        written = write(folder, found)
    for line in lines(found, every=every):
        typer.echo(line)
    typer.echo(str(written))


@app.command()
def sensitivity(
    case_file: CaseFile,
    overrides: Overrides = None,
    data: Data = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            "--also",
            metavar="KEY=LOW:HIGH",
            help="A key of the case that goes through a range as well, e.g. 'patient.mass=60 kg:90 kg'; repeatable.",
        ),
    ] = None,
    ratio: Annotated[
        float, typer.Option("--ratio", help="Element sizes to vary on over those of the case; 1: its own mesh.")
    ] = 1.96,
    every: Annotated[bool, typer.Option("--all", help="Show every quantity and input, not only what leads.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Run folder; default runs/<case name>.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell nothing but the result.")] = False,
) -> None:
    """Solve a case with one uncertain input after the other at both ends of its range: what the outcomes hinge on."""
    case = load(case_file, overrides, data)

    from femsacrum.credibility.also import further
    from femsacrum.credibility.sensitivity import sensitivity as solve_all
    from femsacrum.credibility.sensitivity import write
    from femsacrum.credibility.sensitivity_table import lines
    from femsacrum.pipeline import run_folder

    asked = further(also or (), case, lambda one: load(case_file, [*(overrides or ()), one], data))
    folder = run_folder(case, out)
    with ends_well(folder, case_file), progress_of(quiet) as progress:
        _run_where_needed(case, case_file, folder, words_of("run", case_file, overrides, data, out=out), progress)
        found = solve_all(folder, case, also=asked, ratio=ratio, progress=progress)
        written = write(folder, found)
    for line in lines(found, every=every):
        typer.echo(line)
    typer.echo(str(written))


@app.command()
def family(
    case_file: CaseFile,
    sizes_file: Annotated[
        Path,
        typer.Argument(
            metavar="SIZES", help="A TOML file with the sizes, each a name and overrides.", show_default=False
        ),
    ],
    overrides: Overrides = None,
    data: Data = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Default runs/<case name>_family.")
    ] = None,
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Lay no pictures side by side.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell nothing but the result.")] = False,
) -> None:
    """Run a family of sizes, compare them, and name the worst-case size of every outcome and criterion."""
    from femsacrum.credibility.family import read_sizes, run_all

    sizes = read_sizes(sizes_file)
    common = list(overrides or ())
    cases = [_of_size(case_file, sizes_file, common, each, data) for each in sizes]

    def carry(size: Size, case: Case, place: Path) -> None:
        words = words_of("run", case_file, [*common, *size.overrides], data, out=place)
        carried_out(case, case_file, place, words, cache=True, progress=progress)

    folder = out or Path("runs") / f"{cases[0].name}_family"
    with ends_well(folder, case_file), progress_of(quiet) as progress:
        done = run_all(sizes, cases, folder, carry, progress)
    failed = [each for each in done if each.error is not None]
    for each in failed:
        log = each.folder / "run.log"
        typer.echo(
            f"size {each.size.name} failed and is not among those compared: {each.error} (log: {log})", err=True
        )
    _tell_family(done, folder, pictures=not no_pictures)
    if failed:
        raise typer.Exit(max(each.error.exit_code for each in failed if each.error is not None))


def _run_where_needed(case: Case, case_file: Path, folder: Path, words: list[str], progress: Progress) -> None:
    """Run a case, unless its folder holds exactly that."""
    from femsacrum.credibility.converge import current

    if not current(folder, case):
        carried_out(case, case_file, folder, words, cache=True, progress=progress)


def _of_size(case_file: Path, sizes_file: Path, common: list[str], size: Size, data: list[Path] | None) -> Case:
    """The case of one size; what is wrong with it names the size."""
    try:
        return load(case_file, [*common, *size.overrides], data)
    except InputError as error:
        error.add_note(f'size "{size.name}" of {sizes_file.name}')
        raise


def _tell_family(done: Sequence[Ran], folder: Path, *, pictures: bool) -> None:
    from femsacrum.credibility.worst_size import worst_sizes
    from femsacrum.report.comparison.compare import compare
    from femsacrum.report.comparison.told import lines
    from femsacrum.report.comparison.write import write
    from femsacrum.report.document.legible import legible

    there = [each for each in done if each.folder.is_dir()]
    found = compare([each.folder for each in there], [each.size.name for each in there])
    worst = None if found.against else worst_sizes(found.rows, every=len(found.compared) == len(done))
    for line in lines(found, worst):
        typer.echo(legible(line))
    for file in write(folder, found, worst, drawn=pictures):
        typer.echo(str(file))


@app.command()
def qualify(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RUN]", help="Run folder to put the evidence into; default where one is.", show_default=False
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell nothing but the result.")] = False,
) -> None:
    """Solve problems with known answers on this machine, and sign what came of them with its hash."""
    from femsacrum.credibility.qualification import failed, write
    from femsacrum.credibility.qualification import qualify as solve_all

    if folder is not None and not folder.is_dir():
        raise InputError(str(folder), "is no folder; give the folder of a run")
    with progress_of(quiet) as progress:
        content = solve_all(progress=progress)
    for line in failed(content):
        typer.echo(line)
    judged = sum(case["judged"] for case in content["cases"])
    file = write(content, folder)
    if failed(content):
        raise NumericalError(f"qualify: {len(failed(content))} of {judged} values are out; see {file}")
    typer.echo(f"{judged} values are within their limits; {file}, SHA-256 {content['sha256']}")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing} is" if number == 1 else f"{number} {thing}s are"
