"""What the body does at an instant: on which foot and crutch it stands, how the hips and the trunk are held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.loads import LoadSpec
from femsacrum.case.names import SIDES
from femsacrum.sources.tables import constant, table

#: Width of the second peak of the ground reaction that an orthosis lowers, and where it lies, percent of the cycle.
PUSH_OFF, PUSH_OFF_WIDTH = 47.0, 7.0
#: Instants over which the mean of a movement's ground reaction is taken.
FINE = 400


@dataclass(frozen=True)
class Instant:
    """One instant of a posture or a movement.

    Attributes:
        percent: Of the cycle.
        ground: Side -> force of the ground on the foot: forward, left, up [BW].
        crutches: Side -> force of the ground on the crutch in that hand, straight up [BW].
        flexion: Side -> flexion of the hip [deg].
        tilt: Pelvis forward of its posture in standing [deg].
        lean: Trunk's centre of mass ahead of where it would balance over the hips, or over the seat [mm].
        sway: Trunk towards the leg that carries [mm].
        aside: Trunk to the left of the middle [mm], beside its sway.
        seat: Force of the seat on the ischial tuberosities [BW].
    """

    percent: float
    ground: Mapping[str, Floats]
    crutches: Mapping[str, float]
    flexion: Mapping[str, float]
    tilt: float
    lean: float
    sway: float
    aside: float
    seat: float = 0.0


@dataclass(frozen=True)
class Movement:
    """Instants of a cycle, evenly spaced, and how often it comes.

    Attributes:
        instants: In turn; at 0 % the left foot touches the ground.
        duration: Of one cycle [s].
        per_year: Cycles in a year: least, usual, most.
        source: With confidence.
    """

    instants: tuple[Instant, ...]
    duration: float
    per_year: tuple[float, float, float]
    source: str


def posture(spec: LoadSpec) -> Instant:
    """The instant of a load case that does not move: one_leg_stance, stumble, rising or sitting."""
    kind = "one_leg_stance" if spec.kind == "stumble" else spec.kind
    entry = table("activities")["posture"][kind]
    crutches = dict.fromkeys(SIDES, spec.crutch if kind == "one_leg_stance" else 0.0)
    first, other = spec.stance, "right" if spec.stance == "left" else "left"
    leg = constant("loads", "leg_weight").value
    up, seat = {first: 1.0 - 2.0 * spec.crutch, other: 0.0}, 0.0
    if kind == "rising":
        up = {first: 0.5, other: 0.5}
    if kind == "sitting":
        up, seat = {first: leg, other: leg}, 1.0 - 2.0 * leg
    bent = dict(zip((first, other), entry["hip_flexion"], strict=True))
    ground = {side: np.array([0.0, 0.0, up[side]]) for side in SIDES}
    lean = entry["lean"] + spec.trunk_forward
    return Instant(0.0, ground, crutches, bent, entry["tilt"], lean, _sway(spec, entry), spec.trunk_lateral, seat)


def movement(spec: LoadSpec) -> Movement:
    """The instants of a movement, as many as the case says."""
    entry = table("activities")["movement"][spec.kind]
    curve = table("activities")[entry["curve"]]
    apart = 0.0 if spec.kind == "swing_through" else 50.0
    percent = np.arange(spec.phases) * 100.0 / spec.phases
    fine = np.arange(FINE) * 100.0 / FINE
    # over a cycle the body neither rises nor sinks: the mean of all that carries it is its weight
    whole = spec.kind != "swing_through"  # there the crutches carry the rest
    mean = sum(_up(spec, entry, curve, side, fine, apart).mean() for side in SIDES) if whole else 1.0
    moments = []
    for at in percent:
        legs = {side: float(_up(spec, entry, curve, side, np.array([at]), apart)[0]) / mean for side in SIDES}
        carried, total = _crutches(spec, at), sum(legs.values())
        if not whole:
            carried = dict.fromkeys(SIDES, 0.5 * (1.0 - total))
        elif spec.kind == "three_point":
            legs[spec.affected] *= _spared(spec)[1] / _peak(spec, entry, curve, apart, mean)
            carried = dict.fromkeys(SIDES, 0.5 * (total - sum(legs.values())))
        elif total > 0.0:
            legs = {side: up * (1.0 - sum(carried.values()) / total) for side, up in legs.items()}
        ground = {side: _ground(entry, curve, side, at, apart, legs[side]) for side in SIDES}
        bent = {side: float(_at(curve, "hip_flexion", _own(side, np.array([at]), apart))[0]) for side in SIDES}
        lean = entry["lean"] + spec.trunk_forward
        moments.append(
            Instant(at, ground, carried, bent, entry["tilt"], lean, _sway(spec, entry), spec.trunk_lateral)
        )
    source = f"{curve['source']} [{curve['confidence']}]; {entry['source']} [{entry['confidence']}]"
    if spec.kind == "three_point":
        low, _, high = _spared(spec)
        source += f"; spared leg told {spec.told}: {100.0 * low:g} to {100.0 * high:g} %BW"
    least, usual, most = entry["per_year"]
    return Movement(tuple(moments), entry["duration"], (least, usual, most), source)


def _up(
    spec: LoadSpec, entry: Mapping[str, Any], curve: Mapping[str, Any], side: str, at: Floats, apart: float
) -> Floats:
    """Vertical ground reaction of a leg that has no help [BW]: slow gait departs less from standing still."""
    both = {each: _at(curve, "vertical", _own(each, at, apart)) for each in SIDES}
    if spec.kind == "swing_through":
        return both[side]
    for each in SIDES if spec.orthosis == "both" else (spec.orthosis,):
        if each in both:
            bump = np.exp(-0.5 * ((_own(each, at, apart) - PUSH_OFF) / PUSH_OFF_WIDTH) ** 2)
            both[each] = both[each] * (1.0 - (1.0 - spec.push) * bump)
    total = both["left"] + both["right"]
    return np.asarray(both[side] / total * (1.0 + entry["dynamics"] * (total - 1.0)))


def _peak(spec: LoadSpec, entry: Mapping[str, Any], curve: Mapping[str, Any], apart: float, mean: float) -> float:
    """Most that the spared leg would carry without help [BW]."""
    fine = np.arange(FINE) * 100.0 / FINE
    return float(_up(spec, entry, curve, spec.affected, fine, apart).max()) / mean


def _spared(spec: LoadSpec) -> tuple[float, float, float]:
    """Load on the spared leg, as told or as patients do: least, usual, most [BW]."""
    least, usual, most = table("activities")["spared"][spec.obeys][spec.told]
    return least, usual, most


def _crutches(spec: LoadSpec, at: float) -> dict[str, float]:
    """Side -> force on the crutch in that hand, which goes with the leg of the other side [BW]."""
    if spec.kind not in ("two_point", "four_point"):
        return dict.fromkeys(SIDES, 0.0)
    curve = table("activities")["crutch"]
    leg_of = {"left": "right", "right": "left"}
    return {s: spec.crutch * float(_at(curve, spec.kind, _own(leg_of[s], np.array([at]), 50.0))[0]) for s in SIDES}


def _ground(
    entry: Mapping[str, Any], curve: Mapping[str, Any], side: str, at: float, apart: float, up: float
) -> Floats:
    """Force of the ground on a foot: forward, left, up [BW]; what is not vertical goes down with what is."""
    own = _own(side, np.array([at]), apart)
    unhelped = float(_at(curve, "vertical", own)[0])
    helped = up / unhelped if unhelped > 0.0 else 0.0
    forward = entry["dynamics"] * float(_at(curve, "forward", own)[0]) * helped
    inward = -1.0 if side == "left" else 1.0
    return np.array([forward, inward * constant("activities", "medial").value * up, up])


def _own(side: str, at: Floats, apart: float) -> Floats:
    """Percent of a leg's own cycle."""
    return np.asarray(at if side == "left" else (at + apart) % 100.0)


def _sway(spec: LoadSpec, entry: Mapping[str, Any]) -> float:
    """Trunk towards the leg that carries, as the case or else the activity has it [mm]."""
    return float(entry["sway"]) if spec.trunk_sway is None else spec.trunk_sway


def _at(curve: Mapping[str, Any], name: str, at: Floats) -> Floats:
    values: Sequence[float] = curve[name]
    return np.interp(at, curve["percent"], values, period=100.0)
