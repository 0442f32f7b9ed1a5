"""The folder of a finished run of boxes, and texts that would like to be more than text."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from femsacrum.findings.fields import write_fields

FACE = "left_graft/left_ilium"
MARKUP = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]><svg onload=alert(2)>",
    "<img src=x onerror=alert(3)>",
    "'\"><iframe src=javascript:alert(4)>",
    "&lt;b&gt; &amp; {{ 7 * 7 }} {% raw %}",
    "${alert(5)} `x` \\u003c\\n \u2028\u2029",
    "\u202eright to left\u202c \U0001f9b4",
]


def strained(run):
    """The same run with a graft that is squeezed beyond its limit: to 1.25 % in front, less behind."""
    from femsacrum.findings.measure import measure

    (solution,) = run["solutions"]
    nodes = run["assembly"].bodies["left_graft"].nodes
    depth = nodes[:, 1] - nodes[:, 1].min()
    squeezed = -1e-3 * (12.5 - depth) * (nodes[:, 2] - nodes[:, 2].max())
    moved = solution.displacements | {"left_graft": np.column_stack([0.0 * depth, 0.0 * depth, squeezed])}
    solved = (replace(solution, displacements=moved),)
    model = (run["case"], run["assembly"], run["materials"], run["interfaces"], run["load_cases"])
    return run | {"solutions": solved, "findings": measure(*model, solved)}


def folder_of(run, folder):
    """Write what the page reads of a run."""
    write_fields(folder / "fields", run["assembly"], run["materials"], run["interfaces"], run["solutions"])
    (folder / "findings.json").write_text(json.dumps(run["findings"]), encoding="utf-8")
    return folder


def walking(run):
    """The same pelvis walking: four instants, in which the graft's face slips to and fro and opens once."""
    from box_pelvis import solution

    from femsacrum.case.fatigue import Fatigue
    from femsacrum.course.gait import Gait, Walked
    from femsacrum.course.shakedown import Change, peak_to_peak
    from femsacrum.course.told import movement
    from femsacrum.loads.loadcase import Cycle
    from femsacrum.mechanics.repeated import Motion

    meshed, standing = run["assembly"], run["load_cases"][0]
    percent = (0.0, 25.0, 50.0, 75.0)
    measures = {"left_hip_force [%BW]": 200.0, "L4_compression [%BW]": 90.0, "closing_moment_at_L4 [N m]": 3.5}
    phases = tuple(replace(standing, name=f"walk {at:g} %", measures=measures, imbalance=0.012) for at in percent)
    cycle = Cycle("walk <on>", phases, percent, 1.2, (5e5, 1e6, 2e6), "made up")
    solutions = tuple(solution(meshed, phase, drop=0.2 + 0.2 * i) for i, phase in enumerate(phases))
    for i, each in enumerate(solutions):
        each.displacements["prosthesis"][:] *= 0.5 * i
    state = solutions[0].interfaces[FACE]
    count = len(state.area)
    jump = np.zeros((4, count, 3))
    jump[:, :, 1] = 1e-3 * np.array([0.0, 30.0, 60.0, 20.0])[:, None]
    status = np.full((4, count), 2)
    status[2, : count // 3] = 0
    traction = np.where(status[..., None] > 0, [0.8, 0.1, 0.0], 0.0)
    motion = {FACE: Motion(jump, traction, status, np.zeros(count), state.area)}
    drift = np.zeros((3, count, 3))
    drift[:, :, 1] = 1e-3 * np.array([4.0, 2.0, 1.0])[:, None]
    changes = (Change(2, 0.3, FACE, 0.02), Change(3, 0.009, FACE, 0.0006))
    gait = Gait(
        cycle.name, percent, Walked("shakes down", changes, motion, {FACE: drift}, (30, 12, 5)),
        {FACE: peak_to_peak(jump)}, solutions,
    )  # fmt: skip
    metal = {
        name: replace(one, source="printed_titanium: table" if name == "prosthesis" else "titanium: table")
        if meshed.bodies[name].role in ("implant", "fixation") else one
        for name, one in run["materials"].items()
    }  # fmt: skip
    found = movement(cycle, gait, meshed, metal, run["interfaces"], {}, Fatigue())
    return SimpleNamespace(cycle=cycle, gait=gait, found=found, materials=metal)


def add_movement(run, walked, folder):
    """Add to a folder what a run leaves of a movement."""
    from femsacrum.course.envelope import write_envelopes

    write_envelopes(folder / "fields", run["assembly"], walked.materials, run["interfaces"], [walked.gait])
    file = folder / "findings.json"
    findings = json.loads(file.read_text(encoding="utf-8")) | {"movements": {walked.cycle.name: walked.found}}
    file.write_text(json.dumps(findings), encoding="utf-8")
