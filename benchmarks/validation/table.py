"""The table of every comparison, misses included: as text, and as what reports of runs read."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from femsacrum.report.words import plain

#: What a report of any run prints; it goes with the package.
SHIPPED = Path("femsacrum/report/validation.json")


def rows(agreements):
    """The rows of one experiment in markdown, for a page or a terminal."""
    heads = (
        "compared",
        "measured",
        "model, median anatomy",
        "band",
        "mean in band",
        "area [SD]",
        "rougher mesh over this",
    )
    yield f"| {' | '.join((*heads, 'goal', 'verdict'))} |"
    yield f"|{'---|' * (len(heads) + 2)}"
    for one in agreements:
        row = one.compared
        measured = row.measured()
        if one.median is None:
            yield f"| {row.words} | {measured} | – | – | – | – | – | {row.goal} | {one.verdict} |"
            continue
        band = f"{plain(one.band[0])} – {plain(one.band[1])}"
        if one.surrogate_error is None and len(one.by_anatomy) > 1:
            band += ", of the anatomies alone"
        area = "–" if one.area is None else f"{one.area:.1f}"
        verdict = f"**{one.verdict}**" if one.verdict == "misses" else one.verdict
        mesh = f"{one.rough_over_coarse:.2f}" if one.rough_over_coarse else "–"
        inside = "yes" if one.in_band else "no"
        told = (row.words, measured, plain(one.median), band, inside, area, mesh, row.goal, verdict)
        yield f"| {' | '.join(told)} |"


def ship(results, path=SHIPPED):
    """Writes the table that reports print; experiments that were not run now keep their rows.

    Args:
        results: Experiment name -> (experiment, agreements, hash).
        path: Of the file.

    Returns:
        Its content.
    """
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, (asked, agreements, sha) in results.items():
        kept[name] = {
            "title": asked.title,
            "question": asked.question,
            "role": asked.role,
            "source": asked.source,
            "prediction": sha,
            "rows": [asdict(one) for one in agreements],
        }
    kept = dict(sorted(kept.items()))
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return kept
