"""Draws ``density_laws.svg`` from the table of laws: ``python docs/images/density_laws.py``."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from femsacrum.sources.tables import table

FOLDER = Path(__file__).parent
NAME = "density_laws.svg"
#: Colour by site; grey: any other.
COLOURS = {"pelvis": "#1f5fa8", "vertebra, on-axis": "#b5651d", "vertebra": "#d08a4e"}
#: Where a name stands beside the end of its curve [points], where others are in its way.
SHIFTED = {
    "morgan_2003_vertebra": (-30, -11),
    "morgan_2003_trochanter": (-98, 22),
    "morgan_2003_femoral_neck": (3, -6),
}


def of_apparent(measure: str, apparent: np.ndarray) -> np.ndarray:
    """The density of a law's own measure at an apparent density, by the table's conversions."""
    lines = table("density_laws")["conversions"]
    ash = lines["schileo_2008_share"]["slope"] * apparent
    keyak = lines["keyak_1994"]
    return {"rho_app": apparent, "rho_ash": ash, "rho_K2HPO4": (ash - keyak["offset"]) / keyak["slope"]}[measure]


def write(folder: Path) -> Path:
    """Write the picture into a folder; the same text whenever it is drawn."""
    apparent = np.linspace(0.08, 0.8, 400)
    with mpl.rc_context({"svg.hashsalt": "laws", "svg.fonttype": "path", "font.size": 10}):
        figure, axes = plt.subplots(figsize=(7.4, 4.4), layout="constrained")
        for name, law in table("density_laws")["laws"].items():
            if law["tissue"] != "cancellous":
                continue
            density = of_apparent(law["measure"], apparent)
            modulus = law["offset"] + law["factor"] * np.maximum(density, 0.0) ** law["exponent"]
            modulus[modulus < 5.0] = np.nan
            inside = (density >= law["range"][0]) & (density <= law["range"][1])
            colour = COLOURS.get(law["site"], "#7a7a7a")
            axes.plot(apparent, modulus, color=colour, lw=0.6, ls=":")
            axes.plot(apparent, np.where(inside, modulus, np.nan), color=colour, lw=2.0)
            last = np.flatnonzero(inside)[-1]
            off = SHIFTED.get(name, (3, 2))
            where = (apparent[last], modulus[last])
            axes.annotate(name, where, off, textcoords="offset points", fontsize=7, color=colour)
        axes.set(yscale="log", xlim=(0.08, 0.92), ylim=(8.0, 2e4))
        axes.set(xlabel="apparent density [g/cm³]", ylabel="Young's modulus [MPa]")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        figure.savefig(folder / NAME, metadata={"Date": None})
    plt.close(figure)
    file = folder / NAME
    text = re.sub(r"[ \t]+$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    return file


if __name__ == "__main__":
    write(FOLDER)
