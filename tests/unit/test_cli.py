"""The command: exit codes, one line for everything that goes wrong, never a traceback."""

import json
import os
import pty
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "femsacrum/case/template.toml"
TINY = "tests.unit.tiny_rooms"


def command(*arguments, module="femsacrum.cli", cwd, fail="", **options):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TINY_FAIL": fail}
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        timeout=60,
        **options,
    )


@pytest.fixture
def case_file(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(TEMPLATE.read_text(encoding="utf-8"))
    return path


def test_init_check_and_again(tmp_path):
    assert command("init", cwd=tmp_path).returncode == 0
    checked = command("check", "case.toml", cwd=tmp_path)
    assert checked.returncode == 0
    assert 'valid; case "reconstruction", plan "total_sacrectomy", load cases "standing"' in checked.stdout
    again = command("init", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (1, "case.toml: is there already; --force replaces it\n")
    assert command("init", "--force", cwd=tmp_path).returncode == 0
    nowhere = command("init", "no/such/folder/case.toml", cwd=tmp_path)
    assert (nowhere.returncode, nowhere.stderr) == (1, "no/such/folder/case.toml: No such file or directory\n")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["check", "none.toml"], 'none.toml: no such file; "femsacrum init" writes one to start from'),
        (["check", "."], ".: is a folder"),
        (["check", "case.toml", "--set", "patient.mass=75"], 'case.toml: patient.mass = 75: needs a unit'),
        (["run", "case.toml", "--set", "interfaces[0].law=glue"], 'must be one of "bonded", "frictional",'),
        (["check"], "Missing argument 'CASE'"),
        (["chek", "case.toml"], "No such command 'chek'"),
        (["check", "case.toml", "--sett"], "No such option"),
    ],
)  # fmt: skip
def test_input_errors_are_exit_code_1_and_one_line(case_file, arguments, line):
    done = command(*arguments, cwd=case_file.parent)
    assert done.returncode == 1
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_check_reads_the_files_of_a_case_where_asked(case_file):
    data = case_file.parent / "data"
    data.mkdir()
    faces = ("1 4 3 2", "5 6 7 8", "1 2 6 5", "2 3 7 6", "3 4 8 7", "4 1 5 8")
    corners = [(x, y, z) for z in (0, 12) for x, y in ((0, 0), (40, 0), (40, 9), (0, 9))]
    rows = [*(f"v {x} {y} {z}" for x, y, z in corners), *(f"f {face}" for face in faces), ""]
    (data / "whole.obj").write_text("\n".join(rows))
    (data / "open.obj").write_text("\n".join(rows[:-2]))
    surfaces = 'anatomy.surfaces={unit="mm", frame="LPS", files={symphysis="whole.obj", left_sij="open.obj"}}'
    given = ("check", "case.toml", "--set", surfaces, "--data", "data")
    assert command(*given, cwd=case_file.parent).returncode == 0
    done = command(*given, "--files", cwd=case_file.parent)
    assert done.returncode == 1
    heading, row = (line.split() for line in done.stdout.splitlines())
    assert heading[:3] == ["part", "triangles", "open"]
    assert row == ["symphysis", "12", "0", "0", "0", "1", "0", "4.3", "43"]
    assert done.stderr.startswith("case.toml: anatomy.surfaces.files.left_sij: open.obj: a hole of ")
    assert len(done.stderr.splitlines()) == 1


def test_version_schema_help(tmp_path):
    import femsacrum

    assert command("version", cwd=tmp_path).stdout == f"femsacrum {femsacrum.__version__}\n"
    assert json.loads(command("schema", cwd=tmp_path).stdout)["title"] == "femsacrum case"
    for arguments in ([], ["--help"]):
        shown = command(*arguments, cwd=tmp_path)
        assert shown.returncode == 0
        assert "not a medical device" in shown.stdout


def test_a_closed_pipe_is_no_error_message(tmp_path):
    shell = f"{sys.executable} -m femsacrum.cli schema | true"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.stderr == ""


