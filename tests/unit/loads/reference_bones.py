"""The bones of the reference pelvis as thinned-out surfaces: every place a muscle holds, without a mesh."""

from functools import cache
from pathlib import Path

import numpy as np
import pyvista as pv

from femsacrum.anatomy.build import build
from femsacrum.case.schema import Case, LoadSpec
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.surgery.construct import Construct

WEIGHT = 70.0 * 9.80665


def thinned(name, role, surface):
    triangles = np.c_[np.full(len(surface.triangles), 3), surface.triangles].ravel()
    coarse = pv.PolyData(surface.points, triangles).decimate(0.93)
    facets = coarse.faces.reshape(-1, 4)[:, 1:].astype(np.int64)
    face = np.zeros(len(facets), dtype=np.int64)
    return BodyMesh(
        name, role, 1, np.asarray(coarse.points, float), np.zeros((0, 4), np.int64), facets, face, ("surface",)
    )


@cache
def whole():
    """Anatomy of the reference, and its thinned-out bones."""
    case = Case.model_validate(
        {
            "schema_version": 1,
            "name": "x",
            "patient": {"mass": "70 kg"},
            "surgery": {"plan": "intact"},
            "loads": [{"name": "a", "kind": "standing", "source": "b"}],
        }
    )
    anatomy = build(case, Path(), ())
    kept = ("left_ilium", "right_ilium", "symphysis", "L4", "sacrum")
    return anatomy, {name: thinned(name, "bone", anatomy.parts[name]) for name in kept}


def reference(plan="intact"):
    """Assembly of the bones that a plan leaves; a total sacrectomy takes the sacrum, the rest of the bones stays whole."""
    anatomy, bodies = whole()
    left = {name: body for name, body in bodies.items() if plan == "intact" or name != "sacrum"}
    return Assembly(Construct(anatomy, {}, {}, (), (), (), {}, {}), left, {})


def spec(kind, **changes):
    """What a case says of a load that it does not say more of."""
    return LoadSpec.model_validate({"name": "x", "kind": kind, "source": "test"} | changes)
