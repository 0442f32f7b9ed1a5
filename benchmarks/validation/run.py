"""Foretell, then compare: ``python -m benchmarks validation [experiment ...]``."""

from __future__ import annotations

import json
import time
from pathlib import Path

from benchmarks.validation import experiment, figure, page, table
from benchmarks.validation.agree import agree
from benchmarks.validation.predict import hashed, predict
from femsacrum.report.validation import counted

#: Where the pages of docs/validation.md are, and their figures seen from there.
OVERVIEW = Path("docs/validation.md")
PAGES, IMAGES = Path("docs/validation"), "../images/validation_{}.svg"


def run(names=(), *, central=False, most=None, kept=False):
    """Predicts, hashes, compares, prints; writes predictions, pages, figures and the table that reports print.

    Args:
        names: Of experiments; empty: all.
        central, most: See ``predict``.
        kept: Solve nothing: lay the predictions that are there beside what was measured once more.

    Returns:
        Number of judged values that miss, and everything told as a mapping for JSON.
    """
    results = {}
    for name in names or (experiment.names() if not kept else foretold()):
        start = time.perf_counter()
        if not kept:
            text = json.dumps(predict(name, central=central, most=most), indent=1)
            _file(name).write_text(text + "\n", encoding="utf-8")
        # read back from the file: what was measured is looked at only from here on
        asked, agreements, content = compare(name)
        results[name] = (asked, agreements, content["sha256"])
        print(f"{asked.title}: prediction {content['sha256'][:12]}", *table.rows(agreements), sep="\n", flush=True)
        PAGES.mkdir(parents=True, exist_ok=True)
        figure.draw(asked, agreements, PAGES / IMAGES.format(name))
        page.write(asked, agreements, content, PAGES, IMAGES.format(name))
        print(f"  {name}: {time.perf_counter() - start:.0f} s\n", flush=True)
    shipped = table.ship(results)
    page.index(shipped, OVERVIEW)
    found = counted(shipped[name] for name in results)
    print(f"{found['agreed']} of {found['judged']} judged values agree")
    return found["judged"] - found["agreed"], {name: sha for name, (_, _, sha) in results.items()}


def foretold():
    """Experiments that have a prediction."""
    return tuple(name for name in experiment.names() if _file(name).exists())


def compare(name):
    """The kept prediction of an experiment beside what was measured.

    Returns:
        The experiment, its agreements, and the prediction.

    Raises:
        ValueError: The prediction is not the one that was hashed.
    """
    content = json.loads(_file(name).read_text(encoding="utf-8"))
    if hashed(content) != content["sha256"]:
        raise ValueError(f"{name}/prediction.json was changed after it was hashed; run it again")
    asked = experiment.load(name)
    return asked, [agree(row, content["values"].get(row.key)) for row in asked.compared], content


def _file(name):
    return Path(experiment.HERE / name / "prediction.json")
