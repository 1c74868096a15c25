"""Find how a study was done: phase, design, randomization, blinding, setting, and which conditions it is about.

Reads the first `READ_TOKENS` tokens of the layout, where articles say so; every finding is the stating words with their
span. "Randomized" counts only where it is stated of this study: not "non-randomized", "randomized trials are needed".
Source: CONSORT 2010 items 1a, 3a, 4b, 8a, 11a.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from extractor.rules.endpoint_phrase import VERB
from extractor.rules.layout import Layout
from extractor.rules.lexicon import rows, terms
from extractor.rules.number_context import PEOPLE
from extractor.rules.numbers import DASHES
from extractor.rules.phrase_index import PhraseIndex
from extractor.rules.word_forms import normal_forms

READ_TOKENS = 1500
MAX_CONDITIONS = 3

_NOT = frozenset(("non", "not", "without", "no", "nor", "un", "lack", "never", "rather"))
_PLANS = frozenset(
    ("needed", "warranted", "future", "planned", "necessary", "required", "ongoing", "underway", "should")
)
_PLURAL = frozenset(("trials", "studies", "rcts", "controlled trials"))
_STRONG = ("meta-analysis", "systematic review", "crossover", "factorial", "cluster", "case-control", "dose-finding",
           "single-arm", "cohort", "cross-sectional", "parallel", "case series", "before-after", "basket")  # fmt: skip
_PHASES = terms("statement_words.tsv", "phase")
_MODIFIERS = terms("statement_words.tsv", "modifier")
_NO_EDGE = terms("statement_words.tsv", "noedge")
_GENERAL = frozenset(
    ("cancer", "diabete", "pregnancy", "smoking", "anemia", "trauma", "hypertension", "obesity", "solid tumor",
     "stroke", "constipation", "diarrhea", "neutropenia", "cardiovascular disease")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StudyMention:
    """Stating words with their characters; `normal` is the form they stand for ("double-blind", "III")."""

    start: int
    end: int
    label: str
    normal: str


@dataclass(slots=True)
class StudyFindings:
    """What an article says of its design; None or empty where it does not say."""

    phase: StudyMention | None = None
    design: StudyMention | None = None
    randomized: StudyMention | None = None
    blinding: StudyMention | None = None
    setting: StudyMention | None = None
    conditions: list[StudyMention] = field(default_factory=list)


@cache
def _index() -> PhraseIndex[tuple[str, str]]:
    """Phrases with (field, normal form)."""
    phrases = [
        (normal_forms(row["term"]), False, (row["field"], row["normal"]))
        for row in rows("study_design.tsv", ("term", "field", "normal"))
    ]
    for row in rows("conditions.tsv", ("term",)):
        words = normal_forms(row["term"])
        phrases.append((words, False, ("condition", " ".join(words))))
    return PhraseIndex(phrases)


def find_study(layout: Layout) -> StudyFindings:
    """The study's design as stated in the article."""
    found = StudyFindings(phase=_phase(layout))
    designs: list[StudyMention] = []
    settings: list[StudyMention] = []
    conditions: list[tuple[int, int, str]] = []
    for first, end, (kind, value) in _index().scan(layout.words[:READ_TOKENS]):
        last = end - 1
        if kind == "condition":
            conditions.append((first, last, value))
        elif _stated(layout, first, last, kind):
            mention = _mention(layout, first, last, value)
            if kind == "design":
                designs.append(mention)
            elif kind == "setting":
                settings.append(mention)
            elif kind == "randomized" and found.randomized is None:
                found.randomized = mention
            elif kind == "blinding" and (found.blinding is None or (found.blinding.normal == "blinded" != value)):
                found.blinding = mention
    found.design = min(designs, key=lambda m: (_rank(m), m.start), default=None)
    found.setting = min(
        settings, key=lambda m: (m.normal not in ("multicenter", "single-center"), m.start), default=None
    )
    if found.design is not None and found.design.normal in ("meta-analysis", "systematic review"):
        found.randomized = None
    if found.design is not None and found.design.normal == "single-arm" and found.randomized is not None:
        found.design = None  # "a single-group run-in" of a randomized trial
    found.conditions = _conditions(layout, conditions)
    return found


