"""Four plans, each said once for all anatomies."""

from __future__ import annotations

from benchmarks.anatomies import patients
from femsacrum.case.load import check

ANATOMIES = ("reference_female", "reference_male", "bodyparts3d", "atlas_2", "atlas_3", "atlas_5")

#: Behind the whole sacroiliac joint, from the greater sciatic notch up to the iliac crest.
BEHIND = {"left_ilium": {"clear_of": "sacroiliac_joint", "offset": "-2 mm", "normal": [-0.6, 0.8, 0.1]}}

PLANS = {
    "intact": {"plan": "intact"},
    "below_S2": {"plan": "partial_sacrectomy", "resection": {"sacrum": {"level": "below S2"}}},
    "custom_prosthesis": {"plan": "total_sacrectomy", "resection": BEHIND},
    "four_rod": {
        "plan": "total_sacrectomy",
        "resection": BEHIND,
        "prosthesis": "none",
        "graft": "none",
        "fixation": {"rods_per_side": 2, "iliac_screws_per_side": 2, "cross_links": 2},
    },
}

#: Elements that every run is judged with.
MESH = {"bone": "3 mm"}

#: Laws of what presses on each other; what has grown together or is screwed is bonded.
LAWS = {
    "custom_prosthesis": [
        {"between": ["fixation", "*"], "law": "bonded"},
        {"between": ["graft", "*"], "law": "frictional", "friction": 0.46},
        {"between": ["prosthesis", "*"], "law": "frictional", "friction": 0.5},
    ]
}


def names():
    """Anatomies that can be run here."""
    there = patients.names()
    return tuple(name for name in ANATOMIES if name in there)


def case(anatomy, plan, mesh=MESH):
    """One plan on one anatomy, standing on two legs.

    Args:
        anatomy: One of ``names()``.
        plan: One of ``PLANS``.
        mesh: Table [mesh] of the case.
    """
    base = patients.content(anatomy)
    data = {
        **base,
        "name": f"{anatomy}_{plan}",
        "surgery": PLANS[plan],
        "interfaces": LAWS.get(plan, []),
        "mesh": mesh,
        "output": {"figures": False},
    }
    return check(data, patients.folder(anatomy) / "case.toml")
