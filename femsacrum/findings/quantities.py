"""How a number stands in the findings: never without its unit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.sources.tables import constant


def quantity(value: float | None, unit: str) -> dict[str, Any]:
    """A value with its unit; None where there is none, since JSON knows no infinity."""
    known = value is not None and math.isfinite(value)
    return {"value": float(value) if known and value is not None else None, "unit": unit}


def place(position: Floats) -> dict[str, Any]:
    """A position [mm], LPS."""
    return {"value": [float(x) for x in np.asarray(position)], "unit": "mm"}


def vector(components: Floats, unit: str) -> dict[str, Any]:
    """A vector with its unit, LPS."""
    return {"value": [float(x) for x in np.asarray(components)], "unit": unit}


def cited(key: str) -> dict[str, Any]:
    """A threshold of ``sources/findings.toml`` with unit, source and confidence."""
    entry = constant("findings", key)
    return {"value": entry.value, "unit": entry.unit, "source": entry.source, "confidence": entry.confidence}


def limit(key: str) -> float:
    """The bare value of a threshold of ``sources/findings.toml``."""
    return constant("findings", key).value
