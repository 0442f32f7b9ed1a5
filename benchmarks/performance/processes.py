"""What the second process saves: the demo's study, coarsely, on one and on two."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np

import femsacrum as fs
from benchmarks.row import Row
from femsacrum.workers import VARIABLE

STUDY = Path(__file__).parents[2] / "studies/total_sacrectomy/case.toml"
COARSE = ['mesh.bone="6 mm"', 'mesh.soft="5 mm"', 'mesh.implant="7 mm"', 'mesh.fixation="5 mm"']


def rows():
    seconds = []
    before = os.environ.get(VARIABLE)
    try:
        for count in ("1", "2"):
            os.environ[VARIABLE] = count
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                fs.run(fs.load(STUDY, overrides=COARSE), folder=folder)
                seconds.append(time.perf_counter() - start)
    finally:
        os.environ.pop(VARIABLE) if before is None else os.environ.update({VARIABLE: before})
    case = "total_sacrectomy, coarse"
    yield Row(case, "one process over two", seconds[0] / seconds[1], np.nan, np.nan, "timed here", judged=False)
