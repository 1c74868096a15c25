"""Decide what each number is: a cohort, an arm's size, a count, a percentage of people, a mean, a median, an SD, ...

One decision per number, types exclude each other, and the classes that are no results are modelled as carefully as
the results. The evidence (words beside the number, their classes, its form, its bracket, the numbers beside it,
arithmetic with other numbers of the article) is gathered here as named features; `weights/number_kind.tsv` says what
each is worth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extractor.rules.arm import ArmName
from extractor.rules.arm_names import HEAD
from extractor.rules.kind_second_look import second_features
from extractor.rules.layout import Layout
from extractor.rules.lexicon import mapping, terms
from extractor.rules.linear import LinearModel, Scores, load_model
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


@dataclass(slots=True)
class Evidence:
    """What the features of all numbers of an article share."""

    layout: Layout
    numbers: list[Number]
    roles: Sequence[str | None]
    stems: list[str]
    classes: list[str]
    """Per token: "@" inside the name of an arm, "#" for a number, the class of `cue_words.tsv`, a function word or sign
    as it is, "o" for any other word."""
    sections: list[str]
    """One letter per sentence: B, M, R, C, "T" for the title, "" if unknown."""
    sums: Counter[float]
    values: Counter[float]
    open_numbers: list[int]
    """Indices of the numbers whose kind is to be decided."""
    arms: int
    """How many arms were found; 3 for more."""
    first_people: int
    """Index of the first open number that counts people, -1 if none does."""
    named: dict[int, tuple[str, str]]
    """Per open number which arms are named between it and the open numbers around it (`_arms_around`)."""
    spoken: dict[int, list[str]] = field(default_factory=dict)
    """Sentence -> the classes of its words, function words and signs left out; filled as they are asked for."""


class _Known(dict[str, tuple[str, str]]):
    """A word in lower case -> its stem and its class; filled as words turn up."""

    def __missing__(self, word: str) -> tuple[str, str]:
        stem = "#" if word[0].isdigit() else word[:_STEM]
        found = stem, _CLASS.get(stem) or (stem if stem == "#" or word in _KEPT else "o")
        if len(self) < _MAX_KNOWN:
            self[word] = found
        return found


_known = _Known()
_MAX_KNOWN = 1 << 17


def gather(layout: Layout, numbers: list[Number], roles: Sequence[str | None], arms: Sequence[ArmName]) -> Evidence:
    """The shared evidence of an article."""
    known = [_known[word] for word in layout.lower]
    stems = [stem for stem, _ in known]
    whole = [n for n in numbers if roles[n.index] is None and n.whole and n.value > 4]
    sums: Counter[float] = Counter()
    for one, two in pairwise(whole):
        sums[one.value + two.value] += 1
    for one, two, three in zip(whole, whole[1:], whole[2:], strict=False):
        sums[one.value + two.value + three.value] += 1
    classes = [word_class for _, word_class in known]
    for arm in arms:
        for a, b in arm.mentions:
            classes[a:b] = ["@"] * (b - a)
    doses = _doses_of_arms(numbers, arms)
    open_numbers = [n.index for n in numbers if roles[n.index] is None and n.index not in doses]
    counting = (k for k in open_numbers if numbers[k].whole and _counts_people(layout, numbers[k]))
    return Evidence(
        layout, numbers, roles, stems, classes, _sections(layout), sums, Counter(n.value for n in whole),
        open_numbers, min(len(arms), 3), next(counting, -1), _arms_around(layout, numbers, open_numbers, arms),
    )  # fmt: skip


_DOSES = frozenset(("mg", "µg", "IU", "MU", "mL", "Gy", "cGy"))
"""Units in which the number right behind an arm's name is its dose; of 720 in our annotations none is a result."""
_LISTED = frozenset((",", "and", "or", "/", "to", "-", "–", "vs", "versus"))


