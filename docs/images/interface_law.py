"""Draws the pictures of the laws, ``interface_law.svg`` and ``law_*.svg``: ``python docs/images/interface_law.py``.

The curves are those of the code itself (``femsacrum/mechanics/laws.py``, the user's law ``docs/laws/examples/cement.py``),
a physical layer in place of exact contact, whose slopes would be upright.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from femsacrum.mechanics import laws
from femsacrum.mechanics.interfaces import UserLaw
from femsacrum.mechanics.user_law import load

FOLDER = Path(__file__).parent
CEMENT = FOLDER.parent / "laws" / "examples" / "cement.py"
FRICTION, GAP, PRESSURE = 0.5, 0.3, 0.6
BONDED, CONTACT, OTHER, FACET = "#7a7a7a", "#1f5fa8", "#b5651d", "#2e7d4f"
#: What a law keeps from increment to increment; of a layer in contact only the shear.
SHEAR, ALL = np.array([0.0, 1.0, 1.0]), np.ones(3)


def along(
    law: Callable, path: np.ndarray, parameters: tuple, gap: float = 0.0, keep: np.ndarray = SHEAR
) -> np.ndarray:
    """Traction of a law along a path of jumps, both of shape (p, 3), every jump an increment."""
    traction = np.zeros_like(path)
    before, kept = np.zeros((1, 3)), np.zeros((1, 3))
    row = np.zeros((1, 6))
    row[0, : len(parameters)] = parameters
    for i in range(len(path)):
        now, tangent, status = np.zeros((1, 3)), np.zeros((1, 3, 3)), np.zeros(1, dtype=np.int64)
        here = slice(i, i + 1)
        law(path[here], before, kept, np.array([gap]), row, 0.0, traction[here], tangent, now, status)
        if law is laws.frictional and row[0, 5]:
            laws.unite(path[here], np.zeros((1, 3)), row, traction[here], tangent)
        before, kept = path[here], now * keep
    return traction


def straight(axis: int, *places: float, others: tuple = (0.0, 0.0, 0.0), steps: int = 120) -> np.ndarray:
    """Jumps along one axis from place to place, the others fixed, shape (p, 3)."""
    legs = [np.linspace(a, b, steps) for a, b in pairwise(places)]
    path = np.tile(np.asarray(others, float), (steps * len(legs), 1))
    path[:, axis] = np.concatenate(legs)
    return path


def cross(axes: Axes, **named: object) -> None:
    """Bare axes through the origin."""
    axes.axhline(0.0, color="k", lw=0.8, zorder=0)
    axes.axvline(0.0, color="k", lw=0.8, zorder=0)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set(**named)


def overview(normal: Axes, shear: Axes) -> None:
    """Bonded and contact side by side."""
    jump = np.linspace(-0.6, 1.1, 200)
    normal.plot(jump, jump, color=BONDED, lw=1.6, ls="--", label="bonded")
    path = straight(0, -0.6, 1.1, steps=200)
    contact = along(laws.frictional, path, (1.0, 1.0, FRICTION), GAP)
    normal.plot(path[:, 0], contact[:, 0], color=CONTACT, lw=2.2, label="contact")
    normal.annotate("$g$", (GAP, 0.0), (GAP, -0.2), ha="center")
    normal.plot([GAP, GAP], [-0.08, 0.0], color="k", lw=0.8)
    normal.text(0.84, 0.40, "slope $k_n$", color=CONTACT, ha="left")
    normal.text(-0.22, 0.07, "open", color=CONTACT, ha="center")
    cross(
        normal,
        xlabel="normal jump $j_n$",
        ylabel="pressure $p$",
        title="normal",
        xlim=(-0.6, 1.25),
        ylim=(-0.62, 1.1),
    )
    rubbing(shear)
    shear.plot([-0.42, 0.42], [-0.42, 0.42], color=BONDED, lw=1.6, ls="--", label="bonded")
    normal.legend(loc="upper left", frameon=False)
    shear.legend(loc="lower right", frameon=False, fontsize=8)


def rubbing(shear: Axes) -> None:
    """Contact tangentially, forth and back."""
    path = straight(1, 0.0, 0.75, -0.15, others=(GAP + PRESSURE, 0.0, 0.0), steps=200)
    traction = along(laws.frictional, path, (1.0, 1.0, FRICTION), GAP)
    shear.plot(path[:200, 1], traction[:200, 1], color=CONTACT, lw=2.2, label="contact, loading")
    shear.plot(path[200:, 1], traction[200:, 1], color=CONTACT, lw=1.4, ls=":", label="contact, back again")
    limit = FRICTION * PRESSURE
    for sign, word in ((1.0, r"$\mu p$"), (-1.0, r"$-\mu p$")):
        shear.axhline(sign * limit, color="k", lw=0.6, ls=(0, (2, 4)))
        shear.text(0.97, sign * limit + 0.02, word, ha="right", va="bottom")
    shear.text(-0.03, 0.17, "stick, slope $k_t$", color=CONTACT, ha="right")
    shear.text(0.55, limit + 0.02, "slip", color=CONTACT, ha="center", va="bottom")
    cross(
        shear, xlabel="tangential jump $j_T$", ylabel="shear $t_T$", title="tangential, at constant pressure",
        xlim=(-0.5, 1.0), ylim=(-0.5, 0.5),
    )  # fmt: skip


def bonded(axes: Axes) -> None:
    """One straight line in every direction."""
    jump = np.linspace(-1.0, 1.0, 2)
    axes.plot(jump, jump, color=BONDED, lw=2.2)
    axes.text(0.35, 0.22, "slope $k$", color=BONDED)
    cross(axes, xlabel="jump, any direction", ylabel="traction")


def press_fit(axes: Axes) -> None:
    """Contact as made, and with its origin moved by the interference."""
    path, rest = straight(0, -1.0, 0.9), 0.5
    for interference, colour, words in ((0.0, BONDED, "as planned"), (rest, CONTACT, r"interference $\delta$")):
        pressure = along(laws.frictional, path, (1.0, 1.0, FRICTION), -interference)[:, 0]
        axes.plot(path[:, 0], pressure, color=colour, lw=2.2, ls="-" if interference else "--", label=words)
    axes.plot([0.0], [rest], "o", color=CONTACT)
    axes.text(-0.06, rest + 0.04, r"rigid sides: $k_n\,\delta$", color=CONTACT, ha="right")
    axes.annotate("", (-rest, -0.13), (0.0, -0.13), arrowprops={"arrowstyle": "<->", "lw": 0.8})
    axes.text(-0.5 * rest, -0.2, r"$\delta$", ha="center", va="top")
    axes.legend(loc="upper left", frameon=False, fontsize=9)
    cross(axes, xlabel="normal jump $j_n$", ylabel="pressure $p$", ylim=(-0.4, 1.5))


def healing(normal: Axes, shear: Axes) -> None:
    """The mixture at several union fractions."""
    for union, colour in ((0.0, CONTACT), (0.3, OTHER), (1.0, BONDED)):
        parameters = (1.0, 1.0, FRICTION, 0.0, union, 0.8)
        path = straight(0, -1.0, 1.0)
        normal.plot(path[:, 0], along(laws.frictional, path, parameters)[:, 0], color=colour, lw=2.0,
                    label=f"$u$ = {union:g}")  # fmt: skip
        path = straight(1, 0.0, 1.0, others=(PRESSURE, 0.0, 0.0))
        shear.plot(path[:, 1], along(laws.frictional, path, parameters)[:, 1], color=colour, lw=2.0)
    normal.legend(loc="upper left", frameon=False, fontsize=9)
    cross(normal, xlabel="normal jump $j_n$", ylabel="pressure", title="normal")
    cross(shear, xlabel="tangential jump $j_T$", ylabel="shear", title=f"tangential, $j_n$ = {PRESSURE:g}")


def thread(axes: Axes) -> None:
    """Along the screw: elastic, stripped, unloaded; and across it."""
    across, slope, strength = 0.8, 1.0, 0.5
    path = straight(1, 0.0, 1.1, 0.3)
    traction = along(laws.thread, path, (across, slope, strength), keep=ALL)[:, 1]
    axes.plot(path[:120, 1], traction[:120], color=CONTACT, lw=2.2, label="along the screw")
    axes.plot(path[120:, 1], traction[120:], color=CONTACT, lw=1.4, ls=":", label="back again")
    path = straight(0, 0.0, 1.0)
    axes.plot(path[:, 0], along(laws.thread, path, (across, slope, strength))[:, 0], color=BONDED, lw=1.6, ls="--",
              label="across it")  # fmt: skip
    axes.axhline(strength, color="k", lw=0.6, ls=(0, (2, 4)))
    axes.text(0.02, strength + 0.02, r"$q/\pi d$", va="bottom")
    axes.text(0.24, 0.3, r"$k'/\pi d$", color=CONTACT, ha="right", va="bottom")
    axes.legend(loc="lower right", frameon=False, fontsize=9)
    cross(axes, xlabel="jump", ylabel="traction", ylim=(-0.45, 0.95))


def ligament(axes: Axes) -> None:
    """Slack with a knee, tightened, a spring that also pushes, and a facet joint."""
    path = straight(0, 1.0, -1.0)
    for only, force, slack, more, colour, style, words in (
        (1.0, 0.0, 0.15, 2.0, CONTACT, "-", "slack $s$, knee $u_k$"),
        (1.0, 0.4, 0.0, 0.0, OTHER, "-", "pretension $F_0$"),
        (0.0, 0.0, 0.0, 0.0, BONDED, "--", "spring, also pushes"),
        (-1.0, 0.0, 0.25, 0.0, FACET, "-", "facet joint, gap $s$"),
    ):
        tension = -along(laws.spring, path, (1.0, only, force, slack, 0.4, more), keep=ALL)[:, 0]
        axes.plot(-path[:, 0], tension, color=colour, lw=2.0, ls=style, label=words)
    axes.text(0.15, -0.06, "$s$", ha="center", va="top", color=CONTACT)
    axes.text(-0.24, -0.06, "$-s$", ha="left", va="top", color=FACET)
    axes.text(0.58, 0.34, "$s + u_k$", ha="left", va="top", color=CONTACT)
    axes.text(-0.04, 0.42, "$F_0$", va="bottom", ha="right", color=OTHER)
    axes.legend(loc="upper left", frameon=False, fontsize=9)
    cross(axes, xlabel="elongation $e$", ylabel="tension $F$", ylim=(-1.2, 1.6))


def cement(normal: Axes, shear: Axes) -> None:
    """The user's example: cracked under tension, then rubbing."""
    numbers = {"k_n": 1.0, "k_t": 1.0, "strength": 0.3, "crack_opening": 1.0, "friction": FRICTION}
    law = load(UserLaw("cement", CEMENT.read_text(encoding="utf-8"), "cement", numbers))
    path = straight(0, 0.4, -0.55, 0.4, -1.2)
    pressure = along(law, path, (), keep=ALL)[:, 0]
    normal.plot(path[:240, 0], pressure[:240], color=CONTACT, lw=2.2)
    normal.plot(path[240:, 0], pressure[240:], color=CONTACT, lw=1.4, ls=":", label="unloaded and opened again")
    normal.text(-0.3, -0.33, "$-f$", ha="center", va="top")
    normal.text(-1.0, 0.03, "$-w$", ha="center", va="bottom")
    normal.legend(loc="upper left", frameon=False, fontsize=8)
    cross(normal, xlabel="normal jump $j_n$", ylabel="pressure", title="normal", ylim=(-0.5, 0.6))
    for start, colour, words in (
        (0.0, BONDED, "whole"),
        (-0.55, OTHER, "partly cracked"),
        (-1.2, CONTACT, "cracked"),
    ):
        opened, pushed = straight(0, 0.0, start), straight(1, 0.0, 0.9, others=(0.4, 0.0, 0.0))
        traction = along(law, np.concatenate([opened, pushed]), (), keep=ALL)[120:, 1]
        shear.plot(pushed[:, 1], traction, color=colour, lw=2.0, label=words)
    shear.legend(loc="upper left", frameon=False, fontsize=8)
    cross(shear, xlabel="tangential jump $j_T$", ylabel="shear", title="tangential, pressed")


