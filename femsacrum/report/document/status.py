"""The first sentence of a report: whether it tells the result of a finished run."""

from __future__ import annotations

from collections.abc import Iterator

from femsacrum.findings.outcomes import SOUND
from femsacrum.report.document.evidence import Evidence

#: Files named in the sentence; the rest is counted.
NAMED = 3


def status(run: Evidence) -> tuple[str, bool]:
    """The sentence, and whether nothing speaks against the run."""
    against = [*_incomplete(run), *_unconverged(run), *_tampered(run)]
    if against:
        return f"Not to be relied on: {'; '.join(against)}.", False
    kept = run.integrity.sound if run.integrity else 0
    return f"The run ended, every load case converged, and all {kept} files are as the run left them.", True


def _incomplete(run: Evidence) -> Iterator[str]:
    if run.findings is None:
        yield "the run did not end, so it has no findings"
    if run.manifest is None:
        yield "the run folder has no manifest.json, so nobody can tell what was run and whether a file was changed"


def _unconverged(run: Evidence) -> Iterator[str]:
    if run.findings is None:
        return
    for name, found in run.findings["load_cases"].items():
        for row in found["validity"]:
            if row["check"] in SOUND and not row["holds"]:
                yield f'load case "{name}" does not meet "{row["check"]}"'
    for name, found in (run.findings.get("movements") or {}).items():
        if found["outcome"] == "undecided":
            yield f'the interfaces had not settled after {found["cycles"]} cycles of "{name}"'


def _tampered(run: Evidence) -> Iterator[str]:
    if run.integrity is None:
        return
    for word in ("changed", "added", "removed"):
        files = getattr(run.integrity, word)
        if files:
            more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
            count = "1 file was" if len(files) == 1 else f"{len(files)} files were"
            yield f"{count} {word} after the run ended ({', '.join(files[:NAMED])}{more})"
