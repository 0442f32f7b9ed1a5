"""A case for other programs: shapes for CAD, meshes, and decks that CalculiX runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from femsacrum.calculix.deck import write_deck
from femsacrum.case.schema import Case
from femsacrum.errors import InputError
from femsacrum.logbook import timed
from femsacrum.meshing.exchange.cad import triangulated, write_step, write_stl
from femsacrum.meshing.exchange.manifest import write_manifest
from femsacrum.meshing.exchange.msh import write_msh
from femsacrum.meshing.exchange.vtk import write_faces_vtu, write_vtu
from femsacrum.pipeline import Model, construct, model, run_folder
from femsacrum.progress import Progress
from femsacrum.store import RunFolder
from femsacrum.surgery.construct import Construct, Solid

#: Format -> what is written; those of shapes need no mesh.
SHAPES = {"step": "solids of implants, grafts, fixation and cutting guides", "stl": "surfaces of every body"}
MESHES = {"vtu": "mesh and faces for ParaView", "msh": "mesh for Gmsh", "inp": "decks for CalculiX"}
FORMATS = (*SHAPES, *MESHES)


def export(
    case: Case,
    to: str | Path,
    formats: Iterable[str] = FORMATS,
    *,
    folder: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> tuple[list[Path], list[str]]:
    """Write a case for other programs.

    Stages that the run folder keeps are read from it, others are computed and kept there; its results are left alone.

    Args:
        case: From ``femsacrum.load``.
        to: Folder to write into; it must be empty or not there.
        formats: Of "step", "stl", "vtu", "msh", "inp". With the first two comes ``construct.json``: frame, roles, faces,
            screws, rods, planes.
        folder: Run folder; None: the case's.
        force: Write into a folder that is not empty, over files of the same name.
        progress: Told how it goes.

    Returns:
        The files written; and one line for everything that is not in them as femsacrum has it.

    Raises:
        InputError: A format that is not known, a folder that is not empty, or a case that cannot be built or written.
        NumericalError: A stage failed.
    """
    place, wanted = Path(to), checked(formats)
    _make(place, force)
    with RunFolder(run_folder(case, folder), case, progress=progress, shows=False) as store:
        made = model(store, case) if set(wanted) & set(MESHES) else None
        shape = made.assembly.construct if made else construct(store, case)
        with timed(store.progress, "export"):
            files = _shapes(place, shape, wanted)
            further, remarks = _meshes(place, made, wanted) if made else ([], [])
    return [*files, *further], remarks


def checked(formats: Iterable[str]) -> tuple[str, ...]:
    """Formats as they are known, each once.

    Raises:
        InputError: One is not known, or there is none.
    """
    wanted = tuple(dict.fromkeys(name.strip().lower() for name in formats))
    for name in wanted:
        if name not in FORMATS:
            raise InputError("--formats", f'"{name}" is no format; there are {", ".join(FORMATS)}')
    if not wanted:
        raise InputError("--formats", f"names none; there are {', '.join(FORMATS)}")
    return wanted


def _make(place: Path, force: bool) -> None:
    if place.exists() and not place.is_dir():
        raise InputError(f"--to {place}", "is a file; name a folder")
    if place.exists() and any(place.iterdir()) and not force:
        raise InputError(f"--to {place}", "is not empty; name another folder, or --force writes into it")
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--to {place}", f"cannot be made: {error.strerror}") from None


def _shapes(place: Path, shape: Construct, wanted: tuple[str, ...]) -> list[Path]:
    """STEP and STL, and what they cannot say."""
    printed = {} if shape.guide is None else dict(shape.guide.solids)
    files: dict[str, list[str]] = {name: [] for name in (*shape.surfaces, *shape.solids, *printed)}
    if "step" in wanted:
        # what came as a surface has no exact geometry
        exact = {name: solid.brep for name, solid in shape.solids.items() if isinstance(solid, Solid)}
        for name, brep in (exact | printed).items():
            write_step(place / f"{name}.step", name, brep)
            files[name].append(f"{name}.step")
    if "stl" in wanted:
        drawn = {
            name: triangulated(solid.brep) if isinstance(solid, Solid) else solid.surface
            for name, solid in shape.solids.items()
        }
        surfaces = dict(shape.surfaces) | drawn | {name: triangulated(brep) for name, brep in printed.items()}
        for name, surface in surfaces.items():
            write_stl(place / f"{name}.stl", name, surface)
            files[name].append(f"{name}.stl")
    if not set(wanted) & set(SHAPES):
        return []
    write_manifest(place / "construct.json", shape, files)
    return [place / "construct.json", *(place / name for own in files.values() for name in own)]


def _meshes(place: Path, made: Model, wanted: tuple[str, ...]) -> tuple[list[Path], list[str]]:
    """Mesh files, and what the decks leave out."""
    bodies = made.assembly.bodies
    files: list[Path] = []
    remarks: list[str] = []
    if "vtu" in wanted:
        stiffness = {name: material.youngs_modulus for name, material in made.materials.items()}
        write_vtu(place / "mesh.vtu", bodies, cell_fields={"Young's modulus [MPa]": stiffness})
        write_faces_vtu(place / "faces.vtu", bodies)
        files += [place / "mesh.vtu", place / "faces.vtu"]
    if "msh" in wanted:
        write_msh(place / "mesh.msh", bodies)
        files.append(place / "mesh.msh")
    if "inp" in wanted:
        deck = write_deck(place, bodies, made.materials, made.interfaces, made.load_cases, made.bolts, made.springs)
        files += [deck.mesh, deck.model, *deck.load_cases.values()]
        remarks += deck.remarks
    return files, remarks
