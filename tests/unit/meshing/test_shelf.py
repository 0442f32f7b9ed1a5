"""Meshes of bodies that are kept: one that is there is taken bit for bit, and only as long as nothing it is made of,
or with, has changed."""

import multiprocessing
import os
from dataclasses import replace
from types import SimpleNamespace

import meshing_shapes as shapes
import numpy as np
import pytest

from femsacrum import codec, fingerprint, shelf
from femsacrum.case.schema import Mesh
from femsacrum.meshing import tetrahedra
from femsacrum.shelf import Shelf
from femsacrum.surgery.construct import Construct, Solid

BONE = shapes.ellipsoid(10.0, 8.0, 9.0)
SIZES = {"bone": "6 mm", "soft": "5 mm", "implant": "6 mm", "fixation": "4 mm"}
BODIES = ["left_ilium", "L5", "prosthesis", "left_fixation"]


def box(thickness):
    return shapes.brep(lambda occ: occ.addBox(0, 0, 0, 8, 6, thickness))


@pytest.fixture(scope="module")
def construct():
    bones = {"L5": shapes.cut(BONE, np.array([0.0, 0.0, -1.0]), 4.0), "left_ilium": shapes.surface(BONE)}
    solids = {"prosthesis": Solid(box(5), "implant"), "left_fixation": Solid(box(4), "fixation")}
    return Construct(None, bones, solids, (), (), (), {}, {})


