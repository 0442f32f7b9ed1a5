"""Forms compiled once for all processes that share a cache, whatever became of those that compiled before.

FFCx marks a form that is being compiled by its C file; others wait 10 s for it, and for good where the process that
compiled was killed. Here they wait for a lock, which ends with its process, and such a mark is taken away.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dolfinx
import dolfinx.jit

#: How long to wait for a form that somebody compiles who does not know of the lock [s].
PATIENCE = 10


def compiled(form: Any) -> Any:
    """A form that can be assembled.

    Args:
        form: In UFL.
    """
    with _alone(folder()) as sure:
        try:
            return dolfinx.fem.form(form, jit_options={"timeout": PATIENCE})
        except TimeoutError:
            if not sure:
                raise
            abandon(folder())
        return dolfinx.fem.form(form, jit_options={"timeout": PATIENCE})


def folder() -> Path:
    """Where compiled forms are kept; XDG_CACHE_HOME says where."""
    return Path(dolfinx.jit.get_options()["cache_dir"])


def abandon(cache: Path) -> None:
    """Take away the marks of forms that were begun and never finished.

    Args:
        cache: Folder of compiled forms, in which nobody compiles.
    """
    for file in cache.glob("libffcx_*.c"):
        if not file.with_suffix(".c.cached").exists():
            file.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(cache: Path) -> Iterator[bool]:
    """Whether no other process compiles; False where the cache is read-only or its file system knows no locks."""
    with contextlib.ExitStack() as held:
        sure = False
        with contextlib.suppress(OSError):
            cache.mkdir(parents=True, exist_ok=True)
            lock = held.enter_context((cache / "femsacrum.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
            sure = True
        yield sure
