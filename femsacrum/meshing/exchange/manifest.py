"""What shape files cannot say: frame, roles, named faces, screws, rods and resection planes, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from femsacrum.anatomy.model import ROLES, Floats, Plane
from femsacrum.surgery.construct import Construct
from femsacrum.surgery.guides.model import Guide


def write_manifest(path: str | Path, construct: Construct, files: Mapping[str, list[str]]) -> None:
    """Write names and frames of a construct.

    Args:
        path: Ends in ``.json``.
        construct: The pelvis after the operation.
        files: Body name -> the files it was written to.
    """
    bodies: dict[str, Any] = {}
    for name, surface in construct.surfaces.items():
        bodies[name] = {"role": ROLES[name], "files": files.get(name, []), "faces": _planes(surface.flat_faces)}
    for name, solid in construct.solids.items():
        bodies[name] = {"role": solid.role, "files": files.get(name, []), "faces": _planes(solid.flat_faces)}
    content: dict[str, Any] = {
        "unit": "mm",
        "frame": "LPS: x to the patient's left, y to the back, z to the head",
        "bodies": bodies,
        "screws": {
            screw.name: {
                "body": screw.body,
                "head": _numbers(screw.head),
                "entry": _numbers(screw.entry),
                "tip": _numbers(screw.tip),
                "diameter": float(screw.diameter),
                "hosts": list(screw.hosts),
            }
            for screw in construct.screws
        },
        "rods": {
            rod.name: {"body": rod.body, "path": _numbers(rod.path), "diameter": float(rod.diameter)}
            for rod in construct.rods
        },
        "contacts": {
            contact.name: {
                "slave": ":".join(contact.slave),
                "master": ":".join(contact.master),
                "kind": contact.kind,
                "screw": contact.screw,
            }
            for contact in construct.contacts
        },
        "resection_planes": _planes(construct.planes),
    }
    if construct.guide is not None:
        content["guide"] = _guide(construct.guide, files)
    Path(path).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _guide(guide: Guide, files: Mapping[str, list[str]]) -> dict[str, Any]:
    """What is printed, and where it touches, is pinned and leads the saw."""
    return {
        "parts": {name: {"files": files.get(name, [])} for name in guide.solids},
        "away": _numbers(guide.seat.away),
        "contacts": [
            {"point": _numbers(point), "normal": _numbers(normal)}
            for point, normal in zip(guide.seat.points, guide.seat.normals, strict=True)
        ],
        "wires": {
            wire.name: {
                "entry": _numbers(wire.entry),
                "tip": _numbers(wire.tip),
                "diameter": wire.diameter,
                "clearance": wire.clearance,
                "nearest": wire.nearest,
            }
            for wire in guide.wires
        },
        "slots": {
            slot.name: {
                "part": slot.part,
                **_planes({"plane": slot.plane})["plane"],
                "corners": _numbers(slot.corners),
                "width": slot.width,
                "depth": slot.depth,
            }
            for slot in guide.slots
        },
        "doubts": list(guide.doubts),
    }


def _planes(planes: Mapping[str, Plane]) -> dict[str, Any]:
    return {
        name: {"origin": _numbers(plane.origin), "normal": _numbers(plane.normal)} for name, plane in planes.items()
    }


def _numbers(values: Floats) -> Any:
    """As plain lists of numbers."""
    return values.tolist()
