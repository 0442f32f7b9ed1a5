"""Where the stiffness of bone comes from and what has changed it, so that a reader sees the ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from femsacrum.findings.quantities import quantity
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.materials.modifiers import Factor, factor
from femsacrum.sources.tables import constant

if TYPE_CHECKING:
    from femsacrum.case.ct import Modifier

TISSUE = "Tissue constants are population values from the literature, not this patient's."
ASSUMED = (
    "There was no calibration phantom: densities rest on an assumed line in Hounsfield units, so that all moduli from the "
    "image may be too high or too low together."
)

#: Measure of the share of a bone outside its law's range, and the share above which the reader is told [%].
BEYOND, EXTRAPOLATED = "outside the law's range", 50.0


def from_image(materials: Mapping[str, BodyMaterial]) -> dict[str, Any]:
    """What was taken from a CT, body by body; an empty mapping where nothing was.

    Returns:
        "calibration" ("phantom" or "assumed"), "uncertainty_least" and "uncertainty_most" of the moduli, "bodies", and
        "doubts": sentences on what in it is assumed or extrapolated.
    """
    found = {name: material.image for name, material in materials.items() if material.image is not None}
    if not found:
        return {}
    bodies = {}
    for name, image in found.items():
        rows: dict[str, Any] = {"source": materials[name].source}
        for measure, value in image.measures.items():
            word, _, unit = measure.partition(" [")
            rows[word] = quantity(value, unit.rstrip("]"))
        bodies[name] = rows
    assumed = any(image.assumed for image in found.values())
    ends = {
        f"uncertainty_{end}": quantity(100.0 * constant("density_laws", f"uncertainty_{end}").value, "%")
        for end in ("least", "most")
    }
    doubts = [ASSUMED] * assumed + _extrapolated(bodies)
    return {"calibration": "assumed" if assumed else "phantom", **ends, "bodies": bodies, "doubts": doubts}


def _extrapolated(bodies: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A sentence on the bodies most of which lies beyond their law, if there are any."""
    beyond = [
        name.replace("_", " ")
        for name, row in bodies.items()
        if row.get(BEYOND, {"value": 0.0})["value"] > EXTRAPOLATED
    ]
    far = f"More than half of {', '.join(beyond)} lies outside the densities its law was fitted over: extrapolated."
    return [far] if beyond else []


def limits(image: Mapping[str, Any]) -> tuple[str, ...]:
    """What a reader has to know about the tissue constants.

    Args:
        image: From ``from_image``.
    """
    if not image:
        return (TISSUE,)
    ends = [f"{image[f'uncertainty_{end}']['value']:g}" for end in ("least", "most")]
    bones = ", ".join(name.replace("_", " ") for name in image["bodies"])
    told = (
        f"The cores of {bones} have this patient's density, but the law from density to stiffness is a population's: "
        f"moduli are uncertain by {ends[0]} to {ends[1]} %. All other tissue constants are population values."
    )
    return (told, *image["doubts"])


def changes(modifiers: Iterable[Modifier]) -> list[dict[str, Any]]:
    """Every modifier of the case with its ranges."""
    found = []
    for one in modifiers:
        row: dict[str, Any] = {"name": one.name, "bodies": list(one.bodies) or ["bone"], "source": one.source}
        for what in ("stiffness", "strength", "healing"):
            row[what] = ranged(factor([one], what, dict.fromkeys([*one.bodies, "bone"], "bone")))
        found.append(row)
    return found


def ranged(change: Factor) -> dict[str, Any] | None:
    """A factor with its range [%]; None where nothing changes it."""
    if not change.names:
        return None
    ends = {"least": change.least, "nominal": change.nominal, "largest": change.largest}
    return {name: quantity(100.0 * value, "%") for name, value in ends.items()}
