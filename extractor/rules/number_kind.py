"""Decide what each number is: a cohort, an arm's size, a count, a percentage of people, a mean, a median, an SD, ...

One decision per number, types exclude each other, and the classes that are no results are modelled as carefully as
the results. The evidence (words beside the number, their classes, its form, its bracket, the numbers beside it,
arithmetic with other numbers of the article) is gathered here as named features; `weights/number_kind.tsv` says what
each is worth.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extractor.rules.arm import ArmName
from extractor.rules.kind_by_form import is_sum_of_equals, settle
from extractor.rules.kind_second_look import look_again
from extractor.rules.layout import Layout
from extractor.rules.lexicon import mapping, terms
from extractor.rules.linear import FeatureNames, FeatureRows, Features, LinearModel, Scores, load_model
from extractor.rules.number_context import PEOPLE, connector
from extractor.rules.numbers import Number

KINDS = {
    "T": "size of the whole study population",
    "N": "size of an arm",
    "C": "count of people or events with an outcome",
    "P": "percentage of people with an outcome",
    "M": "mean or other value of a continuous outcome",
    "S": "standard deviation or standard error",
    "D": "median of an outcome",
    "G": "size of a subgroup, or a denominator",
    "R": "relative effect between arms",
    "F": "follow-up time",
    "X": "none of these",
}
"""Class letters used in annotations and weights."""

_CLASS = mapping("cue_words.tsv", "stem", "class")
_KEPT = terms("context_words.tsv", "function") | frozenset("()[],;:.=±/-–%+<>")
_LEFT, _RIGHT = 4, 4
_STEM = 7
"""Words are cut to this many letters, which joins most inflections ("randomi", "patient", "surviva")."""

_SECTION_WORDS = mapping("abstract_sections.tsv", "term", "part")


class _Word:
    """What a word says of the numbers around it."""

    __slots__ = ("stem", "word_class")

    def __init__(self, word: str) -> None:
        stem = "#" if word[0].isdigit() else word[:_STEM]
        self.stem = sys.intern(stem)
        self.word_class = sys.intern(_CLASS.get(stem) or (stem if stem == "#" or word in _KEPT else "o"))


_known: dict[str, _Word] = {}
"""By the word in lower case; filled as words turn up."""
_MAX_KNOWN = 1 << 17


def _learn(word: str) -> _Word:
    found = _Word(word)
    if len(_known) < _MAX_KNOWN:
        _known[word] = found
    return found


@dataclass(slots=True)
class Evidence:
    """What the features of all numbers of an article share."""

    layout: Layout
    numbers: list[Number]
    roles: Sequence[str | None]
    words: list[_Word]
    classes: list[str]
    """Per token: "@" inside the name of an arm, "#" for a number, the class of `cue_words.tsv`, a function word or sign
    as it is, "o" for any other word."""
    sections: list[str]
    """One letter per sentence: B, M, R, C, "T" for the title, "" if unknown."""
    sums: set[float]
    """What two or three whole numbers in a row add up to."""
    values: dict[float, int]
    """The whole numbers, and how often each stands there."""
    largest: float
    open_numbers: list[int]
    """Indices of the numbers whose kind is to be decided."""
    arms: int
    """How many arms were found; 3 for more."""
    first_people: int
    """Index of the first open number that counts people, -1 if none does."""
    named: dict[int, tuple[str, str]]
    """Per open number which arms are named between it and the open numbers around it (`_arms_around`)."""
    spoken: dict[int, list[str]] = field(default_factory=dict)
    """Sentence -> the telling classes of its words; filled as they are asked for."""


def gather(layout: Layout, numbers: list[Number], roles: Sequence[str | None], arms: Sequence[ArmName]) -> Evidence:
    """The shared evidence of an article."""
    known = _known
    words = [known.get(word) or _learn(word) for word in layout.lower]
    classes = [word.word_class for word in words]
    for arm in arms:
        for a, b in arm.mentions:
            classes[a:b] = ["@"] * (b - a)
    whole = [n.value for n in numbers if roles[n.index] is None and n.whole and n.value > 4]
    sums = {one + two for one, two in pairwise(whole)}
    sums |= {one + two + three for one, two, three in zip(whole, whole[1:], whole[2:], strict=False)}
    doses = _doses_of_arms(layout, numbers, arms)
    open_numbers = [n.index for n in numbers if roles[n.index] is None and n.index not in doses]
    return Evidence(
        layout, numbers, roles, words, classes, _sections(layout), sums, _counted(whole), max(whole, default=0.0),
        open_numbers, min(len(arms), 3), _first_people(layout, numbers, open_numbers),
        _arms_around(layout, numbers, open_numbers, arms),
    )  # fmt: skip


_DOSES = frozenset(("mg", "µg", "IU", "MU", "Gy", "cGy"))
"""Units in which the number right behind an arm's name is its dose; of 720 in our annotations none is a result."""
_LISTED = frozenset((",", "and", "or", "/", "to", "-", "–", "vs", "versus"))


