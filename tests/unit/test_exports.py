"""``femsacrum export``: only the stages it needs, nothing of a run touched, and every file listed."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from test_cli import TINY, command

import femsacrum
from femsacrum.case.load import load
from femsacrum.cli import execute
from tests.unit import tiny_rooms

sys.path += [str(Path(__file__).parent / folder) for folder in ("meshing", "mechanics")]

TEMPLATE = Path(__file__).parents[2] / "femsacrum/case/template.toml"


@pytest.fixture
def case_file(tmp_path):
    return shutil.copy(TEMPLATE, tmp_path / "case.toml")


@pytest.fixture
def tiny(monkeypatch):
    """The module with rooms that do nothing, which note that they were asked."""
    monkeypatch.setenv("FEMSACRUM_PROCESSES", "1")
    for name, module in tiny_rooms.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    for name in ("pipeline", "exports"):  # another test may have left the real ones there
        monkeypatch.delitem(sys.modules, f"femsacrum.{name}", raising=False)
        vars(femsacrum).pop(name, None)
    monkeypatch.setattr(tiny_rooms, "CALLS", [])
    from femsacrum import exports

    yield exports
    for name in ("pipeline", "exports"):
        sys.modules.pop(f"femsacrum.{name}", None)
        vars(femsacrum).pop(name, None)


def test_shapes_need_no_mesh(tiny, case_file, tmp_path):
    files, remarks = tiny.export(load(case_file), tmp_path / "out", ["stl", " STEP"], folder=tmp_path / "run")
    assert tiny_rooms.CALLS == ["anatomy", "surgery"]
    assert (files, remarks) == ([tmp_path / "out/construct.json"], [])


def test_it_is_a_function_of_the_package_however_often_it_is_asked_for():
    assert callable(femsacrum.export)
    assert callable(femsacrum.export)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["case.toml", "--to", "new", "--formats", "step,dxf"],
            '--formats: "dxf" is no format; there are step, stl,',
        ),
        (["case.toml", "--to", "new", "--formats", ""], '--formats: "" is no format; there are step, stl,'),
        (["case.toml", "--to", "full"], "--to full: is not empty; name another folder, or --force writes into it"),
        (["case.toml", "--to", "case.toml"], "--to case.toml: is a file; name a folder"),
        (["case.toml", "--to", "case.toml/new"], "--to case.toml/new: cannot be made: Not a directory"),
        (["full", "--to", "new"], "full: is no run folder: it holds no case.toml"),
        (["none.toml", "--to", "new"], "none.toml: no such file"),
        (["case.toml"], "Missing option '--to'"),
    ],
)
def test_what_cannot_be_written_is_one_line(case_file, tmp_path, monkeypatch, capsys, arguments, line):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.tex").write_text("")
    assert execute(["export", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(line)
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "new").exists()


def test_a_run_folder_is_read_and_left_alone(case_file, tmp_path):
    assert command("run", "case.toml", "--out", "run", "--quiet", module=TINY, cwd=tmp_path).returncode == 0

    def content():
        kept = ("case.toml", "findings.json", "summary.html")
        return {name: (tmp_path / "run" / name).read_bytes() for name in kept}

    before = content()
    done = command("export", "run", "--to", "out", "--formats", "stl", module=TINY, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "out/construct.json\n")
    assert done.stderr.count("from the cache") == 2
    other = ("--set", "anatomy.cortical_thickness=2 mm", "--formats", "step", "--to", "out", "--force", "--quiet")
    done = command("export", "run", *other, module=TINY, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert content() == before


def test_every_format_of_a_bone_on_a_block(monkeypatch, case_file, tmp_path):
    from test_orders import UP, construct

    from femsacrum import exports
    from femsacrum.case.schema import InterfaceRule, Materials, Mesh
    from femsacrum.loads.loadcase import Applied, LoadCase, Support
    from femsacrum.materials.assign import assign
    from femsacrum.mechanics.choose import interfaces
    from femsacrum.meshing.tetrahedra import mesh
    from femsacrum.pipeline import Model

    rule = InterfaceRule(between=("bone", "implant"), law="frictional", friction=0.4)
    sizes = Mesh.model_validate({"bone": "6 mm", "implant": "9 mm"})
    case = SimpleNamespace(
        mesh=sizes, materials=Materials(), interfaces=(rule,), patient=SimpleNamespace(modifiers=())
    )
    shape = construct()
    meshed = mesh(case, shape)
    materials = assign(case, meshed)
    bone, block = meshed.bodies["L5"], meshed.bodies["prosthesis"]
    load_ = Applied("weight", "L5", bone.facets_of("surface")[:, :3], -500.0 * UP, np.zeros(3), 13.0 * UP, "")
    foot = Support("foot", "prosthesis", block.facets_of("foot")[:, :3], "fixed", np.eye(3), 1e4)
    cases = tuple(LoadCase(name, (load_,), (foot,), {}, 0.0) for name in ("standing", "one leg"))
    made = Model(meshed, materials, cases, (), interfaces(case, meshed, materials), bolts=(), springs=(), lost=())
    monkeypatch.setattr(exports, "model", lambda store, case: made)
    files, remarks = exports.export(load(case_file), tmp_path / "out", folder=tmp_path / "run")
    names = ["construct.json", "L5.stl", "prosthesis.step", "prosthesis.stl", "mesh.vtu", "faces.vtu", "mesh.msh"]
    names += ["mesh.inp", "model.inp", "standing.inp", "one_leg.inp"]
    assert [file.relative_to(tmp_path / "out").as_posix() for file in files] == names
    assert all(file.stat().st_size for file in files)
    assert {file.name for file in (tmp_path / "out").iterdir()} == set(names)
    assert [remark.partition(":")[2] for remark in remarks] == [" L5/prosthesis"] * 2
