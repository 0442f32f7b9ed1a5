"""How implants and grafts fit the cut faces of bone, each face seen square on from the implant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femsacrum.report.faces import towards
from femsacrum.surgery.implants.fit import CONTACT, STEP, Fit

#: Edges of the bands [mm]: overlap, contact, what bone grows over at best and with difficulty (0.5 mm, 1 mm: dogs, Bobyn
#: 1981, Sandborn 1988, Dalton 1995; from memory), more.
BANDS = (-CONTACT, CONTACT, 0.5, 1.0, 3.0)
COLOURS = ("#2171b5", "#c6dbef", "#f2b134", "#d55e00")
OVERLAP, BARE_BONE, OFF_BONE = "#7a2a5d", "#e8e0cf", "#000000"


def gaps(path: Path, fits: Mapping[str, Fit]) -> tuple[str, str] | None:
    """One panel for each face on a cut, all to one scale; None where there is none."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.figure import Figure

    if not fits:
        return None
    names = sorted(fits, key=lambda name: (0 if "right" in name else 2 if "left" in name else 1, name))
    widths = [np.ptp(fits[name].across) + 14.0 for name in names]
    inches = min(0.075, 15.0 / sum(widths))
    tall = max(float(np.ptp(fits[name].along)) for name in names)
    size = (max(7.0, inches * sum(widths) + 1.6), inches * tall + 2.1)
    figure = Figure(figsize=size, layout="constrained", dpi=110)
    axes = figure.subplots(1, len(names), squeeze=False, width_ratios=widths)[0]
    map_ = ListedColormap(COLOURS).with_extremes(under=OVERLAP, over=OFF_BONE)
    norm = BoundaryNorm(BANDS, len(COLOURS))
    for axis, name in zip(axes, names, strict=True):
        _panel(axis, name, fits[name], map_, norm)
    bar = figure.colorbar(ScalarMappable(norm, map_), ax=list(axes), shrink=0.9, extend="both", ticks=BANDS)
    bar.set_label("gap [mm]")
    figure.suptitle("Fit of implants and grafts on the cut faces, before any load")
    figure.savefig(path)
    return "Fit on the cut faces", (
        "Gap between each face of an implant or graft and the bone it is made for, along the normal of the cut, looked at "
        f"square on, head (or front) up. Dark blue: contact, less than {CONTACT:g} mm; purple: overlap; black: part of the "
        "implant's face without bone opposite; pale: cut bone that nothing lies on. The share is that of the cut face in "
        "contact."
    )


def _panel(axes: Any, name: str, one: Fit, colours: Any, norm: Any) -> None:
    from matplotlib.colors import ListedColormap

    flip = _left_is_right(one)
    across = -one.across if flip else one.across
    box = (across.min() - STEP / 2, across.max() + STEP / 2, one.along[0] - STEP / 2, one.along[-1] + STEP / 2)

    def show(values: np.ndarray, **look: Any) -> None:
        axes.imshow(values[:, ::-1] if flip else values, origin="lower", extent=box, interpolation="nearest", **look)

    show(np.ma.masked_where(~one.bone, one.bone), cmap=ListedColormap([BARE_BONE]))
    off = np.where(np.isnan(one.gap), 2.0 * BANDS[-1], one.gap)
    show(np.ma.masked_where(~one.implant, off), cmap=colours, norm=norm)
    numbers = one.numbers()
    axes.set_aspect("equal")
    axes.set_xlabel(f"mm to the {towards(-one.frame.across if flip else one.frame.across)}", fontsize=8)
    axes.set_ylabel(f"mm to the {towards(one.frame.along)}", fontsize=8)
    axes.tick_params(labelsize=7)
    said = f"gap up to {numbers['gap_max [mm]']:.2f} mm"
    if numbers["overlap_max [mm]"] > CONTACT:
        said = f"overlap up to {numbers['overlap_max [mm]']:.2f} mm"
    if numbers["face_on_bone [%]"] < 99.0:
        said = f"{numbers['face_on_bone [%]']:.0f} % of the face over bone\n{said}"
    title = name.replace("_", " ").replace("/", "/\n")
    axes.set_title(f"{title}\n{numbers['contact_share [%]']:.0f} % of the cut in contact\n{said}", fontsize=8)


def _left_is_right(one: Fit) -> bool:
    """Whether the frame's first axis points to the left when the cut is looked at from the implant."""
    frame = one.frame
    return bool(np.cross(frame.across, frame.along) @ frame.normal < 0.0)
