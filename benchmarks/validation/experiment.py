"""What an experiment was, what was measured in it, and how ours is like it: the content of ``experiment.toml``."""

from __future__ import annotations

import importlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
#: What a compared value is held to, beside "N %": within one standard deviation, of the same order of magnitude (a factor of
#: two), in the same order as the others, not at all.
GOALS = ("1 SD", "order", "rank", "told")
ROLES = ("choosing", "checking", "rank", "bench")


@dataclass(frozen=True)
class Equivalence:
    """One input of the experiment beside ours, and what the difference does."""

    what: str
    theirs: str
    ours: str
    effect: str


@dataclass(frozen=True)
class Compared:
    """A measured value.

    Attributes:
        key: What ``measure`` calls it.
        words: What it is.
        unit: Of mean and sd.
        mean: Measured.
        sd: Standard deviation between specimens; None: not known.
        n: Specimens; None: not known.
        goal: One of ``GOALS`` or "N %".
        source: Where it was read.
        confidence: Of the reading, as in ``femsacrum/sources``.
        explanation: Why the model misses it, where it does and that was looked into.
    """

    key: str
    words: str
    unit: str
    mean: float
    goal: str
    source: str
    confidence: str
    sd: float | None = None
    n: int | None = None
    explanation: str = ""

    def measured(self):
        """Mean, spread and unit as a table tells them."""
        spread = f" ± {self.sd:g}" if self.sd else ""
        return f"{self.mean:g}{spread}" + (f" {self.unit}" if self.unit != "1" else "")


@dataclass(frozen=True)
class Experiment:
    """Attributes: as in the file; ``inputs`` and ``measure`` are those of the folder's module."""

    name: str
    title: str
    question: str
    source: str
    role: str
    anatomies: tuple[str, ...]
    equivalence: tuple[Equivalence, ...]
    compared: tuple[Compared, ...]

    @property
    def inputs(self):
        """Names in ``ranges.toml`` that act in this experiment."""
        return self._module().INPUTS

    def measure(self, bench, inputs):
        """Compared key (and others, for the record) -> value, for one sample of the inputs on one anatomy."""
        return self._module().measure(bench, inputs)

    def _module(self):
        return importlib.import_module(f"benchmarks.validation.{self.name}")


def names():
    """Every experiment that has a folder."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/experiment.toml")))


def load(name):
    """One experiment.

    Raises:
        ValueError: The file lacks something or says what is not known, with its name.
    """
    said = tomllib.loads((HERE / name / "experiment.toml").read_text(encoding="utf-8"))
    try:
        found = Experiment(
            name,
            said["title"],
            said["question"],
            said["source"],
            said["role"],
            tuple(said["anatomies"]),
            tuple(Equivalence(**row) for row in said["equivalence"]),
            tuple(Compared(**row) for row in said["compared"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{name}/experiment.toml: {error}") from error
    for row in found.compared:
        if row.goal not in GOALS and not row.goal.endswith(" %"):
            raise ValueError(
                f"{name}/experiment.toml: {row.key} has the goal {row.goal!r}; choose {', '.join(GOALS)}, N %"
            )
        if row.goal == "1 SD" and row.sd is None:
            raise ValueError(f"{name}/experiment.toml: {row.key} is held to 1 SD, which is not given")
    if found.role not in ROLES:
        raise ValueError(f"{name}/experiment.toml: role {found.role!r}; choose {', '.join(ROLES)}")
    return found
