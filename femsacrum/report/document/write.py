"""``femsacrum report RUN``: three files beside the findings, made of nothing but what the run folder holds."""

from __future__ import annotations

import json
import re
from pathlib import Path

from femsacrum.errors import InputError
from femsacrum.report.document.asked import Asked, gathered
from femsacrum.report.document.compose import compose
from femsacrum.report.document.evidence import Evidence, read
from femsacrum.report.document.html import html
from femsacrum.report.document.legible import everywhere, legible
from femsacrum.report.document.model import Document, numbered
from femsacrum.report.document.pdf import pdf
from femsacrum.store import written

PNG = b"\x89PNG\r\n\x1a\n"
#: A logo may have so many bytes.
LARGEST_LOGO = 1_000_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def report(
    folder: str | Path,
    *,
    title: str | None = None,
    author: str | None = None,
    logo: str | Path | None = None,
    question: str | None = None,
    context_of_use: str | None = None,
    influence: str | None = None,
    consequence: str | None = None,
    influence_why: str | None = None,
    consequence_why: str | None = None,
    adequacy: str | None = None,
    asked: str | Path | None = None,
) -> tuple[Path, Path, Path]:
    """Write the report of a run.

    Args:
        folder: The run folder; the report is written into it and nowhere else.
        title: On the first page; left out: made of the case's name.
        author: Who answers for it.
        logo: A PNG for the first page.
        question: Question of interest; left out: that of the case.
        context_of_use: What the model is used for; left out: said to be not provided.
        influence: How much the decision rests on the model: "low", "medium" or "high".
        consequence: What a wrong decision does: "low", "medium" or "high"; both are given or neither.
        influence_why: Why that grade.
        consequence_why: Why that grade.
        adequacy: Whether the evidence is enough, as the submitter argues it.
        asked: TOML file that says any of these but the logo; what is given here wins.

    Returns:
        ``report.pdf``, ``report.html``, ``report.json``.

    Raises:
        InputError: The folder holds no run, or a file in it, the logo or what was asked cannot be used.
    """
    folder = Path(folder)
    image = _logo(Path(logo)) if logo is not None else None
    options = {
        "title": title, "author": author, "question": question, "context_of_use": context_of_use,
        "influence": influence, "consequence": consequence, "influence_why": influence_why,
        "consequence_why": consequence_why, "adequacy": adequacy,
    }  # fmt: skip
    said = gathered(options, Path(asked) if asked is not None else None, image)
    run = read(folder)
    content = everywhere(numbered(_composed(run, said)), legible)
    content["date"] = content["date"] if _DATE.fullmatch(content["date"]) else ""
    files = {
        "report.pdf": pdf(content, folder.resolve(), image),
        "report.html": html(content, folder, image).encode("utf-8"),
        "report.json": (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8"),
    }
    for name, data in files.items():
        with written(folder / name) as temporary:
            temporary.write_bytes(data)
    pages, page, data_file = (folder / name for name in files)
    return pages, page, data_file


def _composed(run: Evidence, asked: Asked) -> Document:
    try:
        return compose(run, asked)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        if run.integrity is not None and run.integrity.holds:
            raise
        lacks = f"cannot be read by this version ({type(error).__name__}: {error}); run the case again"
        raise InputError(str(run.folder / "findings.json"), lacks) from error


def _logo(file: Path) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError("--logo", f"{file}: {error.strerror}") from None
    if not data.startswith(PNG):
        raise InputError("--logo", f"{file} is no PNG; convert it")
    if len(data) > LARGEST_LOGO:
        raise InputError("--logo", f"{file} has {len(data)} bytes; make it smaller than {LARGEST_LOGO}")
    return data
