"""A sweep of a case, and points that take no time."""

from pathlib import Path

from femsacrum.sweep.definition import Sweep

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"
FRICTION = {"name": "friction", "key": "interfaces[3].friction", "low": 0.3, "high": 0.5, "source": "a test"}
ROD = {
    "name": "rod",
    "key": "surgery.fixation.rod_diameter",
    "unit": "mm",
    "values": [5.5, 6.0, 7.0],
    "source": "a test",
}


def content(**changes):
    """What a sweep file says."""
    return {
        "schema_version": 1,
        "name": "trial",
        "case": str(TEMPLATE),
        "seed": 3,
        "factors": [FRICTION, ROD],
        "design": {"kind": "latin_hypercube", "points": 8},
    } | changes


def sweep(**changes):
    return Sweep.model_validate(content(**changes))
