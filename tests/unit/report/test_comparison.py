"""Runs side by side: what counts, what is refused, and text that stays text."""

import json
import re

import numpy as np
import pytest
from report_folder import folder_of
from running import MARKUP

from femsacrum.case.schema import Case
from femsacrum.cli import execute
from femsacrum.credibility.worst_size import worst_sizes
from femsacrum.errors import InputError
from femsacrum.findings.criteria import judge
from femsacrum.report.comparison.compare import compare, content
from femsacrum.report.comparison.told import lines
from femsacrum.report.comparison.write import write


def made(run, place, *, drop=1.0, name="a", **changed):
    """A run folder with another drop of L5, judged, with whatever else the case is to say."""
    said = run["case"].model_dump(mode="json", exclude_none=True) | changed
    said["criteria"] = [{"name": name, "outcome": "L5_drop", "at_most": "1.5 mm", "source": "x"}]
    case = Case.model_validate(said)
    findings = json.loads(json.dumps(run["findings"]))
    for found in findings["load_cases"].values():
        found["deformation"]["L5_drop"]["value"] = drop
    findings["criteria"] = judge(case.criteria, findings)
    return folder_of(run | {"case": case, "findings": findings}, place)


def drops(found):
    return next(row for row in found.rows if row.key == "L5_drop")


def test_outcomes_ranks_and_differing_keys(run, tmp_path):
    folders = [made(run, tmp_path / name, drop=drop, mesh={"bone": f"{2 + drop} mm"})
               for name, drop in (("one", 1.0), ("two", 2.0))]  # fmt: skip
    found = compare(folders)
    assert [value.number for value in drops(found).values] == [1.0, 2.0]
    assert found.ranks(drops(found)) == [1, 2]
    assert {row.key: row.values for row in found.differences} == {"mesh.bone": ("3 mm", "4 mm")}
    assert not found.against
    assert "mesh.bone" in found.remarks[0]
    told = content(found)
    criterion = next(row for row in told["outcomes"] if row["outcome"] == "criterion a")
    assert [value["value"] for value in criterion["values"]] == [1.0, 2.0]
    assert (criterion["limit"], criterion["differ_known_of_all"]) == (1.5, False)
    assert any("L5 goes down by" in line and "#1" in line for line in lines(found))


def test_incomplete_and_tampered_runs_are_named_and_not_ranked(run, tmp_path):
    good = [made(run, tmp_path / name, drop=drop) for name, drop in (("one", 1.0), ("two", 2.0))]
    bad = made(run, tmp_path / "changed", drop=0.5)
    (bad / "summary.html").write_text("added")
    cut = made(run, tmp_path / "cut", drop=0.4)
    (cut / "manifest.json").unlink()
    found = compare([*good, bad, cut])
    assert [design.name for design in found.compared] == ["one", "two"]
    assert len(drops(found).values) == 2
    said = "\n".join(lines(found))
    assert "not compared: changed. Not to be relied on: 1 file was added" in said
    assert "not compared: cut. Not to be relied on" in said
    with pytest.raises(InputError, match="fewer than two of the runs can be compared"):
        compare([good[0], bad, cut])


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"patient": {"mass": "80 kg"}}, "the patient differs in patient.mass"),
     ({"loads": [{"name": "two <legs>", "kind": "standing", "upper_body": "60 %", "source": "x"}]},
      "the loads differ in loads[0].upper_body")],
)  # fmt: skip
def test_another_patient_or_other_loads_take_the_ranks_away(run, tmp_path, changed, said):
    found = compare([made(run, tmp_path / "one"), made(run, tmp_path / "two", drop=2.0, **changed)])
    assert any(said in each for each in found.against)
    assert found.ranks(drops(found)) == [None, None]
    assert any("NOT COMPARABLE" in line for line in lines(found))


