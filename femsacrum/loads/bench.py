"""Loads and fixtures of a testing machine: a potted endplate is pushed and turned, the pelvis is embedded."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from femsacrum.anatomy.model import Floats
from femsacrum.errors import InputError
from femsacrum.loads.joints import clamped, guide
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.loads.patches import ENDPLATES, away_from_joint, landmark, tuberosity, upper_endplate
from femsacrum.loads.pilots import kinematic
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant

#: What the crosshead lets the potted endplate do beside going up and down: shift and turn; turn; neither.
HEADS = ("free", "ball", "guided")
#: What of the pelvis is embedded.
HELD = ("acetabula", "ischia", "left_ilium", "right_ilium")
SIDES = ("left", "right")


def bench_load(
    assembly: Assembly,
    name: str,
    body: str,
    *,
    force: ArrayLike = (0.0, 0.0, 0.0),
    moment: ArrayLike = (0.0, 0.0, 0.0),
    head: str = "free",
    held: str = "acetabula",
    point: ArrayLike | None = None,
    source: str,
) -> LoadCase:
    """A force and a moment on a potted upper endplate (a kinematic pilot), the pelvis embedded.

    Args:
        assembly: Meshed bodies.
        name: Of the load case.
        body: Whose upper endplate is potted: "L4", "L5" or "sacrum".
        force: On it, shape (3,) [N], LPS.
        moment: About ``point``, shape (3,) [N mm].
        head: One of ``HEADS``.
        held: One of ``HELD``.
        point: Where the force acts [mm]; None: the middle of the endplate.
        source: Where the magnitude comes from, with confidence.

    Raises:
        InputError: A body or landmark that is not there, or a word that is not known.
        NumericalError: An endplate or what is held has no facet.
    """
    for key, word, known in (("head", head, HEADS), ("held", held, HELD), ("body", body, tuple(ENDPLATES))):
        if word not in known:
            raise InputError(key, f'is "{word}"; choose one of {", ".join(known)}')
    patch = upper_endplate(assembly, body)
    where = landmark(assembly, ENDPLATES[body]) if point is None else np.asarray(point, dtype=float)
    load = Applied(
        f"{body} under the machine", patch.body, patch.facets, _vector(force), _vector(moment), where, source
    )
    supports = embedded(assembly, held)
    if head != "free":
        supports += (guide(assembly, body, turns=head == "ball"),)
    return LoadCase(name, (load,), (*supports, *kinematic((load,), supports)), {}, 0.0)


def embedded(assembly: Assembly, held: str) -> tuple[Support, ...]:
    """What is in resin or in a clamp, node by node on a stiff foundation; see ``HELD``."""
    if held == "acetabula":
        return clamped(assembly)
    foundation = constant("loads", "foundation").value
    if held == "ischia":
        patches = [(f"{side} ischium", tuberosity(assembly, side)) for side in SIDES]
    else:
        patches = [(held.replace("_", " "), away_from_joint(assembly, held.split("_")[0]))]
    return tuple(Support(name, one.body, one.facets, "fixed", np.eye(3), foundation) for name, one in patches)


def _vector(given: ArrayLike) -> Floats:
    return np.asarray(given, dtype=float)
