"""The sacral nerve roots: where they run, which are bridged, what strains them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from femsacrum.report import nerve_words, tables
from femsacrum.report.document.evidence import Evidence
from femsacrum.report.document.model import Block, Items, Paragraph, Section


def nerves(run: Evidence, found: Mapping[str, Any]) -> Section:
    """A page for the nerves.

    Args:
        run: The run.
        found: "nerves" of the findings.
    """
    blocks: list[Block] = [Paragraph(nerve_words.STANDING, "notice"), Paragraph(nerve_words.answer(found))]
    if found["doubts"]:
        blocks.append(Items(tuple(found["doubts"])))
    blocks += [each.picture() for each in run.pictures_of(None, "nerves", "nerve_strains")]
    blocks += tables.nerves.of_nerves(found)
    blocks.append(tables.model.thresholds("What is known of strained nerves", found["strains"]))
    return Section("Sacral nerve roots", tuple(blocks))
