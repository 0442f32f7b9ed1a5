"""What a sweep file may say: the case it starts from, what is varied, by which design, what is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from femsacrum.case.explain import explain, place
from femsacrum.case.load import CaseError, read_toml
from femsacrum.case.rules import at

#: Designs that need a power of two, since a Sobol sequence is even only then.
POWERS = ("sobol", "saltelli")
#: Designs whose rows may not be bent by a correlation: their rows stand in a relation of their own.
RIGID = ("factorial", "saltelli", "morris", "file")
#: Designs that take the ends of every range, so that no factor may go on without end.
ENDS = ("factorial", "morris")
#: What a name may be: it becomes a column of the table.
NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
#: Columns that the table has anyway.
TAKEN = ("point", "load_case", "state", "reason", "attempts", "seconds", "memory")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Factor(_Strict):
    """Something that is varied.

    A list of ``values``, or words with their ``settings``, or a range from ``low`` to ``high``, or a distribution.
    """

    name: str = Field(pattern=NAME, description="Column of the table.")
    key: str | tuple[str, ...] = Field((), description="Key of the case, or several that take the same value.")
    settings: dict[str, tuple[str, ...]] = Field(
        {}, description="In place of key and values: a word -> KEY=VALUE, as --set, of what it stands for."
    )
    unit: str = Field("", description="Unit of the numbers, as the case writes it.")
    values: tuple[int | float | str | bool, ...] | None = Field(None, min_length=1, description="All that are tried.")
    low: float | None = Field(None, description="Least value.")
    high: float | None = Field(None, description="Largest value.")
    distribution: Literal["uniform", "loguniform", "normal", "lognormal", "triangular"] = Field(
        "uniform", description="How values spread between low and high, or round mean."
    )
    mean: float | None = Field(None, description="Of a normal distribution; median of a lognormal one.")
    sd: float | None = Field(
        None, gt=0, description="Standard deviation; of a lognormal distribution that of the logarithm."
    )
    mode: float | None = Field(None, description="Of a triangular distribution.")
    levels: int = Field(2, ge=2, le=1000, description="Of a range in a full factorial design.")
    source: str = Field(min_length=1, description="Where the range or distribution is from.")

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the case."""
        own = (self.key,) if isinstance(self.key, str) else self.key
        set_by = (said.partition("=")[0].strip() for each in self.settings.values() for said in each)
        return (*own, *dict.fromkeys(set_by))

    @property
    def open_ends(self) -> tuple[str, ...]:
        """Ends on which its distribution goes on for ever."""
        if self.values is not None or self.distribution not in ("normal", "lognormal"):
            return ()
        return tuple(key for key in ("low", "high") if getattr(self, key) is None)

    @model_validator(mode="before")
    @classmethod
    def _words(cls, data: Any) -> Any:
        """Words with settings are its values."""
        if not isinstance(data, dict) or not isinstance(data.get("settings"), dict):
            return data
        if clash := sorted({"key", "values", "unit"} & set(data)):
            raise ValueError(f"settings say what is set: take out {', '.join(clash)}")
        return data | {"values": list(data["settings"])}

    @model_validator(mode="after")
    def _complete(self) -> Factor:
        if not self.keys and not self.settings:
            raise ValueError("needs a key of the case, or settings")
        if bad := next((one for each in self.settings.values() for one in each if "=" not in one), None):
            raise ValueError(f'settings: "{bad}" is no KEY=VALUE')
        if self.name in TAKEN:
            raise ValueError(f'the table has a column "{self.name}" already; name the factor otherwise')
        wanted = {"normal": ("mean", "sd"), "lognormal": ("mean", "sd"), "triangular": ("low", "high", "mode")}
        given = {name for name in ("low", "high", "mean", "sd", "mode") if getattr(self, name) is not None}
        if self.values is not None:
            if given:
                raise ValueError(f"values are given, so take out {', '.join(sorted(given))}")
            return self
        needed = wanted.get(self.distribution, ("low", "high"))
        if lacking := [name for name in needed if name not in given]:
            raise ValueError(f"{self.distribution}: give {', '.join(lacking)}, or values")
        allowed = {*needed, "low", "high"}
        if beyond := sorted(given - allowed):
            raise ValueError(f"{self.distribution} does not read {', '.join(beyond)}; take it out")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        positive = {"loguniform": self.low, "lognormal": self.mean}.get(self.distribution, 1.0)
        if positive is not None and positive <= 0.0:
            raise ValueError(f"{self.distribution}: {positive:g} must be above 0")
        if self.mode is not None and not (self.low or 0.0) <= self.mode <= (self.high or 0.0):
            raise ValueError(f"mode {self.mode:g} must lie between low and high")
        return self


