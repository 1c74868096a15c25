"""Find what the text measures: endpoints, adverse events, deaths, and the definition of "the primary endpoint".

Reads the layout; every hit is a phrase of `lexicons/endpoints.tsv` or `lexicons/adverse_events.tsv` (any hyphenation,
number and spelling), an abbreviation that the text defines as one, or any "X-free survival". Cost is linear in the
number of tokens: one dictionary access per token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from extractor.rules.abbreviations import find_abbreviations
from extractor.rules.layout import CLOSING, OPENING, Layout
from extractor.rules.lexicon import rows, terms
from extractor.rules.numbers import DASHES
from extractor.rules.word_forms import normal_form, normal_forms

_VERB = terms("statement_words.tsv", "verb")
_DEATH_LINKS = frozenset(("of", "from", "due", "because", "following", "after"))


@dataclass(slots=True)
class EndpointMention:
    """One place where something measured is named. `token`/`token_end` are half-open and take in a bracketed
    abbreviation behind the name; `start`/`end` are the characters of `label`."""

    token: int
    token_end: int
    start: int
    end: int
    label: str
    code: str | None
    family: str
    """survival | response | adverse_event | death | outcome | demographic | follow_up | generic"""
    term: str = ""
    """The lexicon's normal form; for adverse events the one that goes into the record."""
    source: str = "lexicon"
    """lexicon | abbreviation | survival_pattern | definition | chunk | cause"""
    disease: bool = False
    """Names the condition of people ("patients with heart failure") rather than something that happened to them."""
    cause: tuple[int, int] | None = None
    """Tokens of the cause behind "died of"."""


@dataclass(frozen=True, slots=True)
class _Entry:
    words: tuple[str, ...]
    exact: bool
    weak: bool
    code: str | None
    family: str
    term: str


@cache
def _index() -> Mapping[str, tuple[_Entry, ...]]:
    """First word -> entries, longest first. Exact (case-sensitive) entries stand under their word as written."""
    found: dict[str, list[_Entry]] = {}
    taken: set[tuple[str, ...]] = set()
    for row in rows("endpoints.tsv", ("term", "code", "family")):
        exact = row["style"] in ("abbr", "weak")
        words = tuple(row["term"].replace("-", " ").split()) if exact else normal_forms(row["term"])
        if words in taken:
            continue
        taken.add(words)
        entry = _Entry(words, exact, row["style"] == "weak", row["code"] or None, row["family"], row["term"])
        found.setdefault(words[0], []).append(entry)
    for row in rows("adverse_events.tsv", ("term", "normal", "system")):
        words = normal_forms(row["term"])
        if words in taken:
            continue
        taken.add(words)
        found.setdefault(words[0], []).append(_Entry(words, False, False, None, "adverse_event", row["normal"]))
    return MappingProxyType({word: tuple(sorted(entries, key=lambda e: -len(e.words))) for word, entries in found.items()})


_FREE = {
    "disease": "DFS", "progression": "PFS", "event": "EFS", "relapse": "RFS", "recurrence": "RFS", "failure": "FFS",
    "metastasis": "DMFS",
}  # fmt: skip
_PLAIN_SURVIVAL = frozenset(
    ("the", "median", "mean", "year", "month", "patient", "cumulative", "actuarial", "estimated", "and", "in", "of",
     "for", "on", "to", "that", "improved", "longer", "better", "prolonged", "term", "long", "shorter", "higher",
     "worse", "no", "a", "an", "their", "with", "or", "observed", "expected", "increased", "similar", "superior", "total",
     "day", "week", "rate", "extended", "prolong", "improve", "any", "all", "yr", "yrs", "meier", "kaplan", "cohort")
)  # fmt: skip


def find_endpoints(layout: Layout) -> list[EndpointMention]:
    """All mentions in text order; they do not overlap. Generic mentions ("the primary endpoint") take code, family and
    term of the definition that the text gives, and keep family "generic" where it gives none."""
    content = [i for i, word in enumerate(layout.words) if word not in DASHES]
    normal = [normal_form(layout.words[i]) for i in content]
    found = _scan(layout, content, normal)
    found = _resolve_abbreviations(layout, found)
    found = _drop_bracketed_repeats(layout, found)
    _mark_causes(layout, found)
    return _resolve_generic(layout, found)


def _mention(layout: Layout, first: int, last: int, entry: _Entry, source: str = "lexicon") -> EndpointMention:
    start, end = layout.starts[first], layout.ends[last]
    return EndpointMention(
        first, last + 1, start, end, layout.text[start:end], entry.code, entry.family, entry.term, source
    )


