"""Metadata by wording: by-lines, datelines, the journal reported, registry numbers, identifiers.

Plain text and web pages both use it. Every pattern is bounded, so that a line of a megabyte costs no more per character
than a short one, and guarded by a plain word test, because most texts hold none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from extractor.documents.boilerplate import classify
from extractor.documents.dates import MONTH, WRITTEN_DATE, iso_date
from extractor.documents.wordlists import pairs, rows

# --- registry numbers and identifiers -----------------------------------------------------------------------------

_REGISTRY = re.compile(
    r"\b(?:NCT\s?\d{8}|ISRCTN\s?\d{8}|EUCTR\d{4}-\d{6}-\d{2}|ACTRN\s?\d{14}|ChiCTR[A-Z\-]{0,8}\d{8,10}"
    r"|DRKS\d{8}|UMIN\d{9}|JPRN-[A-Z]{3,8}\d{6,10}|jRCT[s\d]\d{9}|KCT\d{7}|TCTR\d{11}|PACTR\d{12,16}|IRCT\d{8,20}N?\d{0,3}"
    r"|CTRI/\d{4}/\d{2,3}/\d{6}|NTR\d{3,5}|RBR-[0-9a-z]{6,8}|SLCTR/\d{4}/\d{3})\b"
)
_REGISTRY_PREFIXES = (
    "NCT", "ISRCTN", "EUCTR", "EudraCT", "ACTRN", "ChiCTR", "jRCT", "KCT0", "TCTR", "PACTR", "IRCT", "CTRI", "SLCTR",
)  # fmt: skip
_OTHER_PREFIXES = ("DRKS", "UMIN", "JPRN", "NTR", "RBR-")
"""Those without a "CT", which most texts do not hold either."""
_EUDRACT = re.compile(r"\bEudraCT[^\d\n]{0,30}(\d{4}-\d{6}-\d{2})\b")
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>\[\]{}|\\^`]{2,200}")
_OWN_DOI = re.compile(r"^(?:DOI|doi)\s?:\s?(?:https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S{2,200})", re.MULTILINE)
_OWN_PMID = re.compile(r"\bPMID\s?:\s?(\d{4,9})\b")
_OWN_PMCID = re.compile(r"\bPMCID\s?:\s?(PMC\d{4,9})\b")
_ADDRESS = re.compile(r"https?://[^\s\"'<>]{4,500}")


def trial_numbers(text: str) -> tuple[str, ...]:
    """Registry numbers (NCT, ISRCTN, EudraCT, ...) in the order of their first mention, spaces removed."""
    prefixes = (*_OTHER_PREFIXES, *_REGISTRY_PREFIXES) if "CT" in text else _OTHER_PREFIXES
    if not any(prefix in text for prefix in prefixes):
        return ()
    found = [(m.start(), m[0].replace(" ", "")) for m in _REGISTRY.finditer(text)]
    if "EudraCT" in text:
        found += [(m.start(), m[1]) for m in _EUDRACT.finditer(text)]
    return tuple(dict.fromkeys(number for _, number in sorted(found)))


def clean_doi(written: str | None) -> str | None:
    """The bare DOI in `written` (an address, "doi:10...", with a full stop behind); None if there is none."""
    found = _DOI.search(written) if written else None
    if not found:
        return None
    doi = found[0].rstrip(".,;:'’”?!&")
    while doi.endswith(")") and doi.count(")") > doi.count("("):
        doi = doi[:-1].rstrip(".,;")
    return doi


def own_identifiers(text: str) -> tuple[str | None, str | None, str | None]:
    """DOI, PMID and PMCID that a pasted abstract states of itself, labelled as PubMed prints them."""
    doi = pmid = pmcid = None
    if "10." in text and (found := _OWN_DOI.search(text)):
        doi = clean_doi(found[1])
    if "PMID" in text and (found := _OWN_PMID.search(text)):
        pmid = found[1]
    if "PMCID" in text and (found := _OWN_PMCID.search(text)):
        pmcid = found[1]
    return doi, pmid, pmcid


def study_links_in_text(text: str) -> tuple[str, ...]:
    """Addresses of studies written out in the text, and DOIs as addresses."""
    found: list[tuple[int, str]] = []
    if "http" in text:
        found += [(m.start(), m[0].rstrip(".,;:)]’”")) for m in _ADDRESS.finditer(text) if is_study_link(m[0])]
    if "10." in text:
        linked = " ".join(address for _, address in found)
        for m in _DOI.finditer(text):
            doi = clean_doi(m[0])
            if doi and doi not in linked:
                found.append((m.start(), f"https://doi.org/{doi}"))
    return tuple(dict.fromkeys(address for _, address in sorted(found)))


@cache
def _study_hosts() -> dict[str, str]:
    return dict(pairs("study_hosts.tsv", ("host", "path")))


def is_study_link(address: str) -> bool:
    """Whether an address is the page of a study: a known host (or a sub-domain of one), below its front page."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return False
    hosts = _study_hosts()
    labels = host.split(".")
    candidates = [".".join(labels[n:]) for n in range(len(labels) - 1)]
    path = next((hosts[name] for name in [parts.hostname or "", *candidates] if name in hosts), None)
    return path is not None and path in parts.path and len(parts.path) > len(path)


