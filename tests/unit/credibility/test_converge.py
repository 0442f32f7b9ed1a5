"""A case on three meshes: what is run, what is compared, what is written."""

import json
import sys
from pathlib import Path

import pytest

import femsacrum
from femsacrum.case.load import load
from femsacrum.credibility import manifest
from femsacrum.credibility.converge import converge, current, write
from femsacrum.credibility.convergence_table import lines
from femsacrum.credibility.quantities import quantities
from femsacrum.credibility.refinement import Mesh, compare, doubts, evidence
from femsacrum.credibility.verify import verify
from femsacrum.errors import InputError, NumericalError

TEMPLATE = Path(__file__).parents[3] / "femsacrum/case/template.toml"


def number(value, unit="MPa"):
    return {"value": value, "unit": unit}


def solved(size, tolerance=1e-8, increments=1, penetration=0.01):
    """Findings of a made-up pelvis: the drop has order 2, the peak goes like 1/sqrt(h), the pressure goes up and down."""
    body = {"order": 1, "tetrahedra": round(8e6 / size**3), "volume": number(1e6, "mm3")}
    case = {
        "deformation": {"L5_drop": number(0.25 + 0.002 * size**2 + tolerance + 0.01 * penetration, "mm")},
        "equilibrium": {
            "supports": {
                "hip": {"reaction": number([0, 0, 250.0], "N")},
                "loose": {"reaction": number([0, 0, 1e-9], "N")},
            }
        },
        "implants": {
            "rod": {
                "von_mises_max": number(120.0 * size**-0.5),
                "at": number([0.0, 0.0, 0.0], "mm"),
                "von_mises_averaged_max": number(100.0 + size),
                "max_over_averaged_max": number(1.3 if size < 3.0 else 1.2, "1"),
                "averaged_at": number([40.0 * size, 0.0, 0.0], "mm"),
                "von_mises_p999": number(90.0 + 1.5 * size**2),
            }
        },
        "bones": {},
        "interfaces": {
            "rod/L5": {
                "law": "frictional",
                "loose": size > 4.0,
                "micromotion": {"p95": number(30.0 + size, "um"), "max": number(None, "um")},
                "pressure_max": number(5.0 - abs(size - 2.6)),
                "pressure_max_at": number([0.0, 0.0, 0.0], "mm"),
                "area": number(300.0, "mm2"),
                "open_area": number(100.0, "mm2"),
                "force_on_slave": number([0.0, 3.0, 4.0], "N"),
            }
        },
    }
    return {"mesh": {"bodies": {"rod": body}}, "load_cases": {"standing": case}}


def three(sizes=(2.0, 2.6, 3.38)):
    return [quantities(solved(size)) for size in sizes], sizes


def test_what_is_looked_at():
    found = quantities(solved(2.0))
    words = [quantity.words for quantity in found.values()]
    assert "drop of L5" in words
    assert "rod: largest von Mises stress" in words
    assert found["standing", "interfaces.rod/L5.|contact_area|"].value == 200.0
    assert found["standing", "interfaces.rod/L5.|force_on_slave|"].value == 5.0
    assert "loose: reaction" not in words, "the residual is no quantity"
    assert ("standing", "interfaces.rod/L5.micromotion.max") not in found, "without a value there is none"
    assert found["standing", "deformation.L5_drop"].formal == 2
    assert found["standing", "implants.rod.von_mises_max"].formal == 1


