"""``femsacrum view``: one page, to this machine only."""

import http.client
import signal
import subprocess
import sys
import threading

import pytest
from running import folder_of

from femsacrum import cli
from femsacrum.report.viewer import viewer
from femsacrum.report.viewer.serve import ADDRESS, server


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    return folder_of(run, tmp_path_factory.mktemp("run"))


@pytest.fixture
def serving():
    with server("<p>µ</p>") as own:
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
    for path in ("/findings.json", "/../../etc/passwd", "/?x"):
        assert asked(port, path)[0] == 404
    for host in ("evil.example", f"evil.example:{port}", f"{ADDRESS}:1"):
        assert asked(port, host=host)[0] == 403
    assert asked(port, method="POST")[0] == 501


def test_the_command_serves_until_it_is_stopped(folder):
    command = [sys.executable, "-m", "femsacrum.cli", "view", str(folder), "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        line = started.stdout.readline()
        port = int(line.split("/")[2].partition(":")[2])
        assert asked(port)[1].decode() == viewer(folder)
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
