"""What stands in the cells of the page's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from femsacrum.report.words import number, plain, strain

Row = Mapping[str, Any]

#: Measures of a phase that stand in the short table, in this order, where the phases have them.
SHOWN = (
    "left_hip_force", "right_hip_force", "L4_force", "L4_compression", "left_crutch_force", "right_crutch_force",
    "imbalance", "closing_moment", "closing_moment_at_L4",
)  # fmt: skip
#: What keeps a face from uniting, as a reader would say it.
LIMITED = {
    "united": "united",
    "gap": "gap too wide",
    "motion": "moves too much",
    "motion_between_the_limits": "moves between the limits",
    "too_little_stimulus": "too little stimulus",
    "time": "still uniting",
    "no_bone_opposite": "no bone opposite",
}
#: Damage below this is told as such.
SLIGHT = 1e-3
#: Percent of body weight, or newton metres, that mean nothing in a balance.
ROUNDING = 5e-3
_WARNED = Markup(' class="no"')


def ends(row: Row, digits: int = 2) -> str:
    """Low to high with the unit; an end that is not known is left open."""
    low, high = row["low"], row["high"]
    if low["value"] is None and high["value"] is None:
        return "–"
    if low["value"] is None:
        return f"up to {number(high, digits)}"
    if high["value"] is None:
        return f"{number(low, digits)} or more"
    return f"{plain(low['value'], digits)} to {number(high, digits)}"


def doubtful(margin: Row) -> str:
    """Marks a cell whose low margin is below 1."""
    low = margin["low"]["value"]
    return _WARNED if low is not None and low < 1.0 else ""


def below_one(entry: Row) -> str:
    """Marks a cell whose factor is below 1."""
    return _WARNED if entry["value"] is not None and entry["value"] < 1.0 else ""


def damage(entry: Row) -> str:
    """A damage, which may be less than anyone would want to read."""
    if entry["value"] is not None and 0.0 < entry["value"] < SLIGHT:
        return f"below {SLIGHT:g}"
    return number(entry, 2)


def rounded(entry: Row | None) -> str:
    """A share of body weight or a moment; what is nothing but rounding is told as nothing."""
    if entry is not None and entry["value"] is not None and abs(entry["value"]) < ROUNDING:
        return number({**entry, "value": 0.0})
    return number(entry)


def limited(cause: str) -> str:
    """What keeps a face from uniting."""
    return LIMITED[cause]


def strain_level(found: Row) -> str:
    """The strain above which bone round a screw is told."""
    for row in found["screws"].values():
        if row["around"]:
            return strain(row["around"]["share_above"]["overload"]["strain"])
    return "its limit"


def signed(entry: Row | None) -> str:
    """A change with its sign."""
    if entry is None or entry["value"] is None:
        return "–"
    return f"{entry['value']:+.0f} {entry['unit']}"


def columns(phases: Sequence[Row]) -> list[str]:
    """Measures of the short table that some phase has."""
    return [key for key in SHOWN if any(key in phase for phase in phases)]


def every(phases: Sequence[Row]) -> list[str]:
    """All measures of all phases, in the order in which they turn up."""
    return [key for key in dict.fromkeys(key for phase in phases for key in phase) if key != "at"]


def either(one: Row, other: Row) -> list[str]:
    """Keys of both, each once."""
    return list(dict.fromkeys([*one, *other]))


def sentence(text: str) -> str:
    """The text with a capital letter first."""
    return text[:1].upper() + text[1:]
