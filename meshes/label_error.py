"""How far surfaces from synthetic label maps are from the surfaces the maps were made from.

Usage: python -m meshes.label_error [pictures.png]
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.grid import enclosed
from femsacrum.anatomy.labels import surface_of
from femsacrum.anatomy.reference import reference
from femsacrum.anatomy.surfaces import polydata, sampled
from meshes.look import draw
from meshes.synthetic_ct import grid_around, labelled

SCANS = {
    "1 x 1 x 1 mm": ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    "0.8 x 0.8 x 3 mm, oblique": ((0.8, 0.8, 3.0), (12.0, 8.0, 5.0)),
}
BONES = ("left_ilium", "right_ilium", "sacrum", "L5", "L4")


def main() -> None:
    """Print the table, and draw where a file is named."""
    options = SimpleNamespace(sex="mean", width=1.0, height=1.0, pelvic_incidence=None, cortical_thickness=1.4)
    true = {name: surface for name, surface in reference(options).parts.items() if name in BONES}
    rows = {}
    print("voxels | part | triangles | mean [mm] | 95 % [mm] | largest [mm] | volume [%]")
    for scan, (spacing, turn) in SCANS.items():
        volume, labels = labelled(true, grid_around(true, np.array(spacing), turn))
        found = {name: surface_of(volume, label, name).surface for name, label in labels.items()}
        for name, surface in found.items():
            apart = np.abs(DistanceTo(true[name])(sampled(surface, 20000)[0]))
            share = enclosed(surface.points, surface.triangles) / enclosed(true[name].points, true[name].triangles)
            figures = (
                f"{apart.mean():.2f} | {np.percentile(apart, 95):.2f} | {apart.max():.2f} | {100 * share - 100:+.2f}"
            )
            print(f"{scan} | {name} | {len(surface.triangles)} | {figures}")
        rows[scan] = {name: polydata(surface) for name, surface in found.items()}
    if len(sys.argv) > 1:
        draw(rows, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
