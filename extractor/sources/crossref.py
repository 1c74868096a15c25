"""Crossref: whether a DOI exists, and what it names. Source: the REST API (api.crossref.org)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from extractor.errors import BadAnswer, NotFound
from extractor.sources.europepmc import parse_json
from extractor.sources.http import PoliteClient


@dataclass(frozen=True, slots=True)
class CrossrefWork:
    """A registered work. `kind` is Crossref's type, for example "journal-article"."""

    doi: str
    title: str | None
    journal: str | None
    kind: str | None
    retracted: bool


class CrossrefClient:
    """Asks Crossref at `options.crossref_url`. Raises `FetchError`s."""

    def __init__(self, client: PoliteClient) -> None:
        self._client = client
        self._base = client.options.crossref_url

    def work(self, doi: str) -> CrossrefWork | None:
        """What is registered under a DOI, or None if Crossref has not registered it (another agency may have)."""
        parameters = {"mailto": self._client.options.email} if self._client.options.email else {}
        try:
            answer = self._client.get(
                f"{self._base}/works/{quote(doi, safe='/')}", parameters, accept="application/json", check=parse_json
            )
        except NotFound:
            return None
        try:
            message = parse_json(answer)["message"]
            return CrossrefWork(
                doi=str(message["DOI"]).lower(),
                title=next(iter(message.get("title") or ()), None),
                journal=next(iter(message.get("container-title") or ()), None),
                kind=message.get("type"),
                retracted=any(update.get("type") == "retraction" for update in message.get("updated-by") or ()),
            )
        except (KeyError, TypeError, AttributeError):
            raise BadAnswer(f"{answer.url}: the answer describes no work") from None
