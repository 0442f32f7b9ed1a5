"""What only the person who asks for a report can say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """What is told beside the run.

    Attributes:
        title: Of the report; None: made of the case's name.
        author: Who answers for it; None: nobody is named.
        logo: PNG for the first page; None: none.
        question: Question of interest; None: the case's own.
        context_of_use: What the model is used for, how far, and beside which other evidence; None: nobody said.
    """

    title: str | None = None
    author: str | None = None
    logo: bytes | None = None
    question: str | None = None
    context_of_use: str | None = None