# --- the journal reported -----------------------------------------------------------------------------------------

_JOURNAL_WORDS = (
    "ublish", "ppear", "ssue of", "dition of", "ournal", "online", "eported in", "eporting in", "escribed in",
    "tudy in", "JAMA", "Lancet", "NEJM", "osted",
)  # fmt: skip
"""Parts of the words that stand near a journal's name; found far faster than any pattern."""
_LEAD = (
    rf"\b(?:in|by|of|to|[Jj]ournal)\s+(?:[Tt]oday's\s+|[Tt]he\s+)?(?:(?:{MONTH}|[Ff]orthcoming|[Cc]urrent|[Ll]atest|[Oo]nline)[\w\s.,]{{0,24}}"
    r"(?:issue|edition)\s+of\s+)?(?:[Tt]he\s+)?(?:(?:medical\s+|scientific\s+|peer-reviewed\s+|open-access\s+)?[Jj]ournal\s*,?\s+)?[“\"'‘_*]?"
)
_TITLE_WORD = r"[A-Z][\w'’&-]*"
_UNLISTED = (
    rf"(?:(?:{_TITLE_WORD}\s+){{0,3}}(?:Journal|Annals|Archives|Proceedings|Bulletin)\s+(?:of|for|in)\s+(?:the\s+)?"
    rf"{_TITLE_WORD}(?:(?:,?\s+(?:and|&|of|in|the|for))*\s+{_TITLE_WORD}){{0,7}}"
    rf"|(?:{_TITLE_WORD}\s+){{1,4}}Journal\b|JAMA\s+{_TITLE_WORD}(?:\s+{_TITLE_WORD})?|(?:The\s+)?Lancet\s+{_TITLE_WORD}(?:\s+(?:{_TITLE_WORD}|and|&)){{0,3}})"
)
_NAMED_JOURNAL = rf"(?<=journal )[“\"'‘_*]?({_TITLE_WORD}(?:(?:\s+(?:and|&|of|in|the|for))*\s+{_TITLE_WORD}){{0,5}})"


class _Journals(NamedTuple):
    led: re.Pattern[str]
    bare: re.Pattern[str]
    canonical: dict[str, str]


@cache
def _journals() -> _Journals:
    entries = rows("journals.tsv", ("name", "canonical", "category"))
    canonical = {name: full for name, full, _ in entries}
    for name, full, _ in entries:
        if name.startswith("The "):
            canonical.setdefault(name[4:], full)
    everyday = {name for name, _, category in entries if category == "word"}

    def alternatives(names: Iterable[str]) -> str:
        return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))

    distinct = [name for name in canonical if name not in everyday and (len(name) > 12 or name.isupper())]
    return _Journals(
        re.compile(
            rf"{_LEAD}(?:(?P<known>{alternatives(canonical)})(?![\w'’])(?!\s+of\s+(?!{MONTH})[A-Za-z])|(?P<unlisted>{_UNLISTED}))"
        ),
        re.compile(rf"(?<!\w)(?:{alternatives(distinct)})(?![\w'’])"),
        canonical,
    )


