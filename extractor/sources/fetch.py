"""From references to articles in a folder.

PMIDs are fetched 200 at a time; a DOI or PMCID becomes a PMID or a full text; a page is saved as it is; a feed or a
query becomes the articles it names. Requests run side by side as far as the hosts' pace allows. The memory needed does
not grow with the articles: at most two answers for each worker are held, and of what is done only a line number each.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from extractor.errors import (
    BadAnswer,
    ExtractorError,
    FetchError,
    InternalError,
    NotFound,
    ServiceFailed,
    UnknownReference,
    Unreachable,
    UnresolvedDoi,
    UsageError,
)
from extractor.sources.crossref import CrossrefClient
from extractor.sources.europepmc import EuropePmcClient, EuropePmcResult
from extractor.sources.feeds import read_feed
from extractor.sources.folder import ArticleFolder, Outcome, Provenance, slug_of
from extractor.sources.http import Answer, PoliteClient
from extractor.sources.ncbi import BATCH, SEARCH_LIMIT, Batch, Fetched, NcbiClient, Search
from extractor.sources.pubmed_set import PubmedSlice, parse_xml, text_of
from extractor.sources.redact import redact_text
from extractor.sources.references import Reference, parse_reference
from extractor.sources.webpage import kind_of, look_at

log = logging.getLogger(__name__)

PAYWALLED = "paywalled"
"""Both the note of a saved page that hides its article and the reason in its manifest line."""
_PAGE_ACCEPT = "text/html, application/xhtml+xml;q=0.9, application/xml;q=0.8, text/plain;q=0.5, */*;q=0.1"
_PAID_PAGES = frozenset({402})


@dataclass(slots=True)
class Tally:
    """How many references ended how. `marked` are saved or unchanged, but have a reason against them (a paywall)."""

    saved: int = 0
    unchanged: int = 0
    expanded: int = 0
    failed: int = 0
    marked: int = 0

    def count(self, outcome: Outcome) -> None:
        """Add one outcome."""
        setattr(self, outcome.status, getattr(self, outcome.status) + 1)
        self.marked += outcome.status != "failed" and outcome.reason is not None

    @property
    def all_well(self) -> bool:
        """Whether no reference has a reason against it."""
        return not self.failed and not self.marked


@dataclass(frozen=True, slots=True)
class DateRange:
    """Both ends count; None is open. Used for PubMed's publication dates and the dates of feed entries."""

    since: date | None = None
    until: date | None = None


@dataclass
class _Found:
    """What a task came to: finished outcomes, and what is still to be done."""

    outcomes: list[Outcome] = field(default_factory=list)
    pmids: list[tuple[str, Reference]] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    elsewhere: list[Reference] = field(default_factory=list)
    """DOIs that PubMed has only guessed at."""


_Task = Callable[[], _Found]


