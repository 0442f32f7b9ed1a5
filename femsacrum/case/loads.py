"""What a case may say of its load cases."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from femsacrum.case.model import Count, Model, Text
from femsacrum.case.names import LOAD_KEYS, MOVING
from femsacrum.case.series import Series
from femsacrum.case.units import Force, Length, PositiveLength, PossibleShare, Quantity, Ratio, Share

#: Force on each crutch where the case does not say, share of body weight; other kinds have none.
CRUTCH_FORCE = {"crutch_stance": 0.15, "two_point": 0.15, "four_point": 0.10}
#: How the pelvis is held where the case does not say: a load worked out with its muscles has the hips' forces itself.
HELD_BY_HIPS = ("axial", "standing", "crutch_stance")
#: Factor of an orthosis on the second peak of the ground reaction where the case does not say: middle of 75 to 100 %.
PUSH_OFF = 0.875

Tension = Annotated[float, Quantity("pressure", "MPa", "37 N/cm^2", at_least=0.27, at_most=0.61)]
PushOff = Annotated[float, Ratio("share", "%", "87.5 %", at_least=0.75, at_most=1.0)]


class LoadSpec(Model):
    """One load case."""

    name: Text
    """Name of the load case, different from every other."""
    kind: Literal["axial", "standing", "crutch_stance", "lying", "sitting", "rising", "one_leg_stance", "stumble",
                  "walking", "stairs_up", "stairs_down", "two_point", "four_point", "three_point",
                  "swing_through", "series"]  # fmt: skip
    """What is done; the table above says which keys each kind reads."""
    force: Force | None = None
    """Force on L4, straight down [N], or as "70 %BW" of body weight; needed by "axial", refused by the others."""
    support: Literal["hips", "acetabula_fixed", "hip_springs", "free"] | None = None
    """"hips": ball joints; "acetabula_fixed": both acetabula held, as in a laboratory; "hip_springs": hips give way;
    "free": the hips' forces are loads and nothing is held. Left out: "hips" for "axial", "standing" and "crutch_stance",
    else "free"."""
    guided: Annotated[bool, Field(strict=True)] = False
    """For "axial": the testing machine guides L4, which may only move up and down; false: L4 may turn and shift."""
    stance: Literal["left", "right"] = "left"
    """The leg that stands."""
    crutch_force: PossibleShare | None = None
    """Force on each crutch at its most, a share of body weight, "15 %". Left out: 15 % for "crutch_stance" and
    "two_point", 10 % for "four_point", none for "one_leg_stance"."""
    abductor_arm: PositiveLength = 50.0
    """Lever arm of the hip abductors [mm]; for "crutch_stance"."""
    upper_body: Share = 0.536
    """Share of body weight above L5/S1, "53.6 %"; for "standing" and "crutch_stance"."""
    phases: Annotated[Count, Field(ge=8, le=60)] = 12
    """Instants of a cycle."""
    affected: Literal["left", "right"] = "left"
    """The leg that is spared; for "three_point"."""
    told: Literal["10 %", "30 %", "50 %"] = "10 %"
    """Load that the patient is told to put on the spared leg, of body weight."""
    obeys: Literal["told", "measured"] = "measured"
    """Whether the spared leg carries what the patient was told, or what such patients were measured to put on it."""
    orthosis: Literal["none", "left", "right", "both"] = "none"
    """Which ankles have an orthosis, which takes away from the push-off."""
    push_off: PushOff | None = None
    """Factor of the orthosis on the second peak of the ground reaction, "75 %" to "100 %". Left out: 87.5 %; nothing
    better is published."""
    trunk_forward: Length = 0.0
    """Trunk ahead of where the activity has it [mm]; less than 0: behind."""
    trunk_sway: Length | None = None
    """Trunk towards the leg that carries [mm]: a patient who spares the abductors leans over the standing leg. Left out:
    what the activity has, for example 20 mm in walking."""
    trunk_lateral: Length = 0.0
    """Trunk to the left of the middle [mm]; less than 0: to the right."""
    muscles: Literal["set", "none"] = "set"
    """"set": the muscles across the hips and of the trunk share the work; "none": each leg hands its net force and
    moment to its acetabulum, the trunk its own to L4."""
    muscle_sharing: Literal["cubic", "quadratic", "minmax"] = "cubic"
    """What is least: the sum of the muscles' stresses cubed or squared, or the largest of them."""
    specific_tension: Tension = 0.37
    """Largest stress a muscle can give [MPa], "27 N/cm^2" to "61 N/cm^2"."""
    closing: Literal["trunk", "inertia_relief", "support"] = "trunk"
    """What takes the moment that no muscle can give: the trunk at L4, the inertia of the pelvis, or the supports."""
    l4: Literal["free", "guided", "held"] = "free"
    """What the trunk lets L4 do: anything, only move up and down, or nothing. It governs how far L5 drops and tilts."""
    series: Series | None = None
    """For "series": file with the forces of a movement, and what its columns are."""
    pilot: Literal["distributing", "kinematic"] = "distributing"
    """L4's endplate and the acetabula where they are loaded or held: free to deform, or rigid as if potted."""
    source: Text
    """Where the loads come from."""

    @property
    def crutch(self) -> float:
        """Force on each crutch, a share of body weight."""
        return CRUTCH_FORCE.get(self.kind, 0.0) if self.crutch_force is None else self.crutch_force

    @property
    def held(self) -> str:
        """How the pelvis is held."""
        return self.support or ("hips" if self.kind in HELD_BY_HIPS else "free")

    @property
    def moves(self) -> bool:
        """Whether the load is a cycle of several instants."""
        return self.kind in MOVING

    @property
    def push(self) -> float:
        """Factor on the second peak of the ground reaction of a leg with an orthosis."""
        return PUSH_OFF if self.push_off is None else self.push_off

    @model_serializer(mode="wrap", when_used="json")
    def _write_what_is_read(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Defaults of other kinds are not written: a case that says them is refused."""
        unread = {key for keys in LOAD_KEYS.values() for key in keys} - set(LOAD_KEYS[self.kind])
        return {key: value for key, value in write(self).items() if key not in unread}
