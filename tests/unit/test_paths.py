"""Files a case names are found in its folder or in a data folder, and nowhere else."""

import os
from pathlib import Path

import pytest

from femsacrum.errors import InputError
from femsacrum.paths import VARIABLE, data_folders, locate, mesh_of

REMEDY = "name it relative to the case file or to a folder given with --data FOLDER"


@pytest.fixture
def folders(tmp_path):
    """A case's folder, a data folder, and one that is neither."""
    for name in ("case/bones", "data", "private"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "case/bones/s.stl").touch()
    (tmp_path / "data/s.stl").touch()
    (tmp_path / "private/s.stl").touch()
    return tmp_path


def found(where, name, **options):
    return locate(name, where / "case", [where / "data"], "key", **options)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("bones/s.stl", "case/bones/s.stl"),
        ("./bones//s.stl", "case/bones/s.stl"),
        ("bones/../bones/s.stl", "case/bones/s.stl"),
        ("s.stl", "data/s.stl"),
    ],
)
def test_a_file_is_found(folders, name, place):
    assert found(folders, name) == folders / place


def test_the_case_s_own_folder_comes_first(folders):
    (folders / "case/s.stl").touch()
    assert found(folders, "s.stl") == folders / "case/s.stl"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "names no file"),
        (" ", "names no file"),
        ("absent.stl", f"no such file in .*/case, .*/data; {REMEDY}"),
        ("bones/s.stl/x", "no such file in"),
        ("../private/s.stl", f"climbs out of its folder; {REMEDY}"),
        ("bones/../../private/s.stl", "climbs out of its folder"),
        ("..", "climbs out of its folder"),
        ("/etc/passwd", f"is absolute; {REMEDY}"),
        ("~/s.stl", "is absolute"),
        ("C:/bones/s.stl", "is absolute"),
        ("bones\\s.stl", "has a backslash; put / between folders"),
        ("bones/s.stl\0.png", "has a control character"),
        ("bones/s\n.stl", "has a control character"),
        ("bones/s\u2028.stl", "has a control character"),
        ("a" * 300 + ".stl", r"is too long for a path \(304 characters\)"),
        ("ä" * 200, "is too long for a path"),
        ("a/" * 600 + "s.stl", "is too long for a path"),
        ("bones", "is a folder, not a file; name the file in it"),
        (".", "is a folder, not a file"),
    ],
)
def test_what_cannot_be_a_file_is_refused_in_one_line(folders, name, words):
    with pytest.raises(InputError, match=f'^key = ".*: {words}') as caught:
        found(folders, name)
    assert len(str(caught.value).splitlines()) == 1


def test_links_stay_inside(folders):
    links = {
        "file.stl": "../private/s.stl",
        "folder": "../private",
        "gone.stl": "nowhere.stl",
        "loop.stl": "loop.stl",
        "inside.stl": "bones/s.stl",
        "given.stl": "../data/s.stl",
    }
    for name, target in links.items():
        (folders / "case" / name).symlink_to(target)
    for name in ("file.stl", "folder/s.stl"):
        with pytest.raises(InputError, match=f"is a link out of its folder, to .*/private/s.stl; {REMEDY}"):
            found(folders, name)
    with pytest.raises(InputError, match=r"is a link to nowhere\.stl, which is not there"):
        found(folders, "gone.stl")
    with pytest.raises(InputError, match="cannot be looked at: Too many levels of symbolic links"):
        found(folders, "loop.stl")
    assert found(folders, "inside.stl") == folders / "case/bones/s.stl"
    assert found(folders, "given.stl") == folders / "data/s.stl"


def test_pipes_and_devices_are_not_opened(folders):
    os.mkfifo(folders / "case/pipe.stl")
    with pytest.raises(InputError, match="is a device or a pipe"):
        found(folders, "pipe.stl")
    with pytest.raises(InputError, match="is a device or a pipe"):
        locate("null", Path("/dev"), (), "key")


def test_a_series_may_be_a_folder(folders):
    assert found(folders, "bones", folders=True) == folders / "case/bones"


def test_data_folders_are_those_given_and_then_those_of_the_environment(folders, monkeypatch):
    one, two = str(folders / "data"), str(folders / "private")
    monkeypatch.setenv(VARIABLE, os.pathsep.join(["", one, two]))
    assert data_folders([two]) == (Path(two), Path(one))
    monkeypatch.setenv(VARIABLE, str(folders / "absent"))
    with pytest.raises(InputError, match=r"^FEMSACRUM_DATA .*/absent: is no folder; give"):
        data_folders([])
    with pytest.raises(InputError, match=r"^--data x: is no folder"):
        data_folders(["x"])


def test_a_mesh_of_a_file_with_several_is_named_after_it():
    assert mesh_of("a/b.glb#left hip#2") == ("a/b.glb", "left hip#2")
    assert mesh_of("b.GLB") == ("b.GLB", None)
    assert mesh_of("b#2.stl") == ("b#2.stl", None)
