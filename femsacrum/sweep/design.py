"""The points of a sweep: one row of factor values each, the same for the same file and seed."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from femsacrum.errors import InputError
from femsacrum.sweep.definition import Factor, Sweep
from femsacrum.sweep.factors import Value, correlated, levels_of, value_at

#: Up to so many points a Latin hypercube is made as even as can be, which takes long for more.
EVENED = 512
#: Levels of each factor in Morris' design (Morris 1991; Campolongo 2007 takes 4).
MORRIS_LEVELS = 4

Point = dict[str, Value]


def points(sweep: Sweep, folder: Path) -> list[Point]:
    """Factor values of every point, in an order that never changes.

    Args:
        sweep: The sweep.
        folder: That a file of points is relative to.

    Raises:
        InputError: More points than the budget, correlations that cannot be, a file that cannot be used.
    """
    if sweep.budget.points is not None and (count := number(sweep, folder)) > sweep.budget.points:
        raise InputError("design", f"has {count} points; budget.points allows {sweep.budget.points}")
    factors = sweep.factors
    if sweep.design.kind == "file":
        return list(_from_file(folder / str(sweep.design.file), factors))
    if sweep.design.kind == "factorial":
        rows = itertools.product(*(levels_of(factor) for factor in factors))
        return [{factor.name: value for factor, value in zip(factors, row, strict=True)} for row in rows]
    try:
        shares = correlated(shares_of(sweep), factors, sweep.correlations)
    except ValueError as error:
        raise InputError("correlations", str(error)) from None
    return [
        {factor.name: value_at(factor, float(share)) for factor, share in zip(factors, row, strict=True)}
        for row in shares
    ]


def number(sweep: Sweep, folder: Path) -> int:
    """How many points there are, told before any is made."""
    design, factors = sweep.design, len(sweep.factors)
    if design.kind == "factorial":
        return math.prod(len(levels_of(factor)) for factor in sweep.factors)
    if design.kind == "file":
        return sum(1 for _ in _from_file(folder / str(design.file), sweep.factors))
    assert design.points is not None
    return design.points * {"saltelli": factors + 2, "morris": factors + 1}.get(design.kind, 1)


def problem(factors: Sequence[Factor]) -> dict[str, object]:
    """The factors as SALib is told them: all between 0 and 1, as shares of their distributions."""
    names = [factor.name for factor in factors]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def shares_of(sweep: Sweep) -> NDArray[np.float64]:
    """Shares of each factor's distribution before any correlation, (points, factors).

    Args:
        sweep: With a design that draws: neither of kind factorial nor of kind file.
    """
    design, factors, seed = sweep.design, len(sweep.factors), sweep.seed
    assert design.points is not None
    if design.kind == "latin_hypercube":
        evened = "random-cd" if 1 < design.points <= EVENED and factors > 1 else None
        return np.asarray(qmc.LatinHypercube(factors, rng=seed, optimization=evened).random(design.points))
    if design.kind == "sobol":
        return np.asarray(qmc.Sobol(factors, scramble=True, rng=seed).random_base2(design.points.bit_length() - 1))
    if design.kind == "saltelli":
        from SALib.sample import sobol

        return np.asarray(
            sobol.sample(problem(sweep.factors), design.points, calc_second_order=False, scramble=True, seed=seed)
        )
    from SALib.sample import morris

    return np.asarray(morris.sample(problem(sweep.factors), design.points, num_levels=MORRIS_LEVELS, seed=seed))


def _from_file(file: Path, factors: Sequence[Factor]) -> Iterator[Point]:
    names = [factor.name for factor in factors]
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            found = list(rows.fieldnames or ())
            if sorted(found) != sorted(names):
                raise InputError(file.name, f"has the columns {', '.join(found)}; the factors are {', '.join(names)}")
            for line, row in enumerate(rows, start=2):
                yield {factor.name: _read(file, line, factor, row[factor.name]) for factor in factors}
    except OSError as error:
        raise InputError("design.file", f'"{file.name}" cannot be read: {error.strerror}') from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError("design.file", f'"{file.name}" is no CSV: {error}') from None


def _read(file: Path, line: int, factor: Factor, text: str | None) -> Value:
    """A cell: one of the factor's list, or a finite number."""
    said = (text or "").strip()
    for known in factor.values or ():
        if said == str(known):
            return known
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (factor.values is not None and value not in factor.values):
        allowed = f"one of {', '.join(map(str, factor.values))}" if factor.values else "a number"
        raise InputError(file.name, f'line {line}, {factor.name} = "{said}": must be {allowed}')
    return value
