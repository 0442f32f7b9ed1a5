"""What was modelled: configuration, equations, properties, conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femsacrum.report import tables
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Equation, Items, Paragraph, Section, absent, table
from femsacrum.report.summary import attribution, statics_note
from femsacrum.report.words import number, spoken

Findings = Mapping[str, Any]

NOMINAL = (
    "Geometry is nominal: what a part printed or bent within its tolerance would change is not known, and the "
    "worst-case size of a family of implants was not sought."
)
ASSUMED = (
    "Quasi-static: no inertia, no rate. Walking is a row of instants in equilibrium.",
    "Small strains, small displacements, small sliding; all geometry is that of the unloaded state. Rationale: "
    "elastic strains of bone and metal under these loads are below a per cent; rotations are checked against 2 "
    "degrees in every load case.",
    "Linear elasticity: bone and metal do not yield, creep, remodel or wear. Rationale: outcomes are compared with "
    "yield; what lies beyond it is told as volume and not relied on for redistribution.",
    "Bodies have meshes of their own and meet only at interfaces, so that an implant can be exchanged without "
    "meshing the bone anew.",
    "Temperature and rate do not enter: constants are those at body temperature and quasi-static rates, as their sources "
    "tell them.",
)


def configuration(run: Evidence, found: Findings) -> Section:
    """Anatomy, plan, implants."""
    blocks: list[Block] = [tables.model.parts(found), *tables.model.of_plan(found)]
    blocks += [
        each.picture()
        for each in run.pictures_of(None, "margins", "margin_faces", "margin_chance", "accuracy", "fit")
    ]
    if found["anatomy"]["measures"]:
        blocks.append(tables.model.measures("Measures of the anatomy", found["anatomy"]["measures"]))
    if found["surgery"]["measures"]:
        blocks.append(tables.model.measures("Measures of the operation", found["surgery"]["measures"]))
    blocks.append(absent("Manufacturing tolerances and worst-case size", NOMINAL))
    if named := attribution(found):
        blocks.append(Section("Attribution of the reference anatomy", (Items(tuple(named)),)))
    return Section("System Configuration", tuple(blocks))


def equations() -> Section:
    """What is solved."""
    return Section(
        "Governing Equations/Constitutive Laws",
        (
            Paragraph(
                "Displacements u of all bodies solve equilibrium of elastic bodies (stiffness K, cortical membranes "
                "included), interfaces (jump operator B, areas W, tractions t) and supports (rows R with springs k) "
                "under the loads f:"
            ),
            Equation(
                "equilibrium",
                "K u plus B transposed W t of B u, plus the sum of R transposed k R u over supports, is f",
            ),
            Paragraph(
                "Strain is that of small displacements, stress that of linear isotropic elasticity in each cell:"
            ),
            Equation("strain", "epsilon is one half of the gradient of u plus its transpose"),
            Equation(
                "elasticity",
                "sigma is two mu epsilon plus lambda times the trace of epsilon times I, with mu and lambda from "
                "Young's modulus E and Poisson's ratio nu",
            ),
            Paragraph(
                "Faces that rub press, stick, slide and open with gap g, pressure p, shear traction tau and Coulomb's "
                "coefficient of friction; contact is enforced by an augmented Lagrangian:"
            ),
            Equation(
                "contact",
                "g is at least zero, p is at least zero, g times p is zero, the size of tau is at most mu f times p",
            ),
            Paragraph("Bonded interfaces resist a jump j by a stiffness k per area:"),
            Equation("bond", "t is k b times j"),
            Section("Assumptions, simplifications, rationale", (Items(ASSUMED),)),
        ),
    )


def properties(run: Evidence, found: Findings) -> Section:
    """Materials and limits."""
    bodies: dict[str, str] = {}
    for case in found["load_cases"].values():
        bodies |= {body: row["material_source"] for body, row in case["implants"].items()}
    blocks: list[Block] = [
        Paragraph(
            "Every number of every material, with its source and confidence, stands under Inputs. Bone is cancellous "
            "throughout; its cortex is a membrane on the natural surface, not on saw cuts. Tissue constants are population "
            "values unless an image gave them."
        )
    ]
    if bodies:
        rows = ((spoken(body), source) for body, source in bodies.items())
        blocks.append(table("Metals: constants and where they are from", ("body", "constants"), rows))
    for name, row in (found["materials_from_image"].get("bodies") or {}).items():
        blocks.append(Paragraph(f"{spoken(name)}: {row['source']}.", "small"))
    blocks.append(tables.model.thresholds("Limits that findings are judged by", found["thresholds"]))
    if found["incorporation"]["faces"]:
        rule = found["incorporation"]["rule"]
        blocks.append(tables.model.thresholds("Limits of the screening figure of union", rule["thresholds"]))
    if "fatigue" not in run.case.get("course", {}):
        lack = "Strength under repeated load is not judged in this run."
        blocks.append(absent("Fatigue strength of the metals (course.fatigue)", lack))
    return Section("System Properties", tuple(blocks))


def conditions(run: Evidence, found: Findings) -> Section:
    """Loads, supports, interfaces, what is there before the load."""
    blocks: list[Block] = [_laws(run)]
    blocks.append(_preload(run))
    for name, case in found["load_cases"].items():
        inside: list[Block] = [each.picture() for each in run.pictures_of(name, "loads", "forces")]
        inside += [tables.instant.applied(name, case), tables.instant.supports(name, case)]
        told = "; ".join(f"{spoken(key)} {number(entry)}" for key, entry in case["statics"]["measures"].items())
        inside.append(Paragraph(f"{told}. {statics_note(case)}".strip(), "small"))
        blocks.append(Section(f"Load case: {name}", tuple(inside)))
    for name, walk in (found.get("movements") or {}).items():
        inside = [Paragraph(f"{walk['source']}.")]
        inside += [each.picture() for each in run.pictures_of(name, "cycle_forces", "forces")]
        inside += [tables.movement.instants(name, walk), tables.movement.statics(name, walk)]
        blocks.append(Section(f"Movement: {name}", tuple(inside)))
    return Section("System Conditions", tuple(blocks))


def _laws(run: Evidence) -> Block:
    def given(rule: Mapping[str, Any]) -> Iterator[str]:
        for key, value in rule.items():
            if key not in ("between", "law", "source"):
                yield f"{spoken(key)} {value}"

    rows = (
        (" and ".join(str(side) for side in rule.get("between", ())), rule.get("law", ""), ", ".join(given(rule)),
         rule.get("source", "not provided"))
        for rule in run.case.get("interfaces", ())
    )  # fmt: skip
    note = (
        "The first rule that matches a contact is its law; * is any body. Soft tissue and screws without a rule are "
        "bonded."
    )
    columns = ("between", "law", "parameters", "source")
    return table("Laws of the interfaces, as the case gives them", columns, rows, [note])


def _preload(run: Evidence) -> Block:
    said = []
    if run.case.get("pretension"):
        said.append(f"{len(run.case['pretension'])} screws are tightened before the load")
    if any("interference" in rule for rule in run.case.get("interfaces", ())):
        said.append("faces are pressed together by an interference")
    if run.case.get("ligaments") or run.case.get("ligament_set", "none") != "none":
        said.append(
            f"ligaments: set {run.case.get('ligament_set', 'none')}, own {len(run.case.get('ligaments', ()))}"
        )
    if said:
        return Paragraph(f"Initial state: {'; '.join(said)}. Residual stress of bending or printing is not modelled.")
    lack = (
        "The model begins without stress: contact faces may open where a surgeon's compression would keep them closed, and "
        "residual stress of bent rods or printed metal is not in it."
    )
    return absent("Initial and residual stress", lack)