_NAMED = re.compile(_NAMED_JOURNAL)
_MAX_JOURNAL_TEXT = 20_000


def journal_reported(text: str) -> str | None:
    """The journal that a news text names as the place of the study ("published in the May 3 issue of ...").

    The name in full for the well-known ones, else as written; None if none is named.
    """
    text = text[:_MAX_JOURNAL_TEXT]
    windows = _cue_windows(text)
    if not windows:
        return None
    journals = _journals()
    for sentence in windows:
        for found in journals.led.finditer(sentence):
            name = found["known"] or found["unlisted"]
            if name:
                # The pattern for unlisted names goes on as long as words are capitalised; a listed name inside wins.
                return journals.canonical.get(name, name)
        if named := _NAMED.search(sentence):
            return journals.canonical.get(named[1], named[1])
    for sentence in windows:
        if bare := journals.bare.search(sentence):
            return journals.canonical[bare[0]]
    return None


def _cue_windows(text: str) -> list[str]:
    """What stands near each cue; windows that touch are one."""
    positions: list[int] = []
    for word in _JOURNAL_WORDS:
        position = text.find(word)
        while position >= 0:
            positions.append(position)
            position = text.find(word, position + 1)
    windows: list[list[int]] = []
    for position in sorted(positions):
        start, end = max(0, position - 130), min(len(text), position + 170)
        if windows and start <= windows[-1][1]:
            windows[-1][1] = end
        else:
            windows.append([start, end])
    return [text[start:end] for start, end in windows]


# --- by-lines, dates, publishers ----------------------------------------------------------------------------------

