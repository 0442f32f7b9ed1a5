"""A small run folder as a run leaves it, for tests of the report."""

import json
import struct
import zlib
from contextlib import contextmanager
from pathlib import Path

import pytest

from femsacrum.credibility import manifest
from femsacrum.report.document import inputs
from femsacrum.report.document.chapters import closing, credibility, software
from femsacrum.report.document.chapters import validation as validated
from femsacrum.report.document.model import Section
from femsacrum.report.figures import Figure
from femsacrum.report.summary import note_figures
from femsacrum.store import resolved


def png() -> bytes:
    """The smallest picture: one white point."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0\xff\xff\xff"))
        + chunk(b"IEND", b"")
    )


def folder_of(run, place: Path, *, signed: bool = True) -> Path:
    """Write case, findings and pictures of a run, and its manifest unless it is not to be signed."""
    (place / "figures").mkdir(parents=True)
    findings = {**run["findings"], "movements": {}}
    (place / "findings.json").write_text(json.dumps(findings), encoding="utf-8")
    (place / "case.toml").write_text(resolved(run["case"], place), encoding="utf-8")
    case = next(iter(findings["load_cases"]))
    shown = [("anatomy_and_plan", None), ("mesh", None), ("loads", case), ("stress", case)]
    figures = []
    for kind, name in shown:
        (place / "figures" / f"{kind}.png").write_bytes(png())
        figures.append(Figure(place / "figures" / f"{kind}.png", f"The {kind}", "How to <read> it.", name, kind))
    note_figures(place / "figures", figures)
    if signed:
        sign(run, place)
    return place


def sign(run, place: Path) -> None:
    """Write the manifest, as the end of a run does."""
    manifest.begin(run["case"], place / "case.toml", ["femsacrum", "run", "case.toml"]).write(place)


def changed(place: Path, change) -> None:
    """Rewrite the findings, as somebody would who changes them."""
    file = place / "findings.json"
    findings = json.loads(file.read_text(encoding="utf-8"))
    change(findings)
    file.write_text(json.dumps(findings), encoding="utf-8")


@contextmanager
def brief():
    """No experiments, tables of constants and lists of packages: they are long, and the same for everybody."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (closing, credibility, validated):
            patch.setattr(module, "validation", lambda: None)
        patch.setattr(inputs, "of_tables", lambda run: iter(()))
        patch.setattr(software, "software", lambda run: Section("Software", ()))
        yield
