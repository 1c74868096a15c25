"""The study that a news record reports.

What the record names outright (a DOI, a PMID, a trial registry number, a link to the study's page) comes first, and is
checked against the rest of the record. Without any, PubMed is searched by journal, date, people and title words. Every
candidate is scored, each point with its reason; below `ENOUGH` points, or with a rival closer than `MARGIN`, none is
chosen.

The points were set by hand: an identifier decides by itself unless a rival has one too; otherwise at least three kinds
of evidence must agree.
"""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from extractor.errors import (
    AmbiguousStudy,
    ExtractorError,
    FetchError,
    NoStudyFound,
    RecordError,
    UnknownReference,
    UsageError,
)
from extractor.sources.europepmc import EuropePmcClient
from extractor.sources.fetch import Fetcher, Tally
from extractor.sources.folder import ArticleFolder, Outcome
from extractor.sources.http import PoliteClient
from extractor.sources.ncbi import BATCH, NcbiClient
from extractor.sources.pubmed_set import parse_xml, text_of
from extractor.sources.redact import redact_text
from extractor.sources.references import Reference, find_dois, parse_reference
from extractor.sources.webpage import look_at
from extractor.sources.wordlist import terms

MATCHES = "study-matches.jsonl"
_LEXICON = "study_search_words.tsv"
ENOUGH = 5.0
MARGIN = 1.5
_KINDS_NEEDED = 3
_CANDIDATES_A_SEARCH = 40
_PAGES_FOLLOWED = 3

_IDENTIFIER_POINTS = 6.0
_LINKED_PAGE_POINTS = 5.0
_TRIAL_POINTS = 4.0
_JOURNAL_POINTS = 2.0
_OTHER_JOURNAL_POINTS = -1.5
_DATE_POINTS = 1.5
_NEAR_DATE_POINTS = 0.5
_OTHER_DATE_POINTS = -2.5
_LEADING_AUTHOR_POINTS = 2.0
_AUTHOR_POINTS = 1.0
_AUTHOR_LIMIT = 3.0
_TITLE_POINTS = 2.5
_NUMBER_POINTS = 0.5
_NUMBER_LIMIT = 2.5
_NO_STUDY_POINTS = -3.0

_BEFORE, _AFTER = timedelta(days=120), timedelta(days=45)
"""News may come before the study's formal date (an online-first paper) or some months after it."""
_NEAR = 30
_FAR_BEFORE, _FAR_AFTER = 400, 60

_TRIAL = re.compile(
    r"\b(?:NCT\d{8}|ISRCTN\d{8}|ACTRN\d{14}|ChiCTR[\w-]{8,14}|EudraCT[ :]*\d{4}-\d{6}-\d{2})\b", re.IGNORECASE
)
_PMID_IN_TEXT = re.compile(r"\bPMID:?\s*(\d{5,9})\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{3,}")
_NUMBER = re.compile(r"(?<![\w.,-])(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w,]*\d)")
_PARTICLE = r"[A-Z]\.?|[A-Z][\w'’-]+|van|von|de|del|der|den|la|le|al|bin|el"
_NAME = rf"(?P<name>[A-Z][\w'’-]+(?:\s+(?:{_PARTICLE})){{0,3}}?\s+[A-Z][\w'’-]+)"
_TITLE = r"(?:Drs?\.?|Prof(?:essor)?\.?|Sir)"
_PEOPLE = (
    re.compile(rf"\b(?:{_TITLE}|author|investigator|researcher|led by|said|says)\s+(?:{_TITLE}\s+)?{_NAME}"),
    re.compile(rf"\b{_NAME},\s+(?:M\.?D|Ph\.?D|M\.?Sc|M\.?P\.?H|M\.?B\.?B\.?S|D\.?O|R\.?N|Pharm\.?D|Sc\.?D)\b"),
)
_NO_STUDIES = frozenset({"Comment", "Published Erratum", "Retraction of Publication", "News", "Editorial", "Letter"})
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}


