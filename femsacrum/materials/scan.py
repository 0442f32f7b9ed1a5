"""The CT of a case: which bones it is asked about, and whether they lie on its bone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from femsacrum.errors import InputError
from femsacrum.images.read import read_volume
from femsacrum.images.volume import Volume
from femsacrum.materials.calibration import calibrated
from femsacrum.materials.density import Chain, Line, chain, law_of
from femsacrum.materials.overlap import refuse_misplaced
from femsacrum.meshing.bodies import Assembly
from femsacrum.paths import locate

if TYPE_CHECKING:
    from femsacrum.case.schema import Materials

KEY = "materials.ct.file"


@dataclass(frozen=True)
class Scan:
    """A CT that has been read.

    Attributes:
        volume: Hounsfield units.
        line: From Hounsfield units to a density.
        chains: Bone -> chain from Hounsfield units to its modulus; only bones that are mapped.
    """

    volume: Volume
    line: Line
    chains: Mapping[str, Chain]


def scan(materials: Materials, assembly: Assembly, folder: Path, data: Sequence[Path]) -> Scan | None:
    """Reads the case's CT.

    Args:
        materials: Of the case.
        assembly: The meshed bodies.
        folder: The case file's folder.
        data: Data folders.

    Returns:
        None where the case has no CT.

    Raises:
        InputError: It cannot be read or calibrated, no bone is to be mapped, or the bones do not lie in it.
    """
    ct = materials.ct
    if ct is None:
        return None
    line = calibrated(ct)
    bones = mapped_bones(materials, assembly)
    laws = {name: law_of(name, ct.laws) for name in bones}
    keys = {name: f"materials.ct.laws.{name if name in ct.laws else 'bone'}" for name in bones}
    chains = {name: chain(line, laws[name], keys[name], ct.conversions) for name in bones}
    volume = read_volume(locate(ct.file, folder, data, KEY, folders=True), KEY, ct.series)
    refuse_misplaced(volume, {name: assembly.construct.anatomy.parts[name] for name in bones}, KEY)
    return Scan(volume, line, chains)


def mapped_bones(materials: Materials, assembly: Assembly) -> tuple[str, ...]:
    """Bones whose cores are taken from the CT: those the case names, or each of this patient's own.

    Raises:
        InputError: There is none.
    """
    if materials.ct is not None and materials.ct.bodies:
        return materials.ct.bodies
    own, given = assembly.construct.anatomy.own, materials.bodies
    bones = tuple(name for name in assembly.bodies if name in own and name not in given and "bone" not in given)
    if not bones:
        raise InputError(
            "materials.ct",
            "no bone is this patient's own without a material of the case: give surfaces or labels of bones in this image "
            "(anatomy.surfaces, anatomy.labels), or name the bones in materials.ct.bodies",
        )
    return bones
