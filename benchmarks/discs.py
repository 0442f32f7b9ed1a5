"""Discs between rigid endplates, as one solid and as nucleus and annulus: of the reference anatomy, and an ellipse.

``python -m benchmarks.discs`` prints the tables of docs/case_file.md and docs/mechanics.md, in a minute.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse.linalg import splu

from benchmarks.verification import meshes
from femsacrum.anatomy.reference import reference
from femsacrum.case.load import load
from femsacrum.materials.discs import BEARS, two_part
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.elasticity import stiffness
from femsacrum.meshing.one_body import surface_body
from femsacrum.sources.tables import constant

CASE = Path(__file__).parents[1] / "studies/intact_reference/case.toml"
#: Disc -> direction that is up in it, as the anatomy names it.
DISCS = {"disc_L4L5": "L5_upper", "disc_L5S1": "S1_endplate"}
#: Size of elements [mm]; facets are an endplate's where their normals are so near to the disc's axis (cosine).
SIZE, FACING = 2.5, 0.8
#: Half axes and height of the ellipse [mm].
WIDE, DEEP, HIGH = 25.0, 17.0, 10.0


def main():
    """Print them."""
    print(
        "| disc | made of | compression [N/mm] | shear forwards [N/mm] | flexion [N m/deg] | to the side | torsion |"
    )
    print("|---|---|---|---|---|---|---|")
    anatomy = reference(load(CASE).anatomy)
    for name, direction in DISCS.items():
        body, _ = surface_body(name, "disc", anatomy.parts[name], SIZE, 2)
        parts = two_part(body)
        made = {
            "one solid": one_solid(body),
            "nucleus and annulus": parts,
            "the same, all fibres bear": replace(
                parts, fibres=replace(parts.fibres, modulus=parts.fibres.modulus / BEARS)
            ),
        }
        for words, material in made.items():
            told = between_endplates(body, material, np.asarray(anatomy.directions[direction]))
            print(f"| {name} | {words} | " + " | ".join(f"{value:.3g}" for value in told) + " |", flush=True)
    print("\n| ellipse, cells across | made of | compression | shear | flexion | to the side | torsion |")
    print("|---|---|---|---|---|---|---|")
    for high in (1, 2, 3, 4):
        body = ellipse((10, 8, high))
        for words, material in {"one solid": one_solid(body), "nucleus and annulus": two_part(body)}.items():
            told = between_endplates(body, material, np.array([0.0, 0.0, 1.0]))
            print(f"| {high} | {words} | " + " | ".join(f"{value:.4g}" for value in told) + " |", flush=True)


def ellipse(cells=(10, 8, 3)):
    """A disc that is an elliptic cylinder: squares are drawn out to circles.

    Args:
        cells: Along its width, its depth and its height.
    """
    body = meshes.box("disc_L4L5", (-1.0, -1.0, -0.5 * HIGH), (1.0, 1.0, 0.5 * HIGH), cells, 2)
    x, y, z = body.nodes.T
    drawn = np.column_stack([WIDE * x * np.sqrt(1.0 - 0.5 * y * y), DEEP * y * np.sqrt(1.0 - 0.5 * x * x), z])
    return replace(body, nodes=drawn, role="disc")


def one_solid(body):
    """The disc of the tables."""
    young, ratio = (constant("materials", f"disc.{key}").value for key in ("youngs_modulus", "poisson_ratio"))
    return BodyMaterial(np.full(len(body.cells), young), np.full(len(body.cells), ratio), None, None, "disc")


def between_endplates(body, material, up):
    """Stiffness of a disc whose lower end is held and whose upper end moves as one, all other motions free.

    Returns:
        Compression, shear forwards [N/mm]; flexion, bending to the side, torsion about the disc's middle [N m/deg].
    """
    alone = 1.0 / np.diag(np.linalg.inv(rigid(body, material, up)))
    per_degree = np.pi / 180.0 / 1000.0
    return alone[2], alone[1], *(per_degree * alone[3:])


def rigid(body, material, up):
    """Stiffness against shifts and turns of a disc's upper end as one, the lower held, shape (6, 6) [N, mm, rad].

    Axes through the disc's middle: to the left, backwards, up.
    """
    a, b, c = np.moveaxis(body.nodes[body.facets[:, :3]], 1, 0)
    normals = np.cross(b - a, c - a)
    facing = normals @ up / np.linalg.norm(normals, axis=1)
    low, high = np.unique(body.facets[facing < -FACING]), np.unique(body.facets[facing > FACING])
    side = np.array([1.0, 0.0, 0.0]) - up[0] * up
    axes = np.array([side / np.linalg.norm(side), np.cross(up, side / np.linalg.norm(side)), up])
    middle = 0.5 * (body.nodes[low].mean(axis=0) + body.nodes[high].mean(axis=0))
    moved = np.zeros((len(body.nodes), 3, 6))
    for k, axis in enumerate(axes):
        moved[high, :, k], moved[high, :, 3 + k] = axis, np.cross(axis, body.nodes[high] - middle)
    moved = moved.reshape(-1, 6)
    free = (3 * np.setdiff1d(np.arange(len(body.nodes)), np.union1d(low, high))[:, None] + np.arange(3)).ravel()
    matrix = stiffness(body, material).tocsc()
    moved[free] = splu(matrix[free][:, free]).solve(-(matrix @ moved)[free])
    return moved.T @ (matrix @ moved)


if __name__ == "__main__":
    main()
