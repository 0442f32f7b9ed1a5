"""Faces that press and slide as contact pairs, ligaments as springs with a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from femsacrum.calculix.rows import Numbering, equation_lines, interleaved, word
from femsacrum.mechanics.interfaces import Frictional, Healing, Interface, Spring
from femsacrum.mechanics.system import System

#: Slope of a contact that this program enforces exactly, over the slope that its augmented Lagrangian begins with (twice
#: the stiffness of the nodes that meet): penetration is then 2 % of what the nodes give way.
STIFFER = 25.0
#: Elongation up to which the table of a ligament reaches [mm]; beyond it CalculiX keeps the force.
REACH = 100.0
#: Between the ends of the spring that stands for a ligament [mm]; longer than it can be shortened.
LENGTH = 1000.0


def contact_lines(system: System, interface: Interface) -> Iterator[str]:
    """Lines of a contact pair, surface to surface with penalty; nothing where all of the face has united.

    Args:
        system: What is solved.
        interface: Frictional, or healing: what has united carries its share by springs, the pair carries the rest.
    """
    free = 1.0 - interface.law.union if isinstance(interface.law, Healing) else 1.0
    law = interface.law.contact if isinstance(interface.law, Healing) else interface.law
    if not isinstance(law, Frictional) or not free > 0.0:
        return
    contact = interface.contact
    if law.normal_stiffness is None:
        found = system.contact.parameters[system.slice_of(contact.name), 0]
        normal = stick = STIFFER * float(np.median(found))
    else:
        normal, stick = law.normal_stiffness, law.stick_stiffness or law.normal_stiffness
    name = word(contact.name)
    yield f"** contact {contact.name}"
    yield f"*SURFACE INTERACTION, NAME=I_{name}"
    yield "*SURFACE BEHAVIOR, PRESSURE-OVERCLOSURE=LINEAR"
    yield f"{free * normal:.12g}"
    if law.friction > 0.0:
        yield "*FRICTION"
        yield f"{law.friction:.12g}, {free * stick:.12g}"
    yield f"*CONTACT PAIR, INTERACTION=I_{name}, TYPE=SURFACE TO SURFACE"
    yield f"{'_'.join(contact.slave)}, {'_'.join(contact.master)}"


def ligament_lines(system: System, spring: Spring, numbering: Numbering) -> Iterator[str]:
    """Lines of a ligament: a spring with a table along x, one end fixed, the other moving by its elongation.

    Its own direction would turn with the displacements, which those of femsacrum do not.

    Args:
        system: What is solved.
        spring: One of its springs.
        numbering: Of the deck; goes on.
    """
    where = system.slice_of(spring.name)
    line = system.contact.frames[where][0, 0]  # from the first end to the second; the jump is first less second
    table = numbering.renumbered(interleaved([-weight * system.contact.rows[where] for weight in line]), [])
    name = word(spring.name)
    fixed, moving = numbering.add_nodes(2)
    (element,) = numbering.add_elements(1)
    yield f"** ligament {spring.name}"
    yield from ("*NODE", f"{fixed}, 0., 0., 0.", f"{moving}, {LENGTH}, 0., 0.")
    yield from ("*BOUNDARY", f"{fixed}, 1, 3, 0.", f"{moving}, 2, 3, 0.", "*EQUATION")
    yield from equation_lines(moving, 1, table.indices.tolist(), table.data.tolist())
    yield f"*ELEMENT, TYPE=SPRINGA, ELSET=LIGAMENT_{name}"
    yield f"{element}, {fixed}, {moving}"
    yield f"*SPRING, ELSET=LIGAMENT_{name}, NONLINEAR"
    for elongation, force in spring_table(spring):
        yield f"{force:.10e}, {elongation:.10e}"  # with a point in them: CalculiX tells forces from directions by it


def spring_table(spring: Spring) -> list[tuple[float, float]]:
    """Elongation [mm] and tension [N] where the slope of ``laws.spring`` changes, in rising order.

    Args:
        spring: A ligament, spring or facet joint.
    """
    start, knee = spring.slack - spring.pretension / spring.stiffness, spring.slack + spring.knee
    bounded = spring.tension_only or spring.compression_only
    knots = [start - REACH, start, *([knee] if knee < start + REACH else []), start + REACH]

    def force(far: float) -> float:
        more = (spring.stiffer - 1.0) * max(far - knee, 0.0)
        return max(spring.stiffness * (far - start + more), 0.0 if bounded else -np.inf)

    rows = [(far, force(far)) for far in knots]
    return [(-far, -push) for far, push in reversed(rows)] if spring.compression_only else rows
