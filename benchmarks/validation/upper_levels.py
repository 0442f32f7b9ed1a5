"""Levels above L4 that specimens have and the anatomies lack: a free disc under the machine, and a bridged level.

In the specimens the machine holds L2; L3 to L5 are screwed. Here L4 stands for L3: over it a disc that is free and a rigid
vertebra, which the machine guides or holds in a ball. The disc is a spring in each direction; for a potted vertebra above it

* guided: its shear and its bending hold L4 elastically, its axial give adds to L4's own;
* on a ball at the height h over the disc: of the vertebra's turn that needs least energy nothing is left but one
  spring across the axis at the height of the ball, 1/k = 1/k_shear + h^2/k_bending (elementary).

The second level that is bridged by rods there, and has no like here, gives way as L4-L5 of the same model does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from femsacrum.findings.bench import cups, motion, plate
from femsacrum.loads.bench import bench_load
from femsacrum.loads.loadcase import Support
from femsacrum.loads.patches import landmark

#: A lumbar disc with the ligaments and facets round it: in compression and shear [N/mm], bending and torsion [N mm/rad].
#: The middles, even in the logarithm, of the published 1000-2500 and 100-300 N/mm, 1-3 and 2-6 N m/deg (Markolf, McGlashen,
#: Panjabi; memory, medium confidence). All vary with disc_modulus.
PER_DEGREE = 1e3 * 180.0 / np.pi
DISC = {"axial": 1580.0, "shear": 173.0, "bending": 1.73 * PER_DEGREE, "torsion": 3.46 * PER_DEGREE}
#: From the disc's lower side to the ball: a disc of 10 mm and a vertebral body of 28 mm, rounded (memory, medium).
BALL_HEIGHT = 40.0
#: A support holds a turn with its spring at this distance [mm] (``femsacrum.loads.loadcase.Support``).
LEVER = 100.0
UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Told:
    """Of one solve.

    Attributes:
        stiffness: Load over motion of L4's endplate beside the acetabula [N/mm], or [N mm/rad].
        level: Give of L4-L5 alone: motion of L4's endplate beside L5's over the load [mm/N], or [rad/(N mm)].
        turn: Rotation of L4's endplate beside the acetabula, shape (3,) [deg].
        solution: Of the solve.
    """

    stiffness: float
    level: float
    turn: np.ndarray
    solution: object


def told(bench, model, inputs, force, moment, heads, held="acetabula"):
    """One state of a specimen under a vertical force on L4's endplate with each head, and a moment about the vertical.

    Args:
        bench: Of one anatomy.
        model: Of one state.
        inputs: Of one sample.
        force: Downwards [N].
        moment: [N mm]; the vertebra above is guided.
        heads: "guided" or "ball", of the vertebra above; "stiff guided", "stiff ball": L4 itself is held so, with no
            disc; "free": not held.
        held: What of the pelvis is embedded.

    Returns:
        Head -> ``Told``, and that of "torsion".
    """
    assembly = model.assembly
    cases = {head: _machine(assembly, inputs, "compression", head, held, force=-force * UP) for head in heads}
    cases["torsion"] = _machine(assembly, inputs, "torsion", "guided", held, moment=moment * UP)
    found = {}
    for name, solution in zip(cases, bench.solve(model, inputs, tuple(cases.values())), strict=True):
        over, between = _motions(assembly, solution)
        # what the load does work on: the endplate's way down, or its turn
        moved, level, load = (
            (over.turn, between.turn, moment) if name == "torsion" else (-over.shift, -between.shift, force)
        )
        found[name] = Told(load / float(moved @ UP), float(level @ UP) / load, np.degrees(over.turn), solution)
    return found


def above(level, inputs, kind):
    """Give of the free disc and of the bridged level together [mm/N], or [rad/(N mm)].

    Args:
        level: Give of the bridged L4-L5.
        inputs: Of one sample.
        kind: "axial" or "torsion".
    """
    return level + 1.0 / (DISC[kind] * inputs.get("disc_modulus", 1.0))


def ball_spring(shear, bending):
    """Across the axis at the height of the ball [N/mm], of a disc with shear [N/mm] and bending [N mm/rad] stiffness."""
    return 1.0 / (1.0 / shear + BALL_HEIGHT**2 / bending)


def _motions(assembly, solution):
    """Of L4's endplate beside the acetabula, and beside L5's endplate, told in the middle of L4's."""
    top = landmark(assembly, "L4_upper")
    return tuple(
        motion(assembly, solution, plate(assembly, "L4"), ground, top)
        for ground in (cups(assembly), [plate(assembly, "L5")])
    )


def _machine(assembly, inputs, name, head, held, **load):
    """The load on L4 with the machine above it."""
    load["source"] = "benchmark"
    if head.startswith("stiff "):
        return bench_load(assembly, name, "L4", head=head.removeprefix("stiff "), held=held, **load)
    case = bench_load(assembly, name, "L4", held=held, **load)
    if head == "free":
        return case
    factor, plate_of = inputs.get("disc_modulus", 1.0), case.applied[0]
    shear, bending = DISC["shear"] * factor, DISC["bending"] * factor
    top, across = landmark(assembly, "L4_upper"), np.eye(3)[:2]
    if head == "ball":
        spring = ball_spring(shear, bending)
        hung = (_spring(plate_of, "ball of the machine", spring, across, top + BALL_HEIGHT * UP),)
    else:
        hung = (
            _spring(plate_of, "shear under the machine", shear, across, top),
            _spring(plate_of, "bending under the machine", bending / LEVER**2, np.zeros((0, 3)), top, across),
        )
    return replace(case, supports=(*case.supports, *hung))


def _spring(load, name, stiffness, directions, point, turns=None):
    return Support(name, load.body, load.facets, "mean", directions, stiffness, point, turns)
