"""Elastic constants as material cards: one for each distinct set of constants, or for each bin of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from femsacrum.anatomy.model import Floats, Ints
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.meshing.bodies import BodyMesh

#: Most cards for one body, where its stiffness varies from cell to cell.
CARDS = 200


@dataclass(frozen=True)
class Cards:
    """Material cards of one body.

    Attributes:
        card: Number of the card of each cell, shape (m,).
        constants: E and nu of each card; of a transversely isotropic body across the axis, then E, nu and G along it; of a
            body with fibres between them, then the modulus of one family and the cosine of half the angle between both.
        deviation: Largest difference of a cell's modulus from its card's, relative.
    """

    card: Ints
    constants: Floats
    deviation: float


def cards(body: BodyMesh, material: BodyMaterial, most: int = CARDS) -> Cards:
    """Sort the cells of a body into cards.

    Up to ``most`` distinct sets of constants are kept as they are. More are put into bins of equal ratio of the modulus
    (along the axis where there is one); a card has the mean constants of its cells, weighted with their volume, so that
    the body's mean modulus stays what it is.

    Args:
        body: The mesh.
        material: Its constants.
        most: Cards.

    Raises:
        ValueError: Fibres of other than two families that cross, in a body that is not isotropic between them, or of more
            than ``most`` sets of constants.
    """
    axial = material.axial
    columns = [material.youngs_modulus, material.poisson_ratio]
    if axial is not None:
        columns += [axial.youngs_modulus, axial.poisson_ratio, axial.shear_modulus]
    elif material.fibres is not None:
        # equal angles differ in their last digits
        one, other = _crossing(body.name, material)
        columns += [material.fibres.modulus, np.round(0.5 * np.linalg.norm(one + other, axis=1), 12)]
    table = np.stack(columns, axis=1)
    distinct, card = np.unique(table, axis=0, return_inverse=True)
    if len(distinct) <= most:
        return Cards(card.ravel(), distinct, 0.0)
    if material.fibres is not None:
        raise ValueError(f"{body.name}: {len(distinct)} sets of constants with fibres; at most {most} are written")
    modulus = table[:, 0 if axial is None else 2]
    place = np.log(modulus / modulus.min()) / np.log(modulus.max() / modulus.min())
    _, card = np.unique(np.minimum((most * place).astype(np.int64), most - 1), return_inverse=True)
    corners = body.nodes[body.cells[:, :4]]
    volume = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1]))
    total = np.bincount(card, volume)
    mean = np.stack([np.bincount(card, volume * column) / total for column in table.T], axis=1)
    deviation = float(np.abs(mean[card, 0 if axial is None else 2] / modulus - 1.0).max())
    return Cards(card, mean, deviation)


def _crossing(name: str, material: BodyMaterial) -> Floats:
    """Directions of two families of fibres, shape (2, m, 3), which cross in every cell."""
    directions = material.fibres.directions if material.fibres is not None else np.empty((0, 0, 3))
    crosses = len(directions) == 2 and bool(np.all(np.abs(np.einsum("mi,mi->m", *directions)) < 1.0 - 1e-6))
    if material.axial is not None or not crosses:
        raise ValueError(f"{name}: fibres are written of two families that cross in an isotropic body")
    return directions


def material_lines(name: str, material: BodyMaterial, given: Cards, first: int) -> Iterator[str]:
    """Lines of the cards and sections of one body.

    Args:
        name: Of the body, the name of its element set.
        material: Its constants.
        given: Its cards.
        first: Number of its first element.
    """
    yield f"** {name}: {material.source}"
    oriented = ""
    frames = _frames(material)
    if frames is not None:
        yield from _orientation(name, frames, first)
        oriented = f", ORIENTATION=AXIS_{name}"
    single = len(given.constants) == 1
    for number, constants in enumerate(given.constants.tolist()):
        label = name if single else f"{name}_E{number + 1:03d}"
        if not single:
            yield f"*ELSET, ELSET={label}"
            members = (np.flatnonzero(given.card == number) + first).tolist()
            yield from (", ".join(map(str, members[start : start + 16])) for start in range(0, len(members), 16))
        yield f"*MATERIAL, NAME=M_{label}"
        yield from _law(*constants)
        yield f"*SOLID SECTION, ELSET={label}, MATERIAL=M_{label}{oriented}"


def _law(young: float, ratio: float, *more: float) -> Iterator[str]:
    """Isotropic, with the axis as the first material direction, or with fibres to either side of the first one."""
    if not more:
        yield "*ELASTIC"
        yield f"{young:.12g}, {ratio:.12g}"
    elif len(more) == 2:
        yield from _fibred(young, ratio, *more)
    else:
        axial, contraction, shear = more
        yield "*ELASTIC, TYPE=ENGINEERING CONSTANTS"
        first = (axial, young, young, contraction, contraction, ratio, shear, shear)
        yield ", ".join(f"{value:.12g}" for value in first)
        yield f"{young / (2.0 * (1.0 + ratio)):.12g}"


def _fibred(young: float, ratio: float, modulus: float, cosine: float) -> Iterator[str]:
    """An isotropic body and modulus a a a a of both families, a = (cosine, +-sine, 0): their odd terms cancel."""
    shear = young / (2.0 * (1.0 + ratio))
    bulk = 2.0 * shear * ratio / (1.0 - 2.0 * ratio)
    along, across = cosine**2, 1.0 - cosine**2
    first, second, both = (2.0 * modulus * each for each in (along**2, across**2, along * across))
    axial = bulk + 2.0 * shear
    yield "*ELASTIC, TYPE=ORTHO"
    values = (axial + first, bulk + both, axial + second, bulk, bulk, axial, shear + both, shear)
    yield ", ".join(f"{value:.12g}" for value in values)
    yield f"{shear:.12g}"


def _frames(material: BodyMaterial) -> Floats | None:
    """First and second material direction per cell, shape (m, 6); None: isotropic.

    The first is the axis, or halfway between two families of fibres, in whose plane the second is.
    """
    if material.fibres is not None:
        one, other = material.fibres.directions
        pair = (one + other, one - other)
    elif material.axial is not None:
        axis = material.axial.axis
        pair = (axis, np.cross(axis, np.eye(3)[np.abs(axis).argmin(axis=1)]))
    else:
        return None
    return np.hstack([each / np.linalg.norm(each, axis=1)[:, None] for each in pair])


def _orientation(name: str, frames: Floats, first: int) -> Iterator[str]:
    """Local axes, cell by cell where they turn."""
    if np.all(frames == frames[0]):
        yield f"*ORIENTATION, NAME=AXIS_{name}, SYSTEM=RECTANGULAR"
        yield ", ".join(f"{value:.12g}" for value in frames[0])
        return
    yield f"*DISTRIBUTION, NAME=AXES_{name}"
    yield ", 1., 0., 0., 0., 1., 0."
    for number, frame in enumerate(frames.tolist()):
        yield f"{first + number}, " + ", ".join(f"{value:.12g}" for value in frame)
    yield f"*ORIENTATION, NAME=AXIS_{name}"
    yield f"AXES_{name}"