class Correlation(_Strict):
    """Two factors that go together."""

    between: tuple[str, str] = Field(description="Names of two factors.")
    rank: float = Field(gt=-1, lt=1, description="Spearman's rank correlation [1].")
    source: str = Field(min_length=1, description="Where it is from.")


class Design(_Strict):
    """Which points."""

    kind: Literal["factorial", "latin_hypercube", "sobol", "saltelli", "morris", "file"] = Field(
        description="How points are chosen."
    )
    points: int | None = Field(
        None, ge=1, le=10_000_000, description="Points; of saltelli base points, of morris trajectories."
    )
    file: str | None = Field(None, description="CSV with a column for every factor, of kind file.")

    @model_validator(mode="after")
    def _complete(self) -> Design:
        needs_points = self.kind not in ("factorial", "file")
        if needs_points != (self.points is not None):
            raise ValueError(f'kind "{self.kind}" {"needs" if needs_points else "does not read"} points')
        if (self.kind == "file") != (self.file is not None):
            raise ValueError(f'kind "{self.kind}" {"needs" if self.kind == "file" else "does not read"} file')
        if self.kind in POWERS and self.points and self.points & (self.points - 1):
            below = 1 << (self.points.bit_length() - 1)
            raise ValueError(f"points {self.points} must be a power of two, {below} or {2 * below}")
        return self


class Wanted(_Strict):
    """An outcome of interest, and which way is good."""

    name: str = Field(pattern=NAME, description="For tables and figures.")
    load: str = Field("", description="Load case; empty: the outcome is of the whole run.")
    key: str = Field(description="Of the outcome: a column of the table, or of the table of a first point.")
    goal: Literal["least", "most"] = Field("least", description="Which way is better.")
    at_most: float | None = Field(None, description="A limit, in the outcome's unit.")
    at_least: float | None = Field(None, description="A limit, in the outcome's unit.")


class Budget(_Strict):
    """What may be spent; more is refused before anything runs."""

    points: int | None = Field(None, ge=1, description="Points at most.")
    hours: float | None = Field(None, gt=0, description="Hours at most, by the estimate.")
    disk: float | None = Field(None, gt=0, description="Disk at most, by the estimate [GB].")


class Cluster(_Strict):
    """How points are done by a scheduler: what its template is told, and how it is spoken to."""

    account: str = Field("", description="That pays.")
    partition: str = Field("", description="Or queue.")
    time: str = Field("04:00:00", description="Wall time of a task, as the scheduler writes it.")
    memory: str = Field("4G", description="Of a task, as the scheduler writes it.")
    ranks: int = Field(1, ge=1, le=1024, description="MPI ranks of a point.")
    cpus: int | None = Field(
        None, ge=1, le=1024, description="Of a task; it does as many points side by side as have room; left out: one."
    )
    launch: str = Field(
        "",
        description="Command that starts the ranks of a point; left out: mpiexec of the nodes' Python, on one node.",
    )
    points_per_task: int = Field(1, ge=1, le=100_000, description="Points a task does one after the other.")
    most_at_once: int | None = Field(None, ge=1, description="Tasks that may run at once; left out: no limit.")
    most_tasks: int = Field(1000, ge=1, le=1_000_000, description="Of one array; Slurm's MaxArraySize is 1001.")
    prologue: tuple[str, ...] = Field((), description="Lines before the points: modules, an environment.")
    python: str = Field("", description="Python of the nodes; left out: the one that submits.")
    template: str = Field("", description="Script that takes the place of the one for Slurm, relative to this file.")
    submit: str = Field("", description="Command that submits an array; left out: sbatch.")
    queue: str = Field("", description='Shell command that prints "NAME INDEX STATE" of tasks that wait or run.')
    index: str = Field("SLURM_ARRAY_TASK_ID", description="Variable with the number of the task, from 0.")

    @property
    def processors(self) -> int:
        """Of a task."""
        return self.cpus or self.ranks

    @property
    def side_by_side(self) -> int:
        """Points that a task does at once."""
        return self.processors // self.ranks

    @model_validator(mode="after")
    def _roomy(self) -> Cluster:
        if self.processors % self.ranks:
            raise ValueError(f"cpus {self.processors} must be a multiple of ranks {self.ranks}, or left out")
        return self


