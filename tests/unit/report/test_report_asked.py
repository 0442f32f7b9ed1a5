"""Model risk is stated by whoever asks for the report, goals follow from it, and what a run reaches is found, not typed."""

import json

import pytest
from report_folder import folder_of, sign

from femsacrum import cli
from femsacrum.errors import InputError
from femsacrum.report.document.asked import GRADES, Asked, gathered
from femsacrum.report.document.chapters import gradation
from femsacrum.report.document.chapters.credibility import _factors, asme
from femsacrum.report.document.compose import compose
from femsacrum.report.document.evidence import read
from femsacrum.report.document.model import Paragraph, Section, Table
from femsacrum.report.validation import validation

HIGH = {"influence": "high", "consequence": "high"}


@pytest.fixture
def folder(run, tmp_path):
    return folder_of(run, tmp_path / "run")


def blocks(part):
    for block in part.blocks:
        yield block
        if isinstance(block, Section):
            yield from blocks(block)


def annex(folder, **said):
    return list(blocks(asme(read(folder), Asked(**said))))


def table_of(found, caption):
    (one,) = (each for each in found if isinstance(each, Table) and caption in each.caption)
    return one


def levels(folder, **said):
    return gradation.reached(read(folder), Asked(**said), validation())


def evidence(folder, run, **files):
    """Write evidence as later commands do, and sign the folder again."""
    (folder / "credibility").mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / "credibility" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    sign(run, folder)


def quantity(asymptotic, main=True):
    return {"main": main, "asymptotic": asymptotic, "singular": False}


def test_risk_rises_by_one_with_each_step_of_either_grade():
    matrix = [[gradation.risk(influence, consequence) for influence in GRADES] for consequence in GRADES]
    assert matrix == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]


def test_goals_rise_with_the_risk_from_the_first_level_to_the_last():
    for factor in gradation.factors():
        goals = [factor.goal(risk) for risk in range(1, 6)]
        assert goals == sorted(goals)
        assert (goals[0], goals[-1]) == (0, len(factor.levels) - 1)


def test_factors_of_the_file_are_those_of_the_rules_and_of_the_table(folder):
    keys = [factor.key for factor in gradation.factors()]
    assert len(keys) == 13
    assert list(levels(folder)) == keys
    assert [row[0] for row in _factors(read(folder), Asked())] == keys


def test_the_cell_of_the_matrix_is_marked(folder):
    found = annex(
        folder, influence="medium", consequence="high", influence_why="It is one of two.", context_of_use="x"
    )
    matrix = table_of(found, "Model risk")
    assert [[each.text for each in row[1:]] for row in matrix.rows] == [
        ["3", "4: this model", "5"], ["2", "3", "4"], ["1", "2", "3"],
    ]  # fmt: skip
    assert [each.mark for row in matrix.rows for each in row].count("uncertain") == 1
    words = " ".join(block.text for block in found if isinstance(block, Paragraph))
    assert "Model influence: medium, as stated by who asked for this report. It is one of two." in words
    assert "Decision consequence: high, as stated by who asked for this report. No reason was given." in words
    assert "Model risk: 4 of 5." in words
    assert "No context of use was stated" not in words


def test_a_risk_without_a_context_is_said_to_be_of_nothing(folder):
    assert any("No context of use was stated" in getattr(block, "text", "") for block in annex(folder, **HIGH))


def test_without_grades_nothing_is_assessed(folder):
    found = annex(folder)
    assert {each.text for row in table_of(found, "Model risk").rows for each in row[1:]} == {"not assessed"}
    assert table_of(found, "Credibility factors").columns[1] == "goal"
    assert not any(isinstance(each, Table) and "Levels" in each.caption for each in found)


def test_goals_that_are_not_reached_are_gaps_and_stand_under_limitations(folder):
    table = table_of(annex(folder, **HIGH), "model risk 5")
    reached = levels(folder)
    for factor, row in zip(gradation.factors(), table.rows, strict=True):
        goal, level = len(factor.levels) - 1, reached[factor.key]
        assert [each.text for each in row[:3]] == [factor.name, gradation.letter(goal), gradation.letter(level)]
        assert (row[-1].mark == "no") == (level < goal)
        assert (factor.levels[goal].removeprefix("and ") in row[-1].text) == (level < goal)
    limits = next(each for each in compose(read(folder), Asked(**HIGH)).sections if each.title == "Limitations")
    assert any(
        "Not reached for model risk 5" in text for each in blocks(limits) for text in getattr(each, "texts", ())
    )


def test_the_lowest_risk_asks_for_nothing_that_a_run_lacks(folder):
    table = table_of(annex(folder, influence="low", consequence="low"), "model risk 1")
    assert {row[-1].mark for row in table.rows} == {""}


