"""The demo's prosthesis, exported and given back as a designer's file: how a coarse standing case answers.

The screws differ a little (the file does not say where its plate ends), and of a surface the edges are rounded.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import femsacrum as fs
from benchmarks.row import Row
from femsacrum.exports import export

DEMO = Path(__file__).parents[2] / "studies" / "total_sacrectomy" / "case.toml"
COARSE = ('mesh.bone="7 mm"', 'mesh.soft="5 mm"', 'mesh.implant="8 mm"', 'mesh.fixation="6 mm"')
#: Keys of the prosthesis in each file.
FILES = {"sacrum.step": {"file": "sacrum.step"}, "sacrum.stl": {"file": "sacrum.stl", "unit": "mm"}}
#: A few percent, asked of the round trip.
NEAR = 0.05


def standing(case, folder):
    """Drop of L5 [mm] and stiffness of the construct [N/mm] of the first load case."""
    found = fs.run(case.model_copy(update={"loads": case.loads[:1]}), folder)["load_cases"][case.loads[0].name]
    checks = {each["check"]: each["holds"] for each in found["validity"]}
    assert checks["solution converged"], "not converged"
    return {key: found["deformation"][key]["value"] for key in ("L5_drop", "construct_stiffness")}


def rows():
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        case = fs.load(DEMO, overrides=(*COARSE, "surgery.graft=none"))
        own = standing(case, place / "own")
        files, _ = export(case, place / "shapes", ("step", "stl"), folder=place / "own")
        for name, keys in FILES.items():
            made = next(file for file in files if file.name == f"prosthesis{Path(name).suffix}")
            (place / name).write_bytes(made.read_bytes())
            options = type(case.surgery.prosthesis).model_validate(keys)
            surgery = case.surgery.model_copy(update={"prosthesis": options})
            given = standing(
                case.model_copy(update={"surgery": surgery}).placed(place), place / Path(name).suffix[1:]
            )
            for key, unit in (("L5_drop", "mm"), ("construct_stiffness", "N/mm")):
                yield Row(
                    f"prosthesis given back as {name}", f"{key} [{unit}]", given[key], own[key], NEAR, "parametric"
                )
