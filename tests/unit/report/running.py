"""The folder of a finished run of boxes, and texts that would like to be more than text."""

import json
from dataclasses import replace

import numpy as np

from femsacrum.findings.fields import write_fields

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
