"""How rigorous the evidence for a credibility factor should be, and how rigorous that of a run is.

Factors are those of ASME V&V 40-2018; levels, the scale of model risk, the goals and the rules by which a run reaches a
level are of this project. What a run reaches follows from its folder and from the experiments that stand in every
report; only that a context of use was stated is taken from whoever asks for the report.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from femsacrum.report.document.asked import GRADES, Asked
from femsacrum.report.document.chapters.code import qualified, same_code
from femsacrum.report.document.evidence import Evidence

#: Largest model risk.
HIGHEST = 2 * len(GRADES) - 1
#: Checks of a load case that say that it was solved.
SOLVED = ("solution converged", "loads and reactions balance")


@dataclass(frozen=True)
class Factor:
    """A credibility factor.

    Attributes:
        key: Short name.
        name: As it is read.
        levels: From little rigour on.
    """

    key: str
    name: str
    levels: tuple[str, ...]

    def goal(self, risk: int) -> int:
        """Number of the level that a model risk asks for: shared out evenly, the highest risk takes the last."""
        return -(-risk * len(self.levels) // HIGHEST) - 1


@cache
def factors() -> tuple[Factor, ...]:
    """Every factor, in the order of the standard."""
    told = tomllib.loads((resources.files("femsacrum.report") / "gradations.toml").read_text("utf-8"))
    return tuple(Factor(each["key"], each["name"], tuple(each["levels"])) for each in told["factor"])


def risk(influence: str, consequence: str) -> int:
    """Model risk from 1 to 5: one more than the steps of both from low."""
    return GRADES.index(influence) + GRADES.index(consequence) + 1


def letter(level: int) -> str:
    """a, b, c, ..."""
    return "abcdefgh"[level]


def reached(run: Evidence, asked: Asked, experiments: Mapping[str, Any] | None) -> dict[str, int]:
    """Number of the level that the evidence of a run reaches, factor by factor.

    Files of a folder that is not as the run left it show nothing. Levels that no run folder can show (an audit, a second
    person, an argued overlap) are never reached.

    Args:
        run: Content of the run folder.
        asked: Whether a context of use was stated.
        experiments: What ``validation`` tells; None: nothing.
    """
    whole = run.integrity is not None and run.integrity.holds
    compared = bool(experiments)
    return {
        "software_quality": int(whole),
        "numerical_code": _code(run) if whole else 0,
        "discretisation": _discretisation(run) if whole else 0,
        "solver": _solver(run) if whole else 0,
        "use_error": int(whole),
        "model_form": int(run.findings is not None),
        "model_inputs": int(whole and bool(run.sensitivity and run.sensitivity["rows"])),
        "test_samples": int(compared),
        "test_conditions": int(compared),
        "equivalency": int(compared),
        "output": _output(experiments),
        "quantities": int(compared),
        "context": int(compared and bool(asked.context_of_use)),
    }


def _code(run: Evidence) -> int:
    if run.qualification is None or not same_code(run):
        return 0
    passed, judged = qualified(run.qualification)
    return 0 if not judged else 2 if passed == judged else 1


def _discretisation(run: Evidence) -> int:
    rows = (run.convergence or {}).get("quantities", ())
    main = [row for row in rows if row["main"] and row.get("counts", True)]
    if not main:
        return 0
    near = sum(bool(row["asymptotic"] and not row["singular"]) for row in main)
    return 3 if near == len(main) else 2 if 2 * near >= len(main) else 1


def _solver(run: Evidence) -> int:
    if run.findings is None:
        return 0
    checks = [row for case in run.findings["load_cases"].values() for row in case["validity"]]
    solved = all(row["holds"] for row in checks if row["check"] in SOLVED)
    settled = all(walk["outcome"] == "shakes down" for walk in (run.findings.get("movements") or {}).values())
    if not (solved and settled):
        return 0
    return 2 if run.convergence and run.convergence.get("effects") else 1


def _output(experiments: Mapping[str, Any] | None) -> int:
    counts = [each for name in ("cadavers", "bench") if (each := (experiments or {}).get(name))]
    judged = sum(each["judged"] for each in counts)
    if not judged:
        return 0
    return 2 if sum(each["agreed"] for each in counts) == judged else 1
