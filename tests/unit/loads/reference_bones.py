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
def reference(plan="intact", sex="mean"):
    """Assembly of the bones that a plan leaves; a total sacrectomy takes the sacrum, the rest of the bones stays whole."""
    case = Case.model_validate(
        {
            "schema_version": 1,
            "name": "x",
            "patient": {"mass": "70 kg"},
            "anatomy": {"sex": sex},
            "surgery": {"plan": "intact"},
            "loads": [{"name": "a", "kind": "standing", "source": "b"}],
        }
    )
    anatomy = build(case, Path(), ())
    kept = ["left_ilium", "right_ilium", "symphysis", "L4"] + ["sacrum"] * (plan == "intact")
    bodies = {name: thinned(name, "bone", anatomy.parts[name]) for name in kept}
    return Assembly(Construct(anatomy, {}, {}, (), (), (), {}, {}), bodies, {})


def spec(kind, **changes):
    """What a case says of a load that it does not say more of."""
    return LoadSpec.model_validate({"name": "x", "kind": kind, "source": "test"} | changes)
