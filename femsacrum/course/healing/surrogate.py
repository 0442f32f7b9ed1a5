"""The mechanics in place of the mechanics: what faces feel, fitted to a table of real solves, its error told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RBFInterpolator
from scipy.optimize import least_squares
from scipy.stats import qmc

from femsacrum.anatomy.model import Floats
from femsacrum.course.healing.months import Course, Face
from femsacrum.course.healing.rates import ranged
from femsacrum.course.healing.stimulus import Stimulus
from femsacrum.course.healing.union import bonded, uniform

#: Factors that need a solve: on bone's Young's modulus, on friction, on the load; union of all faces alike (its bonded
#: share is what the mechanics takes).
FACTORS = ("modulus", "friction", "load", "union")
#: What is fitted is log(x + floor): a motion [mm] or pressure [MPa] well below its floor is nothing to any rule.
FLOORS = {"motion": 1e-3, "pressure": 1e-2}
#: Least difference of union between rows taken from one course.
APART = 0.1
#: Largest error of a surrogate that is trusted: its typical error as a factor.
TRUSTED = 1.5


@dataclass(frozen=True)
class Solve:
    """One row of the table: what was set and what each face felt.

    Attributes:
        factors: Of ``FACTORS``: factors on the case's value, and union 0 to 1; what is left out is 1, union 0. Where
            faces differ, "<face>/union" is that of one.
        felt: "<face>/motion" [mm], "<face>/pressure" [MPa]: means over the face.
    """

    factors: Mapping[str, float]
    felt: Mapping[str, float]


def design(solves: int = 20, seed: int = 1) -> tuple[dict[str, float], ...]:
    """Which solves the surrogate needs: the case as it is, not united; then a Latin hypercube over all factors.

    Args:
        solves: How many, the first included; below 8 there are too few to fit.
        seed: Of the hypercube.

    Returns:
        Values of ``FACTORS`` for each solve; "union" is the union u of every point of every face, and the mechanics
        takes ``union.bonded(u)``.
    """
    drawn = qmc.LatinHypercube(len(FACTORS), seed=seed, optimization="random-cd").random(solves - 1)
    rows = [dict.fromkeys(FACTORS[:3], 1.0) | {"union": 0.0}]
    for row in drawn:
        spread = {name: float(ranged(f"{name}_factor").at(row[i])) for i, name in enumerate(FACTORS[:3])}
        rows.append(spread | {"union": float(row[3])})
    return tuple(rows)


def solved(factors: Mapping[str, float], faces: Iterable[Face], felt: Mapping[str, Stimulus]) -> Solve:
    """The row of one solve."""
    row = {}
    for face in faces:
        row[f"{face.name}/motion"] = float(face.mean(felt[face.name].motion))
        row[f"{face.name}/pressure"] = float(face.mean(felt[face.name].pressure))
    return Solve(dict(factors), row)


def solves_of(course: Course) -> tuple[Solve, ...]:
    """Rows for nothing: months of a course, each face at the union of an even face as stiff.

    Only months in which some face's union differs by ``APART``: of two that are nearly alike, one would foretell the
    other, and the error on rows left out would say nothing.
    """
    rows: list[Solve] = []
    for month in course.months:
        own = {f"{face.name}/union": float(uniform(month.union[face.name], face.area)) for face in course.faces}
        if all(max(abs(own[name] - row.factors[name]) for name in own) >= APART for row in rows):
            rows.append(solved(own, course.faces, month.felt))
    return tuple(rows)


Predict = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Surrogate:
    """What faces feel as a function of the factors that varied in the table.

    Attributes:
        varied: Those factors; the others have no effect here, and that is said.
        span: Least and largest of each in the table, shape (f, 2); beyond, the nearest counts.
        form: Output -> "springs", "linear", "quadratic" or "rbf", whichever errs least on the rows it has not seen;
            "constant" where the rows are too few for any.
        error: Output -> error on rows it has not seen (leave one out), root mean square of log(x + floor); NaN: not known.
        solves: Rows of the table.
        fitted: Output -> prediction of log(x + floor) from scaled factors, shape (n, f) -> (n,).
    """

    varied: tuple[str, ...]
    span: Floats
    form: Mapping[str, str]
    error: Mapping[str, float]
    solves: int
    fitted: Mapping[str, Predict]

    def value(self, output: str, factors: Mapping[str, Floats | float]) -> Floats:
        """An output [mm or MPa] where the factors, which broadcast, have these values."""
        shape = np.broadcast_shapes(*(np.shape(value) for value in factors.values()))
        flat = np.empty((int(np.prod(shape)), len(self.varied)))
        for i, name in enumerate(self.varied):
            flat[:, i] = np.broadcast_to(factors[name], shape).ravel()
        log = self.fitted[output](_scaled(flat, self.varied, self.span)).reshape(shape)
        return np.maximum(np.exp(log) - _floor(output), 0.0)

    def trusted(self) -> bool:
        """Whether the typical error of every motion is below a factor of 1.5."""
        return all(error < np.log(TRUSTED) for name, error in self.error.items() if name.endswith("/motion"))


def fit(rows: Iterable[Solve]) -> Surrogate:
    """Fits each output in four forms and keeps the one that errs least on each row in turn left out.

    An output whose rows are too few keeps what it was in the first row.
    """
    rows = tuple(rows)
    faces = sorted({name.rpartition("/")[0] for name in rows[0].felt})
    table = np.array([[[_set(row, name, face) for name in FACTORS] for row in rows] for face in faces])
    span = np.stack([table.min(axis=(0, 1)), table.max(axis=(0, 1))], axis=1)
    varies = span[:, 1] - span[:, 0] > 1e-9
    varied, span = tuple(np.array(FACTORS)[varies].tolist()), span[varies]
    forms: dict[str, Make] = {"linear": _linear, "quadratic": _quadratic, "rbf": _rbf}
    if "union" in varied:
        forms["springs"] = _springs(*span[-1])
    form, error, fitted = {}, {}, {}
    for output in rows[0].felt:
        kept = _different(table[faces.index(output.rpartition("/")[0])][:, varies])
        x = _scaled(kept[0], varied, span)
        y = np.log(np.maximum([rows[i].felt[output] for i in kept[1]], 0.0) + _floor(output))
        tried = {name: _left_out(make, x, y, _floor(output)) for name, make in forms.items()}
        form[output] = min(tried, key=tried.__getitem__)
        error[output] = tried[form[output]]
        if np.isfinite(error[output]):
            fitted[output] = forms[form[output]](x, y, _floor(output))
        else:
            form[output], error[output], fitted[output] = "constant", float("nan"), _always(y[0])
    return Surrogate(varied, span, form, error, len(rows), fitted)


def _set(row: Solve, name: str, face: str) -> float:
    """What a factor was set to for a face."""
    if name == "union":
        return row.factors.get(f"{face}/union", row.factors.get("union", 0.0))
    return row.factors.get(name, 1.0)


def _different(table: Floats) -> tuple[Floats, list[int]]:
    """Rows that differ, and where they stand."""
    kept = sorted(np.unique(table.round(9), axis=0, return_index=True)[1].tolist())
    return table[kept], kept


def _always(log: float) -> Predict:
    return lambda x: np.full(len(x), log)


def _floor(output: str) -> float:
    return FLOORS[output.rpartition("/")[2]]


def _scaled(values: Floats, names: tuple[str, ...], span: Floats) -> Floats:
    """Factors on -1 to 1, those that multiply by their logarithm; beyond the table the nearest."""
    columns = [np.empty((len(values), 0))]
    for i, name in enumerate(names):
        low, high = span[i]
        here = np.clip(values[:, i], low, high)
        if name != "union":
            here, low, high = np.log(here), np.log(low), np.log(high)
        columns.append((2.0 * (here - low) / (high - low) - 1.0)[:, None])
    return np.hstack(columns)


Make = Callable[[Floats, Floats, float], Predict]


def _linear(x: Floats, y: Floats, floor: float) -> Predict:
    return _polynomial(x, y, _terms_linear)


def _quadratic(x: Floats, y: Floats, floor: float) -> Predict:
    return _polynomial(x, y, _terms_quadratic)


def _polynomial(x: Floats, y: Floats, terms: Predict) -> Predict:
    """Least squares."""
    weights = np.linalg.lstsq(terms(x), y, rcond=None)[0]
    return lambda new: terms(new) @ weights


def _terms_linear(x: Floats) -> Floats:
    return np.column_stack([np.ones(len(x)), x])


def _terms_quadratic(x: Floats) -> Floats:
    i, j = np.triu_indices(x.shape[1])
    return np.column_stack([np.ones(len(x)), x, x[:, i] * x[:, j]])


def _rbf(x: Floats, y: Floats, floor: float) -> Predict:
    """Cubic radial functions on a linear trend, through every row."""
    return RBFInterpolator(x, y, kernel="cubic", degree=1)


def _springs(low: float, high: float) -> Make:
    """Two springs side by side, what holds the graft and what has united: x = exp(a) / (1 + exp(c) b(u)).

    b is the bonded share of the union u, the last factor, from ``low`` to ``high``; a and c are linear in the others.
    """

    def make(x: Floats, y: Floats, floor: float) -> Predict:
        count = x.shape[1]

        def model(weights: Floats, new: Floats) -> Floats:
            terms = _terms_linear(new[:, :-1])
            share = bonded(low + 0.5 * (new[:, -1] + 1.0) * (high - low))
            united = np.exp(np.clip(terms @ weights[count:], -20.0, 20.0)) * share
            return np.log(np.exp(np.clip(terms @ weights[:count], -20.0, 20.0)) / (1.0 + united) + floor)

        start = np.zeros(2 * count)
        start[0], start[count] = y.max(), np.log(1e2)
        weights = least_squares(lambda guess: model(guess, x) - y, start).x
        return lambda new: model(weights, new)

    return make


def _left_out(make: Make, x: Floats, y: Floats, floor: float) -> float:
    """Root mean square error on each row, fitted to the others; inf where the others are too few or too alike."""
    terms = _terms_quadratic(x) if make is _quadratic else _terms_linear(x)
    if len(x) < x.shape[1] + 3:
        return float("inf")
    misses = []
    for i in range(len(x)):
        others = np.arange(len(x)) != i
        if np.linalg.matrix_rank(terms[others]) < terms.shape[1]:
            return float("inf")
        misses.append(float(make(x[others], y[others], floor)(x[i : i + 1])[0] - y[i]))
    return float(np.sqrt(np.mean(np.square(misses))))
