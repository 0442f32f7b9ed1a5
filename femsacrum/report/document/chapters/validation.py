"""Experiments that nobody here made, the model beside them, and how far that speaks for the context of use."""

from __future__ import annotations

from femsacrum.report import tables
from femsacrum.report.document.asked import Asked
from femsacrum.report.document.model import Block, Cell, Paragraph, Section, absent, table
from femsacrum.report.validation import counted, validation

NOT_COMPARED = (
    "The model of this version was not laid beside the experiments (python -m benchmarks validation): nothing is "
    "known of how far it agrees."
)
#: What the comparison can speak for, and what it cannot; docs/validation.md.
SPEAKS_FOR = (
    ("comparing plans for one patient by stiffness of the junction, order of displacement and stress, places of overload",
     "in part", "cadaver and bench experiments below; ratios between plans on one patient, one way of holding"),
    ("percentages of the intact pelvis", "little", "the intact specimen's own stiffness is off, see the misses"),
    ("strength of a patient's bone, failure loads", "no", "a third to a sixth of what was measured"),
    ("life of a rod or screw in years", "no", "no experiment below repeats a load until it breaks"),
    ("union of a graft", "no", "no measured course of a graft after sacrectomy was found"),
    ("micromotion at a custom sacral prosthesis with grafts", "no", "no numbers of anybody are known"),
)  # fmt: skip


def experiments(asked: Asked) -> Section:
    """The table of the experiments, misses included, and its applicability."""
    found = validation()
    if found is None:
        return Section("Validation", (absent("Validation evidence", NOT_COMPARED),))
    cadavers, bench = found["cadavers"], found["bench"]
    rows = (
        (each["title"], _role(each["role"]), str(said["agreed"]), str(said["judged"]), each["prediction"][:12])
        for each, said in ((each, counted([each])) for each in found["experiments"].values())
    )
    overview = table(
        "Experiments, and how many of the values that are judged agree",
        ("experiment", "kind", "agree", "of judged", "prediction"),
        rows,
        ["Prediction: first figures of the SHA-256 of what was written before it was compared."],
    )
    blocks: list[Block] = [
        Paragraph(
            f"{cadavers['agreed']} of {cadavers['judged']} values that are judged agree with experiments on cadavers "
            f"that nobody here made, {bench['agreed']} of {bench['judged']} with closed forms, machines and another "
            "program. Predictions were written and hashed before they were compared; inputs that were changed after "
            "a first look are listed in docs/validation.md. Misses stand here with the rest.",
            "notice",
        ),
        overview,
        _applicability(asked),
        Section("Every value", tuple(tables.experiments.experiment(each) for each in found["experiments"].values())),
        absent(
            "Validation of this patient's model against measurements of this patient",
            "FDA 2023 expects comparison subject by subject for models of one patient; none was made, so nothing "
            "shows that the figures hold for this patient.",
        ),
    ]
    return Section("Validation", tuple(blocks))


def _applicability(asked: Asked) -> Section:
    rows = (
        (use, Cell(speaks, "no" if speaks == "no" else ""), why)
        for use, speaks, why in SPEAKS_FOR
    )  # fmt: skip
    made = table("What the comparison speaks for", ("use", "supported", "why"), rows)
    if asked.context_of_use:
        said: Block = Paragraph(
            f'Stated context of use: "{asked.context_of_use}" No experiment was made on a reconstruction like that '
            "of this run with this prosthesis, so agreement elsewhere supports the method, not these figures. Whoever "
            "states the context of use has to find it in the table below; what is not there, or not supported, has no "
            "validation evidence."
        )
    else:
        said = absent(
            "Applicability to the context of use",
            "No context of use was stated, so relevance of the experiments to it cannot be judged; what they speak "
            "for at all stands below.",
        )
    return Section("Applicability", (said, made))


def _role(role: str) -> str:
    return {"bench": "closed form, machine or program", "checking": "cadavers", "choosing": "cadavers, seen before",
            "rank": "order in other models"}.get(role, role)  # fmt: skip
