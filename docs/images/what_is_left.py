"""Draws ``what_is_left.svg``: what a partial sacrectomy leaves of a pelvis, level by level; and prints the tables.

Run ``femsacrum sweep studies/what_is_left/sweep.toml --data FOLDER --yes``, ``femsacrum collect`` of the same, then
``python -m docs.images.what_is_left [TABLE]``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb
import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

TABLE = Path("runs/what_is_left/table.parquet")
LEVELS = ("intact", "below S3", "below S2", "below S1", "above S1 foramina", "through S1")
DEROOFED = tuple(f"{level}, deroofed" for level in ("below S3", "below S2", "below S1"))
COLOURS = {
    "reference_male": "#0072b2",
    "reference_female": "#d55e00",
    "bodyparts3d": "#009e73",
    "atlas_2": "#cc79a7",
    "atlas_3": "#e69f00",
    "atlas_5": "#555555",
}
#: Factor on the load at which a piece of 113 mm3, and 1 cm3 in all, of the sacrum is past its limit.
PIECE, WIDE = "first_damage.sacrum.factor", "first_damage.sacrum.wide"
JOINT = "surgery.sacroiliac_joint_removed"
LOADS = ("standing", "sitting", "one leg", "stumble")
#: Ticks of the last panel [1].
RESERVES = (0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0)
#: Of the case [N].
BENCH_FORCE = 1000.0
#: Panel -> load case, key, whether it is laid beside the same patient's intact pelvis.
SHOWN = {
    "stiffness on the bench, of intact": ("bench", "deformation.construct_stiffness"),
    "load until damage on the bench, of intact": ("bench", WIDE),
    "load until damage on one leg, of intact": ("one leg", WIDE),
}
#: Laboratories: stiffness and strength of intact (Hugate 2006, cuts below and above the foramina of S1; Gunterberg 1976).
MEASURED = {
    "stiffness on the bench, of intact": {"below S1": 222 / 353, "above S1 foramina": 100 / 353},
    "load until damage on the bench, of intact": {"below S1": 2166 / 3014, "above S1 foramina": 1045 / 3014},
}

type Found = dict[tuple[str, str, str, str], float]


def read(table: Path) -> Found:
    """(Patient, level, load case, key) -> value, of all points that are done."""
    rows = duckdb.sql(f"SELECT * FROM '{table}' WHERE state = 'done'").fetchnumpy()
    keys = [name for name in rows if name.startswith(("deformation.", "first_damage.", "overload.", "surgery."))]
    found: Found = {}
    for i, (patient, level, load) in enumerate(zip(rows["patient"], rows["left"], rows["load_case"], strict=True)):
        for key in keys:
            value = rows[key][i]
            if not np.ma.is_masked(value) and np.isfinite(value):
                found[patient, level, load, key] = float(value)
    return found


def of_intact(found: Mapping, patient: str, level: str, load: str, key: str) -> float:
    """A value over that of the same patient's intact pelvis; nan where one is not there."""
    whole = found.get((patient, "intact", load, key), np.nan)
    return found.get((patient, level, load, key), np.nan) / whole


def borne(found: Mapping, patient: str, level: str, load: str) -> float:
    """How many times the load may grow until the sacrum is strained as the intact one is in a stumble."""
    return found.get((patient, level, load, WIDE), np.nan) / found.get((patient, "intact", "stumble", WIDE), np.nan)


def tell(found: Found) -> None:
    """Tables in Markdown, a row for each patient and level: on the bench, then the sacrum of the patient."""
    bench = ("joints taken", "stiffness [N/mm]", "of intact", "piece [N]", "of intact", "1 cm³ [N]", "of intact")
    head("patient", "left", *bench)
    for patient, level in there(found):
        taken = np.mean([found.get((patient, level, "", f"{JOINT}_{side}"), 0.0) for side in ("left", "right")])
        stiff = told(found, patient, level, "bench", "deformation.construct_stiffness", 1.0, 0)
        forces = [told(found, patient, level, "bench", key, BENCH_FORCE, 0) for key in (PIECE, WIDE)]
        row(patient, level, f"{taken:.0f} %", *stiff, *forces[0], *forces[1])
    head("patient", "left", *(word for load in LOADS for word in (load, "of intact")), "past in a stumble [cm³]")
    for patient, level in there(found):
        factors = [word for load in LOADS for word in told(found, patient, level, load, WIDE, 1.0, 2)]
        past = found[patient, level, "stumble", "overload.sacrum.volume"] / 1e3
        row(patient, level, *factors, f"{past:.1f}")
    head("patient", "left", *(f"{load} against a stumble" for load in LOADS))
    for patient, level in there(found):
        row(patient, level, *(f"{borne(found, patient, level, load):.2f}" for load in LOADS))


