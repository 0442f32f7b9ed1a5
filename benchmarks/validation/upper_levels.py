"""Levels above L4 that specimens have and the anatomies lack: a bridged level, L3, and a free level under the machine.

In the specimens the machine holds L2; L3 to L5 are screwed. L3 stands on L4 as a rigid block, as high as L4 with the disc
under it. Over it is a level that is free, and a rigid vertebra, which the machine guides or holds in a ball. That level is a
spring in each direction; for a potted vertebra above it

* guided: its shear, where it is, and its bending hold L4 elastically, its axial give adds to L4's own;
* on a ball at the height h over its lower side: of the vertebra's turn that needs least energy nothing is left but one
  spring across the axis at the height of the ball, 1/k = 1/k_shear + h^2/k_bending (elementary).

L3 on L4, bridged by rods, gives way along the axis and in torsion as L4-L5 of the same model does; its tilt is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from femsacrum.findings.bench import cups, motion, plate
from femsacrum.loads.bench import bench_load
from femsacrum.loads.loadcase import Support
from femsacrum.loads.patches import landmark

#: [N mm/rad] in one N m/deg.
PER_DEGREE = 1e3 * 180.0 / np.pi
#: By how much the terms of a lumbar level's stiffness rise under 500 N of compression, on average, from tests of L2-L3 and
#: L4-L5 whole (Gardner-Morse and Stokes 2004, doi 10.1016/j.jbiomech.2003.10.003, abstract read; 1.71 under 250 N).
PRELOADED = 2.11
#: A free lumbar level, disc, ligaments and facet joints: in compression and shear [N/mm], in bending, which is its extension
#: here, and torsion [N mm/rad]. Whole levels: 1400 +- 480 N/mm, 2.6-7.6 and 3.63-8.4 N m/deg (PMC4844119, table 3, read), of
#: ranges the middle, even in the logarithm; so of shear without compression, 53-140 N/mm (Miller 1986,
#: doi 10.1016/0021-9290(86)90111-9, abstract read). All vary with disc_modulus.
FREE = {"axial": 1400.0, "shear": 86.0, "bending": 4.45 * PER_DEGREE, "torsion": 5.52 * PER_DEGREE}
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
    """Give of the free level and of the bridged one together [mm/N], or [rad/(N mm)].

    Args:
        level: Give of the bridged L4-L5.
        inputs: Of one sample.
        kind: "axial" or "torsion".
    """
    return level + 1.0 / (FREE[kind] * inputs.get("disc_modulus", 1.0))


def ball_spring(shear, bending, height):
    """Across the axis at the height of the ball [N/mm], of a level with shear [N/mm] and bending [N mm/rad] stiffness."""
    return 1.0 / (1.0 / shear + height**2 / bending)


def level_height(assembly):
    """Of L4 with the disc under it, which L3 and L2 are taken to have with theirs [mm]."""
    return float(np.linalg.norm(landmark(assembly, "L4_upper") - landmark(assembly, "L5_upper")))


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
    shear, bending = FREE["shear"] * factor, FREE["bending"] * factor
    if name == "compression":
        shear *= PRELOADED
    height, across = level_height(assembly), np.eye(3)[:2]
    above_L3 = landmark(assembly, "L4_upper") + height * UP
    if head == "ball":
        spring = ball_spring(shear, bending, height)
        hung = (_spring(plate_of, "ball of the machine", spring, across, above_L3 + height * UP),)
    else:
        hung = (
            _spring(plate_of, "shear under the machine", shear, across, above_L3),
            _spring(plate_of, "bending under the machine", bending / LEVER**2, np.zeros((0, 3)), above_L3, across),
        )
    return replace(case, supports=(*case.supports, *hung))


def _spring(load, name, stiffness, directions, point, turns=None):
    return Support(name, load.body, load.facets, "mean", directions, stiffness, point, turns)
