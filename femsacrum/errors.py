"""The two ways a run can fail: the user's input (exit code 1) or the numerics (exit code 2)."""

from __future__ import annotations


class FemsacrumError(Exception):
    """Base of every error a user is shown as one line, never as a traceback."""

    exit_code = 1


class InputError(FemsacrumError):
    """Something in the case or in a file it names cannot be used as it stands.

    Args:
        key: Path of the key in the case, for example ``loads[2].force``, or the file.
        problem: What is wrong with the value, the value included, and what is allowed.

    The message reads ``<key>: <problem>``.
    """

    exit_code = 1

    def __init__(self, key: str, problem: str) -> None:
        self.key = key
        self.problem = problem
        super().__init__(f"{key}: {problem}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str]]:
        """Survive the way from one process to another."""
        return type(self), (self.key, self.problem)


class HeldError(InputError):
    """A run folder is held by another run."""


class NumericalError(FemsacrumError):
    """A stage ran but produced no result that may be trusted (mesh or solve)."""

    exit_code = 2


class LostError(NumericalError):
    """A process that was to give the answer is gone; another try may end well."""