def _doses_of_arms(layout: Layout, numbers: list[Number], arms: Sequence[ArmName]) -> set[int]:
    """Numbers that are a dose because they stand in or right behind the name of an arm: "examplin 10 mg", "examplin 10,
    20 and 40 mg"."""
    dosed = [arm for arm in arms if not arm.is_control]  # "examplin 12 mg v placebo 20 mg" of a painkiller
    named = {token for arm in dosed for begin, end in arm.mentions for token in range(begin, end + 1)}
    found: set[int] = set()
    for n in numbers:
        if n.token not in named:
            continue
        listed = [n.index]
        while numbers[listed[-1]].unit is None and listed[-1] + 1 < len(numbers):
            here, following = numbers[listed[-1]], numbers[listed[-1] + 1]
            gap = layout.lower[here.after : following.token]
            if len(gap) not in (1, 2) or here.is_percent or not _LISTED.issuperset(gap):
                break
            listed.append(following.index)
        if numbers[listed[-1]].unit in _DOSES:
            found.update(listed)
    return found


def _first_people(layout: Layout, numbers: list[Number], places: list[int]) -> int:
    """The first number that counts people, -1 if none does."""
    for k in places:
        if numbers[k].whole and _counts_people(layout, numbers[k]):
            return k
    return -1


