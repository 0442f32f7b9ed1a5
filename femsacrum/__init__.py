"""femsacrum: finite-element biomechanics of spinopelvic reconstruction.

>>> import femsacrum as fs
>>> findings = fs.run(fs.load("case.toml"))  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from femsacrum.case.load import load as load
    from femsacrum.exports import export as export
    from femsacrum.pipeline import run as run

__version__ = "0.1.0"
__all__ = ["__version__", "export", "load", "run"]


def __getattr__(name: str) -> object:
    """Import ``load``, ``run`` and ``export`` when they are first asked for: ``import femsacrum`` itself costs nothing."""
    if name == "load":
        from femsacrum.case.load import load

        return load
    if name == "run":
        from femsacrum.pipeline import run

        return run
    if name == "export":
        from femsacrum.exports import export

        return export
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