@dataclass(frozen=True, slots=True)
class NewsRecord:
    """What a record tells about the study it reports. `published` is the first day that its date can mean."""

    id: str
    title: str
    text: str
    journal: str | None
    published: date | None
    links: tuple[str, ...]
    identifiers: tuple[str, ...]
    trials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against a candidate, in points."""

    name: str
    points: float
    detail: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article of PubMed, as far as matching needs it. `authors` are (given names, surname)."""

    pmid: str
    doi: str | None
    title: str
    journal_names: frozenset[str]
    dates: tuple[date, ...]
    authors: tuple[tuple[str, str], ...]
    text: str
    trials: frozenset[str]
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its evidence."""

    candidate: Candidate
    evidence: tuple[Evidence, ...]

    @property
    def score(self) -> float:
        """The sum of the points."""
        return round(sum(evidence.points for evidence in self.evidence), 2)

    @property
    def is_enough(self) -> bool:
        """Enough points, and of enough kinds unless the record names the study itself."""
        named = any(evidence.points >= _TRIAL_POINTS for evidence in self.evidence)
        kinds = {evidence.name for evidence in self.evidence if evidence.points > 0}
        return self.score >= ENOUGH and (named or len(kinds) >= _KINDS_NEEDED)


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


def read_news_record(path: Path) -> NewsRecord:
    """The parts of a record's file that matching needs. Raises `RecordError` if it is no record."""
    try:
        record = json.loads(path.read_bytes())
        article = record["article"]
        identifiers = article.get("identifiers") or {}
        text = str(record["text"])
        trials = [*(identifiers.get("trials") or ()), *(match[0] for match in _TRIAL.finditer(text))]
        own = [f"{kind}:{identifiers[kind]}" for kind in ("pmid", "doi") if identifiers.get(kind)]
        own += [identifiers["pmcid"]] if identifiers.get("pmcid") else []
        return NewsRecord(
            id=str(article["id"]),
            title=article.get("title") or text[:200].partition("\n")[0],
            text=text,
            journal=article.get("journal"),
            published=_first_day(article.get("published")),
            links=tuple(article.get("links") or ()),
            identifiers=tuple(own),
            trials=tuple(dict.fromkeys(trial.upper() for trial in trials)),
        )
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(
            f"{path}: no record ({type(error).__name__}: {error}); make one with `extractor batch`"
        ) from None


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
            for query in _queries(news):
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
        for reference, how in _references(news):
            try:
                pmid = self._pmid_of(reference)
            except FetchError as failure:
                match.notes.append(f"{reference.written}: {redact_text(str(failure))}")
                continue
            if pmid is None:
                match.notes.append(f"{reference.written}: PubMed does not have it")
            else:
                found.setdefault(pmid, []).append(
                    Evidence("identifier", _IDENTIFIER_POINTS, f"{reference.written} {how}")
                )
        if not found:
            for link in _study_pages(news)[:_PAGES_FOLLOWED]:
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
            found.setdefault(pmid, []).append(Evidence("linked page", _LINKED_PAGE_POINTS, detail))

    def _search(self, query: str, news: NewsRecord | None, match: Match) -> tuple[str, ...]:
        since = until = None
        if news is not None and news.published is not None:
            since, until = (day.strftime("%Y/%m/%d") for day in (news.published - _BEFORE, news.published + _AFTER))
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


def _references(news: NewsRecord) -> Iterator[tuple[Reference, str]]:
    """Identifiers that the record holds, each once, and where."""
    seen: set[str] = set()
    given = [(link, "is linked") for link in news.links]
    given += [(identifier, "is among the record's identifiers") for identifier in news.identifiers]
    given += [(f"doi:{doi}", "stands in a link") for link in news.links for doi in find_dois(link)]
    given += [(f"doi:{doi}", "stands in the text") for doi in find_dois(news.text)]
    given += [(f"PMID:{pmid}", "stands in the text") for pmid in _PMID_IN_TEXT.findall(news.text)]
    for text, how in given:
        with suppress(UnknownReference):
            reference = parse_reference(text)
            if reference.kind != "url" and reference.key not in seen:
                seen.add(reference.key)
                yield reference, how


def _study_pages(news: NewsRecord) -> list[str]:
    pages = []
    for link in news.links:
        with suppress(UnknownReference):
            if parse_reference(link).kind == "url" and not find_dois(link):
                pages.append(link)
    return pages


def people_in(text: str) -> list[str]:
    """Surnames of the people that a text names with a title, a degree or as having said something, in order."""
    names = (match["name"] for pattern in _PEOPLE for match in pattern.finditer(text))
    return list(dict.fromkeys(re.sub(r"'s$", "", name.split()[-1].replace("’", "'")) for name in names))


