"""Inputs at the ends of their ranges: what is solved, what is kept, what is written; no mesh is made."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from femsacrum.case.load import load
from femsacrum.credibility import manifest
from femsacrum.credibility import sensitivity as room
from femsacrum.credibility.also import further
from femsacrum.credibility.influence import Answer, Uncertain, ranks, rows
from femsacrum.credibility.quantity import Quantity
from femsacrum.credibility.sensitivity import evidence, sensitivity, write
from femsacrum.credibility.sensitivity_figure import draw
from femsacrum.credibility.sensitivity_table import lines
from femsacrum.credibility.verify import verify
from femsacrum.errors import InputError, NumericalError
from femsacrum.materials.elastic import BodyMaterial
from femsacrum.mechanics.interfaces import Frictional, Interface
from femsacrum.pipeline import Model
from femsacrum.progress import Silent
from femsacrum.store import RunFolder
from femsacrum.surgery.construct import Contact

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"


def findings(drop):
    case = {"deformation": {"L5_drop": {"value": drop, "unit": "mm"}},
            "overload": {"volume": {"value": 0.0, "unit": "mm3"}}}  # fmt: skip
    return {"mesh": {"bodies": {"L5": {"order": 1}}}, "load_cases": {"standing": case, "one leg": case}}


def tiny_model(store, case):
    """A model of a bone and a disc that rub, whose cells say how rough the mesh is."""
    material = BodyMaterial(np.array([100.0 * case.mesh.bone]), np.array([0.3]), None, None, "")
    bodies = {
        name: SimpleNamespace(role=role, cells=np.zeros((7, 4))) for name, role in (("L5", "bone"), ("d", "disc"))
    }
    rubs = Interface(Contact("d/L5", ("d", "a"), ("L5", "b")), Frictional(0.4))
    cases = tuple(SimpleNamespace(name=load.name) for load in case.loads)
    return Model(SimpleNamespace(bodies=bodies), dict.fromkeys(bodies, material), cases, (), (rubs,), (), (), ())


@pytest.fixture
def solves(monkeypatch):
    """Solves that take no time: which ones were asked for."""
    asked = []

    def answer(case, model, name, inputs, progress):
        asked.append((name, dict(inputs), case.patient.mass))
        if inputs.get("friction") == 0.3 and name == "one leg":
            return Answer((), "stopped at 62 % of load after 6 cuts")
        drop = 0.5 * case.patient.mass / 75.0 * inputs.get("bone_modulus", 1.0) ** -0.5
        return Answer((Quantity(name, "deformation.L5_drop", "drop of L5", "mm", drop, "motion", 2),
                       Quantity(name, "overload.volume", "overloaded", "mm3", 0.0, "volume", 0)))  # fmt: skip

    monkeypatch.setenv("FEMSACRUM_PROCESSES", "1")
    monkeypatch.setattr(room, "answer", answer)
    monkeypatch.setattr("femsacrum.pipeline.model", tiny_model)
    monkeypatch.setattr(RunFolder, "_digest", lambda self, value: repr(value))
    return asked


@pytest.fixture
def finished(tmp_path):
    """A finished run of a case of two load cases, its file, and its folder."""
    file = tmp_path / "case.toml"
    file.write_text(TEMPLATE.read_text(encoding="utf-8"))
    case, folder = load(file), tmp_path / "run"
    names = [each.name for each in case.loads]
    begun = manifest.begin(case, file, ["femsacrum", "run", "case.toml"])
    told = findings(0.25)
    told["load_cases"] = dict(zip(names, told["load_cases"].values(), strict=False))
    with RunFolder(folder, case) as store:
        store.write_json("findings.json", told)
    begun.write(folder)
    return case, file, folder


def reads(file):
    return lambda one: load(file, [one])


def test_every_input_that_there_is_goes_to_both_ends_and_the_others_are_named(solves, finished):
    case, _, folder = finished
    found = sensitivity(folder, case)
    samples = [inputs for name, inputs, _ in solves if name == case.loads[0].name]
    assert samples == [
        {}, {"bone_modulus": 0.5}, {"bone_modulus": 2.0}, {"disc_modulus": 0.7}, {"disc_modulus": 2.1},
        {"friction": 0.3}, {"friction": 0.95},
    ]  # fmt: skip
    assert set(found.left_out) == {
        "cortex_modulus", "cortex_thickness", "joint_cartilage_modulus", "symphysis_modulus", "ligament_stiffness",
        "ligament_offset", "screw_bond", "graft_modulus", "morsellised_graft_modulus", "cortical_graft_modulus",
    }  # fmt: skip
    assert found.ranked[0].given.name == "bone_modulus"
    row = found.rows[0]
    assert (row.quantity.value, row.low_value) == (0.25, pytest.approx(0.25 * 2**0.5))
    assert found.tetrahedra == 14


def test_the_mesh_is_rougher_by_the_ratio_and_lies_beside_the_run(solves, finished, monkeypatch):
    case, _, folder = finished
    seen = []
    monkeypatch.setattr("femsacrum.pipeline.model", lambda store, case: seen.append((store.path, case.mesh.bone))
                        or tiny_model(store, case))  # fmt: skip
    sensitivity(folder, case)
    sensitivity(folder, case, ratio=1.0)
    place = folder / "credibility/sensitivity/inputs"
    assert seen == [(place, pytest.approx(1.96 * case.mesh.bone)), (place, case.mesh.bone)]
    for ratio in (0.5, 4.0, float("nan")):
        with pytest.raises(InputError, match="--ratio"):
            sensitivity(folder, case, ratio=ratio)


def test_what_was_interrupted_goes_on_where_it_was(solves, finished, monkeypatch):
    case, _, folder = finished
    whole = room.answer

    def interrupted(*given, progress):
        if len(solves) == 5:
            raise KeyboardInterrupt
        return whole(*given, progress)

    monkeypatch.setattr(room, "answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sensitivity(folder, case)
    done = list(solves)
    monkeypatch.setattr(room, "answer", whole)
    found = sensitivity(folder, case)
    assert len(done) == 5
    assert len(solves) == 7 * len(case.loads), "none was solved twice"
    assert found == sensitivity(folder, case)
    assert len(solves) == 7 * len(case.loads)


def test_an_end_that_does_not_converge_is_told(solves, finished, monkeypatch):
    case, _, folder = finished
    monkeypatch.setattr("femsacrum.credibility.sensitivity.table", lambda name: {
        "friction": {"low": 0.3, "high": 0.95, "unit": "1", "source": "s", "confidence": "D"}})  # fmt: skip
    whole = room.answer
    monkeypatch.setattr(room, "answer", lambda case, model, name, inputs, progress: Answer((), "stopped at 62 %")
                        if inputs.get("friction") == 0.3 else whole(case, model, name, inputs, progress))  # fmt: skip
    found = sensitivity(folder, case)
    told = evidence(found)
    assert {row["low_value"] for row in told["rows"]} == {None}
    assert all(row["why"]["low"] == "stopped at 62 %" for row in told["rows"])
    assert any("low end: stopped at 62 %" in line for line in lines(found))
    write(folder, found)


def test_the_models_own_inputs_have_to_converge_on_the_rougher_mesh(solves, finished, monkeypatch):
    case, _, folder = finished
    monkeypatch.setattr(room, "answer", lambda *given, progress: Answer((), "stopped at 62 %"))
    with pytest.raises(NumericalError, match=r"own inputs, 1.96 times the element sizes: stopped at 62 %"):
        sensitivity(folder, case)


def test_a_key_of_the_case_goes_through_a_range_as_well(solves, finished):
    case, file, folder = finished
    asked = further(["patient.mass=60 kg:90 kg"], case, reads(file))
    assert (asked[0].low, asked[0].high, asked[0].unit) == (60.0, 90.0, "kg")
    assert asked[0].own == pytest.approx(case.patient.mass)
    found = sensitivity(folder, case, also=asked)
    assert [mass for _, _, mass in solves[-2 * len(case.loads) :: len(case.loads)]] == [60.0, 90.0]
    row = next(row for row in found.rows if row.given.name == "patient.mass")
    assert row.high_value / row.low_value == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("patient.mass", "reads KEY=LOW:HIGH"),
        ("patient.mass=60 kg", "reads KEY=LOW:HIGH"),
        ("patient.mass=60 kg:70 kg:80 kg", "reads KEY=LOW:HIGH"),
        ("patient.mass=heavy:90 kg", '"heavy" is no number'),
        ("patient.mass=60 kg:90000 g", 'two units, "kg" and "g"'),
        ("patient.mass=90 kg:60 kg", "low end is not below"),
        ("patient.mass=1:2", "needs a unit"),
        ("patient.weight=60 kg:90 kg", "unknown key"),
        ("loads[9].upper_body=50 %:60 %", "no entry"),
        ("course.most_cycles=3:5", "changes nothing that is solved here"),
        ("mesh.order=1:2", "mesh.order"),
    ],
)
def test_a_range_that_cannot_be_used_is_one_line(finished, text, problem):
    case, file, _ = finished
    with pytest.raises(InputError) as caught:
        further([text], case, reads(file))
    assert problem in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_key_given_twice_is_refused(finished):
    case, file, _ = finished
    with pytest.raises(InputError, match="given twice"):
        further(["patient.mass=60 kg:90 kg"] * 2, case, reads(file))


def test_a_name_with_signs_of_formulas_is_drawn_as_it_stands(tmp_path):
    case = "a $x^{ b$ & <c>"
    quantity = Quantity(case, "deformation.L5_drop", "drop of L5", "mm", 1.0, "motion", 2)
    given = Uncertain("loads[0].$x$", 1.0, 2.0, "1", None, "--also", "")
    found = rows({(case, quantity.key): quantity}, {case: Answer((quantity,))}, [
        (given, {case: Answer((), "stopped")}, {case: Answer((quantity,))})])  # fmt: skip
    draw(tmp_path / "picture.png", found, ranks(found))
    assert (tmp_path / "picture.png").stat().st_size > 5000


def test_the_command_ends_in_one_line_where_a_range_cannot_be_used(finished, capsys):
    from femsacrum.cli import execute

    _, file, folder = finished
    assert execute(["sensitivity", str(file), "--also", "patient.mass=1", "--out", str(folder)]) == 1
    told = capsys.readouterr().err.strip()
    assert told.startswith("--also patient.mass=1: reads KEY=LOW:HIGH")
    assert "\n" not in told


def test_evidence_is_written_and_entered(solves, finished):
    case, _, folder = finished
    found = sensitivity(folder, case)
    written = write(folder, found)
    content = json.loads(written.read_text(encoding="utf-8"))
    assert content == json.loads(json.dumps(evidence(found)))
    assert set(content["rows"][0]) >= {
        "input", "low", "high", "unit", "quantity", "low_value", "high_value", "rank", "rough", "carried", "why",
    }  # fmt: skip
    assert (folder / "credibility/sensitivity.png").read_bytes().startswith(b"\x89PNG")
    assert verify(folder).holds
    text = "\n".join(lines(found))
    assert "bone modulus" in text
    assert "left out: there is no symphysis" in text
    assert "drop of L5 [mm] 0.25" in text
    written.write_text("{}")
    assert verify(folder).changed == ("credibility/sensitivity.json",)


def test_an_answer_is_a_real_solve_with_the_inputs_of_the_sample(monkeypatch):
    """A rod in a block of bone: softer bone lets it out further. The measuring is the rod's own, as it is no pelvis."""
    from benchmarks.verification.embedded_rod import problem
    from femsacrum import fingerprint
    from femsacrum.case.schema import Solver
    from femsacrum.mechanics.interfaces import Bonded
    from femsacrum.meshing.bodies import Assembly

    bodies, materials, laws, load_case = problem(12.0, Bonded(1e3), (0.0, 0.0, 300.0), 3.0, 0.0)
    hosts = {name for name in bodies if name == laws[0].contact.master[0]}
    bodies = {name: replace(body, role="bone" if name in hosts else "fixation") for name, body in bodies.items()}
    model = Model(Assembly(None, bodies, {}), dict(materials), (load_case,), (), tuple(laws), (), (), ())
    assert fingerprint.of_value(model) != fingerprint.of_value(replace(model, interfaces=()))

    def measure(case, assembly, materials, interfaces, load_cases, solutions, lost, springs):
        moved = max(float(np.abs(each).max()) for each in solutions[0].displacements.values())
        return findings(moved) | {"load_cases": {solutions[0].name: findings(moved)["load_cases"]["standing"]}}

    monkeypatch.setattr("femsacrum.findings.measure.measure", measure)
    case = SimpleNamespace(solver=Solver(increments=1, tolerance=1e-6))
    drops = [room.answer(case, model, load_case.name, inputs, Silent()).quantities[0].value
             for inputs in ({}, {"bone_modulus": 0.5}, {"bone_modulus": 2.0})]  # fmt: skip
    assert drops[1] > drops[0] > drops[2] > 0.0