class Desk:
    """Meshes in this process, counts what it meshes, and hears what is told."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.meshed, self.told = folder, [], []
        monkeypatch.setattr(tetrahedra, "side_by_side", self._one_by_one)

    def _one_by_one(self, function, given, names):
        for number, (job,) in enumerate(given):
            self.meshed.append(job.name)
            yield number, function(job)

    def mesh(self, construct, *, read=True, sizes=SIZES):
        """The assembly, and which bodies were meshed for it."""
        self.meshed, self.told = [], []
        kept = shelf.shelf(self.folder, tetrahedra.mesh, read=read, tell=self.told.append)
        case = SimpleNamespace(mesh=Mesh.model_validate(sizes))
        return tetrahedra.mesh(case, construct, kept=kept), sorted(self.meshed, key=BODIES.index)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.delenv(shelf.VARIABLE, raising=False)
    return Desk(tmp_path / "bodies", monkeypatch)


def same(one, other):
    return codec.digest(*codec.encode(one)) == codec.digest(*codec.encode(other))


def test_changing_the_implant_meshes_the_implant_alone(desk, construct):
    first, meshed = desk.mesh(construct)
    assert meshed == BODIES
    assert not desk.told
    thicker = replace(construct, solids={**construct.solids, "prosthesis": Solid(box(5.5), "implant")})
    second, meshed = desk.mesh(thicker)
    assert meshed == ["prosthesis"]
    assert desk.told == ["3 of 4 bodies were meshed before: left_ilium, L5, left_fixation"]
    anew, meshed = desk.mesh(thicker, read=False)
    assert meshed == BODIES
    assert list(second.bodies) == list(anew.bodies) == BODIES
    for name, body in anew.bodies.items():
        assert same(second.bodies[name], body)
        rows = (
            {key: row[key] for key in row if key != "seconds"} for row in (second.quality[name], anew.quality[name])
        )
        assert same(*rows)
    assert second.quality["L5"] == first.quality["L5"]  # with the seconds it took then
    assert desk.mesh(construct)[1] == []  # back again: the first implant is still there


def test_a_mesh_depends_on_the_bone_after_the_cut_its_size_and_its_order(desk, construct):
    desk.mesh(construct)
    higher = {**construct.surfaces, "L5": shapes.cut(BONE, np.array([0.0, 0.0, -1.0]), 3.5)}
    assert desk.mesh(replace(construct, surfaces=higher))[1] == ["L5"]
    unnamed = {**construct.surfaces, "L5": replace(construct.surfaces["L5"], flat_faces={})}
    assert desk.mesh(replace(construct, surfaces=unnamed))[1] == ["L5"]
    assert desk.mesh(construct, sizes={**SIZES, "fixation": "3.5 mm"})[1] == ["left_fixation"]
    assert desk.mesh(construct, sizes={**SIZES, "order": {"implant": 1}})[1] == ["prosthesis"]


@pytest.mark.parametrize("what", ["half", "another's", "bits"])
def test_a_damaged_mesh_is_thrown_away_and_made_again(desk, construct, what):
    sound, _ = desk.mesh(construct)
    file = next(desk.folder.glob("l5-*.npz"))
    content = file.read_bytes()
    if what == "half":
        file.write_bytes(content[: len(content) // 2])
    elif what == "another's":
        file.write_bytes(next(desk.folder.glob("left_ilium-*.npz")).read_bytes())
    else:
        file.write_bytes(content[:3000] + bytes(200) + content[3200:])
    again, meshed = desk.mesh(construct)
    assert meshed == ["L5"]
    assert file.name in desk.told[0]
    assert "damaged" in desk.told[0]
    assert same(again.bodies["L5"], sound.bodies["L5"])
    assert desk.mesh(construct)[1] == []


@pytest.mark.parametrize("what", ["gmsh", "code"])
def test_another_gmsh_or_other_code_meshes_everything(desk, construct, what, monkeypatch, tmp_path):
    desk.mesh(construct)
    with monkeypatch.context() as patch:
        fingerprint.of_code.cache_clear()
        if what == "gmsh":
            true = fingerprint._version
            patch.setattr(fingerprint, "_version", lambda name: "9.9" if name == "gmsh" else true(name))
        else:
            patch.setattr(fingerprint, "__version__", "9.9")
        assert desk.mesh(construct)[1] == BODIES
    fingerprint.of_code.cache_clear()
    assert desk.mesh(construct)[1] == []


def test_runs_share_the_folder_that_the_environment_names(desk, construct, monkeypatch, tmp_path):
    monkeypatch.setenv(shelf.VARIABLE, str(tmp_path / "shared"))
    assert desk.mesh(construct)[1] == BODIES
    desk.folder = tmp_path / "another run"
    assert desk.mesh(construct)[1] == []
    assert not desk.folder.exists()


def keeper(folder, number, times):
    """Another process: keeps the same, reads it back, and throws everything away now and then."""
    value = {"numbers": np.arange(20000.0)}
    told = []
    shared = Shelf(folder, "code", read=True, tell=told.append, room=0 if number == 0 else 10**9)
    for _ in range(times):
        shared.keep("L5", "given", value)
        found = shared.found({"L5": "given"})
        assert not found or np.array_equal(found["L5"]["numbers"], value["numbers"])
    wrong = [text for text in told if "meshed before" not in text]
    os._exit(1 if wrong else 0)


def test_processes_that_keep_the_same_at_once_see_whole_meshes_only(tmp_path):
    started = [multiprocessing.get_context("spawn").Process(target=keeper, args=(tmp_path, n, 60)) for n in range(3)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0, 0, 0]
    assert not list(tmp_path.glob("*.tmp"))


def test_the_folder_stays_bounded_and_what_is_used_stays(tmp_path):
    value = np.zeros(1000)
    Shelf(tmp_path, "code", read=True, tell=print).keep("L5", 0, value)
    size = next(tmp_path.iterdir()).stat().st_size
    small = Shelf(tmp_path, "code", read=True, tell=print, room=3 * size + 100)
    for number in range(1, 6):
        small.keep("L5", number, value)
        assert list(small.found({"L5": 0})) == ["L5"]
    assert len(list(tmp_path.iterdir())) == 3
    assert not small.found({"L5": 3})
    assert small.found({"L5": 5})


def test_what_a_killed_process_left_goes_after_a_day(tmp_path):
    for name, age in (("old.npz.1.tmp", 2 * shelf.LEFT), ("new.npz.2.tmp", 10.0)):
        (tmp_path / name).touch()
        then = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (then, then))
    Shelf(tmp_path, "code", read=True, tell=print).keep("L5", 0, 1)
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".npz", ".tmp"]


def test_a_folder_that_cannot_be_written_is_told_and_the_run_goes_on(tmp_path):
    (tmp_path / "file").touch()
    told = []
    Shelf(tmp_path / "file", "code", read=True, tell=told.append).keep("L5", 0, 1)
    assert "cannot be kept" in told[0]
