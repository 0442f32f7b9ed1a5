"""What a case may say of its load cases."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from femsacrum.case.model import Model, Text
from femsacrum.case.names import LOAD_KEYS
from femsacrum.case.units import Force, PositiveLength, PossibleShare, Share


class LoadSpec(Model):
    """One load case."""

    name: Text
    """Name of the load case, different from every other."""
    kind: Literal["axial", "standing", "crutch_stance"]
    """"axial": a force on L4; "standing": on two legs; "crutch_stance": on one leg, with two crutches."""
    force: Force | None = None
    """Force on L4, straight down [N], or as "70 %BW" of body weight; needed by "axial", refused by the others."""
    support: Literal["hips", "acetabula_fixed"] = "hips"
    """"hips": ball joints; "acetabula_fixed": both acetabula held, as in a laboratory."""
    guided: Annotated[bool, Field(strict=True)] = False
    """For "axial": the testing machine guides L4, which may only move up and down; false: L4 may turn and shift."""
    stance: Literal["left", "right"] = "left"
    """The leg that stands; for "crutch_stance"."""
    crutch_force: PossibleShare = 0.15
    """Force on each of two crutches, a share of body weight, "15 %"; for "crutch_stance"."""
    abductor_arm: PositiveLength = 50.0
    """Lever arm of the hip abductors [mm]; for "crutch_stance"."""
    upper_body: Share = 0.536
    """Share of body weight above L5/S1, "53.6 %"; for "standing" and "crutch_stance"."""
    pilot: Literal["distributing", "kinematic"] = "distributing"
    """L4's endplate and the acetabula where they are loaded or held: free to deform, or rigid as if potted."""
    source: Text
    """Where the loads come from."""

    @model_serializer(mode="wrap", when_used="json")
    def _write_what_is_read(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Defaults of other kinds are not written: a case that says them is refused."""
        unread = {key for keys in LOAD_KEYS.values() for key in keys} - set(LOAD_KEYS[self.kind])
        return {key: value for key, value in write(self).items() if key not in unread}