def test_three_meshes_are_judged():
    rows, remarks = compare(*three())
    told = {row.quantity.key: row for row in rows}
    drop = told["deformation.L5_drop"]
    assert drop.estimate.order == pytest.approx(2.0, abs=1e-6)
    assert drop.estimate.richardson == pytest.approx(0.2501, abs=1e-6)
    assert drop.estimate.asymptotic
    peak = told["implants.rod.von_mises_max"]
    assert peak.singular
    assert peak.estimate.order == pytest.approx(-0.5, abs=1e-6)
    assert peak.estimate.why.startswith("singular: grows with every refinement")
    assert peak.estimate.why.endswith("disagree by 30 %, no less than on the coarse mesh")
    elsewhere = told["implants.rod.von_mises_averaged_max"]
    assert elsewhere.estimate.order == pytest.approx(1.0, abs=1e-6)
    assert not elsewhere.estimate.asymptotic
    assert "another place on the next mesh, 24 mm away" in elsewhere.estimate.why
    assert not told["implants.rod.von_mises_p999"].estimate.asymptotic, "order 2 is twice the formal one"
    assert "up and down" in told["interfaces.rod/L5.pressure_max"].estimate.why
    assert "does not depend" in told["equilibrium.supports.hip.|reaction|"].estimate.why
    assert remarks == ()


def test_what_is_not_on_all_meshes_is_told():
    rows, remarks = compare(*three((2.0, 3.0, 4.5)))
    assert not [row for row in rows if row.quantity.key.startswith("interfaces")]
    assert "standing, rod on L5: area in contact: not on all three meshes" in remarks


def test_meshes_that_are_not_finer_are_refused():
    with pytest.raises(NumericalError, match=r"not finer one after the other \(cells of 2, 2, 3 mm\)"):
        compare(three()[0], (2.0, 2.0, 3.0))


def test_what_is_to_be_said_against_the_meshes():
    meshes = [
        Mesh(name, 1.0, 0, size, ".", {"L5": cells, "rod": rod})
        for name, size, cells, rod in (
            ("fine", 2.0, 8000, 500),
            ("middle", 2.7, 3000, 490),
            ("coarse", 3.0, 2900, 200),
        )
    ]
    assert doubts(meshes) == [
        "hardly refined from the middle to the fine mesh: rod 1.01",
        "cells of the coarse mesh are 1.11 times those of the middle one; below 1.3 scatter of the meshes hides the order "
        "(Celik 2008)",
        "hardly refined from the coarse to the middle mesh: L5 1.01",
    ]


@pytest.fixture
def pipeline(monkeypatch):
    """A pipeline that knows the findings of each element size, and notes what it was asked for."""
    import types

    asked = []

    def run(case, folder, *, cache=True, progress=None):
        asked.append((folder, case))
        findings = solved(
            case.mesh.bone, **case.solver.model_dump(include={"tolerance", "increments", "penetration"})
        )
        return findings

    module = types.ModuleType("femsacrum.pipeline")
    module.run = run
    monkeypatch.setitem(sys.modules, "femsacrum.pipeline", module)
    monkeypatch.setattr(femsacrum, "pipeline", module, raising=False)
    return asked


@pytest.fixture
def finished(tmp_path):
    """A finished run of a case, its file, and its folder."""
    from femsacrum.store import RunFolder

    file = tmp_path / "case.toml"
    file.write_text(TEMPLATE.read_text(encoding="utf-8"))
    case, folder = load(file, ["mesh.bone=2 mm"]), tmp_path / "run"
    begun = manifest.begin(case, file, ["femsacrum", "run", "case.toml"])
    with RunFolder(folder, case) as store:
        store.write_json("findings.json", solved(2.0))
        for stage in ("anatomy-1", "surgery-1", "mesh-1", "solve_standing-1"):
            (store.stages / f"{stage}.npz").write_text(stage)
    begun.write(folder)
    return case, file, folder