def test_run_leaves_a_run_folder(case_file):
    done = command("run", "case.toml", "--set", "name=x", module=TINY, cwd=case_file.parent)
    folder = case_file.parent / "runs/x"
    assert (done.returncode, done.stdout) == (0, "runs/x/summary.html\n")
    assert {path.name for path in folder.iterdir()} >= {
        "findings.json",
        "case.toml",
        "run.log",
        "stages",
        "summary.html",
    }
    assert tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))["name"] == "x"
    for word in ("anatomy", "load case", "solve standing", "100%", "1.0e-09", "25%", "summary"):
        assert word in done.stderr
    assert "7.0e-03" not in done.stderr  # Newton's steps go to the log only
    log = (folder / "run.log").read_text(encoding="utf-8")
    assert "load case standing, inc 1, load 100%, cuts 0, Newton 3, linear 60, residual 7.0e-03, contact 110" in log
    assert log.index("slip 35%, 4.2 s") < log.index("slip 25%: converged")
    again = command("run", "case.toml", "--set", "name=x", module=TINY, cwd=case_file.parent)
    assert again.stderr.count("from the cache") == 10
    anew = command("run", "case.toml", "--set", "name=x", "--no-cache", "--quiet", module=TINY, cwd=case_file.parent)
    assert (anew.returncode, anew.stderr) == (0, "")


def test_run_elsewhere(case_file):
    done = command("run", case_file, "--out", "there", "--quiet", module=TINY, cwd=case_file.parent)
    assert done.stdout == "there/summary.html\n"


@pytest.mark.parametrize(
    ("fail", "code", "first"),
    [
        ("surgery:input", 1, "case.toml: surgery.resection.left_ilium: misses the bone\n"),
        (
            "solve standing:numerics",
            2,
            'solve: "standing" stopped at 62 % of load after 6 cuts\nlog: there/run.log\n',
        ),
        ("mesh:files", 1, "/somewhere: Permission denied\n"),
        (
            "findings:defect",
            70,
            "femsacrum failed unexpectedly: ZeroDivisionError: division by zero (traceback in there/run.log)\n",
        ),
        (
            "summary:defect",
            70,
            "femsacrum failed unexpectedly: ZeroDivisionError: division by zero (traceback in there/run.log)\n",
        ),
    ],
)
def test_how_a_run_fails(case_file, fail, code, first):
    done = command("run", "case.toml", "--out", "there", "--quiet", module=TINY, cwd=case_file.parent, fail=fail)
    assert (done.returncode, done.stderr, done.stdout) == (code, first, "")
    if code == 70:
        assert "Traceback" in (case_file.parent / "there/run.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_says_how_to_continue(case_file, stop):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TINY_FAIL": "solve standing:wait"}
    arguments = [sys.executable, "-m", TINY, "run", "case.toml", "--quiet"]
    running = subprocess.Popen(
        arguments,
        stderr=subprocess.PIPE,
        text=True,
        cwd=case_file.parent,
        env=environment,
        # a shell starts what it puts in the background with interrupts ignored, and children inherit that
        preexec_fn=lambda: signal.signal(stop, signal.SIG_DFL),
    )
    assert running.stderr.readline() == "WAITING\n"
    running.send_signal(stop)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert said.splitlines()[-1] == (
        "interrupted; the same command continues after the last finished stage in runs/reconstruction"
    )
    assert "Traceback" not in said
    again = command("run", "case.toml", module=TINY, cwd=case_file.parent)
    assert again.returncode == 0
    assert again.stderr.count("from the cache") == 8


def test_on_a_terminal_the_tables_are_drawn(case_file):
    ours, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
    arguments = [sys.executable, "-m", TINY, "run", "case.toml"]
    running = subprocess.Popen(
        arguments, stderr=theirs, stdout=subprocess.DEVNULL, cwd=case_file.parent, env=environment
    )
    os.close(theirs)
    drawn = b""
    while True:
        try:
            drawn += os.read(ours, 4096)
        except OSError:  # how a pseudo-terminal says that the other side has closed
            break
    assert running.wait(timeout=20) == 0
    text = drawn.decode()
    assert text.index("7.0e-03") < text.index("1.0e-09")
    for word in ("load case", "Newton", "25%", "4 s", "solve standing", "✓"):
        assert word in text


def test_ctrl_c_that_a_library_turned_into_its_own_error_is_ctrl_c(tmp_path, capsys):
    from femsacrum.cli.carrying import ends_well

    def solve():
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as interrupt:
            raise RuntimeError("error code 101") from interrupt

    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(typer.Exit) as left, ends_well(tmp_path, tmp_path / "case.toml"):
            solve()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert left.value.exit_code == 130
    assert capsys.readouterr().err.startswith("interrupted; the same command continues")