def _doses_of_arms(numbers: list[Number], arms: Sequence[ArmName]) -> set[int]:
    """Numbers that are a dose because they stand in or right behind the name of an arm: "examplin 10 mg", "examplin 10,
    20 and 40 mg"."""
    named = {token for arm in arms for begin, end in arm.mentions for token in range(begin + 1, end + 1)}
    named |= {begin for arm in arms for begin, _ in arm.mentions}
    found: set[int] = set()
    for n in numbers:
        if n.token not in named:
            continue
        listed = [n.index]
        while numbers[listed[-1]].unit is None and listed[-1] + 1 < len(numbers):
            here, following = numbers[listed[-1]], numbers[listed[-1] + 1]
            if following.token - here.after not in (1, 2) or here.is_percent:
                break
            listed.append(following.index)
        if numbers[listed[-1]].unit in _DOSES:
            found.update(listed)
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


def _neighbour(e: Evidence, n: Number, k: int, tag: str) -> list[str]:
    """Form of the number before or after, with what stands between."""
    if not 0 <= k < len(e.numbers) or e.numbers[k].sentence != n.sentence:
        return [f"{tag}:none"]
    other = e.numbers[k]
    first, second = (other, n) if k < n.index else (n, other)
    between = connector(e.layout, first, second)
    stem = " ".join(w[:_STEM] for w in between.split())
    role = e.roles[k]
    form = role or (
        "%" if other.is_percent else other.unit_class or ("w" if other.in_words else "d" if other.decimals else "i")
    )
    return [f"{tag}f:{form}", f"{tag}c:{stem}", f"{tag}fc:{form}|{stem}"]


def _bracket(e: Evidence, n: Number) -> list[str]:
    """Where in its bracket the number stands and what the bracket hangs on."""
    layout = e.layout
    found = []
    if n.depth:
        opening = n.opener
        first = n.before == opening or n.token - 1 == opening
        hook = layout.lower[opening - 1] if opening else ""
        hook = "#" if hook[:1].isdigit() else "%" if hook == "%" else hook[:_STEM]
        alone = n.after < len(layout.words) and layout.words[n.after] in ")]"
        found.append(f"br:{'f' if first else 'l'}{'a' if alone else ''}")
        found.append(f"brh:{hook}|{'f' if first else 'l'}{'a' if alone else ''}")
        if opening + 1 < len(e.stems):
            found.append(f"br1:{e.stems[opening + 1]}")
        found.append(f"brn:{e.stems[opening - 1] if opening else ''}")
    elif n.after < len(layout.words) and layout.words[n.after] in "([":
        inside = e.stems[n.after + 1] if n.after + 1 < len(e.stems) else ""
        second = e.stems[n.after + 2] if n.after + 2 < len(e.stems) else ""
        found.append(f"bra:{inside} {second}")
    return found


def _arithmetic(e: Evidence, n: Number) -> list[str]:
    """k/n against a percentage beside it, a + b = total, a value that comes back."""
    found = []
    if n.whole and n.value > 4:
        if e.sums[n.value]:
            found.append("ar:issum")
        if e.values[n.value] > 1:
            found.append("ar:again")
        k = n.index
        near = [m for m in e.numbers[max(0, k - 3) : k + 4] if m is not n and m.whole and e.roles[m.index] is None]
        if any(e.values[n.value + m.value] for m in near):
            found.append("ar:addend")
        if n.value == max(e.values, default=0):
            found.append("ar:max")
        if _is_sum_of_equals(e, n):
            found.append("ar:each")
    if n.is_percent:
        for m in e.numbers[max(0, n.index - 2) : n.index + 3]:
            if m.whole and m is not n and abs(m.token - n.token) <= 5 and m.sentence == n.sentence:
                found.append("ar:pctnearint")
                break
    elif n.whole:
        for m in e.numbers[max(0, n.index - 2) : n.index + 3]:
            if m.is_percent and abs(m.token - n.token) <= 5 and m.sentence == n.sentence:
                side = "R" if m.token > n.token else "L"
                found.append(f"ar:intnearpct{side}")
                if e.values and m.value > 0:
                    ratio = n.value / (m.value / 100)
                    if any(abs(v - ratio) <= max(1.0, 0.02 * v) for v in e.values if v > n.value):
                        found.append("ar:k/n")
    return found