def _counted(values: list[float]) -> dict[float, int]:
    """How often each value is there."""
    found: dict[float, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found


def _arms_around(
    layout: Layout, numbers: list[Number], open_numbers: list[int], arms: Sequence[ArmName]
) -> dict[int, tuple[str, str]]:
    """Per open number how many arms are named between it and the one before, and the one behind, and whether the first
    of them is also the first one beside that neighbour: of "266 patients were assigned to A and 263 to B" each number
    has one arm behind it, and they differ."""
    mentions: dict[int, list[tuple[int, int]]] = {}
    for index, arm in enumerate(arms):
        for begin, _ in arm.mentions:
            mentions.setdefault(layout.sentence_of[begin], []).append((begin, index))
    by_sentence: dict[int, list[Number]] = {}
    for k in open_numbers:
        by_sentence.setdefault(numbers[k].sentence, []).append(numbers[k])
    found: dict[int, tuple[str, str]] = {}
    for sentence, inside in by_sentence.items():
        named = sorted(mentions.get(sentence, []))
        bounds = [n.token for n in inside] + [layout.sentences[sentence][1]]
        first, count = [-1], [0]  # per stretch: before the first number, between two, behind the last
        first[0], count[0] = _first_and_count(named, layout.sentences[sentence][0], bounds[0])
        for begin, end in pairwise(bounds):
            one, several = _first_and_count(named, begin, end)
            first.append(one)
            count.append(several)
        for place, n in enumerate(inside):
            found[n.index] = (
                f"{count[place]}{_same(first[place], first[place - 1] if place else -1)}",
                f"{count[place + 1]}{_same(first[place + 1], first[place + 2] if place + 2 < len(first) else -1)}",
            )
    return found


def _first_and_count(named: list[tuple[int, int]], begin: int, end: int) -> tuple[int, int]:
    """The first arm named between two tokens, -1 if none is, and how many are; 2 for more."""
    inside = [arm for token, arm in named if begin <= token < end]
    return (inside[0] if inside else -1), min(len(set(inside)), 2)


def _same(one: int, two: int) -> str:
    return "" if one < 0 or two < 0 else "=" if one == two else "~"


def _counts_people(layout: Layout, n: Number) -> bool:
    """Whether a noun for people stands among the three words behind a number."""
    return not n.is_percent and not PEOPLE.isdisjoint(layout.lower[n.after : n.after + 3])


def _sections(layout: Layout) -> list[str]:
    """The part of the abstract that each sentence stands in, from heading words ("RESULTS:", "METHODS AND ...")."""
    current, found = "", []
    for k, (begin, end) in enumerate(layout.sentences):
        word = layout.words[begin]
        if k == 0:
            found.append("T")
            continue
        letter = _SECTION_WORDS.get(layout.lower[begin])
        if letter and (word.isupper() or ":" in layout.words[begin + 1 : min(begin + 5, end)]):
            current = letter
        found.append(current)
    return found


def _magnitude(n: Number) -> str:
    value = abs(n.value)
    if n.decimals:
        return f"d{min(n.decimals, 3)}" + ("0" if value < 1 else "1" if value < 10 else "2" if value < 100 else "3")
    if value <= 1:
        return str(int(value))
    return "2" if value < 10 else "10" if value < 30 else "30" if value < 100 else "100" if value < 1000 else "1000"


_BEFORE = ("p:{}", "pf:{}", "pc:{}", "pfc:{}|{}")
_BEHIND = ("n:{}", "nf:{}", "nc:{}", "nfc:{}|{}")


def _neighbour(e: Evidence, n: Number, k: int, templates: tuple[str, str, str, str], found: Features) -> None:
    """Form of the number before or after, with what stands between."""
    if not 0 <= k < len(e.numbers) or e.numbers[k].sentence != n.sentence:
        found.one(templates[0], "none")
        return
    other = e.numbers[k]
    first, second = (other, n) if k < n.index else (n, other)
    between = " ".join([w[:_STEM] for w in connector(e.layout, first, second).split()])
    form = (
        e.roles[k]
        or ("%" if other.is_percent else other.unit_class)
        or ("w" if other.in_words else "d" if other.decimals else "i")
    )
    found.one(templates[1], form)
    found.one(templates[2], between)
    found.two(templates[3], form, between)


def _bracket(e: Evidence, n: Number, found: Features) -> None:
    """Where in its bracket the number stands and what the bracket hangs on."""
    layout, words = e.layout, e.words
    if n.depth:
        opening = n.opener
        first = n.before == opening or n.token - 1 == opening
        hook = layout.lower[opening - 1] if opening else ""
        hook = "#" if hook[:1].isdigit() else "%" if hook == "%" else hook[:_STEM]
        alone = n.after < len(layout.words) and layout.words[n.after] in ")]"
        place = ("f" if first else "l") + ("a" if alone else "")
        found.one("br:{}", place)
        found.two("brh:{}|{}", hook, place)
        if opening + 1 < len(words):
            found.one("br1:{}", words[opening + 1].stem)
        found.one("brn:{}", words[opening - 1].stem if opening else "")
    elif n.after < len(layout.words) and layout.words[n.after] in "([":
        inside = words[n.after + 1].stem if n.after + 1 < len(words) else ""
        second = words[n.after + 2].stem if n.after + 2 < len(words) else ""
        found.two("bra:{} {}", inside, second)


def _arithmetic(e: Evidence, n: Number, found: Features) -> None:
    """k/n against a percentage beside it, a + b = total, a value that comes back."""
    k = n.index
    if n.whole and n.value > 4:
        if n.value in e.sums:
            found.one("ar:{}", "issum")
        if e.values.get(n.value, 0) > 1:
            found.one("ar:{}", "again")
        for m in e.numbers[max(0, k - 3) : k + 4]:
            if m is not n and m.whole and e.roles[m.index] is None and n.value + m.value in e.values:
                found.one("ar:{}", "addend")
                break
        if n.value == e.largest:
            found.one("ar:{}", "max")
        if is_sum_of_equals(e, n):
            found.one("ar:{}", "each")
    if n.is_percent:
        for m in e.numbers[max(0, k - 2) : k + 3]:
            if m.whole and m is not n and abs(m.token - n.token) <= 5 and m.sentence == n.sentence:
                found.one("ar:{}", "pctnearint")
                break
    elif n.whole:
        for m in e.numbers[max(0, k - 2) : k + 3]:
            if m.is_percent and abs(m.token - n.token) <= 5 and m.sentence == n.sentence:
                found.one("ar:{}", "intnearpctR" if m.token > n.token else "intnearpctL")
                if m.value > 0 and _has_whole(e, n, n.value / (m.value / 100)):
                    found.one("ar:{}", "k/n")


def _has_whole(e: Evidence, n: Number, wanted: float) -> bool:
    """Whether the article has a number that a count can be out of: about as large as wanted, larger than the count."""
    for value in e.values:  # noqa: SIM110 (compiled, a generator is slower)
        if value > n.value and abs(value - wanted) <= max(1.0, 0.02 * value):
            return True
    return False


def features(e: Evidence, n: Number) -> list[str]:
    """The named evidence about one number, without its neighbours' kinds."""
    found = FeatureNames()
    found.begin()
    _collect(e, n, found)
    return found.names


def _collect(e: Evidence, n: Number, found: Features) -> None:
    """The evidence about one number, without its neighbours' kinds."""
    layout, words = e.layout, e.words
    begin, end = layout.sentences[n.sentence]
    left = max(begin, n.token)
    if n.sign_start >= 0:
        left -= 1
    before1 = words[left - 1].stem if left > begin else "^"
    before2 = words[left - 2].stem if left - 1 > begin else "^"
    behind1 = words[n.after].stem if n.after < end else "$"
    behind2 = words[n.after + 1].stem if n.after + 1 < end else "$"
    form = "%" if n.is_percent else "w" if n.in_words else "d" if n.decimals else "i"
    sized = form + (n.unit_class or "")
    section = e.sections[n.sentence]
    found.one("f:{}", form)
    found.one("rel:{}", n.relation)
    found.one("fu:{}", sized)
    found.one("L1:{}", before1)
    found.one("R1:{}", behind1)
    found.two("L21:{} {}", before2, before1)
    found.two("R12:{} {}", behind1, behind2)
    found.two("LR:{}|{}", before1, behind1)
    found.two("f|L1:{}|{}", form, before1)
    found.two("f|R1:{}|{}", form, behind1)
    found.two("fm:{}{}", form, _magnitude(n))
    found.one("sec:{}", section)
    found.two("sec|f:{}|{}", section, sized)
    if left - 2 > begin:
        found.two("L321:{} {}", words[left - 3].stem, before2 + " " + before1)
    if n.after + 2 < end:
        found.two("R123:{} {}", behind1, behind2 + " " + words[n.after + 2].stem)
    for k, word in enumerate(layout.lower[n.after : n.after + 5]):
        if word in PEOPLE:
            found.two("pp:{}|{}", str(k), form)
            break
        if word in _ENDS_COUNTED:
            found.two("pp:{}|{}", word, form)
            break
    if n.whole and not n.is_percent:
        found.two("arms:{}|{}", str(e.arms), "True" if n.index == e.first_people else "False")
    named_before, named_behind = e.named[n.index]
    behind_form = named_behind + "|" + form
    found.two("nb:{}|{}", named_before, form)
    found.one("na:{}", behind_form)
    found.two("nab:{}|{}", named_before, behind_form)
    found.two("nap:{}|{}", behind_form, "True" if _counts_people(layout, n) else "False")
    if n.sign_start >= 0:
        found.one("sign{}", "")
    if n.fraction:
        found.one("fraction{}", "")
    if n.token == begin:
        found.one("start{}", "")
    found.one("pos:{}", str(int((n.sentence + 0.5) / len(layout.sentences) * 5)))
    _neighbour(e, n, n.index - 1, _BEFORE, found)
    _neighbour(e, n, n.index + 1, _BEHIND, found)
    _bracket(e, n, found)
    _arithmetic(e, n, found)
    _skeleton(e, n, left, found)


_ENDS_COUNTED = frozenset(("of", "in", ".", ";", "vs", "versus"))
"""Behind a number and before a noun for people: the number does not count them."""


def _skeleton(e: Evidence, n: Number, left: int, found: Features) -> None:
    """The classes of the words around the number: side by side, and with the unclassed words left out."""
    classes = e.classes
    begin, end = e.layout.sentences[n.sentence]
    rights = classes[n.after : min(end, n.after + 4)]
    before = _walk(classes, left - 1, begin - 1, -1)
    after = _walk(classes, n.after, end, 1)
    form = "%" if n.is_percent else "d" if n.decimals else "i"
    before1, after1 = before[0] if before else "", after[0] if after else ""
    before2, after2 = " ".join(before[:2]), " ".join(after[:2])
    found.one("cl:{}", " ".join(classes[max(begin, left - 3) : left]))
    found.one("cr:{}", " ".join(rights))
    found.one("cr2:{}", " ".join(rights[:2]))
    found.one("sl:{}", " ".join(before))
    found.one("sr:{}", " ".join(after))
    found.one("sl2:{}", before2)
    found.one("sr2:{}", after2)
    found.two("s|s:{}|{}", before1, after1)
    found.two("s2|s2:{}|{}", before2, after2)
    found.two("fsl:{}{}", form, before2)
    found.two("fsr:{}{}", form, after2)
    spoken = e.spoken.get(n.sentence)
    if spoken is None:
        spoken = e.spoken[n.sentence] = [c for c in _telling(classes, begin, end) if len(c) > 2]
    found.each("cb:{}{}", form, spoken)
    found.each("cbl:{}{}", form, _telling(classes, max(begin, left - 12), left))
    found.each("cbr:{}{}", form, _telling(classes, n.after, min(end, n.after + 12)))


_UNTELLING = _KEPT | {"o"}


def _telling(classes: list[str], begin: int, end: int) -> set[str]:
    """The classes of a stretch of words, function words and signs left out."""
    return set(classes[begin:end]) - _UNTELLING


_PASSED = frozenset(("o", "the", "a", ","))


def _walk(classes: list[str], first: int, stop: int, step: int) -> list[str]:
    """The first three classes on the way that carry meaning, an arm's words once."""
    found: list[str] = []
    last = ""
    k = first
    while (stop - k) * step > 0 and len(found) < 3:
        c = classes[k]
        if c not in _PASSED and not (c == "@" and last == "@"):
            found.append(c)
            last = c
        k += step
    return found


def sentence_features(e: Evidence, sentence: int) -> list[str]:
    """Evidence that all numbers of a sentence share: its words."""
    found = FeatureNames()
    found.begin()
    _collect_of_sentence(e, sentence, found)
    return found.names


def _collect_of_sentence(e: Evidence, sentence: int, found: Features) -> None:
    begin, end = e.layout.sentences[sentence]
    for stem in {word.stem for word in e.words[begin:end]}:
        if len(stem) > 3:
            found.one("S:{}", stem)


@dataclass(slots=True)
class Decision:
    """The kinds of an article's numbers (a letter of `KINDS`, or the structural role) and how probable each is."""

    kinds: list[str]
    probability: list[float]


def decide_kinds(
    layout: Layout,
    numbers: list[Number],
    roles: Sequence[str | None],
    arms: Sequence[ArmName],
    models: tuple[LinearModel, LinearModel] | None = None,
) -> Decision:
    """What each number is; by the fitted weights unless other `models` are given for the two decisions."""
    e = gather(layout, numbers, roles, arms)
    kinds = ["C" if role == "zero" else role or "X" for role in roles]
    probability = [1.0] * len(numbers)
    if not e.open_numbers:
        return Decision(kinds, probability)
    first, second = models or (load_model("number_kind.tsv"), load_model("number_kind_2.tsv"))
    looked = FeatureRows(second)
    look_again(layout, numbers, e.open_numbers, first_chances(e, first), first.classes, looked)
    chances = second.probabilities(second.scores_of(looked))
    _agree_in_pairs(e, chances)
    for k, best, p in zip(e.open_numbers, chances.argmax(axis=1).tolist(), chances.max(axis=1).tolist(), strict=True):
        kinds[k], probability[k] = second.classes[best], p
    settle(e, kinds, probability)
    return Decision(kinds, probability)


_PAIRING = frozenset(("vs", "vs .", "versus", "v", "against", "compared with", "compared to"))


def _agree_in_pairs(e: Evidence, chances: Scores) -> None:
    """The two of "41 v 19" are of one kind: give both what is likeliest for the two together."""
    for place in range(len(e.open_numbers) - 1):
        k = e.open_numbers[place]
        if e.open_numbers[place + 1] != k + 1:
            continue
        one, two = e.numbers[k], e.numbers[k + 1]
        if one.sentence != two.sentence or one.is_percent != two.is_percent or one.unit != two.unit:
            continue
        further = e.numbers[k + 2] if k + 2 < len(e.numbers) else None
        chain = further is not None and connector(e.layout, two, further) in _PAIRING  # "12 v 15 v 8%"
        if not chain and connector(e.layout, one, two) in _PAIRING:
            both = chances[place] * chances[place + 1]
            chances[place] = chances[place + 1] = both**0.5 / (both**0.5).sum()


def first_chances(e: Evidence, model: LinearModel) -> Scores:
    """The probability of each class for each open number, by the words around it."""
    own, shared = FeatureRows(model), FeatureRows(model)
    place: dict[int, int] = {}
    """Sentence -> its place in `shared`."""
    places: list[int] = []
    for k in e.open_numbers:
        n = e.numbers[k]
        own.begin()
        _collect(e, n, own)
        if n.sentence not in place:
            place[n.sentence] = len(place)
            shared.begin()
            _collect_of_sentence(e, n.sentence, shared)
        places.append(place[n.sentence])
    return model.probabilities(model.scores_of_members(own, shared, places))
