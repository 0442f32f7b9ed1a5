"""The page of one experiment in docs/validation: made from its tables, its prediction and what was found on the model."""

from __future__ import annotations

from pathlib import Path

from benchmarks.validation import experiment, table
from femsacrum.report.validation import counted

#: Inputs named for each value, those that change it most.
MOST = 3
#: Marks of the overview between which the counts are put.
START, END = "<!-- agreement -->", "<!-- end -->"


def write(asked, agreements, content, folder, picture):
    """Writes ``<experiment>.md``.

    Args:
        asked: The experiment.
        agreements: Of ``agree``.
        content: The prediction.
        folder: Of the pages.
        picture: Path of the figure, as seen from there.
    """
    found = experiment.HERE / asked.name / "README.md"
    text = [f"# {asked.title}", "", asked.question, "", f"Source: {asked.source}. Role: {_ROLES[asked.role]}.", ""]
    text += ["## How ours is like theirs", "", "| | theirs | ours | likely effect |", "|---|---|---|---|"]
    text += [f"| {row.what} | {row.theirs} | {row.ours} | {row.effect} |" for row in asked.equivalence]
    text += ["", "## Foretold and measured", "", f"![Model over measured]({picture})", ""]
    text += list(table.rows(agreements))
    text += ["", *_solved(content), ""]
    hinges = [f"| {one.compared.words} | {_hinges(told)} |" for one, told in _judged(agreements, content)]
    if hinges:
        text += ["Factor on the value from the low to the high end of an input's range, the largest first:", ""]
        text += ["| | hinges on |", "|---|---|", *hinges, ""]
    if found.exists():
        text += ["## What was found", "", _body(found.read_text(encoding="utf-8")), ""]
    Path(folder / f"{asked.name}.md").write_text("\n".join(text).rstrip() + "\n", encoding="utf-8")


_ROLES = {
    "choosing": "an input was changed with this experiment in view; it is no check of it",
    "checking": "no input was ever changed with it in view",
    "rank": "the order of constructs only",
    "bench": "closed forms and other programs",
}


def _solved(content):
    """Which anatomies, which refused, which mesh error, which hash."""
    yield f"Anatomies: {', '.join(one.replace('_', ' ') for one in content['anatomies'])}."
    if content["not_there"]:
        yield f"Not there: {', '.join(content['not_there'])}."
    if content.get("not_run"):
        yield f"Not run: {', '.join(one.replace('_', ' ') for one in content['not_run'])}."
    if content.get("central"):
        yield "**Only the model's own inputs were solved: the band is the anatomies', the mesh's error not known.**"
    for anatomy, states in content["refused"].items():
        for state, why in states.items():
            yield f"{anatomy.replace('_', ' ')} cannot have {state.replace('_', ' ')}: {why}."
    surrogates = [told["surrogate_error"] for told in content["values"].values() if "surrogate_error" in told]
    if surrogates:
        solves = max(told.get("solves", 0) for told in content["values"].values())
        yield f"Surrogate of {solves} solves: typical error {_range(surrogates)} on solves left out."
    yield f"SHA-256 of the prediction: `{content['sha256']}`."


def _range(shares):
    low, high = 100.0 * min(shares), 100.0 * max(shares)
    return f"{low:+.1f} to {high:+.1f} %" if low < 0.0 else f"{low:.1f} to {high:.1f} %"


def _judged(agreements, content):
    return [
        (one, content["values"][one.compared.key])
        for one in agreements
        if "hinges_on" in content["values"].get(one.compared.key, {})
    ]


def _hinges(told):
    slopes = told["hinges_on"]
    most = sorted(slopes, key=lambda name: -max(slopes[name], 1.0 / slopes[name]))[:MOST]
    return ", ".join(f"{name.replace('_', ' ')} {slopes[name]:.2f}" for name in most)


def _body(text):
    """A README without its title."""
    lines = text.strip().splitlines()
    return "\n".join(lines[1:] if lines[0].startswith("# ") else lines).strip()


def index(shipped, path):
    """Puts the counts of every experiment into the overview, between its two marks.

    Args:
        shipped: Content of the table that reports print.
        path: Of the overview.
    """
    lines = ["| experiment | agree | of judged | role | prediction |", "|---|---|---|---|---|"]
    for name, one in shipped.items():
        found = counted([one])
        link, sha = f"[{one['title']}](validation/{name}.md)", one["prediction"][:12]
        lines.append(f"| {link} | {found['agreed']} | {found['judged']} | {one['role']} | `{sha}` |")
    before, _, rest = path.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    path.write_text(f"{before}{START}\n{'\n'.join(lines)}\n{END}{after}", encoding="utf-8")
