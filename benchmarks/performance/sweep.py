"""A sweep of 64 points of the coarse demo beside the same points as runs of their own, without and with their cache.

The sweep is carried out whole, by its command, from nothing. Runs are sampled: without a cache those at two corners, with
it those whose mesh is there already, to which the meshes are added that 64 of them would make.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import goal
from benchmarks.row import Row
from femsacrum.sweep import records
from femsacrum.workers import processes

STUDY = Path(__file__).parents[2] / "studies/total_sacrectomy/case.toml"
COARSE = (
    *('mesh.bone="6 mm"', 'mesh.soft="5 mm"', 'mesh.implant="7 mm"', 'mesh.fixation="5 mm"', "output.figures=false"),
    'materials.bodies.graft={youngs_modulus="5 GPa", poisson_ratio=0.3, source="a benchmark"}',
)
FRICTION, MASS = "interfaces[3].friction", "patient.mass"
ROD, GRAFT = "surgery.fixation.rod_diameter", "materials.bodies.graft.youngs_modulus"
VALUES = {
    FRICTION: ("0.3", "0.4", "0.5", "0.6"),
    MASS: ('"60 kg"', '"75 kg"', '"90 kg"', '"105 kg"'),
    ROD: ('"5.5 mm"', '"6 mm"'),
    GRAFT: ('"2 GPa"', '"5 GPa"'),
}
POINTS = 64
SOURCE = "timed here"


def rows():
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        sweep = place / "sweep.toml"
        sweep.write_text(definition(), encoding="utf-8")
        before, begun = busy(), time.perf_counter()
        femsacrum("sweep", sweep, "--yes", "--out", place / "sweep")
        wall, worked = time.perf_counter() - begun, busy() - before
        done = [records.read(place / "sweep", point) for point in range(POINTS)]
        assert all(record is not None and record.state == "done" for record in done)
        first, last = (tuple(values[at] for values in VALUES.values()) for at in (0, -1))
        alone = np.mean(
            [run(place / f"alone_{number}", each, "--no-cache") for number, each in enumerate((first, last))]
        )
        making = run(place / "kept", first)
        others = [("0.4", *first[1:]), (first[0], '"90 kg"', *first[2:])]
        kept = float(np.mean([run(place / "kept", each) for each in others]))
    shared = kept + len(VALUES[ROD]) * max(making - kept, 0.0) / POINTS
    case = f"{POINTS} points of the coarse demo, friction x mass x rod x graft"
    each = wall / POINTS
    yield goal.at_least(case, "run --no-cache over a point of the sweep [1]", float(alone) / each, 4.0, SOURCE)
    yield goal.at_least(case, "run with the cache over a point of the sweep [1]", shared / each, 1.5, SOURCE)
    yield goal.at_least(case, "processors busy [1]", worked / wall / processes(POINTS), 0.9, SOURCE)
    yield Row(case, "a point of the sweep [s]", each, np.nan, np.nan, SOURCE, judged=False)


def definition() -> str:
    """The sweep as a file."""
    text = f'schema_version = 1\nname = "benchmark"\ncase = "{STUDY}"\nset = {list(COARSE)!r}\n'
    text += '[design]\nkind = "factorial"\n'
    for name, (key, values) in zip(("friction", "mass", "rod", "graft"), VALUES.items(), strict=True):
        unit = values[0].strip('"').partition(" ")[2]
        numbers = ", ".join(value.strip('"').partition(" ")[0] for value in values)
        text += f'[[factors]]\nname = "{name}"\nkey = "{key}"\nunit = "{unit}"\nvalues = [{numbers}]\n'
        text += 'source = "a benchmark"\n'
    return text


def run(folder: Path, values: tuple[str, ...], *more: str) -> float:
    """Wall time of a run of its own [s]."""
    said = [*COARSE, *(f"{key}={value}" for key, value in zip(VALUES, values, strict=True))]
    begun = time.perf_counter()
    femsacrum("run", STUDY, "--quiet", "--out", folder, *more, *(part for each in said for part in ("--set", each)))
    return time.perf_counter() - begun


def femsacrum(*words: object) -> None:
    """Call the command of this very installation."""
    called = [sys.executable, "-c", "from femsacrum.cli import main; main()", *map(str, words)]
    subprocess.run(called, check=True, stdout=subprocess.DEVNULL)


def busy() -> float:
    """Processor time of all processes that were waited for [s]."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
