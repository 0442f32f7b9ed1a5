"""What of nerve roots does not go together, and files that are no course, are told at the door."""

from __future__ import annotations

import pytest

from femsacrum.case.nerve_rules import nerve_problems, read_course
from femsacrum.case.plan import plan_problems
from femsacrum.case.schema import Nerves
from femsacrum.errors import InputError

GOOD = "# from a segmentation\nx,y,z\n6,90,45\n15, 98, 25\n19.5,97.5,9.5\n"


def told(tmp_path, *roots):
    return {".".join(map(str, at[2:])): said for at, said in
            nerve_problems({"surgery": {"nerves": {"roots": list(roots)}}}, tmp_path)}  # fmt: skip


@pytest.mark.parametrize(
    ("root", "key", "said"),
    [
        ({"fate": "bridged"}, "roots.0.graft_length", "needs the length of the graft"),
        ({"fate": "kept", "graft_length": "50 mm"}, "roots.0.graft_length", 'is for fate = "bridged"'),
        ({"fate": "cut", "slack": "2 mm"}, "roots.0.slack", 'is for fate = "kept"'),
        ({"graft_length": "50 mm"}, "roots.0.fate", 'needs fate = "bridged"'),
        ({"beyond": "9 mm", "distal_stump": "(1, 2, 3) mm"}, "roots.0.beyond", "says it as well"),
        ({"course": "nowhere.csv"}, "roots.0.course", "no such file"),
    ],
)
def test_keys_that_do_not_go_together_are_named(tmp_path, root, key, said):
    found = told(tmp_path, {"root": "left_S3", **root})
    assert said in found[key]


def test_a_root_is_said_once(tmp_path):
    found = told(tmp_path, {"root": "left_S3"}, {"root": "left_S3"})
    assert "surgery.nerves.roots[0] is the same root" in found["roots.1.root"]


def test_an_untouched_pelvis_has_no_such_table():
    found = dict(plan_problems({"surgery": {"plan": "intact", "nerves": {}}}))
    assert "does not read it" in found[("surgery", "nerves")]
    assert not list(plan_problems({"surgery": {"plan": "intact"}}))
    assert Nerves().motion == 2.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", 'has to begin with the line "x,y,z"'),
        ("a,b,c\n1,2,3\n", 'has to begin with the line "x,y,z"'),
        ("x,y,z\n1,2\n", "line 2 has 2 fields"),
        (f"x,y,z\n1,2,{'3' * 140000}\n", "line 2 of 140004 characters: field larger than field limit"),
        ("x,y,z\n1,2,tree\n", "no point of finite numbers"),
        ("x,y,z\n1,2,nan\n", "no point of finite numbers"),
        ("x,y,z\n1,2,3\n1,2,3\n", "line 3 says the point before again"),
        ("x,y,z\n1,2,3\n1,2,90\n", "line 3 is 87 mm from the point before"),
        ("x,y,z\n1,2,3\n1,2,9\n", "has 2 points; a course has at least three"),
    ],
)
def test_files_that_are_no_course_are_refused(tmp_path, text, said):
    file = tmp_path / "left_S3.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_course(file, "surgery.nerves.roots")
    assert said in str(refused.value)
    assert said in told(tmp_path, {"root": "left_S3", "course": "left_S3.csv"})["roots.0.course"]


def test_a_course_is_read_and_bytes_are_refused(tmp_path):
    file = tmp_path / "left_S1.csv"
    file.write_text(GOOD, encoding="utf-8")
    assert read_course(file, "")[1] == (15.0, 98.0, 25.0)
    assert told(tmp_path, {"root": "left_S1", "course": "left_S1.csv"}) == {}
    file.write_bytes(b"x,y,z\n\xff\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_course(file, "")
