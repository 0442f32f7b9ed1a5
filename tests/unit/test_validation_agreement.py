"""Predictions, their surrogate and the judgement of them, against what is known beforehand."""

import json

import numpy as np
import pytest

from benchmarks.validation import agree, experiment, predict, run, spread

NAMES = ("bone_modulus", "disc_modulus", "cortex_thickness")


def compared(**changes):
    row = {
        "key": "k",
        "words": "k",
        "unit": "%",
        "mean": 100.0,
        "sd": 10.0,
        "goal": "1 SD",
        "source": "s",
        "confidence": "S",
    }
    return experiment.Compared(**row | changes)


def told(median, band=(60.0, 140.0), drawn=(100.0,)):
    return {"median": median, "by_anatomy": {"a": median}, "band": band, "drawn": list(drawn)}


def test_every_experiment_can_be_read_and_its_inputs_have_ranges():
    assert len(experiment.names()) >= 8
    for name in experiment.names():
        asked = experiment.load(name)
        assert asked.compared
        assert asked.equivalence
        assert len({row.key for row in asked.compared}) == len(asked.compared)
        for sample in spread.training(tuple(asked.inputs)):
            assert set(sample) == set(asked.inputs)


def test_samples_stay_in_their_ranges_and_fill_them():
    samples = spread.drawn(NAMES)
    moduli = np.array([sample["bone_modulus"] for sample in samples])
    assert 0.5 < moduli.min() < 0.52
    assert 1.95 < moduli.max() < 2.0
    assert np.median(np.log(moduli)) == pytest.approx(0.0, abs=0.02)


def test_the_surrogate_of_a_power_law_is_exact_and_its_slopes_are_the_powers():
    def law(sample):
        return 3.0 * sample["bone_modulus"] ** 0.5 / sample["disc_modulus"]

    samples = spread.training(NAMES[:2])
    surrogate = spread.fit(NAMES[:2], samples, [law(sample) for sample in samples])
    assert surrogate.error < 1e-9
    new = spread.drawn(NAMES[:2])
    np.testing.assert_allclose(surrogate(new), [law(sample) for sample in new], rtol=1e-9)
    assert surrogate.slopes["bone_modulus"] == pytest.approx(4.0**0.5)
    assert surrogate.slopes["disc_modulus"] == pytest.approx(0.7 / 2.1)


@pytest.mark.parametrize(
    ("changes", "median", "verdict"),
    [
        ({}, 109.0, "agrees"),
        ({}, 111.0, "misses"),
        ({"goal": "20 %"}, 119.0, "agrees"),
        ({"goal": "20 %"}, 79.0, "misses"),
        ({"goal": "order"}, 190.0, "agrees"),
        ({"goal": "order"}, 210.0, "misses"),
        ({"goal": "rank", "mean": 1.0}, 1.0, "agrees"),
        ({"goal": "rank", "mean": 1.0}, 0.8, "misses"),
        ({"goal": "told"}, 900.0, "told"),
    ],
)
def test_a_value_is_held_to_its_goal(changes, median, verdict):
    assert agree.agree(compared(**changes), told(median)).verdict == verdict


def test_the_area_between_distributions_of_the_same_spread_is_their_distance():
    drawn = 130.0 + 10.0 * np.random.default_rng(2).standard_normal(20000)
    found = agree.agree(compared(), told(130.0, drawn=drawn))
    assert found.area == pytest.approx(3.0, abs=0.03)
    assert found.in_band
    assert found.within_sd is False


def test_a_value_nobody_can_have_is_not_computed():
    assert agree.agree(compared(), None).verdict == "not computed"


def test_a_prediction_that_was_changed_afterwards_is_refused(tmp_path, monkeypatch):
    name = experiment.names()[0]
    text = (experiment.HERE / name / "experiment.toml").read_text(encoding="utf-8")
    folder = tmp_path / name
    folder.mkdir()
    (folder / "experiment.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(experiment, "HERE", tmp_path)
    key = experiment.load(name).compared[0].key
    content = {"values": {key: told(100.0)}}
    content["sha256"] = predict.hashed(content)
    (folder / "prediction.json").write_text(json.dumps(content), encoding="utf-8")
    assert run.compare(name)[2]["sha256"] == content["sha256"]
    content["values"][key]["median"] = 101.0
    (folder / "prediction.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match="changed after it was hashed"):
        run.compare(name)
