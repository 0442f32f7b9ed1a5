"""What kills, hangs or bloats a reader is one clear line, and the next file is read all the same."""

import json
import math
import os
import threading
import time

import pytest

from femsacrum import guarded
from femsacrum.errors import InputError
from femsacrum.images import nrrd


def read(function, *arguments, **limits):
    return guarded.call(function, *arguments, key="anatomy.x", what="bone.stl", **limits)


def kept():
    """The process that is kept for the next file."""
    read(math.sqrt, 4.0)
    return guarded._kept.worker.pid


@pytest.mark.parametrize(
    ("function", "arguments", "told"),
    [
        (os.abort, (), "it crashes its reader (SIGABRT)"),
        (os._exit, (3,), "it crashes its reader (exit code 3)"),
        (math.sqrt, (-1.0,), "is it damaged? copy or export it anew"),
        (json.loads, ("{",), "is it damaged? copy or export it anew"),
        (json.dumps, ({1, 2},), "is it damaged? copy or export it anew"),
        (int, ("1\n2",), "is it damaged? copy or export it anew"),
    ],
)
def test_whatever_happens_is_one_line_and_the_next_file_is_read(function, arguments, told):
    with pytest.raises(InputError) as caught:
        read(function, *arguments)
    assert str(caught.value).startswith("anatomy.x: bone.stl: cannot be read: ")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert read(math.sqrt, 9.0) == 3.0


def test_an_endless_reader_is_ended():
    start = time.perf_counter()
    with pytest.raises(InputError, match=r"not done after 0\.3 s"):
        read(time.sleep, 60.0, seconds=0.3)
    assert time.perf_counter() - start < 10.0
    assert read(math.sqrt, 9.0) == 3.0


def test_memory_is_limited_for_one_file_only():
    with pytest.raises(InputError, match="needs more than 1000 MB of memory"):
        read(bytearray, 2_000_000_000, megabytes=1000)
    assert len(read(bytearray, 200_000_000, megabytes=4000)) == 200_000_000


def test_an_error_meant_for_the_user_comes_through(tmp_path):
    with pytest.raises(InputError, match=r"^anatomy\.y: has"):
        read(nrrd.placed, _empty(tmp_path), "anatomy.y")


def _empty(folder):
    (folder / "has").touch()
    return folder / "has"


def test_several_files_go_to_one_process_and_another_thread_has_its_own():
    assert kept() == kept()
    seen = []
    thread = threading.Thread(target=lambda: seen.append(kept()))
    thread.start()
    thread.join()
    assert seen != [kept()]
