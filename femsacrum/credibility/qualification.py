"""Whether this installation computes what it should: problems with known answers, solved here and now.

The problems are those of ``benchmarks/verification`` that take seconds. They are part of the source tree, not of the
installed package: where the tree is not there, that is said, and nothing is passed off as a qualification.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from femsacrum import __version__, fingerprint
from femsacrum.credibility import manifest
from femsacrum.errors import InputError, NumericalError
from femsacrum.progress import Progress, Silent
from femsacrum.store import written

VERSION = 1
FILE = "qualification.json"
#: The problems, each of seconds: elements, materials, contact, friction, threads, screws, ligaments.
PROBLEMS = (
    *("order", "patch", "manufactured", "cook", "le10", "off_axis", "disc", "box_beam", "rod", "shear_lag"),
    *("sliding", "friction_loop", "increments", "hetenyi", "bolt", "preload_off", "ligaments", "fatigue"),
)
#: A problem that has not ended by then hangs [s].
LONGEST = 900.0

_TREE = Path(__file__).parents[2]
_ENDED = re.compile(r"  (\w+): ([\d.]+) s")


def qualify(
    problems: Sequence[str] = PROBLEMS, *, tree: Path = _TREE, progress: Progress | None = None
) -> dict[str, Any]:
    """Solve problems with known answers.

    Args:
        problems: Which, of those of the source tree.
        tree: The source tree.
        progress: Told how it goes.

    Returns:
        What ``qualification.json`` holds: every value with what it must be, what it was computed by, and a hash of all.

    Raises:
        InputError: The source tree is not there.
        NumericalError: A problem could not be solved.
    """
    room = tree / "benchmarks" / "verification"
    if not room.is_dir():
        problem = "needs the source tree, whose benchmarks/ is not beside this installation; install from a checkout"
        raise InputError("qualify", f"{problem} with pip install -e .")
    with tempfile.TemporaryDirectory(prefix="femsacrum-") as elsewhere:
        told = _solved(problems, tree, Path(elsewhere) / "rows.json", progress or Silent())
    content = {
        "version": VERSION,
        "femsacrum": __version__,
        "code": fingerprint.of_code(None),
        "problems_sha256": _problems_hash(room),
        "platform": manifest.machine(),
        "versions": manifest.versions(),
        "made": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "cases": [_case(row) for row in told["rows"]],
    }
    return {"sha256": signature(content), **content}


def signature(content: Mapping[str, Any]) -> str:
    """SHA-256 of a qualification, whatever is in its "sha256"; of its JSON with sorted keys and no blanks."""
    rest = {key: value for key, value in content.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def failed(content: Mapping[str, Any]) -> list[str]:
    """One line for every value that is out."""
    return [
        f"{case['name']}: {case['quantity']} is {case['value']}, must be {case['expected']} within {case['limit']}"
        for case in content["cases"]
        if case["judged"] and not case["passed"]
    ]


def write(content: Mapping[str, Any], folder: Path | None = None) -> Path:
    """Write a qualification: into the evidence of a run folder, entered in its manifest, or where one is.

    Args:
        content: From ``qualify``.
        folder: Run folder; None: the working folder.
    """
    file = Path(FILE) if folder is None else folder / "credibility" / FILE
    file.parent.mkdir(exist_ok=True)
    with written(file) as temporary:
        temporary.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    if folder is not None:
        manifest.register(folder, file)
    return file


def _solved(problems: Sequence[str], tree: Path, file: Path, progress: Progress) -> dict[str, Any]:
    """What ``python -m benchmarks verification`` writes, in a process of its own so that nothing here is loaded twice."""
    words = [sys.executable, "-m", "benchmarks", "verification", *problems, "--json", str(file)]
    waiting, last = list(problems), "nothing was said"
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(words, cwd=tree, encoding="utf-8", errors="replace", **pipes) as child:
        assert child.stdout is not None
        hangs = threading.Timer(LONGEST, child.kill)
        hangs.start()
        try:
            for line in child.stdout:
                last = line.strip() or last
                ended = _ENDED.fullmatch(line.rstrip())
                if ended and ended[1] in waiting:
                    waiting.remove(ended[1])
                    progress.finished(ended[1], float(ended[2]), False)
        except BaseException:
            child.kill()
            raise
        finally:
            hangs.cancel()
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise NumericalError(f"qualify: stopped before {', '.join(waiting) or 'its end'}: {last}") from None


def _case(row: Mapping[str, Any]) -> dict[str, Any]:
    """One value; what is told for information only has no value to be, and no limit."""
    numbers = {"value": "measured", "expected": "reference", "error": "error", "limit": "tolerance"}
    told = {name: row[key] if math.isfinite(row[key]) else None for name, key in numbers.items()}
    passed = row["passed"] and (told["error"] is not None or not row["judged"])
    said = {"passed": passed, "judged": row["judged"], "source": row["source"]}
    return {"name": row["case"], "quantity": row["quantity"], **told, **said}


def _problems_hash(room: Path) -> str:
    """SHA-256 of the problems as they are written."""
    hasher = hashlib.sha256()
    for source in sorted(room.glob("*.py")):
        hasher.update(source.name.encode() + b"\0" + source.read_bytes())
    return hasher.hexdigest()
