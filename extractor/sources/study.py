"""The study that a news record reports.

What the record names outright (a DOI, a PMID, a trial registry number, a link to the study's page) comes first, and is
checked against the rest of the record. Without any, PubMed is searched by journal, date, people and title words. Every
candidate is scored (`study_evidence.py`); below `ENOUGH` points, or with a rival closer than `MARGIN`, none is chosen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from extractor.errors import (
    AmbiguousStudy,
    ExtractorError,
    FetchError,
    NoStudyFound,
    RecordError,
    UsageError,
)
from extractor.sources.europepmc import EuropePmcClient
from extractor.sources.fetch import Fetcher, Tally
from extractor.sources.folder import ArticleFolder, Outcome
from extractor.sources.http import PoliteClient
from extractor.sources.ncbi import BATCH, NcbiClient
from extractor.sources.news import NewsRecord, queries_for, read_news_record, references_in, study_pages
from extractor.sources.redact import redact_text
from extractor.sources.references import Reference
from extractor.sources.study_evidence import (
    AFTER,
    BEFORE,
    ENOUGH,
    IDENTIFIER_POINTS,
    LINKED_PAGE_POINTS,
    Evidence,
    Scored,
    evidence_for,
    read_candidate,
)
from extractor.sources.webpage import look_at

MATCHES = "study-matches.jsonl"
MARGIN = 1.5
"""Points by which the best candidate must lead."""
_CANDIDATES_A_SEARCH = 40
_PAGES_FOLLOWED = 3


@dataclass
class Match:
    """The outcome for one record. `study` is None unless `reason` is. `queries` are the searches made."""

    record: str
    study: Scored | None = None
    rivals: tuple[Scored, ...] = ()
    queries: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reason: str | None = None
    message: str | None = None

    def to_json(self, path: str, file: str | None) -> str:
        """One line for `study-matches.jsonl`, without the line break."""
        study = self.study
        fields: dict[str, Any] = {
            "record": self.record,
            "path": path,
            "status": "matched" if study else "failed",
            "reason": self.reason,
            "message": self.message,
            "pmid": study.candidate.pmid if study else None,
            "doi": study.candidate.doi if study else None,
            "title": study.candidate.title if study else None,
            "file": file,
            "score": study.score if study else None,
            "evidence": [asdict(evidence) for evidence in study.evidence] if study else [],
            "rivals": [
                {
                    "pmid": rival.candidate.pmid,
                    "title": rival.candidate.title,
                    "score": rival.score,
                    "evidence": [asdict(evidence) for evidence in rival.evidence],
                }
                for rival in self.rivals
            ],
            "queries": self.queries,
            "notes": self.notes,
        }
        return json.dumps(fields, ensure_ascii=False)


class StudyFinder:
    """Finds studies through PubMed and Europe PMC; fetches nothing into a folder itself."""

    def __init__(self, client: PoliteClient) -> None:
        self._client = client
        self._ncbi = NcbiClient(client)
        self._europe_pmc = EuropePmcClient(client)

    def find(self, news: NewsRecord) -> Match:
        """The study that `news` reports, with the evidence; `reason` and `message` say why there is none.

        Raises `FetchError` if a service cannot be asked.
        """
        match = Match(news.id)
        named = self._named(news, match)
        scored = self._scored(news, named)
        if not any(candidate.is_enough for candidate in scored):
            for query in queries_for(news):
                more = self._search(query, news, match)
                named |= {pmid: [] for pmid in more if pmid not in named}
                scored = self._scored(news, named)
                if any(candidate.is_enough for candidate in scored):
                    break
        _decide(match, scored)
        return match

    def _named(self, news: NewsRecord, match: Match) -> dict[str, list[Evidence]]:
        """PMIDs that the record names in some way, with that evidence."""
        found: dict[str, list[Evidence]] = {}
        for reference, how in references_in(news):
            try:
                pmid = self._pmid_of(reference)
            except FetchError as failure:
                match.notes.append(f"{reference.written}: {redact_text(str(failure))}")
                continue
            if pmid is None:
                match.notes.append(f"{reference.written}: PubMed does not have it")
            else:
                found.setdefault(pmid, []).append(
                    Evidence("identifier", IDENTIFIER_POINTS, f"{reference.written} {how}")
                )
        if not found:
            for link in study_pages(news)[:_PAGES_FOLLOWED]:
                self._look_at_linked_page(link, match, found)
        for trial in news.trials:
            for pmid in self._search(f"{trial}[si] OR {trial}[tiab]", None, match):
                found.setdefault(pmid, [])
        # One identifier named twice is no stronger for it.
        return {pmid: evidence[:1] for pmid, evidence in found.items()}

    def _pmid_of(self, reference: Reference) -> str | None:
        if reference.kind == "pmid":
            return reference.value
        if reference.kind == "pmcid":
            known = self._europe_pmc.by_pmcid(reference.value)
            return known.pmid if known else None
        return self._ncbi.pmid_of_doi(reference.value)

    def _look_at_linked_page(self, link: str, match: Match, found: dict[str, list[Evidence]]) -> None:
        try:
            page = look_at(self._client.get(link, accept="text/html", robots=True))
            pmid = page.pmid or (self._ncbi.pmid_of_doi(page.doi.lower()) if page.doi else None)
        except ExtractorError as failure:
            match.notes.append(f"linked page not used: {redact_text(str(failure))}")
            return
        if pmid:
            detail = f"the linked page {link} gives {'PMID ' + page.pmid if page.pmid else 'DOI ' + str(page.doi)}"
            found.setdefault(pmid, []).append(Evidence("linked page", LINKED_PAGE_POINTS, detail))

    def _search(self, query: str, news: NewsRecord | None, match: Match) -> tuple[str, ...]:
        since = until = None
        if news is not None and news.published is not None:
            since, until = (day.strftime("%Y/%m/%d") for day in (news.published - BEFORE, news.published + AFTER))
        match.queries.append(query + (f" ({since} to {until})" if since else ""))
        return self._ncbi.search(query, since=since, until=until, maximum=_CANDIDATES_A_SEARCH).pmids

    def _scored(self, news: NewsRecord, named: dict[str, list[Evidence]]) -> list[Scored]:
        scored = []
        pmids = list(named)[:BATCH]
        for batch in self._ncbi.fetch(pmids).batches if pmids else ():
            for pmid, article in batch.articles.items():
                if pmid in named:
                    candidate = read_candidate(article.content)
                    scored.append(Scored(candidate, (*named[pmid], *evidence_for(news, candidate))))
        return sorted(scored, key=lambda one: (-one.score, int(one.candidate.pmid)))


def _decide(match: Match, scored: list[Scored]) -> None:
    if not scored:
        match.reason, match.message = NoStudyFound.reason, f"{match.record}: no study was found in PubMed"
        return
    best, *others = scored
    rivals = tuple(other for other in others if best.score - other.score < MARGIN)
    match.rivals = tuple(others[:3])
    if not best.is_enough:
        match.rivals = tuple(scored[:3])
        match.reason = NoStudyFound.reason
        pmid = best.candidate.pmid
        match.message = (
            f"{match.record}: the best of {len(scored)} candidates, PMID {pmid}, "
            f"has {best.score:g} points of the {ENOUGH:g} needed, or too few kinds of evidence"
        )
    elif rivals:
        match.rivals = tuple(scored[: len(rivals) + 1])
        match.reason = AmbiguousStudy.reason
        named = ", ".join(f"PMID {one.candidate.pmid} ({one.score:g})" for one in (best, *rivals))
        match.message = f"{match.record}: several studies match about equally well: {named}"
    else:
        match.study = best


def fetch_studies(paths: Iterable[Path], folder: ArticleFolder, client: PoliteClient, fetcher: Fetcher) -> Tally:
    """Find the study of each record, fetch its abstract, and write the matches to `study-matches.jsonl`.

    Matches of earlier runs stay, except those of the same records. Raises `UsageError` if the folder cannot be written.
    """
    finder = StudyFinder(client)
    lines = _earlier_matches(folder.path / MATCHES)
    tally = Tally()
    matched: list[tuple[Path, str, Match]] = []
    for path in paths:
        key = f"study:{path}"
        try:
            match = finder.find(read_news_record(path))
        except (FetchError, RecordError) as failure:
            match = Match(path.stem, reason=failure.reason, message=redact_text(str(failure)))
        matched.append((path, key, match))
    chosen = list(dict.fromkeys(match.study.candidate.pmid for _, _, match in matched if match.study))
    fetched = fetcher.run(f"PMID:{pmid}" for pmid in chosen)
    for path, key, match in matched:
        pmid = match.study.candidate.pmid if match.study else None
        file = folder.file_of(f"PMID{pmid}") if pmid else None
        if match.study and file is None:
            match.reason, match.message = "fetch", f"{match.record}: its study PMID {pmid} could not be fetched"
        lines[match.record] = match.to_json(str(path), file.name if file else None)
        outcome = Outcome(
            str(path), key, "failed" if match.reason else "expanded", id=f"PMID{pmid}" if pmid else None,
            file=file.name if file else None, reason=match.reason, message=match.message,
        )  # fmt: skip
        folder.record(outcome)
        tally.count(outcome)
        fetcher.tell(outcome)
    folder.compact([])
    try:
        folder.write(MATCHES, "".join(f"{line}\n" for line in lines.values()).encode())
    except OSError as error:
        raise UsageError(f"--out {folder.path}: cannot be written ({error.strerror})") from None
    tally.failed += fetched.failed
    tally.saved, tally.unchanged = fetched.saved, fetched.unchanged
    return tally


def _earlier_matches(path: Path) -> dict[str, str]:
    lines = {}
    with suppress(OSError):
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                lines[str(json.loads(line)["record"])] = line
    return lines
