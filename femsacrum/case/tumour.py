"""What a case may say about the tumour and the margin round it."""

from __future__ import annotations

from pydantic import SerializerFunctionWrapHandler, model_serializer

from femsacrum.case.choices import HalfAxes
from femsacrum.case.model import Model, Text
from femsacrum.case.names import CUT_TURNS
from femsacrum.case.units import Angle, Point, PositiveLength


class Tumour(Model):
    """The tumour: an ellipsoid, or the part "tumour" among the bones; and the margin that is planned round it."""

    margin: PositiveLength = 15.0
    """Least distance wanted from the tumour to every cut and every bone that stays [mm]; a shorter one is told, not
    refused."""
    half_axes: HalfAxes | None = None
    """Half-axes of an ellipsoid across, from front to back and upwards [mm]; left out: the part "tumour" of
    ``anatomy.surfaces.files`` or ``anatomy.labels.parts``."""
    landmark: Text | None = None
    """Landmark that the ellipsoid's centre is placed from; this or ``point``."""
    point: Point | None = None
    """Point that the ellipsoid's centre is placed from [mm], LPS; this or ``landmark``."""
    offset: Point | None = None
    """From there to the centre [mm], LPS; left out: none."""
    sagittal_tilt: Angle = 0.0
    """Turn of the ellipsoid seen from the left, counter-clockwise [deg]."""
    frontal_tilt: Angle = 0.0
    """Turn of the ellipsoid seen from behind, counter-clockwise [deg]; after the sagittal one."""
    axial_turn: Angle = 0.0
    """Turn of the ellipsoid seen from above, counter-clockwise [deg]; after the other two."""

    @model_serializer(mode="wrap", when_used="json")
    def _write_what_is_read(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Angles of an ellipsoid that is not there are not written: a case that says them is refused."""
        return {key: value for key, value in write(self).items() if self.half_axes or key not in CUT_TURNS}
