"""How it was discretised and solved, and how exact that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report import tables
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Cell, Equation, Items, Paragraph, Picture, Section, absent, table
from femsacrum.report.words import number, plain, spoken

Findings = Mapping[str, Any]

SOLVED = ("load case", "increments", "force out of balance", "moment", "reactions off statics", "largest contact error",
          "converged")  # fmt: skip
QUANTITIES = ("load case", "quantity", "fine", "middle", "coarse", "unit", "order", "Richardson", "GCI", "standing")
#: Main quantities told of each setting of the solver.
LARGEST = 8
PICTURE = Picture(
    "credibility/convergence.png",
    "Grid convergence",
    "Left: distance from the extrapolated value of every quantity that has one, over the cell size. Right: largest values "
    "at a point over those on the coarse mesh; those that keep growing are singular.",
    "Grid convergence. Two plots over the cell size of three meshes: distance from the extrapolated value, and growth of "
    "peaks; their figures stand in the tables of this section.",
)
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
        "Three meshes of systematically changed element sizes. Observed order p, Richardson's value and grid convergence "
        "index from the values f1, f2, f3 on cells of h1 < h2 < h3 with ratio r (Celik 2008, J Fluids Eng 130:078001); "
        "outside the asymptotic range the factor is 3 in place of 1.25 (Roache 2011, J Fluids Eng 133:115501):"
    )
    yield Equation(
        "gci", "GCI is 1.25 times the size of f 2 minus f 1, over the size of f 1 times r to the p minus 1"
    )
    meshes = (
        (mesh["name"], _plain(mesh["factor"], 3), str(mesh["tetrahedra"]), _figure(mesh["size"], 3))
        for mesh in found["meshes"]
    )
    yield table("The three meshes", ("mesh", "element sizes over the case's", "tetrahedra", "mean cell size"), meshes)
    if (run.folder / PICTURE.file).is_file():
        yield PICTURE
    rules = [f"{spoken(key)}: {rule}." for key, rule in found["rules"].items()]
    main = [row for row in found["quantities"] if row["main"]]
    rest = [row for row in found["quantities"] if not row["main"]]
    yield table("Grid convergence of the main quantities", QUANTITIES, map(_converged, main), [" ".join(rules)])
    if rest:
        yield table("Grid convergence of every other quantity", QUANTITIES, map(_converged, rest))
    moved = [
        (
            row["what"],
            row["load_case"],
            row["words"],
            f"{row['from']:g} to {row['to']:g}",
            _percent(row["change_percent"]),
        )
        for row in _most_moved(found["effects"])
    ]
    if moved:
        caption = (
            f"What solving otherwise changes most, on the coarse mesh: {LARGEST} main quantities of each setting"
        )
        yield table(caption, ("setting", "load case", "quantity", "from, to", "change"), moved)
    if found["remarks"]:
        yield Items(tuple(found["remarks"]))


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


def _figure(entry: Findings, digits: int = 2) -> Cell:
    return Cell(number(entry, digits), "", entry["value"], entry["unit"])


def _plain(value: float | None, digits: int = 4) -> Cell:
    return Cell("–" if value is None else plain(value, digits), "", value, "1")


def _percent(value: float | None) -> Cell:
    return Cell("–" if value is None else f"{plain(value, 2)} %", "", value, "%")


def _most_moved(effects: list[Findings]) -> Iterator[Findings]:
    """Of each setting the main quantities that it changes most."""
    for what in dict.fromkeys(row["what"] for row in effects):
        known = [row for row in effects if row["what"] == what and row["main"] and row["change_percent"] is not None]
        yield from sorted(known, key=lambda row: -abs(row["change_percent"]))[:LARGEST]


def _converged(row: Findings) -> tuple[object, ...]:
    values = (_plain(value) for value in row["values"])
    return (row["load_case"], row["words"], *values, row["unit"], _plain(row["order"], 2), _plain(row["richardson"]),
            _percent(row["gci_percent"]), _standing(row))  # fmt: skip


def _standing(row: Findings) -> Cell:
    if not row.get("counts", True):
        return Cell("nothing, or all, on every mesh: tells nothing")
    if row["asymptotic"] and not row["singular"]:
        return Cell("in the asymptotic range")
    start = "" if row["singular"] else "not in the asymptotic range: "
    return Cell(f"{start}{row['why']}", "no")
