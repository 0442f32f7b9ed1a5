"""A sheet of the four pelves, automatic (crosses) and hand-picked (rings) landmarks drawn over them from three sides.

Usage: python -m benchmarks.landmarks.sheet sheet.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.landmarks.subjects import FILES, anatomy, hand_picked
from femsacrum.report.scene import assert_drawable

#: Name -> towards the eye and up, LPS; what is shown; which landmarks.
VIEWS = {
    "from in front": (
        (0, -1, 0),
        (0, 0, 1),
        ("left_ilium", "right_ilium", "sacrum"),
        ("ASIS", "pubic", "crest", "hip"),
    ),
    "from the left": ((1, 0, 0), (0, 0, 1), ("left_ilium",), ("left_",)),
    "from behind": ((0, 1, 0), (0, 0, 1), ("left_ilium", "right_ilium", "sacrum"), ("PSIS", "crest", "S1_end")),
    "sacrum from in front and below": ((0, -0.7, -0.7), (0, -0.7, 0.7), ("sacrum",), ("foramen", "promontory")),
}
COLOURS = {"left_ilium": "#cfd8dc", "right_ilium": "#d9d3c7", "sacrum": "#e8cf8a"}


def panel(axes, parts, towards, up, shown, chosen, picked, found):
    """One view: the surfaces as a picture, the points over it."""
    import pyvista

    from femsacrum.anatomy.surfaces import polydata

    towards = np.array(towards) / np.linalg.norm(towards)
    right = np.cross(up, towards)
    right, up = right / np.linalg.norm(right), np.cross(towards, right / np.linalg.norm(right))
    points = np.concatenate([parts[name].points for name in shown])
    seen = points @ np.array([right, up]).T
    low, high = seen.min(axis=0), seen.max(axis=0)
    half = 0.53 * (high - low).max()
    middle = 0.5 * (low + high)
    depth = float((points @ towards).mean())
    centre = middle[0] * right + middle[1] * up + depth * towards
    plotter = pyvista.Plotter(off_screen=True, window_size=(700, 700))
    plotter.set_background("white")
    for name in shown:
        plotter.add_mesh(polydata(parts[name]), color=COLOURS[name], smooth_shading=False, ambient=0.15)
    plotter.camera_position = [tuple(centre + 1500.0 * towards), tuple(centre), tuple(up)]
    plotter.enable_parallel_projection()
    plotter.camera.parallel_scale = half
    plotter.renderer.ResetCameraClippingRange()
    image = np.array(plotter.screenshot(return_img=True))[..., :3]
    plotter.close()
    axes.imshow(image, extent=(middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half))
    for name, point in picked.items():
        if not any(word in name for word in chosen) or (chosen == ("left_",) and "foramen" in name):
            continue
        axes.plot(point @ right, point @ up, "o", ms=9, mfc="none", mec="#d55e00", mew=1.3)
        if name in found:
            axes.plot(found[name] @ right, found[name] @ up, "x", ms=7, color="#0072b2", mew=1.5)
    axes.set_axis_off()


def draw(path):
    """The sheet, a row for each pelvis."""
    assert_drawable()
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    picked, _ = hand_picked()
    figure, grid = plt.subplots(len(FILES), len(VIEWS), figsize=(3.6 * len(VIEWS), 3.75 * len(FILES)))
    for row, subject in zip(grid, FILES, strict=True):
        bones = anatomy(subject)
        for axes, (title, (towards, up, shown, chosen)) in zip(row, VIEWS.items(), strict=True):
            panel(axes, bones.parts, towards, up, shown, chosen, picked[subject], bones.landmarks)
            axes.set_title(f"{subject}, {title}", fontsize=9)
    handles, words = zip(*_keys(), strict=True)
    figure.legend(handles, words, loc="lower center", ncol=2, frameon=False)
    figure.tight_layout(rect=(0.0, 0.02, 1.0, 1.0))
    figure.savefig(path, dpi=90)


def _keys():
    from matplotlib.lines import Line2D

    ring = Line2D([], [], ls="", marker="o", ms=9, mfc="none", mec="#d55e00", mew=1.3)
    cross = Line2D([], [], ls="", marker="x", ms=7, color="#0072b2", mew=1.5)
    return (ring, "picked by hand"), (cross, "automatic")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
