"""Draws ``stance_forces.png``: every force on the pelvis in one-leg stance, and the reaction on the femur.

Run ``python -m docs.images.stance_forces``; forces are those of the code on the reference bones (70 kg).
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from benchmarks.loads.hip_force import WEIGHT, bones
from femsacrum.case.schema import LoadSpec
from femsacrum.loads.activities import activity
from femsacrum.loads.patches import landmark

#: Length of the force of one body weight [mm]; forces below the least are not drawn [BW].
LONG, LEAST = 60.0, 0.04
#: The femur's side of the hip is drawn so far beside it [mm].
BESIDE = 45.0
COLOURS = {"femur": "#1f5fa8", "upper body": "#b5651d", "weight": "#7a7a7a", "muscle": "#a33a3a"}
#: View -> axes of the patient that point right and up in it, and its sign to the right.
VIEWS = {"from in front": (0, 2, 1.0), "from the left": (1, 2, 1.0)}


def main():
    """Front and side view."""
    mpl.rcParams |= {"font.size": 9}
    assembly = bones()
    spec = LoadSpec.model_validate({"name": "stance", "kind": "one_leg_stance", "source": "measured here"})
    loads = activity(spec, WEIGHT, assembly, "loads[0]").applied
    figure, views = plt.subplots(1, 2, figsize=(8.4, 5.0), layout="constrained")
    for axes, (title, (right, up, sign)) in zip(views, VIEWS.items(), strict=True):
        for body in assembly.bodies.values():
            points = body.nodes[::6]
            axes.plot(sign * points[:, right], points[:, up], ",", color="#cfc6b4", zorder=0, rasterized=True)
        for load in loads:
            force = load.force / WEIGHT
            if np.linalg.norm(force) < LEAST:
                continue
            tip = load.point + LONG * force
            pushes = load.name.startswith(("femur", "upper body"))  # drawn with the head where it presses
            tail, head = (load.point - LONG * force, load.point) if pushes else (load.point, tip)
            _arrow(axes, tail, head, right, up, sign, COLOURS[_kind(load.name)])
            if load.name == "femur on left hip":
                apart = load.point + BESIDE * np.eye(3)[right]
                _arrow(axes, apart, apart - LONG * force, right, up, sign, COLOURS["femur"], ":")
                axes.plot(sign * apart[right], apart[up], "o", color=COLOURS["femur"], ms=4, zorder=5)
        hip = landmark(assembly, "left_hip_centre")
        axes.plot(sign * hip[right], hip[up], "o", color="black", ms=4, zorder=5)
        axes.set(title=title, aspect="equal", xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    named = {"femur": "femur on the pelvis (dotted: pelvis on the femur)", "upper body": "upper body on L4",
             "weight": "weight of the pelvis", "muscle": "muscles on the pelvis"}  # fmt: skip
    handles = [plt.Line2D([], [], color=COLOURS[key], label=name) for key, name in named.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=100, metadata={"Software": None})


def _kind(name):
    if name.startswith("femur"):
        return "femur"
    return "upper body" if name.startswith("upper") else "weight" if name.startswith("pelvis") else "muscle"


def _arrow(axes, tail, head, right, up, sign, colour, style="-"):
    look = {
        "arrowstyle": "-|>",
        "color": colour,
        "lw": 1.4,
        "ls": style,
        "mutation_scale": 8,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    axes.annotate("", (sign * head[right], head[up]), (sign * tail[right], tail[up]), arrowprops=look, zorder=4)
    axes.plot([sign * tail[right], sign * head[right]], [tail[up], head[up]], alpha=0.0)  # widens the view


if __name__ == "__main__":
    main()