def _scan(layout: Layout, content: list[int], normal: list[str]) -> list[EndpointMention]:
    index, words = _index(), layout.words
    found: list[EndpointMention] = []
    k, count = 0, len(content)
    while k < count:
        hit = _match(index, words, content, normal, k)
        if hit is None:
            k += 1
            continue
        entry, end = hit
        first = k
        if entry.family == "survival" and normal[end - 1] == "survival" and not entry.exact:
            first, entry = _widen_survival(content, normal, layout, k, end, entry, found)
        if layout.sentence_of[content[first]] == layout.sentence_of[content[end - 1]]:
            found.append(_mention(layout, content[first], content[end - 1], entry))
        k = end
    return found


def _match(
    index: Mapping[str, tuple[_Entry, ...]], words: list[str], content: list[int], normal: list[str], k: int
) -> tuple[_Entry, int] | None:
    """The longest entry that starts at the k-th content token, and one past its last content token."""
    best: tuple[_Entry, int] | None = None
    for entry in index.get(normal[k], ()):
        length = len(entry.words)
        if not entry.exact and tuple(normal[k : k + length]) == entry.words:
            best = entry, k + length
            break
    word = words[content[k]]
    if word != word.lower():
        for entry in index.get(word, ()):
            length = len(entry.words)
            if entry.exact and tuple(words[i] for i in content[k : k + length]) == entry.words:
                if best is None or length > len(best[0].words):
                    best = entry, k + length
                break
    return best


def _widen_survival(
    content: list[int], normal: list[str], layout: Layout, k: int, end: int, entry: _Entry, found: list[EndpointMention]
) -> tuple[int, _Entry]:
    """The first content token and the entry of a "... survival": "X-free survival" for any X, "overall and disease-free
    survival" (adds the first one to `found`), a modifier that makes it another survival than that of the people."""
    if end - k == 1 and k >= 2 and normal[k - 1] == "free":
        first = k - 2
        while first > 0 and content[first] - content[first - 1] <= 2 and layout.words[content[first] - 1] in DASHES:
            first -= 1
        floor = found[-1].token_end if found else 0
        if content[first] >= floor:
            return first, replace_entry(entry, _FREE.get(normal[k - 2]), " ".join(normal[first:end]))
    if end - k == 1 and k and normal[k - 1] not in _PLAIN_SURVIVAL and normal[k - 1].isalpha():
        if layout.sentence_of[content[k - 1]] == layout.sentence_of[content[k]] and normal[k - 1] != "survival":
            return k - 1, replace_entry(entry, None if normal[k - 1] != "overall" else "OS", " ".join(normal[k - 1 : end]))
    if end - k > 1 and k >= 2 and normal[k - 1] in ("and", "or") and normal[k - 2] == "overall":
        i = content[k - 2]
        found.append(
            EndpointMention(
                i, i + 1, layout.starts[i], layout.ends[i], layout.words[i], "OS", "survival", "overall survival",
                "survival_pattern",
            )
        )  # fmt: skip
    return k, entry


def replace_entry(entry: _Entry, code: str | None, term: str) -> _Entry:
    """The entry under another code and term."""
    return replace(entry, code=code, term=term)


def _resolve_abbreviations(layout: Layout, found: list[EndpointMention]) -> list[EndpointMention]:
    """Short forms defined in the text take the endpoint of their long form; those defined as something else, and weak
    ones (CR, PD) without definition or company, are dropped."""
    by_token = {m.token_end: m for m in found}
    meaning: dict[str, EndpointMention | None] = {}
    for short, (first, last) in find_abbreviations(layout).items():
        long_form = by_token.get(last)
        if long_form is not None and long_form.token >= first - 3:
            meaning[short] = long_form
        else:
            meaning[short] = None
    weak = _weak_terms()
    company = {m.label for m in found if m.label in weak or m.code == "ORR"}
    kept: list[EndpointMention] = []
    known = {m.token for m in found}
    for m in found:
        if m.label in meaning:
            long_form = meaning[m.label]
            if long_form is None:
                continue
            m.code, m.family, m.term = long_form.code or m.code, long_form.family, long_form.term
        elif m.label in weak and not company - {m.label}:
            continue
        kept.append(m)
    unknown = {s: m for s, m in meaning.items() if m is not None and s.isalnum()}
    if unknown:
        for i, word in enumerate(layout.words):
            long_form = unknown.get(word)
            if long_form is not None and i not in known:
                start, end = layout.starts[i], layout.ends[i]
                kept.append(
                    EndpointMention(i, i + 1, start, end, word, long_form.code, long_form.family, long_form.term, "abbreviation")
                )
        kept.sort(key=lambda m: (m.token, -m.token_end))
        kept = _without_overlap(kept)
    return kept


@cache
def _weak_terms() -> frozenset[str]:
    return frozenset(row["term"] for row in rows("endpoints.tsv", ("term",)) if row["style"] == "weak")


def _without_overlap(found: list[EndpointMention]) -> list[EndpointMention]:
    kept: list[EndpointMention] = []
    for m in found:
        if not kept or m.token >= kept[-1].token_end:
            kept.append(m)
    return kept