_EACH = frozenset(("each", "per", "both", "either", "every"))


def _is_sum_of_equals(e: Evidence, n: Number) -> bool:
    """Whether the next number is the size of each of equal groups: "120 women (60 per group)"."""
    following = e.numbers[n.index + 1] if n.index + 1 < len(e.numbers) else None
    if following is None or following.sentence != n.sentence or not following.whole or following.value < 2:
        return False
    if n.unit_class is not None or following.unit_class is not None:
        return False
    around = e.layout.lower[following.token - 2 : following.after + 4]
    each = not _EACH.isdisjoint(around) and not (PEOPLE.isdisjoint(around) and HEAD.isdisjoint(around))
    return each and n.value in (2 * following.value, 3 * following.value, 4 * following.value)


def features(e: Evidence, n: Number) -> list[str]:
    """The named evidence about one number, without its neighbours' kinds."""
    layout, stems = e.layout, e.stems
    begin, end = layout.sentences[n.sentence]
    left = max(begin, n.token)
    if n.sign_start >= 0:
        left -= 1
    lefts = stems[max(begin, left - _LEFT) : left]
    rights = stems[n.after : min(end, n.after + _RIGHT)]
    l1 = lefts[-1] if lefts else "^"
    l2 = lefts[-2] if len(lefts) > 1 else "^"
    r1 = rights[0] if rights else "$"
    r2 = rights[1] if len(rights) > 1 else "$"
    form = "%" if n.is_percent else "w" if n.in_words else "d" if n.decimals else "i"
    unit = n.unit_class or ""
    found = [
        f"f:{form}", f"rel:{n.relation}", f"fu:{form}{unit}", f"L1:{l1}", f"R1:{r1}", f"L21:{l2} {l1}",
        f"R12:{r1} {r2}", f"LR:{l1}|{r1}", f"f|L1:{form}|{l1}", f"f|R1:{form}|{r1}", f"fm:{form}{_magnitude(n)}",
        f"sec:{e.sections[n.sentence]}", f"sec|f:{e.sections[n.sentence]}|{form}{unit}",
    ]  # fmt: skip
    if len(lefts) > 2:
        found.append(f"L321:{lefts[-3]} {l2} {l1}")
    if len(rights) > 2:
        found.append(f"R123:{r1} {r2} {rights[2]}")
    for k, word in enumerate(layout.lower[n.after : n.after + 5]):
        if word in PEOPLE:
            found.append(f"pp:{k}|{form}")
            break
        if word in ("of", "in", ".", ";", "vs", "versus"):
            found.append(f"pp:{word}|{form}")
            break
    if n.whole and not n.is_percent:
        found.append(f"arms:{e.arms}|{n.index == e.first_people}")
    before, behind = e.named[n.index]
    people = _counts_people(layout, n)
    found += [
        f"nb:{before}|{form}", f"na:{behind}|{form}", f"nab:{before}|{behind}|{form}", f"nap:{behind}|{form}|{people}",
    ]  # fmt: skip
    if n.sign_start >= 0:
        found.append("sign")
    if n.fraction:
        found.append("fraction")
    if n.token == begin:
        found.append("start")
    place = (n.sentence + 0.5) / len(layout.sentences)
    found.append(f"pos:{int(place * 5)}")
    found += _neighbour(e, n, n.index - 1, "p")
    found += _neighbour(e, n, n.index + 1, "n")
    found += _bracket(e, n)
    found += _arithmetic(e, n)
    found += _skeleton(e, n, begin, end, left)
    return found


