"""The vertebrectomy construct of ASTM F1717: two blocks on hinge pins, joined by two rods on four pedicle screws.

x to the left, y backwards, z up; the pins lie along x at y = 0, the screws go forwards from the blocks' back face. Rods,
heads and screws are drawn, meshed and bonded as those of a case are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from types import SimpleNamespace

import gmsh
import numpy as np

from femsacrum.case.schema import Fixation, Solver
from femsacrum.findings.stress import strain
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.choose import interfaces
from femsacrum.mechanics.equilibrium import solve
from femsacrum.mechanics.shapes import facet_weights
from femsacrum.meshing.bodies import Assembly
from femsacrum.meshing.one_body import Job, mesh_body
from femsacrum.sources.tables import constant
from femsacrum.surgery.construct import Construct, Contact, Screw, Solid
from femsacrum.surgery.fixation.bends import Free, straight
from femsacrum.surgery.fixation.drawing import draw
from femsacrum.surgery.fixation.rods import Laid
from femsacrum.surgery.implants.plates import HEAD_FREE
from femsacrum.surgery.shapes import cad

#: ASTM F1717, lumbar, bilateral [mm]: active length and diameter of the pins (M-high), block moment arm and distance of the
#: screws of a block (M-med).
ACTIVE_LENGTH, PIN, ARM, APART = 76.0, 12.7, 40.0, 40.0
#: Of a block: half its width, its front [mm], how far it reaches from the screws to the gap and away from it, and the pin
#: away from the screws (M-low; the pin's height changes nothing, and neither do sizes of what hardly bends).
HALF_WIDTH, FRONT, INWARD, OUTWARD, PIN_ABOVE = 30.0, -20.0, 14.0, 35.0, 20.0
#: UHMWPE (0.8 to 1.0 GPa, M-med), and what a block that gives nothing has [MPa]: a hundred times metal (ten times more
#: leaves too few digits for the balance of forces).
UHMWPE, POISSON, RIGID = 900.0, 0.46, 1e7
#: The rod goes on this far beyond its heads [mm].
BEYOND = 6.0
FORCE = 100.0
BLOCKS, SIDES = {"upper": 1.0, "lower": -1.0}, {"left": 1.0, "right": -1.0}


@dataclass(frozen=True)
class Design:
    """One construct.

    Attributes:
        rod: Diameter of the rods [mm].
        alloy: Of rods and screws, as a case calls it.
        screw: Diameter of the screws [mm].
        length: Of the screws in the blocks [mm].
        block: Young's modulus of the blocks [MPa].
        offset: From the back of a block to the axis of the rod [mm]; by default the head is just clear of the block, as a
            case has it.
    """

    rod: float = 5.5
    alloy: str = "titanium"
    screw: float = 6.5
    length: float = 45.0
    block: float = UHMWPE
    offset: float = Fixation.model_fields["head_diameter"].default / 2.0 + HEAD_FREE

    @property
    def options(self):
        """The same as a case would say it."""
        return Fixation(rod_diameter=f"{self.rod} mm", alloy=self.alloy)

    @property
    def metal(self):
        """Young's modulus, Poisson's ratio and yield stress [MPa]."""
        keys = ("youngs_modulus", "poisson_ratio", "yield_stress")
        return tuple(constant("materials", f"{self.alloy}.{key}").value for key in keys)


@dataclass(frozen=True)
class Twin:
    """Meshed, with laws and load."""

    design: Design
    assembly: Assembly
    materials: dict
    interfaces: tuple
    load_case: LoadCase

    def with_blocks(self, modulus):
        """The same with other blocks [MPa]; bonds follow the softer side."""
        return _joined(replace(self.design, block=modulus), self.assembly)


def twin(design, block=9.0, fixation=3.0):
    """Draw and mesh it.

    Args:
        design: What.
        block: Element size there [mm].
        fixation: Of rods and screws [mm].
    """
    screws, solids, contacts = [], {}, []
    for block_name, up in BLOCKS.items():
        solids[f"{block_name}_block"] = (_block(block_name, up), block)
    for side, left in SIDES.items():
        own = tuple(_screw(design, side, left, block_name, up) for block_name, up in BLOCKS.items())
        beyond = np.array([0.0, 0.0, BEYOND])
        ends = (own[1].head - beyond, own[1].head, own[0].head, own[0].head + beyond)
        spans = tuple(straight(start, end) for start, end in pairwise(ends))
        rod = Laid(f"{side}_rod", side, spans, design.rod, Free(np.inf, "", beyond))
        body = f"{side}_fixation"
        solids[body] = (draw(body, own, (rod,), (), design.options).solid, fixation)
        screws += own
        contacts += [
            Contact(screw.name, (body, "surface"), (screw.hosts[0], "surface"), "embedded", screw.name)
            for screw in own
        ]
    made = {name: mesh_body(Job(name, solid.role, solid, size, 2)) for name, (solid, size) in solids.items()}
    drawn = {name: solid for name, (solid, _) in solids.items()}
    construct = Construct(None, {}, drawn, tuple(screws), (), tuple(contacts), {}, {})
    bodies = {name: body for name, (body, _) in made.items()}
    return _joined(design, Assembly(construct, bodies, {name: quality for name, (_, quality) in made.items()}))


def solved(twin, tolerance=1e-8):
    """Its solution under ``FORCE``."""
    bodies = twin.assembly.bodies
    return solve(bodies, twin.materials, twin.interfaces, twin.load_case, Solver(tolerance=tolerance))


def stiffness(twin, solution):
    """Force over how far the pins have come nearer [N/mm]."""
    moved = {}
    for name in BLOCKS:
        body = twin.assembly.bodies[f"{name}_block"]
        nodes, weights = facet_weights(body.nodes, _full(body, _hole(body, BLOCKS[name])))
        moved[name] = weights @ solution.displacements[body.name][nodes, 2] / weights.sum()
    return FORCE / (moved["lower"] - moved["upper"])


def rod_stress(twin, solution):
    """Largest stress along the rods half way between the heads, where nothing is joined to them [MPa].

    Returns:
        Of the plane through the values at integration points, at the rod's surface; and the largest at a corner of a cell,
        which is what a report tells as a peak.
    """
    fibre, peak = 0.0, 0.0
    for side, left in SIDES.items():
        body, material = (of[f"{side}_fixation"] for of in (twin.assembly.bodies, twin.materials))
        found, young = strain(body, solution.displacements[body.name]), material.youngs_modulus[0]
        middle = np.abs(found.position[..., 2]).max(axis=1) < 0.25 * ACTIVE_LENGTH
        # uniaxial: E e_zz, whatever Poisson's ratio does across
        place, weight = found.position[middle].reshape(-1, 3), np.sqrt(found.volume[middle].ravel())
        across = place[:, :2] - [0.5 * APART * left, ARM + twin.design.offset]
        plane = np.column_stack([np.ones(len(place)), across])
        values = young * found.inside[middle, :, 2].ravel()
        mean, *slope = np.linalg.lstsq(plane * weight[:, None], values * weight, rcond=None)[0]
        fibre = max(fibre, float(abs(mean) + 0.5 * twin.design.rod * np.hypot(*slope)))
        peak = max(peak, float(young * np.abs(found.corners[middle, :, 2]).max()))
    return fibre, peak


def _screw(design, side, left, block, up):
    level = 0.5 * ACTIVE_LENGTH * up
    entry = np.array([0.5 * APART * left, ARM, level])
    head, tip = entry + np.array([0.0, design.offset, 0.0]), entry - np.array([0.0, design.length, 0.0])
    hosts = (f"{block}_block",)
    return Screw(f"{side}_{block}", f"{side}_fixation", head, entry, tip, design.screw, hosts, None, design.length)


def _block(name, up):
    """A box with the hole of its pin."""
    level = 0.5 * ACTIVE_LENGTH
    low, high = sorted((up * (level - INWARD), up * (level + OUTWARD)))
    with cad.drawing(name):
        box = (3, gmsh.model.occ.addBox(-HALF_WIDTH, FRONT, low, 2 * HALF_WIDTH, ARM - FRONT, high - low))
        ends = (np.array([x, 0.0, up * (level + PIN_ABOVE)]) for x in (-HALF_WIDTH - 1.0, HALF_WIDTH + 1.0))
        (drilled,) = cad.subtract(box, [cad.cylinder(*ends, PIN / 2.0)])
        return Solid(cad.brep(drilled, name), "implant")


def _hole(body, up):
    """Corners of the facets round the pin."""
    corners = body.nodes[body.facets[:, :3]] - [0.0, 0.0, up * (0.5 * ACTIVE_LENGTH + PIN_ABOVE)]
    round_it = np.abs(np.hypot(corners[..., 1], corners[..., 2]) - PIN / 2.0) < 1e-6
    return body.facets[round_it.all(axis=1), :3]


def _full(body, corners):
    wanted = {tuple(row) for row in corners}
    return body.facets[[tuple(row) in wanted for row in body.facets[:, :3]]]


def _joined(design, assembly):
    """Materials, bonds as a case has them for screws in what is no bone, pins and force."""
    young, ratio, limit = design.metal
    materials = {}
    for name, body in assembly.bodies.items():
        e, nu = (design.block, POISSON) if name.endswith("block") else (young, ratio)
        count = len(body.cells)
        materials[name] = BodyMaterial(np.full(count, e), np.full(count, nu), None, limit, "see the constants above")
    joined = interfaces(SimpleNamespace(interfaces=()), assembly, materials)
    return Twin(design, assembly, materials, joined, _load_case(assembly.bodies))


def _load_case(bodies):
    """Both pins are rigid and turn about themselves alone; the lower stands, the upper goes up and down."""
    supports, applied = [], ()
    for name, up in BLOCKS.items():
        body = bodies[f"{name}_block"]
        hole, point = _hole(body, up), np.array([0.0, 0.0, up * (0.5 * ACTIVE_LENGTH + PIN_ABOVE)])
        held = np.eye(3) if up < 0 else np.eye(3)[:2]
        supports += [
            Support(f"{name} pin", body.name, hole, "mean", held, 1e6, point, np.eye(3)[1:]),
            Support(f"{name} pin is rigid", body.name, hole, "rigid", np.zeros((0, 3)), 1e4),
        ]
        if up > 0:
            applied = (
                Applied("machine", body.name, hole, np.array([0, 0, -FORCE]), np.zeros(3), point, "unit load"),
            )
    return LoadCase("compression bending", applied, tuple(supports), {}, 0.0)
