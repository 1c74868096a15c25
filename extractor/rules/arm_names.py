"""Find what may be the name of an arm, with the evidence for it: phrases, "group A" labels, doses, and their context.

A phrase is a run of words that no function word, number or common trial word (`arm_breaks.tsv`) interrupts. Phrases
with the same words that carry identity are one candidate name. What stands around its places ("randomized to",
"versus", "group", the title) becomes named features, which `weights/arm_name.tsv` weighs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from extractor.rules.layout import Layout
from extractor.rules.lexicon import rows, terms
from extractor.rules.numbers import UNIT_CLASS, Number

Key = tuple[str, ...]
"""The words of a name that carry identity, in order; `JOINED` between the parts of a combination, `WITHOUT` in front of
what is withheld."""

JOINED, WITHOUT, LABEL, DOSE = "+", "-", "group", "#"
_LISTED = frozenset((",", "and", "or", "/", "vs", "versus", "-", "to", "&"))
HEAD = terms("arm_words.tsv", "head")
FILLER = terms("arm_words.tsv", "filler")
LEAD = terms("arm_words.tsv", "lead")
_BREAKS = frozenset(row["term"] for row in rows("arm_breaks.tsv", ("term",)))
_HYPHENS = frozenset("-–‐‑")
_INSIDE = frozenset("-–‐‑/'’&·")
_LABELLED = frozenset(("group", "groups", "arm", "arms", "grp", "cohort", "cohorts", "regimen", "gp", "gr", "series"))
LETTERS: Mapping[str, int] = {w: i for i, w in enumerate("abcdefgh")} | {
    "i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5,
}  # fmt: skip
_CONNECTORS = frozenset(
    ("or", "and", "versus", "vs", "v", "plus", "+", "with", ",", ";", "/", "against", "than", "compared", "followed",
     "then", "combined", "combination", "over", "to", "without", "alone", "relative")
)  # fmt: skip
_PASSED = terms("arm_words.tsv", "passed") | LEAD | frozenset(UNIT_CLASS) | HEAD
_PREPOSITIONS = frozenset(
    ("of", "with", "to", "in", "for", "on", "by", "and", "or", ",", "(", "from", "than", ":", "as")
)
_SKIPPED_LEFT = terms("arm_words.tsv", "skipped") | frozenset(UNIT_CLASS)
_STRONG_JOINTS = frozenset(("plus", "+", "followed", "then", "combined", "combination", "addition"))
_WEAK_TRIGGERS = frozenset(
    ("receive", "received", "receiving", "given", "either", "or", "versus", "vs", "plus", "to", "of", "with", "than",
     "compared", "between", ":", "and", "(", "", ",", "alone", "by", "for")
)  # fmt: skip
_BLINDS = frozenset(("placebo", "sham", "vehicle", "dummy", "active", "double"))
_NEGATIONS = frozenset(("no", "without", "non", "not"))
_NEVER_FIRST = (_BREAKS - _LABELLED) | frozenset('.,;:()[]=%<>"±')
_RANDOM = frozenset(
    ("randomized", "randomised", "randomly", "randomization", "randomisation", "random", "assigned", "allocated")
)
_MAX_WORDS = 8


def stem(word: str) -> str:
    """The word without a plural s."""
    if len(word) > 4 and word[-1] == "s" and word[-2] not in "sui":
        return word[:-1]
    return word


@dataclass(slots=True)
class Phrase:
    """A name at one place in the text."""

    begin: int
    end: int
    key: Key
    sentence: int
    left: str = ""
    """The word before that says what the phrase is for ("receive", "versus"), articles and doses skipped."""
    trigger: str = ""
    """`left`, or that of the first phrase of the list in which this one stands."""


@dataclass(slots=True)
class Candidate:
    """All places of one name. `words` are the forms it takes, as lower-case tokens."""

    key: Key
    places: list[Phrase] = field(default_factory=list)
    features: dict[str, None] = field(default_factory=dict)
    """Named evidence; a dictionary keeps the order of the text, so that sums do not depend on the hash seed."""
    heads: int = 0
    capital: bool = False
    """Whether it is written in capitals, as an abbreviation."""


@dataclass(slots=True)
class Names:
    """The candidates of an article, and which stood side by side, with what between them."""

    candidates: dict[Key, Candidate]
    gaps: dict[tuple[Key, Key], dict[str, None]]


_identity_cache: dict[tuple[str, ...], Key] = {}


def identity(words: tuple[str, ...]) -> Key:
    """The words of a name that tell it from others; all of them if none does."""
    found = _identity_cache.get(words)
    if found is None:
        stems = [stem(w) for w in words if w not in _INSIDE]
        found = tuple(w for w in stems if w not in FILLER) or tuple(stems)
        if len(_identity_cache) > 50_000:
            _identity_cache.clear()
        _identity_cache[words] = found
    return found


def phrases_of(layout: Layout, begin: int, end: int, sentence: int) -> Iterator[Phrase]:
    """The phrases and labels of one sentence in order."""
    lower, words, starts, ends = layout.lower, layout.words, layout.starts, layout.ends
    i = begin
    start = -1
    while i <= end:
        word = lower[i] if i < end else "."
        if start < 0 and word in _NEVER_FIRST and (i + 1 >= end or lower[i + 1] not in _HYPHENS):
            i += 1
            continue
        first = word[0]
        if (
            first.isalpha()
            and (word not in _BREAKS or (i + 1 < end and lower[i + 1] in _HYPHENS and ends[i] == starts[i + 1]))
            and word not in HEAD
            and (len(word) > 1 or words[i].isupper())
        ):
            if start < 0:
                start = i
            i += 1
            continue
        if (
            start >= 0
            and i < end
            and (
                (
                    word in _INSIDE
                    and i + 1 < end
                    and ends[i] == starts[i + 1]
                    and (ends[i - 1] == starts[i] or word in "/&")
                )
                or (first.isdigit() and ends[i - 1] == starts[i])
            )
        ):
            i += 1
            continue
        if start < 0 and first.isdigit() and i + 2 < end and lower[i + 1] in _HYPHENS and ends[i] == starts[i + 1]:
            follow = lower[i + 2]
            if follow[0].isalpha() and ends[i + 1] == starts[i + 2]:
                start = i
                i += 3 if follow in UNIT_CLASS else 2
                continue
        if start >= 0:
            stop = i
            while stop > start and (lower[stop - 1] in _INSIDE or (lower[stop - 1] in _BREAKS and stop < i)):
                stop -= 1
            if (
                stop > start + 2
                and lower[stop - 1][:7] == "control"
                and lower[stop - 2] in _HYPHENS
                and lower[start] in _BLINDS
            ):
                start = -1  # "placebo-controlled" is a design, no arm
                continue
            while start < stop - 1 and lower[start] in LEAD:
                start += 1
            if stop - start > _MAX_WORDS:
                start = stop - _MAX_WORDS
            if stop > start and (
                stop - start > 1 or lower[start] not in ("p", "n", "i", "ci", "hr", "or", "rr", "sd", "se")
            ):
                negated = start > begin and lower[start - 1] in _NEGATIONS
                key = identity(tuple(lower[start:stop]))
                yield Phrase(start - negated, stop, (WITHOUT, *key) if negated else key, sentence)
            start = -1
        if word in _LABELLED and i + 1 < end:
            i += 1
            label = words[i]
            while _is_label(label) or (lower[i] in LETTERS and label.isdigit()):
                yield Phrase(i - 1 if lower[i - 1] in _LABELLED else i, i + 1, (LABEL, lower[i]), sentence)
                if (
                    i + 2 < end
                    and lower[i + 1] in ("and", ",", "or", "/", "vs", "versus", "&", "-")
                    and word[-1] == "s"
                ):
                    i += 2
                    if i + 1 < end and lower[i] in ("and", "or"):
                        i += 1
                    label = words[i]
                    continue
                i += 1
                break
            continue
        i += 1


def _is_label(word: str) -> bool:
    """What may stand behind "group": "A", "TF", "E1", "II"."""
    return len(word) <= 4 and word[0].isupper() and word[1:] == word[1:].upper()


def find_names(layout: Layout, numbers: list[Number]) -> Names:
    """The candidate names of an article."""
    names = Names({}, {})
    lower = layout.lower
    for sentence, (begin, end) in enumerate(layout.sentences[:400]):
        randomised = not _RANDOM.isdisjoint(lower[begin:end])
        previous: Phrase | None = None
        previous_candidate: Candidate | None = None
        for phrase in phrases_of(layout, begin, end, sentence):
            gap = lower[previous.end : phrase.begin] if previous is not None else None
            candidate = _add(layout, names, phrase, begin, end, randomised)
            if previous is not None and previous_candidate is not None and gap is not None and len(gap) <= 16:
                connector = _connector(gap)
                if connector:
                    candidate.features["C:" + connector] = None
                    previous_candidate.features["N:" + connector] = None
                    if phrase.left in _CONNECTORS or phrase.left == "":
                        phrase.trigger = previous.trigger
                        candidate.features["TI:" + phrase.trigger] = None
                    if candidate is not previous_candidate:
                        names.gaps.setdefault((previous.key, phrase.key), {})[_signature(gap, connector)] = None
                    if connector in _STRONG_JOINTS or (
                        connector in ("and", "with", "/") and len(gap) <= 3 and previous.left in _WEAK_TRIGGERS
                    ):
                        joined = Phrase(previous.begin, phrase.end, (*previous.key, JOINED, *phrase.key), sentence)
                        if len(joined.key) <= 9 and previous.key != phrase.key:
                            combined = _add(layout, names, joined, begin, end, randomised)
                            combined.features["J:" + connector] = None
                            joined.trigger = previous.trigger
                            if joined.trigger != joined.left:
                                combined.features["TI:" + joined.trigger] = None
                elif candidate is not previous_candidate and (
                    len(gap) <= 6 or previous.key[0] == LABEL or phrase.key[0] == LABEL
                ):
                    names.gaps.setdefault((previous.key, phrase.key), {})[_signature(gap, "")] = None
            previous, previous_candidate = phrase, candidate
    _add_doses(layout, names, numbers)
    return names


def _add_doses(layout: Layout, names: Names, numbers: list[Number]) -> None:
    """Doses that a sentence sets side by side ("0.25 mg or 0.5 mg", "10, 20 and 40 mg") are candidates too."""
    lower = layout.lower
    unit_of: dict[int, str] = {}
    by_unit: dict[str, set[float]] = {}
    for n, follower in zip(reversed(numbers), [None, *reversed(numbers)], strict=False):
        unit = n.unit if n.unit_class == "dose" else None
        if unit is None and n.unit is None and not n.in_words and follower is not None and follower.index in unit_of:
            gap = lower[n.after : follower.token]
            if gap and len(gap) <= 2 and all(w in _LISTED for w in gap):
                unit = unit_of[follower.index]
        if unit is not None:
            unit_of[n.index] = unit
            by_unit.setdefault(unit, set()).add(n.value)
    for n in numbers:
        unit = unit_of.get(n.index, "")
        if len(by_unit.get(unit, ())) < 2 or not any(
            unit_of.get(k) == unit and numbers[k].sentence == n.sentence and numbers[k].value != n.value
            for k in range(max(0, n.index - 4), min(len(numbers), n.index + 5))
        ):
            continue
        begin, end = layout.sentences[n.sentence]
        phrase = Phrase(n.token, max(n.after, n.token_end), (DOSE, n.text, unit.lower()), n.sentence)
        candidate = _add(layout, names, phrase, begin, end, not _RANDOM.isdisjoint(lower[begin:end]))
        candidate.features[f"doses:{min(len(by_unit[unit]), 5)}"] = None
        candidate.features["unit:" + unit] = None
        before = lower[n.token - 1] if n.token > begin else ""
        candidate.features["before:" + (before if before in _LISTED or before in _PASSED else "word")] = None


def _add(layout: Layout, names: Names, phrase: Phrase, begin: int, end: int, randomised: bool) -> Candidate:
    """Enter a phrase and what stands around it."""
    lower = layout.lower
    candidate = names.candidates.get(phrase.key)
    if candidate is None:
        first_word = layout.words[phrase.begin]
        capital = len(first_word) > 1 and first_word[0].isupper() and not first_word[1:].islower()
        candidate = names.candidates[phrase.key] = Candidate(phrase.key, capital=capital)
    candidate.places.append(phrase)
    found = candidate.features
    j = phrase.begin - 1
    skipped = 0
    while j >= begin and skipped < 9 and (lower[j] in _SKIPPED_LEFT or lower[j][0].isdigit()):
        if (
            j + 1 < phrase.begin
            and lower[j] == "of"
            and not (
                lower[j + 1] in UNIT_CLASS
                or lower[j - 1] in UNIT_CLASS
                or lower[j - 1] in ("dose", "doses", "courses", "cycles", "course", "weeks", "months", "days")
            )
        ):
            break
        if lower[j] == "of" and not (lower[j - 1] in UNIT_CLASS or lower[j - 1] in _SKIPPED_LEFT):
            break
        j -= 1
        skipped += 1
    left = lower[j] if j >= begin else ""
    phrase.left = phrase.trigger = left
    found["L:" + left] = None
    if left in _PREPOSITIONS and j > begin:
        before = lower[j - 1]
        found[f"LL:{left}<{'#' if before[0].isdigit() else before}"] = None
    i = phrase.end
    if i < end and lower[i] in _HYPHENS:
        i += 1
    right = lower[i] if i < end else "."
    if right in HEAD:
        candidate.heads += 1
        if i + 1 < end and lower[i + 1] == "(":
            found["R:head("] = None
    elif right in "([" and i + 1 < end:
        inside = lower[i + 1]
        right = "(" + (
            "#"
            if inside[0].isdigit()
            else inside
            if inside in ("n", "group", "arm", "p")
            else "A"
            if layout.words[i + 1][0].isupper()
            else "w"
        )
    elif right[0].isdigit():
        right = "#u" if i + 1 < end and lower[i + 1] in UNIT_CLASS else "#"
    found["R:" + right] = None
    if phrase.sentence == 0:
        found["T"] = None
        found["TL:" + left] = None
        found["TR:" + right] = None
        if phrase.begin == begin:
            found["Tfirst"] = None
    if randomised:
        found["rnd:" + left] = None
        found["rndR:" + right] = None
    return candidate


def _connector(gap: list[str]) -> str:
    """What joins two phrases into a list, "" if they do not stand in one."""
    joint = ""
    for word in gap:
        if word in _CONNECTORS:
            if not joint or joint in (",", "with", "to", "and") or word in ("versus", "vs"):
                joint = word
        elif word not in _PASSED and not word[0].isdigit():
            return ""
    return "versus" if joint in ("vs", "v") else joint


_UNSAID = frozenset(("n", "=", ")", "the", "a", "an", "of", "patients", "/", "-", "oral", "daily")) | frozenset(
    UNIT_CLASS
)


def _signature(gap: list[str], connector: str) -> str:
    """The gap in short: its words without brackets' "n = 20" and numbers."""
    kept = [w for w in gap if w not in _UNSAID and not w[0].isdigit()]
    return connector + "|" + " ".join(kept[:3])
