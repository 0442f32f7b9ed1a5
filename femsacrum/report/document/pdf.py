"""The report as PDF/A-2a and PDF/UA-1, set by typst; text reaches its template as data and is never read as markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from femsacrum.errors import InputError
from femsacrum.report.document.columns import laid_out
from femsacrum.report.document.legible import drawable, everywhere, fonts, known_characters

#: Date in the file where the run folder tells none; PDF/A wants one, and the same run shall give the same bytes.
NO_DATE = "1970-01-01"
#: Letters of the title at the head of every page.
RUNNING = 80


def pdf(content: Mapping[str, Any], folder: Path, logo: bytes | None = None) -> bytes:
    """The file.

    Args:
        content: The numbered document.
        folder: The run folder, where its pictures are.
        logo: PNG for the first page.

    Raises:
        InputError: A picture cannot be used.
    """
    import typst

    known = known_characters()
    told = everywhere(content, lambda text: drawable(text, known))
    _lay_out(told["sections"])
    year, month, day = (int(part) for part in (content["date"] or NO_DATE).split("-"))
    told |= {"logo": list(logo or b""), "made": {"year": year, "month": month, "day": day}}
    told["running"] = told["title"] if len(told["title"]) <= RUNNING else f"{told['title'][:RUNNING]} ..."
    template = (resources.files("femsacrum.report") / "templates" / "report.typ").read_bytes()
    compiler = typst.Compiler(
        root=folder, font_paths=[fonts()], ignore_system_fonts=True, sys_inputs={"document": json.dumps(told)}
    )
    try:
        made = compiler.compile(input=template, format="pdf", pdf_standards=["a-2a", "ua-1"])
    except typst.TypstError as error:  # a picture that cannot be read; text cannot stop it
        raise InputError("report.pdf", f"cannot be made: {(str(error).splitlines() or [''])[0]}") from error
    assert isinstance(made, bytes), "a PDF is one file"
    return made


def _lay_out(blocks: list[dict[str, Any]]) -> None:
    """Adds to every table how it is laid out on a page."""
    for block in blocks:
        if block["kind"] == "section":
            _lay_out(block["blocks"])
        elif block["kind"] == "table":
            block |= laid_out(block)
