"""Reading what others wrote in a process of its own, so that what kills a C++ reader does not kill the run.

The process is that of ``workers``; it is kept for the next file, since starting it and loading VTK or ITK takes longer
than most files do.
"""

from __future__ import annotations

import pickle
import resource
import signal
import subprocess
import threading
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import wait
from typing import Any

from femsacrum import workers
from femsacrum.errors import FemsacrumError, InputError

_kept = threading.local()  # one for each thread: the process ends with the thread that started it


def call[T](
    function: Callable[..., T],
    *arguments: Any,
    key: str,
    what: str,
    megabytes: float = 8000.0,
    seconds: float = 120.0,
) -> T:
    """What ``function(*arguments)`` returns, computed in another process.

    Args:
        function: A function at the top of a module of this package.
        arguments: What it is handed; they and what it returns go through a pipe (arrays without a copy).
        key: Key of the case that names the file, for messages.
        what: The file's name, for messages.
        megabytes: Address space the process may have, its libraries (up to 2000) included [MB].
        seconds: Time it may take [s].

    Raises:
        FemsacrumError: What the function raised.
        InputError: It raised anything else, took too much memory or time, or took the process down.
    """
    worker = _worker()
    assert worker.stdin is not None
    assert worker.stdout is not None
    task = (function.__module__, function.__qualname__, int(megabytes * 1e6), key, what, arguments)
    try:
        workers.send(worker.stdin, (__name__, _limited.__name__, False, task))
        if not wait([worker.stdout.fileno()], seconds):
            raise InputError(key, f"{what}: cannot be read: not done after {seconds:g} s; is it damaged?")
        kind, content = pickle.load(worker.stdout)
    except BaseException as error:  # also an interrupt: whatever the process still says would be taken for the next
        worker.kill()
        _kept.worker = None
        if isinstance(error, EOFError | OSError | pickle.UnpicklingError):
            code = worker.wait()
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            raise InputError(key, f"{what}: cannot be read: it crashes its reader ({how}); is it damaged?") from None
        raise
    if kind == "error":
        raise content
    result: T = content
    return result


def _worker() -> subprocess.Popen[bytes]:
    worker: subprocess.Popen[bytes] | None = getattr(_kept, "worker", None)
    if worker is None or worker.poll() is not None:
        worker = _kept.worker = workers.start(errors=subprocess.DEVNULL)  # the libraries' own words help nobody
    return worker


def _limited(module: str, name: str, limit: int, key: str, what: str, arguments: tuple[Any, ...]) -> Any:
    """Inside the process: call a function with limited memory; whatever it raises is one clear line."""
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
    try:
        return getattr(import_module(module), name)(*arguments)
    except FemsacrumError:
        raise
    except MemoryError:
        problem = f"it needs more than {limit / 1e6:.0f} MB of memory"
    except Exception as error:  # the libraries raise whatever they like
        lines = str(error).strip().splitlines() or [type(error).__name__]
        line = "".join(letter if letter.isprintable() else "?" for letter in lines[-1].strip())
        problem = f"{line}; is it damaged? copy or export it anew"
    raise InputError(key, f"{what}: cannot be read: {problem}")
