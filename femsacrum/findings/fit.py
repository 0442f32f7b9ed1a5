"""How implants and grafts fit the cut faces of bone, for the findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.findings.quantities import quantity
from femsacrum.surgery.implants.fit import CONTACT, Fit


def fit(fits: Mapping[str, Fit]) -> dict[str, Any]:
    """Gap and contact of each face as it is put in, and the gap below which it counts as contact.

    Args:
        fits: Contact of an implant or graft with a cut face -> the gap between them.
    """
    faces: dict[str, dict[str, Any]] = {}
    for name, one in fits.items():
        faces[name] = {}
        for key, value in one.numbers().items():
            word, _, unit = key.partition(" [")
            faces[name][word] = quantity(value, unit.rstrip("]"))
    return {"contact_below": quantity(CONTACT, "mm"), "faces": faces}
