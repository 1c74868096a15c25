"""Read plain text: an abstract, or a page pasted as text with all that stood around the article.

The text itself is never changed, not even its line ends; what is no part of the article is listed in
`Document.excluded`, what it says about itself becomes metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from extractor.documents.boilerplate import boilerplate_lines
from extractor.documents.language import detect_language
from extractor.documents.metadata import (
    authors_in,
    dateline,
    is_date_line,
    journal_reported,
    own_identifiers,
    published_in,
    publisher_named,
    study_links_in_text,
    trial_numbers,
)
from extractor.documents.model import Document, Identifiers, Metadata, Section
from extractor.documents.wordlists import rows
from extractor.spans import Span

_LINE = re.compile(r"[^\r\n\x85\u2028\u2029]+")
_MAX_TITLE = 300
_FIRST_SENTENCE = re.compile(r"\s*(\S.{8,290}?[.?!\]])\s+(?=[A-Z0-9\"“(\[])")
_MAX_DATELINE = 140
_PAGE_LINES = 3
"""Lines from which a file can be a pasted page; an abstract in one paragraph (with a title) has no boilerplate."""
_TOP_LINES = 14
"""Lines among which by-line and date stand."""
_SHOUTED_LABEL = re.compile(r"[A-Z]{5,20}(?: (?:AND|OF|&) [A-Z]{3,20}){0,2}(?= [A-Z0-9])")
_SHOUTED_WORDS = ("METHODS", "RESULTS", "FINDINGS", "CONCLUSION", "BACKGROUND", "OBJECTIVE")
"""One of these stands in every abstract that is labelled in capitals."""
_MAX_LABEL = 60
_LABEL_BREAKS = '.?!:;)]”"\r\n'
_HEADING_END = ".,;:?!…"
_MAX_HEADING = 80


class _Line(NamedTuple):
    text: str
    start: int
    end: int


def read_text(text: str, article_id: str) -> Document:
    """The document of a decoded plain-text file; `Document.text` is `text` itself."""
    lines = [_Line(stripped, *_stripped_span(m, stripped)) for m in _LINE.finditer(text) if (stripped := m[0].strip())]
    excluded, furniture, own = _split(lines)
    title = _title(own)
    body = "\n".join(line.text for line in own)
    top = [line.text for line in lines[:_TOP_LINES]]
    openings = [line.text[:_MAX_DATELINE] for line in own[:_TOP_LINES] if dateline(line.text)]
    doi, pmid, pmcid = own_identifiers(body)
    metadata = Metadata(
        title=title,
        authors=next((names for line in top if (names := authors_in(line))), ()),
        journal=journal_reported(body),
        publisher=publisher_named([*furniture, *openings]),
        published=published_in(top),
        language=detect_language(body),
        identifiers=Identifiers(doi=doi, pmid=pmid, pmcid=pmcid, trials=trial_numbers(body)),
        links=tuple(link for link in study_links_in_text(body) if not (doi and doi in link)),
    )
    return Document(
        id=article_id, format="text", text=text, metadata=metadata, sections=_sections(text, own), excluded=excluded
    )


def _stripped_span(match: re.Match[str], stripped: str) -> tuple[int, int]:
    start = match.start() + match[0].index(stripped[0])
    return start, start + len(stripped)


def _split(lines: list[_Line]) -> tuple[tuple[Span, ...], list[str], list[_Line]]:
    """The stretches that are no part of the article, the texts of those lines, and the article's own lines."""
    is_page = len(lines) >= _PAGE_LINES
    marked = boilerplate_lines([line.text for line in lines]) if is_page else [False] * len(lines)
    for number, line in enumerate(lines[:_TOP_LINES] if is_page else []):
        marked[number] = marked[number] or is_date_line(line.text) or bool(authors_in(line.text))
    excluded: list[Span] = []
    furniture: list[str] = []
    own: list[_Line] = []
    for number, (line, mark) in enumerate(zip(lines, marked, strict=True)):
        if mark:
            furniture.append(line.text)
            if excluded and number and marked[number - 1]:
                excluded[-1] = Span(excluded[-1].start, line.end)
            else:
                excluded.append(Span(line.start, line.end))
            continue
        own.append(line)
        if number < _TOP_LINES and (opens := dateline(line.text)):
            excluded.append(Span(line.start, line.start + opens.end))
    return tuple(excluded), furniture, own


def _title(own: list[_Line]) -> str | None:
    """The first line if it is short enough for a heading, else the first sentence."""
    if not own:
        return None
    first = own[0].text
    if len(own) > 1 and len(first) <= _MAX_TITLE and not dateline(first):
        return first
    sentence = _FIRST_SENTENCE.match(first)
    return sentence[1] if sentence and len(own) == 1 else None


@cache
def _labels() -> frozenset[str]:
    return frozenset(label for (label,) in rows("section_labels.tsv", ("label",)))


def _sections(text: str, own: list[_Line]) -> tuple[Section, ...]:
    """Sections from the labels of a structured abstract and from headings that stand on a line of their own."""
    labels = _labels()
    starts: dict[int, str] = {}
    for number, line in enumerate(own):
        if _is_heading(own, number, labels):
            starts[line.start] = line.text.rstrip(":")
    for position, label in _inline_labels(text, labels):
        starts.setdefault(position, label)
    if not starts or not own:
        return ()
    own_end = own[-1].end
    ordered = sorted(position for position in starts if own[0].start <= position < own_end)
    if not ordered:
        return ()
    bounds = [*ordered, own_end]
    head = [Section("", own[0].start, _before(text, own[0].start, ordered[0]))] if ordered[0] > own[0].start else []
    return tuple(
        head
        + [
            Section(starts[start], start, end if end == own_end else _before(text, start, end))
            for start, end in pairwise(bounds)
        ]
    )


def _inline_labels(text: str, labels: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Known labels that open a line or sentence: with a colon ("Methods: ...") or shouted ("METHODS We ...")."""
    colon = text.find(":")
    while colon >= 0:
        window = text[max(0, colon - _MAX_LABEL) : colon]
        if window[-1:].isalpha() or window[-1:] == ")":
            sentence = max([window.rfind(character) for character in _LABEL_BREAKS])
            label = window[sentence + 1 :].strip() if sentence >= 0 or colon <= _MAX_LABEL else ""
            if label[:1].isupper() and label.lower() in labels:
                yield text.rindex(label, 0, colon), label
        colon = text.find(":", colon + 1)
    if not any(word in text for word in _SHOUTED_WORDS):
        return
    for found in _SHOUTED_LABEL.finditer(text):
        if found[0].lower() in labels and _opens_sentence(text, found.start()):
            yield found.start(), found[0]


def _before(text: str, start: int, end: int) -> int:
    """`end` without the white space before it."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _opens_sentence(text: str, position: int) -> bool:
    """Whether a label at `position` begins the text, a line or a sentence (a comma before it would make it a list)."""
    if position and not text[position - 1].isspace():
        return False
    before = text[max(0, position - 12) : position].rstrip(" \t\xa0")
    return not before or before[-1] in '\r\n.?!:;)]”"'


def _is_heading(own: list[_Line], number: int, labels: frozenset[str]) -> bool:
    line = own[number].text
    if len(line) > _MAX_HEADING or number == 0 or number + 1 >= len(own):
        return False
    if line.rstrip(":").lower() in labels:
        return True
    following = own[number + 1].text
    return line[-1] not in _HEADING_END and line[0].isupper() and len(following) > 2 * _MAX_HEADING and len(own) > 4
