"""Loads of a bench test on the lumbopelvic junction: a force and three moments on L4, the acetabula embedded."""

from __future__ import annotations

import numpy as np

from femsacrum.loads.bench import bench_load
from femsacrum.loads.loadcase import LoadCase
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant

#: Name of each load case -> direction of its force, or axis of its moment (LPS, right-handed): front down, left side up,
#: front to the left.
DIRECTIONS = {
    "junction compression": (0.0, 0.0, -1.0),
    "junction flexion": (1.0, 0.0, 0.0),
    "junction lateral bending": (0.0, 1.0, 0.0),
    "junction torsion": (0.0, 0.0, 1.0),
}
COMPRESSION = "junction compression"


def junction_loads(assembly: Assembly) -> tuple[LoadCase, ...]:
    """Compression, flexion, lateral bending and torsion of what lies between L4 and the acetabula.

    As on a testing machine: both acetabula are embedded, L4's upper endplate is potted (a kinematic pilot). Under
    compression the crosshead lets L4 only go down; a moment finds it free to shift and turn.

    Args:
        assembly: Meshed bodies; with L4, both ilia and their landmarks.

    Returns:
        Four load cases, named as in ``DIRECTIONS``, of the size that the bench test they are compared with had.

    Raises:
        InputError: The anatomy has no L4 or lacks a landmark.
        NumericalError: L4's endplate or an acetabulum has no facet.
    """
    force, moment = constant("junction", "force"), constant("junction", "moment")
    made = []
    for name, direction in DIRECTIONS.items():
        along = np.asarray(direction)
        if name == COMPRESSION:
            made.append(
                bench_load(assembly, name, "L4", force=force.value * along, head="guided", source=force.cited())
            )
        else:
            made.append(bench_load(assembly, name, "L4", moment=moment.value * along, source=moment.cited()))
    return tuple(made)
