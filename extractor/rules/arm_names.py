"""Find what may be the name of an arm, with the evidence for it: phrases, "group A" labels, doses, and their context.

A phrase is a run of words that no function word, number or common trial word (`arm_breaks.tsv`) interrupts. Phrases
with the same words that carry identity are one candidate name. What stands around its places ("randomized to",
"versus", "group", the title) becomes named features, which `weights/arm_name.tsv` weighs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from extractor.rules.layout import Layout
from extractor.rules.lexicon import mapping, rows, terms
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
_WEAK_JOINTS = frozenset(("and", "with", "/"))
_STRONG_JOINTS = frozenset(("plus", "+", "followed", "then", "combined", "combination", "addition"))
_WEAK_TRIGGERS = frozenset(
    ("receive", "received", "receiving", "given", "either", "or", "versus", "vs", "plus", "to", "of", "with", "than",
     "compared", "between", ":", "and", "(", "", ",", "alone", "by", "for")
)  # fmt: skip
_BLINDS = frozenset(("placebo", "sham", "vehicle", "dummy", "active", "double"))
_NEGATIONS = frozenset(("no", "without", "non", "not"))
_RANDOM = frozenset(
    ("randomized", "randomised", "randomly", "randomization", "randomisation", "random", "assigned", "allocated")
)
_NO_NAMES = frozenset(("p", "n", "i", "ci", "hr", "or", "rr", "sd", "se"))
_APART = frozenset(("or", "vs", "versus", "than", "compared", "=", "±", "n", ";", ":", "no", "p", "<", ">", "%"))
"""What sets two names apart, so that they are no combination: "A (5 ± 1) and B", "A plus B or C"."""
_OF_GROUPS = frozenset(("combination", "combined"))
"""No connectors before "group" and the like: "A plus B (combination arm) or placebo"."""
_DOSING = frozenset(("dose", "doses", "courses", "cycles", "course", "weeks", "months", "days")) | frozenset(UNIT_CLASS)
_BRACKETED = frozenset(("n", "group", "arm", "p"))
_CUE_CLASS = mapping("cue_words.tsv", "stem", "class")
_STEM = 7
"""Letters to which the stems of `cue_words.tsv` are cut."""
_CUE_WORDS = _CONNECTORS | _PREPOSITIONS | frozenset(
    (")", "]", "[", "=", "%", "who", "was", "were", "is", "did", "no", "not", "either", "respectively", "at", "both",
     "between", "after", "before", "during", "using", "while")
)  # fmt: skip
_MAX_WORDS = 8
_MAX_GAP, _MAX_OPEN_GAP = 16, 6
"""Tokens between two phrases that a connector may join, and that count without one."""
_MAX_JOINED = 9
"""Words of a combination, `JOINED` among them."""
_MAX_SKIPPED = 9
_MAX_SENTENCES = 400
_MAX_CACHED = 50_000

_WORD: Final = "w"
_BREAK: Final = "b"
_LETTER: Final = "u"
_LABELS: Final = "g"
_INNER: Final = "-"
_DIGIT: Final = "d"
_OTHER: Final = "."
"""What a word is to a phrase; of _WORD, _LETTER and _LABELS each may begin one, or a label."""


class _Word:
    """What a word says, wherever it stands."""

    __slots__ = ("cue", "kind", "random")

    def __init__(self, word: str) -> None:
        self.kind = _kind(word)
        self.cue = _cue(word)
        """What it tells of the names beside it, "" if nothing."""
        self.random = word in _RANDOM


def _kind(word: str) -> str:
    first = word[0]
    if not first.isalpha():
        return _DIGIT if first.isdigit() else _INNER if word in _INSIDE else _OTHER
    if word in HEAD:
        return _LABELS if word in _LABELLED else _OTHER
    if word in _BREAKS:
        return _BREAK
    return _WORD if len(word) > 1 else _LETTER


def _cue(word: str) -> str:
    if word[0].isdigit():
        return "#"
    if word in HEAD:
        return "group"
    return sys.intern(_CUE_CLASS.get(word[:_STEM]) or (word if word in _CUE_WORDS else ""))


_known: dict[str, _Word] = {}
"""By the word in lower case; filled as words turn up. This and what is remembered below are plain dictionaries:
compiled, they are looked up faster than through a `lru_cache`."""


def _learn(word: str) -> _Word:
    found = _Word(word)
    if len(_known) < _MAX_CACHED:
        _known[word] = found
    return found


_stems: dict[str, str] = {}


def names_something(word: str) -> bool:
    """Whether a word in lower case may stand in a name."""
    return _kind(word) == _WORD


def stem(word: str) -> str:
    """The word without a plural s."""
    found = _stems.get(word)
    if found is None:
        found = sys.intern(word[:-1]) if len(word) > 4 and word[-1] == "s" and word[-2] not in "sui" else word
        if len(_stems) < _MAX_CACHED:
            _stems[word] = found
    return found


# Not dataclasses: there are dozens of both in an article, and compiled, a constructor that is written out is faster.
class Phrase:
    """A name at one place in the text: half-open token range, identity, index of the sentence."""

    __slots__ = ("begin", "end", "key", "left", "sentence", "trigger")

    def __init__(self, begin: int, end: int, key: Key, sentence: int) -> None:
        self.begin = begin
        self.end = end
        self.key = key
        self.sentence = sentence
        self.left = ""
        """The word before that says what the phrase is for ("receive", "versus"), articles and doses skipped."""
        self.trigger = ""
        """`left`, or that of the first phrase of the list in which this one stands."""


class Candidate:
    """All places of one name; `capital` if it is written in capitals, as an abbreviation."""

    __slots__ = ("capital", "features", "heads", "key", "places")

    def __init__(self, key: Key, capital: bool) -> None:
        self.key = key
        self.capital = capital
        self.places: list[Phrase] = []
        self.features: dict[str, None] = {}
        """Named evidence; a dictionary keeps the order of the text, so that sums do not depend on the hash seed."""
        self.heads = 0
        """Places before "group", "arm" and the like."""


class Around:
    """A text's words as far as names need them: what each is to a phrase, and the text with only those words left that
    tell what a name is for, as their classes: cues, numbers, joining words. "^" begins each sentence."""

    __slots__ = ("before", "behind", "cues", "kinds", "randomised")

    def __init__(self, layout: Layout) -> None:
        cues: list[str] = []
        kinds: list[str] = []
        before: list[int] = []
        behind: list[int] = []
        randomised: set[int] = set()
        known, lower = _known, layout.lower
        for sentence, (begin, end) in enumerate(layout.sentences):
            cues.append("^")
            for i in range(begin, end):
                text = lower[i]
                word = known.get(text) or _learn(text)
                kinds.append(word.kind)
                before.append(len(cues))
                cue = word.cue
                if cue and (cue != "#" or cues[-1] != "#"):
                    cues.append(cue)
                behind.append(len(cues))
                if word.random:
                    randomised.add(sentence)
        cues.append("^")
        self.cues = cues
        self.kinds = kinds
        self.before = before
        """Per token the number of cues before it; `behind`: up to its end."""
        self.behind = behind
        self.randomised = randomised
        """Sentences that tell of randomisation."""

    def sides(self, begin: int, end: int) -> tuple[str, str, str, str]:
        """The third cue before a token range, the two next to it on its left, the two on its right, the third behind
        it; as far as its sentence goes."""
        cues, at, after = self.cues, self.before[begin], self.behind[end - 1]
        left, right = cues[at - 1], cues[after]
        third = fourth = ""
        if left != "^":
            second = cues[at - 2]
            left = second + " " + left
            third = cues[at - 3] if second != "^" else ""
        if right != "^":
            second = cues[after + 1]
            right = right + " " + second
            fourth = cues[after + 2] if second != "^" else ""
        return third, left, right, fourth

    def features(self, begin: int, end: int) -> tuple[str, ...]:
        """The two and three cues on each side of a token range."""
        third, left, right, fourth = self.sides(begin, end)
        return "CL:" + left, "CR:" + right, f"CLR:{left}|{right}", f"CL3:{third} {left}", f"CR3:{right} {fourth}"


@dataclass(slots=True)
class Names:
    """The candidates of an article, and which stood side by side: token range and connector of what was between."""

    lower: list[str]
    candidates: dict[Key, Candidate]
    gaps: dict[tuple[Key, Key], list[tuple[int, int, str]]]
    around: Around

    def cues_of(self, candidate: Candidate) -> dict[str, None]:
        """The cues around a candidate's places as features. Not kept with the others, because most candidates are ruled
        out without them."""
        found: dict[str, None] = {}
        for place in candidate.places:
            for feature in self.around.features(place.begin, place.end):
                found[feature] = None
        return found

    def signatures(self, one: Key, two: Key) -> Iterable[tuple[str, str]]:
        """What stood between the first name and the second: connector ("" if none) and a few words of the gap."""
        gaps = self.gaps.get((one, two))
        if gaps is None:
            return ()
        return dict.fromkeys((connector, _signature(self.lower[begin:end])) for begin, end, connector in gaps)


_identities: dict[Key, Key] = {}


def identity(words: tuple[str, ...]) -> Key:
    """The words of a name that tell it from others; all of them if none does."""
    found = _identities.get(words)
    if found is None:
        stems = [stem(w) for w in words if w not in _INSIDE]
        found = tuple([w for w in stems if w not in FILLER]) or tuple(stems)
        if len(_identities) < _MAX_CACHED:
            _identities[words] = found
    return found


def phrases_of(layout: Layout, kinds: list[str], begin: int, end: int, sentence: int) -> list[Phrase]:
    """The phrases and labels of one sentence in order; `kinds` tells what each token of the text is to a phrase."""
    lower, words = layout.lower, layout.words
    found: list[Phrase] = []
    i = begin
    while True:
        start = _opening(kinds, i, end)
        if start == end:
            return found
        i = _phrase_end(layout, kinds, start, end)
        if i > start:
            stop = i
            if kinds[stop - 1] == _INNER:
                stop -= 1
                while stop > start and (kinds[stop - 1] == _INNER or lower[stop - 1] in _BREAKS):
                    stop -= 1
            if stop > start + 2 and _is_controlled(lower, start, stop):
                continue
            if "control" in (lower[start], lower[stop - 1]) and _holds_in_check(lower, start, stop):
                continue
            if stop > start + 2 and "case" in lower[start : stop - 2] and _is_case_control(lower, start, stop):
                continue
            while start < stop - 1 and lower[start] in LEAD:
                start += 1
            if stop - start > _MAX_WORDS:
                start = stop - _MAX_WORDS
            if stop - start > 1 or (stop > start and lower[start] not in _NO_NAMES):
                key = identity(tuple(lower[start:stop]))
                if start > begin and lower[start - 1] in _NEGATIONS:
                    found.append(Phrase(start - 1, stop, (WITHOUT, *key), sentence))
                else:
                    found.append(Phrase(start, stop, key, sentence))
        if i + 1 >= end or kinds[i] != _LABELS:
            i += 1
            continue
        several = lower[i][-1] == "s"
        i += 1
        while _is_label(words[i]) or (lower[i] in LETTERS and words[i].isdigit()):
            found.append(Phrase(i - 1 if lower[i - 1] in _LABELLED else i, i + 1, (LABEL, lower[i]), sentence))
            if not (several and i + 2 < end and lower[i + 1] in _LISTED and lower[i + 1] != "to"):
                i += 1
                break
            i += 2
            if i + 1 < end and lower[i] in ("and", "or"):
                i += 1


def _opening(kinds: list[str], i: int, end: int) -> int:
    """The first token from i on where a phrase or a label may begin; `end` if there is none."""
    while i < end:
        here = kinds[i]
        if here in (_WORD, _LETTER, _LABELS):
            return i
        if here in (_BREAK, _DIGIT) and i + 1 < end and kinds[i + 1] == _INNER:
            return i
        i += 1
    return end


def _is_controlled(lower: list[str], start: int, stop: int) -> bool:
    """Whether the words name the design, as in "placebo-controlled", "double-blind placebo-controlled clinical"."""
    if lower[start] not in _BLINDS:
        return False
    for k in range(start + 2, stop):
        if lower[k][:7] == "control" and lower[k - 1] in _HYPHENS and lower[k - 2] in _BLINDS:
            return True
    return False


CONTROL_OF = terms("arm_words.tsv", "controlof")
_TO_CONTROL = frozenset(
    ("compared", "relative", "similar", "assigned", "allocated", "randomized", "randomised", "randomly", "superior",
     "equivalent", "inferior", "comparable", "contrast", "opposed", "identical", "equal", "or", "and", "versus", "vs",
     "closer", "respect", "intervention", "treatment", "contrasted", "noninferior", "compare", "comparing")
)  # fmt: skip
_DETERMINERS = frozenset(("the", "a", "an", "their", "its", "his", "her", "this", "these", "such", "for"))


def _holds_in_check(lower: list[str], start: int, stop: int) -> bool:
    """Whether "control" is no arm but what is done to something: "glycaemic control", "to control hiccups"; in
    "compared to control" it is one."""
    if stop - start > 1 and lower[stop - 1] == "control" and lower[stop - 2] in CONTROL_OF:
        return lower[stop : stop + 1] == [] or lower[stop] not in HEAD
    if lower[start] != "control" or start < 2 or lower[start - 1] != "to":
        return False
    before = lower[start - 2]
    if before in _TO_CONTROL or before[0].isdigit() or before in ")]":
        return False
    return stop - start > 1 or lower[stop : stop + 1] == [] or lower[stop] in _DETERMINERS


def _is_case_control(lower: list[str], start: int, stop: int) -> bool:
    """Whether the words name the design, as in "a matched case-control study"."""
    return any(
        lower[k] == "case" and lower[k + 1] in _HYPHENS and lower[k + 2] == "control" for k in range(start, stop - 2)
    )


def _phrase_end(layout: Layout, kinds: list[str], begin: int, end: int) -> int:
    """The token after the phrase that begins at token `begin`; `begin` itself if none does."""
    starts, ends = layout.starts, layout.ends
    i = begin
    while i < end:
        here = kinds[i]
        if here == _WORD:
            i += 1
            continue
        if here in (_OTHER, _LABELS):
            break
        joined = i + 1 < end and ends[i] == starts[i + 1]  # to the next token
        if here == _BREAK:
            if not joined or layout.lower[i + 1] not in _HYPHENS:
                break
            if ends[i] == starts[i] + 1 and not layout.words[i].isupper():
                break
        elif here == _LETTER:
            if not layout.words[i].isupper():
                break
        elif i > begin:
            follows = ends[i - 1] == starts[i]
            if not (follows if here == _DIGIT else joined and (follows or layout.words[i] in "/&")):
                break
        else:  # "5-FU", "10-mg tablets"
            if not joined or i + 2 >= end or ends[i + 1] != starts[i + 2] or layout.lower[i + 1] not in _HYPHENS:
                break
            follow = layout.lower[i + 2]
            if not follow[0].isalpha():
                break
            i += 2 if follow in UNIT_CLASS else 1
        i += 1
    return i


def _is_label(word: str) -> bool:
    """What may stand behind "group": "A", "TF", "E1", "II"."""
    return len(word) <= 4 and word[0].isupper() and word[1:] == word[1:].upper()


def find_names(layout: Layout, numbers: list[Number]) -> Names:
    """The candidate names of an article."""
    lower = layout.lower
    around = Around(layout)
    names = Names(lower, {}, {}, around)
    gaps = names.gaps
    for sentence, (begin, end) in enumerate(layout.sentences[:_MAX_SENTENCES]):
        randomised = sentence in around.randomised
        previous: Phrase | None = None
        combination: Phrase | None = None  # the one that ends where the previous phrase does
        bracketed = False  # whether the previous phrase stands in brackets behind another
        for phrase in phrases_of(layout, around.kinds, begin, end, sentence):
            candidate = _add(layout, names, phrase, begin, end, randomised)
            if previous is None:
                previous, previous_candidate = phrase, candidate
                continue
            start, stop = previous.end, phrase.begin
            last, combination = combination or previous, None
            was_bracketed, bracketed = bracketed, False
            length = max(0, stop - start)
            gap = lower[start:stop] if length <= _MAX_GAP else []
            connector = _connector(gap)
            if connector:
                candidate.features["C:" + connector] = None
                previous_candidate.features["N:" + connector] = None
                if phrase.left in _CONNECTORS or phrase.left == "":
                    phrase.trigger = previous.trigger
                    candidate.features["TI:" + phrase.trigger] = None
                if candidate is not previous_candidate:
                    gaps.setdefault((previous.key, phrase.key), []).append((start, stop, connector))
                    if connector in _STRONG_JOINTS or (
                        connector in _WEAK_JOINTS and length <= 3 and previous.left in _WEAK_TRIGGERS
                    ):
                        head = last if connector in _STRONG_JOINTS else previous
                        # "inhibitors of X (IX) and Y" joins; "of X) and Y" has lost its beginning
                        whole = head is not previous or was_bracketed or ")" not in gap
                        if whole and _APART.isdisjoint(gap) and HEAD.isdisjoint(gap):
                            combination = _join(layout, names, head, phrase, connector, (begin, end), randomised)
            elif (
                length <= _MAX_OPEN_GAP
                or (length <= _MAX_GAP and LABEL in (previous.key[0], phrase.key[0]))
                or (length <= _MAX_GAP and _only_doses(gap))
            ) and candidate is not previous_candidate:
                # what stands in brackets behind "A plus B" is short for both
                bracketed = start < stop and lower[stop - 1] in "(["
                one = last if bracketed else previous
                gaps.setdefault((one.key, phrase.key), []).append((start, stop, ""))
            previous, previous_candidate = phrase, candidate
    _add_doses(layout, names, numbers)
    _add_schedules(layout, names, numbers)
    return names


def _only_doses(gap: list[str]) -> bool:
    """Whether nothing but doses stands before a bracket: "600 mg/m(2) (AC"."""
    return gap[-1] in "([" and all(w[0].isdigit() or w in UNIT_CLASS or w in _IN_DOSES for w in gap[:-1])


_PER_UNIT = frozenset(("m", "m2", "m²", "kg", "day", "d", "h", "hr", "week", "wk", "min", "dose"))
"""What a slash in a dose refers to: "600 mg/m2"."""
_IN_DOSES = _PER_UNIT | {"/", "(", ")", ",", "per", "daily", "twice", "once", "a"}


def _join(
    layout: Layout, names: Names, one: Phrase, two: Phrase, connector: str, sentence: tuple[int, int], randomised: bool
) -> Phrase | None:
    """Enter a combination of two phrases as a candidate of its own; None if it is too long."""
    key = (*one.key, JOINED, *two.key)
    if len(key) > _MAX_JOINED:
        return None
    joined = Phrase(one.begin, two.end, key, one.sentence)
    combined = _add(layout, names, joined, *sentence, randomised)
    combined.features["J:" + connector] = None
    joined.trigger = one.trigger
    if joined.trigger != joined.left:
        combined.features["TI:" + joined.trigger] = None
    return joined


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
        candidate = _add(layout, names, phrase, begin, end, n.sentence in names.around.randomised)
        candidate.features[f"doses:{min(len(by_unit[unit]), 5)}"] = None
        candidate.features["unit:" + unit] = None
        before = lower[n.token - 1] if n.token > begin else ""
        candidate.features["before:" + (before if before in _LISTED or before in _PASSED else "word")] = None


def _add_schedules(layout: Layout, names: Names, numbers: list[Number]) -> None:
    """So are intervals between doses ("every 4 weeks or every 12 weeks", "the every-3-weeks arm")."""
    lower = layout.lower
    places: list[tuple[int, Number]] = []
    for n in numbers:
        at = n.token - 1 - (lower[n.token - 1 : n.token] == ["-"])
        if n.unit_class == "time" and at >= 0 and lower[at] == "every":
            places.append((at, n))
    named = any(not HEAD.isdisjoint(lower[n.after : n.after + 1]) for _, n in places)
    if len({(n.value, n.unit) for _, n in places}) < 2 and not named:
        return
    for at, n in places:
        begin, end = layout.sentences[n.sentence]
        phrase = Phrase(at, n.after, (DOSE, f"every {n.value:g}", n.unit or ""), n.sentence)
        _add(layout, names, phrase, begin, end, not _RANDOM.isdisjoint(lower[begin:end]))


def _add(layout: Layout, names: Names, phrase: Phrase, begin: int, end: int, randomised: bool) -> Candidate:
    """Enter a phrase and what stands around it."""
    lower = layout.lower
    at = phrase.begin
    candidate = names.candidates.get(phrase.key)
    if candidate is None:
        first_word = layout.words[at]
        capital = first_word != lower[at] and len(first_word) > 1 and not first_word[1:].islower()
        candidate = names.candidates[phrase.key] = Candidate(phrase.key, capital and first_word[0].isupper())
    candidate.places.append(phrase)
    found = candidate.features
    j = at - 1
    if j >= begin and (lower[j] in _SKIPPED_LEFT or lower[j][0].isdigit()):
        j = _left_of(lower, begin, j)
    left = lower[j] if j >= begin else ""
    phrase.left = phrase.trigger = left
    on_left = _lefts.get(left) or _learn_beside(_lefts, left, "L:", "TL:", "rnd:")
    found[on_left.anywhere] = None
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
        if inside[0].isdigit():
            right = "(#"
        elif inside in _BRACKETED:
            right = "(" + inside
        else:
            right = "(A" if layout.words[i + 1][0].isupper() else "(w"
    elif right[0].isdigit():
        right = "#u" if i + 1 < end and lower[i + 1] in UNIT_CLASS else "#"
    on_right = _rights.get(right) or _learn_beside(_rights, right, "R:", "TR:", "rndR:")
    found[on_right.anywhere] = None
    if phrase.sentence == 0:
        found["T"] = None
        found[on_left.in_title] = None
        found[on_right.in_title] = None
        if at == begin:
            found["Tfirst"] = None
    if randomised:
        found[on_left.randomised] = None
        found[on_right.randomised] = None
    return candidate


class _Beside:
    """What a word before or behind a name says, as features."""

    __slots__ = ("anywhere", "in_title", "randomised")

    def __init__(self, anywhere: str, in_title: str, randomised: str) -> None:
        self.anywhere = sys.intern(anywhere)
        self.in_title = sys.intern(in_title)
        self.randomised = sys.intern(randomised)
        """In a sentence that tells of randomisation."""


_lefts: dict[str, _Beside] = {}
_rights: dict[str, _Beside] = {}


def _learn_beside(table: dict[str, _Beside], word: str, anywhere: str, in_title: str, randomised: str) -> _Beside:
    found = _Beside(anywhere + word, in_title + word, randomised + word)
    if len(table) < _MAX_CACHED:
        table[word] = found
    return found


def _left_of(lower: list[str], begin: int, j: int) -> int:
    """From token j to the left, the first one that is no article, dose or the like."""
    last = j
    while j >= begin and last - j < _MAX_SKIPPED and (lower[j] in _SKIPPED_LEFT or lower[j][0].isdigit()):
        if lower[j] == "of":
            before = lower[j - 1]
            if j < last and not (lower[j + 1] in UNIT_CLASS or before in _DOSING):
                break
            if before not in UNIT_CLASS and before not in _SKIPPED_LEFT:
                break
        j -= 1
    return j


def _connector(gap: list[str]) -> str:
    """What joins two phrases into a list, "" if they do not stand in one."""
    joint = ""
    for k, word in enumerate(gap):
        if word == "/" and not _PER_UNIT.isdisjoint(gap[k + 1 : k + 2]):
            continue
        if word == "+" and gap[k + 1 : k + 2] == ["/"]:
            return ""  # "10 +/- 3"
        if word in _CONNECTORS and not (word in _OF_GROUPS and not HEAD.isdisjoint(gap[k + 1 : k + 2])):
            if not joint or joint in (",", "with", "to", "and") or word in ("versus", "vs"):
                joint = word
        elif word not in _PASSED and not word[0].isdigit():
            return ""
    return "versus" if joint in ("vs", "v") else joint


_UNSAID = frozenset(("n", "=", ")", "the", "a", "an", "of", "patients", "/", "-", "oral", "daily")) | frozenset(
    UNIT_CLASS
)


def _signature(gap: list[str]) -> str:
    """The gap in short: its words without brackets' "n = 20" and numbers."""
    kept = [w for w in gap if w not in _UNSAID and not w[0].isdigit()]
    return " ".join(kept[:3])
