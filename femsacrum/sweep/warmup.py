"""Everything compiled beforehand, so that nodes need no compiler and the first points no patience."""

from __future__ import annotations

import pkgutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import femsacrum
from femsacrum.case.load import load
from femsacrum.case.schema import Case

#: Coarse, since what is compiled does not depend on it.
COARSE = ('mesh.bone="9 mm"', 'mesh.soft="6 mm"', 'mesh.implant="9 mm"', 'mesh.fixation="6 mm"')


@dataclass(frozen=True)
class Warm:
    """What is compiled.

    Attributes:
        kernels: Name of each numba kernel -> whether it is kept compiled.
        places: Folders that keep kernels; NUMBA_CACHE_DIR says where.
        forms: Folder that keeps FEniCSx forms; XDG_CACHE_HOME says where.
    """

    kernels: dict[str, bool]
    places: tuple[Path, ...]
    forms: Path

    def lines(self) -> list[str]:
        """For people."""
        cold = [name for name, kept in self.kernels.items() if not kept]
        count = len(self.kernels)
        told = [f"{count - len(cold)} of {count} kernels and the forms are compiled"]
        if cold:
            told.append(f"not needed by this case, compiled when they are: {', '.join(cold)}")
        return [*told, *(f"kernels: {place}" for place in self.places), f"forms: {self.forms}"]


def warmup(case_file: Path | None = None, data: tuple[Path, ...] = ()) -> Warm:
    """Carry a case on coarse meshes from its anatomy to its findings, in a folder that does not stay.

    Args:
        case_file: The case; None: the template's, a total sacrectomy.
        data: Data folders.

    Raises:
        InputError: The case cannot be used.
        NumericalError: It has no solution on coarse meshes.
    """
    from femsacrum.mechanics.compiled import folder

    with tempfile.TemporaryDirectory(prefix="femsacrum-") as place:
        if case_file is None:
            text = resources.files("femsacrum.case").joinpath("template.toml").read_text(encoding="utf-8")
            case_file = Path(place) / "case.toml"
            case_file.write_text(text, encoding="utf-8")
        _carry(load(case_file, COARSE, data), Path(place) / "run")
    found = dict(_kernels())
    places = {Path(kernel.stats.cache_path) for kernel in found.values()}
    return Warm({name: _kept(kernel) for name, kernel in found.items()}, tuple(sorted(places)), folder())


def _carry(case: Case, folder: Path) -> None:
    from femsacrum.aftermath import aftermath
    from femsacrum.pipeline import model, solved
    from femsacrum.store import RunFolder

    with RunFolder(folder, case) as store:
        made = model(store, case)
        solved(store, case, made)
        aftermath(store, case, made)


def _kernels() -> Iterator[tuple[str, Any]]:
    """Name and kernel of all that numba compiles and keeps; those taken into others are none of their own."""
    from numba.core.dispatcher import Dispatcher

    for module in pkgutil.walk_packages(femsacrum.__path__, "femsacrum."):
        if module.name.split(".")[1] not in ("anatomy", "surgery", "meshing", "materials", "mechanics", "findings"):
            continue
        for name, value in vars(import_module(module.name)).items():
            inlined = isinstance(value, Dispatcher) and value.targetoptions.get("inline") == "always"
            if isinstance(value, Dispatcher) and value.__module__ == module.name and not inlined:
                yield f"{module.name.removeprefix('femsacrum.')}.{name}", value


def _kept(kernel: Any) -> bool:
    code = kernel.py_func.__code__
    found = Path(kernel.stats.cache_path).glob(f"*.{code.co_name}-{code.co_firstlineno}.*.nbi")
    return any(found)
