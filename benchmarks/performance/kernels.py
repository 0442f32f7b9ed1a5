"""Each compiled kernel against its numpy twin on 200,000 tetrahedra."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.performance import twins
from benchmarks.row import Row
from benchmarks.verification.meshes import box
from femsacrum.findings import kernels
from femsacrum.findings.stress import shape_functions

REPEATS = 3


def rows():
    random = np.random.default_rng(3)
    mesh = box("block", (0, 0, 0), (32, 32, 32), (32, 32, 32))
    displacement = random.standard_normal(mesh.nodes.shape)
    slopes, weights = shape_functions(np.full((1, 3), 0.25), 1)[1], np.array([1.0 / 6.0])
    given = (mesh.nodes, mesh.cells, displacement, slopes, weights)
    strain, volume = kernels.strains(*given)
    modulus, ratio = random.uniform(1.0, 1e5, len(mesh.cells)), random.uniform(0.1, 0.45, len(mesh.cells))
    stress, size = kernels.stresses(strain, modulus, ratio), volume[:, 0]
    level = kernels.von_mises(stress)[:, 0]
    corners = np.repeat(level[:, None], 4, axis=1)
    limits = np.quantile(level, [0.5, 0.9])
    pairs = (
        ("strains", given, given),
        ("stresses", (strain, modulus, ratio), (strain, modulus, ratio)),
        ("von_mises", (stress,), (twins.full(stress),)),
        ("principal", (strain,), (strain,)),
        ("weighted_percentile", (level, size, 0.999), (level, size, 0.999)),
        ("band_shares", (level, size, limits), (level, size, limits)),
        ("to_nodes", (mesh.cells, corners, size, len(mesh.nodes)), (mesh.cells, corners, size, len(mesh.nodes))),
    )
    for name, mine, plain in pairs:
        faster = _seconds(getattr(twins, name), plain) / _seconds(getattr(kernels, name), mine)
        yield Row(f"kernel {name}", "times as fast as numpy", faster, np.nan, np.nan, "timed here", judged=False)


def _seconds(function, values):
    """Least of a few repeats, compilation left out."""
    function(*values)
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function(*values)
        taken.append(time.perf_counter() - start)
    return min(taken)
