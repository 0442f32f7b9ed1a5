"""What a run was made from and left, and every way in which a run folder can be other than it was written."""

import json
import os
import shutil
from pathlib import Path

import pytest

from femsacrum.case.load import load
from femsacrum.credibility import manifest
from femsacrum.credibility.verify import verify
from femsacrum.errors import InputError
from femsacrum.hashing import sha256
from femsacrum.store import MANIFEST, RunFolder

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"
SURFACE = 'anatomy.surfaces={unit="mm", frame="LPS", files={L5="bones/L5.stl"}}'
#: SHA-256 of "abc": FIPS 180-4, example of the National Institute of Standards and Technology.
OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def case(tmp_path):
    (tmp_path / "data/bones").mkdir(parents=True)
    (tmp_path / "data/bones/L5.stl").write_bytes(b"abc")
    shutil.copy(TEMPLATE, tmp_path / "data/case.toml")
    return load(tmp_path / "data/case.toml", [SURFACE])


@pytest.fixture
def folder(case, tmp_path):
    """A run folder as a run leaves it."""
    folder = tmp_path / "run"
    for name in ("findings.json", "fields/standing.vtkhdf", "stages/mesh-1.npz", "run.log", "credibility/a/deep"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    manifest.begin(case, tmp_path / "data/case.toml", ["femsacrum", "run", "case.toml"]).write(folder, ["mesh"])
    return folder


def changes(folder):
    found = verify(folder)
    return found.changed, found.added, found.removed


def test_a_manifest_names_what_went_in_and_what_came_out(folder, case):
    content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert content["inputs"] == {"bones/L5.stl": OF_ABC}
    assert content["case_sha256"] == sha256(TEMPLATE)
    assert set(content["outputs"]) == {"findings.json", "fields/standing.vtkhdf", "stages/mesh-1.npz"}
    assert content["versions"]["numpy"] == __import__("numpy").__version__
    assert content["versions"]["pydantic-core"], "what a dependency needs counts too"
    assert content["stages_from_cache"] == ["mesh"]
    assert content["seed"] is None
    assert content["started"] <= content["ended"]


def test_a_manifest_names_nobody(folder, tmp_path):
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    names = (os.uname().nodename, Path.home().name, str(tmp_path), str(Path.home()))
    assert not [name for name in names if f'"{name}' in text or f"/{name}" in text]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("case.toml", "case.toml"),
        ("studies/one/case.toml", "studies/one/case.toml"),
        ("/home/somebody/case.toml", ".../case.toml"),
        ("../somebody/data", ".../data"),
        ("~somebody/data", ".../data"),
        ('output.folder="/home/some body/runs/x"', 'output.folder=".../x"'),
        ("loads[0].force=400 N/mm", "loads[0].force=400 N/mm"),
    ],
)
def test_words_of_a_command_do_not_say_where_somebody_keeps_things(word, told):
    assert manifest.shareable(word) == told
    assert manifest.shareable(str(Path.cwd() / "here/case.toml")) == "here/case.toml"
    assert manifest.shareable(str(Path.home())) == "~"


def test_an_untouched_run_folder_holds(folder):
    found = verify(folder)
    assert found.holds
    assert found.lines() == []
    assert len(found.sound) == 3
    assert found.inputs_unseen == ("bones/L5.stl",)


def test_every_kind_of_change_is_named(folder):
    (folder / "findings.json").write_text("findings.jso!")
    (folder / "fields/standing.vtkhdf").unlink()
    (folder / "fields/another\nline.vtkhdf").write_text("")
    found = verify(folder)
    assert not found.holds
    assert found.lines() == [
        "changed: findings.json",
        'added: "fields/another\\nline.vtkhdf"',
        "removed: fields/standing.vtkhdf",
    ]


def test_an_emptied_folder_and_an_emptied_file_are_named(folder):
    (folder / "findings.json").write_bytes(b"")
    shutil.rmtree(folder / "fields")
    shutil.rmtree(folder / "stages")
    assert changes(folder) == (("findings.json",), (), ("fields/standing.vtkhdf", "stages/mesh-1.npz"))


