"""Yu's states in compression with one thing of the model changed at a time.

``python -m benchmarks.validation.yu_2010.changed`` prints the table of README.md, in ten minutes.
"""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np

from benchmarks.validation import upper_levels, yu_2010
from benchmarks.validation.bench import RUNS, Bench
from benchmarks.validation.upper_levels import FREE, PER_DEGREE

ANATOMY, STATES = "reference_male", ("intact", "one_joint", "total_single", "total_dual")
#: The free level as it was before whole levels were looked up: middles of 1000-2500 and 100-300 N/mm, 1-3 and 2-6 N m/deg.
BEFORE = {
    "axial": 1580.0,
    "shear": 173.0 / upper_levels.PRELOADED,
    "bending": 1.73 * PER_DEGREE,
    "torsion": FREE["torsion"],
}
#: A head is what lies within this of it [mm]. Its modulus over the metal's is the least that a measured construct allows: of
#: two rods in F1717 43 N/mm were measured where the twin, heads as solid as rods, has 59.1. If the heads were all of the
#: difference, each would give 1/k = (1/43 - 1/59.1)/46.5^2 rad/(N mm) at the lever of 46.5 mm; a rod of 5.5 mm, 10 mm long,
#: gives 10/(E I), E I = 4.94e6 N mm2, and (1/f - 1) times that more at the share f.
HEAD, SHARE = 5.0, 0.41


def main(runs=RUNS):
    """Print stiffness of L4's endplate alone, and of the intact with the levels above, state by state."""
    bench = Bench(ANATOMY, runs=runs)
    models = _models(bench)
    print(f"| {ANATOMY} | {' | '.join(STATES)} | of intact |\n|---|{'---|' * (len(STATES) + 1)}")
    _row("as it is", bench, models)
    _row("L4 itself guided", bench, models, "stiff guided")
    _row("heads as soft as F1717 allows", bench, {state: _soft_heads(model) for state, model in models.items()})
    with patch.object(upper_levels, "level_height", lambda assembly: 0.0):
        _row("no L3 under the free level", bench, models)
    with patch.dict(FREE, BEFORE):
        _row("free level as it was before", bench, models)
    solid = Bench(ANATOMY, runs=runs / "changed", more={"materials": {"disc": "one_solid"}})
    _row("discs of one solid", solid, _models(solid))


def _models(bench):
    return {state: model for state, model in yu_2010.states(bench).items() if state in STATES}


def _row(words, bench, models, head="guided"):
    force, moment = yu_2010.FORCE, yu_2010.MOMENT
    solved = {
        state: upper_levels.told(bench, model, {}, force, moment, (head,))[head] for state, model in models.items()
    }
    found = yu_2010.of_intact(solved, {}, "axial", "compression", "", 1.0)
    alone = " | ".join(f"{one.stiffness:.0f}" for one in solved.values())
    shares = ", ".join(f"{found[f'compression_{state}']:.1f}" for state in STATES[1:])
    print(f"| {words} | {alone} | {shares} % |", flush=True)


def _soft_heads(model):
    """The same with the metal of every screw's head softened."""
    heads = np.array([screw.head for screw in model.assembly.construct.screws])
    materials = dict(model.materials)
    for name, body in model.assembly.bodies.items():
        if body.role == "fixation":
            middles = body.nodes[body.cells[:, :4]].mean(axis=1)
            near = (np.linalg.norm(middles[:, None] - heads, axis=2) < HEAD).any(axis=1)
            metal = materials[name]
            materials[name] = replace(metal, youngs_modulus=np.where(near, SHARE, 1.0) * metal.youngs_modulus)
    return replace(model, materials=materials)


if __name__ == "__main__":
    main()
