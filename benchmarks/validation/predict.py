"""The prediction: written and hashed before it is laid beside what was measured."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from benchmarks.anatomies import patients
from benchmarks.validation import experiment as experiments
from benchmarks.validation import spread
from benchmarks.validation.bench import COARSE, ROUGH, RUNS, Bench
from femsacrum import fingerprint
from femsacrum.credibility import vary
from femsacrum.sources.tables import table
from femsacrum.workers import side_by_side

#: Part of the predictions that the band holds, around their median.
BAND = (5.0, 95.0)
#: Files that do not change what is solved.
TELLING = ("agree", "experiment", "figure", "page", "predict", "run", "spread", "table")
#: Benches of this process: models are kept between solves.
_benches = {}


def predict(name, *, central=False, most=None, tell=print):
    """Solves what an experiment needs and says what the model foretells.

    The inputs are sampled on the first anatomy that is there, on a rougher mesh: the factor by which they change a value is
    put on that of every anatomy with the model's own inputs. Solves are kept under ``runs/validation`` and not done twice.

    Args:
        name: Of the experiment.
        central: Only the model's own inputs on the finer of the two meshes: no band of inputs, no error of the mesh; said.
        most: Anatomies at most, the first of the experiment's; None: all.
        tell: Told how it goes.

    Returns:
        The content of ``prediction.json``: nothing in it depends on what was measured.
    """
    asked = experiments.load(name)
    names = tuple(asked.inputs)
    wanted = asked.anatomies[:most]
    there = [one for one in wanted if one in patients.names()] or [None]
    first, samples = there[0], () if central else spread.training(names)
    jobs = [(name, one, COARSE, {}) for one in there]
    if first is not None and not central:
        jobs.append((name, first, ROUGH, {}))
    sampled = len(jobs)
    jobs += [(name, first, ROUGH, dict(sample)) for sample in samples]
    solved = [None] * len(jobs)
    for done, (number, found) in enumerate(side_by_side(solve_one, jobs), start=1):
        solved[number] = found
        tell(f"  {name}: {done} of {len(jobs)} solved", flush=True)
    own = dict(zip(there, solved, strict=False))
    rough = solved[len(there)]["values"] if sampled > len(there) else {}
    keys = sorted(set().union(*(found["values"] for found in own.values())))
    content = {
        "experiment": name,
        "inputs": {each: dict(table("ranges")[each]) for each in names},
        "anatomies": [one or "none" for one in there],
        "not_there": [one for one in wanted if one not in there],
        "not_run": [one for one in asked.anatomies if one not in wanted],
        "central": central,
        "refused": {one or "none": found["refused"] for one, found in own.items() if found["refused"]},
        "mesh": {"coarse": COARSE, "rough": ROUGH},
        "values": {key: _value(key, own, rough, names, samples, solved[sampled:]) for key in keys},
    }
    return content | {"sha256": hashed(content)}


def hashed(content):
    """SHA-256 of a prediction without its hash."""
    bare = {key: value for key, value in content.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()


def solve_one(name, anatomy, mesh, inputs):
    """What ``measure`` of an experiment gives for one sample, kept by everything it depends on."""
    asked = experiments.load(name)
    said = json.dumps([name, anatomy, mesh, inputs], sort_keys=True) + _code(name)
    kept = RUNS / "solved" / f"{hashlib.sha256(said.encode()).hexdigest()[:24]}.json"
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    bench = _benches.setdefault((anatomy, json.dumps(mesh, sort_keys=True)), Bench(anatomy, mesh))
    bench.refused = {}
    values = {key: float(value) for key, value in asked.measure(bench, inputs).items()}
    found = {"values": values, "refused": dict(bench.refused)}
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.with_suffix(f".{id(found)}").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    kept.with_suffix(f".{id(found)}").rename(kept)
    return found


def _code(name):
    """Fingerprint of the package's rooms and of what the experiment does."""
    here = Path(__file__).parent
    files = [Path(vary.__file__)]
    files += [file for file in sorted(here.glob("*.py")) if file.stem not in TELLING]
    files += sorted((here / name).glob("*.py"))
    texts = "".join(file.read_text(encoding="utf-8") for file in files)
    return fingerprint.of_text(texts) + fingerprint.of_code("findings")


def _value(key, own, rough, names, samples, solved):
    """What is foretold of one value: on each anatomy, its band, what it hinges on, its numerical error."""
    by_anatomy = {one or "none": found["values"][key] for one, found in own.items() if key in found["values"]}
    told = {"by_anatomy": by_anatomy, "median": float(np.median(list(by_anatomy.values())))}
    first, middle = next(iter(own.values()))["values"].get(key), rough.get(key)
    if first and middle:
        told["rough_over_coarse"] = middle / first
    there = [
        (sample, found["values"][key])
        for sample, found in zip(samples, solved, strict=True)
        if key in found["values"]
    ]
    enough = len(there) > len(names) + 2 and first is not None and middle is not None
    if not enough or min(first, middle, *(value for _, value in there)) <= 0.0:
        return told | {"drawn": list(by_anatomy.values()), "band": _band(list(by_anatomy.values()))}
    surrogate = spread.fit(names, *zip(*there, strict=True))
    anatomies = np.array(list(by_anatomy.values()))
    values = surrogate(spread.drawn(names)) / middle * anatomies[np.arange(spread.DRAWN) % len(anatomies)]
    return told | {
        "drawn": [float(value) for value in values],
        "band": _band(values),
        "surrogate_error": surrogate.error,
        "hinges_on": surrogate.slopes,
        "solves": len(there),
    }


def _band(values):
    return [float(value) for value in np.percentile(values, BAND)]
