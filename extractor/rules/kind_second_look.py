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
from extractor.rules.linear import Scores
from extractor.rules.number_context import connector
from extractor.rules.numbers import Number

_NEAR, _FAR = 3, 10
"""Tokens between two numbers up to which the words tell what joins them, and from which they are far."""


def second_features(
    layout: Layout, numbers: Sequence[Number], places: Sequence[int], chances: Scores, classes: Sequence[str]
) -> list[list[str]]:
    """Named evidence about each number of `places` (indices into `numbers`); `chances` has a line of probabilities for
    each of them, in the order of `classes`."""
    order = np.argsort(-chances, axis=1, kind="stable")[:, :2].tolist()
    probability = chances.tolist()
    first = [classes[best] for best, _ in order]
    sizes = [numbers[k].value for k, kind in zip(places, first, strict=True) if kind == "N"]
    totals = [numbers[k].value for k, kind in zip(places, first, strict=True) if kind == "T"]
    first_total = next((k for k, kind in zip(places, first, strict=True) if kind == "T"), -1)
    sums = {a + b for a, b in pairwise(sizes)} | {a + b + c for a, b, c in zip(sizes, sizes[1:], sizes[2:])}  # noqa: B905
    found = []
    for place, k in enumerate(places):
        n = numbers[k]
        best, other = order[place]
        kind = classes[best]
        both = kind + classes[other]
        sure = f"{both}{min(5, int(probability[place][best] * 6))}"
        own = [
            "bias", f"own:{kind}{sure[2]}", f"own2:{sure}",
            f"other:{classes[other]}|{min(9, int(probability[place][other] * 10))}",
        ]  # fmt: skip
        for tag, beside in (("p", place - 1), ("n", place + 1)):
            if not 0 <= beside < len(places):
                own.append(f"{tag}:-|{kind}")
                continue
            m = numbers[places[beside]]
            theirs = first[beside]
            if m.sentence != n.sentence:
                own.append(f"{tag}s:{theirs}|{both}")
                continue
            joined = _joined(layout, m, n) if beside < place else _joined(layout, n, m)
            alike = m.is_percent == n.is_percent and (m.decimals > 0) == (n.decimals > 0)
            own += [
                f"{tag}:{theirs}|{kind}", f"{tag}c:{theirs}|{joined}|{alike}", f"{tag}co:{theirs}|{kind}|{joined}",
                f"{tag}own:{sure}|{theirs}",
            ]  # fmt: skip
        if n.whole and not n.is_percent:
            relation = _to_sizes(n.value, sizes, totals, sums)
            is_first = k == first_total
            own += [
                f"r:{relation}|{kind}", f"r2:{relation}|{both}", f"sizes:{min(len(sizes), 4)}|{both}",
                f"totals:{min(len(set(totals)), 3)}|{is_first}|{both}", f"sum:{n.value in sums}|{is_first}|{both}",
                f"rest:{any(n.value + size in totals for size in sizes)}|{both}",
            ]  # fmt: skip
        found.append(own)
    return found


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
