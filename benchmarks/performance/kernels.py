"""Each compiled kernel on 384,000 tetrahedra, against its numpy twin and against the bandwidth of a copy.

Moved bytes of a kernel are what it has to read and write at least once, nodes that several cells share counted once;
those of a copy are read and written, so a copied byte counts twice (a cache line fetched before it is overwritten is
not counted). The copy is of an array that no cache holds.

Two kernels stay below half of a copy, because of arithmetic: ``principal`` has some 220 operations, eight of them
divisions or square roots, for 72 bytes, in full vector instructions; ``strains`` 200 operations for 88 bytes, one cell
at a time, since the 24 numbers of its four nodes lie scattered.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks import goal
from benchmarks.performance import twins
from benchmarks.row import Row
from benchmarks.verification.meshes import box
from femsacrum.findings import kernels
from femsacrum.findings.stress import shape_functions

REPEATS = 5
#: Bytes of the array copied to measure the bandwidth.
LARGE = 400_000_000
#: Times as fast as numpy, and share of the copy bandwidth, that are aimed at.
FASTER, SHARE = 5.0, 0.5


def rows():
    bandwidth = copy_bandwidth()
    yield Row("numpy copy", "read and written [GB/s]", bandwidth / 1e9, np.nan, np.nan, "timed here", judged=False)
    for name, mine, plain in cases():
        compiled = getattr(kernels, name)
        seconds = _seconds(compiled, mine)
        yield goal.at_least(
            f"kernel {name}",
            "times as fast as numpy",
            _seconds(getattr(twins, name), plain) / seconds,
            FASTER,
            "twin",
        )
        results = compiled(*mine)
        moved = sum(
            each.nbytes
            for each in (*mine, *(results if isinstance(results, tuple) else (results,)))
            if isinstance(each, np.ndarray)
        )
        share = moved / seconds / bandwidth
        yield goal.at_least(f"kernel {name}", "share of the copy bandwidth", share, SHARE, "roofline")


def cases():
    """Name, arguments of the kernel, arguments of its twin."""
    random = np.random.default_rng(3)
    mesh = box("block", (0, 0, 0), (32, 32, 32), (40, 40, 40))
    displacement = random.standard_normal(mesh.nodes.shape)
    slopes, weights = shape_functions(np.full((1, 3), 0.25), 1)[1], np.array([1.0 / 6.0])
    given = (mesh.nodes, mesh.cells, displacement, slopes, weights)
    strain, volume = kernels.strains(*given)
    modulus, ratio = random.uniform(1.0, 1e5, len(mesh.cells)), random.uniform(0.1, 0.45, len(mesh.cells))
    stress, size = kernels.stresses(strain, modulus, ratio), volume[:, 0].copy()
    level = kernels.von_mises(stress)[:, 0].copy()
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
    return pairs


def copy_bandwidth():
    """Bytes read and written per second by a copy of a large array."""
    source, target = np.ones(LARGE // 8), np.empty(LARGE // 8)
    return 2.0 * LARGE / _seconds(np.copyto, (target, source))


def _seconds(function, values):
    """Least of a few repeats, compilation left out."""
    function(*values)
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function(*values)
        taken.append(time.perf_counter() - start)
    return min(taken)