#: File -> what draws it, number of axes, size [inch].
PICTURES: dict[str, tuple[Callable[..., None], int, tuple[float, float]]] = {
    "interface_law.svg": (overview, 2, (8.6, 3.5)),
    "law_bonded.svg": (bonded, 1, (3.6, 2.6)),
    "law_press_fit.svg": (press_fit, 1, (4.4, 3.0)),
    "law_healing.svg": (healing, 2, (7.4, 3.0)),
    "law_thread.svg": (thread, 1, (4.4, 3.0)),
    "law_ligament.svg": (ligament, 1, (4.8, 3.4)),
    "law_user.svg": (cement, 2, (7.4, 3.0)),
}


def drawn(name: str) -> Figure:
    """One of the pictures."""
    plot, count, size = PICTURES[name]
    figure, axes = plt.subplots(1, count, figsize=size, layout="constrained", squeeze=False)
    plot(*axes[0])
    return figure


def write(name: str, folder: Path) -> Path:
    """Write a picture into a folder; the same text whenever it is drawn."""
    with mpl.rc_context({"svg.hashsalt": "interface", "svg.fonttype": "path", "font.size": 10}):
        figure = drawn(name)
        figure.savefig(folder / name, metadata={"Date": None})
    plt.close(figure)
    file = folder / name
    text = re.sub(r"[ \t]+$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    return file


if __name__ == "__main__":
    for picture in PICTURES:
        write(picture, FOLDER)