def _rank(mention: StudyMention) -> int:
    return _STRONG.index(mention.normal) if mention.normal in _STRONG else len(_STRONG)


def _mention(layout: Layout, first: int, last: int, normal: str) -> StudyMention:
    start, end = layout.starts[first], layout.ends[last]
    return StudyMention(start, end, layout.text[start:end], normal)


def _stated(layout: Layout, first: int, last: int, kind: str) -> bool:
    """Whether the words are said of this study."""
    lower = layout.lower
    before = lower[max(0, first - 2) : first]
    if any(w in _NOT for w in before) and kind in ("randomized", "design", "blinding") and lower[first] not in _NOT:
        return False
    if layout.sentence_of[first] != layout.sentence_of[last]:
        return False
    after = lower[last + 1 : last + 5]
    if kind == "randomized":
        if lower[first] in ("coin", "randomly") and after[:1] in (["selected"], ["chosen"], ["sampled"]):
            return False
        return not any(w in _PLURAL for w in after) and lower[first] != "rcts" and not _planned(layout, first)
    if kind == "design":
        return not any(w in ("trials", "studies") for w in after[:2]) and not _planned(layout, first)
    return True


def _planned(layout: Layout, i: int) -> bool:
    """Whether the sentence asks for further studies."""
    begin, end = layout.sentences[layout.sentence_of[i]]
    return any(w in _PLANS for w in layout.lower[begin : min(end, begin + 60)])


def _phase(layout: Layout) -> StudyMention | None:
    """ "phase III", "Phase II/III", "phase 1b", "phase 2-3"."""
    lower = layout.lower
    for i, word in enumerate(lower[:READ_TOKENS]):
        if word not in ("phase", "phases"):
            continue
        j = i + 1
        if j < len(lower) and lower[j] in DASHES:
            j += 1
        last = -1
        while j < len(lower) and (lower[j] in _PHASES or (last >= 0 and lower[j] in ("a", "b") and layout.adjacent(j))):
            last = j
            j += 1
            if j < len(lower) and lower[j] in ("a", "b", "c") and layout.adjacent(j):
                last = j
                j += 1
            if j + 1 < len(lower) and (lower[j] == "/" or lower[j] in DASHES) and lower[j + 1] in _PHASES:
                j += 1
        if last < 0 or _planned(layout, i) or "trials" in lower[last + 1 : last + 4]:
            continue
        following = lower[last + 1 : last + 3]
        if following[:1] == ["of"] and "of" in following and lower[i - 1 : i] != ["a"]:
            continue  # "in phase 1 of the programme"
        normal = "".join(lower[i + 1 : last + 1]).lstrip("-–‐").upper()
        return _mention(layout, i, last, normal)
    return None


def _conditions(layout: Layout, hits: list[tuple[int, int, str]]) -> list[StudyMention]:
    """The first few conditions: those of the title, then those that people are said to have."""
    lower = layout.lower
    chosen: dict[str, tuple[int, int]] = {}
    weight: dict[str, float] = {}
    for first, last, value in hits:
        start = first
        while start > 0 and (lower[start - 1] in _MODIFIERS or lower[start - 1] in DASHES) and first - start < 7:
            start -= 1
        while start < first and (lower[start] in _NO_EDGE or lower[start] in DASHES):
            start += 1
        before = lower[start - 1] if start else ""
        points = 3.0 if layout.sentence_of[first] == 0 else 0.0
        if before in ("with", "for", "having", "of") and start >= 2:
            points += (
                3.0 if lower[start - 2] in PEOPLE or lower[start - 2] in ("treatment", "therapy", "diagnosis") else 1.0
            )
        points += 0.5
        if value in _GENERAL:
            points *= 0.4
        weight[value] = weight.get(value, 0.0) + points
        chosen.setdefault(value, (start, last))
    best = [v for v in sorted(chosen, key=lambda v: (-weight[v], chosen[v])) if weight[v] >= 3.0]
    kept: list[str] = []
    for value in best:
        # "cancer" beside "breast cancer", "breast cancer" beside "metastatic breast cancer"
        if not any(set(value.split()) <= set(k.split()) or set(k.split()) <= set(value.split()) for k in kept):
            kept.append(value)
    if not kept:
        title = layout.sentences[0][1] if layout.sentences else 0
        first_part = min(int(len(lower) * _FIRST_PART), READ_TOKENS)
        pattern = _people_with(layout, 1, title) or _by_ending(layout, title) or _people_with(layout, title, first_part)
        return [pattern] if pattern is not None else []
    kept = sorted(kept[:MAX_CONDITIONS], key=lambda v: chosen[v])
    return [_mention(layout, *chosen[v], v) for v in kept]


