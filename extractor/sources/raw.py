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
    """

    content: bytes
    name: str
    path: str | None = None
    url: str | None = None
    retrieved_at: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the raw bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def place(self) -> str:
        """What to call this article in a message."""
        return self.path or self.url or self.name
