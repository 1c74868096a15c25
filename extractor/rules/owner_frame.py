"""A sentence reduced to its frame: the names of arms, the results, and the words that join them or set them apart.

"Pain was lower with examplin than with placebo (12% v 15%)" is "+iXi>iY(#v#)" seen from examplin: whose a number is
shows in such a pattern better than in any of its parts. X is the arm that is asked about, Y another one; where nobody
is asked about, M is any arm. `#` is a result of the same kind, a small letter one of another kind, `e` an effect or
what else is no result of an arm; the other signs are those of `frame_words.tsv`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extractor.rules.bundle import RESULT_KINDS, Bundle
from extractor.rules.lexicon import mapping

_SIGNS = mapping("frame_words.tsv", "term", "sign")
_STRONG = frozenset("XYM#v>~r;:(*&")
"""Signs that are kept where the frame is reduced further."""
_NAMES = frozenset("XYM#")
_NEAR, _FAR, _MOST = 2, 4, 6
"""Signs on each side of a bundle that are looked at."""


class _View:
    """A frame as one candidate sees it: all signs, the strong ones, names and numbers only. `strong_at[i]` is how many
    of the first i signs are strong."""

    __slots__ = ("names", "names_at", "signs", "strong", "strong_at")

    def __init__(self, signs: str) -> None:
        self.signs = signs
        self.strong, self.strong_at = _kept(signs, _STRONG)
        self.names, self.names_at = _kept(signs, _NAMES)


def _kept(signs: str, kept: frozenset[str]) -> tuple[str, list[int]]:
    found: list[str] = []
    before: list[int] = []
    for sign in signs:
        before.append(len(found))
        if sign in kept:
            found.append(sign)
    return "".join(found), before


class Frame:
    """The frame of one sentence, from which each candidate gets its view."""

    __slots__ = ("_arms", "_signs", "_views", "places")

    def __init__(
        self, lower: Sequence[str], begin: int, end: int, mentions: Sequence[tuple[int, int, int]],
        bundles: Sequence[Bundle],
    ) -> None:  # fmt: skip
        """`mentions` are (start token, end token, arm) and `bundles` those of the sentence, tokens `begin` to `end`."""
        named = {a: (b, arm) for a, b, arm in mentions}
        starting = {bundle.start: bundle for bundle in bundles}
        signs: list[str] = []
        arms: list[int] = []
        self.places: dict[int, int] = {}
        """First token of a bundle -> its place in the frame."""
        i = begin
        while i < end:
            bundle = starting.get(i)
            if bundle is not None:
                self.places[i] = len(signs)
                signs.append(bundle.kind if bundle.kind in RESULT_KINDS else "e")
                arms.append(-1)
                i = max(bundle.end, i + 1)
                continue
            mention = named.get(i)
            if mention is not None:
                stop, arm = mention
                if not arms or arms[-1] != arm:
                    signs.append("M")
                    arms.append(arm)
                i = max(stop, i + 1)
                continue
            sign = _SIGNS.get(lower[i])
            if sign is not None:
                signs.append(sign)
                arms.append(-1)
            i += 1
        self._signs = signs
        self._arms = arms
        self._views: dict[tuple[int, str], _View] = {}

    def view(self, arm: int, kind: str) -> _View:
        """As `arm` sees it (-1: nobody) when asked about a result of `kind`."""
        found = self._views.get((arm, kind))
        if found is None:
            signs = [
                ("M" if arm < 0 else "X" if whose == arm else "Y") if whose >= 0
                else "#" if sign == kind
                else sign.lower()
                for sign, whose in zip(self._signs, self._arms, strict=True)
            ]  # fmt: skip
            found = self._views[arm, kind] = _View("".join(signs))
        return found


class _Sides:
    """The signs before and behind a bundle: all, the strong ones, names and numbers only."""

    __slots__ = ("left", "names_left", "names_right", "right", "strong_left", "strong_right")

    def __init__(self, view: _View, place: int) -> None:
        signs, strong, names = view.signs, view.strong, view.names
        s, n = view.strong_at[place], view.names_at[place]
        self.left, self.right = signs[max(0, place - _FAR) : place], signs[place + 1 : place + 1 + _FAR]
        self.strong_left, self.strong_right = strong[max(0, s - _MOST) : s], strong[s + 1 : s + 1 + _MOST]
        self.names_left, self.names_right = names[max(0, n - _MOST) : n], names[n + 1 : n + 1 + _MOST]


def frame_features(frame: Frame, bundle: Bundle, arm: int, arms: int) -> list[str]:
    """The signs around a bundle as candidate `arm` (-1: nobody) sees them; `arms` is how many the article has."""
    place = frame.places.get(bundle.start)
    if place is None:
        return []
    sides = _Sides(frame.view(arm, bundle.kind), place)
    left, right = sides.left, sides.right
    strong_left, strong_right = sides.strong_left, sides.strong_right
    names_left, names_right = sides.names_left, sides.names_right
    many = "|" + str(min(arms, 3))
    t = "0f" if arm < 0 else "f"
    return [
        t + "n:" + left[-_NEAR:] + "|" + right[:_NEAR],
        t + "f:" + left + "|" + right,
        t + "s3:" + strong_left[-3:] + "|" + strong_right[:3] + many,
        t + "a3:" + names_left[-3:] + "|" + names_right[:3] + many,
        t + "s4:" + strong_left[-4:] + "|" + strong_right[:4] + many,
        t + "a4:" + names_left[-4:] + "|" + names_right[:4] + many,
        t + "sl2:" + strong_left[-2:], t + "sr2:" + strong_right[:2],
        t + "al2:" + names_left[-2:], t + "ar2:" + names_right[:2],
        t + "sl4:" + strong_left[-4:], t + "sr4:" + strong_right[:4],
        t + "al4:" + names_left[-4:], t + "ar4:" + names_right[:4],
        t + "sl6:" + strong_left, t + "sr6:" + strong_right,
        t + "al6:" + names_left, t + "ar6:" + names_right,
    ]  # fmt: skip


_Pairs = dict[str, dict[str, int]]
_NONE: dict[str, int] = {}


class _Tables:
    """The weights of one candidate's `frame_features`, by the signs before a bundle, then those behind it."""

    __slots__ = (
        "all2", "all4", "names3", "names4", "names_left", "names_right", "strong3", "strong4", "strong_left",
        "strong_right",
    )  # fmt: skip

    def __init__(self, weights: Mapping[str, int], t: str) -> None:
        pairs: dict[str, _Pairs] = {t + kind: {} for kind in ("n", "f", "s3", "a3", "s4", "a4")}
        sides: dict[str, dict[str, int]] = {
            f"{t}{kind}{side}{size}": {} for kind in "sa" for side in "lr" for size in (2, 4, 6)
        }
        for feature, weight in weights.items():
            kind, _, signs = feature.partition(":")
            if kind in pairs:
                left, _, right = signs.partition("|")
                pairs[kind].setdefault(left, {})[right] = weight
            elif kind in sides:
                sides[kind][signs] = weight
        self.all2, self.all4 = pairs[t + "n"], pairs[t + "f"]
        self.strong3, self.strong4 = pairs[t + "s3"], pairs[t + "s4"]
        self.names3, self.names4 = pairs[t + "a3"], pairs[t + "a4"]
        self.strong_left = sides[t + "sl2"], sides[t + "sl4"], sides[t + "sl6"]
        self.strong_right = sides[t + "sr2"], sides[t + "sr4"], sides[t + "sr6"]
        self.names_left = sides[t + "al2"], sides[t + "al4"], sides[t + "al6"]
        self.names_right = sides[t + "ar2"], sides[t + "ar4"], sides[t + "ar6"]


