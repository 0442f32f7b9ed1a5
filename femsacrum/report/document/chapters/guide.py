"""The cutting guide: where it sits, where it leads the saw, how far the saw moves it, whether it can be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report import guide_words, tables
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Paragraph, Section


def guide(run: Evidence, found: Mapping[str, Any]) -> Section:
    """A page for the guide.

    Args:
        run: The run.
        found: All findings, a guide among them.
    """
    sawn = found.get("guide_under_saw") or {}
    blocks: list[Block] = [Paragraph(guide_words.answer(found["guide"], sawn))]
    blocks += [each.picture() for each in run.pictures_of(None, "guide", "guide_parts", "guide_sway")]
    blocks += tables.guide.of_guide(found["guide"], sawn)
    return Section("Cutting guide", tuple(blocks))
