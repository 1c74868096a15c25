"""Set right what the form of a list or phrase leaves no doubt about, after a number's kind was decided by weights.

The members of "25%, 29% and 39%" are of one kind; "a 63 percent reduction" compares; "412 eligible patients were
enrolled" is the size of the study; "the fever kills 61 percent of those who catch it" is no result of a trial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractor.rules.arm_names import HEAD
from extractor.rules.lexicon import terms
from extractor.rules.number_context import PEOPLE, connector
from extractor.rules.numbers import Number

if TYPE_CHECKING:
    from extractor.rules.number_kind import Evidence

_LIST = frozenset((",", "and", ", and", "or", "vs", "vs .", "versus", "v", "to"))
_IN_LISTS = frozenset("PMDCNR")
_BY_FORM = 0.9
"""Probability given to a size that the form tells; set by hand, below what was counted ("(n = 67)": 557 of 562)."""
_UNSURE = 0.8
"""A number in a list that is thought nothing with less than this takes the kind of its neighbour. Set by hand; measured
afterwards on our annotations in two folds: kinds right .8445 and .8529 with it, .8444 and .8511 without the step."""


def settle(e: Evidence, kinds: list[str], probability: list[float]) -> None:
    """Change `kinds` where the form tells better; `probability` (0 to 1) is what the weights gave each number."""
    before = kinds.copy()
    _join_lists(e, kinds, probability)
    for k in e.open_numbers:
        kinds[k] = _formed(e, e.numbers[k], kinds[k], probability[k])
        if kinds[k] == "P" and _completes(e, kinds, k):
            kinds[k] = "X"
        elif kinds[k] in "GCX" and _is_allotted(e, kinds, k):
            kinds[k] = "N"
    for k in e.open_numbers[:-1]:
        if "N" in kinds[k : k + 2] and _are_arms_of_study(e, kinds, k):
            kinds[k] = kinds[k + 1] = "N"
            probability[k], probability[k + 1] = max(probability[k], _BY_FORM), max(probability[k + 1], _BY_FORM)
    for k in e.open_numbers:
        if kinds[k] in "NT" and kinds[k] != before[k]:
            probability[k] = _BY_FORM


def _join_lists(e: Evidence, kinds: list[str], probability: list[float]) -> None:
    """Give the members of a list one kind."""
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


def _formed(e: Evidence, n: Number, kind: str, probability: float) -> str:
    """The kind of a number by its form; `kind` if that says nothing."""
    lower = e.layout.lower
    if kind in "TNCG" and n.decimals and not n.in_words:
        return "P" if n.is_percent else "X"  # people come in whole numbers
    if lower[n.before : n.before + 1] == ["every"]:
        return "X"  # "one death is averted for every four relapses"
    if kind == "C" and not _AVERTED.isdisjoint(lower[n.after : n.after + 6]):
        return "X"
    if _compares(e, n, kind):
        return "R"
    if kind == "X" and e.named[n.index][1][0] == "0" and _is_enrolled(e, n):
        return "T"
    if kind == "P" and _is_background(e, n):
        return "X"
    if kind == "X" and n.is_percent and _counts_sex(e, n):
        return "P"
    if kind in "XGC" and _is_size_of_arm(e, n):
        return "N"
    if kind in "TNGC" and n.text.lower().endswith(("million", "billion")):
        return "X"  # people who live with a disease, not in a study
    if kind in "NGX" and n.whole and is_sum_of_equals(e, n):
        return "T"
    if kind in "XGT" and probability < _UNSURE and (_all_of_them(e, n) or _of_them(e, n)):
        return "C"
    return kind


_SEX = frozenset(("women", "men", "female", "male", "females", "males", "girls", "boys"))
_SAID_OF = frozenset(("were", "was", "being", "are", "of", "them", "whom", "patients", "participants"))
_AFTER_SEX = frozenset((")", "]", ",", ";", ".", "and", "or", "(", "["))


def _counts_sex(e: Evidence, n: Number) -> bool:
    """Whether a percentage says how many of the people are women or men: "54% were women", "(45% male)"."""
    lower = e.layout.lower
    following = [w for w in lower[n.after : n.after + 5] if w not in _SAID_OF]
    if len(following) > 1 and following[0] in _SEX and following[1] in _AFTER_SEX:
        return True
    return lower[n.before : n.before + 1] in ([":"], [","]) and n.before > 0 and lower[n.before - 1] in _SEX


_EACH = frozenset(("each", "per", "both", "either", "every"))


def is_sum_of_equals(e: Evidence, n: Number) -> bool:
    """Whether the next number is the size of each of equal groups: "120 women (60 per group)"."""
    following = e.numbers[n.index + 1] if n.index + 1 < len(e.numbers) else None
    if following is None or following.sentence != n.sentence or not following.whole or following.value < 2:
        return False
    if n.unit_class is not None or following.unit_class is not None:
        return False
    around = e.layout.lower[following.token - 2 : following.after + 4]
    each = not _EACH.isdisjoint(around) and not (PEOPLE.isdisjoint(around) and HEAD.isdisjoint(around))
    return each and n.value in (2 * following.value, 3 * following.value, 4 * following.value)


_ENROLLED = frozenset(
    ("enrolled", "enroled", "randomized", "randomised", "recruited", "included", "assigned", "entered", "accrued",
     "registered", "allocated", "screened", "followed")
)  # fmt: skip
_WERE = frozenset(("were", "was", "have"))
_MAX_BEFORE_VERB = 3


def _is_enrolled(e: Evidence, n: Number) -> bool:
    """Whether people take part: "412 eligible patients were enrolled", "82 were randomised"."""
    following = e.layout.lower[n.after : n.after + _MAX_BEFORE_VERB + 3]
    verb = next((i for i, word in enumerate(following[: _MAX_BEFORE_VERB + 1]) if word in _WERE), -1)
    if verb < 0 or not n.whole or n.value < 2 or n.unit_class or (verb and PEOPLE.isdisjoint(following[:verb])):
        return False
    if not all(word.isalpha() for word in following[:verb]):
        return False
    rest = [word for word in following[verb + 1 :] if word != "been"]
    return bool(rest) and not _ENROLLED.isdisjoint(rest[:1] if rest[0][-2:] != "ly" else rest[1:2])


def _is_allotted(e: Evidence, kinds: list[str], k: int) -> bool:
    """Whether so many went to an arm: "34 (52%) were randomized to A and 32 (48%) to B"."""
    n, lower = e.numbers[k], e.layout.lower
    after = n.after
    if lower[after : after + 1] == ["("]:
        after = e.layout.closer(after) + 1
    if not n.whole or not after:
        return False
    if lower[after : after + 1] in (["were"], ["was"]):
        rest = [word for word in lower[after + 1 : after + 4] if word != "randomly"]
        return not _ALLOTTED.isdisjoint(rest[:1]) and rest[1:2] == ["to"]
    before = [m for m in e.numbers[max(0, k - 2) : k] if m.whole and m.sentence == n.sentence]
    joined = lower[n.before : n.before + 1] == ["and"] and lower[after : after + 1] == ["to"]
    return joined and bool(before) and kinds[before[-1].index] == "N" and "@" in e.classes[after + 1 : after + 4]


def _are_arms_of_study(e: Evidence, kinds: list[str], k: int) -> bool:
    """Whether two numbers beside names add up to a size of the study in their sentence: "247 women (A 124, B 123)"."""
    if k + 1 >= len(e.numbers):
        return False
    one, two = e.numbers[k], e.numbers[k + 1]
    if not (one.whole and two.whole and one.sentence == two.sentence) or {kinds[k], kinds[k + 1]} - set("NGCX"):
        return False
    if e.classes[one.token - 1] != "@" or e.classes[two.token - 1] != "@":
        return False
    return any(
        kinds[m.index] == "T" and m.value == one.value + two.value
        for m in e.numbers[max(0, k - 4) : k]
        if m.sentence == one.sentence
    )


_AVERTED = frozenset(("averted", "prevented", "avoided"))
_HAPPENED_THEN = terms("context_words.tsv", "told")
_HOLDS = terms("context_words.tsv", "lasting")


def _is_background(e: Evidence, n: Number) -> bool:
    """Whether a sentence tells how things are and not what happened: "the fever kills 61 percent of those who catch
    it". In our annotations such a percentage is nothing of the trial in five of six sentences, where no arm is named
    and no other result stands beside it."""
    begin, end = e.layout.sentences[n.sentence]
    words = e.layout.lower[begin:end]
    if "@" in e.classes[begin:end] or _HOLDS.isdisjoint(words) or not _HAPPENED_THEN.isdisjoint(words):
        return False
    return not any(len(word) > 4 and word[-2:] == "ed" for word in words)


def _completes(e: Evidence, kinds: list[str], k: int) -> bool:
    """Whether a percentage is the rest of one that is nothing of the trial: "38% took factor 8, 62% did not"."""
    n = e.numbers[k]
    for before in e.numbers[max(0, k - 2) : k]:
        if before.is_percent and before.sentence == n.sentence and kinds[before.index] == "X":
            return before.value + n.value == 100
    return False


_ALLOTTED = frozenset(("randomized", "randomised", "randomly", "assigned", "allocated"))


def _is_size_of_arm(e: Evidence, n: Number) -> bool:
    """Whether "(n = 67)" stands right behind the name of an arm in a sentence on who was assigned to what. In our
    annotations 557 of 562 such numbers are the size of an arm."""
    lower, opener = e.layout.lower, n.opener
    if not n.whole or opener < 1 or lower[n.token - 2 : n.token] != ["n", "="]:
        return False
    if lower[n.after : n.after + 1] != [")"]:
        return False
    named = opener - 2 if lower[opener - 1] in HEAD else opener - 1
    begin, end = e.layout.sentences[n.sentence]
    return e.classes[named] == "@" and not _ALLOTTED.isdisjoint(lower[begin:end])


def _all_of_them(e: Evidence, n: Number) -> bool:
    """Whether a number repeats the size of the study, as in "all 10 had a remission"."""
    return (
        n.whole
        and not n.is_percent
        and e.values.get(n.value, 0) > 1
        and e.layout.lower[n.before : n.before + 1] == ["all"]
    )


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
