"""The demo's study on three meshes, the last twice as fine as the first: what still changes."""

from __future__ import annotations

from pathlib import Path

import femsacrum as fs
from benchmarks.row import Row

STUDY = Path(__file__).parents[2] / "studies/total_sacrectomy/case.toml"
#: Element sizes in units of the study's, coarse to fine.
FACTORS = (2.0, 1.41, 1.0)


def rows():
    """Each value beside the one on the mesh before (the error is the change)."""
    before = None
    for factor in FACTORS:
        case = fs.load(STUDY)
        sizes = {name: factor * size for name, size in case.mesh.model_dump().items() if name != "order"}
        case = case.model_copy(update={"mesh": case.mesh.model_copy(update=sizes)})
        findings = fs.run(case, folder=Path("runs") / f"mesh_size_{factor:g}")
        tetrahedra = findings["mesh"]["tetrahedra"]
        values = {
            (name, *told): value for name, found in findings["load_cases"].items() for told, value in _told(found)
        }
        for (load_case, what), value in values.items():
            if before is not None and (load_case, what) in before:
                source = f"mesh {factor / _coarser(factor):.2f} of the size before"
                yield Row(
                    f"{load_case}, {tetrahedra} tetrahedra", what, value, before[load_case, what], 0.0, source, False
                )
        before = values


def _coarser(factor):
    return FACTORS[FACTORS.index(factor) - 1]


def _told(found):
    """Quantity and value of everything compared."""
    moved = found["deformation"]
    yield ("L5 drop [mm]",), moved["L5_drop"]["value"]
    yield ("stiffness [N/mm]",), moved["construct_stiffness"]["value"]
    for name, each in found["implants"].items():
        yield (f"{name} p99.9 stress [MPa]",), each["von_mises_p999"]["value"]
    for name, each in found["interfaces"].items():
        if each["law"] == "frictional" and not each["loose"]:
            yield (f"{name} p95 motion [um]",), each["micromotion"]["p95"]["value"]