def _skeleton(e: Evidence, n: Number, begin: int, end: int, left: int) -> list[str]:
    """The classes of the words around the number: side by side, and with the unclassed words left out."""
    classes = e.classes
    lefts = classes[max(begin, left - 3) : left]
    rights = classes[n.after : min(end, n.after + 4)]
    before = _walk(classes, range(left - 1, begin - 1, -1))
    after = _walk(classes, range(n.after, end))
    form = "%" if n.is_percent else "d" if n.decimals else "i"
    before1, after1 = " ".join(before[:1]), " ".join(after[:1])
    before2, after2 = " ".join(before[:2]), " ".join(after[:2])
    found = [
        f"cl:{' '.join(lefts)}", f"cr:{' '.join(rights)}", f"cr2:{' '.join(rights[:2])}",
        f"sl:{' '.join(before)}", f"sr:{' '.join(after)}", f"sl2:{before2}", f"sr2:{after2}",
        f"s|s:{before1}|{after1}", f"s2|s2:{before2}|{after2}", f"fsl:{form}{before2}", f"fsr:{form}{after2}",
    ]  # fmt: skip
    spoken = e.spoken.get(n.sentence)
    if spoken is None:
        spoken = e.spoken[n.sentence] = [c for c in set(classes[begin:end]) if len(c) > 2 and c not in _KEPT]
    found += [f"cb:{form}{c}" for c in spoken]
    found += [f"cbl:{form}{c}" for c in set(classes[max(begin, left - 12) : left]) if c != "o" and c not in _KEPT]
    found += [f"cbr:{form}{c}" for c in set(classes[n.after : min(end, n.after + 12)]) if c != "o" and c not in _KEPT]
    return found


def _walk(classes: list[str], places: range) -> list[str]:
    """The first three classes on the way that carry meaning, an arm's words once."""
    found: list[str] = []
    for k in places:
        c = classes[k]
        if c == "o" or c in ("the", "a", ",") or (c == "@" and found[-1:] == ["@"]):
            continue
        found.append(c)
        if len(found) == 3:
            break
    return found


def sentence_features(e: Evidence, sentence: int) -> list[str]:
    """Evidence that all numbers of a sentence share: its words."""
    begin, end = e.layout.sentences[sentence]
    return [f"S:{w}" for w in set(e.stems[begin:end]) if len(w) > 3]


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
    looked = second_features(layout, numbers, e.open_numbers, first_chances(e, first), first.classes)
    rows = [second.rows(f) for f in looked]
    chances = second.probabilities(second.scores_of_rows(rows))
    for k, best, p in zip(e.open_numbers, chances.argmax(axis=1).tolist(), chances.max(axis=1).tolist(), strict=True):
        kinds[k], probability[k] = second.classes[best], p
    _settle(e, kinds, probability)
    return Decision(kinds, probability)


def first_chances(e: Evidence, model: LinearModel) -> Scores:
    """The probability of each class for each open number, by the words around it."""
    shared: dict[int, list[int]] = {}
    rows = []
    for k in e.open_numbers:
        n = e.numbers[k]
        if n.sentence not in shared:
            shared[n.sentence] = model.rows(sentence_features(e, n.sentence))
        rows.append(model.rows(features(e, n)) + shared[n.sentence])
    return model.probabilities(model.scores_of_rows(rows))


_LIST = frozenset((",", "and", ", and", "or", "vs", "vs .", "versus", "v", "to"))
_IN_LISTS = frozenset("PMDCNR")
_UNSURE = 0.8
"""A number in a list that is thought nothing with less than this takes the kind of its neighbour. Set by hand; measured
afterwards on our annotations in two folds: kinds right .8445 and .8529 with it, .8444 and .8511 without the step."""


