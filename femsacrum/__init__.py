"""femsacrum: finite-element biomechanics of spinopelvic reconstruction."""

__version__ = "0.1.0"
