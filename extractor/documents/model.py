"""What the readers hand to the rules: one article as text with its sections, tables and metadata.

All offsets count Unicode code points into `Document.text`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from extractor.spans import Span


@dataclass(frozen=True, slots=True)
class Section:
    """A titled stretch of the text; `title` is "" for text before the first heading."""

    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell; `text` is `document.text[start:end]`. Empty cells have start == end."""

    text: str
    start: int
    end: int
    header: bool = False
    """In a header row or a `th`."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table laid out in the text, row by row; spanned cells (colspan, rowspan) are repeated with the same span."""

    id: str
    caption: str
    rows: tuple[tuple[Cell, ...], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Of the article itself, not of what it cites. `trials` are registry numbers (NCT, ISRCTN, EudraCT...)."""

    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    trials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the page or file says about itself; None or empty where it does not say.

    `published` is an ISO date as precise as known ("2024-04-25", "2024-04", "2024"), never padded.
    `journal` is the journal that a news item reports, or that an article stands in; `publisher` the site or agency.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    journal: str | None = None
    publisher: str | None = None
    published: str | None = None
    language: str | None = None
    identifiers: Identifiers = field(default_factory=Identifiers)
    links: tuple[str, ...] = ()
    """Addresses of the study reported (DOI, PubMed, journal)."""


@dataclass(frozen=True, slots=True)
class Document:
    """One article. `excluded` are stretches of `text` that are kept but hold no facts: in a pasted plain-text page
    the teasers, disclaimers, reference lists and footers, because plain text passes unchanged."""

    id: str
    format: str
    """html | text | pubmed | jats"""
    text: str
    metadata: Metadata = field(default_factory=Metadata)
    sections: tuple[Section, ...] = ()
    tables: tuple[Table, ...] = ()
    excluded: tuple[Span, ...] = ()
