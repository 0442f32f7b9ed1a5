"""The table of three meshes, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from femsacrum.credibility.refinement import Convergence, Effect, Row

#: Heading and width of each column behind the words.
COLUMNS = (("fine", 11), ("middle", 11), ("coarse", 11), ("order", 6), ("limit", 11), ("GCI", 9))
#: Width of the words: what is longer is cut in the middle.
WORDS = 58


def lines(found: Convergence, *, every: bool = False) -> Iterator[str]:
    """The table, line by line, and below it what it comes to.

    Args:
        found: What came of the meshes.
        every: Show every quantity, not only the main ones.
    """
    for mesh in found.meshes:
        yield f"{mesh.name:>6}: {mesh.tetrahedra:>9,} tetrahedra, cells of {mesh.size:.2f} mm"
    yield "ratio of the cells as achieved: {:.3f} and {:.3f}".format(*found.ratios)
    for load_case in dict.fromkeys(row.quantity.load_case for row in found.rows):
        yield ""
        yield f"{load_case:<{WORDS}}" + "".join(f"{heading:>{width}}" for heading, width in COLUMNS)
        for row in found.rows:
            if row.quantity.load_case == load_case and (every or row.quantity.main):
                yield _line(row)
    yield ""
    yield from _counts(found.rows, every)
    yield from _effects(found)
    yield from found.remarks


def _line(row: Row) -> str:
    words = f"{row.quantity.words} [{row.quantity.unit}]"
    words = words if len(words) < WORDS else f"{words[: WORDS // 2 - 2]}…{words[-(WORDS // 2 - 1) :]}"
    values = "".join(f"{value:>11.4g}" for value in row.values)
    order = "-" if row.estimate.order is None else f"{row.estimate.order:.2f}"
    limit = "-" if row.estimate.richardson is None else f"{row.estimate.richardson:.4g}"
    band = "-" if row.gci_percent is None else _percent(row.gci_percent)
    sign = "singular" if row.singular else "" if row.estimate.asymptotic else "not asymptotic"
    return f"{words:<{WORDS}}{values}{order:>6}{limit:>11}{band:>9}  {sign}".rstrip()


def _percent(value: float) -> str:
    """Two digits, without a power of ten where there is no need of one."""
    return f"{value:.0f} %" if value >= 10.0 else f"{value:.2g} %"


def _counts(rows: Sequence[Row], every: bool) -> Iterator[str]:
    rows = [row for row in rows if row.counts]
    asymptotic = sum(row.estimate.asymptotic for row in rows)
    singular = sum(row.singular for row in rows)
    yield f"{asymptotic} of {len(rows)} quantities are in the asymptotic range; {singular} are peaks that are singular"
    if not every:
        yield "--all shows those that are left out here"


def _effects(found: Convergence) -> Iterator[str]:
    for what, (before, now) in found.settings.items():
        changes = [effect for effect in found.effects if effect.what == what]
        if changes:
            most, main = _largest(changes), _largest([each for each in changes if each.quantity.main])
            yield f"{what} {before:g} -> {now:g}, coarse mesh: at most {main}; of all {most}"


def _largest(effects: Sequence[Effect]) -> str:
    told = [(abs(each.change_percent), each) for each in effects if each.change_percent is not None]
    if not told:
        return "nothing"
    change, effect = max(told, key=lambda each: each[0])
    return f"{change:.2g} % ({effect.quantity.load_case}, {effect.quantity.words})"
