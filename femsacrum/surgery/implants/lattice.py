"""Which parts of the prosthesis are printed as a lattice, and the solid divided there so that the mesh keeps to them."""

from __future__ import annotations

import numpy as np

from femsacrum.anatomy.model import Floats
from femsacrum.case.schema import Prosthesis as Options
from femsacrum.errors import InputError
from femsacrum.surgery.construct import Zone
from femsacrum.surgery.implants.plates import Plate
from femsacrum.surgery.shapes import cad
from femsacrum.surgery.shapes.frame import Frame

#: Solid metal that stays under a porous layer [mm], a choice of this project.
LEAST_SOLID = 2.0
#: A box reaches past the outline of what it holds by this much [mm].
PAST = 1.0


def zones(
    plates: tuple[Plate, ...], endplate: Frame, outline: Floats, options: Options
) -> tuple[tuple[Zone, ...], float]:
    """Boxes with a porosity of their own, and the porosity of what is in none of them.

    Args:
        plates: Left and right.
        endplate: Frame on L5's cut.
        outline: Of the endplate, shape (n, 2) [mm].
        options: Of the case.

    Raises:
        InputError: A plate is too thin for the layer.
    """
    boxes: list[Zone] = []
    if options.porous is not None:
        layer = options.porous
        for key, thickness in (("plate", options.plate_thickness), ("endplate", options.endplate_thickness)):
            if layer.thickness + LEAST_SOLID > thickness:
                raise InputError(
                    "surgery.prosthesis.porous.thickness",
                    f"{layer.thickness:g} mm leave {max(0.0, thickness - layer.thickness):g} mm of solid metal in the "
                    f"{key} of {thickness:g} mm (at least {LEAST_SOLID:g} mm): take a thinner layer or a thicker {key}",
                )
        depth = (0.0, layer.thickness)
        boxes += [
            _box(plate.frame, np.reshape(plate.regions.pad.bounds, (2, 2)), depth, layer.porosity) for plate in plates
        ]
        boxes.append(_box(endplate, _bounds(outline), depth, layer.porosity))
    if options.lattice is None:
        return tuple(boxes), 0.0
    for plate in plates:
        boxes.append(_box(plate.frame, np.reshape(plate.regions.plate.bounds, (2, 2)), (0.0, plate.back), 0.0))
    boxes.append(_box(endplate, _bounds(outline), (0.0, options.endplate_thickness), 0.0))
    return tuple(boxes), options.lattice.porosity


def parted(solid: cad.Tag, boxes: tuple[Zone, ...], rest: float, name: str) -> tuple[bytes, float]:
    """A solid in parts that share faces, divided by boxes.

    Args:
        solid: In the open drawing.
        boxes: At least one.
        rest: Porosity of what is in none of them.
        name: Of the body, for messages.

    Returns:
        BREP text, and the share of void in all of it.
    """
    text, volumes = cad.divided(solid, [cad.block(box.frame, box.low, box.high, *box.depth) for box in boxes], name)
    return text, float(np.dot(volumes, [*(box.porosity for box in boxes), rest]) / sum(volumes))


def _bounds(outline: Floats) -> Floats:
    return np.array([outline.min(axis=0), outline.max(axis=0)])


def _box(frame: Frame, bounds: Floats, depth: tuple[float, float], porosity: float) -> Zone:
    return Zone(frame, bounds[0] - PAST, bounds[1] + PAST, depth, porosity)
