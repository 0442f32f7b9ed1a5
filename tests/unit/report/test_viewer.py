"""The page holds what the run folder holds, to the promised figures, and no text of a case becomes more than text."""

import base64
import gzip
import hashlib
import json
import re
import shutil
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from running import FACE, MARKUP, add_movement, folder_of, strained, walking

import femsacrum.report.viewer as package
from femsacrum.errors import InputError
from femsacrum.findings.fields import body_fields, write_fields
from femsacrum.report.viewer import pack, read, write_viewer
from femsacrum.report.viewer.page import vendored
from femsacrum.report.viewer.surface import skin

ROOM = Path(package.__file__).parent


@pytest.fixture(scope="module")
def run(run):
    return strained(run)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    return folder_of(run, tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def looked(folder):
    return read.read(folder)


def pieces_of(chunk):
    """Where the page finds the values of each piece."""
    raw = gzip.decompress(chunk)
    return {
        int(number): where for number, where in json.loads(raw[4 : 4 + int.from_bytes(raw[:4], "little")]).items()
    }


def restored(chunk, where):
    """What the page makes of an array."""
    raw = gzip.decompress(chunk)
    start = 4 + int.from_bytes(raw[:4], "little")
    assert start % 4 == 0
    codes = np.frombuffer(raw, f"<u{where['bits'] // 8}", where["size"], start + where["at"])
    if "low" not in where:
        return codes
    table = codes.reshape(-1, len(where["low"]))
    found = np.array(where["low"]) + table * np.array(where["step"])
    return np.where(table == pack.NO_VALUE, np.nan, found)


def test_surfaces_of_bodies_are_closed_and_seen_from_outside(run, looked):
    for piece in looked.pieces:
        if piece.role == "interface":
            continue
        mesh = run["assembly"].bodies[piece.name]
        a, b, c = (piece.points[piece.triangles[:, corner]] for corner in range(3))
        corners = mesh.nodes[mesh.cells[:, :4]]
        volume = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])).sum() / 6.0
        assert np.einsum("ti,ti->t", a, np.cross(b, c)).sum() / 6.0 == pytest.approx(volume, rel=1e-9)
        assert len(piece.triangles) == len(mesh.facets) * (4 if mesh.order == 2 else 1)


def test_values_are_those_of_the_findings(run, looked):
    ((name, found),) = run["findings"]["load_cases"].items()
    (shown,) = looked.load_cases
    numbers = {piece.name: number for number, piece in enumerate(looked.pieces)}
    assert shown.name == name
    stress = shown.values["stress"][numbers["prosthesis"]]
    assert stress.max() == pytest.approx(found["implants"]["prosthesis"]["von_mises_averaged_max"]["value"], rel=1e-5)
    risk = shown.values["risk"][numbers["left_graft"]]
    assert risk.max() == pytest.approx(found["overload"]["bodies"]["left_graft"]["risk_max"]["value"], rel=1e-5)
    assert risk.max() > 1.0 > risk.min()
    moved = run["solutions"][0].displacements["L4"]
    drawn = shown.displacement[numbers["L4"]]
    assert np.linalg.norm(drawn, axis=1).max() == pytest.approx(np.linalg.norm(moved, axis=1).max(), rel=1e-12)
    face = numbers["left_graft on left_ilium"]
    motion = found["interfaces"]["left_graft/left_ilium"]["micromotion"]["max"]["value"]
    assert shown.values["micromotion"][face].max() == pytest.approx(motion)


def test_interfaces_move_with_their_slave(looked):
    (shown,) = looked.load_cases
    names = [piece.name for piece in looked.pieces]
    body, face = names.index("left_graft"), names.index("left_graft on left_ilium")
    points, nodes = looked.pieces[face].points, looked.pieces[body].points
    same = np.linalg.norm(points[:, None] - nodes[None], axis=2).argmin(axis=1)
    assert (shown.displacement[face] == shown.displacement[body][same]).all()
    assert np.abs(shown.displacement[face]).max() > 0.0


def test_rounding_stays_below_what_is_promised(looked):
    head, chunks = pack.pack(looked)
    for piece, told in zip(looked.pieces, head["pieces"], strict=True):
        assert np.abs(restored(chunks[0], told["points"]) - piece.points).max() < 0.01
        assert (restored(chunks[0], told["triangles"]).reshape(-1, 3) == piece.triangles).all()
    (shown,), (told,) = looked.load_cases, head["load_cases"]
    chunk = chunks[told["displacement"]["chunk"]]
    for number, moved in shown.displacement.items():
        assert np.abs(restored(chunk, pieces_of(chunk)[number]) - moved).max() <= 1e-3 * np.ptp(moved)
    for key, values in shown.values.items():
        for number, each in values.items():
            chunk = chunks[told["values"][key]["chunk"]]
            found = restored(chunk, pieces_of(chunk)[number])[:, 0]
            assert np.abs(found - each).max() <= 1e-3 * np.ptp(each)


