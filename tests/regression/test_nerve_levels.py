"""A sacrum cut below S2 keeps S1 and S2, on the reference and on real bones; sacra that end above S4 say so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.landmarks import subjects
from femsacrum.anatomy.distance import DistanceTo
from femsacrum.anatomy.reference import reference
from femsacrum.case.schema import AnatomyOptions, Surgery
from femsacrum.surgery.construct import Built
from femsacrum.surgery.cuts.resect import Resected
from femsacrum.surgery.cuts.sacrum import cut_across
from femsacrum.surgery.nerves.fates import nerves

BELOW_S2 = {"plan": "partial_sacrectomy", "resection": {"sacrum": {"level": "below S2"}}, "nerves": {}}


@pytest.mark.parametrize("subject", ["reference", *subjects.FILES])
def test_below_s2_keeps_the_foramina_of_s1_and_s2(subject):
    if subject != "reference" and not subjects.DATA.is_dir():
        pytest.skip(f"{subject}: the bones (../shared/data) are not here")
    anatomy = reference(AnatomyOptions()) if subject == "reference" else subjects.anatomy(subject)
    plan = Surgery.model_validate(BELOW_S2)
    cut = cut_across(anatomy, plan.resection).cut  # the atlas has no lumbar spine, which a whole plan wants
    after = Resected({**anatomy.parts, "sacrum": cut.surface}, {"sacrum": cut})
    plane = after.cuts["sacrum"].plane
    sacrum = DistanceTo(after.surfaces["sacrum"])
    found = nerves(plan, anatomy, after, Built(), None, Path(), ())
    for side in ("left", "right"):
        for level in ("S1", "S2"):
            mouth = anatomy.landmarks[f"{side}_foramen_{level}"]
            assert (mouth - plane.origin) @ plane.normal < 0.0
            assert sacrum(mouth[None])[0] > 0.0  # still a hole, and bone above it
            assert found.roots[f"{side}_{level}"].fate == "kept"
        below = [name for name, root in found.roots.items() if root.fate == "cut" and name.startswith(side)]
        told = [name for name in found.missing if name.startswith(side)]
        assert sorted(below + told) == [f"{side}_S3", f"{side}_S4"]
    there = {name[-2:] for name in anatomy.landmarks if "foramen" in name}
    assert {name[-2:] for name in found.missing} == {"S1", "S2", "S3", "S4"} - there
    for root in found.roots.values():
        assert root.course.in_bone == 0.0 or any("canal or foramina are closed" in note for note in root.notes)
        assert np.isfinite(root.course.points).all()
