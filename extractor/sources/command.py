"""What `extractor fetch` does, without its options' parsing."""

from __future__ import annotations

import calendar
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path

from platformdirs import user_cache_path

from extractor.errors import UsageError
from extractor.sources.fetch import DateRange, Fetcher, Tally
from extractor.sources.folder import ArticleFolder, Outcome
from extractor.sources.http import PoliteClient
from extractor.sources.options import FetchOptions
from extractor.sources.references import read_reference_file
from extractor.sources.study import fetch_studies

log = logging.getLogger(__name__)


def default_cache() -> Path:
    """The SQLite file of the HTTP cache in the user's cache folder."""
    return user_cache_path("extractor") / "http.sqlite"


def parse_day(text: str | None, *, last: bool = False) -> date | None:
    """`2024`, `2024-05` or `2024-05-17` as a day: the first that it can mean, or the last. Raises `UsageError`."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?", text.strip())
    try:
        if match is None:
            raise ValueError
        year = int(match[1])
        month = int(match[2]) if match[2] else (12 if last else 1)
        day = int(match[3]) if match[3] else (calendar.monthrange(year, month)[1] if last else 1)
        return date(year, month, day)
    except ValueError:
        raise UsageError(f"{text!r} is no date; write 2024, 2024-05 or 2024-05-17") from None


def run_fetch(
    references: Sequence[str],
    out: Path,
    options: FetchOptions,
    *,
    files: Sequence[str] = (),
    queries: Sequence[str] = (),
    dates: DateRange | None = None,
    maximum: int | None = None,
    study: bool = False,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> Tally:
    """Fetch `references` (with `study`, the studies behind these record files) into `out`.

    `files` hold further references, one a line; `maximum` bounds each query and feed. `tell` gets every outcome.
    Raises `UsageError` if there is nothing to fetch or the folder cannot be written.
    """
    if not references and not files and not queries:
        raise UsageError("nothing to fetch: give references, --from FILE or --query")
    if dates and dates.since and dates.until and dates.since > dates.until:
        raise UsageError(f"--since {dates.since} is after --until {dates.until}")
    if study and queries:
        raise UsageError("--study takes records and no --query")
    listed: Iterator[str] = chain(references, chain.from_iterable(read_reference_file(file) for file in files))
    with ArticleFolder(out) as folder, PoliteClient(options) as client:
        fetcher = Fetcher(folder, client, dates=dates, maximum=maximum, tell=tell)
        if study:
            return fetch_studies((Path(path) for path in listed), folder, client, fetcher)
        return fetcher.run(listed, queries)


def closing_line(tally: Tally, out: Path) -> str:
    """One line about the whole run, for standard error."""
    parts = [f"{tally.saved} saved", f"{tally.unchanged} already there", f"{tally.failed} failed"]
    if tally.marked:
        parts.insert(2, f"{tally.marked} of them behind a paywall")
    return f"{', '.join(parts)}; see {out / 'manifest.fetch.jsonl'}"