def search_words(news: NewsRecord) -> list[str]:
    """The words that tell most about the study: names of drugs, then the longest words of the title."""
    drugs = _drug_name().findall(f"{news.title.lower()} {news.text.lower()}")
    in_title = news.title.lower()
    drugs = sorted(set(drugs), key=lambda word: (word not in in_title, -drugs.count(word), word))[:3]
    title = [word for word in _content_words(news.title) if word not in drugs]
    return drugs + sorted(title, key=lambda word: (-len(word), word))[:5]


def _queries(news: NewsRecord) -> Iterator[str]:
    """From the narrowest to the widest."""
    people = [name for name in people_in(news.text) if re.fullmatch(r"[\w'-]+", name)][:6]
    authors = " OR ".join(f"{name}[au]" for name in people)
    words = search_words(news)
    any_word = " OR ".join(f"{word}[tiab]" for word in words)
    journal = f'"{news.journal}"[jour]' if news.journal else None
    if journal and authors:
        yield f"{journal} AND ({authors})"
    if journal and words:
        yield f"{journal} AND ({any_word})"
    if authors and words:
        yield f"({authors}) AND ({any_word})"
    for many in (4, 3, 2):
        if len(words) >= many:
            yield " AND ".join(f"{word}[tiab]" for word in words[:many])


def evidence_for(news: NewsRecord, candidate: Candidate) -> list[Evidence]:
    """What speaks for and against `candidate`, apart from the identifiers that the record names."""
    found = (
        _trial_evidence(news, candidate),
        _journal_evidence(news, candidate),
        _date_evidence(news, candidate),
        _author_evidence(news, candidate),
        _title_evidence(news, candidate),
        _number_evidence(news, candidate),
        _kind_evidence(candidate),
    )
    return [evidence for evidence in found if evidence is not None]


def _trial_evidence(news: NewsRecord, candidate: Candidate) -> Evidence | None:
    shared = sorted(set(news.trials) & candidate.trials)
    return Evidence("trial", _TRIAL_POINTS, f"both name {', '.join(shared)}") if shared else None


def _journal_evidence(news: NewsRecord, candidate: Candidate) -> Evidence | None:
    if not news.journal or not candidate.journal_names:
        return None
    if _plain_journal(news.journal) in candidate.journal_names:
        return Evidence("journal", _JOURNAL_POINTS, f"published in {news.journal}")
    return Evidence(
        "journal", _OTHER_JOURNAL_POINTS, f"the record names {news.journal}, the study is in another journal"
    )


def _date_evidence(news: NewsRecord, candidate: Candidate) -> Evidence | None:
    if news.published is None or not candidate.dates:
        return None
    days = min(((news.published - day).days for day in candidate.dates), key=abs)
    detail = f"published {abs(days)} days {'before' if days >= 0 else 'after'} the news"
    if abs(days) <= _NEAR:
        return Evidence("date", _DATE_POINTS, detail)
    if -_AFTER.days <= days <= _BEFORE.days:
        return Evidence("date", _NEAR_DATE_POINTS, detail)
    if not -_FAR_AFTER <= days <= _FAR_BEFORE:
        return Evidence("date", _OTHER_DATE_POINTS, detail)
    return None


def _author_evidence(news: NewsRecord, candidate: Candidate) -> Evidence | None:
    points, named = 0.0, []
    for position, (given, surname) in enumerate(candidate.authors):
        if not given or not _names(news.text, given, surname):
            continue
        leading = position in (0, len(candidate.authors) - 1)
        points += _LEADING_AUTHOR_POINTS if leading else _AUTHOR_POINTS
        named.append(f"{given} {surname}")
    if not named:
        return None
    return Evidence("authors", min(points, _AUTHOR_LIMIT), f"the record names {', '.join(named[:5])}")


def _names(text: str, given: str, surname: str) -> bool:
    first = given.split()[0].rstrip(".")
    if len(first) < 2:  # initials only: the surname must stand among the people of the text
        return surname in people_in(text)
    middle = r"(?:\s+[A-Z]\.?|\s+[A-Z][\w'’-]+){0,2}?"
    return re.search(rf"\b{re.escape(first)}{middle}\s+{re.escape(surname)}\b", text) is not None


def _title_evidence(news: NewsRecord, candidate: Candidate) -> Evidence | None:
    words = _content_words(candidate.title)
    if not words:
        return None
    told = set(_content_words(f"{news.title} {news.text}"))
    shared = [word for word in words if word in told]
    points = round(_TITLE_POINTS * len(shared) / len(words), 2)
    if not shared:
        return None
    return Evidence("title words", points, f"{len(shared)} of the title's {len(words)} words: {', '.join(shared[:8])}")


