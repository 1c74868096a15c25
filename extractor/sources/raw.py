"""The unit that every source hands on: the bytes of one article and where they came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class RawArticle:
    """Bytes of one article, or of one file that holds several (a `PubmedArticleSet`), as received.

    `name` is the file's stem or a slug of the URL, `path` the input as the user named it (`archive.zip!member.xml`
    for an archive member), `url` the address it was fetched from, `retrieved_at` an ISO 8601 time with zone,
    `content_type` what a server declared, for example `text/html; charset=windows-1252`.
    A part of a large set has the number of its first article in the file, from 1, and the hash of the whole file.
    """

    content: bytes
    name: str
    path: str | None = None
    url: str | None = None
    retrieved_at: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    first_article: int | None = None
    file_sha256: str | None = None

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the raw bytes; of the whole file for a part of a set."""
        return self.file_sha256 or hashlib.sha256(self.content).hexdigest()

    @property
    def place(self) -> str:
        """What to call this article in a message; `set.xml#251` for the part that begins with article 251."""
        place = self.path or self.url or self.name
        return place if self.first_article is None else f"{place}#{self.first_article}"
