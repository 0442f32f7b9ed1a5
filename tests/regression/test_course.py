"""The patient on crutches, coarsely, from case file to findings: a gait, its fatigue, and the first months."""

import pytest
from coarse_studies import COARSE, STUDIES

import femsacrum as fs

SHORT = [
    "course.walks=[{month=0, load='four-point gait'}]",
    "course.most_cycles=2",
    "course.healing.months=1",
    "course.healing.shakedown_months=[0]",
    "course.healing.solves=0",
    "course.healing.samples=8",
    "output.figures=false",
]


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    case = fs.load(STUDIES / "wuisman_total_sacrectomy/case.toml", overrides=[*COARSE, *SHORT])
    walks = tuple(load for load in case.loads if load.name == "four-point gait")
    return fs.run(case.model_copy(update={"loads": walks}), folder=tmp_path_factory.mktemp("run"))


@pytest.fixture
def gait(findings):
    return findings["movements"]["four-point gait"]


def test_every_instant_is_balanced(gait):
    assert len(gait["phases"]) == 8
    assert all(phase["imbalance"]["value"] < 5.0 for phase in gait["phases"])
    assert gait["cycles"] == 2


def test_micromotion_is_told_of_every_face_that_may_slide(gait):
    faces = gait["faces"]
    assert {"prosthesis/L5", "left_graft/left_ilium", "right_graft/prosthesis"} <= set(faces)
    assert all(
        row["max"]["value"] is None or row["max"]["value"] >= row["mean"]["value"] >= 0.0 for row in faces.values()
    )
    assert gait["outcome"] in ("shakes down", "ratchets", "undecided")
    assert set(gait["migration"]["faces"]) <= set(faces)


def test_metal_and_screws_are_judged(gait):
    bodies = gait["fatigue"]["bodies"]
    assert {"left_fixation", "right_fixation", "prosthesis"} <= set(bodies)
    assert gait["fatigue"]["worst"] is not None
    assert gait["screws"]["weakest"]["margin"] is not None
    assert gait["overload"]["volume"]["value"] >= 0.0


def test_faces_of_the_grafts_are_followed_over_the_months(findings):
    healing = findings["healing"]
    sides = {f"{side}_graft/{other}" for side in ("left", "right") for other in (f"{side}_ilium", "prosthesis")}
    assert set(healing["faces"]) == sides
    for face in healing["faces"].values():
        curve = face["curve"]["united"]["value"]
        assert len(curve) == 2
        assert all(0.0 <= share <= 100.0 for share in curve)
    assert [step["month"] for step in healing["steps"]] == [0.0, 1.0]
    assert [step["cycles"] for step in healing["steps"]] == [2, 1]
    assert "bladder" in healing["not_predicted"].lower()
