"""The stem pressed and pushed in bone with friction: displacement and peak slip."""

from __future__ import annotations

import numpy as np

from benchmarks.verification.meshes import material
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.interfaces import Bonded, Frictional, Interface
from femsacrum.surgery.construct import Contact

#: Foundation that stands for a fixed bottom: moves 1e-7 mm under 0.3 MPa [N/mm3].
FIXED = 1e6


def problem(bodies, friction=0.4, slope=5e4):
    """Bodies, materials, interfaces and load case; ``friction=None`` bonds the stem."""
    materials = {"bone": material(bodies["bone"], 1000.0, 0.3), "stem": material(bodies["stem"], 110000.0, 0.3)}
    law = Bonded(slope) if friction is None else Frictional(friction, slope, slope)
    interfaces = (Interface(Contact("stem/bone", ("stem", "interface"), ("bone", "hole")), law),)
    top = bodies["stem"].facets_of("z1")
    force, point = np.array([300.0, 0.0, -1000.0]), np.array([30.0, 30.0, 60.0])
    load = Applied("load", "stem", top, force, np.zeros(3), point, "benchmark")
    ground = Support("bottom", "bone", bodies["bone"].facets_of("z0"), "fixed", np.eye(3), FIXED)
    return bodies, materials, interfaces, LoadCase("push", (load,), (ground,), {}, 0.0)
