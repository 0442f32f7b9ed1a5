"""Laws that users write in Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.errors import InputError, NumericalError
from femsacrum.mechanics import laws
from femsacrum.mechanics.interfaces import UserLaw


def load(law: UserLaw) -> Callable[..., None]:
    """A user's function in the form the solver calls.

    The function is ``function(jump, before, kept, **parameters) -> (traction, tangent, now)``: ``jump`` and ``before``
    are the jump slave - master now and at the last converged increment, shape (p, 3) [mm], in local axes (normal out of
    the slave, two tangents; a positive normal component is penetration); ``kept`` is the ``now`` it gave back then,
    shape (p, 3), zero at first. It gives back the traction, shape (p, 3) [MPa], that resists the jump, its derivative
    by the jump, shape (p, 3, 3) [MPa/mm], and what it wants to keep, shape (p, 3).

    Raises:
        InputError: The file does not run, or has no such function.
        NumericalError: It gave back something of a wrong shape or not finite.
    """
    function = _function(law.name, law.source, law.function)

    def call(
        jump: Floats, before: Floats, kept: Floats, gap: Floats, parameters: Floats, free_motion: float,
        traction: Floats, tangent: Floats, now: Floats, status: Ints,
    ) -> None:  # fmt: skip
        try:
            found = tuple(function(jump.copy(), before.copy(), kept.copy(), **law.parameters))
        except Exception as error:  # whatever a user's function raises is told in one line
            raise NumericalError(f'law "{law.name}": {type(error).__name__}: {error}') from None
        if len(found) != 3:
            raise NumericalError(f'law "{law.name}": must give back traction, tangent and what it keeps')
        for name, mine, theirs in zip(("traction", "tangent", "now"), (traction, tangent, now), found, strict=True):
            value = np.asarray(theirs, dtype=float)
            if value.shape != mine.shape or not np.all(np.isfinite(value)):
                raise NumericalError(f'law "{law.name}": {name} must be finite and of shape {mine.shape}')
            mine[:] = value
        status[:] = np.where(np.abs(traction).sum(axis=1) > 0.0, laws.BONDED, laws.OPEN)

    return call


@lru_cache(maxsize=32)
def _function(law: str, source: str, name: str) -> Callable[..., Any]:
    module: dict[str, Any] = {"__name__": "femsacrum_user_law"}
    try:
        exec(compile(source, law, "exec"), module)
    except Exception as error:  # whatever a user's file raises is told in one line
        raise InputError("interfaces.function", f"{law}: {type(error).__name__}: {error}") from None
    function = module.get(name)
    if not callable(function):
        raise InputError("interfaces.function", f'{law}: the file has no function "{name}"')
    return function  # type: ignore[no-any-return]