def _drop_bracketed_repeats(layout: Layout, found: list[EndpointMention]) -> list[EndpointMention]:
    """"overall survival (OS)" is one mention."""
    kept: list[EndpointMention] = []
    for m in found:
        if kept:
            last = kept[-1]
            same = last.term == m.term or (last.code is not None and last.code == m.code)
            if same and m.token == last.token_end + 1 and layout.words[last.token_end] in OPENING:
                if m.token_end < len(layout.words) and layout.words[m.token_end] in CLOSING:
                    last.token_end = m.token_end + 1
                    continue
            if same and m.token == last.token_end and m.family == last.family:
                last.token_end, last.end = m.token_end, m.end  # "survival survival rate", "CR complete response"
                last.label = layout.text[last.start : last.end]
                continue
        kept.append(m)
    return kept


def _mark_causes(layout: Layout, found: list[EndpointMention]) -> None:
    """The words behind "died of", "death from", up to the time, place or next clause."""
    lower = layout.lower
    for m in found:
        if m.family != "death":
            continue
        i = m.token_end
        while i < len(lower) and i < m.token_end + 2 and lower[i] in ("(", "all", "each", "suddenly", "also"):
            i += 1
        if i >= len(lower) or lower[i] not in _DEATH_LINKS:
            continue
        link = lower[i]
        i += 1
        if link in ("due", "because") and i < len(lower):
            if lower[i] not in ("to", "of"):
                continue
            i += 1
        first = i
        limit = min(layout.sentences[layout.sentence_of[m.token]][1], i + 12)
        while i < limit and lower[i] not in _CAUSE_END and not lower[i][0].isdigit():
            i += 1
        # determiners and people are no cause: "died of the 12 patients", "deaths of patients"
        if i > first and not (i < len(lower) and lower[i][0].isdigit()) and lower[first] not in _NO_CAUSE:
            if link not in ("following", "after") or lower[first] not in ("a", "the", "treatment", "surgery"):
                m.cause = (first, i)


_CAUSE_END = frozenset(
    (".", ",", ";", "(", ")", "[", "]", ":", "on", "at", "during", "within", "in", "while", "whereas", "before", "after",
     "who", "which", "were", "was", "had", "compared", "versus", "vs", "but", "between", "that", "by", "among", "than",
     "for", "days", "months", "or", "occurred", "respectively")
)  # fmt: skip
_NO_CAUSE = frozenset(
    ("patients", "women", "men", "participants", "the", "any", "all", "a", "an", "whom", "which", "treatment", "study",
     "randomization", "randomisation", "baseline", "diagnosis", "surgery", "enrollment", "enrolment", "follow")
)  # fmt: skip


def cause_mention(layout: Layout, death: EndpointMention) -> EndpointMention | None:
    """The cause of a death as the mention that goes into the record, None where the text gives none."""
    if death.cause is None:
        return None
    first, end = death.cause
    start, stop = layout.starts[first], layout.ends[end - 1]
    return EndpointMention(
        death.token, end, start, stop, layout.text[start:stop], None, "death", layout.text[start:stop].lower(), "cause"
    )


def _resolve_generic(layout: Layout, found: list[EndpointMention]) -> list[EndpointMention]:
    """Give "the primary endpoint" what it was defined as: "The primary endpoint was pCR"."""
    definitions: dict[str, EndpointMention] = {}
    for k, m in enumerate(found):
        if m.family != "generic":
            continue
        rank = "secondary" if m.term.startswith("secondary") else "primary"
        if rank in definitions:
            continue
        defined = _definition(layout, m, found[k + 1 : k + 2])
        if defined is not None:
            definitions[rank] = defined
    for m in found:
        rank = "secondary" if m.term.startswith("secondary") else "primary"
        if m.family == "generic" and rank in definitions:
            defined = definitions[rank]
            m.code, m.family, m.term, m.source = defined.code, defined.family, defined.term, "definition"
    return found


def _definition(layout: Layout, generic: EndpointMention, following: Sequence[EndpointMention]) -> EndpointMention | None:
    """The endpoint stated right behind "the primary endpoint was", in the same sentence."""
    for m in following:
        gap = layout.lower[generic.token_end : m.token]
        if m.family == "generic" or len(gap) > 12 or layout.sentence_of[m.token] != layout.sentence_of[generic.token]:
            return None
        if any(w in ("was", "were", "is", "are", ":", "included", ",", "(", "be") for w in gap) or not gap:
            if any(w[0].isdigit() and not layout.words[generic.token_end + j].isalpha() for j, w in enumerate(gap[:2])):
                return None
            return m
    return None


def definition_before(layout: Layout, found: Sequence[EndpointMention], generic: EndpointMention) -> EndpointMention | None:
    """The endpoint of "pCR was the primary endpoint", None if the words before say no such thing."""
    before = [m for m in found if m.token_end <= generic.token and generic.token - m.token_end <= 3]
    gap = layout.lower[before[-1].token_end : generic.token] if before else []
    return before[-1] if before and any(w in _VERB for w in gap) else None
