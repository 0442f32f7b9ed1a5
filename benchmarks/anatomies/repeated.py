"""The same files give the same mesh: every anatomy twice, on one process and on two."""

from __future__ import annotations

import os

from benchmarks.anatomies import eight, patients
from benchmarks.row import Row
from femsacrum.fingerprint import of_value
from femsacrum.workers import VARIABLE

#: Element size in bone [mm]: coarse, since every anatomy is meshed twice.
BONE = 5.0


def rows():
    for name in patients.names():
        found = []
        for processes in ("1", "2"):
            os.environ[VARIABLE] = processes
            found.append(of_value(dict(eight.carried(patients.case(name, BONE))[1].bodies)))
        yield Row(name, "different hashes of the mesh", float(len(set(found)) - 1), 0.0, 0.0, "the same files")
