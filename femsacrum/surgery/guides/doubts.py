"""What a surgeon must know before trusting a guide: how it sits, and how far its slots lead; sizes that cannot be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from femsacrum.case.guide import Guide as Spec
from femsacrum.errors import InputError
from femsacrum.sources.tables import constant
from femsacrum.surgery.guides.model import Kinematics, OtherSeat
from femsacrum.surgery.guides.slots import FUNNEL

#: A slot that leads over less than this share leaves bone to be cut by hand [%].
WHOLE = 99.5


def contact_error() -> float:
    """By how much a contact misses the bone it was planned on, one standard deviation [mm]: segmentation and print."""
    return float(np.hypot(constant("accuracy", "segmentation").value, constant("accuracy", "print").value))


def of_seat(held: Kinematics, others: Sequence[OtherSeat]) -> list[str]:
    """A sentence for everything that keeps a block from sitting in one place only."""
    said = []
    if len(held.free):
        one = len(held.free) == 1
        said.append(
            f"{len(held.free)} motion{' is' if one else 's are'} resisted by no contact: the block slides there."
        )
    elif not held.pressed:
        said.append("The surgeon's push does not press every contact: the block rocks.")
    error = contact_error()
    alike = [other for other in others if other.misfit < error]
    if alike:
        best = min(alike, key=lambda other: other.misfit)
        said.append(
            f"Another seat, {np.linalg.norm(best.shift):.1f} mm and {np.linalg.norm(best.turn):.1f} degrees away, misses "
            f"the bone by {best.misfit:.2f} mm, less than the error of a contact ({error:.2f} mm): it may be mistaken for "
            "the planned one."
        )
    return said


def of_slots(measures: Mapping[str, float]) -> list[str]:
    """A sentence for every cut that its slots lead the saw over in part only.

    Args:
        measures: Of the guide, "guide_led_transverse [%]" and "guide_led_deroofing [%]" among them.
    """
    said = []
    for name, words in (("transverse", "width of the bone"), ("deroofing", "outline of the deroofing")):
        share = measures.get(f"guide_led_{name} [%]", 100.0)
        if share < WHOLE:
            said.append(f"The saw is led over {share:.0f} % of the {words}: the rest is cut by hand.")
    return said


def refuse_sizes(spec: Spec) -> None:
    """Refuse a slot whose walls are gone where it widens for the blade to be put in.

    Raises:
        InputError: The wall left there is thinner than the thinnest that can be printed.
    """
    widens = 0.5 * (FUNNEL - 1.0)
    most = (spec.thickness - spec.least_wall) / widens - spec.slot_clearance
    if spec.blade > most:
        need = widens * (spec.blade + spec.slot_clearance) + spec.least_wall
        thinner = f"take a blade of at most {most:.1f} mm, or " if most > 0.0 else ""
        raise InputError(
            "surgery.guide.blade",
            f"{spec.blade:g} mm: where its slot widens the walls of {spec.thickness:g} mm keep less than least_wall "
            f"({spec.least_wall:g} mm): {thinner}a thickness of at least {need:.1f} mm",
        )
