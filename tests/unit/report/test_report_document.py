"""The report says what a run folder holds, and says of everything else that it was not provided."""

import dataclasses
import json
import os
import tomllib
from importlib import resources

import pytest
from report_folder import changed, folder_of, png, sign

from femsacrum.credibility.verify import verify
from femsacrum.errors import InputError
from femsacrum.report.document.asked import Asked
from femsacrum.report.document.compose import HEADINGS, compose
from femsacrum.report.document.evidence import read
from femsacrum.report.document.inputs import inputs
from femsacrum.report.document.integrity import integrity
from femsacrum.report.document.model import Cell, Equation, Paragraph, Picture, Section, Table, numbered
from femsacrum.report.document.outcomes import outcome_table, outcomes
from femsacrum.report.document.status import status
from femsacrum.report.validation import validation

CASE = "two <legs>"


@pytest.fixture
def folder(run, tmp_path):
    return folder_of(run, tmp_path / "run")


def document(folder, **asked):
    return compose(read(folder), Asked(**asked))


def blocks(parts):
    for part in parts:
        yield part
        if isinstance(part, Section):
            yield from blocks(part.blocks)


def chapter(made, title):
    return next(section for section in made.sections if title in section.title)


def texts(part):
    """Everything a reader reads of a part."""
    for block in blocks([part]):
        if isinstance(block, Table):
            yield from (
                block.caption,
                *block.columns,
                *(each.text for row in block.rows for each in row),
                *block.notes,
            )
        elif isinstance(block, Paragraph):
            yield block.text
        elif hasattr(block, "texts"):
            yield from block.texts
        elif isinstance(block, Section):
            yield block.title


def said(part):
    return "\n".join(texts(part))


def table_of(part, caption):
    return next(block for block in blocks([part]) if isinstance(block, Table) and caption in block.caption)


def absent(made):
    return [block.text for block in blocks(made.sections) if isinstance(block, Paragraph) and block.tone == "absent"]


