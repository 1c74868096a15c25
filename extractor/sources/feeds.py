"""Read an RSS or Atom feed that has already been fetched."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

import feedparser  # type: ignore[import-untyped]

from extractor.errors import BadAnswer, UnsafeMarkup
from extractor.sources.http import Answer

_ENTITY_DECLARATION = re.compile(rb"<!ENTITY\b")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry: the address of its page, and when it was published or, failing that, updated (UTC)."""

    link: str
    published: date | None
    title: str | None


def read_feed(answer: Answer, *, since: date | None = None, until: date | None = None) -> list[FeedEntry]:
    """The entries with an http(s) link, in the feed's order, each link once.

    With `since` or `until`, an entry without a date is kept: the feed does not say that it is out of the range.
    Raises `BadAnswer` for what is no feed, `UnsafeMarkup` for one that declares entities.
    """
    if _ENTITY_DECLARATION.search(answer.content):
        raise UnsafeMarkup(f"{answer.url}: the feed declares XML entities of its own; it is not read")
    # A stream, because feedparser would take a string for an address or a file name.
    parsed = feedparser.parse(io.BytesIO(answer.content), response_headers={"content-type": answer.content_type})
    if not parsed.version and not parsed.entries:
        raise BadAnswer(f"{answer.url}: no RSS or Atom feed ({parsed.get('bozo_exception', 'no feed element')})")
    entries: dict[str, FeedEntry] = {}
    for entry in parsed.entries:
        link = urljoin(answer.final_url, str(entry.get("link") or "").strip())
        if not entry.get("link") or urlsplit(link).scheme not in ("http", "https"):
            continue
        when = entry.get("published_parsed") or entry.get("updated_parsed")
        published = date(*when[:3]) if when else None
        if published is not None and ((since and published < since) or (until and published > until)):
            continue
        entries.setdefault(link, FeedEntry(link, published, entry.get("title") or None))
    return list(entries.values())
