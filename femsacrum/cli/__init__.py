"""The command ``femsacrum``; everything it does is a Python call first.

Exit codes: 0 done, 1 the user's input, 2 the numerics, 70 a defect of this program, 130 interrupted.
"""

from femsacrum.cli import cases, credibility, looking, reports, sweeps
from femsacrum.cli.command import app, execute, main

__all__ = ["app", "cases", "credibility", "execute", "looking", "main", "reports", "sweeps"]
