"""Rooms import rooms to their left only, and heavy packages stay in the rooms that own them."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "femsacrum"
ORDER = [
    "__init__",
    "errors",
    "paths",
    "workers",
    "guarded",
    "codec",
    "sources",
    "case",
    "images",
    "anatomy",
    "surgery",
    "meshing",
    "materials",
]
ORDER += [
    "materials",
    "loads",
    "mechanics",
    "calculix",
    "findings",
    "course",
    "hashing",
    "fingerprint",
    "progress",
    "logbook",
    "store",
    "shelf",
    "aftermath",
    "pipeline",
    "exports",
]
ORDER += ["credibility", "sweep", "report", "cli"]
OWNERS = {
    ("dolfinx", "dolfinx_solver", "ufl", "basix", "ffcx", "petsc4py", "mpi4py"): ("mechanics/",),
    ("SimpleITK",): ("images/",),
    ("gmsh",): ("meshing/", "surgery/"),
    ("pyvista", "vtk", "vtkmodules"): ("anatomy/", "meshing/exchange/", "report/"),
    ("typer",): ("cli/",),
}
SOURCES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def imports(source: str, *, when_loaded_only: bool = False) -> set[str]:
    """Dotted names a file imports; those for type hints only do not count."""
    found, waiting = set(), [ast.parse((PACKAGE / source).read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        elif not (when_loaded_only and isinstance(node, ast.FunctionDef)):
            waiting.extend(ast.iter_child_nodes(node))
    return found


@pytest.mark.parametrize("source", [source for source in SOURCES if source != "__init__.py"])
def test_nothing_is_imported_from_the_right(source):
    def place(name):
        return ORDER.index(name if name in ORDER else "__init__")

    own = place(source.partition("/")[0].removesuffix(".py"))
    ours = {name.split(".")[1] for name in imports(source) if name.startswith("femsacrum.")}
    assert not [room for room in ours if place(room) > own]


@pytest.mark.parametrize("source", SOURCES)
def test_heavy_packages_stay_with_their_owners(source):
    tops = {name.partition(".")[0] for name in imports(source)}
    wrong = [
        top
        for packages, owners in OWNERS.items()
        for top in packages
        if top in tops and not source.startswith(owners)
    ]
    assert not wrong


def test_every_room_has_its_place():
    assert {source.partition("/")[0].removesuffix(".py") for source in SOURCES} <= set(ORDER)


def test_what_check_needs_is_light():
    heavy = {"dolfinx", "gmsh", "pyvista", "vtk", "numba", "scipy", "numpy", "pint", "rich"}
    light = ("__init__.py", "errors.py", "paths.py", "cli/", "case/", "sources/")
    for source in (source for source in SOURCES if source.startswith(light)):
        assert not heavy & {name.partition(".")[0] for name in imports(source, when_loaded_only=True)}, source