def _settle(e: Evidence, kinds: list[str], probability: list[float]) -> None:
    """What the form of a list or phrase leaves no doubt about: the members of "25%, 29% and 39%" are of one kind, and
    what compares is no result of one arm."""
    open_numbers = set(e.open_numbers)
    for steps in (range(1, len(kinds)), range(len(kinds) - 2, -1, -1)):
        back = -1 if steps.step > 0 else 1
        for k in steps:
            other = k + back
            if k in open_numbers and kinds[k] == "X" and probability[k] < _UNSURE and kinds[other] in _IN_LISTS:
                first, second = (e.numbers[min(k, other)], e.numbers[max(k, other)])
                alike = first.is_percent == second.is_percent and (first.decimals > 0) == (second.decimals > 0)
                if alike and first.sentence == second.sentence and connector(e.layout, first, second) in _LIST:
                    kinds[k] = kinds[other]
    for k in e.open_numbers:
        n = e.numbers[k]
        if kinds[k] in "TNCG" and n.decimals and not n.in_words:
            kinds[k] = "P" if n.is_percent else "X"  # people come in whole numbers
        elif e.layout.lower[n.before : n.before + 1] == ["every"]:
            kinds[k] = "X"  # "one death is averted for every four relapses"
        elif _compares(e, n, kinds[k]):
            kinds[k] = "R"
        elif kinds[k] == "X" and e.named[k][1][0] == "0" and _is_enrolled(e, n):
            kinds[k] = "T"
        elif kinds[k] in "PC" and (
            _is_background(e, n) or not _AVERTED.isdisjoint(e.layout.lower[n.after : n.after + 6])
        ):
            kinds[k] = "X"
        elif kinds[k] == "P" and k and kinds[k - 1] == "X" and _completes(e.numbers[k - 1], n):
            kinds[k] = "X"
        elif kinds[k] in "XGC" and _is_size_of_arm(e, n):
            kinds[k] = "N"
        elif kinds[k] in "TNGC" and n.text.lower().endswith(("million", "billion")):
            kinds[k] = "X"  # people who live with a disease, not in a study
        elif kinds[k] in "NGX" and n.whole and _is_sum_of_equals(e, n):
            kinds[k] = "T"
        elif kinds[k] in "XGT" and probability[k] < _UNSURE and (_all_of_them(e, n) or _of_them(e, n)):
            kinds[k] = "C"


_ENROLLED = frozenset(
    ("enrolled", "enroled", "randomized", "randomised", "recruited", "included", "assigned", "entered", "accrued",
     "registered", "allocated", "screened", "followed")
)  # fmt: skip
_WERE = frozenset(("were", "was", "have"))
_MAX_BEFORE_VERB = 3


def _is_enrolled(e: Evidence, n: Number) -> bool:
    """Whether people take part: "3425 eligible patients were enrolled", "82 were randomised"."""
    following = e.layout.lower[n.after : n.after + _MAX_BEFORE_VERB + 3]
    verb = next((i for i, word in enumerate(following[: _MAX_BEFORE_VERB + 1]) if word in _WERE), -1)
    if verb < 0 or not n.whole or n.value < 2 or n.unit_class or (verb and PEOPLE.isdisjoint(following[:verb])):
        return False
    if not all([word.isalpha() for word in following[:verb]]):
        return False
    rest = [word for word in following[verb + 1 :] if word != "been"]
    return not _ENROLLED.isdisjoint(rest[:1] if rest[0][-2:] != "ly" else rest[1:2])


_AVERTED = frozenset(("averted", "prevented", "avoided"))
_PAST = frozenset(
    ("was", "were", "had", "did", "been", "could", "would", "became", "fell", "rose", "felt", "saw", "showed", "grew",
     "went", "got", "gave", "took", "lost", "lived", "led", "kept", "held", "found", "made", "came", "began", "v", "vs",
     "versus", "rate", "rates", "respectively", "lower", "higher", "trial", "study", "results", "figures")
)  # fmt: skip
"""Verbs that tell what happened, and words of results that are told in the present."""
_PRESENT = frozenset(
    ("is", "are", "has", "have", "can", "may", "kills", "affects", "strikes", "dies", "die", "live", "lives", "gets",
     "get", "remains", "remain", "causes", "suffer", "suffers", "does", "do", "develop", "develops", "return", "returns")
)  # fmt: skip


