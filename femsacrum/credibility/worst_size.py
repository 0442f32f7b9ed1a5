"""Which size of a family is the worst, outcome by outcome, and whether one size stands for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from femsacrum.credibility.responses import UNKNOWN, Response

#: Sizes from which a response that only rises or only falls says something about those between.
ENOUGH = 3
#: What is said of a difference that is not resolved.
DOUBTS = {"no": "is within the uncertainty of the meshes", UNKNOWN: "may be the mesh's: its uncertainty is not known"}


@dataclass(frozen=True)
class Worst:
    """The worst size of one outcome.

    Attributes:
        row: The outcome over the sizes.
        sizes: Numbers of those with the worst value, several where it is the same; empty: not known.
        following: The worst of the others; None: there is none.
        resolved: Whether the worst differs from it by more than the uncertainty of the meshes: "yes", "no", "not known".
        course: Over the sizes in their order: "rises", "falls", "does not change", "neither rises nor falls throughout",
            or "not known".
        margin: Of the worst to the limit of a criterion, above zero: inside; None: no limit, or no finite value.
    """

    row: Response
    sizes: tuple[int, ...]
    following: int | None
    resolved: str
    course: str
    margin: float | None


def worst_sizes(rows: Sequence[Response], *, every: bool = True) -> tuple[Worst, ...]:
    """The worst size of every outcome that has a worse way.

    Args:
        rows: Outcomes over the sizes, in the order of the family.
        every: All sizes of the family are among them; else nothing is known of the course over the sizes.
    """
    return tuple(_worst(row, every) for row in rows if row.worse is not None)


def single(found: Sequence[Worst]) -> list[int]:
    """Sizes that are the worst, or share the worst value, in every outcome that tells sizes apart; empty: none is."""
    telling = [set(each.sizes) for each in found if each.sizes and len(each.sizes) < len(each.row.values)]
    return sorted(set.intersection(*telling)) if telling else []


def sentences(found: Sequence[Worst], names: Sequence[str]) -> Iterator[str]:
    """What it comes to.

    Args:
        found: From ``worst_sizes``.
        names: Of the sizes.
    """
    known = [each for each in found if each.sizes]
    telling = [each for each in known if len(each.sizes) < len(names)]
    if not telling:
        yield "No outcome tells the sizes apart, so none of them is the worst."
    elif one := single(found):
        yield f"{names[one[0]]} is the worst size for all {len(telling)} outcomes that tell the sizes apart."
    else:
        of_each = ((names[i], sum(each.sizes == (i,) for each in telling)) for i in range(len(names)))
        counted = ", ".join(f"{name} for {count}" for name, count in of_each if count)
        none = f"No single size is the worst for all {len(telling)} outcomes that tell the sizes apart"
        yield f"{none} ({counted}): no one size covers the family."
    if lost := len(found) - len(known):
        yield f"{lost} outcomes have no worst size, as not every size has a value."
    for word, said in DOUBTS.items():
        count = sum(each.resolved == word for each in telling)
        if count:
            yield f"In {count} of them the difference of the worst to the next size {said}."
    yield from _between(telling, len(names))


def _between(telling: Sequence[Worst], sizes: int) -> Iterator[str]:
    steady = sum(each.course in ("rises", "falls") for each in telling)
    if sizes < ENOUGH:
        yield "Sizes between the two are not covered: two values show no course."
    elif telling:
        yield (
            f"Sizes between those given are not covered unless an outcome only rises or only falls over the sizes: "
            f"{steady} of {len(telling)} do, over the {sizes} sizes that were run, which does not prove it between them."
        )


def _worst(row: Response, every: bool) -> Worst:
    order = row.order()
    course = _course(row) if every and order else "not known"
    if not order:
        return Worst(row, (), None, UNKNOWN, course, None)
    sizes = tuple(sorted(i for i in order if row.same(i, order[0])))
    following = next((i for i in order if i not in sizes), None)
    resolved = "no" if following is None else row.differs(order[0], following)
    return Worst(row, sizes, following, resolved, course, margin(row, order[0]))


def margin(row: Response, number: int) -> float | None:
    """How far a value is inside the limit, in the outcome's unit."""
    value = row.values[number].number
    if row.limit is None or value is None or abs(value) == float("inf"):
        return None
    return row.limit - value if row.worse == "more" else value - row.limit


def _course(row: Response) -> str:
    numbers = range(len(row.values))
    steps = [0.0 if row.same(i, j) else _of(row, j) - _of(row, i) for i, j in pairwise(numbers)]
    if not any(steps):
        return "does not change"
    if all(step >= 0.0 for step in steps):
        return "rises"
    return "falls" if all(step <= 0.0 for step in steps) else "neither rises nor falls throughout"


def _of(row: Response, number: int) -> float:
    value = row.values[number].number
    assert value is not None
    return value