class FrameWeights:
    """What a model says of `frame_features`, without building their names: there are dozens of bundles in an article,
    and each candidate of each comes by here."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        self._nobody = _Tables(weights, "0f")
        self._arm = _Tables(weights, "f")

    def total(self, frame: Frame, bundle: Bundle, arm: int, arms: int) -> int:
        """The sum of the weights of `frame_features` of the same arguments."""
        place = frame.places.get(bundle.start)
        if place is None:
            return 0
        tables = self._nobody if arm < 0 else self._arm
        sides = _Sides(frame.view(arm, bundle.kind), place)
        left, right = sides.left, sides.right
        total = tables.all2.get(left[-_NEAR:], _NONE).get(right[:_NEAR], 0) + tables.all4.get(left, _NONE).get(right, 0)
        many = "|" + str(min(arms, 3))
        left, right = sides.strong_left, sides.strong_right
        total += tables.strong3.get(left[-3:], _NONE).get(right[:3] + many, 0)
        total += tables.strong4.get(left[-4:], _NONE).get(right[:4] + many, 0)
        total += _of_side(tables.strong_left, left[-2:], left[-4:], left)
        total += _of_side(tables.strong_right, right[:2], right[:4], right)
        left, right = sides.names_left, sides.names_right
        total += tables.names3.get(left[-3:], _NONE).get(right[:3] + many, 0)
        total += tables.names4.get(left[-4:], _NONE).get(right[:4] + many, 0)
        total += _of_side(tables.names_left, left[-2:], left[-4:], left)
        return total + _of_side(tables.names_right, right[:2], right[:4], right)


def _of_side(tables: tuple[dict[str, int], dict[str, int], dict[str, int]], two: str, four: str, six: str) -> int:
    return tables[0].get(two, 0) + tables[1].get(four, 0) + tables[2].get(six, 0)
