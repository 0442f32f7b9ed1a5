"""Draws ``interface_law.svg``: traction against jump for the two interface laws (``python docs/images/interface_law.py``).

The curves are those of the code itself (``femsacrum/mechanics/laws.py``), in units of the penalty.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from femsacrum.mechanics import laws

FRICTION, GAP, PRESSURE = 0.5, 0.3, 0.6
BONDED, CONTACT = "#7a7a7a", "#1f5fa8"


def evaluate(jump: np.ndarray) -> np.ndarray:
    """Traction of the frictional law, as a layer of slope 1, along a path of jumps (p, 3)."""
    traction = np.zeros_like(jump)
    before, kept = np.zeros((1, 3)), np.zeros((1, 3))
    parameters = np.array([[1.0, 1.0, FRICTION, 0.0, 0.0, 0.0]])
    for i in range(len(jump)):
        now, tangent, status = np.zeros((1, 3)), np.zeros((1, 3, 3)), np.zeros(1, dtype=np.int64)
        laws.frictional(
            jump[i : i + 1], before, kept, np.array([GAP]), parameters, 0.0, traction[i : i + 1], tangent, now, status
        )
        before, kept = jump[i : i + 1], now * [0.0, 1.0, 1.0]
    return traction


def draw(file: Path) -> None:
    """Write the figure."""
    mpl.rcParams |= {"svg.hashsalt": "interface", "svg.fonttype": "path", "font.size": 10}
    figure, (normal, shear) = plt.subplots(1, 2, figsize=(8.6, 3.5), layout="constrained")

    jump = np.linspace(-0.6, 1.1, 200)
    normal.plot(jump, jump, color=BONDED, lw=1.6, ls="--", label="bonded")
    local = np.column_stack([jump, 0.0 * jump, 0.0 * jump])
    normal.plot(jump, evaluate(local)[:, 0], color=CONTACT, lw=2.2, label="contact")
    normal.annotate("$g$", (GAP, 0.0), (GAP, -0.2), ha="center")
    normal.plot([GAP, GAP], [-0.08, 0.0], color="k", lw=0.8)
    normal.text(0.84, 0.40, "slope $k_n$", color=CONTACT, ha="left")
    normal.text(-0.22, 0.07, "open", color=CONTACT, ha="center")
    normal.set(
        xlabel="normal jump $j_n$", ylabel="pressure $p$", title="normal", xlim=(-0.6, 1.25), ylim=(-0.62, 1.1)
    )

    there, back = np.linspace(0.0, 0.75, 200), np.linspace(0.75, -0.15, 200)
    path = np.concatenate([there, back])
    local = np.column_stack([np.full(path.shape, GAP + PRESSURE), path, 0.0 * path])
    traction = evaluate(local)[:, 1]
    shear.plot([-0.42, 0.42], [-0.42, 0.42], color=BONDED, lw=1.6, ls="--", label="bonded")
    shear.plot(path[:200], traction[:200], color=CONTACT, lw=2.2, label="contact, loading")
    shear.plot(path[200:], traction[200:], color=CONTACT, lw=1.4, ls=":", label="contact, back again")
    limit = FRICTION * PRESSURE
    for sign, word in ((1.0, r"$\mu p$"), (-1.0, r"$-\mu p$")):
        shear.axhline(sign * limit, color="k", lw=0.6, ls=(0, (2, 4)))
        shear.text(0.97, sign * limit + 0.02, word, ha="right", va="bottom")
    shear.text(-0.03, 0.17, "stick, slope $k_t$", color=CONTACT, ha="right")
    shear.text(0.55, limit + 0.02, "slip", color=CONTACT, ha="center", va="bottom")
    shear.set(
        xlabel="tangential jump $j_T$", ylabel="shear $t_T$", title="tangential, at constant pressure",
        xlim=(-0.5, 1.0), ylim=(-0.5, 0.5),
    )  # fmt: skip
    for axes in (normal, shear):
        axes.axhline(0.0, color="k", lw=0.8)
        axes.axvline(0.0, color="k", lw=0.8)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
    normal.legend(loc="upper left", frameon=False)
    shear.legend(loc="lower right", frameon=False, fontsize=8)
    figure.savefig(file, metadata={"Date": None})
    if file.suffix == ".svg":
        file.write_text("\n".join(line.rstrip() for line in file.read_text().splitlines()) + "\n")
    plt.close(figure)


if __name__ == "__main__":
    draw(Path(__file__).with_suffix(".svg"))
