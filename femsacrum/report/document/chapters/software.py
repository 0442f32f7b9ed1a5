"""Annexes: software with its licences, known anomalies, and provenance."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata, resources

from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Cell, Paragraph, Section, Table, absent, table
from femsacrum.report.viewer.page import vendored

NO_MANIFEST = (
    "Nobody can tell what was run, on which inputs, with which versions, or whether a file was changed since."
)
#: More of a licence's text than a name.
NAME = 80
#: Classifiers that name no licence.
VAGUE = ("OSI Approved", "Other/Proprietary License")


def software(run: Evidence) -> Section:
    """Software bill of materials."""
    then = (run.manifest or {}).get("versions", {})
    names = {_plain(name): str(name) for name in then}
    rows = []
    for name in sorted({*names, *_required("femsacrum")}):
        here = _distribution(name)
        version = then.get(names.get(name, ""), "not provided")
        now = here.version if here else "not installed"
        differs = version not in ("not provided", now)
        rows.append((names.get(name, name), version, Cell(now, "no" if differs else ""), licence(here), _kind(name)))
    for each in vendored():  # its version says nothing of the run
        rows.append((each["name"], "–", Cell(each["version"]), each["licence"], "within this program"))
    columns = ("package", "version of the run", "version now", "licence", "kind")
    note = (
        "From the run's manifest and what is installed where this report was made; marked where the two differ. Licences as "
        "the packages declare them; pinned: named by this program with its version, further: needed by those. Libraries "
        "that come inside a package (PETSc, MUMPS, OpenCASCADE) stand under its licence and are not listed."
    )
    return Section("Annex: software", (table("Software bill of materials", columns, rows, [note]), _anomalies()))


def provenance(run: Evidence) -> Section:
    """What was run, on what, by which command, and whether the files are still those."""
    if run.manifest is None:
        return Section("Annex: provenance", (absent("Manifest (manifest.json)", NO_MANIFEST),))
    told = run.manifest
    machine = told.get("platform", {})
    command = shlex.join(str(word) for word in told.get("command", ()))
    seed = "nothing is drawn at random" if told.get("seed") is None else str(told["seed"])
    facts = (
        ("command", command), ("case, SHA-256", str(told.get("case_sha256"))), ("code, fingerprint", str(told.get("code"))),
        *((f"platform, {key}", str(value)) for key, value in machine.items()), ("seed", seed),
        ("started", str(told.get("started"))), ("ended", str(told.get("ended"))),
        ("wall time", f"{told.get('wall_time_s')} s"),
        ("stages taken from an earlier run", ", ".join(map(str, told.get("stages_from_cache", ()))) or "none"),
    )  # fmt: skip
    blocks: list[Block] = [table("How it was run", ("what", "value"), facts)]
    if told.get("inputs"):
        blocks.append(_hashed("Files that the case names", told["inputs"]))
    else:
        blocks.append(Paragraph("The case names no file: anatomy is the reference that comes with the program."))
    blocks.append(_kept(run))
    blocks.append(_hashed("Files of the run folder", {**told["outputs"], **told.get("additions", {})}))
    return Section("Annex: provenance", tuple(blocks))


def licence(distribution: metadata.Distribution | None) -> str:
    """A package's licence, as it declares it."""
    if distribution is None:
        return "not provided"
    head = distribution.metadata
    expression = str(head.get("License-Expression") or "")
    # some packages put the whole text of their licence into "License"; its name stands in the first line
    first = (str(head.get("License") or "").strip().splitlines() or [""])[0]
    classes = [
        each.split("::")[-1].strip() for each in head.get_all("Classifier") or [] if each.startswith("License")
    ]
    named = ", ".join(each for each in classes if each not in VAGUE)
    said = (
        expression
        or named
        or (first if len(first) < NAME and any(map(str.isalpha, first)) else "")
        or ", ".join(classes)
    )
    return said or "not provided"


def _kept(run: Evidence) -> Paragraph:
    kept = run.integrity
    if kept is None or kept.holds:
        count = kept.sound if kept else 0
        return Paragraph(
            f"All {count} files were hashed again when this report was made, and are as the run left them."
        )
    lines = "; ".join(f"{word}: {', '.join(getattr(kept, word))}" for word in ("changed", "added", "removed")
                      if getattr(kept, word))  # fmt: skip
    return Paragraph(
        f"Hashed again when this report was made, {kept.sound} files are as the run left them. {lines}.", "notice"
    )


def _hashed(caption: str, files: dict[str, str]) -> Table:
    return table(caption, ("file", "SHA-256"), sorted(files.items()))


def _anomalies() -> Section:
    listed = tomllib.loads((resources.files("femsacrum.report") / "known_anomalies.toml").read_text("utf-8"))[
        "anomaly"
    ]
    rows = (tuple(each[key] for key in ("id", "what", "effect", "handling", "where")) for each in listed)
    columns = ("number", "anomaly", "effect on results", "what to do", "measured in")
    return Section("Known anomalies", (table("Known anomalies of this version", columns, rows),))


def _required(name: str) -> Iterator[str]:
    """Names of everything installed that a package needs, directly or not."""
    waiting, seen = [name], set()
    while waiting:
        here = _distribution(waiting.pop())
        for line in (here.requires or ()) if here else ():
            needed = _plain(re.split(r"[^A-Za-z0-9._-]", line)[0])
            if "extra ==" not in line and needed not in seen and _distribution(needed):
                seen.add(needed)
                waiting.append(needed)
    return iter(sorted(seen))


def _kind(name: str) -> str:
    if name == "femsacrum":
        return "this program"
    return "pinned" if name in _pins() else "further"


@cache
def _pins() -> frozenset[str]:
    """Names of the packages that this program names with their versions."""
    lines = metadata.requires("femsacrum") or ()
    return frozenset(_plain(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in lines if "extra ==" not in line)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _distribution(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