@pytest.mark.parametrize(
    ("near", "level"), [([False, False, True], 1), ([True, False], 2), ([True, True], 3), ([], 0)]
)
def test_the_level_of_discretisation_follows_the_quantities(folder, run, near, level):
    rows = [*(quantity(each) for each in near), quantity(False, main=False)]
    evidence(folder, run, convergence={"quantities": rows, "effects": []})
    found = levels(folder)
    assert (found["discretisation"], found["solver"]) == (level, 1)
    evidence(folder, run, convergence={"quantities": rows, "effects": [{}]})
    assert levels(folder)["solver"] == 2


@pytest.mark.parametrize(("passed", "level"), [([True, True], 2), ([True, False], 1), ([], 0)])
def test_a_qualification_counts_by_its_values_and_its_code(folder, run, passed, level):
    code = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["code"]
    content = {"code": code, "cases": [{"judged": True, "passed": each} for each in passed]}
    evidence(folder, run, qualification=content, sensitivity={"rows": [{}]})
    assert (levels(folder)["numerical_code"], levels(folder)["model_inputs"]) == (level, 1)
    evidence(folder, run, qualification=content | {"code": "other"})
    assert levels(folder)["numerical_code"] == 0


def test_a_run_that_did_not_converge_or_settle_reaches_nothing_of_its_solver(folder, run):
    file = folder / "findings.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    assert levels(folder)["solver"] == 1
    file.write_text(json.dumps(found | {"movements": {"walk": {"outcome": "ratchets"}}}), encoding="utf-8")
    sign(run, folder)
    assert levels(folder)["solver"] == 0
    (case,) = found["load_cases"].values()
    next(row for row in case["validity"] if row["check"] == "solution converged")["holds"] = False
    file.write_text(json.dumps(found), encoding="utf-8")
    sign(run, folder)
    assert levels(folder)["solver"] == 0


def test_files_that_were_changed_show_nothing(folder, run):
    evidence(folder, run, convergence={"quantities": [quantity(True)], "effects": [{}]})
    before = levels(folder)
    (folder / "findings.json").write_text(
        (folder / "findings.json").read_text(encoding="utf-8") + " ", encoding="utf-8"
    )
    after = levels(folder)
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"software_quality", "discretisation", "solver", "use_error"}
    assert {after[key] for key in changed} == {0}


def test_a_context_alone_is_no_comparison(folder):
    assert levels(folder)["context"] == 0
    assert levels(folder, context_of_use="x")["context"] == 1
    assert gradation.reached(read(folder), Asked(context_of_use="x"), None)["context"] == 0


def test_an_adequacy_statement_stands_beside_what_was_not_reached(folder):
    found = annex(folder, adequacy="It is enough.", **HIGH)
    words = [block.text for block in found if isinstance(block, Paragraph)]
    assert "It is enough." in words
    short = sum(levels(folder)[each.key] < len(each.levels) - 1 for each in gradation.factors())
    assert any(f"{short} of 13 goals are not reached" in each for each in words)
    assert any("no goal was set" in each.text for each in annex(folder, adequacy="x") if isinstance(each, Paragraph))


def test_a_file_says_it_and_options_win(tmp_path):
    file = tmp_path / "asked.toml"
    file.write_text('title = "One"\ninfluence = "low"\nconsequence = "high"\nauthor = "A"\n', encoding="utf-8")
    said = gathered({"title": "Two", "author": None, "influence": "medium"}, file, b"png")
    assert said == Asked("Two", "A", b"png", influence="medium", consequence="high")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('titel = "x"', 'did you mean "title"'),
        ("title = 5", "is no text; write it in quotes"),
        ("title = [", "is no TOML"),
        ("a = " + "[" * 5000, "is no TOML"),
        ('influence = "huge"\nconsequence = "low"', '"huge" is none of low, medium, high'),
        ('influence = "low"', "given without consequence; add --consequence"),
        ('consequence_why = "x"', "given without consequence"),
        ('influence = "low"\nconsequence_why = "x"', "given without consequence"),
        ("x" * 200_001, "make it smaller"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path, content, said):
    file = tmp_path / "asked.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=said) as raised:
        gathered({}, file, None)
    assert "\n" not in str(raised.value)
    with pytest.raises(InputError, match="No such file"):
        gathered({}, tmp_path / "no.toml", None)


def test_the_command_takes_options_and_file(folder, tmp_path, monkeypatch, capsys):
    file, given = tmp_path / "asked.toml", {}
    monkeypatch.setattr("femsacrum.report.document.write.report", lambda place, **said: given.update(said) or ())
    options = ["--influence", "low", "--consequence", "high", "--influence-why", "a", "--consequence-why", "b"]
    assert cli.execute(["report", str(folder), *options, "--adequacy", "c", "--asked", str(file)]) == 0
    kept = {key: value for key, value in given.items() if value is not None}
    assert kept == {"influence": "low", "consequence": "high", "influence_why": "a", "consequence_why": "b",
                    "adequacy": "c", "asked": file}  # fmt: skip
    monkeypatch.undo()
    assert cli.execute(["report", str(folder), "--influence", "low"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