def _is_background(e: Evidence, n: Number) -> bool:
    """Whether a sentence tells how things are and not what happened: "the disease kills 88 percent of those who get
    it". In our annotations such a percentage is nothing of the trial in five of six sentences, where no arm is named and
    no other result stands beside it."""
    begin, end = e.layout.sentences[n.sentence]
    words = e.layout.lower[begin:end]
    if "@" in e.classes[begin:end] or _PRESENT.isdisjoint(words) or not _PAST.isdisjoint(words):
        return False
    return not any([len(word) > 4 and word[-2:] == "ed" for word in words])


def _completes(before: Number, n: Number) -> bool:
    """Whether two percentages of a sentence are the parts of one whole: "45% had diabetes and 55% did not"."""
    return before.is_percent and n.is_percent and before.sentence == n.sentence and before.value + n.value == 100


_ALLOTTED = frozenset(("randomized", "randomised", "randomly", "assigned", "allocated"))


def _is_size_of_arm(e: Evidence, n: Number) -> bool:
    """Whether "(n = 67)" stands right behind the name of an arm in a sentence on who was assigned to what. In our
    annotations 557 of 562 such numbers are the size of an arm."""
    lower, opener = e.layout.lower, n.opener
    if not n.whole or opener < 1 or lower[n.token - 2 : n.token] != ["n", "="] or lower[n.after] != ")":
        return False
    named = opener - 2 if lower[opener - 1] in HEAD else opener - 1
    begin, end = e.layout.sentences[n.sentence]
    return e.classes[named] == "@" and not _ALLOTTED.isdisjoint(lower[begin:end])


def _all_of_them(e: Evidence, n: Number) -> bool:
    """Whether a number repeats the size of the study, as in "all 10 had a remission"."""
    return n.whole and not n.is_percent and e.values[n.value] > 1 and e.layout.lower[n.before : n.before + 1] == ["all"]


_THEM = frozenset(("them", "these", "whom"))
_HAPPENED = frozenset(
    ("died", "relapsed", "recurred", "progressed", "recovered", "responded", "survived", "withdrew", "developed",
     "experienced", "had", "required", "achieved", "with")
)  # fmt: skip


def _of_them(e: Evidence, n: Number) -> bool:
    """Whether something happened to as many of those spoken of: "one of them died", "two of whom had a relapse"."""
    following = e.layout.lower[n.after : n.after + 3]
    of_them = len(following) == 3 and following[0] == "of" and following[1] in _THEM and following[2] in _HAPPENED
    return of_them and n.whole and not n.is_percent


def _compares(e: Evidence, n: Number, kind: str) -> bool:
    """Whether a number says how much one arm differs from another: "a 63 percent reduction", "lowered the risk by 58%",
    "two months longer"."""
    lower = e.layout.lower
    following = e.classes[n.after : n.after + 1]
    if n.unit_class == "time" and kind in "XMDF":
        return not _COMPARATIVE.isdisjoint(lower[n.after : n.after + 1]) and n.depth == 0
    if not n.is_percent or kind not in "XPM":
        return False
    start = max(0, n.token - 9)
    by = lower[n.before : n.before + 1] == ["by"] and "change" in e.classes[start : n.token]
    if kind == "X":
        return following == ["change"] or by
    return by and not _RISK.isdisjoint(lower[start : n.token])


_COMPARATIVE = terms("context_words.tsv", "comparative")
_RISK = frozenset(("risk", "odds", "hazard", "chance", "chances", "likelihood", "risks"))