_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_BYLINE = re.compile(r"^\s*(?:(?:[Ww]ritten|[Rr]eported|[Ss]tory|[Pp]osted)\s+)?(?:[Bb]y|BY)[:\s]\s*(\S.{2,140})$")
_BYLINE_END = re.compile(
    rf"\s*(?:[|•·–—]|\(|\s-\s|,?\s+(?:HealthDay|Reuters|AFP|AP|Staff|Senior|Contributing|Special|Health|Medical|Science|Executive|Associate|Deputy)\b"
    rf"|,?\s+(?:[Rr]eporter|[Ww]riter|[Ee]ditor|[Cc]orrespondent|[Cc]ontributor|[Uu]pdated|[Pp]ublished|[Oo]n)\b|\s+{_WEEKDAY}|\s+{MONTH}\s+\d|\s+\d).*$"
)
_TRAILING_ROLE = re.compile(r"^(\S.{2,60}?),?\s+(?:HealthDay|Reuters)\s+(?:Reporter|Staff)\s*$")
_DEGREE = re.compile(
    r"^(?:M\.?D\.?|Ph\.?D\.?|D\.?O\.?|B\.?Pharm|Pharm\.?D|M\.?P\.?H|R\.?N|M\.?S\.?c?|M\.?A|B\.?A|B\.?Sc?|FACP|F[A-Z]{2,4}|Jr\.?|Sr\.?)\.?$",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"^[^\W\d_a-z][\w.'’-]*(?:\s+(?:[^\W\d_a-z][\w.'’-]*|de|van|von|der|den|la|le|al|bin|del|da|dos)){1,4}$"
)
_LEADING_WEEKDAY = re.compile(rf"\s*{_WEEKDAY}\b", re.IGNORECASE)
_DATE = re.compile(WRITTEN_DATE, re.IGNORECASE)
_DATE_HEAD = re.compile(rf"\d|{MONTH}", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATELINE_DASH = re.compile(r"\s*-{2,}\s*|\s+[-–—]\s+|\s*[–—]\s*")
_AGENCY_MARK = re.compile(
    r"\((?:HealthDay(?: News)?|Reuters(?: Health)?|AP|AFP|UPI|BUSINESS WIRE|GLOBE NEWSWIRE)\)"
    r"|--\s?\([A-Z][A-Z .]{2,28}\)(?=\s?--)|/PRNewswire(?:-\w{1,40})?/|\bHealthDay News\b|\bStockMarketWire\.com\b"
)
_DATELINE_HINT = re.compile(
    r"(?:19|20)\d\d|d(?:ay|AY)\b|DAY\b|\((?:Health|Reu|AP|AFP|BUS|GLOB|UPI)|/PRN|HealthDay|StockMarketWire|--\s?\([A-Z]"
)
_DATE_LINE_WORDS = frozenset(
    {
        "published", "posted", "updated", "update", "last", "first", "reviewed", "medically", "modified", "created",
        "released", "issued", "written", "date", "on", "at", "by", "the", "of", "and", "for", "in", "am", "pm", "a.m",
        "p.m", "eastern", "central", "pacific", "standard", "daylight", "time", "et", "est", "edt", "gmt", "utc",
        "release", "online", "read", "min", "minute", "minutes", "ago", "st", "nd", "rd", "th",
    }
)  # fmt: skip
_DATE_WORDING = re.compile(rf"{WRITTEN_DATE}|{_WEEKDAY}|\b{MONTH}(?!\w)|\d{{1,2}}:\d\d|\d{{1,4}}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w.'’]*")
_LEADING_DATE = re.compile(r"\s*(?:date|DATE|Date):?\s+((?:19|20)\d\d-\d\d-\d\d)\s+")
_CLOSING_DATE = re.compile(
    rf"(?:^|[.|•·]\s*)(?:Last |First )?(?:Updated|Published|Posted|Reviewed|Modified)(?: on)?:?\s+{WRITTEN_DATE}\.?$"
)
_UPDATED = re.compile(r"\b(?:updated|modified|reviewed)\b", re.IGNORECASE)
_PUBLISHED = re.compile(r"\b(?:published|posted|released|issued|first)\b", re.IGNORECASE)
_MAX_DATE_LINE = 140
_MAX_BYLINE = 240
"""Characters, white space around it among them."""
_MAX_PUBLISHER_LINE = 400


class Dateline(NamedTuple):
    """The opening of a news story, "CITY, May 3, 2024 (AGENCY) -- ": where it ends and the date it gives, if whole."""

    end: int
    published: str | None


def dateline(paragraph: str) -> Dateline | None:
    """The dateline that a paragraph opens with, or None.

    It is what stands before the first dash if that names a date or an agency and nothing that a sentence would hold.
    """
    return _dateline(paragraph[:_MAX_DATE_LINE])


@lru_cache(maxsize=64)  # the same lines are asked about several times
def _dateline(opening: str) -> Dateline | None:
    if not _DATELINE_HINT.search(opening):
        return None
    if leading := _LEADING_DATE.match(opening):
        end = leading.end()
        agency_behind = _dateline(opening[end:])
        return Dateline(end + (agency_behind.end if agency_behind else 0), iso_date(leading[1]))
    for dash in _DATELINE_DASH.finditer(opening):
        before = opening[: dash.start()]
        date = _DATE.search(before)
        agency = _AGENCY_MARK.search(opening[: dash.end()])
        weekday = _LEADING_WEEKDAY.match(before)
        if not (date or agency or (weekday and _DATE_HEAD.search(before))):
            continue
        rest = _AGENCY_MARK.sub(" ", before)
        if _is_date_wording(rest, allow_capitalised=True):
            return Dateline(dash.end(), iso_date(date[0]) if date else None)
    return None


def is_date_line(line: str) -> bool:
    """Whether a line only says when (and by whom) the page was published, reviewed or updated."""
    if len(line) > _MAX_DATE_LINE or not _YEAR.search(line) or not _DATE.search(line):
        return False
    speaks_of_publishing = _UPDATED.search(line) is not None or _PUBLISHED.search(line) is not None
    return _CLOSING_DATE.search(line) is not None or _is_date_wording(line, allow_capitalised=speaks_of_publishing)


def _is_date_wording(text: str, *, allow_capitalised: bool) -> bool:
    """Nothing but dates, times, words of publishing and, if allowed, names (of places and people)."""
    for word in _WORD.findall(_DATE_WORDING.sub(" ", text)):
        named = word[0].isupper() or word.endswith(".com")
        if word.lower().rstrip(".") not in _DATE_LINE_WORDS and not (allow_capitalised and named):
            return False
    return True


def published_in(lines: Iterable[str]) -> str | None:
    """The day of publication that dateline or date lines state; "last updated" only where nothing else is said."""
    ranked: list[tuple[int, str]] = []
    for line in lines:
        opening = line[:_MAX_DATE_LINE]
        if not _YEAR.search(opening):
            continue
        if (opens := dateline(line)) and opens.published:
            ranked.append((0, opens.published))
        elif is_date_line(line):
            date = _DATE.search(line)
            iso = iso_date(date[0]) if date else None
            if iso:
                rank = 1 if _PUBLISHED.search(line) else 3 if _UPDATED.search(line) else 2
                ranked.append((rank, iso))
    return min(ranked, key=lambda entry: entry[0])[1] if ranked else None


def authors_in(line: str) -> tuple[str, ...]:
    """The people a by-line names ("By Ann Lee and Bo Chen, HealthDay Reporters"); empty if it is no by-line."""
    if len(line) > _MAX_BYLINE:
        return ()
    found = _BYLINE.match(line)
    written = found[1] if found else None
    if written is None and (trailing := _TRAILING_ROLE.match(line.strip())):
        written = trailing[1]
    return people(written) if written else ()


def people(written: str) -> tuple[str, ...]:
    """The names in a list of people, without degrees, roles and dates; only what looks like a person's name."""
    names = _BYLINE_END.sub("", re.sub(r"^(?:[Bb]y|BY)\s+", "", " ".join(written.split()))).strip(" .,;")
    parts = [part.strip(" .,;") for part in re.split(r",|;|\s+and\s+|\s+&\s+|\s+with\s+", names)]
    return tuple(dict.fromkeys(part for part in parts if _PERSON.match(part) and not _DEGREE.match(part)))


def _speaks_of_publisher(line: str) -> bool:
    if len(line) > _MAX_PUBLISHER_LINE:
        return False
    if "inbox" in line or "newsletter" in line.lower():
        return True
    kind = classify(line)
    if kind is not None:
        return kind.category in ("legal", "newsletter", "byline")
    return dateline(line) is not None or is_date_line(line) or bool(authors_in(line))


@cache
def _publishers() -> tuple[tuple[str, str, str], ...]:
    return tuple((cue, name, kind) for cue, name, kind in rows("publishers.tsv", ("cue", "canonical", "kind")))


def publisher_named(lines: Iterable[str]) -> str | None:
    """Site and agency named in the by-lines, datelines, copyright lines and newsletter boxes among `lines`.

    "Site / Agency" where both are named. Other lines do not count: a caption's credit is no publisher.
    """
    text = "\n".join(line for line in lines if _speaks_of_publisher(line))
    found: dict[str, list[str]] = {"site": [], "agency": []}
    for cue, name, kind in _publishers():
        if cue in text and name not in found[kind]:
            found[kind].append(name)
    chosen = found["site"][:1] + found["agency"][:1]
    return " / ".join(chosen) or None


def with_agency(site: str | None, agency: str | None) -> str | None:
    """`site` as the page calls itself with the agency whose copy it runs, unless they are the same."""
    if not site or not agency:
        return site or agency
    return site if agency.lower() in site.lower() else f"{site} / {agency}"
