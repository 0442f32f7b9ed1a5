"""Pictures of bone strained past what it bears, and of what it feels of the load beside the untouched pelvis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.course.against_intact import Solved
from femsacrum.findings.overload import volumes
from femsacrum.findings.quantities import limit
from femsacrum.findings.shielding import SIDES, Beside, beside
from femsacrum.findings.stress import to_nodes
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.report import scene, sheet
from femsacrum.report.plan import bones, cell_surface, everything
from femsacrum.report.sheet import Label, Scale

if TYPE_CHECKING:
    import pyvista

#: Edges of the bands of risk, the last one open, and their colours.
RISKS, RISK_COLOURS = (1.0, 1.25, 1.5, 2.0, 3.0), ("#fdae61", "#f46d43", "#d73027", "#7f0000")
#: Colours from bone that has lost most of its stimulus to bone that has gained most.
CHANGE_COLOURS = ("#08519c", "#9ecae1", "#f3f1ea", "#fdae61", "#b2182b")
UNKNOWN = "#8a8a8a"
#: Smaller regions get no label [mm3].
LEAST_LABELLED = 5.0


def overloaded(
    path: Path, assembly: Assembly, risk: Mapping[str, Floats], found: Mapping[str, Any], name: str
) -> tuple[str, str]:
    """Overloaded elements inside see-through bone, with rods and screws; the largest regions are named.

    Args:
        path: PNG file.
        assembly: Meshed bodies.
        risk: Bone or graft -> risk of every cell, from ``findings.overload.envelope``.
        found: What ``findings.overload.overload`` gave for the same instants.
        name: Of the load case or cycle.

    Returns:
        Title and caption.
    """
    from matplotlib.colors import ListedColormap

    colours = ListedColormap(RISK_COLOURS)

    def around(plotter: pyvista.Plotter) -> None:
        bones(plotter, assembly, 0.22)
        for mesh in assembly.bodies.values():
            if mesh.role in ("implant", "fixation"):
                solid = 0.12 if mesh.role == "implant" else 0.55
                plotter.add_mesh(scene.surface(mesh), color=scene.COLOURS[mesh.role], opacity=solid)

    def hot(plotter: pyvista.Plotter) -> None:
        for body, values in risk.items():
            mesh = assembly.bodies[body]
            for band, colour in enumerate(RISK_COLOURS):
                top = RISKS[band + 1] if band + 1 < len(RISK_COLOURS) else np.inf
                inside = (values > RISKS[band]) & (values <= top)
                if inside.any():
                    plotter.add_mesh(cell_surface(mesh.nodes, mesh.cells[inside, :4]), color=colour, lighting=False)

    labels = [
        Label(
            np.array(row["at"]["value"]),
            f"{row['body'].replace('_', ' ')}: {row['volume']['value']:.0f} mm³\nrisk {row['risk_max']['value']:.2f}",
        )
        for row in found["regions"]
        if row["volume"]["value"] >= LEAST_LABELLED
    ]
    points, panels = everything(assembly), []
    for view in ("front", "back"):
        behind, ahead = (scene.snapshot(paint, view, points, outlines=False) for paint in (around, hot))
        # seen through bone the colours would not be those of the scale
        free = (ahead.image == 255).all(axis=2, keepdims=True)
        panels.append(replace(ahead, image=np.where(free, behind.image, ahead.image)))
    scale = Scale(colours, RISKS, "principal strain over its limit [1]; the last band is open")
    sheet.write(path, panels, [labels, labels], scale)
    total, count = found["volume"]["value"], found["regions_in_all"]
    pulled, pressed = (100.0 * limit(f"cortex_yield_{kind}") for kind in ("tension", "compression"))
    return f"Overloaded bone, {name}", (
        f"Elements of bone and graft whose principal strain is above {pulled:.2f} % in tension or {pressed:.2f} % in "
        f"compression: {total:.0f} mm³ in {count} connected regions, the largest named. "
        "They are drawn before everything else, which is see-through."
    )


def shielded(
    path: Path, assembly: Assembly, sides: Mapping[str, Beside], found: Mapping[str, Any], name: str
) -> tuple[str, str]:
    """Strain energy of the ilia against the untouched pelvis, averaged to the nodes; regions with their change.

    Args:
        path: PNG file.
        assembly: Of the operated pelvis.
        sides: "left_ilium", "right_ilium" -> cells beside those of the untouched bone, from ``findings.shielding.beside``.
        found: What ``findings.shielding.shielding`` gave for the same load case.
        name: Of the load case.

    Returns:
        Title and caption.
    """
    from matplotlib.colors import ListedColormap

    narrow, wide = limit("lazy_zone_narrow"), limit("lazy_zone_wide")
    edges = (1.0 - wide, 1.0 - narrow, 1.0 / (1.0 - narrow), 1.0 / (1.0 - wide))
    colours = ListedColormap(CHANGE_COLOURS)
    ratios = {body: nodal_ratio(assembly, body, both) for body, both in sides.items()}

    def paint(plotter: pyvista.Plotter) -> None:
        for mesh in assembly.bodies.values():
            if mesh.role == "fixation":
                plotter.add_mesh(scene.surface(mesh), color=scene.COLOURS[mesh.role], opacity=0.35)
            elif mesh.name not in ratios:
                plotter.add_mesh(scene.surface(mesh), color=scene.COLOURS[mesh.role], opacity=0.12)
        for body, ratio in ratios.items():
            shape = scene.surface(assembly.bodies[body])
            shape.point_data["band"] = np.where(np.isnan(ratio), np.nan, np.digitize(ratio, edges) + 0.5)
            look = {"scalars": "band", "clim": (0.0, len(CHANGE_COLOURS)), "cmap": colours, "nan_color": UNKNOWN}
            plotter.add_mesh(shape, lighting=False, show_scalar_bar=False, **look)

    panels = [scene.snapshot(paint, view, everything(assembly)) for view in ("front", "back")]
    ends = [-100.0, *(100.0 * (edge - 1.0) for edge in edges), 900.0]
    scale = Scale(colours, ends, "change of strain energy [%]; the last band is open")
    sheet.write(path, panels, scale=scale)
    told = "; ".join(
        f"{body.replace('_', ' ')}: "
        + ", ".join(f"{word} {row['energy_change']['value']:+.0f} %" for word, row in found[body].items())
        for body in sides
    )
    return f"Strain energy beside the untouched pelvis, {name}", (
        f"Blue: bone that feels less than before, dark blue less than {100.0 * (1.0 - wide):.0f} % of it; orange and red: "
        f"more. Means by region: {told}."
    )


def beside_untouched(
    path: Path,
    assembly: Assembly,
    materials: Mapping[str, BodyMaterial],
    solution: LoadCaseSolution,
    untouched: Solved,
    found: Mapping[str, Any] | None,
) -> tuple[str, str] | None:
    """What ``shielded`` draws, from both models; None where the load case is not of both or the regions are not known.

    Args:
        path: PNG file.
        assembly: Of the operated pelvis.
        materials: Body -> material, operated.
        solution: Of one of its load cases.
        untouched: The same patient's intact model.
        found: What ``findings.shielding.shielding`` gave for this load case; None: nothing.
    """
    if not found:
        return None
    before = next(each for each in untouched.solutions if each.name == solution.name)
    models = (assembly, solution, untouched.assembly, before, materials, untouched.materials)
    sides = {body: beside(*models, body) for body in (f"{side}_ilium" for side in SIDES)}
    return shielded(path, assembly, sides, found, solution.name)


def nodal_ratio(assembly: Assembly, body: str, both: Beside) -> Floats:
    """Strain energy after over before at the nodes of a body, NaN where nothing lay before, shape (n,)."""
    mesh = assembly.bodies[body]
    weight = np.where(both.matched, volumes(mesh), 0.0)
    now, before = (
        to_nodes(mesh, np.repeat(each[:, None], 4, axis=1), weight) for each in (both.energy, both.energy_before)
    )
    return np.where(before > 0.0, now / np.where(before > 0.0, before, 1.0), np.nan)
