"""What has changed the patient's bone, as factors: the middle of each range counts, the ends are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from femsacrum.case.ct import Modifier


@dataclass(frozen=True)
class Factor:
    """Product of all modifiers that concern something.

    Attributes:
        least: Product of the lower ends of their ranges [1].
        nominal: Product of the middles [1]; what is computed with.
        largest: Product of the upper ends [1].
        names: Of the modifiers.
    """

    least: float = 1.0
    nominal: float = 1.0
    largest: float = 1.0
    names: tuple[str, ...] = ()

    def told(self) -> str:
        """The factor with its range and the modifiers' names."""
        ends = "" if self.least == self.largest else f" ({100.0 * self.least:.3g} to {100.0 * self.largest:.3g} %)"
        return f"{100.0 * self.nominal:.3g} %{ends} by {', '.join(self.names)}"


def factor(modifiers: Iterable[Modifier], what: str, bodies: dict[str, str]) -> Factor:
    """The factor on one property of some bodies.

    Args:
        modifiers: Of the case.
        what: "stiffness", "strength" or "healing".
        bodies: Name -> role; a modifier that concerns one of them counts, once.
    """
    found = [(one.name, getattr(one, what)) for one in modifiers if getattr(one, what) and _concerns(one, bodies)]
    return Factor(
        prod(low for _, (low, _) in found),
        prod(0.5 * (low + high) for _, (low, high) in found),
        prod(high for _, (_, high) in found),
        tuple(name for name, _ in found),
    )


def _concerns(modifier: Modifier, bodies: dict[str, str]) -> bool:
    if not modifier.bodies:
        return "bone" in bodies.values()
    return any(name in modifier.bodies or role in modifier.bodies for name, role in bodies.items())


def strengths(modifiers: Iterable[Modifier], roles: dict[str, str]) -> dict[str, float]:
    """Factor on the strength of each body, the middle of its range [1].

    Args:
        modifiers: Of the case.
        roles: Body name -> role.
    """
    return {name: factor(modifiers, "strength", {name: role}).nominal for name, role in roles.items()}
