"""Hip and muscle forces of a movement from a file, at the instants of one cycle, in the patient's axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from femsacrum.anatomy.isb import PelvicFrame
from femsacrum.anatomy.model import Floats
from femsacrum.case.series import FEMUR_FRAMES, Series, SeriesAngles, Side
from femsacrum.errors import InputError
from femsacrum.loads.hip_frames import femur_to_pelvis, to_lps
from femsacrum.loads.series_files import SeriesTable, read_table
from femsacrum.paths import locate

SIDES: tuple[Side, Side] = ("left", "right")
#: To the other side, in axes of the pelvis.
MIRROR = np.array([1.0, 1.0, -1.0])
#: A cycle's ends may lie outside the file's time by this share of the cycle: numbers are written with few digits.
SLACK = 1e-6
#: Optimisers leave forces that push by this share of the muscle's largest; they are taken for nothing.
PUSHING = 1e-3


@dataclass(frozen=True)
class MeasuredInstant:
    """What a file says of one instant.

    Attributes:
        percent: Of the cycle.
        hips: Side -> force of the femur on the pelvis, shape (3,) [N], LPS.
        muscles: Muscle with its side -> force [N].
        flexion: Side -> flexion of the hip [deg]; 0 where the file does not have it.
        trunk: Force of the trunk on L4, shape (3,) [N], LPS; None where the file does not have it.
    """

    percent: float
    hips: Mapping[str, Floats]
    muscles: Mapping[str, float]
    flexion: Mapping[str, float]
    trunk: Floats | None


@dataclass(frozen=True)
class MeasuredCycle:
    """A movement as it was measured or computed elsewhere.

    Attributes:
        instants: In turn.
        duration: Of a cycle [s].
        peaks: Side -> largest hip force of all that stands in the file [N]; instants may miss it.
    """

    instants: tuple[MeasuredInstant, ...]
    duration: float
    peaks: Mapping[str, float]


#: Time of a column and the time at which it is wanted -> its values there.
Sampled = Callable[[Floats], Floats]


def series_cycle(
    series: Series, percent: Sequence[float], weight: float, frame: PelvicFrame,
    folder: Path, data: Sequence[Path], key: str,
) -> MeasuredCycle:  # fmt: skip
    """Reads a movement and takes it at the wanted instants, straight between the rows of the file.

    Args:
        series: What the case says.
        percent: Of the cycle, 0 to below 100.
        weight: Of the body [N], which "%BW" refers to.
        frame: Axes of the pelvis that forces or the hips' angles refer to: forwards, up, to the right.
        folder: Of the case file.
        data: Data folders.
        key: Path of the series in the case, for errors.

    Raises:
        InputError: The file cannot be read, lacks what the case names, or its hip forces pull the pelvis down.
    """
    reader = _Reader(series, weight, frame, folder, data, key)
    hips, muscles, trunk = reader.hips(), reader.muscles(), reader.trunk()
    at = reader.start + np.asarray(percent, dtype=float) / 100.0 * reader.length
    if not ((at >= reader.start) & (at < reader.start + reader.length)).all():
        raise InputError(
            key, f"instants from {min(percent):g} to {max(percent):g} % are asked for; 0 to below 100 can be"
        )
    taken = {side: to_lps(force(at), reader.frame) for side, force in hips.items()}
    pulls = {name: force(at) for name, force in muscles.items()}
    bent = {side: angle(at)[:, 0] for side, angle in reader.angles().items()}
    trunks = None if trunk is None else to_lps(trunk(at), reader.frame)
    instants = tuple(
        MeasuredInstant(
            float(each),
            {side: force[i] for side, force in taken.items()},
            {name: float(force[i]) for name, force in pulls.items()},
            {side: float(bent[side][i]) if side in bent else 0.0 for side in SIDES},
            None if trunks is None else trunks[i],
        )
        for i, each in enumerate(percent)
    )
    every = reader.rows_of_cycle()
    peaks = {side: float(np.linalg.norm(force(every), axis=1).max()) for side, force in hips.items()}
    reader.assert_upwards(hips, every)
    duration = series.duration if series.duration is not None else reader.length
    return MeasuredCycle(instants, float(duration), peaks)


class _Reader:
    """Columns of one series as functions of its time."""

    def __init__(
        self, series: Series, weight: float, frame: PelvicFrame, folder: Path, data: Sequence[Path], key: str
    ) -> None:
        self._series, self._weight, self.frame, self._key = series, weight, frame, key
        self._folder, self._data = folder, data
        self._tables: dict[str, tuple[SeriesTable, Floats]] = {}
        self.start, self.length = series.start, series.end - series.start
        self._table(None, "file")

    def hips(self) -> dict[str, Sampled]:
        """Side -> force of the femur on the pelvis at given times, shape (n, 3) [N], in the pelvis' axes."""
        made = {side: self._hip(side) for side in self._series.hips}
        return made | {other: self._later(made[side], MIRROR) for side, other in self._across(made)}

    def muscles(self) -> dict[str, Sampled]:
        """Muscle -> force at given times, shape (n,) [N]."""
        options, made = self._series.muscles, {}
        if options is None:
            return {}
        table, time = self._table(options.file, "muscles.file")
        for name, labels in options.columns.items():
            where = f"{self._key}.muscles.columns.{name}"
            total = sum((table.column(label, where) for label in labels), np.zeros(len(time)))
            if total.min() < -PUSHING * total.max():
                row = int(total.argmin())
                problem = (
                    f"{table.name}, line {table.rows[row][0]}: {total[row]:g} {options.unit}, but muscles only pull"
                )
                raise InputError(where, problem)
            made[name] = _straight(time, np.maximum(total, 0.0) * self._newtons(options.unit))
        mirrored = dict(made)
        for name, force in made.items() if self._series.mirrored else ():
            side, _, rest = name.partition(" ")
            if side in SIDES:
                mirrored.setdefault(f"{_other(side)} {rest}", self._later(force, np.ones(())))
        return mirrored

    def trunk(self) -> Sampled | None:
        """Force of the trunk on L4 at given times, shape (n, 3) [N], in the pelvis' axes."""
        if self._series.trunk is None:
            return None
        table, time = self._table(None, "file")
        return _straight(time, self._force(table, self._series.trunk, f"{self._key}.trunk"))

    def rows_of_cycle(self) -> Floats:
        """Times of all rows within the cycle, and its start."""
        _, time = self._table(None, "file")
        inside = time[(time >= self.start) & (time < self.start + self.length)]
        return np.union1d(inside, [self.start])

    def assert_upwards(self, hips: Mapping[str, Sampled], at: Floats) -> None:
        """Femora hold a pelvis up: at its largest, a force of theirs does not point down."""
        for side, force in hips.items():
            values = to_lps(force(at), self.frame)
            most = values[np.linalg.norm(values, axis=1).argmax()]
            if most[2] < 0.0:
                other = "femur" if self._series.acts_on == "pelvis" else "pelvis"
                raise InputError(
                    f"{self._key}.acts_on",
                    f'"{self._series.acts_on}", but then the {side} femur pulls the pelvis down with '
                    f"{-most[2]:.0f} N where its force is largest: the frame is another, or it acts on the {other}",
                )

    def angles(self) -> dict[str, Sampled]:
        """Side -> flexion, adduction and internal rotation at given times, shape (n, 3) [deg]."""
        options = self._series.angles
        made = {} if options is None else {side: self._angles(options, side) for side in options.hips}
        return made | {other: self._later(made[side], np.ones(3)) for side, other in self._across(made)}

    def _hip(self, side: Side) -> Sampled:
        options = self._series
        table, time = self._table(None, "file")
        given = self._force(table, options.hips[side], f"{self._key}.hips.{side}")
        if options.frame not in FEMUR_FRAMES:
            return _straight(time, given if options.acts_on == "pelvis" else -given)
        if options.angles is None or side not in options.angles.hips:
            raise InputError(f"{self._key}.angles.hips.{side}", f'missing: frame "{options.frame}" needs them')
        force, angles = _straight(time, given), self._angles(options.angles, side)
        return lambda at: femur_to_pelvis(force(at), options.frame, side, angles(at))

    def _angles(self, options: SeriesAngles, side: Side) -> Sampled:
        table, time = self._table(options.file, "angles.file")
        where = f"{self._key}.angles.hips.{side}"
        labels = ("flexion", "adduction", "rotation")
        values = [table.column(getattr(options.hips[side], label), f"{where}.{label}") for label in labels]
        degrees = table.in_degrees if options.unit is None else options.unit == "deg"
        if degrees is None:
            problem = f'missing: {table.name} does not say "inDegrees": write "deg" or "rad"'
            raise InputError(f"{self._key}.angles.unit", problem)
        return _straight(time, np.column_stack(values) if degrees else np.degrees(np.column_stack(values)))

    def _force(self, table: SeriesTable, labels: Sequence[str], key: str) -> Floats:
        """Three columns in newtons; of a frame of the pelvis in its axes, shape (n, 3) [N]."""
        values = np.column_stack([table.column(label, key) for label in labels])
        values *= self._newtons(self._series.unit)
        return values @ self.frame.axes.T if self._series.frame == "LPS" else values

    def _table(self, name: str | None, what: str) -> tuple[SeriesTable, Floats]:
        """A file with its time, which has to cover the cycle."""
        file = name or self._series.file
        if file not in self._tables:
            key = f"{self._key}.{what}"
            table = read_table(locate(file, self._folder, self._data, key), self._series.format, key)
            time = table.column(self._series.time, f"{self._key}.time")
            back = np.flatnonzero(np.diff(time) <= 0.0)
            if len(back):
                line, before, after = table.rows[back[0] + 1][0], time[back[0]], time[back[0] + 1]
                where = f'{table.name}, line {line}, column "{self._series.time}"'
                raise InputError(f"{self._key}.time", f"{where}: {after:g} does not rise above {before:g}")
            for end, at in (("start", self.start), ("end", self.start + self.length)):
                if not time[0] - SLACK * self.length <= at <= time[-1] + SLACK * self.length:
                    problem = f'{at:g} is outside of {table.name}, whose "{self._series.time}" goes from'
                    raise InputError(f"{self._key}.{end}", f"{problem} {time[0]:g} to {time[-1]:g}")
            self._tables[file] = table, time
        return self._tables[file]

    def _across(self, given: Mapping[Side, Sampled]) -> list[tuple[Side, str]]:
        return [(side, _other(side)) for side in given] if self._series.mirrored and len(given) == 1 else []

    def _later(self, values: Sampled, factor: Floats) -> Sampled:
        """The same half a cycle later, mirrored."""
        return lambda at: values(self.start + (at - self.start + 0.5 * self.length) % self.length) * factor

    def _newtons(self, unit: str) -> float:
        return 1.0 if unit == "N" else self._weight / 100.0


def _straight(time: Floats, values: Floats) -> Sampled:
    """Values between rows, on straight lines, shape (n, ...)."""
    if values.ndim == 1:
        return lambda at: np.interp(at, time, values)
    return lambda at: np.column_stack([np.interp(at, time, column) for column in values.T])


def _other(side: str) -> str:
    return "right" if side == "left" else "left"
