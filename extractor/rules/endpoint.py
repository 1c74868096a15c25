"""Find what the text measures: endpoints, adverse events, deaths, and the definition of "the primary endpoint".

Reads the layout; every hit is a phrase of `lexicons/endpoints.tsv` or `lexicons/adverse_events.tsv` (any hyphenation,
number and spelling), an abbreviation that the text defines as one, or any "X-free survival". Cost is linear in the
number of tokens: one dictionary access per token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from extractor.rules.abbreviations import find_abbreviations
from extractor.rules.layout import CLOSING, OPENING, Layout
from extractor.rules.lexicon import rows, terms
from extractor.rules.number_context import PEOPLE
from extractor.rules.numbers import DASHES
from extractor.rules.phrase_index import PhraseIndex
from extractor.rules.word_forms import normal_form, normal_forms

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
    exact: bool
    disease: bool
    code: str | None
    family: str
    term: str


@cache
def _index() -> PhraseIndex[_Entry]:
    taken: set[tuple[str, ...]] = set()
    phrases: list[tuple[tuple[str, ...], bool, _Entry]] = []
    for row in rows("endpoints.tsv", ("term", "code", "family")):
        style = row["style"]
        exact = style in ("abbr", "weak")
        words = tuple(row["term"].replace("-", " ").split()) if exact else normal_forms(row["term"])
        entry = _Entry(exact, style == "disease", row["code"] or None, row["family"], row["term"])
        plural = [(words[0] + "s",)] if style == "abbr" and len(words) == 1 and words[0].isupper() else []  # "ORRs"
        for form in [words, *plural]:
            if form not in taken:
                taken.add(form)
                phrases.append((form, exact, entry))
    for row in rows("adverse_events.tsv", ("term", "normal", "system")):
        words = normal_forms(row["term"])
        if words not in taken:
            taken.add(words)
            phrases.append((words, False, _Entry(False, False, None, "adverse_event", row["normal"])))
    return PhraseIndex(phrases)


_FREE = {
    "disease": "DFS", "progression": "PFS", "event": "EFS", "relapse": "RFS", "recurrence": "RFS", "failure": "FFS",
    "metastasis": "DMFS",
}  # fmt: skip
_PLAIN_SURVIVAL = terms("statement_words.tsv", "survival")


def find_endpoints(layout: Layout) -> list[EndpointMention]:
    """All mentions in text order; they do not overlap. Generic mentions ("the primary endpoint") take code, family and
    term of the definition that the text gives, and keep family "generic" where it gives none."""
    found = _scan(layout)
    found = _resolve_abbreviations(layout, found)
    found = _drop_bracketed_repeats(layout, found)
    found = _join_composites(layout, found)
    _name_discontinuations(layout, found)
    _mark_causes(layout, found)
    return _resolve_generic(layout, found)


def _mention(layout: Layout, first: int, last: int, entry: _Entry, source: str = "lexicon") -> EndpointMention:
    start, end = layout.starts[first], layout.ends[last]
    return EndpointMention(
        first, last + 1, start, end, layout.text[start:end], entry.code, entry.family, entry.term, source,
        entry.disease,
    )  # fmt: skip


def _scan(layout: Layout) -> list[EndpointMention]:
    words = layout.words
    found: list[EndpointMention] = []
    for first, end, entry in _index().scan(words):
        if entry.family == "survival" and not entry.exact and normal_form(words[end - 1]) == "survival":
            first, entry = _widen_survival(layout, first, end, entry, found)
        if layout.sentence_of[first] == layout.sentence_of[end - 1] and not _decline(layout, first, end):
            found.append(_mention(layout, first, end - 1, entry))
    if "partial" in layout.lower:
        found += _part_responses(layout)
        found.sort(key=lambda m: (m.token, -m.token_end))
        found = _without_overlap(found)
    return found


def _decline(layout: Layout, i: int, end: int) -> bool:
    """Whether "fell" or "a fall in" is said of a value, not of people."""
    word = layout.lower[i]
    if end - i > 1 or word not in ("fell", "fall", "falls", "falling"):
        return False
    following = layout.lower[end] if end < len(layout.lower) else ""
    if word in ("fell", "falling"):
        return i == 0 or layout.lower[i - 1] not in PEOPLE
    return following in ("in", "of", "from", "to", "by", "below")


_PART_RESPONSE = {"complete": "CR", "partial": "PR"}


def _part_responses(layout: Layout) -> list[EndpointMention]:
    """The first half of "19 (31%) complete and 23 (38%) partial responses": the noun stands with the second only."""
    words, lower = layout.words, layout.lower
    found: list[EndpointMention] = []
    for i, word in enumerate(lower[:-2]):
        if word not in _PART_RESPONSE:
            continue
        for j in range(i + 1, min(i + 12, len(words) - 1)):
            if lower[j] in _PART_RESPONSE and normal_form(words[j + 1]) in ("response", "remission"):
                if j - i >= 2 and any(w in ("and", ",", "or") for w in lower[i + 1 : j]):
                    entry = _Entry(False, False, _PART_RESPONSE[word], "response", f"{word} response")
                    found.append(_mention(layout, i, i, entry))
                break
            if lower[j] in (".", ";"):
                break
    return found


def _join_composites(layout: Layout, found: list[EndpointMention]) -> list[EndpointMention]:
    """Join "death, myocardial infarction, or stroke" into one endpoint, and "admission for X or a death from Y"."""
    kept: list[EndpointMention] = []
    k = 0
    while k < len(found):
        m, j, last_or = found[k], k, False
        ends = k
        while j + 1 < len(found) and _joins(layout, found[j], found[j + 1]):
            j += 1
            last_or = "or" in layout.lower[found[j - 1].token_end : found[j].token]
            if last_or:
                ends = j
        chain = found[k : ends + 1]
        if ends > k and any(x.family in ("death", "outcome") for x in chain) and not any(x.disease for x in chain):
            last = chain[-1]
            label = layout.text[m.start : last.end]
            m = EndpointMention(
                m.token, last.token_end, m.start, last.end, label, None, "outcome", label.lower(), "composite"
            )
            if [x.family for x in chain] == ["outcome", "death"] and chain[0].term in (
                "recurrence",
                "relapse",
                "disease progression",
            ):
                m.code = "PFS" if "progression" in chain[0].term else "RFS"
            k = ends
        kept.append(m)
        k += 1
    return kept


def _joins(layout: Layout, left: EndpointMention, right: EndpointMention) -> bool:
    """Whether only "or", a comma and determiners stand between two things that happen to people."""
    if not {left.family, right.family} <= {"death", "outcome", "adverse_event"} or "rate" in left.label:
        return False
    if left.family == right.family == "adverse_event":
        return False
    gap = layout.lower[left.token_end : right.token]
    return 0 < len(gap) <= 4 and all(
        w in (",", "or", "a", "an", "any", "first", "nonfatal", "-", "non", "fatal", "from", "new") for w in gap
    )


_STOPPED = ("discontinu", "withdr", "stopp", "stop", "dropp", "ceas", "quit", "gave")


def _name_discontinuations(layout: Layout, found: Sequence[EndpointMention]) -> None:
    """ "Treatment was stopped because of adverse events": what is counted is stopping."""
    lower = layout.lower
    for m in found:
        if m.family != "adverse_event" or m.term not in (
            "adverse event",
            "toxicity",
            "treatment-related adverse event",
        ):
            continue
        pair = tuple(lower[max(0, m.token - 2) : m.token])
        if pair in (("because", "of"), ("due", "to"), ("owing", "to")):
            at = m.token - 2
        elif pair[-1:] == ("for",):
            at = m.token - 1
        else:
            continue
        begin = layout.sentences[layout.sentence_of[m.token]][0]
        if any(w.startswith(_STOPPED) for w in lower[max(begin, at - 8) : at]):
            m.term = "discontinuation due to adverse events"


def _back(words: list[str], i: int, floor: int) -> int:
    """The token before token i, dashes aside; -1 below `floor`."""
    i -= 1
    while i >= floor and words[i] in DASHES:
        i -= 1
    return i if i >= floor else -1


def _widen_survival(
    layout: Layout, i: int, end: int, entry: _Entry, found: list[EndpointMention]
) -> tuple[int, _Entry]:
    """The first token and the entry of a "... survival": "X-free survival" for any X, "overall and disease-free
    survival" (adds the first one to `found`), a modifier that makes it another survival than that of the people."""
    words = layout.words
    floor = max(found[-1].token_end if found else 0, layout.sentences[layout.sentence_of[i]][0])
    before = _back(words, i, floor)
    if before < 0:
        return i, entry
    form = normal_form(words[before])
    if end - i == 1 and form == "free":
        first = _back(words, before, floor)
        if first >= 0 and words[first].isalnum():
            name = normal_form(words[first])
            while first - 2 >= floor and words[first - 1] in DASHES and words[first - 2].isalpha():
                first -= 2
            return first, replace(entry, code=_FREE.get(name), term=" ".join(normal_forms(" ".join(words[first:end]))))
    if end - i == 1 and form not in _PLAIN_SURVIVAL and form.isalpha():
        return before, replace(entry, code=None, term=f"{form} survival")
    if end - i > 1 and form in ("and", "or"):
        k = _back(words, before, floor)
        if k >= 0 and normal_form(words[k]) == "overall":
            found.append(
                EndpointMention(
                    k, k + 1, layout.starts[k], layout.ends[k], words[k], "OS", "survival", "overall survival",
                    "survival_pattern",
                )
            )  # fmt: skip
    return i, entry


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
            own = m.code if m.family == long_form.family else None
            m.code, m.family, m.term = long_form.code or own, long_form.family, long_form.term
        elif m.label in weak and not company - {m.label}:
            continue
        kept.append(m)
    unknown = {s: m for s, m in meaning.items() if m is not None and s.isalnum()}
    if unknown:
        for i, word in enumerate(layout.words):
            long_form = unknown.get(word) or unknown.get(word[:-1] if word[-1] == "s" else "")
            if long_form is not None and i not in known:
                start, end = layout.starts[i], layout.ends[i]
                kept.append(
                    EndpointMention(
                        i, i + 1, start, end, word, long_form.code, long_form.family, long_form.term, "abbreviation"
                    )
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
    """Make one mention of "overall survival (OS)"."""
    kept: list[EndpointMention] = []
    for m in found:
        if kept:
            last = kept[-1]
            same = last.term == m.term or (last.code is not None and last.code == m.code)
            if same and m.token == last.token_end + 1 and _bracketed(layout, m):
                last.token_end = m.token_end + 1
                last.code = last.code or m.code
                continue
            if same and m.token == last.token_end and m.family == last.family:
                last.token_end, last.end = m.token_end, m.end  # "survival survival rate", "CR complete response"
                last.label = layout.text[last.start : last.end]
                continue
        kept.append(m)
    return kept


def _bracketed(layout: Layout, m: EndpointMention) -> bool:
    words = layout.words
    return words[m.token - 1] in OPENING and m.token_end < len(words) and words[m.token_end] in CLOSING


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
            m.cause = (first, i)


_CAUSE_END = terms("statement_words.tsv", "causeend")
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


def _definition(
    layout: Layout, generic: EndpointMention, following: Sequence[EndpointMention]
) -> EndpointMention | None:
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
