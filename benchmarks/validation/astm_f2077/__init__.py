"""ASTM F2077, intervertebral body fusion device: a ring in compression and torsion."""

from __future__ import annotations

from benchmarks.validation.astm_f2077 import twin
from femsacrum.mechanics.interfaces import Frictional

INPUTS = ()
#: Cells of the cage [mm].
SIZE = 3.0


def measure(bench, inputs):
    """Stiffness in compression [N/mm] and torsion [N m/deg], and the pressure on the cage's faces at 1000 N [MPa]."""
    smooth, pressure = twin.compression(Frictional(0.0), SIZE)
    rough, edge = twin.compression(Frictional(0.4), SIZE)
    return {
        "compression": smooth,
        "pressure": pressure,
        "torsion": twin.per_degree(twin.torsion(SIZE)),
        "compression_rough": rough,
        "pressure_rough": edge,
    }
