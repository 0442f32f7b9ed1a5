"""The table of docs/constructs.md from the runs that ``python -m benchmarks plans six`` left.

Usage: python -m benchmarks.plans.table [FOLDER]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.plans.cases import ANATOMIES, PLANS
from benchmarks.plans.six import RUNS

HEAD = (
    "anatomy",
    "plan",
    "tetrahedra",
    "least gamma",
    "L5 down [mm]",
    "stiffness [N/mm]",
    "99.9 % of von Mises [MPa]",
    "rods and screws bend",
)


def lines(folder):
    """Lines of the table; a run that is not there is left out."""
    yield f"| {' | '.join(HEAD)} |"
    yield f"|{'---|' * len(HEAD)}"
    for anatomy in ANATOMIES:
        for plan in PLANS:
            path = Path(folder) / f"{anatomy}_{plan}" / "findings.json"
            if path.exists():
                yield f"| {' | '.join([anatomy, plan, *row(json.loads(path.read_text(encoding='utf-8')))])} |"


def row(found):
    """Cells of one run."""
    standing, bodies = found["load_cases"]["standing"], found["mesh"]["bodies"].values()
    stress = [body["von_mises_p999"]["value"] for body in standing["implants"].values()]
    bent = [member["ratio"]["value"] for member in found["beams"]["members"].values() if member["ratio"]["value"]]
    return (
        f"{found['mesh']['tetrahedra']:,}",
        f"{min(body['gamma_min']['value'] for body in bodies):.2f}",
        f"{standing['deformation']['L5_drop']['value']:.2f}",
        f"{standing['deformation']['construct_stiffness']['value']:.0f}",
        f"{max(stress):.0f}" if stress else "–",
        f"{min(bent):.3f} to {max(bent):.3f}" if bent else "–",
    )


if __name__ == "__main__":
    print("\n".join(lines(sys.argv[1] if len(sys.argv) > 1 else RUNS)))
