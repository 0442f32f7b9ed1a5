"""The rows of an embedded screw seen along its axis, and where its thread ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from femsacrum.errors import NumericalError
from femsacrum.mechanics.coupling import JumpRows
from femsacrum.surgery.construct import Screw


def along_screw(rows: JumpRows, screw: Screw, length: float) -> JumpRows:
    """The same rows with local axes radial, along the screw and around it, of the threaded stretch only.

    Args:
        rows: Of the shaft in one host.
        screw: Entry and tip [mm].
        length: Threaded length, from the tip [mm].

    Raises:
        NumericalError: No point of the shaft in this host lies on the thread.
    """
    axis = (screw.tip - screw.entry) / np.linalg.norm(screw.tip - screw.entry)
    threaded = (screw.tip - rows.points) @ axis <= length
    if not threaded.any():
        raise NumericalError(
            f'screw "{screw.name}": its thread, {length:g} mm long, does not reach the body it is in'
        )
    radial = rows.frames[threaded, 0]
    radial = radial - (radial @ axis)[:, None] * axis
    radial /= np.linalg.norm(radial, axis=1)[:, None]
    along = np.broadcast_to(axis, radial.shape)
    return replace(
        rows,
        points=rows.points[threaded],
        frames=np.stack([radial, along, np.cross(radial, along)], axis=1),
        area=rows.area[threaded],
        slave=rows.slave[threaded],
        master=rows.master[threaded],
        slave_nodes=rows.slave_nodes[threaded],
        initial_gap=rows.initial_gap[threaded],
    )
