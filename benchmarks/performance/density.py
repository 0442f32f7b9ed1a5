"""E of 500,000 tetrahedra from 512 x 512 x 400 voxels: the compiled average beside numpy and scipy, and the whole of it.

The twin evaluates the same samples with ``scipy.ndimage.map_coordinates`` and numpy, a million at a time, and is timed on a
tenth of the cells. The whole is calibration, the check that the bone lies on bone, depth below the cortex and the
average: all but reading the file. Its memory is what Python and numpy allocate beside the volume.
"""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
from scipy.ndimage import map_coordinates

from benchmarks import goal
from benchmarks.row import Row
from benchmarks.verification.meshes import box
from femsacrum.anatomy.model import Surface
from femsacrum.case.ct import CT
from femsacrum.images.volume import Volume
from femsacrum.materials import image, overlap, sampling
from femsacrum.materials.calibration import calibrated
from femsacrum.materials.cortex import natural_facets
from femsacrum.materials.density import chain

#: Aimed at: times as fast as the twin, seconds of the whole, memory taken over the volume's.
FASTER, SECONDS, MEMORY = 2.0, 20.0, 2.0
#: A plate, thin as the wing of an ilium, so that most cells are near the cortex.
SIZE, LOW = np.array([378.0, 15.0, 390.0]), np.array([12.0, 190.0, 5.0])
DIVISIONS = (126, 5, 130)
LAYER = 1.4


def rows():
    scan, body, surface = scanned()
    chained = chain(calibrated(CT(file="none")), "dalstra_1993", "law")
    thick = np.full(len(natural_facets(body)), LAYER)
    part = np.ascontiguousarray(body.cells[::10])
    everywhere = np.full((len(part), 10), np.inf)
    given = (scan, body.nodes, part, everywhere, chained.packed())
    image.core(scan, body, surface, thick, chained, "ct")  # compiles
    threads = sampling.processes
    sampling.processes = lambda work: 1
    compiled, (mine, _) = least(sampling.averaged, *given)
    plain, other = least(twin, *given)
    sampling.processes = threads
    off = float(np.abs(mine / other - 1.0).max())
    yield Row("density", "largest difference from the twin", off, 0.0, 1e-9, "twin", judged=True)
    yield goal.at_least("density, 50k cells", "times as fast as numpy, one thread", plain / compiled, FASTER, "twin")
    cells = f"density, {len(body.cells) // 1000}k cells, all but reading"
    start = time.perf_counter()
    whole(scan, body, surface, thick)
    seconds = time.perf_counter() - start
    yield goal.at_most(cells, "seconds", seconds, SECONDS, "timed here, whatever else runs")
    tracemalloc.start()
    whole(scan, body, surface, thick)
    share = tracemalloc.get_traced_memory()[1] / scan.values.nbytes
    tracemalloc.stop()
    yield goal.at_most(cells, "memory allocated / volume", share, MEMORY, "tracemalloc")


def whole(scan, body, surface, thick):
    """What ``assign`` does for one bone after the volume is read."""
    chained = chain(calibrated(CT(file="none")), "dalstra_1993", "law")
    overlap.refuse_misplaced(scan, {body.name: surface}, "ct")
    return image.core(scan, body, surface, thick, chained, "ct")


def scanned():
    """A plate of bone in soft tissue, its mesh and its surface."""
    values = np.full((400, 512, 512), 40, dtype=np.int16)
    steps = np.diag([0.8, 0.8, 1.0])
    first, last = (np.rint(at / np.diag(steps)).astype(int) for at in (LOW, LOW + SIZE))
    inside = tuple(slice(a, b) for a, b in zip(first[::-1], last[::-1], strict=True))
    values[inside] = 1500
    core = tuple(slice(a + 2, b - 2) for a, b in zip(first[::-1], last[::-1], strict=True))
    values[core] = np.random.default_rng(1).integers(50, 350, values[core].shape)
    body = box("sacrum", LOW, LOW + SIZE, DIVISIONS)
    body = type(body)(**{**vars(body), "facet_face": np.zeros(len(body.facets), int), "face_names": ("surface",)})
    used, triangles = np.unique(body.facets, return_inverse=True)
    return Volume(values, np.zeros(3), steps, "block"), body, Surface(body.nodes[used], triangles.reshape(-1, 3))


def twin(scan, nodes, cells, margin, law):
    """The same average without compiled code of ours."""
    r0, r1, e0, e1, power, least, most, _, _ = law
    table, first = sampling.pieces()
    corners = scan.indices(nodes)[cells]
    pieces = np.clip(np.ceil(np.ptp(corners, axis=1).max(axis=1)), sampling.FEWEST, sampling.MOST).astype(int)
    modulus = np.empty(len(cells))
    for n in np.unique(pieces):
        samples = table[first[n] : first[n + 1]]
        for some in np.array_split(
            np.flatnonzero(pieces == n), max(1, (pieces == n).sum() * len(samples) // 1_000_000)
        ):
            index = np.einsum("pc,mcx->mpx", samples, corners[some])
            units = map_coordinates(scan.values, index.reshape(-1, 3).T[::-1], output=float, order=1)
            young = e0 + e1 * np.maximum(r0 + r1 * units, 0.0) ** power
            modulus[some] = np.clip(young, least, most).reshape(len(some), -1).mean(axis=1)
    return modulus


def least(function, *values):
    """Least seconds of processor time of three, and what came out; the processor's own, since others use it too."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        result = function(*values)
        seconds.append(time.process_time() - start)
    return min(seconds), result