def _number_evidence(news: NewsRecord, candidate: Candidate) -> Evidence | None:
    shared = sorted(_telling_numbers(news.text) & _telling_numbers(candidate.text))
    if not shared:
        return None
    points = min(_NUMBER_LIMIT, _NUMBER_POINTS * len(shared))
    return Evidence("numbers", points, f"both have {', '.join(shared[:8])}")


def _kind_evidence(candidate: Candidate) -> Evidence | None:
    kinds = sorted(candidate.kinds & _NO_STUDIES)
    return Evidence("kind", _NO_STUDY_POINTS, f"not a study but: {', '.join(kinds)}") if kinds else None


def _telling_numbers(text: str) -> set[str]:
    """Numbers that two texts hardly share by chance: with a decimal, or above 100, but no years and round hundreds."""
    found = set()
    for match in _NUMBER.finditer(text):
        number = match[0].replace(",", "")
        if "." in number or (int(number) >= 100 and int(number) % 100 and not 1900 <= int(number) <= 2100):
            found.add(number)
    return found


def _content_words(text: str) -> list[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return list(dict.fromkeys(word for word in words if word not in terms(_LEXICON, "stop")))


@cache
def _drug_name() -> re.Pattern[str]:
    """A word that ends as the international nonproprietary names of a class of drugs do."""
    return re.compile(rf"\b[a-z]{{3,}}(?:{'|'.join(terms(_LEXICON, 'drug stem'))})\b")


def _plain_journal(name: str) -> str:
    name = re.sub(r"\(.*?\)|[:=].*", " ", name).lower().replace("&", " and ")
    return " ".join(word for word in re.findall(r"[a-z0-9]+", name) if word != "the")


def read_candidate(content: bytes) -> Candidate:
    """A candidate from a `PubmedArticleSet` of one. Raises `BadAnswer` if it is not well-formed."""
    article = next(parse_xml(content).iterchildren("PubmedArticle", "PubmedBookArticle"))
    journal = article.find("MedlineCitation/Article/Journal")
    names: Iterable[str | None] = () if journal is None else (
        text_of(journal.find("Title")), text_of(journal.find("ISOAbbreviation")),
        text_of(article.find("MedlineCitation/MedlineJournalInfo/MedlineTA")),
    )  # fmt: skip
    abstract = " ".join(text_of(piece) or "" for piece in article.iter("AbstractText"))
    banks = {(text_of(number) or "").upper() for number in article.iter("AccessionNumber")}
    pmid = article.find("MedlineCitation/PMID")
    if pmid is None:
        pmid = article.find(".//PMID")
    doi = article.find("PubmedData/ArticleIdList/ArticleId[@IdType='doi']")
    return Candidate(
        pmid=text_of(pmid) or "0",
        doi=text_of(doi if doi is not None else article.find(".//ELocationID[@EIdType='doi']")),
        title=text_of(article.find(".//ArticleTitle")) or "",
        journal_names=frozenset(_plain_journal(name) for name in names if name),
        dates=tuple(_dates(article)),
        authors=tuple(
            (text_of(author.find("ForeName")) or "", surname)
            for author in article.iterfind("MedlineCitation/Article/AuthorList/Author")
            if (surname := text_of(author.find("LastName")))
        ),
        text=abstract,
        trials=frozenset(banks | {match[0].upper() for match in _TRIAL.finditer(abstract)}),
        kinds=frozenset(text_of(kind) or "" for kind in article.iter("PublicationType")),
    )


def _dates(article: etree._Element) -> Iterator[date]:
    places = ["MedlineCitation/Article/ArticleDate", "MedlineCitation/Article/Journal/JournalIssue/PubDate"]
    places += [
        f"PubmedData/History/PubMedPubDate[@PubStatus='{status}']" for status in ("pubmed", "entrez", "aheadofprint")
    ]
    for place in places:
        for element in article.iterfind(place):
            year, month, day = (text_of(element.find(part)) for part in ("Year", "Month", "Day"))
            number = int(month) if month and month.isdecimal() else _MONTHS.get((month or "")[:3].lower())
            if year and year.isdecimal() and number:
                with suppress(ValueError):
                    yield date(int(year), number, int(day) if day and day.isdecimal() else 15)


def _first_day(text: str | None) -> date | None:
    parts = [int(part) for part in (text or "").split("-") if part.isdecimal()]
    if len(parts) < 2:
        return None  # a year alone says too little to search by
    try:
        return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 15)
    except ValueError:
        return None


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
