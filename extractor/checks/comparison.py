"""What a comparison of a news item with its study holds."""

from __future__ import annotations

from typing import Literal, NamedTuple

from extractor.records.models import Check
from extractor.spans import Span

Verdict = Literal["agrees", "rounded", "differs", "not_in_study"]
VERDICTS: dict[Verdict, str] = {
    "agrees": "agrees", "rounded": "rounded", "differs": "differs", "not_in_study": "not in the study's text",
}  # fmt: skip
LeftOutKind = Literal["adverse_events", "absolute_numbers", "primary_endpoint", "effect", "result"]


class Compared(NamedTuple):
    """One number of the news and what became of it.

    `news_fact` is None for a number that no fact holds, `study_span` where the study has no counterpart. `computed`
    tells how the study's number was computed where it is not printed, for example "12/20".
    """

    verdict: Verdict
    news_fact: str | None
    statistic: str
    news_span: Span
    news_quote: str
    study_fact: str | None = None
    study_span: Span | None = None
    study_quote: str | None = None
    computed: str | None = None
    note: str | None = None


class LeftOut(NamedTuple):
    """A result of the study that the news does not tell. `main` are those a reader must have to judge the news: harms
    where none is told, absolute numbers beside relative ones, the primary endpoint."""

    what: LeftOutKind
    main: bool
    message: str
    study_span: Span
    study_quote: str


class Comparison(NamedTuple):
    """The news item against its study."""

    numbers: tuple[Compared, ...]
    left_out: tuple[LeftOut, ...]
    spin: tuple[Check, ...]


def quote(text: str, start: int, end: int) -> str:
    """A stretch of text on one line."""
    return " ".join(text[start:end].split())