_DISEASE = re.compile(
    r"(itis|iasis|[^gn]osis|[^rl]oma|pathy|[^l]emia|aemia|algia|plegia|penia|rrhea|rrhoea|ectasis|dystrophy|disease"
    r"|syndrome|disorder|injury|injuries|fracture|cancer|carcinoma|infection|failure|deficiency|ulcer|deformity|apnea"
    r"|apnoea|depression|stenosis|lesion|hypoplasia|neoplasm|phobia)s?$"
)
_MAX_WORDS = 6


def _by_ending(layout: Layout, end: int) -> StudyMention | None:
    """The first phrase of the title, which ends at token `end`, whose last word ends as the names of diseases do
    ("obscure chorioretinopathy")."""
    lower = layout.lower
    for last in range(end):
        if not _DISEASE.search(lower[last]) or len(lower[last]) < _SHORTEST:
            continue
        if last + 1 < end and _DISEASE.search(lower[last + 1]):
            continue
        first = last
        while (
            first > 0
            and last - first < _MAX_WORDS
            and (lower[first - 1].isalpha() or lower[first - 1] in DASHES)
            and lower[first - 1] not in _PATTERN_END
            and lower[first - 1] not in _BEFORE_DISEASE
            and lower[first - 1] not in PEOPLE
            and lower[first - 1] not in VERB
        ):
            first -= 1
        while first < last and (lower[first] in _NO_EDGE or lower[first] in DASHES):
            first += 1
        return _mention(layout, first, last, " ".join(lower[first : last + 1]))
    return None


_SHORTEST = 5


_BEFORE_DISEASE = frozenset(("with", "of", "for", "in", "a", "an", "the", "on", "to", "after", "from", "by", "at"))


def _people_with(layout: Layout, begin: int, end: int) -> StudyMention | None:
    """ "patients with X" for an X that no lexicon knows, in tokens `begin` to `end`."""
    lower = layout.lower
    for i in range(begin, min(end, len(lower) - 1)):
        if lower[i] != "with" or lower[i - 1] not in PEOPLE:
            continue
        first = i + 1
        while first < len(lower) and lower[first] in ("a", "an", "the", "at", "least", "one"):
            first += 1
        if lower[first + 1 : first + 2] and lower[first] in _RISKS and lower[first + 1] == "of":
            first += 2
        elif lower[first + 2 : first + 3] and lower[first + 1] in _RISKS and lower[first + 2] == "of":
            first += 3
        last = first
        while (
            last < len(lower)
            and last < first + _MAX_WORDS
            and (lower[last].replace("'", "").replace("’", "").isalpha() or lower[last] in DASHES)
            and lower[last] not in _PATTERN_END
            and lower[last] not in VERB
        ):
            last += 1
        if last <= first or lower[first] in _PATTERN_END or not layout.words[first][0].isalpha():
            continue
        # of "severe or refractory hiccups" only the first word was read
        cut = last < len(lower) and lower[last] in ("or", "and") and last - first == 1
        if not cut and lower[last - 1] not in _NO_CONDITION:
            return _mention(layout, first, last - 1, " ".join(lower[first:last]))
    return None


_FIRST_PART = 0.6
_RISKS = frozenset(("risk", "likelihood", "probability", "history", "suspicion"))
_NO_CONDITION = frozenset(
    ("values", "value", "risk", "preference", "preferences", "prognosis", "score", "scores", "level", "levels",
     "volume", "access", "likelihood", "history", "disease", "illness", "symptoms", "function", "concentrations",
     "or", "difficulties", "needs", "problems", "characteristics", "results", "regard", "respect", "relapsed")
)  # fmt: skip
_PATTERN_END = terms("statement_words.tsv", "patternend")