def test_what_is_not_determined_stays_so():
    chunk = pack.Chunk()
    values = np.array([np.nan, -3.0, 0.1, np.inf, 5.0])
    where = chunk.rounded(values)
    found = restored(chunk.packed(), where)[:, 0]
    assert np.isnan(found).tolist() == [True, False, False, True, False]
    assert found[[1, 2, 4]] == pytest.approx(values[[1, 2, 4]], abs=1e-4)
    nothing = chunk.rounded(np.full(4, np.nan))
    assert np.isnan(restored(chunk.packed(), nothing)).all()


def test_a_quadratic_tetrahedron_has_sixteen_triangles_that_enclose_it():
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float)
    pairs = [(0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3)]
    points = np.vstack([corners, [(corners[a] + corners[b]) / 2 for a, b in pairs]])
    for order in ([*range(10)], [1, 0, 2, 3, 4, 6, 5, 8, 7, 9]):  # the second is inside out
        found = skin(points, np.array([order]))
        a, b, c = (points[found.nodes][found.triangles[:, corner]] for corner in range(3))
        assert (len(found.triangles), found.parts) == (16, 4)
        assert np.einsum("ti,ti->t", a, np.cross(b, c)).sum() / 6.0 == pytest.approx(1.0 / 6.0)
        assert np.linalg.norm(np.cross(b - a, c - a), axis=1).max() == pytest.approx(np.sqrt(3.0) / 4.0)


def test_load_cases_that_would_make_the_page_too_large_are_named(looked):
    twice = read.Looked(looked.case, "", looked.fields, looked.pieces, looked.load_cases * 2)
    head, chunks = pack.pack(twice, limit=pack.SPARE + 10)
    assert len(head["load_cases"]) == 1
    assert head["left_out"] == [looked.load_cases[0].name]
    (kept,) = head["load_cases"]
    assert len(chunks) == 2 + len(kept["values"])
    whole, more = pack.pack(twice, limit=None)
    assert len(whole["load_cases"]) == 2
    assert len(more) == 2 * len(chunks) - 1


def test_the_same_run_gives_the_same_page(folder):
    first = write_viewer(folder).read_bytes()
    assert write_viewer(folder).read_bytes() == first
    assert not list(folder.glob("*.tmp"))


def test_the_page_may_run_and_fetch_nothing_but_itself(folder):
    html = write_viewer(folder).read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.replace("&#39;", "'").split(";"))
    assert rules["default-src"] == "'none'"
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    assert rules["script-src"].split() == [f"'sha256-{each}'" for each in hashes]
    assert re.findall(r'(?:src|href)="([^"]*)', html) == ["data:,"]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_cannot_leave_the_json(text):
    from femsacrum.report.viewer.page import as_json

    written = as_json({"case": text, text: [text]})
    assert not set("<>&") & set(written)
    assert json.loads(written) == {"case": text, text: [text]}


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda folder: (folder / "findings.json").unlink(), "holds no findings.json"),
        (lambda folder: (folder / "findings.json").write_text("[1", encoding="utf-8"), "is not what a run writes"),
        (lambda folder: (folder / "findings.json").write_text("{}", encoding="utf-8"), "is not what a run writes"),
        (lambda folder: next((folder / "fields").glob("*s_.vtkhdf")).unlink(), "is missing"),
        (lambda folder: next((folder / "fields").glob("*s_.vtkhdf")).write_bytes(b"x"), "cannot be read"),
    ],
)
def test_a_folder_that_is_not_whole_is_named(run, tmp_path, break_it, said):
    folder_of(run, tmp_path)
    break_it(tmp_path)
    with pytest.raises(InputError, match=said):
        write_viewer(tmp_path)
    assert not (tmp_path / "viewer.html").exists()


def test_what_is_vendored_is_what_is_told():
    for library in vendored():
        assert hashlib.sha256((ROOM / library["file"]).read_bytes()).hexdigest() == library["sha256"]
        assert library["licence"] in (ROOM / library["licence_file"]).read_text(encoding="utf-8")


