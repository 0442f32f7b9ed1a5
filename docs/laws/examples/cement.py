"""A law of one's own: a layer of bone cement that cracks under tension and then only rubs and carries compression.

The layer is elastic, k_n and k_t per area. Once the tension reaches its strength f it softens linearly and carries none
at an opening w; the damage D, 0 to 1, never heals. The share D of the area that is cracked rubs with friction mu:

    t_n = k_n (<j_n> - (1 - D) <-j_n>),    t_T = (1 - D) k_t j_T + D r,    |r| <= mu k_n <j_n>

Source: G. Alfano, E. Sacco, Int. J. Numer. Meth. Engng 68 (2006) 542-582 (damage and friction side by side).
"""

import numpy as np


def cement(jump, before, kept, *, k_n, k_t, strength, crack_opening, friction):
    """Traction [MPa], tangent [MPa/mm] and what is kept: damage [1] and the slip of the cracked share [mm].

    k_n, k_t [MPa/mm]; strength [MPa]; crack_opening [mm], more than strength/k_n; friction [1].
    """
    normal, shear = jump[:, 0], jump[:, 1:]
    first = strength / k_n  # opening at which the crack begins
    opening = np.maximum(-normal, first)
    share = crack_opening / (crack_opening - first)
    cracked = share * (1.0 - first / opening)
    grows = (cracked > kept[:, 0]) & (cracked < 1.0)
    damage = np.clip(cracked, kept[:, 0], 1.0)
    growth = np.where(grows, -share * first / opening**2, 0.0)  # dD/dj_n
    pressure = k_n * np.maximum(normal, 0.0)

    trial = k_t * (shear - kept[:, 1:])
    size, limit = np.linalg.norm(trial, axis=1), friction * pressure
    slips = size >= limit
    along = trial / np.where(size > 0.0, size, 1.0)[:, None]
    rubbing = np.where(slips[:, None], limit[:, None] * along, trial)

    traction = np.column_stack([pressure, (1.0 - damage)[:, None] * k_t * shear + damage[:, None] * rubbing])
    traction[:, 0] += (1.0 - damage) * k_n * np.minimum(normal, 0.0)

    tangent = np.zeros((len(jump), 3, 3))
    tangent[:, 0, 0] = k_n * np.where(normal > 0.0, 1.0, 1.0 - damage - growth * normal)
    tangent[:, 1:, 0] = growth[:, None] * (rubbing - k_t * shear)
    tangent[:, 1:, 0] += (damage * slips * (normal > 0.0) * friction * k_n)[:, None] * along
    across = np.where(slips, limit / np.where(size > 0.0, size, 1.0), 1.0)  # of the stiffness across the slip
    lost = np.where(slips, across, 0.0)[:, None, None] * along[:, :, None] * along[:, None, :]
    tangent[:, 1:, 1:] = k_t * (
        (1.0 - damage + damage * across)[:, None, None] * np.eye(2) - damage[:, None, None] * lost
    )
    return traction, tangent, np.column_stack([damage, shear - rubbing / k_t])
