"""Cortical bone: a membrane on the natural surface of a bone, never on a saw cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import InputError
from femsacrum.materials.thickness import cortical_value, joined, measured, profiles
from femsacrum.meshing.bodies import Assembly, BodyMesh
from femsacrum.sources.tables import constant

if TYPE_CHECKING:
    from femsacrum.case.ct import CortexOptions
    from femsacrum.materials.scan import Scan


@dataclass(frozen=True)
class Thickness:
    """How thick the cortex of one bone is.

    Attributes:
        values: Per natural facet, shape (k,) [mm].
        told: Where it comes from, for the report.
        measures: For the findings where it was measured: name with unit in it -> value.
    """

    values: Floats
    told: str
    measures: Mapping[str, float] = field(default_factory=dict)


def natural_facets(body: BodyMesh) -> Ints:
    """Corner nodes of the facets the saw did not make, shape (k, 3)."""
    return body.facets_of("surface")[:, :3]


def region(body: str) -> str:
    """Entry of ``sources/cortex.toml`` for a bone."""
    return {"L4": "vertebra", "L5": "vertebra", "sacrum": "sacrum"}.get(body, "pelvis")


def thicknesses(options: CortexOptions | None, assembly: Assembly, scan: Scan | None) -> dict[str, Thickness]:
    """Thickness of the cortex of every bone.

    Args:
        options: ``materials.cortex`` of the case; None: the anatomy's one thickness everywhere.
        assembly: The meshed bodies.
        scan: The case's CT.

    Raises:
        InputError: A bone is to be measured that is not mapped from the CT.
    """
    found: dict[str, Thickness] = {}
    imaged: list[str] = []
    for name, body in assembly.bodies.items():
        if body.role != "bone":
            continue
        wanted: float | str = assembly.construct.anatomy.cortical_thickness
        if options is not None:
            wanted = options.bodies.get(name, options.thickness)
        count = len(natural_facets(body))
        inside = scan is not None and name in scan.chains
        if wanted == "image" and inside:
            imaged.append(name)
            continue
        if wanted == "image" and options is not None and name in options.bodies:
            key = f"materials.cortex.bodies.{name}"
            raise InputError(key, 'is not mapped from the image (materials.ct.bodies): take "table" or a length')
        if isinstance(wanted, str):
            entry = constant("cortex", region(name))
            found[name] = Thickness(np.full(count, entry.value), f"{entry.value:g} mm ({entry.cited()})")
        else:
            found[name] = Thickness(np.full(count, wanted), f"{wanted:g} mm")
    if scan is not None and imaged:
        given = options.hounsfield if options is not None else None
        found |= _measured(assembly, scan, imaged, given)
    return found


def _measured(assembly: Assembly, scan: Scan, names: list[str], given: float | None) -> dict[str, Thickness]:
    """Thickness from the image; one value of cortical bone for all bones."""
    seen = {}
    for name in names:
        body, surface = assembly.bodies[name], DistanceTo(assembly.construct.anatomy.parts[name])
        seen[name] = profiles(scan.volume, body.nodes, natural_facets(body), surface)
    height, shown = (given, True) if given is not None else cortical_value(joined(list(seen.values())))
    how = (
        "of the case"
        if given is not None
        else "found in the image"
        if shown
        else "ASSUMED, no cortex is thick enough"
    )
    found = {}
    for name, profile in seen.items():
        fitted = measured(profile, height, constant("cortex", region(name)).value)
        low, middle, high = np.percentile(fitted.thickness, [25.0, 50.0, 75.0])
        told = f"measured, median {middle:.2f} mm with cortical bone at {height:.0f} HU ({how})"
        found[name] = Thickness(
            fitted.thickness,
            f"{told}; {100.0 * fitted.failed:.0f} % of the surface from its neighbours",
            {
                "cortex_p25 [mm]": float(low),
                "cortex_p50 [mm]": float(middle),
                "cortex_p75 [mm]": float(high),
                "cortex from neighbours [%]": 100.0 * fitted.failed,
                "cortex from the table [%]": 100.0 * fitted.absent,
                "cortical bone [HU]": height,
            },
        )
    return found
