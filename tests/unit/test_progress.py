"""What is shown while a run goes: load cases side by side, each with its last Newton step."""

from femsacrum.mechanics.interfaces import Increment
from femsacrum.progress import Live


def row(load_case, load, newton, residual):
    return Increment(load_case, 1, load, 0, newton, 60, residual, 110, 0.35)


def test_load_cases_that_are_solved_side_by_side_each_have_a_line(capsys):
    with Live() as live:
        live.stage("solve standing")
        live.stage("solve crutch stance")
        live.newton(row("standing", 1.0, 3, 7e-3), 40.0)
        live.newton(row("crutch stance", 0.5, 4, 2e-2), 41.0)
        live.newton(row("crutch stance", 0.5, 5, 1e-2), 52.0)
        live.increment(row("standing", 1.0, 8, 1e-9))
        live.finished("solve standing", 44.0, False)
    shown = capsys.readouterr().err.splitlines()
    (head,) = [line for line in shown if "residual" in line]
    first, second = shown[shown.index(head) + 1 : shown.index(head) + 3]
    assert head.split()[-1] == "time"
    assert first.split()[:-2] == ["standing", "1", "100%", "0", "8", "60", "1.0e-09", "110", "35%"]
    assert 40 <= int(first.split()[-2]) <= 44
    assert second.split()[:-2] == ["crutch", "stance", "1", "50%", "0", "5", "60", "1.0e-02", "110", "35%"]
    assert 52 <= int(second.split()[-2]) <= 56
    assert [line.split()[1:] for line in shown if "✓" in line] == [["solve", "standing", "44.0", "s"]]


def test_a_stage_that_goes_on_stays_when_another_ends():
    live = Live()
    live.stage("solve standing")
    live.stage("solve crutch stance")
    live.finished("solve standing", 44.0, False)
    assert list(live._running) == ["solve crutch stance"]
