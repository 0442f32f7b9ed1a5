"""How far a number is from the one an infinitely fine mesh would give, from three meshes.

Sources: Celik, Ghia, Roache, Freitas, Coleman and Raad, J. Fluids Eng. 130 (2008) 078001, the procedure of ASME V&V 20:
h = (V/N)^(1/3), the order from three meshes whose ratio need not be constant, the extrapolated value, and the grid
convergence index with a factor of 1.25. Roache, J. Fluids Eng. 133 (2011) 115501: where the observed order is not
reasonable, fall back on the theoretical one with a factor of 3. Oberkampf and Roy, Verification and Validation in
Scientific Computing (2010), section 8.6: then with an order from 0.5 to the theoretical one. Eca and Hoekstra, J. Comput.
Phys. 262 (2014) 104: without monotone convergence, three times the range of the values. [M-high; the last two M-med, not
read again.]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Factor of safety in the asymptotic range, three meshes (Celik 2008; Roache).
SURE = 1.25
#: Factor of safety outside it (Roache 2011; Oberkampf and Roy 2010; Eca and Hoekstra 2014).
UNSURE = 3.0
#: Least order with which an error is reckoned and a value extrapolated (Oberkampf and Roy 2010).
LEAST_ORDER = 0.5
#: Distance of the observed from the formal order, over the formal one, up to which the range counts as asymptotic. Ours:
#: no standard gives a number; wide, since unstructured meshes are similar only on the whole, so the order is told too.
FAR = 0.5
#: Range of the values over the largest of them below which they do not depend on the mesh [1]. Ours: an order cannot be seen
#: in differences that scatter of the meshes outweighs, and nobody decides by a thousandth.
SAME = 1e-3
#: Orders are looked for up to here, either way.
_STEEPEST = 60.0


@dataclass(frozen=True)
class Estimate:
    """What three meshes tell of one quantity.

    Attributes:
        order: Observed; None: it has none.
        richardson: Extrapolated to an infinitely fine mesh, in the quantity's unit; None: nothing to extrapolate.
        gci: Half-width of the band round the finest mesh's value, in the quantity's unit.
        asymptotic: The order is near the formal one, or the value does not depend on the mesh.
        grows: The size grows with every refinement, by steps that do not shrink.
        why: In words.
    """

    order: float | None
    richardson: float | None
    gci: float
    asymptotic: bool
    grows: bool
    why: str


def estimate(values: Sequence[float], sizes: Sequence[float], formal: float) -> Estimate:
    """Order, extrapolated value and band of one quantity.

    Args:
        values: On the fine, the middle and the coarse mesh.
        sizes: Representative cell sizes of the three, ascending [mm].
        formal: Order that theory gives the quantity where the solution is smooth.
    """
    fine, middle, coarse = values
    spread = max(values) - min(values)
    if spread <= SAME * max(map(abs, values)):
        why = "does not depend on the mesh: the values differ by less than 0.1 %"
        return Estimate(None, fine, UNSURE * spread, True, False, why)
    step, before = middle - fine, coarse - middle
    if step * before <= 0.0:
        turns = "goes up and down as the mesh is refined"
        if not step or not before:
            turns = f"{'changes' if step else 'stands still'} on the last refinement only"
        return Estimate(None, None, UNSURE * spread, False, False, turns)
    order = observed_order(before / step, sizes[1] / sizes[0], sizes[2] / sizes[1])
    if order <= 0.0:
        grows = abs(fine) > abs(middle) > abs(coarse)
        return Estimate(order, None, UNSURE * spread, False, grows, f"steps do not shrink (order {order:.2g})")
    ratio = sizes[1] / sizes[0]
    asymptotic = abs(order - formal) <= FAR * formal
    used = min(order, formal) if asymptotic else min(max(order, LEAST_ORDER), formal)
    gci = (SURE if asymptotic else UNSURE) * abs(step) / (ratio**used - 1.0)
    richardson = fine - step / (ratio**order - 1.0) if order >= LEAST_ORDER else None
    why = f"order {order:.2g}, formal {formal:g}"
    return Estimate(order, richardson, gci, asymptotic, False, why if asymptotic else f"{why}: too far apart")


def unlike(values: Sequence[float], why: str) -> Estimate:
    """The band of values that are not of the same thing, and so have no order.

    Args:
        values: On the three meshes.
        why: In words.
    """
    return Estimate(None, None, UNSURE * (max(values) - min(values)), False, False, why)


def observed_order(steps: float, fine_ratio: float, coarse_ratio: float) -> float:
    """The p of f(h) = f0 + C h^p through three meshes.

    Solves (f3 - f2) / (f2 - f1) = r21^p (r32^p - 1) / (r21^p - 1), the procedure of Celik 2008 without its absolute
    value, so that differences that grow give a negative order instead of a positive one. The right side grows with p.

    Args:
        steps: (f3 - f2) / (f2 - f1), positive; 1 is the finest mesh.
        fine_ratio: r21 = h2 / h1, above 1.
        coarse_ratio: r32 = h3 / h2, above 1.

    Returns:
        The order, from -60 to 60: beyond, it means nothing.
    """
    near, far = math.log(fine_ratio), math.log(coarse_ratio)

    def right(order: float) -> float:
        if abs(order) < 1e-12:
            return math.log(far / near)
        return order * near + math.log(math.expm1(order * far) / math.expm1(order * near))

    low, high, wanted = -_STEEPEST, _STEEPEST, math.log(steps)
    for _ in range(60):  # halves the interval down to the last digit
        middle = 0.5 * (low + high)
        low, high = (middle, high) if right(middle) < wanted else (low, middle)
    return 0.5 * (low + high)
