"""The run folder: the resolved case, one file for every finished stage, fields, findings, log.

Everything is written under a temporary name and renamed, so a run that is interrupted at any moment leaves a folder
that the next one continues from.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from femsacrum import __version__, codec, fingerprint, workers
from femsacrum.case.schema import Case
from femsacrum.case.write import to_toml
from femsacrum.errors import HeldError, InputError
from femsacrum.logbook import logger, peak_memory, run_log
from femsacrum.progress import Logged, Progress, Silent

FORMAT = 1
#: Results kept for each stage, the latest used ones; trying a few variants in turn then costs no repetition.
KEPT = 4
#: Stages that runs with a shared folder keep together: what takes long and does not depend on loads, materials or laws.
SHARED = ("anatomy", "surgery", "mesh")
#: Suffix of a file in which a stage keeps its place.
PARTIAL = ".partial"
#: What a finished run was made from and left; while it is not there, nothing says that the folder is whole.
MANIFEST = "manifest.json"
#: What the folder shows beside its case.
RESULTS = (
    *("findings.json", "fields", "figures", "summary.html", "viewer.html"),
    *(f"credibility/{name}.{end}" for name in ("convergence", "sensitivity") for end in ("json", "png")),
)


class StageFileError(Exception):
    """A stage file that cannot be used: cut short, damaged, or of another format."""


class RunFolder:
    """The folder of one case's run; a context manager that holds it against a second run.

    Args:
        path: The folder; made where it is not there.
        case: The case; its resolved form is written into the folder.
        cache: Use results of finished stages; without it every stage is computed anew (and written).
        progress: Told how it goes.
        shows: The folder is to show this case; False: only stages are wanted, the case and the results in it stay.
        shared: Folder in which any number of runs keep what comes before the solve together; None: in their own.
    """

    def __init__(
        self,
        path: Path,
        case: Case,
        *,
        cache: bool = True,
        progress: Progress | None = None,
        shows: bool = True,
        shared: Path | None = None,
    ) -> None:
        self.path = path
        self._shows = shows
        self.shared = shared
        self.progress: Progress = progress or Silent()
        self._case = case
        self._cache = cache
        self._digests: dict[int, tuple[object, str]] = {}
        self._open = ExitStack()

    @property
    def stages(self) -> Path:
        """Folder of the stage files."""
        return self.path / "stages"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            try:
                self.stages.mkdir(parents=True, exist_ok=True)
                lock = stack.enter_context((self.path / ".lock").open("w"))
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HeldError(str(self.path), "another run is writing this folder; wait, or give --out") from None
            except OSError as error:
                raise InputError(str(self.path), f"cannot be the run folder: {error.strerror}") from None
            stack.enter_context(run_log(self.path))
            self._open = stack.pop_all()
        for leftover in self.path.rglob("*.tmp"):
            leftover.unlink()
        logger.info("femsacrum %s: case %s", __version__, self._case.name)
        if self._shows:
            self._show_only(resolved(self._case, self.path))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def stage[T](self, name: str, function: Callable[..., T], *inputs: object) -> T:
        """What ``function(*inputs)`` returns, from the cache where it was computed from the same before.

        Args:
            name: Of the stage, for the user.
            function: A function of a room; its room and those left of it are the code the result depends on.
            inputs: What it is handed; their content is what the result depends on.

        Returns:
            The result; exactly what a stage file gives back, whether it was computed or read.
        """
        (result,) = self.stages_side_by_side([name], function, [inputs])
        return result

    def stages_side_by_side[T](
        self,
        names: Sequence[str],
        function: Callable[..., T],
        inputs: Sequence[tuple[object, ...]],
        *,
        told: bool = False,
        resumed: bool = False,
    ) -> tuple[T, ...]:
        """The same function for several inputs, in several processes; each is a stage, kept as soon as it ends.

        Args:
            names: Of the stages.
            function: As for ``stage``; more than one that must be computed are computed in processes of their own.
            inputs: What the function is handed, for each stage.
            told: The function takes ``progress=``.
            resumed: The function takes, after its inputs, a file to keep its place in; an interrupted run finds it.

        Returns:
            The results, in the order of the names.
        """
        start = time.perf_counter()
        code = fingerprint.of_code(fingerprint.room_of(function))
        keys = [
            fingerprint.of_text("\n".join([name, code, *(self._digest(value) for value in each)]))
            for name, each in zip(names, inputs, strict=True)
        ]
        files = [self._place(name) / f"{slug(name)}-{key[:16]}.npz" for name, key in zip(names, keys, strict=True)]
        with ExitStack() as held:
            for file in files:
                if file.parent != self.stages and not file.exists():
                    held.enter_context(alone(file))
            return self._made(names, function, inputs, (files, keys), start, told=told, resumed=resumed)

    def _made[T](
        self,
        names: Sequence[str],
        function: Callable[..., T],
        inputs: Sequence[tuple[object, ...]],
        kept: tuple[Sequence[Path], Sequence[str]],
        start: float,
        *,
        told: bool,
        resumed: bool,
    ) -> tuple[T, ...]:
        """Results read where they are kept, the others computed and kept."""
        files, keys = kept
        results: dict[int, T] = {}
        missing: list[int] = []
        for number, (name, file, key) in enumerate(zip(names, files, keys, strict=True)):
            cached, value = self._read(file, key)
            if cached:
                results[number] = value
                self._ended(name, time.perf_counter() - start, True)
            else:
                missing.append(number)
        for number in missing:
            self.progress.stage(names[number])
        places = [(file.with_suffix(PARTIAL),) if resumed else () for file in files]
        wanted = [(names[number], (*inputs[number], *places[number])) for number in missing]
        for job, value in self._computed(function, wanted, told):
            number = missing[job]
            _take_signals_back()
            write_stage(files[number], keys[number], value)
            results[number] = value
            self._ended(names[number], time.perf_counter() - start, False)
        return tuple(results[number] for number in range(len(names)))

    def _computed[T](
        self, function: Callable[..., T], wanted: Sequence[tuple[str, tuple[object, ...]]], told: bool
    ) -> Iterator[tuple[int, T]]:
        progress = Logged(self.progress, logger) if told else None
        names, inputs = [name for name, _ in wanted], [each for _, each in wanted]
        if len(inputs) > 1 and workers.processes(len(inputs)) > 1:
            yield from workers.side_by_side(function, inputs, progress, names)
            return
        for number, each in enumerate(inputs):
            yield number, function(*each, progress=progress) if told else function(*each)

    def _ended(self, name: str, seconds: float, cached: bool) -> None:
        self._prune(name)
        where = "read from the cache" if cached else "done"
        logger.info("%s: %s in %.2f s; peak memory %.0f MB", name, where, seconds, peak_memory())
        self.progress.finished(name, seconds, cached)

    def note(self, text: str) -> None:
        """Tell the user and the log."""
        logger.warning("%s", text)
        self.progress.note(text)

    def write_json(self, name: str, content: Mapping[str, Any]) -> Path:
        """Write one JSON file of the folder."""
        with written(self.path / name) as temporary:
            temporary.write_text(
                json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
            )
        return self.path / name

    def _show_only(self, case: str) -> None:
        """Write the resolved case; results of another case, which would pass for its results, are taken away."""
        (self.path / MANIFEST).unlink(missing_ok=True)
        file = self.path / "case.toml"
        if file.exists() and file.read_text(encoding="utf-8") != case:
            for name in RESULTS:
                result = self.path / name
                shutil.rmtree(result) if result.is_dir() else result.unlink(missing_ok=True)
        with written(file) as temporary:
            temporary.write_text(case, encoding="utf-8")

    def _digest(self, value: object) -> str:
        """Fingerprint, reckoned once for every object; the object is kept so that its id stays its own."""
        if id(value) not in self._digests:
            self._digests[id(value)] = (value, fingerprint.of_value(value))
        return self._digests[id(value)][1]

    def _read(self, file: Path, key: str) -> tuple[bool, Any]:
        if not self._cache or not file.exists():
            return False, None
        try:
            value = read_stage(file, key)
        except StageFileError as error:
            self.note(f"{file.name} is damaged ({error}); this stage is computed again")
            return False, None
        os.utime(file)
        return True, value

    def _place(self, name: str) -> Path:
        return self.shared if self.shared and name in SHARED else self.stages

    def _prune(self, name: str) -> None:
        if self._place(name) != self.stages:
            return
        own = re.compile(rf"{re.escape(slug(name))}-[0-9a-f]{{16}}\.(npz|partial)")
        files = [file for file in self.stages.iterdir() if own.fullmatch(file.name)]
        for file in sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)[KEPT:]:
            file.unlink()


def _take_signals_back() -> None:
    """Install Python's handlers again: Gmsh resets that of SIGTERM when it starts, and a run could not end well."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.getsignal(number))


