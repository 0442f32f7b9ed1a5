"""How it was discretised and solved, and how exact that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report import tables
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Cell, Equation, Paragraph, Section, absent, table
from femsacrum.report.words import number, plain, spoken

Findings = Mapping[str, Any]

SOLVED = ("load case", "increments", "force out of balance", "moment", "reactions off statics", "largest contact error",
          "converged")  # fmt: skip
NOT_CONVERGED = (
    "femsacrum converge solves three systematically refined meshes; without it the numerical uncertainty of every "
    "figure in this report is unknown, and none may be compared with a limit closer than that."
)


def discretization(run: Evidence, found: Findings) -> Section:
    """Elements, their quality, and what a finer mesh changes."""
    sizes = "; ".join(f"{key} {value}" for key, value in run.case.get("mesh", {}).items() if isinstance(value, str))
    blocks: list[Block] = [
        Paragraph(
            f"{found['mesh']['tetrahedra']} tetrahedra, each body with a mesh of its own. Element sizes asked for: "
            f"{sizes}. Bone has linear elements unless the case says otherwise; discs, cartilage, implants, grafts, "
            "rods and screws quadratic ones."
        ),
        *(each.picture() for each in run.pictures_of(None, "mesh")),
        tables.model.quality(found),
    ]
    if found["beams"]["members"]:
        blocks.append(tables.model.beams(found))
    blocks.append(Section("Calculation verification", tuple(calculation(run))))
    return Section("System Discretization", tuple(blocks))


def calculation(run: Evidence) -> Iterator[Block]:
    """Grid convergence of the reported quantities, and what solver settings change."""
    if run.convergence is None:
        yield absent("Mesh convergence of the reported quantities (credibility/convergence.json)", NOT_CONVERGED)
        return
    found = run.convergence
    yield Paragraph(
        "Observed order p, Richardson's value and grid convergence index from three meshes with sizes h1 < h2 < h3, ratio r "
        "and values f1, f2, f3 (Celik 2008, J Fluids Eng 130:078001):"
    )
    yield Equation(
        "gci", "GCI is 1.25 times the size of f 2 minus f 1, over the size of f 1 times r to the p minus 1"
    )
    rows = (
        (row["load_case"] or "all", row["words"], *(_plain(value) for value in row["values"]), row["unit"],
         _plain(row["order"], 2), _plain(row["richardson"]), _percent(row["gci_percent"]), _standing(row))
        for row in found["quantities"]
    )  # fmt: skip
    columns = (
        "load case",
        "quantity",
        "finest",
        "middle",
        "coarsest",
        "unit",
        "order",
        "Richardson",
        "GCI",
        "standing",
    )
    yield table("Grid convergence of the reported quantities", columns, rows)
    if found.get("effects"):
        moved = ((spoken(row["what"]), row["quantity"], _percent(row["change_percent"])) for row in found["effects"])
        yield table("What solver settings change", ("setting", "quantity", "change"), moved)


def implementation(run: Evidence, found: Findings) -> Section:
    """Solver, tolerances, convergence, balance."""
    given = run.case.get("solver", {})
    rows = ((spoken(key), str(value)) for key, value in given.items())
    versions = (run.manifest or {}).get("versions", {})
    solver = ", ".join(f"{name} {versions[name]}" for name in ("dolfinx-solver-real", "gmsh") if name in versions)
    blocks: list[Block] = [
        Paragraph(
            f"FEniCSx assembles{f' ({solver})' if solver else ''}. Newton's method, with increments that are cut and "
            "grown again; its linear systems by a Krylov method of PETSc, preconditioned by a multigrid cycle. A "
            "load case counts as solved when the residual is below the tolerance and penetration and elastic slip of "
            "exact contact are below their share of the interface's largest motion."
        ),
        table("Settings of the solver", ("setting", "value"), rows),
        table("How the load cases were solved", SOLVED, _solved(found)),
    ]
    for name, walk in (found.get("movements") or {}).items():
        steps = ", ".join(str(count) for count in walk["newton_steps"])
        blocks.append(Paragraph(f"{name}: Newton steps in cycles 1 to {walk['cycles']}: {steps}.", "small"))
    return Section("Numerical Implementation", tuple(blocks))


def _solved(found: Findings) -> Iterator[tuple[object, ...]]:
    for name, case in found["load_cases"].items():
        balance = case["equilibrium"]
        errors = [row["contact_error"]["value"] for row in case["interfaces"].values()]
        worst = max((error for error in errors if error is not None), default=None)
        fine = next(row["holds"] for row in case["validity"] if row["check"] == "solution converged")
        yield (
            name, str(case["increments"]), *(_figure(balance[key]) for key in ("force_imbalance", "moment_imbalance",
            "reactions_off_statics")), _percent(worst), Cell("yes" if fine else "NO", "" if fine else "no"),
        )  # fmt: skip


def _figure(entry: Findings) -> Cell:
    return Cell(number(entry, 2), "", entry["value"], entry["unit"])


def _plain(value: float | None, digits: int = 4) -> Cell:
    return Cell("–" if value is None else plain(value, digits), "", value, "1")


def _percent(value: float | None) -> Cell:
    return Cell("–" if value is None else f"{plain(value, 2)} %", "", value, "%")


def _standing(row: Findings) -> Cell:
    if row["singular"]:
        return Cell(f"singular: {row['why']}", "no")
    if not row["asymptotic"]:
        return Cell(
            f"not in the asymptotic range: {row['why']}" if row["why"] else "not in the asymptotic range", "no"
        )
    return Cell("in the asymptotic range")
