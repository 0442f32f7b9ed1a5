"""What a lumbar level owes to its disc, to its ligaments and to its facet joints.

``python -m benchmarks.validation.yamamoto_1989.levels`` prints the table of docs/laws/ligament.md, and the same with discs
of one solid, in five minutes.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.validation.bench import RUNS, Bench
from benchmarks.validation.yamamoto_1989 import INTACT, MOMENT, turned

ANATOMY, KINDS = "reference_male", ("nucleus_and_annulus", "one_solid")
#: Moment of the secants [N mm].
SECANT = 7e3
#: Column -> whether a spring of that name is there.
WITH = {
    "disc alone": lambda name: False,
    "ligaments": lambda name: "facet" not in name,
    "facets": lambda name: "facet" in name,
    "both": lambda name: True,
}


def main(runs=RUNS):
    """Secants [N m/deg], and turns under the largest moment [deg]."""
    for kind in KINDS:
        bench = Bench(ANATOMY, runs=runs / "levels" / kind, more={"materials": {"disc": kind}})
        whole = bench.model("lumbar_intact", INTACT)
        secants = {}
        for words, there in WITH.items():
            model = replace(whole, springs=tuple(spring for spring in whole.springs if there(spring.name)))
            degrees = turned(bench, model, {}, SECANT)
            secants[words] = {movement: 1e-3 * SECANT / degree for movement, degree in degrees.items()}
        far = turned(bench, whole, {}, MOMENT)
        print(f"| {kind} | {' | '.join(WITH)} | at 10 N m [deg] |\n|---|{'---|' * (len(WITH) + 1)}")
        for movement, degree in far.items():
            row = " | ".join(f"{secants[words][movement]:.2f}" for words in WITH)
            print(f"| {movement} | {row} | {degree:.1f} |", flush=True)


if __name__ == "__main__":
    main()