def test_bone_that_the_case_calls_weaker_is_at_more_risk(run, folder, looked, tmp_path):
    shutil.copytree(folder / "fields", tmp_path / "fields")
    findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    (found,) = findings["load_cases"].values()
    found["bones"]["left_graft"]["strength_factor"]["value"] = 0.5
    (tmp_path / "findings.json").write_text(json.dumps(findings), encoding="utf-8")
    number = [piece.name for piece in looked.pieces].index("left_graft")
    (shown,), (weaker,) = looked.load_cases, read.read(tmp_path).load_cases
    assert weaker.values["risk"][number] == pytest.approx(2.0 * shown.values["risk"][number])


def second(run, folder, assembly, change):
    """A run of two load cases, the second written with another model."""
    (solution,) = run["solutions"]
    folder_of(run, folder)
    other = replace(solution, name="second", interfaces={n: change(s) for n, s in solution.interfaces.items()})
    write_fields(folder / "fields", assembly, run["materials"], run["interfaces"], [other])
    findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    (first,) = findings["load_cases"].values()
    findings["load_cases"]["second"] = first
    (folder / "findings.json").write_text(json.dumps(findings), encoding="utf-8")


def test_an_interface_that_meets_other_points_is_another_surface(run, tmp_path):
    def fewer(state):
        shapes = {each.name: getattr(state, each.name) for each in fields(state)}
        count = len(state.points)
        kept = {name: value[3:] for name, value in shapes.items() if np.shape(value)[:1] == (count,)}
        return replace(state, **kept)

    second(run, tmp_path, run["assembly"], fewer)
    looked = read.read(tmp_path)
    faces = [number for number, piece in enumerate(looked.pieces) if piece.name == "left_graft on left_ilium"]
    assert [list(shown.values["gap"]) for shown in looked.load_cases] == [[face] for face in faces]
    assert len(looked.pieces[faces[0]].points) == len(looked.pieces[faces[1]].points) + 3


def test_load_cases_of_two_meshes_are_refused(run, tmp_path):
    bodies = run["assembly"].bodies
    moved = bodies | {"L4": replace(bodies["L4"], nodes=bodies["L4"].nodes + 1.0)}
    second(run, tmp_path, replace(run["assembly"], bodies=moved), lambda state: state)
    with pytest.raises(InputError, match="another mesh"):
        read.read(tmp_path)


@pytest.fixture
def opened(monkeypatch):
    """Names of the files that are read, as they are."""
    import pyvista

    names, reading = [], pyvista.read

    def reads(file):
        names.append(Path(file).name)
        return reading(file)

    monkeypatch.setattr(pyvista, "read", reads)
    return names


def without_ranges(folder):
    for file in (folder / "fields").glob("*_ranges.json"):
        file.unlink()


def test_a_served_run_is_read_when_it_is_looked_at(run, tmp_path, opened):
    second(run, tmp_path, run["assembly"], lambda state: state)
    head, chunks = pack.pack(read.look(tmp_path), limit=None)
    first = {"two_legs_.vtkhdf", "two_legs__interfaces.vtkhdf"}
    assert set(opened) == first
    assert len(opened) == 2
    chunks[0]
    chunks[head["load_cases"][0]["values"]["stress"]["chunk"]]
    assert len(opened) == 2, "the first picture needs no other file"
    chunks[head["load_cases"][1]["values"]["stress"]["chunk"]]
    assert opened[2:] == ["second.vtkhdf"]
    chunks[head["load_cases"][1]["values"]["gap"]["chunk"]]
    assert opened[3:] == ["second_interfaces.vtkhdf"]
    for number in range(len(chunks)):
        chunks[number]
    assert set(opened) == {*first, "second.vtkhdf", "second_interfaces.vtkhdf"}


def test_kept_ranges_and_read_ones_give_the_same_page(run, tmp_path):
    second(run, tmp_path, run["assembly"], lambda state: state)
    kept, chunks = pack.pack(read.look(tmp_path), limit=None)
    whole, eager = pack.pack(read.read(tmp_path))
    assert (kept, list(chunks)) == (whole, list(eager))
    without_ranges(tmp_path)
    found, more = pack.pack(read.look(tmp_path), limit=None)
    assert list(more) == list(chunks)
    for one, other in zip(found.pop("fields"), kept.pop("fields"), strict=True):
        tops, known = one.pop("tops"), other.pop("tops")
        assert one == other
        assert tops.keys() == known.keys()
        for number, ends in tops.items():
            assert ends == pytest.approx(known[number], rel=1e-6)
    assert [each.pop("largest") for each in found["load_cases"]] == pytest.approx(
        [each.pop("largest") for each in kept["load_cases"]], rel=1e-12
    )
    assert found == kept