def test_two_coarser_meshes_and_three_other_ways_to_solve(pipeline, finished):
    case, file, folder = finished
    found = converge(folder, case, file)
    assert [run.name for run, _ in pipeline] == [
        "coarse", "middle", "coarse_tolerance", "coarse_increments", "coarse_penalty",
    ]  # fmt: skip
    assert [asked.mesh.bone for _, asked in pipeline[:3]] == pytest.approx([3.92, 2.8, 3.92])
    assert pipeline[2][1].solver.tolerance == pytest.approx(1e-6)
    assert pipeline[3][1].solver.increments == 2
    assert pipeline[4][1].solver.penetration == pytest.approx(1e-3)
    assert found.ratios == pytest.approx((1.4, 1.4), rel=1e-4)
    changes = {effect.what: effect.change_percent for effect in found.effects if "drop" in effect.quantity.key}
    drop = 0.25 + 0.002 * 3.92**2 + 1e-8 + 1e-4
    assert changes == pytest.approx(
        {"tolerance": 100 * 9.9e-7 / drop, "increments": 0.0, "penalty": -100 * 9e-5 / drop}, rel=1e-6
    )
    stages = folder / "credibility/convergence/coarse/stages"
    assert {stage.name for stage in stages.iterdir()} == {"anatomy-1.npz", "surgery-1.npz"}


def test_a_weakest_screw_that_another_tolerance_makes_another_one_is_no_effect(pipeline, finished, monkeypatch):
    case, file, folder = finished
    run = sys.modules["femsacrum.pipeline"].run

    def loosens(case, folder, **options):
        found = run(case, folder, **options)
        low = {"low": number(0.9, "1"), "high": number(3.0, "1")}
        screw = "right" if folder.name == "coarse_tolerance" else "left"
        for each in found["load_cases"].values():
            each["screws"] = {"weakest": {"screw": screw, "mode": "toggle", "margin": low}, "screws": {}}
        return found

    monkeypatch.setattr(sys.modules["femsacrum.pipeline"], "run", loosens)
    found = converge(folder, case, file)
    assert {each.what for each in found.effects if each.quantity.key == "screws.weakest"} == {"increments", "penalty"}
    words = "margin of the weakest screw, its low end"
    assert f"standing, {words}: left, toggling; with another tolerance right, toggling" in found.remarks


def test_one_finer_mesh(pipeline, finished):
    found = converge(finished[2], finished[0], finished[1], ratio=1.5, finer=True, effects=False)
    assert [mesh.folder for mesh in found.meshes] == [
        "credibility/convergence/fine", ".", "credibility/convergence/coarse",
    ]  # fmt: skip
    assert [mesh.factor for mesh in found.meshes] == pytest.approx([1 / 1.5, 1.0, 1.5])
    assert found.settings == {}


def test_movements_and_months_are_left_out(pipeline, finished):
    _, file, folder = finished
    walking = load(file, ["mesh.bone=2 mm", 'loads=[{name="walk", kind="three_point", source="x"}]'])
    with pytest.raises(InputError, match="all of them move"):
        converge(folder, walking, file)


WALKS = 'loads=[{name="standing", kind="standing", source="x"}, {name="walk", kind="three_point", source="x"}]'


def walked(p95, outcome="shakes down"):
    """Findings of a movement of which one face is told."""
    return {"walk": {"outcome": outcome, "faces": {"rod/L5": {"p95": number(p95, "um")}},
                     "migration": {"faces": {}}, "overload": None, "screws": None, "fatigue": None}}  # fmt: skip


def test_movements_are_walked_on_all_meshes_where_they_are_asked_for(pipeline, finished, monkeypatch):
    _, file, folder = finished
    months = 'course={most_cycles=7, fatigue={}, healing={rule="micromotion", months=3}, against_intact=true}'
    case = load(file, ["mesh.bone=2 mm", WALKS, months])
    run = sys.modules["femsacrum.pipeline"].run

    def walks(case, folder, **options):
        rested = "undecided" if folder.name == "coarse" else "shakes down"
        moves = walked(10.0 * case.mesh.bone, rested) if len(case.loads) > 1 else {}
        return {**run(case, folder, **options), "movements": moves}

    monkeypatch.setattr(sys.modules["femsacrum.pipeline"], "run", walks)
    (folder / "findings.json").write_text(json.dumps({**solved(2.0), "movements": walked(20.0)}))
    found = converge(folder, case, file, movements=True)
    asked = {run.name: said for run, said in pipeline}
    for name in ("middle", "coarse"):
        assert [each.name for each in asked[name].loads] == ["standing", "walk"]
        course = asked[name].course
        assert (course.healing, course.against_intact, course.most_cycles) == (None, False, 7)
        assert course.fatigue is not None
    assert [each.name for each in asked["coarse_tolerance"].loads] == ["standing"]
    ends = "shakes down on the fine mesh, shakes down on the middle mesh, undecided on the coarse mesh"
    assert f"walk: {ends}" in found.remarks
    assert "walk, rod on L5: 95th percentile of micromotion over the cycle: not on all three meshes" in found.remarks
    plain = converge(folder, case, file)
    assert not [row for row in plain.rows if row.quantity.load_case == "walk"]
    assert not [said for said in plain.remarks if said.startswith("walk")]


