"""Draws ``gait_loads.svg``: forces of hip and L4 over the cycle of walking, alone and on crutches.

Run ``python -m docs.images.gait_loads``; the curves are those of the code on the reference bones (70 kg).
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from benchmarks.loads.hip_force import bones, moving

KINDS = {
    "walking": ("level walking", "#1f5fa8", {}),
    "two_point": ("two-point, 15 %BW on a crutch", "#b5651d", {}),
    "three_point": ("three-point, spared leg, told 10 %", "#5b8c3a", {}),
}


def main():
    """The left hip and L4, one curve for each kind."""
    mpl.rcParams |= {"svg.hashsalt": "gait_loads", "font.size": 9, "svg.fonttype": "none"}
    figure, (hip, spine) = plt.subplots(1, 2, figsize=(9.0, 3.4), layout="constrained")
    hip.axhspan(207.0, 287.0, 0.04, 0.56, color="#d9d9d9", lw=0, label="peaks in ten people: 247 ± 40")
    spine.axhspan(100.0, 250.0, color="#d9d9d9", lw=0, label="largest in five people: 100 to 250")
    for kind, (name, colour, changes) in KINDS.items():
        percent, force, pressed = moving(kind, bones(), **changes)
        round_percent = np.append(percent, 100.0)
        hip.plot(round_percent, np.append(force, force[0]), color=colour, label=name)
        spine.plot(round_percent, np.append(pressed, pressed[0]), color=colour)
    for axes, what in ((hip, "left hip [% of body weight]"), (spine, "compression of L4 [% of body weight]")):
        axes.set(xlabel="cycle from the left foot's contact [%]", ylabel=what, xlim=(0, 100), ylim=(0, 420))
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="upper right", fontsize=8)
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()
