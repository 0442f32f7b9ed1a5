"""The rows of an embedded screw seen along its axis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from femsacrum.mechanics.coupling import JumpRows
from femsacrum.surgery.construct import Screw


def along_screw(rows: JumpRows, screw: Screw) -> JumpRows:
    """The same rows with local axes radial, along the screw and around it.

    Args:
        rows: Of the shaft in one host.
        screw: Entry and tip [mm].
    """
    axis = (screw.tip - screw.entry) / np.linalg.norm(screw.tip - screw.entry)
    radial = rows.frames[:, 0] - (rows.frames[:, 0] @ axis)[:, None] * axis
    radial /= np.linalg.norm(radial, axis=1)[:, None]
    along = np.broadcast_to(axis, radial.shape)
    return replace(rows, frames=np.stack([radial, along, np.cross(radial, along)], axis=1))