def test_movements_of_a_case_without_any_are_refused(pipeline, finished):
    with pytest.raises(InputError, match="no load of the case moves"):
        converge(finished[2], finished[0], finished[1], movements=True)


def test_a_ratio_that_refines_nothing_is_refused(finished):
    for ratio in (1.0, float("nan"), 100.0):
        with pytest.raises(InputError, match="is not between"):
            converge(finished[2], finished[0], finished[1], ratio=ratio)


def test_a_mesh_that_fails_is_named_and_another_way_to_solve_that_fails_is_a_remark(pipeline, finished, monkeypatch):
    case, file, folder = finished
    run = sys.modules["femsacrum.pipeline"].run

    def stops(which):
        def stopping(case, folder, **options):
            if folder.name == which:
                raise NumericalError("stopped at 62 %")
            return run(case, folder, **options)

        monkeypatch.setattr(sys.modules["femsacrum.pipeline"], "run", stopping)

    stops("coarse_penalty")
    (remark,) = converge(folder, case, file).remarks
    assert remark == "solver.penetration = 0.001 on the coarse mesh: stopped at 62 %"
    stops("middle")
    with pytest.raises(NumericalError) as caught:
        converge(folder, case, file)
    assert caught.value.__notes__ == ["on the middle mesh, 1.4 times the element sizes of the case"]


def test_evidence_is_written_and_entered(pipeline, finished):
    case, file, folder = finished
    found = converge(folder, case, file)
    written = write(folder, found)
    content = json.loads(written.read_text(encoding="utf-8"))
    assert content == json.loads(json.dumps(evidence(found)))
    assert set(content["quantities"][0]) >= {
        "load_case", "key", "words", "unit", "sizes", "values", "order", "richardson", "gci_percent", "asymptotic",
        "singular", "why",
    }  # fmt: skip
    assert content["quantities"][0]["sizes"] == sorted(content["quantities"][0]["sizes"])
    assert (folder / "credibility/convergence.png").read_bytes().startswith(b"\x89PNG")
    assert verify(folder).holds
    assert current(folder, case)
    written.write_text("{}")
    assert verify(folder).changed == ("credibility/convergence.json",)
    assert not current(folder, case)


def test_a_run_of_another_case_or_of_another_code_is_not_current(finished, monkeypatch):
    case, file, folder = finished
    assert current(folder, case)
    assert not current(folder, load(file, ["mesh.bone=2.1 mm"]))
    assert not current(folder / "nowhere", case)
    monkeypatch.setattr("femsacrum.fingerprint.of_code", lambda room: "other")
    assert not current(folder, case)


def test_the_table_tells_the_main_quantities(pipeline, finished):
    found = converge(finished[2], finished[0], finished[1])
    text = list(lines(found))
    (drop,) = (line for line in text if line.startswith("drop of L5 [mm]"))
    assert drop.split()[4:] == ["0.2581", "0.2658", "0.2808", "2.00", "0.2501", "3.9", "%"]
    assert not [line for line in text if line.startswith("rod on L5: force through it")]
    assert [line for line in lines(found, every=True) if "force through it" in line]
    (peak,) = (line for line in text if line.startswith("rod: largest von Mises stress"))
    assert peak.endswith("singular")
    assert any(line.startswith("penalty 0.01 -> 0.001, coarse mesh: at most") for line in text)
