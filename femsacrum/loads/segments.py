"""Free bodies of an instant: what the legs and the trunk hand to the pelvis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.names import SIDES
from femsacrum.loads.lines import Axes, axes, near_landmark
from femsacrum.loads.patches import Patch, landmark, whole_surface
from femsacrum.loads.posture import Instant
from femsacrum.meshing.bodies import Assembly
from femsacrum.sources.tables import constant


@dataclass(frozen=True)
class Pelvis:
    """Net forces on the pelvis at an instant, in its own frame, over body weight.

    Attributes:
        hips: Side -> net force of the leg, muscles and joint together, at the hip centre, shape (3,) [BW].
        turns: Side -> net moment of the leg's muscles about the hip centre, shape (3,) [BW mm].
        trunk: Net force of the trunk at the middle of L4's upper endplate, shape (3,) [BW].
        bend: Its moment about that point, shape (3,) [BW mm].
        weight: Weight and inertia of each half of the pelvis, shape (3,) [BW].
        halves: Side -> facets of the ilium, which it is spread over.
        seat: Side -> force of the seat, shape (3,) [BW], and facets of the ischial tuberosity; empty when not sitting.
    """

    hips: dict[str, Floats]
    turns: dict[str, Floats]
    trunk: Floats
    bend: Floats
    weight: Floats
    halves: dict[str, Patch]
    seat: dict[str, tuple[Floats, Patch]]


def free_bodies(instant: Instant, assembly: Assembly) -> Pelvis:
    """Forces close by d'Alembert's principle, moments by the hips' muscles.

    Ground, crutches and seat accelerate the whole body alike; weight and inertia of each segment then are its mass
    times one common vector, and the sum of all forces vanishes. A leg hands on what the ground gives it less its own
    share. The trunk stands where it balances over the hips (or over the seat), further ahead by the instant's lean;
    what moment is left about the hips their muscles must give. In single support it is the stance hip's alone:
    the foot presses where this needs it. When both feet carry, each hip gives its share of the load, which leaves out
    that the legs may push against each other. A swinging leg is a pendulum: its muscles give no moment.
    """
    frame, top = axes(assembly), landmark(assembly, "L4_upper")
    forward, up = _world(frame, instant.tilt)
    turn = np.array([forward, frame.left, up])
    ground = {side: instant.ground[side] @ turn for side in SIDES}
    lift = sum(instant.crutches.values()) + instant.seat
    pull = ground["left"] + ground["right"] + lift * up
    legs, middle_part = constant("loads", "leg_weight").value, constant("loads", "pelvis_weight").value
    hips = {side: ground[side] - legs * pull for side in SIDES}
    halves = {side: whole_surface(assembly, f"{side}_ilium") for side in SIDES}
    seats = {side: near_landmark(assembly, side, "isch_tub") for side in SIDES} if instant.seat else {}
    seat = {side: (0.5 * instant.seat * up, patch) for side, patch in seats.items()}
    weight = -0.5 * middle_part * pull

    def about(point: Floats) -> Floats:
        """Moment of all but trunk and crutches about a point."""
        acting = [(patch.centroid, weight) for patch in halves.values()]
        acting += [(patch.centroid, force) for force, patch in seat.values()]
        acting += [(landmark(assembly, f"{side}_hip_centre"), hips[side]) for side in SIDES]
        return np.sum([np.cross(place - point, force) for place, force in acting], axis=0)

    trunk_mass = 1.0 - middle_part - 2.0 * legs
    height = float((top - frame.middle) @ up) + constant("activities", "trunk_height").value
    loaded = {side: max(float(instant.ground[side][2]) - legs, 0.0) for side in SIDES}
    carried = sum(loaded.values())
    shift = constant("loads", "hand_contralateral").value - constant("loads", "hand_ipsilateral").value
    wide = 0.5 * (constant("loads", "hand_contralateral").value + constant("loads", "hand_ipsilateral").value)
    half = 0.5 * float(np.linalg.norm(landmark(assembly, "left_hip_centre") - landmark(assembly, "right_hip_centre")))
    towards = (loaded["left"] - loaded["right"]) / carried if carried > 0.0 else 0.0

    def trunk(ahead: float) -> tuple[Floats, Floats]:
        """Force of the trunk, and its moment about L4, where its centre of mass lies ``ahead`` of the hips."""
        centre = frame.middle + ahead * forward + (instant.aside + towards * instant.sway) * frame.left + height * up
        force = -trunk_mass * pull
        moment = np.cross(centre - top, force)
        for side, sign in (("left", 1.0), ("right", -1.0)):
            hand = sign * wide + towards * (half - 0.5 * shift)
            place = frame.middle + ahead * forward + hand * frame.left
            force = force + instant.crutches[side] * up
            moment = moment + np.cross(place - top, instant.crutches[side] * up)
        return force, moment

    force, bend = trunk(_balanced(frame, forward, halves, seat, middle_part, trunk_mass) + instant.lean)
    needed = -(about(frame.middle) + bend + np.cross(top - frame.middle, force))
    shares = {side: loaded[side] / carried if carried > 0.0 else 0.5 for side in SIDES}
    return Pelvis(hips, {s: shares[s] * needed for s in SIDES}, force, bend, weight, halves, seat)


def _balanced(
    frame: Axes, forward: Floats, halves: dict[str, Patch], seat: dict[str, tuple[Floats, Patch]],
    pelvis: float, trunk: float,
) -> float:  # fmt: skip
    """How far ahead of the hips the trunk has to be for the weights above to rest on them, or on the seat [mm]."""
    behind = -0.5 * sum(float((patch.centroid - frame.middle) @ forward) for patch in halves.values())
    if not seat:
        return pelvis * behind / trunk
    under = 0.5 * sum(float((patch.centroid - frame.middle) @ forward) for _, patch in seat.values())
    return (pelvis * behind + (pelvis + trunk) * under) / trunk


def _world(frame: Axes, tilt: float) -> tuple[Floats, Floats]:
    """Forward and up of the room as a pelvis sees them that is tilted forward by an angle [deg]."""
    angle = np.radians(tilt)
    up = np.cos(angle) * frame.up - np.sin(angle) * frame.forward
    return np.cos(angle) * frame.forward + np.sin(angle) * frame.up, up
