"""From Hounsfield units to the density a phantom measures, or to an assumed one where there was no phantom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from femsacrum.errors import InputError
from femsacrum.materials.density import TABLE, Line
from femsacrum.sources.tables import table

if TYPE_CHECKING:
    from femsacrum.case.ct import CT

#: Largest residual of a phantom's points about their line, as a share of the densities' spread: more is a mixed-up pair.
CROOKED = 0.1


def calibrated(ct: CT) -> Line:
    """The line of a case: least squares through its phantom's points, or the named default.

    Args:
        ct: The case's.

    Raises:
        InputError: The points do not lie on a rising line.
    """
    phantom = ct.phantom
    if phantom is None:
        entry = table(TABLE)["calibrations"][ct.calibration]
        told = (
            f"{entry['measure']} = {entry['offset']:g} + {entry['slope']:g} HU "
            f"(ASSUMED, {ct.calibration}: {entry['source']} [{entry['confidence']}])"
        )
        return Line(entry["measure"], entry["offset"], entry["slope"], told, True)
    units = np.array([point.hounsfield for point in phantom.points])
    densities = np.array([point.density for point in phantom.points])
    if np.ptp(units) == 0.0:
        raise InputError("materials.ct.phantom.points", "all have the same HU: a line needs two different ones")
    slope, offset = np.polyfit(units, densities, 1)
    residual = float(np.sqrt(np.mean((offset + slope * units - densities) ** 2)))
    if slope <= 0.0 or residual > CROOKED * float(np.ptp(densities)):
        raise InputError(
            "materials.ct.phantom.points",
            f"density does not rise in a line with HU (slope {slope:.3g} g/cm3 per HU, residual {residual:.3g} g/cm3): "
            "are HU and density of some point swapped or mixed up?",
        )
    measure = f"rho_{phantom.substance}"
    told = (
        f"{measure} = {offset:.4g} + {slope:.4g} HU (phantom, {len(units)} points, residual {residual:.2g} g/cm3: "
        f"{phantom.source})"
    )
    return Line(measure, float(offset), float(slope), told, False)
