"""A pelvis of boxes with a prosthesis, a graft and a fixation body, and displacement fields with known answers."""

import numpy as np
from boxes import box

from femsacrum.anatomy.model import Anatomy
from femsacrum.materials.elastic import BodyMaterial, Cortex
from femsacrum.mechanics.interfaces import Bonded, Frictional, Interface, InterfaceState, LoadCaseSolution
from femsacrum.meshing.bodies import Assembly
from femsacrum.surgery.construct import Construct, Contact, Plane, Rod, Screw

TOP = np.array([0.0, 52.0, 104.0])


def assembly():
    bodies = [
        box((20.0, 60.0, 130.0), (3, 6, 13), (50.0, 20.0, -100.0), name="left_ilium", bottom="cut"),
        box((20.0, 60.0, 130.0), (3, 6, 13), (-70.0, 20.0, -100.0), name="right_ilium", bottom="cut"),
        box((6.0, 10.0, 20.0), (1, 1, 2), (-3.0, 5.0, -105.0), name="symphysis", role="cartilage"),
        box((40.0, 30.0, 25.0), (4, 3, 3), (-20.0, 40.0, 45.0), name="L5", bottom="cut"),
        box((40.0, 30.0, 25.0), (4, 3, 3), TOP - [20.0, 15.0, 25.0], name="L4"),
        box((30.0, 20.0, 20.0), (3, 2, 2), (-15.0, 45.0, 20.0), order=2, name="prosthesis", role="implant"),
        box((10.0, 10.0, 10.0), (2, 2, 2), (35.0, 50.0, 0.0), name="left_graft", role="graft", bottom="host"),
        box((6.0, 6.0, 60.0), (1, 1, 6), (20.0, 80.0, 20.0), order=2, name="left_fixation", role="fixation"),
    ]
    landmarks = {"L4_upper": TOP, "L5_lower": np.array([0.0, 55.0, 45.0])}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hip = np.array([sign * 60.0, 50.0, -120.0])
        landmarks[f"{side}_hip_centre"] = hip
        landmarks[f"{side}_ASIS"] = hip + np.array([sign * 20.0, -40.0, 70.0])
        landmarks[f"{side}_crest_top"] = hip + np.array([-sign * 20.0, 40.0, 100.0])
        landmarks[f"{side}_PSIS"] = hip + np.array([-sign * 40.0, 85.0, 70.0])
    up = np.array([0.0, 0.0, 1.0])
    anatomy = Anatomy({}, landmarks, {"L4_upper": up}, 24.0, 1.4, {"L5": "made of boxes <&>"}, {"width [mm]": 230.0})
    rod = Rod("left_rod", "left_fixation", np.array([[23.0, 83.0, 20.0], [23.0, 83.0, 60.0]]), 6.0)
    head, tip = np.array([23.0, 83.0, 62.0]), np.array([23.0, 83.0, 80.0])
    screw = Screw("left_L5_pedicle", "left_fixation", head, head, tip, 6.0, ("L5",), 2.5, 18.0)
    cut = Plane(np.array([40.0, 50.0, 0.0]), np.array([-1.0, 0.0, 0.0]))
    construct = Construct(
        anatomy, {}, {}, (screw,), (rod,), (), {"contact_share_left [%]": 70.0}, {"left_ilium": cut}
    )
    return Assembly(construct, {mesh.name: mesh for mesh in bodies}, {"L5": {"gamma_min": 0.3}})


def materials(meshed):
    made = {}
    for name, mesh in meshed.bodies.items():
        metal = mesh.role in ("implant", "fixation")
        cortex = Cortex(mesh.facets, np.full(len(mesh.facets), 1.4), 17000.0, 0.3) if mesh.role == "bone" else None
        modulus = np.full(len(mesh.cells), 110000.0 if metal else 100.0)
        made[name] = BodyMaterial(modulus, np.full(len(mesh.cells), 0.3), cortex, 795.0 if metal else None, "table")
    return made


def interfaces():
    host = Contact("left_graft/left_ilium", ("left_graft", "host"), ("left_ilium", "cut"))
    seat = Contact("prosthesis/L5", ("prosthesis", "surface"), ("L5", "cut"))
    screw = Contact(
        "left_fixation/L5", ("left_fixation", "surface"), ("L5", "surface"), "embedded", "left_L5_pedicle"
    )
    return (
        Interface(host, Frictional(0.46, 1e3, 1e3)),
        Interface(seat, Frictional(0.5, 1e3, 1e3)),
        Interface(screw, Bonded(1e4)),
    )


def _state(mesh, nodes, slip):
    n, zero = len(nodes), np.zeros((len(nodes), 3))
    return InterfaceState(
        mesh.nodes[nodes], np.tile([0.0, 0.0, -1.0], (n, 1)), np.full(n, 10.0), nodes, np.zeros(n), np.zeros(n),
        np.tile([slip, 0.0, 0.0], (n, 1)), zero, np.full(n, 0.8), zero, np.full(n, 2),
    )  # fmt: skip


def solution(meshed, load_case, drop=1.0, lean=0.5, slip=0.03):
    """L4 and L5 go down and lean forwards about L5's cut rigidly; all else stays; the metal stretches."""
    moved = {name: np.zeros_like(mesh.nodes) for name, mesh in meshed.bodies.items()}
    pivot = np.array([0.0, 55.0, 45.0])
    for name in ("L4", "L5"):
        turn = np.radians([lean, 0.0, 0.0])
        moved[name] = np.array([0.0, 0.0, -drop]) + np.cross(turn, meshed.bodies[name].nodes - pivot)
    z = meshed.bodies["prosthesis"].nodes
    moved["prosthesis"] = (z - z.mean(axis=0)) * np.array([-0.3, -0.3, 1.0]) * 1e-3  # 110 MPa
    graft, plate = meshed.bodies["left_graft"], meshed.bodies["prosthesis"]
    states = {
        "left_graft/left_ilium": _state(graft, np.unique(graft.facets_of("host")), slip),
        "prosthesis/L5": _state(plate, np.unique(plate.facets[:, :3])[:9], 3 * slip),
    }
    reactions = {name: force.copy() for name, force in load_case.expected_reactions.items()}
    return LoadCaseSolution(load_case.name, moved, states, reactions, {}, 1e-9, 2e-9, (), True)
