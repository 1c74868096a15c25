"""Score a candidate study against a news record, each point with its reason.

The points were set by hand: an identifier decides by itself unless a rival has one too; otherwise at least three kinds
of evidence must agree.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from lxml import etree

from extractor.sources.news import TRIAL, NewsRecord, content_words, people_in
from extractor.sources.pubmed_set import parse_xml, text_of

ENOUGH = 5.0
"""Points from which a candidate is taken for the study."""
_KINDS_NEEDED = 3

IDENTIFIER_POINTS = 6.0
LINKED_PAGE_POINTS = 5.0
_TRIAL_POINTS = 4.0
_JOURNAL_POINTS = 2.0
_OTHER_JOURNAL_POINTS = -1.0
"""No more than this, because journals have more names than PubMed lists: a linked DOI must still be enough."""
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

BEFORE, AFTER = timedelta(days=120), timedelta(days=45)
"""News may come before the study's formal date (an online-first paper) or some months after it."""
_NEAR = 30
_FAR_BEFORE, _FAR_AFTER = 400, 60
_NUMBER = re.compile(r"(?<![\w.,-])(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w,]*\d)")
_NO_STUDIES = frozenset({"Comment", "Published Erratum", "Retraction of Publication", "News", "Editorial", "Letter"})
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}


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
    name = _plain_journal(news.journal)
    if name in candidate.journal_names or name in {_initials(known) for known in candidate.journal_names}:
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
    if -AFTER.days <= days <= BEFORE.days:
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
    words = content_words(candidate.title)
    if not words:
        return None
    told = set(content_words(f"{news.title} {news.text}"))
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


def _plain_journal(name: str) -> str:
    name = re.sub(r"\(.*?\)|[:=].*", " ", name).lower().replace("&", " and ")
    return " ".join(word for word in re.findall(r"[a-z0-9]+", name) if word != "the")


def _initials(name: str) -> str:
    """ "nejm" for "new england journal of medicine"."""
    return "".join(word[0] for word in name.split() if word not in ("of", "and", "in", "for"))


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
        trials=frozenset(banks | {match[0].upper() for match in TRIAL.finditer(abstract)}),
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
