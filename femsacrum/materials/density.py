"""From a measured density to Young's modulus: the chain of published lines and the law at its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from femsacrum.errors import InputError
from femsacrum.sources.tables import constant, table

TABLE = "density_laws"


@dataclass(frozen=True)
class Line:
    """A density as a straight line in Hounsfield units.

    Attributes:
        measure: What density it is, "rho_app" and so on.
        offset: At 0 HU [g/cm3].
        slope: Per Hounsfield unit [g/cm3].
        told: The steps it is made of, with their sources, for the report.
        uncertain: Whether no phantom stands behind it.
    """

    measure: str
    offset: float
    slope: float
    told: str
    uncertain: bool


@dataclass(frozen=True)
class Chain:
    """Everything between Hounsfield units and Young's modulus: E = offset + factor rho^exponent, held in its limits.

    Attributes:
        density: From Hounsfield units to the law's own measure of density.
        offset: Of the law [MPa].
        factor: Of the law [MPa].
        exponent: Of the law.
        lowest: Least density the law was fitted over [g/cm3].
        highest: Largest density the law was fitted over [g/cm3].
        least: E is not below this [MPa].
        most: E is not above this [MPa].
        told: The whole chain with its sources.
    """

    density: Line
    offset: float
    factor: float
    exponent: float
    lowest: float
    highest: float
    least: float
    most: float
    told: str

    def packed(self) -> tuple[float, ...]:
        """What the kernel reads, in its order."""
        line = self.density
        law = (line.offset, line.slope, self.offset, self.factor, self.exponent)
        return (*law, self.least, self.most, self.lowest, self.highest)


def chain(line: Line, law: str, key: str, conversions: Sequence[str] = ()) -> Chain:
    """The chain from a calibrated image to E by a named law.

    Args:
        line: From Hounsfield units to the density that was measured.
        law: Name in ``sources/density_laws.toml``.
        key: Key of the case that names the law, for messages.
        conversions: Names of conversions that go before the table's first between the same two densities.

    Raises:
        InputError: No published conversion leads from the measured density to the law's; names the laws that can be had.
    """
    laws = table(TABLE)["laws"]
    reached = _reached(line, conversions)
    entry = laws[law]
    if entry["measure"] not in reached:
        known = [name for name in laws if laws[name]["measure"] in reached and laws[name]["tissue"] == "cancellous"]
        raise InputError(
            f'{key} = "{law}"',
            f"reads {entry['measure']} and no published conversion leads there from {line.measure}; "
            f"laws that can be reached: {', '.join(known)}",
        )
    density = reached[entry["measure"]]
    form = f"E = {_form(entry)} MPa of {entry['measure']}"
    least, most = (constant(TABLE, f"modulus_{end}").value for end in ("least", "most"))
    cited = f"{law}: {entry['source']} [{entry['confidence']}]"
    told = f"{density.told}; {form} ({cited}), held in {least:g}-{most:g} MPa"
    low, high = entry["range"]
    return Chain(density, entry["offset"], entry["factor"], entry["exponent"], low, high, least, most, told)


def law_of(body: str, chosen: dict[str, str]) -> str:
    """Law of a body: the case's for it, or for bone, or the table's for its region."""
    region = "vertebra" if body in ("L4", "L5") else "pelvis"
    return chosen.get(body) or chosen.get("bone") or str(table(TABLE)["choice"][region])


def _form(entry: object) -> str:
    law: dict[str, float] = dict(entry)  # type: ignore[call-overload]
    offset = f"{law['offset']:g} + " if law["offset"] else ""
    return f"{offset}{law['factor']:g} rho" + (f"^{law['exponent']:g}" if law["exponent"] != 1.0 else "")


def _reached(line: Line, preferred: Sequence[str]) -> dict[str, Line]:
    """Every density that published lines lead to, each by the fewest of them."""
    steps = table(TABLE)["conversions"]
    order = sorted(steps, key=lambda name: name not in preferred)  # stable: the table's order among equals
    reached, waiting = {line.measure: line}, deque([line])
    while waiting:
        here = waiting.popleft()
        for name in order:
            step = steps[name]
            if step["from"] != here.measure or step["to"] in reached:
                continue
            told = f"{step['to']} = {step['offset']:g} + {step['slope']:.4g} {step['from']}"
            reached[step["to"]] = there = Line(
                step["to"],
                step["offset"] + step["slope"] * here.offset,
                step["slope"] * here.slope,
                f"{here.told}; {told} ({step['source']} [{step['confidence']}])",
                here.uncertain,
            )
            waiting.append(there)
    return reached