class Fetcher:
    """Fetches references into a folder. `tell` is called with every outcome as it is known, from one thread."""

    def __init__(
        self,
        folder: ArticleFolder,
        client: PoliteClient,
        *,
        dates: DateRange | None = None,
        maximum: int | None = None,
        tell: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        """`maximum` bounds the articles of each query and each feed."""
        self.folder = folder
        self.client = client
        self.ncbi = NcbiClient(client)
        self._europe_pmc = EuropePmcClient(client)
        self._crossref = CrossrefClient(client)
        self._dates = dates or DateRange()
        self._maximum = maximum
        self.tell = tell
        self._tally = Tally()
        self._seen: dict[str, None] = {}
        self._waiting: dict[str, list[Reference]] = {}
        self._asked_pmids: set[str] = set()
        self._late: list[tuple[str, Reference]] = []
        self._looked_elsewhere: set[str] = set()

    def run(self, references: Iterable[str], queries: Sequence[str] = ()) -> Tally:
        """Fetch everything, one line in the manifest for each. Raises `UsageError` if the folder cannot be written.

        On an interrupt, what is finished stays, the manifest is put in order, and the interrupt goes on.
        """
        todo = self._tasks(iter(references), iter(queries))
        try:
            with ThreadPoolExecutor(self.client.options.workers, thread_name_prefix="fetch") as pool:
                try:
                    self._work(pool, todo)
                except BaseException:
                    self.client.stop()
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
            self._settle_late()
        finally:
            self.folder.compact(self._seen)
        return self._tally

    def _work(self, pool: ThreadPoolExecutor, given: Iterator[_Task]) -> None:
        """Keep the workers busy, with no more tasks under way than there is use for."""
        limit = 2 * self.client.options.workers
        running: set[Future[_Found]] = set()
        more: deque[_Task] = deque()
        exhausted = False
        while True:
            while len(running) < limit:
                if more:
                    task: _Task | None = more.popleft()
                elif not exhausted:
                    task = next(given, None)
                    exhausted = task is None
                    if task is None:
                        continue
                else:
                    # Part of a batch is asked for only when nothing else can add to it.
                    task = self._batch_task(len(self._waiting)) if self._waiting and not running else None
                if task is None:
                    break
                running.add(pool.submit(_guarded, task))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                more.extend(self._take_in(future.result()))

    def _tasks(self, references: Iterator[str], queries: Iterator[str]) -> Iterator[_Task]:
        for text in references:
            yield from self._tasks_of(text)
        for query in queries:
            yield from self._query_tasks(query)

    def _take_in(self, found: _Found) -> Iterator[_Task]:
        for outcome in found.outcomes:
            self._record(outcome)
        for pmid, reference in found.pmids:
            self._await_pmid(pmid, reference)
        for reference in found.elsewhere:
            yield self._task(reference, self._doi_elsewhere)
        for text in found.references:
            yield from self._tasks_of(text)
        while len(self._waiting) >= BATCH:
            yield self._batch_task(BATCH)

    def _tasks_of(self, text: str) -> Iterator[_Task]:
        """The requests that a reference needs now; none if it is known, there already, or waits for its batch."""
        try:
            reference = parse_reference(text)
        except UnknownReference as failure:
            key = f"text:{text.strip()}"
            if key not in self._seen:
                self._seen[key] = None
                self._record(_failed(redact_text(text.strip()), key, failure))
            return
        if reference.key in self._seen:
            return
        self._seen[reference.key] = None
        if not self.client.options.refresh and (there := self._already_there(reference)):
            self._record(there)
        elif reference.kind == "pmid":
            self._await_pmid(reference.value, reference)
            if len(self._waiting) >= BATCH:
                yield self._batch_task(BATCH)
        else:
            fetch = {"doi": self._doi, "pmcid": self._full_text, "url": self._page}[reference.kind]
            if reference.kind == "url":
                self.folder.identifier_of_url(reference.value)  # ids are given in the order of the references
            yield self._task(reference, fetch)

    def _task(self, reference: Reference, fetch: Callable[[Reference], _Found]) -> _Task:
        def task() -> _Found:
            try:
                return fetch(reference)
            except ExtractorError as failure:
                if isinstance(failure, UsageError):
                    raise
                return _Found([_failed(reference.written, reference.key, failure)])

        return _with_bugs_reported([reference], task)

    def _already_there(self, reference: Reference) -> Outcome | None:
        """The outcome for an article that an earlier run has saved and that is still whole."""
        before = self.folder.outcome_of(reference.key)
        known = {"pmid": f"PMID{reference.value}", "pmcid": reference.value}.get(reference.kind)
        identifier = before.id if before is not None and before.id else known
        return self._outcome_there(reference, identifier, "unchanged") if identifier else None

    def _outcome_there(self, reference: Reference, identifier: str, status: str) -> Outcome | None:
        provenance = self.folder.intact(identifier)
        file = self.folder.file_of(identifier)
        if provenance is None or file is None:
            return None
        return _saved(reference, identifier, file.name, provenance, status != "unchanged")

    def _record(self, outcome: Outcome) -> None:
        self.folder.record(outcome)
        self._tally.count(outcome)
        self.tell(outcome)

    # PMIDs

    def _await_pmid(self, pmid: str, reference: Reference) -> None:
        if pmid in self._asked_pmids:
            self._late.append((pmid, reference))
        else:
            self._waiting.setdefault(pmid, []).append(reference)

    def _batch_task(self, size: int) -> _Task:
        pmids = list(self._waiting)[:size]
        wanted = {pmid: self._waiting.pop(pmid) for pmid in pmids}
        self._asked_pmids.update(wanted)
        return self._abstracts_task(wanted, lambda: self.ncbi.fetch(list(wanted)))

    def _abstracts_task(self, wanted: dict[str, list[Reference]], ask: Callable[[], Fetched]) -> _Task:
        def task() -> _Found:
            try:
                fetched = ask()
                missing = [pmid for pmid in wanted if not fetched.article_batch(pmid) and pmid not in fetched.failures]
                if missing and len(wanted) > 1:
                    # Under load PubMed leaves articles out of an answer without a word, so ask for those again.
                    fetched.add(self.ncbi.fetch(missing))
            except FetchError as failure:
                return _Found([_failed(r.written, r.key, failure) for known in wanted.values() for r in known])
            found = _Found()
            for pmid, references in wanted.items():
                self._save_abstract(pmid, references, fetched, found)
            return found

        return _with_bugs_reported([r for references in wanted.values() for r in references], task)

    def _save_abstract(self, pmid: str, references: list[Reference], fetched: Fetched, found: _Found) -> None:
        batch = fetched.article_batch(pmid)
        if batch is None:
            missing = NotFound(f"PMID {pmid}: PubMed has no such article; check the number")
            failure = fetched.failures.get(pmid, missing)
            found.outcomes += [_failed(r.written, r.key, failure) for r in references]
            return
        article = batch.articles[pmid]
        meant = [reference for reference in references if not self._only_guessed(reference, article.doi)]
        found.elsewhere += [reference for reference in references if reference not in meant]
        if not meant:
            return
        provenance = self._abstract_provenance(article, batch, meant[0])
        changed = self.folder.save(f"PMID{pmid}", ".xml", article.content, provenance)
        for reference in meant:
            found.outcomes.append(_saved(reference, f"PMID{pmid}", f"PMID{pmid}.xml", provenance, changed))

    def _only_guessed(self, reference: Reference, doi: str | None) -> bool:
        """PubMed's search for a DOI may give another article; its own DOI tells."""
        if reference.kind != "doi" or doi is None or doi.lower() == reference.value:
            return False
        return reference.value not in self._looked_elsewhere

    def _abstract_provenance(self, article: PubmedSlice, batch: Batch, reference: Reference) -> Provenance:
        answer = batch.answer
        base = answer.url.partition("?")[0]
        identifiers = {"pmid": article.pmid, "doi": article.doi, "pmcid": article.pmcid}
        notes = []
        if not article.has_abstract:
            notes.append("no_abstract")
        if article.retracted:
            notes.append("retracted" + (f": {article.retraction_notice}" if article.retraction_notice else ""))
        if article.concern:
            notes.append("expression_of_concern")
        if reference.kind == "pmcid":
            notes.append("no_full_text")
        url = f"{base}?db=pubmed&id={article.pmid}&retmode=xml"
        return Provenance(
            reference=reference.written,
            url=url,
            final_url=url,
            retrieved_at=answer.retrieved_at,
            status=answer.status,
            headers=answer.headers,
            content_type=answer.content_type,
            sha256=sha256(article.content).hexdigest(),
            slice_of={"url": base, "sha256": sha256(answer.content).hexdigest(), "articles": len(batch.articles)},
            redirects=answer.redirects,
            title=article.title,
            identifiers={name: value for name, value in identifiers.items() if value},
            notes=tuple(notes),
        )

    def _settle_late(self) -> None:
        """References that turned out to be articles already asked for under another name."""
        for pmid, reference in self._late:
            there = self._outcome_there(reference, f"PMID{pmid}", "saved")
            first = self.folder.outcome_of(f"pmid:{pmid}")
            if there is None:
                message = first.message if first and first.message else f"PMID {pmid} could not be fetched"
                there = Outcome(
                    reference.written,
                    reference.key,
                    "failed",
                    reason=first.reason if first else "fetch",
                    message=message,
                )
            self._record(there)

    # Queries

    def _query_tasks(self, query: str) -> Iterator[_Task]:
        key = f"query:{query} {self._dates.since or ''}-{self._dates.until or ''}"
        maximum = self._maximum if self._maximum is not None else SEARCH_LIMIT
        try:
            search = self.ncbi.search(
                query, since=_slashed(self._dates.since), until=_slashed(self._dates.until), maximum=maximum
            )
            if not search.pmids:
                raise NotFound(f"no article of PubMed matches {query!r}; PubMed read it as {search.translation!r}")
        except FetchError as failure:
            self._record(_failed(query, key, failure))
            return
        taken = f"{search.count} found, the newest {len(search.pmids)} taken"
        if search.count > len(search.pmids) and maximum >= SEARCH_LIMIT:
            taken += f"; PubMed gives out {SEARCH_LIMIT} at most, so ask for parts of it with --since and --until"
        self._record(Outcome(query, key, "expanded", message=taken))
        for start in range(0, len(search.pmids), BATCH):
            yield from self._window_tasks(search, start)

    def _window_tasks(self, search: Search, start: int) -> Iterator[_Task]:
        """A stretch of a search's result: from the history server if all of it is new, else by what is missing."""
        window = search.pmids[start : start + BATCH]
        fresh: dict[str, list[Reference]] = {}
        for pmid in window:
            reference = parse_reference(f"PMID:{pmid}")
            if reference.key in self._seen:
                continue
            self._seen[reference.key] = None
            if not self.client.options.refresh and (there := self._already_there(reference)):
                self._record(there)
            elif pmid in self._asked_pmids or pmid in self._waiting:
                self._await_pmid(pmid, reference)
            else:
                fresh[pmid] = [reference]
        if len(fresh) < len(window):
            for pmid, references in fresh.items():
                self._await_pmid(pmid, references[0])
            if len(self._waiting) >= BATCH:
                yield self._batch_task(BATCH)
            return
        self._asked_pmids.update(fresh)

        def ask() -> Fetched:
            batch = self.ncbi.fetch_history(search, start, len(window))
            return Fetched([batch]) if batch is not None else self.ncbi.fetch(list(fresh))

        yield self._abstracts_task(fresh, ask)

    # DOIs and PMCIDs

    def _doi(self, reference: Reference) -> _Found:
        pmid = self.ncbi.pmid_of_doi(reference.value)
        return _Found(pmids=[(pmid, reference)]) if pmid else self._doi_elsewhere(reference)

    def _doi_elsewhere(self, reference: Reference) -> _Found:
        """A DOI that PubMed does not have: Europe PMC, then what Crossref and the resolver know of it."""
        self._looked_elsewhere.add(reference.value)
        found = self._europe_pmc.by_doi(reference.value)
        if found is not None and found.pmid:
            return _Found(pmids=[(found.pmid, reference)])
        if found is not None and found.pmcid:
            return self._full_text(reference, found.pmcid)
        if found is not None and found.abstract:
            return self._europe_pmc_abstract(reference, found)
        return self._landing_page(reference)

    def _europe_pmc_abstract(self, reference: Reference, found: EuropePmcResult) -> _Found:
        """Title and abstract as a text, because Europe PMC gives them only inside JSON; the JSON is kept beside it."""
        identifier = _doi_identifier(reference.value)
        content = f"{found.title or ''}\n\n{found.abstract}\n".lstrip().encode()
        provenance = self._provenance(
            reference,
            found.answer,
            content,
            title=found.title,
            identifiers={"doi": reference.value},
            notes=(f"title and abstract taken from {identifier}.answer.provenance.json, without their markup",),
        )
        self.folder.write(f"{identifier}.answer.provenance.json", found.answer.content)
        changed = self.folder.save(identifier, ".txt", content, provenance)
        return _Found([_saved(reference, identifier, f"{identifier}.txt", provenance, changed)])

    def _landing_page(self, reference: Reference) -> _Found:
        work = self._crossref.work(reference.value)
        address = f"{self.client.options.doi_url}/{reference.value}"
        answer = self.client.get(
            address, accept=_PAGE_ACCEPT, robots=True, check=_check_page, pages_of_any_status=frozenset({402, 404, 410})
        )
        if answer.status in (404, 410):
            if answer.redirects or work is not None:
                raise NotFound(
                    f"DOI {reference.value}: its page {answer.final_url} is not there (HTTP {answer.status})"
                )
            raise UnresolvedDoi(
                f"DOI {reference.value}: PubMed, Europe PMC, Crossref and the DOI resolver do not know it; check it"
            )
        notes = ("retracted",) if work is not None and work.retracted else ()
        return self._save_page(reference, answer, _doi_identifier(reference.value), notes)

    def _full_text(self, reference: Reference, pmcid: str | None = None) -> _Found:
        """Europe PMC's full text, else NCBI's, else the abstract."""
        pmcid = pmcid or reference.value
        try:
            answer = self._open_full_text(pmcid)
        except NotFound as nowhere:
            known = self._europe_pmc.by_pmcid(pmcid)
            if known is None or known.pmid is None:
                raise nowhere from None
            return _Found(pmids=[(known.pmid, reference)])
        root = parse_xml(answer.content)
        title = text_of(root.find(".//article-meta//article-title"))
        related = {element.get("related-article-type") for element in root.iter("related-article")}
        retracted = root.get("article-type") == "retracted-article" or "retraction-forward" in related
        provenance = self._provenance(
            reference,
            answer,
            answer.content,
            title=title,
            identifiers={"pmcid": pmcid},
            notes=("retracted",) if retracted else (),
        )
        changed = self.folder.save(pmcid, ".xml", answer.content, provenance)
        return _Found([_saved(reference, pmcid, f"{pmcid}.xml", provenance, changed)])

    def _open_full_text(self, pmcid: str) -> Answer:
        trouble: FetchError | None = None
        try:
            return self._europe_pmc.full_text(pmcid)
        except NotFound:
            pass
        except (ServiceFailed, Unreachable, BadAnswer) as failure:
            trouble = failure
        try:
            return self.ncbi.full_text(pmcid)
        except NotFound:
            if trouble is not None:
                raise trouble from None
            raise

    # Pages

    def _page(self, reference: Reference) -> _Found:
        answer = self.client.get(
            reference.value, accept=_PAGE_ACCEPT, robots=True, check=_check_page, pages_of_any_status=_PAID_PAGES
        )
        if kind_of(answer) == "feed":
            return self._feed(reference, answer)
        return self._save_page(reference, answer, self.folder.identifier_of_url(reference.value))

    def _save_page(self, reference: Reference, answer: Answer, identifier: str, notes: tuple[str, ...] = ()) -> _Found:
        page = look_at(answer)
        if page.paywalled:
            notes += (f"{PAYWALLED}: {page.paywalled}",)
        own = {"doi": page.doi, "pmid": page.pmid}
        provenance = self._provenance(
            reference,
            answer,
            answer.content,
            title=page.title,
            identifiers={name: value for name, value in own.items() if value},
            notes=notes,
        )
        changed = self.folder.save(identifier, page.suffix, answer.content, provenance)
        return _Found([_saved(reference, identifier, f"{identifier}{page.suffix}", provenance, changed)])

    def _feed(self, reference: Reference, answer: Answer) -> _Found:
        entries = read_feed(answer, since=self._dates.since, until=self._dates.until)[: self._maximum]
        message = f"a feed with {len(entries)} entries to fetch"
        outcome = Outcome(reference.written, reference.key, "expanded", url=answer.final_url, message=message)
        return _Found([outcome], references=[entry.link for entry in entries])

    def _provenance(
        self,
        reference: Reference,
        answer: Answer,
        content: bytes,
        *,
        title: str | None,
        identifiers: dict[str, str],
        notes: tuple[str, ...],
    ) -> Provenance:
        return Provenance(
            reference=reference.written,
            url=answer.url,
            final_url=answer.final_url,
            retrieved_at=answer.retrieved_at,
            status=answer.status,
            headers=answer.headers,
            content_type=answer.content_type,
            sha256=sha256(content).hexdigest(),
            redirects=answer.redirects,
            title=title,
            identifiers=identifiers,
            notes=notes,
        )


def _check_page(answer: Answer) -> None:
    """Another try may mend a feed or an XML article that is broken."""
    if answer.status >= 400:
        return
    kind = kind_of(answer)
    if kind == "xml":
        parse_xml(answer.content)
    elif kind == "feed":
        read_feed(answer)


def _saved(reference: Reference, identifier: str, file: str, provenance: Provenance, changed: bool) -> Outcome:
    paywalled = next((note for note in provenance.notes if note.startswith(PAYWALLED)), None)
    return Outcome(
        reference=reference.written,
        key=reference.key,
        status="saved" if changed else "unchanged",
        id=identifier,
        file=file,
        url=provenance.final_url,
        sha256=provenance.sha256,
        reason=PAYWALLED if paywalled else None,
        message=f"{reference.written}: saved, but {paywalled}" if paywalled else None,
        notes=provenance.notes,
    )


def _failed(written: str, key: str, failure: ExtractorError) -> Outcome:
    return Outcome(written, key, "failed", reason=failure.reason, message=redact_text(str(failure)))


def _guarded(task: _Task) -> _Found:
    return task()


def _with_bugs_reported(references: list[Reference], task: _Task) -> _Task:
    """A bug met on one reference is that reference's failure; a disk that is full ends the run."""

    def reported() -> _Found:
        try:
            return task()
        except ExtractorError:
            raise
        except OSError as error:
            raise UsageError(f"--out: cannot be written ({error.strerror or error})") from error
        except Exception as error:
            log.debug("while fetching %s", [reference.written for reference in references], exc_info=True)
            failure = InternalError(f"a bug in the program: {type(error).__name__}: {redact_text(str(error))}")
            return _Found([_failed(reference.written, reference.key, failure) for reference in references])

    return reported


def _doi_identifier(doi: str) -> str:
    slug, _ = slug_of(f"https://doi/{doi}")
    return f"{slug}-{sha256(doi.encode()).hexdigest()[:8]}"


def _slashed(day: date | None) -> str | None:
    return day.strftime("%Y/%m/%d") if day else None
