"""Bind numbers that say one thing: "24 (16%)", "24/147 (16.3%)", "45.2 ± 6.1", "6.5 months (95% CI, 5.1-7.9)".

A bundle gets one arm, one endpoint and one timepoint, and becomes one fact. Bundles that stand in one list
("A vs B", "12, 15 and 18 %, respectively") form a series; their places in it tell whose they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.numbers import Number

RESULT_KINDS = frozenset("NCPMDG")
"""Kinds whose bundles belong to an arm or to nobody."""
EFFECTS = frozenset(("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio"))
HEADS = frozenset("TNGCPMDFRS") | EFFECTS
"""Kinds that a bundle can be about."""
_QUALIFIERS = frozenset(
    ("ci_level", "ci_low", "ci_high", "range_low", "range_high", "q1", "q3", "p_value", "plus_minus", "S")
)  # fmt: skip
_MAX_COUNTED = 3
"""Words that may name what was counted between a count and its percentage ("3 partial responses (6%)")."""
_FUNCTION = terms("context_words.tsv", "function")
_VERB = terms("statement_words.tsv", "verb")
_OF = frozenset(("of", "/", "out of", "of the", "among"))
_PAIRING = frozenset(("vs", "/"))
"""Joints that do not mix with others in one list."""
LINKS = frozenset(
    ("vs", "versus", "v", "and", ",", "or", "/", "compared", "with", "to", ".", "against", "than", ";", "respectively",
     "for", "in", "the", "on", "-", "&", "only", "as", "by", "but", "while", "whereas", "group", "arm", "of", "at")
)  # fmt: skip


@dataclass(slots=True)
class Bundle:
    """`head` is the number the bundle is about, `members` all of its numbers, the head among them, in text order."""

    head: Number
    kind: str
    members: list[Number]
    start: int
    """First and one past the last token."""
    end: int
    series: int = -1
    """Index of the series within the article, and the bundle's place in it."""
    place: int = 0
    denominator: Number | None = None
    age: bool = False
    """An age that describes people; its kind is M or D."""


@dataclass(slots=True)
class Series:
    """Bundles of one kind in one list."""

    bundles: list[Bundle] = field(default_factory=list)
    joints: list[str] = field(default_factory=list)
    """What joins each bundle to the next: vs | / | and | , | to."""


def bind(layout: Layout, numbers: list[Number], kinds: Sequence[str]) -> list[Bundle]:
    """The bundles of an article in text order. Every number that is a result or effect heads one or belongs to one."""
    bundles: list[Bundle] = []
    current: Bundle | None = None
    for n in numbers:
        kind = kinds[n.index]
        if current is not None and n.sentence == current.head.sentence and _belongs(layout, current, n, kind, kinds):
            # behind a count the next whole number is what it is out of; "58% (35/60)" has its count in the bracket
            counted = any(m.whole for m in current.members)
            current.members.append(n)
            current.end = max(current.end, n.after)
            if (
                n.whole
                and current.denominator is None
                and kind not in _QUALIFIERS
                and (counted or kind in ("G", "N", "T"))
            ):
                current.denominator = n
            continue
        if kind == "X":
            current = None
        told = _age_told(layout, n) if kind == "age" else None
        kind = told or kind
        if kind not in HEADS or (kind == "S" and n.index and kinds[n.index - 1] in ("age", "time", "dose")):
            continue
        current = Bundle(n, kind, [n], n.token, n.after, age=told is not None)
        bundles.append(current)
    for bundle in bundles:
        _promote(bundle, kinds)
    return bundles


def _age_told(layout: Layout, n: Number) -> str | None:
    """The kind of an age that describes people, as "mean age 62 years" or "aged 41 ± 9" does; None for one that only
    says who may take part."""
    lower = layout.lower
    begin, end = layout.sentences[n.sentence]
    before = lower[max(begin, n.token - _NEAR_AGE) : n.token]
    if "median" in before:
        return "D"
    after = lower[n.after : min(end, n.after + 3)]
    deviates = after[:1] == ["±"] or after[:2] in (["(", "sd"], ["[", "sd"], ["(", "±"]) or after == ["+", "/", "-"]
    return "M" if deviates or not _MEAN.isdisjoint(before) else None


_NEAR_AGE = 6
_MEAN = frozenset(("mean", "average", "averaged"))


def _gap(layout: Layout, bundle: Bundle, n: Number) -> list[str]:
    stop = n.token
    if n.sign_start >= 0:
        stop -= 1
    return layout.lower[bundle.members[-1].after : stop]


def _belongs(layout: Layout, bundle: Bundle, n: Number, kind: str, kinds: Sequence[str]) -> bool:
    """Whether number n continues the bundle."""
    gap = _gap(layout, bundle, n)
    if kind in _QUALIFIERS:
        if kind == "p_value":
            free = all(kinds[m.index] != "p_value" for m in bundle.members)
            return gap[:1] != ["."] and (len(gap) <= _NEAR_P or (free and _in_bracket_behind(gap)))
        if kind in ("S", "plus_minus") and bundle.members[-1].index != n.index - 1:
            return False  # of "nine volunteers (aged 31 ± 4)" the deviation is the age's
        return len(gap) <= 9
    if kind == "P":
        return _percent_of(layout, bundle, n, gap, kinds)
    if not n.whole or kind not in "CGNTX":
        return False
    last_kind = kinds[bundle.members[-1].index]
    return (
        _whole_of(bundle, n, gap, last_kind)
        or (last_kind == "P" and _count_in_bracket(bundle, gap, kind))
        or (last_kind == "P" and _whole_behind_percent(bundle, n, gap))
    )


