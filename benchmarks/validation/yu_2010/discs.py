"""Yu's states with discs of one solid and of two parts.

``python -m benchmarks.validation.yu_2010.discs``, a quarter of an hour.
"""

from __future__ import annotations

from benchmarks.validation import yu_2010
from benchmarks.validation.bench import RUNS, Bench

ANATOMY, KINDS = "reference_male", ("one_solid", "nucleus_and_annulus")
#: What README.md tells, of everything that is measured.
TOLD = [
    "compression_intact_guided",
    *(f"compression_{state}_guided" for state in list(yu_2010.STATES)[1:]),
    "torsion_intact",
    *(f"torsion_{state}" for state in list(yu_2010.STATES)[1:]),
    "torsion_alone_intact",
]


def main(runs=RUNS):
    """Print them side by side."""
    found = [
        yu_2010.measure(Bench(ANATOMY, runs=runs / "discs" / kind, more={"materials": {"disc": kind}}), {})
        for kind in KINDS
    ]
    print(f"| {ANATOMY} | {' | '.join(KINDS)} |\n|---|---|---|")
    for key in TOLD:
        print(f"| {key} | {' | '.join(f'{one[key]:.4g}' for one in found)} |")


if __name__ == "__main__":
    main()
