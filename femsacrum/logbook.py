"""What a run writes into the log of its folder: its stages, their time and memory, the error that ends it."""

from __future__ import annotations

import logging
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from femsacrum.errors import FemsacrumError
from femsacrum.progress import Progress

logger = logging.getLogger("femsacrum")


@contextmanager
def run_log(folder: Path) -> Iterator[Path]:
    """Append what is logged in the block, and the error that ends it, to the folder's ``run.log``."""
    path = folder / "run.log"
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield path
    except KeyboardInterrupt:
        logger.info("interrupted")
        raise
    except FemsacrumError as error:
        logger.error("%s", error)
        raise
    except Exception:
        logger.exception("unexpected error")
        raise
    finally:
        logger.removeHandler(handler)
        handler.close()


@contextmanager
def timed(progress: Progress, name: str) -> Iterator[None]:
    """Tell and log a step that is done anew in every run."""
    progress.stage(name)
    start = time.perf_counter()
    yield
    seconds = time.perf_counter() - start
    logger.info("%s: done in %.2f s; peak memory %.0f MB", name, seconds, peak_memory())
    progress.finished(name, seconds, False)


def peak_memory() -> float:
    """Largest memory this process, or one it has started and waited for, has had so far [MB]."""
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return used / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kilobytes here
