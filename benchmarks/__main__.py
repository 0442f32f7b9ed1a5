"""Benchmarks of femsacrum: ``python -m benchmarks GROUP [case ...] [--json FILE]``.

Prints a table; exit code 1 when a value that is judged is out. Groups: verification (against closed forms and
CalculiX), convergence (what a finer mesh changes), performance (ratios of two things timed in one run), landmarks
(automatic ones against points picked by hand), anatomies (from files to meshes with materials), plans (from files to
a converged standing case), loads (what the way of holding the pelvis changes; hip
forces of activities beside those of people), validation (what the model foretells beside what was measured; writes
predictions, figures and the table that reports print).
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.validation import experiment as validation

CASES = {
    "verification": (
        "order",
        "patch",
        "sliding",
        "friction_loop",
        "increments",
        "rod",
        "fatigue",
        "box_beam",
        "cook",
        "le10",
        "off_axis",
        "disc",
        "manufactured",
        "hertz",
        "hertz_sphere",
        "cattaneo_sphere",
        "press_fit",
        "shear_lag",
        "hetenyi",
        "bolt",
        "ligaments",
        "preload_off",
        "stem",
        "filleted_stem",
    ),
    "convergence": ("mesh_size",),
    "performance": (
        "kernels",
        "density",
        "friction",
        "processes",
        "pelvis",
        "gait",
        "instant",
        "table",
        "driver",
        "sweep",
    ),
    "landmarks": ("accuracy",),
    "anatomies": ("eight",),
    "plans": ("six",),
    "loads": (),
    "validation": validation.names(),
}
#: Cases of the table that take longer than a test may.
SLOW = ("hertz", "hertz_sphere", "cattaneo_sphere", "press_fit", "stem", "filleted_stem")
#: Run only when named: they need another program, and minutes.
ON_REQUEST = {
    "verification": ("stem_calculix", "filleted_stem_calculix", "filleted_stem_full", "ranks"),
    "performance": ("peer", "peer_large", "peer_friction", "ranks"),
    "anatomies": ("large", "repeated"),
    "plans": ("designed",),
    "loads": ("supports", "hip_force", "trends"),
}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("group", choices=CASES)
    parser.add_argument("cases", nargs="*", help="some of the group's; left out: all that need no other program")
    parser.add_argument("--json", type=Path, help="also write the rows, and the record of what was run, to this file")
    parser.add_argument(
        "--central", action="store_true", help="validation: only the model's own inputs, no band, no finer mesh"
    )
    parser.add_argument("--kept", action="store_true", help="validation: solve nothing, compare and draw once more")
    parser.add_argument("--anatomies", type=int, help="validation: at most so many")
    given = parser.parse_args(arguments)
    known = CASES[given.group] + ON_REQUEST.get(given.group, ())
    unknown = set(given.cases) - set(known)
    if unknown:
        parser.error(f"unknown case {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    if not (given.cases or CASES[given.group]):
        parser.error(f"group {given.group} runs only what is named: {', '.join(known)}")
    if given.group == "validation":
        return _validate(given)
    rows, records, failed = [], {}, 0
    print(f"{'case':50} {'quantity':38} {'measured':>12} {'reference':>12} {'error':>9} {'allowed':>9}")
    for name in given.cases or CASES[given.group]:
        start = time.perf_counter()
        module = importlib.import_module(f"benchmarks.{given.group}.{name}")
        for row in module.rows():
            verdict = "" if not row.judged else "ok" if row.passed else "OUT"
            failed += not row.passed
            print(
                f"{row.case:50} {row.quantity:38} {row.measured:12.6g} {row.reference:12.6g} "
                f"{row.error:9.1e} {row.tolerance:9.1e} {verdict}",
                flush=True,
            )
            rows.append(asdict(row) | {"error": float(row.error), "passed": bool(row.passed)})
        if hasattr(module, "record"):  # settings and single runs behind the rows
            records[name] = module.record()
        print(f"  {name}: {time.perf_counter() - start:.1f} s", flush=True)
    if given.json:
        given.json.write_text(json.dumps({"rows": rows, "records": records}, indent=1, default=float) + "\n")
    print(
        f"{failed} of {sum(1 for row in rows if row['judged'])} out of tolerance"
        if failed
        else "all within tolerance"
    )
    return 1 if failed else 0


def _validate(given):
    """Foretold values have a band and a hash beside what was measured: a table of its own."""
    from benchmarks.validation.run import run

    missed, told = run(given.cases, central=given.central, most=given.anatomies, kept=given.kept)
    if given.json:
        given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
