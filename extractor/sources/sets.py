"""Cut a file of many articles into parts, so that a set of 30,000 is never parsed, or held as records, at once.

The bytes are cut between articles and each part gets the set's own head and end, so it is a small set by itself. What
is broken in one part leaves the others readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from extractor.sources.raw import RawArticle

_ARTICLES_PER_PART = {b"PubmedArticleSet": 250, b"PubmedBookArticleSet": 50, b"MedlineCitationSet": 250,
                      b"pmc-articleset": 20}  # fmt: skip
"""One to two megabytes each. Parts are counted in articles, not bytes, so that they keep their places when it grows."""
_MEMBERS = {
    b"PubmedArticleSet": re.compile(rb"<Pubmed(?:Book)?Article[\s>]"),
    b"PubmedBookArticleSet": re.compile(rb"<PubmedBookArticle[\s>]"),
    b"MedlineCitationSet": re.compile(rb"<MedlineCitation[\s>]"),
    b"pmc-articleset": re.compile(rb"<article[\s>]"),
}
_ROOT = re.compile(rb"<(" + b"|".join(_MEMBERS) + rb")\b")
_HEAD = 8192
"""Bytes in which the root begins: declarations, a document type, perhaps a comment come before it."""
_PMID = re.compile(rb"<PMID\b[^>]*>\s*(\d+)\s*</PMID>")
_JATS_ID = re.compile(rb"<article-id\s+pub-id-type=\"(?:pmc|pmcid|pmid)\"\s*>\s*(?:PMC)?(\d+)\s*<")


def is_set(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a set of articles."""
    return _ROOT.search(head[:_HEAD]) is not None


def parts(raw: RawArticle) -> Iterator[RawArticle]:
    """`raw` itself, or its articles in parts of some hundreds if it is a set of more; in order, none left out.

    A part's `first_article` counts from 1, its `file_sha256` is that of the whole file.
    """
    cut = _Cut.of(raw.content)
    if cut is None or len(cut.starts) <= cut.per_part:
        yield raw
        return
    sha256 = raw.sha256
    for first in range(0, len(cut.starts), cut.per_part):
        content = cut.piece(first, first + cut.per_part)
        yield replace(raw, content=content, first_article=first + 1, file_sha256=sha256)


def identifiers(part: RawArticle) -> list[str]:
    """The digits of the PMID, or of the PMCID and PMID, of each article in a part of a set, in order."""
    cut = _Cut.of(part.content)
    if cut is None:
        return []
    return [key for position in range(len(cut.starts)) for key in cut.identifiers(position)]


def single(part: RawArticle, identifier: str) -> RawArticle | None:
    """The one article with this PMID or PMCID (digits only) as a part by itself; None if it is not there."""
    cut = _Cut.of(part.content)
    for position in range(len(cut.starts) if cut is not None else 0):
        if cut is not None and identifier in cut.identifiers(position):
            first = (part.first_article or 1) + position
            content = cut.piece(position, position + 1)
            return replace(part, content=content, first_article=first, file_sha256=part.sha256)
    return None


class _Cut:
    """Where the articles of a set begin."""

    def __init__(self, content: bytes, root: bytes) -> None:
        self.content = content
        self.root = root
        self.per_part = _ARTICLES_PER_PART[root]
        self.starts = [found.start() for found in _MEMBERS[root].finditer(content)]

    @classmethod
    def of(cls, content: bytes) -> _Cut | None:
        """None for what is no set, or in an encoding that is not ASCII's superset."""
        root = _ROOT.search(content, 0, _HEAD)
        return cls(content, root[1]) if root is not None else None

    def piece(self, first: int, stop: int) -> bytes:
        """The articles from `first` up to `stop` as a set of their own; the last keep the end of the file as it is."""
        head = self.content[: self.starts[0]]
        if stop >= len(self.starts):
            return head + self.content[self.starts[first] :]
        return head + self.content[self.starts[first] : self.starts[stop]] + b"</" + self.root + b">\n"

    def identifiers(self, position: int) -> list[str]:
        start = self.starts[position]
        stop = self.starts[position + 1] if position + 1 < len(self.starts) else len(self.content)
        if self.root != b"pmc-articleset":
            found = _PMID.search(self.content, start, stop)  # the first is its own, others are of what it cites
            return [found[1].decode()] if found is not None else []
        end_of_front = self.content.find(b"</article-meta>", start, stop)
        return [
            key.decode() for key in _JATS_ID.findall(self.content, start, end_of_front if end_of_front >= 0 else stop)
        ]