def test_a_link_to_the_same_content_is_a_change(folder, tmp_path):
    (folder / "findings.json").rename(tmp_path / "elsewhere.json")
    (folder / "findings.json").symlink_to(tmp_path / "elsewhere.json")
    (folder / "fields").rename(tmp_path / "fields")
    (folder / "fields").symlink_to(tmp_path / "fields")
    assert changes(folder) == (("findings.json",), ("fields",), ("fields/standing.vtkhdf",))


def test_a_pipe_in_place_of_a_file_is_a_change_and_not_waited_for(folder):
    (folder / "findings.json").unlink()
    os.mkfifo(folder / "findings.json")
    assert changes(folder) == (("findings.json",), (), ())


def test_what_later_commands_write_is_no_change(folder):
    for name in ("report.pdf", "report/page.png", "stages/mesh-2.npz", "credibility/a/deep"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("new")
    (folder / "run.log").write_text("one line more")
    assert verify(folder).holds


def test_evidence_that_is_added_later_is_entered_and_then_held_to(folder):
    evidence = folder / "credibility/convergence.json"
    evidence.write_text("{}")
    assert changes(folder) == ((), ("credibility/convergence.json",), ())
    manifest.register(folder, evidence)
    assert verify(folder).holds
    evidence.write_text("{ }")
    assert changes(folder) == (("credibility/convergence.json",), (), ())


def test_inputs_are_looked_at_where_they_are(folder, tmp_path):
    assert verify(folder, [tmp_path / "data"]).inputs_sound == ("bones/L5.stl",)
    (tmp_path / "data/bones/L5.stl").write_bytes(b"abd")
    found = verify(folder, [tmp_path / "data"])
    assert not found.holds
    assert found.lines() == ["input changed: bones/L5.stl"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"", "is no JSON"),
        (b'{"version": 1, "outp', "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "is no manifest of version 1"),
        (b'{"version": 2}', "is no manifest of version 1"),
        (b'{"version": 1, "inputs": {}, "additions": {}}', '"outputs" lists no files'),
        (b'{"version": 1, "inputs": {}, "additions": {}, "outputs": {"a": "0"}}', '"outputs" lists no files'),
        (b'{"version": 1, "inputs": [], "additions": {}, "outputs": {}}', '"inputs" lists no files'),
    ],
)
def test_a_manifest_that_is_none_is_one_line(folder, text, line):
    (folder / MANIFEST).write_bytes(text)
    with pytest.raises(InputError, match=line) as caught:
        verify(folder)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", "..", "", "C:/x", "a\\..\\b", "../\n"])
@pytest.mark.parametrize("where", ["inputs", "outputs", "additions"])
def test_a_path_that_leaves_the_folder_is_refused(folder, name, where):
    content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    content[where] = {name: OF_ABC}
    (folder / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(InputError, match="which is not in the folder") as caught:
        verify(folder)
    assert len(str(caught.value).splitlines()) == 1


def test_a_run_that_did_not_end_has_no_manifest(folder, case, tmp_path):
    with RunFolder(folder, case):
        assert not (folder / MANIFEST).exists()
    with pytest.raises(InputError, match="the run did not end"):
        verify(folder)
    with pytest.raises(InputError, match="is no folder"):
        verify(tmp_path / "nowhere")


def test_a_manifest_is_not_read_through_a_link(folder, tmp_path):
    (folder / MANIFEST).rename(tmp_path / "m.json")
    (folder / MANIFEST).symlink_to(tmp_path / "m.json")
    with pytest.raises(InputError, match="is not a file of this folder"):
        verify(folder)


@pytest.mark.parametrize(
    ("named", "files"),
    [("ct/scan.nhdr", {"ct/scan.nhdr", "ct/scan.raw"}), ("series", {"series/1.dcm", "series/2.dcm"})],
)
def test_all_files_of_an_image_are_inputs(tmp_path, named, files):
    for name in ("ct/scan.raw", "series/1.dcm", "series/2.dcm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"abc")
    (tmp_path / "ct/scan.nhdr").write_text("NRRD0004\ndata file: scan.raw\nencoding: raw\ndimension: 3\n\n")
    shutil.copy(TEMPLATE, tmp_path / "case.toml")
    found = manifest.inputs_of(load(tmp_path / "case.toml", [f"materials.ct.file={named}"]))
    assert set(found) == files
    assert {found[name] for name in files if not name.endswith(".nhdr")} == {OF_ABC}
