"""Everything about fetching that a user can set, in one frozen object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extractor.errors import UsageError
from extractor.settings import DEFAULTS

NCBI_INTERVAL = 1 / 3
"""Seconds between requests without an API key: NCBI allows 3 a second (Entrez Programming Utilities Help, ch. 2)."""
NCBI_INTERVAL_WITH_KEY = 1 / 10
"""With a key NCBI allows 10 a second."""


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """Intervals and times are in seconds, sizes in bytes. Base URLs have no trailing slash; a mirror may replace any.

    Raises `UsageError` for a base URL that is not http(s), or for an interval, timeout or count out of range.
    """

    eutils_url: str = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    europepmc_url: str = "https://www.ebi.ac.uk/europepmc/webservices/rest"
    crossref_url: str = "https://api.crossref.org"
    doi_url: str = "https://doi.org"

    api_key: str | None = field(default=None, repr=False)
    email: str | None = None
    tool: str = "extractor"

    ncbi_interval: float | None = None
    """None: by NCBI's rules, which depend on whether there is a key."""
    service_interval: float = 0.2
    """Europe PMC, Crossref and the DOI resolver. Crossref's public pool allows 5 requests a second."""
    web_interval: float = 1.0
    """Any other host; a longer Crawl-delay in its robots.txt wins."""

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    deadline: float = 120.0
    """One answer, from the request sent to the last byte; a server that drips bytes is cut off here."""
    attempts: int = 8
    """One request in five failing at random loses one reference in 400,000 at eight tries, one in 3,000 at five."""
    backoff: float = 0.5
    """The first wait is up to this, the second up to twice this, and so on, each drawn at random."""
    backoff_limit: float = 60.0
    retry_after_limit: float = 300.0
    """A server that asks for a longer pause than this is given up, naming the pause."""
    max_redirects: int = 8
    max_bytes: int = DEFAULTS.max_article_bytes

    workers: int = 4
    """Requests under way at once, over all hosts."""
    allow_private_addresses: bool = False
    ignore_robots: bool = False
    """Only for sites whose owner has agreed."""
    refresh: bool = False
    """Ask again (conditionally, where the server gave a validator) for what is already there."""
    cache: Path | None = None
    """The SQLite file of the HTTP cache, or None for no cache."""

    def __post_init__(self) -> None:
        for name in ("eutils_url", "europepmc_url", "crossref_url", "doi_url"):
            url = getattr(self, name)
            if not url.lower().startswith(("http://", "https://")):
                raise UsageError(f"{name.replace('_', '-')} {url!r} is no http or https address")
            object.__setattr__(self, name, url.rstrip("/"))
        for name in ("connect_timeout", "read_timeout", "deadline", "backoff_limit"):
            if getattr(self, name) <= 0:
                raise UsageError(f"{name.replace('_', '-')} must be more than 0 seconds")
        for name in ("attempts", "workers", "max_bytes"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name.replace('_', '-')} must be 1 or more")

    @property
    def seconds_between_ncbi_requests(self) -> float:
        """The interval set, else NCBI's own limit with or without a key."""
        if self.ncbi_interval is not None:
            return self.ncbi_interval
        return NCBI_INTERVAL_WITH_KEY if self.api_key else NCBI_INTERVAL

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **given: Any) -> FetchOptions:
        """Options with `NCBI_API_KEY` and `NCBI_EMAIL` from the environment; what is given explicitly wins."""
        environment = os.environ if environment is None else environment
        for name, variable in (("api_key", "NCBI_API_KEY"), ("email", "NCBI_EMAIL")):
            if given.get(name) is None:
                given[name] = environment.get(variable, "").strip() or None
        return cls(**given)
