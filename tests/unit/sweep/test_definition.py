"""What a sweep file may say, and what is said of what it may not."""

import pytest
from sweeping import FRICTION, ROD, content

from femsacrum.errors import InputError
from femsacrum.sweep.definition import load
from femsacrum.sweep.design import points

ENDLESS = {"name": "friction", "key": "interfaces[3].friction", "distribution": "normal", "mean": 0.4, "sd": 0.05,
           "source": "a test"}  # fmt: skip
WORDS = {"name": "plan", "settings": {"a": ['patient.mass="60 kg"', "mesh.bone=4 mm"], "b": []}, "source": "a test"}
WRONG = [
    ({"design": {"kind": "sobol", "points": 48}}, "design: points 48 must be a power of two, 32 or 64"),
    ({"design": {"kind": "sobol"}}, 'kind "sobol" needs points'),
    ({"design": {"kind": "factorial", "points": 4}}, 'kind "factorial" does not read points'),
    ({"design": {"kind": "file"}}, 'kind "file" needs file'),
    ({"design": {"kind": "sobl", "points": 4}}, 'design.kind = "sobl": must be one of'),
    ({"factors": [FRICTION | {"low": 0.6}]}, "low 0.6 must be below high 0.5"),
    ({"factors": [FRICTION | {"distribution": "normal"}]}, "normal: give mean, sd"),
    ({"factors": [FRICTION | {"mean": 0.4}]}, "uniform does not read mean"),
    ({"factors": [FRICTION | {"distribution": "loguniform", "low": 0.0}]}, "loguniform: 0 must be above 0"),
    ({"factors": [FRICTION | {"distribution": "triangular", "mode": 0.9}]}, "mode 0.9 must lie between low and high"),
    ({"factors": [ROD | {"low": 1.0}]}, "values are given, so take out low"),
    ({"factors": [FRICTION | {"name": "point"}]}, 'has a column "point" already'),
    ({"factors": [FRICTION | {"name": "a b"}]}, 'factors[0].name = "a b": not allowed'),
    ({"factors": [{**FRICTION, "source": ""}]}, "factors[0].source"),
    ({"factors": [FRICTION, FRICTION]}, "two factors are named friction"),
    ({"factors": [{"name": "a", "values": [1], "source": "x"}]}, "needs a key of the case, or settings"),
    ({"factors": [WORDS | {"key": "name"}]}, "settings say what is set: take out key"),
    ({"factors": [WORDS | {"settings": {"on": ["name"]}}]}, 'settings: "name" is no KEY=VALUE'),
    ({"factors": []}, "factors = []: needs at least 1 entry"),
    (
        {"factors": [ENDLESS, ROD], "design": {"kind": "morris", "points": 4}},
        "design.kind morris: takes the ends of every factor; give friction (normal) low and high",
    ),
    (
        {"factors": [ROD, ENDLESS | {"low": 0.0}], "design": {"kind": "factorial"}},
        "design.kind factorial: takes the ends of every factor; give friction (normal) high",
    ),
    ({"correlations": [{"between": ["friction", "rob"], "rank": 0.5, "source": "x"}]}, "there is no factor rob"),
    ({"desing": {}}, "unknown key"),
]


def written(folder, told):
    """As TOML: the tests need no more of it than this."""
    lines, tables = [], []
    for key, value in told.items():
        if isinstance(value, dict):
            tables += [f"[{key}]", *(f"{name} = {toml(one)}" for name, one in value.items())]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for row in value:
                tables += [f"[[{key}]]", *(f"{name} = {toml(one)}" for name, one in row.items())]
        else:
            lines.append(f"{key} = {toml(value)}")
    file = folder / "sweep.toml"
    file.write_text("\n".join([*lines, *tables]) + "\n", encoding="utf-8")
    return file


def toml(value):
    import json

    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


def test_a_sweep_is_read(tmp_path):
    read = load(written(tmp_path, content()))
    assert [factor.keys for factor in read.factors] == [
        ("interfaces[3].friction",),
        ("surgery.fixation.rod_diameter",),
    ]


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[said[:40] for _, said in WRONG])
def test_what_cannot_be_is_one_line_with_its_place(tmp_path, change, said):
    with pytest.raises(InputError) as caught:
        load(written(tmp_path, content(**change)))
    (line,) = str(caught.value).splitlines()
    assert line.startswith("sweep.toml: ")
    assert said in line


def test_designs_that_take_no_ends_take_distributions_without(tmp_path):
    for kind in ("sobol", "latin_hypercube", "saltelli"):
        read = load(written(tmp_path, content(factors=[ENDLESS, ROD], design={"kind": kind, "points": 4})))
        assert all(0.0 < point["friction"] < 0.8 for point in points(read, tmp_path))


def test_points_of_a_file_are_its_rows(tmp_path):
    (tmp_path / "points.csv").write_text("rod,friction\n5.5,0.31\n7,0.44\n")
    read = load(written(tmp_path, content(design={"kind": "file", "file": "points.csv"})))
    assert points(read, tmp_path) == [{"friction": 0.31, "rod": 5.5}, {"friction": 0.44, "rod": 7.0}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rod\n5.5\n", "has the columns rod; the factors are friction, rod"),
        ("rod,friction\n6.5,0.3\n", 'line 2, rod = "6.5": must be one of 5.5, 6.0, 7.0'),
        ("rod,friction\n6,nan\n", 'line 2, friction = "nan": must be a number'),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_of_points_that_cannot_be_used_is_told(tmp_path, text, said):
    if text is not None:
        (tmp_path / "points.csv").write_text(text)
    read = load(written(tmp_path, content(design={"kind": "file", "file": "points.csv"})))
    with pytest.raises(InputError, match=None) as caught:
        points(read, tmp_path)
    assert said in str(caught.value)