def test_another_version_takes_the_ranks_away(run, tmp_path):
    one, two = made(run, tmp_path / "one"), made(run, tmp_path / "two", drop=2.0)
    manifest = json.loads((two / "manifest.json").read_text(encoding="utf-8"))
    (two / "manifest.json").write_text(json.dumps(manifest | {"code": "0" * 32}))
    assert "they were made by different versions of the program" in compare([one, two]).against


def test_nothing_is_written_into_a_run(run, tmp_path):
    folders = [made(run, tmp_path / name) for name in ("one", "two")]
    before = {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    found = compare(folders)
    for place in (folders[0], folders[1] / "below"):
        with pytest.raises(InputError, match="is in one of the runs"):
            write(place, found, drawn=False)
    write(tmp_path / "out", found, drawn=False)
    assert {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()} == before


def test_text_of_users_is_text(run, tmp_path):
    hostile = " ".join(MARKUP)[:120]
    folders = [made(run, tmp_path / name, drop=drop, name=hostile) for name, drop in (("one", 1.0), ("two", 2.0))]
    found = compare(folders, ["<script>alert(1)</script>", "$\\frac{1}$ <img src=x onerror=alert(2)>"])
    page, data = write(tmp_path / "out", found, worst_sizes(found.rows))
    html = page.read_text(encoding="utf-8")
    assert not re.search(r"<(script|iframe|svg|img src=x)", html)
    assert "default-src 'none'" in html
    assert "http" not in re.sub(r"http-equiv|base64,[A-Za-z0-9+/=]+", "", html)
    assert "\u202e" not in html
    assert json.loads(data.read_text(encoding="utf-8"))["worst_case"]["outcomes"]


def test_the_page_says_what_is_the_worst_size(run, tmp_path):
    folders = [made(run, tmp_path / str(drop), drop=drop) for drop in (1.0, 1.2, 2.0)]
    found = compare(folders, ["small", "middle", "large"])
    page, data = write(tmp_path / "out", found, worst_sizes(found.rows), drawn=False)
    assert "large is the worst size for all 2 outcomes" in page.read_text(encoding="utf-8")
    told = next(
        row
        for row in json.loads(data.read_text(encoding="utf-8"))["worst_case"]["outcomes"]
        if row["outcome"] == "criterion a"
    )
    assert (told["sizes"], told["next"], told["over_the_sizes"]) == (["large"], "middle", "rises")
    assert told["margin"] == pytest.approx(-0.5)


def test_pictures_share_one_scale(run, tmp_path, small):
    from running import folder_of as kept

    from femsacrum.report.comparison.fields import pictures

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        kept(run, tmp_path / name)
        folder_of(run, tmp_path / name)
    found = compare([tmp_path / "one", tmp_path / "two"])
    shown, lacking = pictures(tmp_path, found.compared)
    assert not lacking
    assert len(shown) == 5
    assert all(each.file.read_bytes().startswith(b"\x89PNG") for each in shown)


def test_the_command_wants_two_runs(tmp_path, capsys):
    tmp_path.joinpath("one").mkdir()
    assert execute(["compare", str(tmp_path / "one")]) == 1
    assert "at least two run folders" in capsys.readouterr().err
    assert execute(["compare", str(tmp_path / "one"), str(tmp_path / "one" / "../one")]) == 1
    assert "is given twice" in capsys.readouterr().err


def test_a_face_is_outlined_where_one_triangle_ends_and_nowhere_within():
    from matplotlib.figure import Figure

    from femsacrum.report.faces import outline

    corners = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]])
    axes = Figure().subplots()
    outline(axes, corners[:, 0], corners[:, 1], np.array([[0, 1, 2], [0, 2, 3]]))
    (drawn,) = axes.collections
    sides = {tuple(sorted(map(tuple, each.tolist()))) for each in drawn.get_segments()}
    whole = {tuple(sorted((tuple(corners[i].tolist()), tuple(corners[(i + 1) % 4].tolist())))) for i in range(4)}
    assert sides == whole