class Sweep(_Strict):
    """A sweep file."""

    schema_version: Literal[1] = Field(description="1.")
    name: str = Field(pattern=r"^[\w .-]{1,80}$", description="Of the sweep; default of its folder.")
    question: str = Field("", description="What it is to answer.")
    case: str = Field(description="The case it starts from, relative to this file.")
    seed: int = Field(1, ge=0, description="Of everything that is drawn.")
    set: tuple[str, ...] = Field((), description="KEY=VALUE of every point, as --set.")
    method: Literal["condensed", "iterative"] = Field(
        "condensed", description="solver.method of every point; condensed: what is elastic is solved once for many."
    )
    fields: bool = Field(False, description="Keep the fields of every point.")
    attempts: int = Field(
        2, ge=1, le=10, description="How often a point is tried whose process ends without an answer."
    )
    factors: Annotated[tuple[Factor, ...], Field(min_length=1, description="What is varied.")]
    correlations: tuple[Correlation, ...] = Field((), description="Factors that go together.")
    design: Design = Field(description="Which points there are: kind and points.")
    outcomes: tuple[Wanted, ...] = Field((), description="What is looked at.")
    budget: Budget = Field(default_factory=Budget, description="What may be spent.")
    slurm: Cluster = Field(default_factory=Cluster, description="For --on slurm.")
    cluster: Cluster | None = Field(None, description="For --on cluster: a scheduler that is not Slurm.")

    @property
    def fixed(self) -> tuple[str, ...]:
        """KEY=VALUE of every point, with how it is solved."""
        return (f'solver.method="{self.method}"', *self.set)

    @model_validator(mode="after")
    def _consistent(self) -> Sweep:
        names = [factor.name for factor in self.factors]
        for kind, given in (("factor", names), ("outcome", [each.name for each in self.outcomes])):
            if twice := sorted({name for name in given if given.count(name) > 1}):
                raise ValueError(f"two {kind}s are named {twice[0]}; rename one")
        for each in self.correlations:
            if unknown := [name for name in each.between if name not in names]:
                raise ValueError(f"correlations: there is no factor {unknown[0]}; there are {', '.join(names)}")
        if self.cluster and (
            lacking := [key for key in ("template", "submit", "queue") if not getattr(self.cluster, key)]
        ):
            raise ValueError(f"cluster: give {', '.join(lacking)}; only for Slurm they are known")
        if self.design.kind in ENDS and (endless := [factor for factor in self.factors if factor.open_ends]):
            told = f"{endless[0].name} ({endless[0].distribution}) {' and '.join(endless[0].open_ends)}"
            raise ValueError(f"design.kind {self.design.kind}: takes the ends of every factor; give {told}")
        if self.correlations and self.design.kind in RIGID:
            raise ValueError(
                f"design.kind {self.design.kind}: its points cannot be correlated; take latin_hypercube or sobol"
            )
        return self


def load(path: str | Path) -> Sweep:
    """Read and check a sweep file.

    Args:
        path: The TOML file.

    Raises:
        InputError: It cannot be read, or says something a sweep may not say (a CaseError, one line a problem).
    """
    path = Path(path)
    content = read_toml(path)
    try:
        return Sweep.model_validate(content)
    except ValidationError as error:
        told = dict(filter(None, (explain(each, Sweep) for each in error.errors(include_url=False))))
    raise CaseError(path.name, [f"{place(where, at(content, *where))}: {said}" for where, said in told.items()])