_NEAR_P, _FAR_P = 8, 24


def _in_bracket_behind(gap: list[str]) -> bool:
    """Whether a p-value further on stands in a bracket behind what the number is said of: "41% of those in the placebo
    arm of the study as a whole (P < 0.001)"."""
    return len(gap) <= _FAR_P and "(" in gap[-4:] and _ENDS.isdisjoint(gap) and _VERB.isdisjoint(gap)


_ENDS = frozenset((";", ":", ","))


def _percent_of(layout: Layout, bundle: Bundle, n: Number, gap: list[str], kinds: Sequence[str]) -> bool:
    """The percentage of a count: "24 (16%)", "24/147 [16%]", "24 of 147 women (16%)", and the second of "(24, 16%)"."""
    if bundle.kind not in "CNGT" or any(kinds[m.index] == "P" for m in bundle.members):
        return False
    if gap and gap[0] in "([" and len(gap) <= 2:
        return _fits(bundle, n)
    if gap and gap[-1] in "([" and len(gap) <= 1 + _MAX_COUNTED:
        return all(w.isalpha() and w not in _FUNCTION for w in gap[:-1]) and _fits(bundle, n)
    return bundle.kind == "C" and gap == [","] and layout.lower[n.after : n.after + 1] in ([")"], ["]"])


def _whole_of(bundle: Bundle, n: Number, gap: list[str], last_kind: str) -> bool:
    """The whole of a count: "24/147", "24 of 147"."""
    last = bundle.members[-1]
    joined = " ".join(g for g in gap if g not in "([").strip()
    return last.whole and last_kind in "CNG" and joined in _OF and len(gap) <= 3 and n.value >= last.value


def _count_in_bracket(bundle: Bundle, gap: list[str], kind: str) -> bool:
    """The count behind its percentage: "16% (24 of 147)", "16% (n = 24)"."""
    if bundle.kind != "P" or kind == "T" or not gap or gap[0] not in "([":
        return False
    return all(g in "([,;" or g in ("i.e", "n", "=", "that", "is") for g in gap)


def _whole_behind_percent(bundle: Bundle, n: Number, gap: list[str]) -> bool:
    """The whole behind count and percentage: "251 (73%) of 345 patients", "251 [7.0%] in 3579 women"."""
    head = bundle.head
    return (
        bundle.denominator is None and bundle.kind in "CNG" and head.whole and n.value >= head.value
        and len(gap) in (2, 3) and gap[0] in ")]" and gap[1] in ("of", "in", "among")
        and _share(head, n, bundle.members[-1])
    )  # fmt: skip


def _fits(bundle: Bundle, percent: Number) -> bool:
    """Whether the percentage can be the count's: with a denominator at hand it must be about right."""
    whole = [m for m in bundle.members if m.whole]
    if len(whole) >= 2 and whole[1].value:
        return abs(100 * whole[0].value / whole[1].value - percent.value) < 3 + 0.1 * percent.value
    return True


def _share(count: Number, whole: Number, percent: Number) -> bool:
    """Whether count out of whole is the percentage, to the decimals printed."""
    return (
        whole.value > 0 and abs(100 * count.value / whole.value - percent.value) <= 0.6 * 10.0**-percent.decimals + 0.5
    )


def _promote(bundle: Bundle, kinds: Sequence[str]) -> None:
    """A count with its percentage is a count whatever the classifier thought of the first number."""
    member_kinds = [kinds[m.index] for m in bundle.members]
    if "P" in member_kinds and (
        (bundle.kind == "G" and bundle.denominator is None) or (bundle.kind == "N" and bundle.denominator)
    ):
        bundle.kind = "C"


def series_of(layout: Layout, bundles: list[Bundle], mentions: Sequence[tuple[int, int, int]]) -> list[Series]:
    """Group neighbouring bundles of one kind into lists. `mentions` are (start token, end token, arm), sorted; the
    words of a mention do not count as distance."""
    covered: set[int] = set()
    for a, b, _ in mentions:
        covered.update(range(a, b))
    found: list[Series] = []
    current: Series | None = None
    previous: Bundle | None = None
    for bundle in bundles:
        joint = ""
        if (
            previous is not None
            and current is not None
            and previous.head.sentence == bundle.head.sentence
            and previous.kind == bundle.kind
            and _alike(previous.head, bundle.head)
        ):
            gap = [layout.lower[t] for t in range(previous.end, bundle.start) if t not in covered]
            plain = [g for g in gap if g not in ")([]" and g not in LINKS and not g[0].isdigit()]
            if len(plain) <= 1 and len(gap) <= 12:
                joint = next((g for g in gap if g in ("vs", "versus", "v", "compared", "against", "than")), "")
                if joint:
                    joint = "vs"
                elif "and" in gap or "or" in gap:
                    joint = "and"
                else:
                    joint = "/" if "/" in gap else "," if gap else "to"
                if (
                    current.joints
                    and current.joints[-1] != joint
                    and not _PAIRING.isdisjoint((joint, current.joints[-1]))
                ):
                    joint = ""  # "5 vs 7.5%, 67.5 vs 82.5%": pairs, not a list of four
        if not joint:
            current = Series()
            found.append(current)
        elif current is not None:
            current.joints.append(joint)
        assert current is not None
        bundle.series, bundle.place = len(found) - 1, len(current.bundles)
        current.bundles.append(bundle)
        previous = bundle
    return found


def _alike(a: Number, b: Number) -> bool:
    """Same form: both whole, both percentages (or the first of "X and Y percent"), the same unit if both have one."""
    if a.unit and b.unit and a.unit != b.unit:
        return False
    return a.is_percent == b.is_percent or not a.is_percent