def write(folder, name, content):
    (folder / "credibility").mkdir(exist_ok=True)
    (folder / "credibility" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def test_the_fifteen_headings_stand_in_their_order_whatever_the_run_has(folder):
    assert [each.title for each in document(folder).sections[:15]] == list(HEADINGS)
    (folder / "findings.json").unlink()
    empty = document(folder)
    assert [each.title for each in empty.sections[:15]] == list(HEADINGS)
    assert "not provided" in said(chapter(empty, "Results"))


def test_whatever_was_not_provided_is_listed_under_limitations(folder):
    made = document(folder)
    listed = said(chapter(made, "Limitations"))
    missing = [text for text in absent(made) if not text.startswith("Sensitivity")]
    assert len(missing) > 6
    assert all(text in listed for text in missing)
    assert "convergence.json" in listed
    assert "--context-of-use" in listed


def test_rows_are_as_long_as_their_headings_and_pictures_have_words(folder):
    for block in blocks(document(folder).sections):
        if isinstance(block, Table):
            assert all(len(row) == len(block.columns) for row in block.rows), block.caption
        if isinstance(block, Picture):
            assert len(block.alt) > 20


def test_every_equation_is_in_both_templates():
    rooms = resources.files("femsacrum.report") / "templates"
    page, pages = ((rooms / name).read_text("utf-8") for name in ("_equations.html", "report.typ"))
    names = {block.name for block in blocks(document_equations()) if isinstance(block, Equation)} | {"gci"}
    assert names == {"equilibrium", "strain", "elasticity", "contact", "bond", "gci"}
    for name in names:
        assert f'name == "{name}"' in page
        assert f"\n  {name}: $" in pages


def document_equations():
    from femsacrum.report.document.chapters.setup import equations

    return [equations()]


def test_the_question_is_the_cases_unless_another_one_is_asked(folder):
    assert "does <script>it</script> stand?" in said(chapter(document(folder), "Background"))
    assert "other?" in said(chapter(document(folder, question="other?"), "Background"))


def test_the_context_of_use_stands_beside_what_validation_speaks_for(folder):
    with_one = document(folder, context_of_use="to rank plans")
    assert 'Stated context of use: "to rank plans"' in said(chapter(with_one, "Validation"))
    assert "to rank plans" in said(chapter(with_one, "ASME"))
    assert "no context of use was stated" in said(chapter(document(folder), "ASME"))


def test_validation_tells_every_value_misses_included(folder):
    told = said(chapter(document(folder), "Validation"))
    rows = [row for each in validation()["experiments"].values() for row in each["rows"]]
    assert any(row["verdict"] == "misses" for row in rows)
    assert all(row["compared"]["words"] in told for row in rows)
    assert told.count("misses") >= sum(row["verdict"] == "misses" for row in rows)


def test_a_finished_run_is_said_to_be_one(folder):
    told, sound = status(read(folder))
    assert sound
    assert told.startswith("The run ended, every load case converged, and all ")


def test_a_changed_file_is_named_on_the_first_page(folder):
    changed(folder, lambda findings: findings.update(question="other"))
    told, sound = status(read(folder))
    assert not sound
    assert told == "Not to be relied on: 1 file was changed after the run ended (findings.json)."


def test_many_changes_are_counted(folder):
    for name in "abcde":
        (folder / f"{name}.txt").write_text("x", encoding="utf-8")
    assert "5 files were added after the run ended (a.txt, b.txt, c.txt and 2 more)" in status(read(folder))[0]


def test_a_run_that_did_not_converge_says_so(run, folder):
    def break_it(findings):
        next(row for row in findings["load_cases"][CASE]["validity"] if "converged" in row["check"])["holds"] = False

    changed(folder, break_it)
    sign(run, folder)
    assert status(read(folder)) == (
        'Not to be relied on: load case "two <legs>" does not meet "solution converged".',
        False,
    )


def test_a_run_that_did_not_end_says_so(run, tmp_path):
    folder = folder_of(run, tmp_path / "run", signed=False)
    assert "has no manifest.json" in status(read(folder))[0]
    (folder / "findings.json").unlink()
    assert status(read(folder))[0].startswith("Not to be relied on: the run did not end")
    assert "did not end" in said(chapter(document(folder), "Conclusions"))


def test_the_folder_is_judged_as_femsacrum_verify_judges_it(folder):
    (folder / "findings.json").write_text("{}", encoding="utf-8")
    (folder / "figures" / "mesh.png").unlink()
    (folder / "more.txt").write_text("", encoding="utf-8")
    (folder / "report.pdf").write_bytes(b"")
    (folder / "stages").mkdir()
    (folder / "stages" / "new.npz").write_bytes(b"")
    (folder / "figures" / "stress.png").unlink()
    (folder / "figures" / "stress.png").symlink_to("loads.png")
    (folder / "figures" / "loads.png").unlink()
    os.mkfifo(folder / "figures" / "loads.png")
    ours = integrity(folder, json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    theirs = verify(folder)
    assert set(ours.changed) == set(theirs.changed) == {"findings.json", "figures/stress.png", "figures/loads.png"}
    assert set(ours.added) == set(theirs.added) == {"more.txt"}
    assert set(ours.removed) == set(theirs.removed) == {"figures/mesh.png"}
    assert ours.sound == len(theirs.sound)


@pytest.mark.parametrize("content", [{}, {"outputs": []}, {"outputs": {}, "not_hashed": "*"}])
def test_a_manifest_that_lists_nothing_is_refused(folder, content):
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="lists no files"):
        read(folder)


def test_a_name_that_leads_out_of_the_folder_is_refused(folder):
    listed = folder / "figures" / "figures.json"
    rows = json.loads(listed.read_text(encoding="utf-8"))
    listed.write_text(json.dumps([{**rows[0], "file": "../case.toml"}]), encoding="utf-8")
    with pytest.raises(InputError, match="no picture of this folder"):
        read(folder)


@pytest.mark.parametrize(
    "name", ["findings.json", "manifest.json", "credibility/convergence.json", "figures/figures.json"]
)
def test_a_file_that_was_cut_short_is_named(folder, name):
    (folder / "credibility").mkdir(exist_ok=True)
    (folder / name).write_text('{"a": ', encoding="utf-8")
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        read(folder)


def test_every_number_of_the_case_is_an_input_with_its_meaning(folder):
    found = {each.name: each for each in inputs(read(folder)) if not each.table}
    mass, tolerance = found["patient.mass"], found["solver.tolerance"]
    assert (mass.value, mass.confidence) == ("75 kg", "case")
    assert "Body mass" in mass.meaning
    assert (tolerance.value, tolerance.confidence) == ("1e-08", "default")
    assert found["loads[0].upper_body"].source == "a & b"


def test_tables_are_inputs_when_the_run_used_them(folder):
    rows = [each for each in inputs(read(folder)) if each.table]
    names = {(each.table, each.name) for each in rows}
    assert ("materials.toml", "pelvic_bone.youngs_modulus") in names
    assert ("loads.toml", "gravity") in names
    assert not {table for table, _ in names} & {"healing.toml", "fatigue.toml", "ligaments.toml", "junction.toml"}
    modulus = next(each for each in rows if each.name == "pelvic_bone.youngs_modulus")
    assert (modulus.value, modulus.confidence) == ("100 MPa", "S")


def test_a_set_of_ligaments_brings_its_own_inputs_and_doubts(run, tmp_path):
    run = {**run, "case": run["case"].model_copy(update={"ligament_set": "pelvic"})}
    folder = folder_of(run, tmp_path / "run")
    doubtful = table_of(chapter(document(folder), "Limitations"), "low confidence")
    names = [row[0].text for row in doubtful.rows]
    assert "pelvic.sacrotuberous.stiffness" in names
    assert not any(name.startswith("lumbar.") for name in names)


def test_convergence_is_told_beside_the_outcomes_and_flags_what_is_singular(folder):
    row = {"load_case": CASE, "key": "deformation.L5_drop", "words": "drop of L5", "unit": "mm", "main": True,
           "values": [1.0, 1.1, 1.3], "order": 1.9, "richardson": 0.95, "gci_percent": 6.25, "asymptotic": True,
           "singular": False, "why": "near the formal order"}  # fmt: skip
    peak = {**row, "key": "peak", "words": "peak", "singular": True, "why": "singular: grows with every refinement"}
    meshes = [{"name": name, "factor": 1.0, "tetrahedra": 10, "size": {"value": 2.0, "unit": "mm"}} for name in "abc"]
    effect = {"what": "tolerance", "load_case": CASE, "words": "drop of L5", "from": 1e-8, "to": 1e-6,
              "change_percent": 0.01, "main": True}  # fmt: skip
    none = {**row, "key": "none", "words": "none", "values": [0.0, 0.0, 0.0], "gci_percent": None, "counts": False}
    write(folder, "convergence", {"quantities": [row, peak, none], "meshes": meshes, "effects": [effect], "remarks": ["one"],
                                  "rules": {"gci": "half-width"}})  # fmt: skip
    made = document(folder)
    assert not any("convergence.json" in text for text in absent(made))
    rows = table_of(chapter(made, "System Discretization"), "main quantities").rows
    assert [each[-1].mark for each in rows] == ["", "no", ""]
    assert "tells nothing" in rows[2][-1].text
    assert any("1 of 2 main quantities" in said(each) for each in made.sections)
    assert rows[0][8].text == "6.2 %"
    told = {row[0].text: row[4].text for row in table_of(chapter(made, "Results"), "Outcomes").rows}
    assert told["L5 goes down by"] == "6.2 %"
    assert told["apparent stiffness at L4"] == "not assessed"


def sensitivity(**changed):
    """Evidence of two inputs and one outcome; the disc moves it more, and has no value at its low end."""
    common = {"low": 0.5, "high": 2.0, "unit": "factor"}
    quantity = {"quantity": f"{CASE}: deformation.L5_drop", "load_case": CASE, "key": "deformation.L5_drop",
                "words": "drop of L5", "unit_of_value": "mm", "outcome": True, "own_value": 0.2}  # fmt: skip
    rows = [
        {**common, **quantity, "input": "bone_modulus", "low_value": 0.22, "high_value": 0.18, "rank": 2},
        {**common, **quantity, "input": "ligament_stiffness", "low_value": None, "high_value": 0.3, "rank": 1},
    ]
    told = {**common, "own": [1.0, 1.0], "source": "range <of> it"}
    inputs = [
        {**told, "input": "ligament_stiffness", "influence": 0.7, "rank": 1, "not_known": [f"{CASE}, low end: stopped"],
         "confidence": "M-low", "entries": ["ligaments.toml:*.stiffness"]},
        {**told, "input": "bone_modulus", "influence": 0.3, "rank": 2, "not_known": [], "confidence": "D", "entries": []},
    ]  # fmt: skip
    mesh = {"factor": 1.96, "tetrahedra": 10, "folder": "credibility/sensitivity"}
    out = [{"input": "friction", "why": "nothing rubs"}]
    return {"code": "c", "mesh": mesh, "left_out": out, "inputs": inputs, "rows": rows, **changed}


def test_sensitivity_says_what_the_outcomes_hinge_on(folder):
    write(folder, "sensitivity", sensitivity())
    limits = chapter(document(folder), "Limitations")
    assert "hinge most on: ligament stiffness (70 %), bone modulus (30 %)" in said(limits)
    assert [row[1].text for row in table_of(limits, "by influence").rows] == ["ligament stiffness", "bone modulus"]
    assert table_of(limits, "by influence").notes == ("Left out: friction: nothing rubs.",)
    (row,) = table_of(limits, "one input after the other").rows
    assert [each.text for each in row[2:]] == [
        "0.2 mm",
        "ligament stiffness: – to 0.3",
        "bone modulus: 0.22 to 0.18",
        "",
    ]
    assert f"ligament stiffness: {CASE}, low end: stopped" in said(limits)
    assert "not provided: Sensitivity" not in said(limits)


def test_the_band_of_an_outcome_holds_its_own_value_and_says_what_it_lacks(folder):
    write(folder, "sensitivity", sensitivity())
    told = {row[0].text: row[5].text for row in table_of(chapter(document(folder), "Results"), "Outcomes").rows}
    assert told["L5 goes down by"] == "0.18 to 0.3, 1 of 4 ends without a value"
    assert told["apparent stiffness at L4"] == "not assessed"


def test_a_sensitivity_of_another_code_is_no_evidence_for_this_run(folder):
    write(folder, "sensitivity", sensitivity())
    assert "computed by another version" in said(chapter(document(folder), "Limitations"))
    code = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["code"]
    write(folder, "sensitivity", sensitivity(code=code))
    assert "computed by another version" not in said(chapter(document(folder), "Limitations"))


def test_the_figure_of_the_sensitivity_is_numbered_and_has_words(folder):
    write(folder, "sensitivity", sensitivity())
    assert not [each for each in blocks([chapter(document(folder), "Limitations")]) if isinstance(each, Picture)]
    (folder / "credibility/sensitivity.png").write_bytes(png())
    (picture,) = (each for each in blocks([chapter(document(folder), "Limitations")]) if isinstance(each, Picture))
    assert picture.file == "credibility/sensitivity.png"
    assert "Bars for each outcome and input" in picture.alt


def test_doubtful_inputs_are_told_with_their_influence_or_as_not_varied(run, tmp_path):
    run = {**run, "case": run["case"].model_copy(update={"ligament_set": "pelvic"})}
    folder = folder_of(run, tmp_path / "run")
    write(folder, "sensitivity", sensitivity())
    rows = table_of(chapter(document(folder), "Limitations"), "low confidence").rows
    told = {row[0].text: row[3].text for row in rows}
    assert told["pelvic.sacrotuberous.stiffness"] == "70 %, as ligament stiffness"
    assert told["pelvic.sacrotuberous.knee_strain"] == "not varied"


def test_the_risk_of_a_graft_has_the_band_of_its_own_course(run, tmp_path):
    def percent(value):
        return {"value": value, "unit": "%"}

    from femsacrum.report.document.outcomes import outcome_table, outcomes

    folder = folder_of(run, tmp_path / "run")
    graft = {"risk": percent(40.0), "p05": percent(10.0), "p95": percent(80.0), "grade": "high"}
    found = {**read(folder).findings, "healing": {"grafts": {"left_graft": graft}}}
    (row,) = (each for each in outcomes(found) if each.key == "healing.left_graft")
    assert outcome_table(read(folder), [row], "c").rows[0][5].text == "10 % to 80 %"


def test_a_qualification_counts_for_the_code_of_the_run_only(folder):
    code = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["code"]
    case = {"name": "patch", "quantity": "stress", "value": 1.0, "expected": 1.0, "error": 0.0, "limit": 1e-9,
            "passed": True, "judged": True}  # fmt: skip
    content = {
        "sha256": "0" * 64,
        "code": code,
        "platform": {"system": "Linux"},
        "made": "2026-11-02",
        "cases": [case],
    }
    write(folder, "qualification", content)
    made = document(folder)
    assert not any("qualification" in text.lower() for text in absent(made))
    assert "1 of 1 quantities" in said(chapter(made, "Code Verification"))
    write(folder, "qualification", {**content, "code": "other"})
    assert any("Installation qualification of the code" in text for text in absent(document(folder)))
    assert "of other code" in said(chapter(document(folder), "ASME"))


def test_a_requirement_without_an_outcome_is_not_answered(folder):
    trace = table_of(chapter(document(folder), "trace"), "Trace")
    answered = {row[0].text: row[2] for row in trace.rows}
    assert CASE in answered["loads[0]"].text
    changed(folder, lambda findings: findings.update(load_cases={}))
    trace = table_of(chapter(document(folder), "trace"), "Trace")
    assert {row[0].text: row[2].mark for row in trace.rows}["loads[0]"] == "no"


def test_software_is_listed_with_licences_and_differences(run, folder):
    bill = table_of(chapter(document(folder), "software"), "bill of materials")
    rows = {row[0].text: row for row in bill.rows}
    assert rows["femsacrum"][4].text == "this program"
    assert rows["jinja2"][3].text.startswith("BSD")
    assert rows["three.js"][3].text == "MIT"
    assert all(row[3].text not in ("", "not provided") for row in bill.rows if row[4].text == "pinned")
    file = folder / "manifest.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["versions"]["numpy"] = "1.0"
    file.write_text(json.dumps(content), encoding="utf-8")
    rows = {row[0].text: row for row in table_of(chapter(document(folder), "software"), "bill").rows}
    assert (rows["numpy"][1].text, rows["numpy"][2].mark) == ("1.0", "no")


def test_known_anomalies_have_numbers_of_their_own():
    listed = tomllib.loads((resources.files("femsacrum.report") / "known_anomalies.toml").read_text("utf-8"))[
        "anomaly"
    ]
    assert len({each["id"] for each in listed}) == len(listed) > 5
    assert all(set(each) == {"id", "what", "effect", "handling", "where"} for each in listed)


def test_blocks_are_numbered_as_the_pages_number_them(folder):
    content = numbered(document(folder))

    def numbers(parts, kind):
        for part in parts:
            if part["kind"] == kind:
                yield part["number"]
            yield from numbers(part.get("blocks", ()), kind)

    for kind in ("table", "picture", "equation"):
        found = [int(number) for number in numbers(content["sections"], kind)]
        assert found == list(range(1, len(found) + 1))
    assert content["sections"][2]["blocks"][1]["number"] == "3.1"


def test_findings_of_another_version_are_one_line(run, tmp_path):
    from femsacrum.report.document.write import report

    folder = folder_of(run, tmp_path / "run", signed=False)
    changed(folder, lambda findings: findings["load_cases"][CASE].pop("overload"))
    with pytest.raises(InputError, match="cannot be read by this version"):
        report(folder)


@pytest.mark.parametrize(("gci", "said"), [(20.0, "within"), (120.0, "within, but not beyond its uncertainty")])
def test_a_verdict_that_the_mesh_could_turn_says_so(folder, gci, said):
    run = read(folder)
    row = next(each for each in outcomes(run.findings) if each.key.endswith(".micromotion.p95"))
    moved = dataclasses.replace(row, value=dataclasses.replace(row.value, value=60.0), bound=150.0, holds=True)
    known = {"load_case": row.load_case, "key": row.key, "singular": False, "asymptotic": False, "gci": gci,
             "gci_percent": gci / 0.6, "values": [60.0, 70.0, 50.0]}  # fmt: skip
    meshes = [{"folder": place} for place in (".", "middle", "coarse")]
    convergence = {"quantities": [known], "meshes": meshes}
    told = outcome_table(dataclasses.replace(run, convergence=convergence), [moved], "Outcomes")
    assert told.rows[0][-1].text == said


def on_meshes(run, load_case, **known):
    """A run with evidence of these quantities: key -> value and half-width of the band."""
    rows = [{"load_case": load_case, "key": key, "singular": False, "asymptotic": True, "values": [value, value, value],
             "gci": gci, "gci_percent": None, "unit": "mm3"} for key, (value, gci) in known.items()]  # fmt: skip
    meshes = [{"folder": place} for place in (".", "middle", "coarse")]
    return dataclasses.replace(run, convergence={"quantities": rows, "meshes": meshes})


@pytest.mark.parametrize(
    ("band", "graded", "verdict"),
    [(1.0, "graded low", "within"), (15.0, "graded low to uncertain", "within, but not beyond its uncertainty")],
)
def test_a_grade_that_the_mesh_could_turn_says_so(folder, band, graded, verdict):
    run = read(folder)
    row = dataclasses.replace(
        next(each for each in outcomes(run.findings) if each.key.startswith("incorporation.")), shares=(80.0, 4.0),
        holds=True,
    )  # fmt: skip
    known = {f"{row.key}.favourable": (80.0, band), f"{row.key}.adverse": (4.0, band)}
    told = outcome_table(on_meshes(run, row.load_case, **known), [row], "Outcomes").rows[0]
    assert (told[4].text, told[-1].text) == (graded, verdict)


def test_of_a_screw_the_low_end_is_judged_and_of_no_volume_the_width_is_told_in_its_unit(folder):
    run = read(folder)
    kept = {row.key: row for row in outcomes(run.findings) if row.load_case == CASE}
    screw = dataclasses.replace(kept["deformation.L5_drop"], key="screws.weakest", bound=1.0, holds=True)
    screw = dataclasses.replace(screw, value=Cell("1.2 to 4.8", "", [1.2, 4.8], "1"))
    bone = dataclasses.replace(kept["overload.volume"], value=Cell("0 mm³", "", 0.0, "mm3"), holds=True)
    known = {"screws.weakest": (1.2, 0.3), "overload.volume": (0.0, 12.0)}
    told = outcome_table(on_meshes(run, CASE, **known), [screw, bone], "Outcomes").rows
    assert told[0][-1].text == told[1][-1].text == "within, but not beyond its uncertainty"
    assert told[1][4].text == "12 mm³"


def test_a_spine_that_goes_up_is_said_to(folder):
    found = read(folder).findings
    assert "L5 goes down by" in {row.words for row in outcomes(found)}
    for case in found["load_cases"].values():
        case["deformation"]["L5_drop"]["value"] = -0.2
    assert "L5 goes down by (below 0: up)" in {row.words for row in outcomes(found)}
