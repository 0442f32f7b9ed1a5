"""Miller's joint with cartilage that may part from the ilium but is held against sliding, as ridges that interlock do.

``python -m benchmarks.validation.miller_1987.parting`` prints what README.md tells of it, in three minutes.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.validation import miller_1987
from benchmarks.validation.bench import SOLVER, Bench
from femsacrum.mechanics.interfaces import UserLaw

ANATOMY = "reference_male"
#: Share of the bond that is left where the joint parts, so that nothing floats.
LEFT = 0.001
#: A bond that bears pressure and shear, and nearly no tension; its stiffness is the bond's own.
LAW = """
import numpy as np

def parting(jump, before, kept, *, stiffness, left):
    slope = np.full(jump.shape, stiffness)
    slope[:, 0] *= np.where(jump[:, 0] > 0.0, 1.0, left)
    return slope * jump, slope[:, :, None] * np.eye(3), np.zeros_like(jump)
"""


class Parting(Bench):
    """The bench with such joints; loads come in three steps."""

    def model(self, state, content):
        """As the bench's, with the law on every joint's side of the ilium."""
        model = super().model(state, content)
        return replace(model, interfaces=tuple(_parting(each) for each in model.interfaces))

    def solve(self, model, inputs, load_cases, solver=SOLVER):
        """As the bench's; with so many points that part it is not condensed."""
        return super().solve(
            model, inputs, load_cases, solver.model_copy(update={"method": "iterative", "increments": 3})
        )


def main():
    """Print both."""
    for words, bench in (("fast on both bones", Bench(ANATOMY)), ("parts from the ilium", Parting(ANATOMY))):
        found = miller_1987.measure(bench, {"bone_modulus": 1.0})
        print(f"{words}: " + ", ".join(f"{name} {value:.3g}" for name, value in found.items()), flush=True)


def _parting(interface):
    ends = (interface.contact.slave[0], interface.contact.master[0])
    if not (any(end.endswith("_sij") for end in ends) and any(end.endswith("_ilium") for end in ends)):
        return interface
    given = {"stiffness": interface.law.stiffness, "left": LEFT}
    return replace(interface, law=UserLaw("parting", LAW, "parting", given))


if __name__ == "__main__":
    main()
