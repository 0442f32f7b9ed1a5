"""A stiff block on a plane, held by a spring and pushed along x: where it goes is known from statics."""

import numpy as np

from benchmarks.verification import meshes
from femsacrum.loads.loadcase import Applied, LoadCase, Support
from femsacrum.mechanics.interfaces import Bolt, Bonded, Frictional, Interface, UserLaw
from femsacrum.surgery.construct import Contact

FRICTION, NORMAL, SPRING = 0.4, 500.0, 1000.0
LIMIT = FRICTION * NORMAL
MIDDLE = np.array([10.0, 5.0, 0.0])


class PlugPulledError(Exception):
    """Somebody pulled the plug."""


class PulledPlug:
    """Stops a solve at its increment of that number, counted from nought."""

    def __init__(self, number):
        self.left = number

    def newton(self, increment, seconds):
        pass

    def increment(self, increment):
        if not self.left:
            raise PlugPulledError
        self.left -= 1


def on_plane(law=None, youngs=2e6):
    """Bodies, materials and interface."""
    plane = meshes.box("plane", (-10, -10, -5), (30, 20, 0), (5, 4, 2))
    block = meshes.box("block", (0, 0, 0), (20, 10, 6), (4, 3, 2))
    bodies = {"plane": plane, "block": block}
    materials = {name: meshes.material(mesh, youngs, 0.3) for name, mesh in bodies.items()}
    contact = Contact("block/plane", ("block", "z0"), ("plane", "z1"))
    return bodies, materials, (Interface(contact, law or Frictional(FRICTION)),)


def supports(bodies, spring=SPRING):
    top = bodies["block"].facets_of("z1")
    return (
        Support("ground", "plane", bodies["plane"].facets_of("z0"), "fixed", np.eye(3), 1e5),
        Support("spring", "block", top, "mean", np.eye(3)[:1], spring, MIDDLE),
    )


def push(bodies, share, held):
    """Pressed down, and pushed along x with a share of mu N."""
    force = np.array([share * LIMIT, 0.0, -NORMAL])
    load = Applied("push", "block", bodies["block"].facets_of("z1"), force, np.zeros(3), MIDDLE, "test")
    return LoadCase(f"{share:g} mu N", (load,), held, {}, 0.0)


def slide(solution, spring=SPRING):
    """How far the block went, as its spring sees it [mm]."""
    return -float(solution.reactions["spring"][0]) / spring


#: A bar of that section and length through the plane pulls the block down.
BAR_AREA, BAR_LENGTH = 4.0, 20.0


def tied(law=None, youngs=2e6, bar_youngs=1e5):
    """Bodies, materials, interfaces and supports of the block with a bar from its lower side to the ground."""
    bodies, materials, interfaces = on_plane(law, youngs)
    bar = meshes.box("bar", (9, 4, -BAR_LENGTH), (11, 6, 0), (1, 1, 10))
    joined = Interface(Contact("bar/block", ("bar", "z1"), ("block", "z0")), Bonded(1e7))
    ground = Support("bar", "bar", bar.facets_of("z0"), "fixed", np.eye(3), 1e9)
    held = (*supports(bodies), ground)
    materials |= {"bar": meshes.material(bar, bar_youngs, 0.0)}
    return bodies | {"bar": bar}, materials, (*interfaces, joined), held


def tie(**given):
    """The bar's bolt, cut in its middle."""
    middle = np.array([10.0, 5.0, -0.5 * BAR_LENGTH])
    return Bolt("tie", "bar", middle, np.array([0.0, 0.0, -1.0]), 1.5, **given)


#: A layer whose traction grows with the fifth power of the jump: it takes many small increments to load.
LAYER = """
import numpy as np

def layer(jump, before, kept, stiffness, size):
    away = np.linalg.norm(jump, axis=1)[:, None] / size
    grown = 1.0 + away**4
    change = (4.0 * away**2 / size**2)[..., None] * jump[:, :, None] * jump[:, None, :]
    return stiffness * grown * jump, stiffness * (grown[..., None] * np.eye(3) + change), kept
"""
STIFFNESS, SIZE, AREA = 1.0, 0.01, 200.0


def layered(source=LAYER, function="layer", **parameters):
    """Such a layer, or another one, under the block."""
    law = UserLaw("layer", source, function, parameters or {"stiffness": STIFFNESS, "size": SIZE})
    return on_plane(law, youngs=2e4)
