"""What a news record says about the study it reports: identifiers, people, and words to search for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from extractor.errors import RecordError, UnknownReference
from extractor.sources.references import Reference, find_dois, parse_reference
from extractor.sources.wordlist import terms

LEXICON = "study_search_words.tsv"

TRIAL = re.compile(
    r"\b(?:NCT\d{8}|ISRCTN\d{8}|ACTRN\d{14}|ChiCTR[\w-]{8,14}|EudraCT[ :]*\d{4}-\d{6}-\d{2})\b", re.IGNORECASE
)
_PMID_IN_TEXT = re.compile(r"\bPMID:?\s*(\d{5,9})\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{3,}")
_PARTICLE = r"[A-Z]\.?|[A-Z][\w'’-]+|van|von|de|del|der|den|la|le|al|bin|el"
_NAME = rf"(?P<name>[A-Z][\w'’-]+(?:\s+(?:{_PARTICLE})){{0,3}}?\s+[A-Z][\w'’-]+)"
_TITLE = r"(?:Drs?\.?|Prof(?:essor)?\.?|Sir)"
_PEOPLE = (
    re.compile(rf"\b(?:{_TITLE}|author|investigator|researcher|led by|said|says)\s+(?:{_TITLE}\s+)?{_NAME}"),
    re.compile(rf"\b{_NAME},\s+(?:M\.?D|Ph\.?D|M\.?Sc|M\.?P\.?H|M\.?B\.?B\.?S|D\.?O|R\.?N|Pharm\.?D|Sc\.?D)\b"),
)


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


def read_news_record(path: Path) -> NewsRecord:
    """The parts of a record's file that matching needs. Raises `RecordError` if it is no record."""
    try:
        record = json.loads(path.read_bytes())
        article = record["article"]
        identifiers = article.get("identifiers") or {}
        text = str(record["text"])
        trials = [*(identifiers.get("trials") or ()), *(match[0] for match in TRIAL.finditer(text))]
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


def references_in(news: NewsRecord) -> Iterator[tuple[Reference, str]]:
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


def study_pages(news: NewsRecord) -> list[str]:
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
    title = [word for word in content_words(news.title) if word not in drugs]
    return drugs + sorted(title, key=lambda word: (-len(word), word))[:5]


def queries_for(news: NewsRecord) -> Iterator[str]:
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


def content_words(text: str) -> list[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return list(dict.fromkeys(word for word in words if word not in terms(LEXICON, "stop")))


@cache
def _drug_name() -> re.Pattern[str]:
    """A word that ends as the international nonproprietary names of a class of drugs do."""
    return re.compile(rf"\b[a-z]{{3,}}(?:{'|'.join(terms(LEXICON, 'drug stem'))})\b")


def _first_day(text: str | None) -> date | None:
    parts = [int(part) for part in (text or "").split("-") if part.isdecimal()]
    if len(parts) < 2:
        return None  # a year alone says too little to search by
    try:
        return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 15)
    except ValueError:
        return None
