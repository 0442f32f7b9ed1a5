"""The report as one page that needs no network and no other file."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from femsacrum.report.viewer import NAME as VIEWER

if TYPE_CHECKING:
    from jinja2 import Template


def html(content: Mapping[str, Any], folder: Path, logo: bytes | None = None) -> str:
    """The page; all text is escaped, all pictures are inside.

    Args:
        content: The numbered document.
        folder: The run folder, where its pictures are.
        logo: PNG for the head of the page.
    """
    return _template().render(
        document=content,
        source=lambda file: _embedded((folder / file).read_bytes()),
        logo=_embedded(logo) if logo else None,
        contents=list(_headings(content["sections"])),
        viewer=VIEWER if (folder / VIEWER).is_file() else None,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("femsacrum.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html")


def _embedded(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"


def _headings(blocks: list[dict[str, Any]], depth: int = 1) -> Iterator[tuple[int, str, str]]:
    """Depth, number and title of every section, two levels deep."""
    for block in blocks:
        if block["kind"] == "section" and depth <= 2:
            yield depth, block["number"], block["title"]
            yield from _headings(block["blocks"], depth + 1)
