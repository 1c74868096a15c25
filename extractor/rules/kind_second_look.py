"""Decide again what each number is, after a look at what its neighbours and the whole article were taken for.

The first decision (`number_kind`) sees words only. The second sees, for each number, its two likeliest kinds, the kind
of the number before and behind and what joins them, and how it lies to the sizes found: equal to an arm's, the sum of
two, larger than the study. Weights in `number_kind_2.tsv`, fitted to first decisions of a model that had not seen the
article.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from extractor.rules.layout import Layout
from extractor.rules.linear import FeatureNames, Features, Scores
from extractor.rules.number_context import connector
from extractor.rules.numbers import Number

_NEAR, _FAR = 3, 10
"""Tokens between two numbers up to which the words tell what joins them, and from which they are far."""


def second_features(
    layout: Layout, numbers: Sequence[Number], places: Sequence[int], chances: Scores, classes: Sequence[str]
) -> list[list[str]]:
    """Named evidence about each number of `places` (indices into `numbers`); `chances` has a line of probabilities for
    each of them, in the order of `classes`."""
    found = FeatureNames()
    look_again(layout, numbers, places, chances, classes, found)
    return found.lines


def look_again(
    layout: Layout,
    numbers: Sequence[Number],
    places: Sequence[int],
    chances: Scores,
    classes: Sequence[str],
    found: Features,
) -> None:
    """Take up that evidence, for one number after the other."""
    order = np.argsort(-chances, axis=1, kind="stable")[:, :2].tolist()
    probability = chances.tolist()
    first = [classes[best] for best, _ in order]
    sizes = [numbers[k].value for k, kind in zip(places, first, strict=True) if kind == "N"]
    totals = [numbers[k].value for k, kind in zip(places, first, strict=True) if kind == "T"]
    first_total = places[first.index("T")] if "T" in first else -1
    sums = {a + b for a, b in pairwise(sizes)} | {a + b + c for a, b, c in zip(sizes, sizes[1:], sizes[2:])}  # noqa: B905
    size_count, total_count = str(min(len(sizes), 4)), str(min(len(set(totals)), 3))
    for place, k in enumerate(places):
        n = numbers[k]
        best, other = order[place]
        kind = classes[best]
        both = kind + classes[other]
        sure = both + str(min(5, int(probability[place][best] * 6)))
        found.begin()
        found.one("bias{}", "")
        found.one("own:{}", kind + sure[2])
        found.one("own2:{}", sure)
        found.two("other:{}|{}", classes[other], str(min(9, int(probability[place][other] * 10))))
        for templates, beside in ((_BEFORE, place - 1), (_BEHIND, place + 1)):
            if not 0 <= beside < len(places):
                found.two(templates[0], "-", kind)
                continue
            m = numbers[places[beside]]
            theirs = first[beside]
            if m.sentence != n.sentence:
                found.two(templates[1], theirs, both)
                continue
            joined = _joined(layout, m, n) if beside < place else _joined(layout, n, m)
            alike = m.is_percent == n.is_percent and (m.decimals > 0) == (n.decimals > 0)
            found.two(templates[0], theirs, kind)
            found.two(templates[2], theirs, joined + ("|True" if alike else "|False"))
            found.two(templates[3], theirs + "|" + kind, joined)
            found.two(templates[4], sure, theirs)
        if n.whole and not n.is_percent:
            relation = _to_sizes(n.value, sizes, totals, sums)
            first_and_both = ("True|" if k == first_total else "False|") + both
            found.two("r:{}|{}", relation, kind)
            found.two("r2:{}|{}", relation, both)
            found.two("sizes:{}|{}", size_count, both)
            found.two("totals:{}|{}", total_count, first_and_both)
            found.two("sum:{}|{}", "True" if n.value in sums else "False", first_and_both)
            found.two("rest:{}|{}", "True" if _is_rest(n.value, sizes, totals) else "False", both)


_BEFORE = ("p:{}|{}", "ps:{}|{}", "pc:{}|{}", "pco:{}|{}", "pown:{}|{}")
_BEHIND = ("n:{}|{}", "ns:{}|{}", "nc:{}|{}", "nco:{}|{}", "nown:{}|{}")
"""Of the number before or behind: its kind, that in another sentence, and what joins them."""


def _is_rest(value: float, sizes: list[float], totals: list[float]) -> bool:
    """Whether it and the size of an arm make up the study."""
    for size in sizes:  # noqa: SIM110 (compiled, a generator is slower)
        if value + size in totals:
            return True
    return False


def _joined(layout: Layout, left: Number, right: Number) -> str:
    """What stands between two numbers of a sentence: the words if they are few, else how far they are."""
    gap = right.token - left.after
    if gap > _NEAR:
        return "far" if gap > _FAR else "mid"
    return connector(layout, left, right) if right.index == left.index + 1 else ".."


def _to_sizes(value: float, sizes: list[float], totals: list[float], sums: set[float]) -> str:
    """How a whole number lies to the sizes of the arms and of the study."""
    if value in sizes:
        return "arm"
    if value in totals:
        return "study"
    if value in sums:
        return "sum"
    if totals and value > max(totals):
        return ">study"
    return ">arms" if sizes and value > max(sizes) else "less"
