"""One construct, two postures, four ways of holding the hips and three of holding L4: how much the choice matters.

Nothing is judged: the study after total sacrectomy on a mesh twice as coarse as its own; the reference of each row is
the same posture on ball joints with L4 free.
"""

from __future__ import annotations

from pathlib import Path

import femsacrum as fs
from benchmarks.row import Row
from femsacrum.case.schema import LoadSpec

STUDY = Path(__file__).parents[2] / "studies/total_sacrectomy/case.toml"
RUN = Path("runs/supports")
COARSER = 2.0
SUPPORTS = ("hips", "acetabula_fixed", "hip_springs", "free")
SOURCE = "one study, each way of holding it"


def case():
    """The study with a load case for each way of holding it."""
    study = fs.load(STUDY)
    sizes = {name: COARSER * size for name, size in study.mesh.model_dump().items() if name != "order"}
    loads = [_spec("standing", support) for support in SUPPORTS]
    loads += [_spec("one_leg_stance", support) for support in SUPPORTS]
    loads += [_spec("one_leg_stance", "free", l4) for l4 in ("guided", "held")]
    changes = {"loads": tuple(loads), "mesh": study.mesh.model_copy(update=sizes)}
    return study.model_copy(update=changes)


def _spec(kind, support, l4="free"):
    said = {"name": f"{kind}, {support}, L4 {l4}", "kind": kind, "support": support, "source": SOURCE}
    return LoadSpec.model_validate(said | ({"l4": l4} if l4 != "free" else {}))


def rows():
    """Each value beside that of the same posture with the first support."""
    chosen = case()
    findings = fs.run(chosen, folder=RUN)
    first = {}
    for spec in chosen.loads:
        for what, value in _told(findings["load_cases"][spec.name]).items():
            reference = first.setdefault((spec.kind, what), value)
            yield Row(spec.name, what, value, reference, 0.0, SOURCE, False)


def _told(found):
    """What is compared."""
    metal = [each["von_mises_p999"]["value"] for each in found["implants"].values()]
    motion = [
        each["micromotion"]["max"]["value"]
        for each in found["interfaces"].values()
        if each["law"] == "frictional" and not each["loose"]
    ]
    moved = found["deformation"]
    return {
        "L5 drop [mm]": moved["L5_drop"]["value"],
        "L5 tilt, sagittal [deg]": moved["L5_tilt_sagittal"]["value"],
        "peak metal p99.9 stress [MPa]": max(metal),
        "largest micromotion [um]": max(motion),
    }
