"""A family of sizes: what its file may say, and how its runs go on, fail and are told."""

from pathlib import Path

import pytest

from femsacrum.case.load import load
from femsacrum.credibility import family, manifest
from femsacrum.credibility.family import Size, read_sizes, run_all
from femsacrum.errors import InputError, NumericalError
from femsacrum.store import resolved

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"


def sizes_of(folder, text):
    (folder / "sizes.toml").write_text(text, encoding="utf-8")
    return read_sizes(folder / "sizes.toml")


def test_sizes_are_read_in_their_order_with_quoted_and_dotted_keys(tmp_path):
    text = """
    [[sizes]]
    name = "small"
    set = { "surgery.prosthesis.body_scale" = "45 %", "loads[0].upper_body" = 0.5 }
    [[sizes]]
    name = "large one"
    set.surgery.prosthesis.body_scale = "55 %"
    set.solver.increments = 2
    """
    small, large = sizes_of(tmp_path, text)
    assert small == Size("small", ('surgery.prosthesis.body_scale="45 %"', "loads[0].upper_body=0.5"))
    assert large == Size("large one", ('surgery.prosthesis.body_scale="55 %"', "solver.increments=2"))
    assert large.place(tmp_path) == tmp_path / "sizes/large_one"
    assert load(TEMPLATE, large.overrides).solver.increments == 2


ONE = '[[sizes]]\nname = "a"\nset = {"mesh.bone" = "4 mm"}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE, "needs at least two sizes"),
        ("sizes = 3", "needs at least two sizes"),
        (f"other = 1\n{ONE}{ONE}", "nothing else"),
        (ONE + ONE, 'sizes[1].name: "a" and "a" share a folder'),
        (ONE + ONE.replace('"a"', '"A "'), "share a folder"),
        (ONE + '[[sizes]]\nname = "b"', "sizes[1]: needs name and set"),
        (ONE + '[[sizes]]\nname = "../"\nset = {a = 1}', "sizes[1].name: needs text with a letter or a digit"),
        (ONE + '[[sizes]]\nname = "b"\nset = {}', "sizes[1].set: needs a table"),
        (ONE + '[[sizes]]\nname = "b"\nset = {a = 2020-01-01}', '"a" has a value that no key of a case has'),
        (ONE + '[[sizes]]\nname = "b"\nset = {a = [{b = 1}]}', '"a" is a list of tables'),
        ("[[sizes", "not valid TOML"),
    ],
)
def test_a_file_of_sizes_that_is_none_is_one_line(tmp_path, text, said):
    with pytest.raises(InputError) as refused:
        sizes_of(tmp_path, text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_sizes(tmp_path / "none.toml")


@pytest.fixture
def three():
    sizes = [
        Size(name, (f"surgery.prosthesis.body_scale={scale} %",)) for name, scale in (("s", 45), ("m", 50), ("l", 55))
    ]
    return sizes, [load(TEMPLATE, size.overrides) for size in sizes]


class Carrying:
    """Leaves what a finished run leaves, and fails or is interrupted where it is told to."""

    def __init__(self):
        self.ran, self.stops = [], {}

    def __call__(self, size, case, place):
        self.ran.append(size.name)
        if size.name in self.stops:
            raise self.stops[size.name]
        place.mkdir(parents=True, exist_ok=True)
        (place / "case.toml").write_text(resolved(case, place), encoding="utf-8")
        (place / "findings.json").write_text("{}", encoding="utf-8")
        manifest.begin(case, TEMPLATE, ["femsacrum", "run"]).write(place)


def test_an_interrupted_family_goes_on_with_what_is_missing(tmp_path, three):
    carry = Carrying()
    carry.stops["m"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run_all(*three, tmp_path, carry)
    assert carry.ran == ["s", "m"]
    carry.stops.clear()
    done = run_all(*three, tmp_path, carry)
    assert carry.ran == ["s", "m", "m", "l"]
    assert [each.folder.name for each in done] == ["s", "m", "l"]
    run_all(*three, tmp_path, carry)
    assert carry.ran == ["s", "m", "m", "l"], "what has been run is not run again"


def test_a_size_that_fails_is_told_and_the_others_go_on(tmp_path, three):
    carry = Carrying()
    carry.stops["m"] = NumericalError("solve: stopped at 62 %")
    done = run_all(*three, tmp_path, carry)
    assert carry.ran == ["s", "m", "l"]
    assert [str(each.error) if each.error else None for each in done] == [None, "solve: stopped at 62 %", None]


def test_a_size_that_was_changed_or_tampered_with_is_run_again(tmp_path, three):
    sizes, cases = three
    carry = Carrying()
    run_all(sizes, cases, tmp_path, carry)
    (sizes[0].place(tmp_path) / "findings.json").write_text("{ }", encoding="utf-8")
    cases[1] = load(TEMPLATE, ["patient.mass=80 kg", *sizes[1].overrides])
    run_all(sizes, cases, tmp_path, carry)
    assert carry.ran == ["s", "m", "l", "s", "m"]


def test_another_code_runs_all_again(tmp_path, three, monkeypatch):
    carry = Carrying()
    run_all(*three, tmp_path, carry)
    monkeypatch.setattr(family, "current", lambda *_: False)
    run_all(*three, tmp_path, carry)
    assert len(carry.ran) == 6
