"""A form is compiled once, and what a killed process left half compiled does not stop the next."""

import pytest

from femsacrum.mechanics import compiled


def test_a_mark_left_by_a_killed_process_is_taken_away_and_the_form_compiled(tmp_path, monkeypatch):
    for name in ("libffcx_forms_a.c", "libffcx_forms_b.c", "libffcx_forms_b.c.cached", "other.c"):
        (tmp_path / name).touch()
    calls = []

    def form(wanted, jit_options):
        calls.append(sorted(file.name for file in tmp_path.glob("*.c")))
        if len(calls) == 1:
            raise TimeoutError
        return wanted

    monkeypatch.setattr(compiled, "folder", lambda: tmp_path)
    monkeypatch.setattr(compiled.dolfinx.fem, "form", form)
    assert compiled.compiled("a form") == "a form"
    assert calls == [["libffcx_forms_a.c", "libffcx_forms_b.c", "other.c"], ["libffcx_forms_b.c", "other.c"]]


def test_where_no_lock_can_be_had_nothing_is_taken_away(tmp_path, monkeypatch):
    file = tmp_path / "libffcx_forms_a.c"
    file.touch()

    def form(wanted, jit_options):
        raise TimeoutError

    def no_locks(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(compiled, "folder", lambda: tmp_path)
    monkeypatch.setattr(compiled.dolfinx.fem, "form", form)
    monkeypatch.setattr(compiled.fcntl, "flock", no_locks)
    with pytest.raises(TimeoutError):
        compiled.compiled("a form")
    assert file.exists()
