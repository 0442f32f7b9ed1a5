"""The run folder: values survive being stored, and a stage runs again only when what it depends on has changed."""

import ctypes
import dataclasses
import functools
import json
import math
import shlex
import signal
import time
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from femsacrum import codec, fingerprint, store
from femsacrum.anatomy.model import Plane, Surface
from femsacrum.case.load import load
from femsacrum.case.schema import Solver
from femsacrum.errors import InputError, NumericalError
from femsacrum.meshing.bodies import BodyMesh
from femsacrum.store import RunFolder, StageFileError, read_stage, write_stage
from femsacrum.surgery.construct import Contact

TEMPLATE = Path(__file__).parents[2] / "femsacrum/case/template.toml"
CUBE = Surface(np.eye(3), np.array([[0, 1, 2]]), {"cut": Plane(np.zeros(3), np.array([0.0, 0.0, 1.0]))})


def same(a, b):
    """Equal, arrays by dtype and bits, mappings in order."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if dataclasses.is_dataclass(a):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b or (a != a and b != b))


DTYPES = st.sampled_from([np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_])
ARRAYS = DTYPES.flatmap(lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0)))
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | ARRAYS


def nested(inner):
    planes = st.builds(Plane, inner, inner)
    contacts = st.builds(Contact, st.text(), st.tuples(st.text(), st.text()), inner, st.text(), inner)
    tuples = st.lists(inner, max_size=3).map(tuple)
    mappings = st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    return planes | contacts | tuples | st.lists(inner, max_size=3) | mappings


VALUES = st.recursive(LEAVES, nested, max_leaves=6)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_any_value_survives_the_file(tmp_path_factory, value):
    file = tmp_path_factory.mktemp("stage") / "x.npz"
    write_stage(file, "key", value)
    assert same(read_stage(file, "key"), value)


@given(VALUES)
def test_equal_values_have_equal_digests(value):
    encoded = codec.encode(value)
    assert codec.digest(*encoded) == codec.digest(*codec.encode(codec.decode(*encoded)))


def test_other_containers_become_plain_ones():
    value = MappingProxyType({"a": np.float64(0.1), "b": np.int64(3)})
    assert codec.decode(*codec.encode(value)) == {"a": 0.1, "b": 3}
    fortran = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert codec.digest(*codec.encode(fortran)) == codec.digest(*codec.encode(fortran.copy(order="C")))


def test_one_bit_changes_the_digest():
    other = dataclasses.replace(CUBE, points=np.nextafter(CUBE.points, 2.0))
    assert fingerprint.of_value(CUBE) != fingerprint.of_value(other)


@pytest.mark.parametrize("value", [{1, 2}, object(), np.array([object()]), print, Surface])
def test_what_cannot_be_stored_is_refused(value):
    with pytest.raises(TypeError, match="may not hand on"):
        codec.encode(value)


@pytest.mark.parametrize("name", ["subprocess:Popen", "femsacrum.errors:InputError", "femsacrum.codec:Nothing", "x"])
def test_a_file_builds_only_our_dataclasses(name):
    with pytest.raises((ValueError, ModuleNotFoundError)):
        codec.decode({"dataclass": name, "fields": {}}, [])
    with pytest.raises((ValueError, ModuleNotFoundError)):
        codec.decode({"model": name, "fields": {}}, [])


def test_a_part_of_a_case_inside_something_else_comes_back():
    value = {"solver": Solver(increments=3), "settled": 0.01}
    assert codec.decode(*codec.encode(value)) == value
    assert fingerprint.of_value(value) != fingerprint.of_value(value | {"solver": Solver(increments=4)})


def test_a_damaged_file_is_never_used(tmp_path):
    file = tmp_path / "x.npz"
    write_stage(file, "key", CUBE)
    content = file.read_bytes()
    with pytest.raises(StageFileError):
        read_stage(file, "another key")
    for cut in (0, 10, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:cut])
        with pytest.raises(StageFileError):
            read_stage(file, "key")
    for place in range(len(content)):
        file.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        try:
            value = read_stage(file, "key")
        except StageFileError:
            continue
        assert same(value, CUBE), "only bytes that carry nothing (dates of the archive) may differ"


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    file = tmp_path / "x.npz"
    write_stage(file, "key", 1)
    with pytest.raises(TypeError), store.written(file) as temporary:
        temporary.write_text(None)
    assert read_stage(file, "key") == 1
    assert list(tmp_path.iterdir()) == [file]


class Counted:
    """A stage that counts how often it runs; the room it claims to be in decides which code counts."""

    def __init__(self, function, room="mechanics"):
        self.function, self.calls, self.__module__ = function, 0, f"femsacrum.{room}.x"

    def __call__(self, *inputs):
        self.calls += 1
        return self.function(*inputs)


class Heard(store.Silent):
    def __init__(self):
        self.notes, self.done = [], []

    def note(self, text):
        self.notes.append(text)

    def finished(self, name, seconds, cached):
        self.done.append((name, cached))


@pytest.fixture
def case():
    return load(TEMPLATE)


def open_folder(path, case, **options):
    return RunFolder(path, case, **options)


def test_a_finished_stage_is_read_the_second_time(tmp_path, case):
    stage, heard = Counted(lambda *_: CUBE), Heard()
    for _ in range(2):
        with open_folder(tmp_path, case, progress=heard) as folder:
            assert same(folder.stage("mesh", stage, case.only("mesh"), 5), CUBE)
    assert stage.calls == 1
    assert heard.done == [("mesh", False), ("mesh", True)]


def test_no_cache_computes_anew_and_refreshes(tmp_path, case):
    for number, options in enumerate([{}, {"cache": False}, {}]):
        stage = Counted(lambda number=number: number)
        with open_folder(tmp_path, case, **options) as folder:
            assert folder.stage("mesh", stage) == (0, 1, 1)[number]


def test_only_what_depends_on_a_change_runs_again(tmp_path, case):
    anatomy, mesh, loads = (Counted(lambda *given: list(map(fingerprint.of_value, given))) for _ in range(3))

    def run(*changes):
        case = load(TEMPLATE, changes)
        with open_folder(tmp_path, case) as folder:
            bones = folder.stage("anatomy", anatomy, case.only("anatomy"))
            meshed = folder.stage("mesh", mesh, case.only("mesh"), bones)
            folder.stage("loads", loads, case.only("loads"), meshed)
        return anatomy.calls, mesh.calls, loads.calls

    assert run() == (1, 1, 1)
    assert run("question=another") == (1, 1, 1)
    assert run("loads[0].upper_body=50 %") == (1, 1, 2)
    assert run("mesh.bone=4 mm") == (1, 2, 3)
    assert run("anatomy.sex=female") == (2, 3, 4)
    assert run() == (2, 3, 4)


def test_the_same_result_again_spares_what_follows(tmp_path, case):
    first, second = Counted(lambda *_: "same"), Counted(lambda *_: "next")
    for size in ("3 mm", "4 mm"):
        case = load(TEMPLATE, [f"mesh.bone={size}"])
        with open_folder(tmp_path, case) as folder:
            folder.stage("second", second, folder.stage("first", first, case.only("mesh")))
    assert (first.calls, second.calls) == (2, 1)


def test_a_changed_surface_file_counts(tmp_path):
    (tmp_path / "case.toml").write_text(TEMPLATE.read_text(encoding="utf-8"))
    (tmp_path / "s.stl").write_text("one")
    surfaces = [f"anatomy.surfaces.{what}" for what in ("unit=mm", "frame=LPS", "files.sacrum=s.stl")]
    before = fingerprint.of_value(load(tmp_path / "case.toml", surfaces).only("anatomy"))
    (tmp_path / "s.stl").write_text("two")
    assert fingerprint.of_value(load(tmp_path / "case.toml", surfaces).only("anatomy")) != before


def test_changed_code_counts_in_its_room_and_to_the_right(tmp_path, monkeypatch):
    for room in fingerprint.ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "x.py").write_text("one")
    monkeypatch.setattr(fingerprint, "_SOURCES", tmp_path)

    def prints():
        fingerprint.of_code.cache_clear()
        return {room: fingerprint.of_code(room) for room in fingerprint.ROOMS}

    before = prints()
    (tmp_path / "loads/x.py").write_text("two")
    changed = {room for room, code in prints().items() if code != before[room]}
    fingerprint.of_code.cache_clear()
    assert changed == {"loads", "mechanics", "findings", "course"}


def test_room_of_a_function():
    assert fingerprint.room_of(Counted(None, "loads")) == "loads"
    assert fingerprint.room_of(functools.partial(Counted(None, "loads"), 1)) == "loads"
    assert fingerprint.room_of(open_folder) is None
    assert fingerprint.room_of(store.slug) is None


def test_a_damaged_stage_is_computed_again_and_said(tmp_path, case):
    stage, heard = Counted(lambda: CUBE), Heard()
    for _ in range(2):
        with open_folder(tmp_path, case, progress=heard) as folder:
            folder.stage("mesh", stage)
        file = next((tmp_path / "stages").iterdir())
        file.write_bytes(file.read_bytes()[:-100])
    assert stage.calls == 2
    assert len(heard.notes) == 1
    assert "damaged" in heard.notes[0]
    assert file.name in heard.notes[0]
    assert "damaged" in (tmp_path / "run.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (NumericalError("solve stopped"), "solve stopped"),
        (ZeroDivisionError("x"), "Trace"),
    ],
)
def test_an_interrupted_run_continues(tmp_path, case, error, said):
    def fail(_):
        raise error

    first, second = Counted(lambda: 1), Counted(lambda *_: 2)

    def run(second):
        with open_folder(tmp_path, case) as folder:
            folder.stage("second", second, folder.stage("first", first))

    with pytest.raises(type(error)):
        run(Counted(fail))
    (tmp_path / "stages/left.npz.1.tmp").touch()
    assert said in (tmp_path / "run.log").read_text(encoding="utf-8")
    run(second)
    assert not list(tmp_path.rglob("*.tmp"))
    assert (first.calls, second.calls) == (1, 1)


def test_old_results_are_thrown_away(tmp_path, case):
    with open_folder(tmp_path, case) as folder:
        for number in range(store.KEPT + 3):
            folder.stage("solve", Counted(lambda number: number), number)
            folder.stage("solve standing", Counted(lambda number: number), number)
            time.sleep(0.01)
    names = [file.name.rpartition("-")[0] for file in (tmp_path / "stages").iterdir()]
    assert sorted(names) == ["solve"] * store.KEPT + ["solve_standing"] * store.KEPT


def test_two_runs_do_not_share_a_folder(tmp_path, case):
    with open_folder(tmp_path, case), pytest.raises(InputError, match="another run"), open_folder(tmp_path, case):
        pass
    with open_folder(tmp_path, case):
        pass


def test_a_folder_that_cannot_be(tmp_path, case):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be the run folder"), open_folder(tmp_path / "file", case):
        pass


def test_the_resolved_case_runs_again_from_the_folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/case.toml").write_text(TEMPLATE.read_text(encoding="utf-8"))
    (tmp_path / "some data").mkdir()
    (tmp_path / "a/s.stl").touch()
    (tmp_path / "some data/L5.stl").touch()
    surfaces = [
        f"anatomy.surfaces.{what}" for what in ("unit=mm", "frame=LPS", "files={sacrum='s.stl', L5='L5.stl'}")
    ]
    case = load(tmp_path / "a/case.toml", surfaces, [tmp_path / "some data"])
    with open_folder(tmp_path / "runs/b", case):
        pass
    head = (tmp_path / "runs/b/case.toml").read_text(encoding="utf-8").splitlines()[1]
    command = shlex.split(head.partition("# In this folder: ")[2])
    assert command[:3] == ["femsacrum", "run", "case.toml"]
    data = [tmp_path / "runs/b" / option.removeprefix("--data=") for option in command[3:]]
    again = load(tmp_path / "runs/b/case.toml", data=data)
    assert fingerprint.files_of(again) == {"s.stl": tmp_path / "a/s.stl", "L5.stl": tmp_path / "some data/L5.stl"}
    assert again.model_dump(exclude={"output"}) == case.model_dump(exclude={"output"})
    assert (again.folder / again.output.folder).resolve() == tmp_path / "runs/b"


def test_a_stage_that_takes_a_signal_away_gives_it_back(tmp_path, case):
    def greedy():
        ctypes.CDLL(None).signal(signal.SIGTERM, None)  # what Gmsh does, behind Python's back

    def caught():
        line = next(
            line
            for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
            if line.startswith("SigCgt")
        )
        return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with open_folder(tmp_path, case) as folder:
            folder.stage("surgery", Counted(greedy))
        assert caught()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_results_of_another_case_do_not_stay(tmp_path):
    def shown(*changes):
        with open_folder(tmp_path, load(TEMPLATE, changes)):
            return {name for name in store.RESULTS if (tmp_path / name).exists()}

    shown()
    for name in ("fields", "figures", "credibility"):
        (tmp_path / name).mkdir()
    evidence = [f"credibility/{name}.{end}" for name in ("convergence", "sensitivity") for end in ("json", "png")]
    for name in ("findings.json", "summary.html", "viewer.html", "fields/standing.vtkhdf", *evidence):
        (tmp_path / name).touch()
    assert shown() == set(store.RESULTS)
    assert shown("patient.mass=80 kg") == set()


def test_json_is_strict(tmp_path, case):
    with open_folder(tmp_path, case) as folder:
        assert json.loads(folder.write_json("f.json", {"x": 1.5}).read_text(encoding="utf-8")) == {"x": 1.5}
        with pytest.raises(ValueError, match="JSON"):
            folder.write_json("f.json", {"x": math.nan})
    assert json.loads((tmp_path / "f.json").read_text(encoding="utf-8")) == {"x": 1.5}


def test_a_mesh_survives(tmp_path):
    mesh = BodyMesh(
        "L5", "bone", 1, np.eye(4, 3), np.array([[0, 1, 2, 3]]), np.zeros((0, 3), int), np.zeros(0, int), ("a",)
    )
    write_stage(tmp_path / "m.npz", "key", {"L5": mesh})
    assert same(read_stage(tmp_path / "m.npz", "key"), {"L5": mesh})