@pytest.mark.parametrize("text", ["[", "[]", "{}", '{"bodies": {}, "faces": {}}', '{"bodies": 1, "faces": {"a": 1}}'])
def test_ranges_that_are_not_what_a_run_writes_are_not_used(run, tmp_path, text):
    folder_of(run, tmp_path)
    expected = pack.pack(read.look(tmp_path), limit=None)[0]
    for file in (tmp_path / "fields").glob("*_ranges.json"):
        file.write_text(text, encoding="utf-8")
    (shown,) = read.look(tmp_path).load_cases
    assert shown.tops is None
    assert pack.pack(read.look(tmp_path), limit=None)[0]["load_cases"] == expected["load_cases"]


def test_a_file_that_is_not_what_the_others_tell_is_an_error_when_it_is_asked_for(run, tmp_path):
    bodies = run["assembly"].bodies
    moved = bodies | {"L4": replace(bodies["L4"], nodes=bodies["L4"].nodes + 1.0)}
    second(run, tmp_path, replace(run["assembly"], bodies=moved), lambda state: state)
    head, chunks = pack.pack(read.look(tmp_path), limit=None)
    chunks[head["load_cases"][0]["displacement"]["chunk"]]
    with pytest.raises(InputError, match="another mesh"):
        chunks[head["load_cases"][1]["displacement"]["chunk"]]
    (tmp_path / "fields" / "second_interfaces.vtkhdf").unlink()
    with pytest.raises(InputError, match="is missing"):
        chunks[head["load_cases"][1]["values"]["gap"]["chunk"]]


def test_the_report_leads_to_the_page_where_there_is_one(folder, tmp_path):
    from femsacrum.report.document.html import html

    content = {"title": "t", "author": "", "status": "s", "sound": True, "facts": [], "sections": []}
    assert "viewer.html" not in html(content, tmp_path)
    write_viewer(folder)
    assert '<a href="viewer.html">' in html(content, folder)


def test_a_movement_shows_the_most_of_its_cycle(run, tmp_path):
    walked, meshed = walking(run), run["assembly"]
    add_movement(run, walked, folder_of(run, tmp_path))
    looked = read.read(tmp_path)
    shown, numbers = looked.load_cases[-1], {piece.name: number for number, piece in enumerate(looked.pieces)}
    assert shown.name == "walk <on> (envelope over the cycle)"
    assert looked.absent == ()
    assert shown.values["micromotion"][numbers["left_graft on left_ilium"]].max() == pytest.approx(
        walked.found["faces"][FACE]["max"]["value"]
    )
    pressed = max(each.interfaces[FACE].pressure.max() for each in walked.gait.solutions)
    assert shown.values["pressure"][numbers["left_graft on left_ilium"]].max() == pytest.approx(pressed)
    for body, row in walked.found["overload"]["bodies"].items():
        assert shown.values["risk"][numbers[body]].max() <= row["risk_max"]["value"] * (1.0 + 1e-6)
    body = walked.found["overload"]["worst"]
    assert shown.values["risk"][numbers[body]].max() == pytest.approx(
        walked.found["overload"]["bodies"][body]["risk_max"]["value"], rel=1e-6
    )
    stress = [body_fields(meshed, walked.materials, each)[0]["von_mises_nodal [MPa]"]["prosthesis"] for each in
              walked.gait.solutions]  # fmt: skip
    assert shown.values["stress"][numbers["prosthesis"]].max() == np.max(stress)
    sizes = [
        max(np.linalg.norm(m, axis=1).max() for m in each.displacements.values()) for each in walked.gait.solutions
    ]
    drawn = max(np.linalg.norm(moved, axis=1).max() for moved in shown.displacement.values())
    assert drawn == pytest.approx(max(sizes))


def test_a_movement_without_fields_is_named(run, tmp_path):
    add_movement(run, walking(run), folder_of(run, tmp_path))
    for file in (tmp_path / "fields").glob("*over_cycle*"):
        file.unlink()
    looked = read.read(tmp_path)
    assert looked.absent == ("walk <on>",)
    assert len(looked.load_cases) == 1


def test_a_run_of_movements_alone_is_shown(run, tmp_path):
    add_movement(run, walking(run), folder_of(run, tmp_path))
    file = tmp_path / "findings.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"load_cases": {}}), encoding="utf-8")
    assert [shown.name for shown in read.read(tmp_path).load_cases] == ["walk <on> (envelope over the cycle)"]
