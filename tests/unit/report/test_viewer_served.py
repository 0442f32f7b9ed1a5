"""``femsacrum view``: one page and its numbers, to this machine only."""

import http.client
import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from running import folder_of

from femsacrum import cli
from femsacrum.errors import InputError
from femsacrum.report.viewer import served, viewer
from femsacrum.report.viewer.serve import ADDRESS, server


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    return folder_of(run, tmp_path_factory.mktemp("run"))


@pytest.fixture
def serving():
    with server("<p>µ</p>", [b"zero", b"one"]) as own:
        threading.Thread(target=own.serve_forever, daemon=True).start()
        yield own
        own.shutdown()


def asked(port, path="/", host=None, method="GET"):
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=20)
    connection.request(method, path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_one_page_is_served_to_this_machine(serving):
    assert serving.server_address[0] == "127.0.0.1"
    port = serving.server_port
    assert asked(port) == (200, "<p>µ</p>".encode())
    assert asked(port, host=f"localhost:{port}")[0] == 200
    assert asked(port, "/chunk/1") == (200, b"one")
    for path in ("/chunk/2", "/chunk/-1", "/chunk/01", "/chunk/", "/findings.json", "/../../etc/passwd", "/?x"):
        assert asked(port, path)[0] == 404
    for host in ("evil.example", f"evil.example:{port}", f"{ADDRESS}:1"):
        assert asked(port, host=host)[0] == 403
        assert asked(port, "/chunk/0", host=host)[0] == 403
    assert asked(port, method="POST")[0] == 501


def test_a_chunk_that_cannot_be_had_is_an_answer(folder):
    class Broken(Sequence):
        def __len__(self):
            return 2

        def __getitem__(self, number):
            if number:
                raise InputError("fields/standing.vtkhdf", "is missing; run the case again")
            return b"zero"

    with server("page", Broken()) as own:
        threading.Thread(target=own.serve_forever, daemon=True).start()
        assert asked(own.server_port, "/chunk/1")[0] == 500
        assert asked(own.server_port, "/chunk/0") == (200, b"zero"), "it still serves"
        own.shutdown()


def test_the_command_serves_until_it_is_stopped(folder):
    command = [sys.executable, "-m", "femsacrum.cli", "view", str(folder), "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        line = started.stdout.readline()
        port = int(line.split("/")[2].partition(":")[2])
        page, chunks = served(folder)
        assert asked(port)[1].decode() == page
        assert [asked(port, f"/chunk/{number}")[1] for number in range(len(chunks))] == list(chunks)
        started.send_signal(signal.SIGINT)
        assert started.wait(30) == 0
    assert not (folder / "viewer.html").exists()


def test_the_command_writes_the_file(folder, capsys):
    assert cli.execute(["view", str(folder), "--file"]) == 0
    assert capsys.readouterr().out.strip() == str(folder / "viewer.html")
    assert (folder / "viewer.html").read_text(encoding="utf-8") == viewer(folder)


def test_what_cannot_be_shown_is_one_line(folder, tmp_path, capsys):
    assert cli.execute(["view", str(tmp_path)]) == 1
    assert "holds no findings.json" in capsys.readouterr().err
    with server("") as taken:
        assert cli.execute(["view", str(folder), "--no-open", "--port", str(taken.server_port)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_report_comes_with_the_page(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("femsacrum.report.document.write.report", lambda place, **asked: (place / "report.pdf",))
    assert cli.execute(["report", str(folder)]) == 0
    assert [Path(line).name for line in capsys.readouterr().out.split()] == ["report.pdf", "viewer.html"]

    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    for found in findings["load_cases"].values():
        del found["interfaces"]
    (tmp_path / "findings.json").write_text(json.dumps(findings), encoding="utf-8")
    assert cli.execute(["report", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert told.out.split() == [str(tmp_path / "report.pdf")]
    assert "no viewer.html" in told.err
    assert not (tmp_path / "viewer.html").exists()