def there(found: Found) -> list[tuple[str, str]]:
    """Patients and levels that have an answer."""
    return [
        (each, level) for each in COLOURS for level in (*LEVELS, *DEROOFED) if (each, level, "bench", WIDE) in found
    ]


def told(found: Found, patient: str, level: str, load: str, key: str, scale: float, digits: int) -> tuple[str, str]:
    """A value, and its share of the same patient's intact one."""
    value, share = found[patient, level, load, key], of_intact(found, patient, level, load, key)
    return f"{scale * value:.{digits}f}", f"{100.0 * share:.0f} %"


def head(*words: str) -> None:
    """The head of a table."""
    print()
    row(*words)
    row(*("---" for _ in words))


def row(*words: str) -> None:
    """A row of a table."""
    print(f"| {' | '.join(words)} |")


def main(table: Path = TABLE) -> None:
    """A panel for each ratio over the levels, a line for each patient."""
    found = read(table)
    tell(found)
    mpl.rcParams |= {"svg.hashsalt": "what_is_left", "font.size": 9, "svg.fonttype": "none"}
    figure, panels = plt.subplots(1, 4, figsize=(13.5, 4.0), layout="constrained")
    places = np.arange(len(LEVELS))
    for panel, (title, (load, key)) in zip(panels, SHOWN.items(), strict=False):
        for patient, colour in COLOURS.items():
            values = [100.0 * of_intact(found, patient, level, load, key) for level in LEVELS]
            panel.plot(
                places, values, "o-", color=colour, linewidth=0.9, markersize=4, label=patient.replace("_", " ")
            )
            for level in DEROOFED:
                at = LEVELS.index(level.removesuffix(", deroofed"))
                value = 100.0 * of_intact(found, patient, level, load, key)
                panel.plot(at + 0.12, value, "v", color=colour, markersize=4, fillstyle="none")
        for level, share in MEASURED.get(title, {}).items():
            panel.plot(LEVELS.index(level), 100.0 * share, "x", color="black", markersize=7, label="_Hugate")
        panel.set_title(title + " [%]", fontsize=9, loc="left")
        panel.set_ylim(0.0, 125.0)
    for patient, colour in COLOURS.items():
        for load, marker in (("sitting", "s"), ("one leg", "o")):
            values = [borne(found, patient, level, load) for level in LEVELS]
            panels[3].plot(places, values, f"{marker}-", color=colour, linewidth=0.9, markersize=4)
    panels[3].axhline(1.0, color="black", linewidth=0.9)
    panels[3].set_yscale("log")
    panels[3].set_yticks(RESERVES, [f"{each:g}" for each in RESERVES])
    panels[3].minorticks_off()
    said = "reserve up to what the intact sacrum bears\nin a stumble: sitting (squares), one leg (discs)"
    panels[3].set_title(said, fontsize=9, loc="left")
    for panel in panels:
        panel.set_xticks(places, LEVELS, rotation=35, ha="right")
        panel.grid(color="#e5e5e5")
    handles, labels = panels[0].get_legend_handles_labels()
    handles += [plt.Line2D([], [], marker="v", color="#333333", linestyle="", fillstyle="none"),
                plt.Line2D([], [], marker="x", color="black", linestyle="")]  # fmt: skip
    labels += ["canal deroofed", "cadavers (Hugate 2006)"]
    shown = [pair for pair in zip(handles, labels, strict=True) if not pair[1].startswith("_")]
    figure.legend(*zip(*shown, strict=True), loc="outside lower center", ncols=8, frameon=False)
    figure.savefig(Path(__file__).with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