def write_stage(file: Path, key: str, value: object) -> None:
    """Write the result of a stage.

    Args:
        file: Where.
        key: What the result depends on.
        value: The result, anything the codec knows.
    """
    skeleton, arrays = codec.encode(value)
    head = {"format": FORMAT, "key": key, "digest": codec.digest(skeleton, arrays), "value": skeleton}
    text = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    named: dict[str, Any] = {f"a{index}": array for index, array in enumerate(arrays)}
    with written(file) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, head=text, **named)


def read_stage(file: Path, key: str) -> Any:
    """Read the result of a stage.

    Args:
        file: Where.
        key: What the result must depend on.

    Raises:
        StageFileError: The file cannot be used.
    """
    try:
        with np.load(file, allow_pickle=False) as content:
            head = json.loads(content["head"].tobytes())
            arrays = [content[f"a{index}"] for index in range(len(content.files) - 1)]
        sound = (head["format"], head["key"], head["digest"]) == (FORMAT, key, codec.digest(head["value"], arrays))
        value = codec.decode(head["value"], arrays) if sound else None
    except Exception as error:  # a damaged archive makes its readers raise anything
        raise StageFileError(f"{type(error).__name__}: {error}") from error
    if not sound:
        raise StageFileError("its content does not match its checksum")
    return value


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Wait until no other process makes this file; where the file system knows no locks it is made twice at worst."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its name when the block ends well."""
    unique = f"{os.getpid()}-{secrets.token_hex(4)}"  # containers that share a folder share process numbers
    temporary = path.with_name(f"{path.name}.{unique}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def resolved(case: Case, folder: Path) -> str:
    """The case as it is run, every default written out, as TOML that runs again from the run folder.

    Paths stay as they are written; a case cannot say where its files may be, so a comment says it to the user.
    """
    content = case.model_dump(mode="json")
    content["output"]["folder"] = "."
    head = f"# The case as femsacrum {__version__} ran it, defaults included."
    if fingerprint.files_of(case):
        places = (os.path.relpath(place, folder.resolve()) for place in (case.folder.resolve(), *case.data))
        head += f"\n# In this folder: femsacrum run case.toml {shlex.join(f'--data={place}' for place in places)}"
    return f"{head}\n{to_toml(content)}"


def slug(name: str) -> str:
    """A name that can be part of a file name."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()
