"""The bench: models of one anatomy, each meshed once and kept, and solves of them."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from pathlib import Path

from benchmarks.anatomies import patients
from femsacrum import pipeline
from femsacrum.case.load import check
from femsacrum.case.schema import Solver
from femsacrum.credibility.vary import vary
from femsacrum.errors import FemsacrumError
from femsacrum.mechanics.equilibrium import solve
from femsacrum.store import RunFolder

RUNS = Path("runs/validation")
#: Element sizes every prediction is made with, and rougher ones: what inputs change is read from these, as factors on the
#: value, and so is the error of discretisation.
COARSE = {"bone": "5 mm", "soft": "3 mm", "implant": "6 mm", "fixation": "4 mm", "order": {"cartilage": 1}}
ROUGH = {"bone": "7 mm", "soft": "4 mm", "implant": "8 mm", "fixation": "5 mm", "order": {"cartilage": 1}}
#: Condensed, since a specimen is loaded in several ways: three take a third to a quarter of the time (Yu's intact and total
#: states) and agree to 5e-7.
SOLVER = Solver(method="condensed", increments=1, tolerance=1e-6, penetration=0.01)


@contextmanager
def alone(folder):
    """Waits until no other process makes the model of this folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".waiting").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


class Bench:
    """One anatomy on the testing machine.

    Attributes:
        anatomy: One of ``benchmarks.anatomies.patients.names()``.
        mesh: Table [mesh] of the cases.
        more: Further sections of every case.
        refused: State -> why this anatomy cannot have it.
    """

    def __init__(self, anatomy, mesh=COARSE, runs=RUNS, more=None):
        self.anatomy, self.mesh, self.runs, self.more = anatomy, mesh, Path(runs), more or {}
        self.refused = {}
        self._models = {}

    def model(self, state, content):
        """What is solved in one state of the specimen.

        Args:
            state: Name of it, unique among an experiment's states with this content.
            content: Sections of a case other than the anatomy, which take the place of the intact pelvis's.

        Returns:
            A ``femsacrum.pipeline.Model``, or None where this anatomy cannot have it; then ``refused`` says why.
        """
        if state not in self._models:
            said = {**patients.content(self.anatomy), **content, **self.more}
            data = {**said, "name": f"{self.anatomy}_{state}", "mesh": self.mesh}
            case = check(data, patients.folder(self.anatomy) / "case.toml")
            size = self.mesh["bone"].replace(" ", "")
            folder = self.runs / f"{self.anatomy}_{state}_{size}"
            try:
                with alone(folder), RunFolder(folder, case) as store:
                    self._models[state] = pipeline.model(store, case)
            except FemsacrumError as error:
                self.refused[state] = str(error)
                self._models[state] = None
        return self._models[state]

    def solve(self, model, inputs, load_cases, solver=SOLVER):
        """Each load case from rest, all on one system, condensed once.

        Args:
            model: From ``model``.
            inputs: Of one sample, see ``femsacrum.credibility.vary``.
            load_cases: All with the same supports, or each with its own.
        """
        made = vary(model, inputs)
        given = (made.assembly.bodies, made.materials, made.interfaces)
        joined = (made.bolts, made.springs)
        return tuple(solve(*given, one, solver, *joined) for one in load_cases)
