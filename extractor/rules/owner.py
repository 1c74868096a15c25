"""Decide whose each bundle of numbers is: one of the article's arms, or nobody's.

For every bundle each arm and "nobody" is a candidate; the evidence that ties the candidate to the bundle (a name
beside the number, the place in a list against the order of the arms, brackets, the frame of the sentence, the sentence
before, sizes that come back as denominators) is gathered as named features, and `weights/owner.tsv` says what each is
worth. Decisions run from left to right, so that a bundle sees who owned the one before; what `owner_form` reads off the
form of the text goes before all evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from extractor.rules.arm import ACTIVE, CONTROL, ORDER, STANDARD, ArmName
from extractor.rules.bundle import RESULT_KINDS, Bundle, Series, series_of
from extractor.rules.layout import Layout
from extractor.rules.linear import LinearModel, likeliest, load_model
from extractor.rules.numbers import Number
from extractor.rules.owner_form import CERTAIN, owners_by_colon, owners_of_sides, slashed_order
from extractor.rules.owner_frame import Frame, FrameWeights, frame_features

NOBODY = -1
_WHOLE = frozenset(
    (
        "both",
        "overall",
        "all",
        "total",
        "entire",
        "whole",
        "together",
        "either",
        "combined",
        "each",
        "cohort",
        "population",
    )
)
_SIDES = frozenset(("former", "latter"))
_BASELINE = frozenset(("baseline", "age", "aged", "characteristics", "eligible", "history", "screened"))
_BREAKS = frozenset((";", "whereas", "while", "but", "however"))
_GENERIC = CONTROL | ACTIVE | STANDARD


@dataclass(slots=True)
class Scene:
    """All that the features of one article share."""

    layout: Layout
    arms: list[ArmName]
    bundles: list[Bundle]
    by_sentence: list[list[Bundle]]
    """The bundles of each sentence: going through all of the article's for each one made long texts quadratic."""
    series: list[Series]
    mentions: list[list[tuple[int, int, int]]]
    """Per sentence: (start token, end token, arm)."""
    orders: list[list[int]]
    """Per sentence: the arms in the order of their last full listing before or in the sentence."""
    sizes: dict[float, set[int]]
    """Value -> arms that it is the size of, as decided so far."""
    sized: set[tuple[int, int]] = field(default_factory=set)
    """(sentence, arm): where an arm got its size, and (-1, arm) for anywhere."""
    given: dict[int, list[int]] = field(default_factory=dict)
    """Series -> the owners of its bundles, as decided so far."""
    settled: dict[int, tuple[int, list[int]]] = field(default_factory=dict)
    """Length -> sentence and owners of the last series of that length whose bundles went to different arms."""
    frames: dict[int, Frame] = field(default_factory=dict)
    """Sentence -> its frame; filled as they are asked for."""
    spoken: dict[int, list[str]] = field(default_factory=dict)
    """Sentence -> `_spoken` of it; likewise."""


def build_scene(layout: Layout, arms: list[ArmName], bundles: list[Bundle]) -> Scene:
    """Mentions by sentence, series, and the order in which the text last named the arms."""
    flat = read_mentions(layout, arms)
    per: list[list[tuple[int, int, int]]] = [[] for _ in layout.sentences]
    for m in flat:
        per[layout.sentence_of[m[0]]].append(m)
    by_sentence: list[list[Bundle]] = [[] for _ in layout.sentences]
    for bundle in bundles:
        by_sentence[bundle.head.sentence].append(bundle)
    orders: list[list[int]] = []
    last = list(range(len(arms)))
    two_sided = len(arms) == 2 and not _SIDES.isdisjoint(layout.lower)
    for sentence, found in enumerate(per):
        if two_sided:
            found += _former_and_latter(layout, sentence, last)
            found.sort()
        order = list(dict.fromkeys(k for _, _, k in found))
        orders.append(last)
        if len(order) == len(arms) and len(order) > 1:
            last = order
    named = [m for found in per for m in found]
    return Scene(layout, arms, bundles, by_sentence, series_of(layout, bundles, named), per, orders, {})


def _former_and_latter(layout: Layout, sentence: int, order: list[int]) -> list[tuple[int, int, int]]:
    """Mentions as in "the former group", by the order in which the two arms were named last."""
    lower = layout.lower
    begin, end = layout.sentences[sentence]
    return [
        (i, i + 2, order[ORDER[lower[i]]])
        for i in range(begin, end - 1)
        if lower[i] in _SIDES and lower[i + 1] in _TRAILING
    ]


def read_mentions(layout: Layout, arms: list[ArmName]) -> list[tuple[int, int, int]]:
    """Every mention as (start token, end token, arm) in text order. "P group" counts like "group P", names joined by
    "plus" are one mention, and the "group" or "patients" behind a name belongs to it."""
    lower, words = layout.lower, layout.words
    flat = [(a, b, k) for k, arm in enumerate(arms) for a, b in arm.mentions]
    letters = {
        name[1]: k
        for k, arm in enumerate(arms)
        for name in arm.names
        if len(name) == 2 and name[0] in _GROUP and len(name[1]) == 1
    }
    if letters:
        taken = {t for a, b, _ in flat for t in range(a, b)}
        flat += [
            (i - 1, i, letters[lower[i - 1]])
            for i in range(1, len(lower))
            if lower[i] in _GROUP and i - 1 not in taken and lower[i - 1] in letters and words[i - 1].isupper()
        ]
    found: list[tuple[int, int, int]] = []
    for a, b, k in sorted(flat):
        while b < len(lower) and lower[b] in _TRAILING and b - a < 12:
            b += 1
        if found:
            first, end, arm = found[-1]
            if layout.sentence_of[first] == layout.sentence_of[a] and tuple(lower[end:a]) in _PLUS:
                named = _with_addition(layout, arms, arm, k)
                if named is not None:
                    found[-1] = (first, b, named)
                    continue
        found.append((a, b, k))
    return found


_GROUP = frozenset(("group", "arm", "groups", "arms"))
_TRAILING = frozenset(
    ("group", "groups", "arm", "arms", "patients", "women", "recipients", "subjects", "participants", "alone", "users")
)
_PLUS = frozenset(
    (("plus",), ("+",), ("combined", "with"), ("in", "combination", "with"), ("followed", "by"), ("then",), ("&",))
)


def _with_addition(layout: Layout, arms: list[ArmName], one: int, two: int) -> int | None:
    """The arm that "A plus B" names where A is the backbone of both arms ("fulvestrant plus placebo" against
    "fulvestrant plus palbociclib", "letrozole alone" against "palbociclib plus letrozole"): the one with the addition.
    None where it may be a third treatment."""
    if one == two:
        return one
    if len(arms) != 2:
        return None
    control = [k for k in (one, two) if arms[k].is_control]
    if len(control) == 1:
        backbone = any(w in _ADDING for name in arms[control[0]].names for w in name)
        return 1 - control[0] if backbone else None
    alone = [_stands_alone(layout, arms[k]) for k in (one, two)]
    if alone[0] == alone[1]:
        return None
    return two if alone[0] > alone[1] else one


_ADDING = frozenset(("plus", "+", "and", "with"))


def _stands_alone(layout: Layout, arm: ArmName) -> int:
    """How often an arm is named by itself: "letrozole alone", "the letrozole group", with no "plus" before it."""
    lower = layout.lower
    count = 0
    for begin, end in arm.mentions:
        after = lower[end] if end < len(lower) else ""
        if (after == "alone" or after in _GROUP) and not (begin and lower[begin - 1] in _ADDING):
            count += 1
    return count


def _bucket(distance: int) -> str:
    return (
        "0"
        if distance <= 0
        else "1"
        if distance == 1
        else "2"
        if distance == 2
        else "4"
        if distance <= 4
        else "8"
        if distance <= 8
        else "16"
        if distance <= 16
        else "f"
    )


def _between(scene: Scene, a: int, b: int) -> str:
    """What lies between two tokens: the one or two words, or whether a clause ends or another number stands there."""
    gap = scene.layout.lower[a:b]
    if len(gap) <= 3:
        return " ".join(w[:7] if not w[0].isdigit() else "#" for w in gap)
    if any(g in _BREAKS for g in gap):
        return "break"
    if "," in gap:
        return "comma"
    return "long"


@dataclass(slots=True)
class _Around:
    """The mentions around one bundle."""

    left: tuple[int, int, int] | None
    right: tuple[int, int, int] | None
    left_clear: bool
    """No other bundle of the kind between the bundle and the mention."""
    right_clear: bool
    bracket: int
    """Arm named right before the bracket the bundle stands in, or first inside it; NOBODY if none."""
    behind: int
    """Arm named in the bracket that opens right behind the bundle ("26.9 % (goserelin 3.6 mg)"); NOBODY if none."""
    clause: set[int]
    """Arms named between the nearest semicolons, "while" and the like."""
    layout: str
    """Whether names (m) or results (b) begin and end the sentence; "" if no arm is named."""
    respectively: bool
    words: list[str]
    """Words nearby that name an arm by its order or its nature ("second", "control")."""
    before: list[int]
    """Arms named before the series in the sentence, and `after` it."""
    after: list[int]
    mentioned: list[int]
    """All arms named in the sentence."""
    beside: list[tuple[str, list[int], bool]]
    """`_named_beside`, if the bundle stands in a series."""


def _around(scene: Scene, bundle: Bundle) -> _Around:
    found = scene.mentions[bundle.head.sentence]
    left = right = None
    for m in found:
        if m[1] <= bundle.start:
            left = m
        elif m[0] >= bundle.end and right is None:
            right = m
    same = [b for b in scene.by_sentence[bundle.head.sentence] if b is not bundle and b.kind == bundle.kind]
    left_clear = left is not None and not any(left[1] <= b.start < bundle.start for b in same)
    right_clear = right is not None and not any(bundle.end <= b.start < right[0] for b in same)
    bracket = NOBODY
    opener = bundle.head.opener
    if bundle.head.depth and opener >= 0:
        for a, b, k in found:
            if b == opener or (a > opener and b <= bundle.start):
                bracket = k
    behind = NOBODY
    lower, end = scene.layout.lower, bundle.end
    if right is not None and lower[end] in "([" and right[0] - end <= _MAX_IN_BRACKET:
        inside = lower[end + 1 : right[0]]
        if ")" not in inside and "]" not in inside and not any(w[0].isdigit() for w in inside):
            behind = right[2]
    begin, stop = scene.layout.sentences[bundle.head.sentence]
    arranged = ""
    if found:
        # names before their numbers, or numbers before the names ("24 % for A and 23 % for B")
        results = [b for b in scene.by_sentence[bundle.head.sentence] if b.kind in RESULT_KINDS]
        arranged = f"{'m' if found[0][0] < results[0].start else 'b'}{'m' if found[-1][0] > results[-1].start else 'b'}"
    series = scene.series[bundle.series]
    first, last = series.bundles[0], series.bundles[-1]
    return _Around(
        left, right, left_clear, right_clear, bracket, behind, _clause_arms(scene, bundle), arranged,
        "respectively" in lower[begin:stop],
        [w for w in lower[max(0, bundle.start - 8) : bundle.end + 8] if w in ORDER or w in _GENERIC],
        list(dict.fromkeys(k for _, b, k in found if b <= first.start)),
        list(dict.fromkeys(k for a, _, k in found if a >= last.end)),
        list(dict.fromkeys(k for _, _, k in found)),
        _named_beside(scene, series) if len(series.bundles) > 1 else [],
    )  # fmt: skip


def _clause_arms(scene: Scene, bundle: Bundle) -> set[int]:
    lower = scene.layout.lower
    start, stop = scene.layout.sentences[bundle.head.sentence]
    mentions = scene.mentions[bundle.head.sentence]
    breaks = [i for i in range(start, stop) if lower[i] in _BREAKS] if len(mentions) > 1 else []
    before = max([i for i in breaks if i < bundle.start], default=start)
    after = min([i for i in breaks if i >= bundle.end], default=stop)
    return {k for a, _, k in mentions if before <= a < after}


_MAX_IN_BRACKET = 5
"""Tokens from a bracket to an arm's name in it."""


def nobody_features(scene: Scene, bundle: Bundle, previous: int) -> list[str]:
    """Evidence that a bundle has no owner, besides the frame of its sentence."""
    lower = scene.layout.lower
    begin, end = scene.layout.sentences[bundle.head.sentence]
    kind = bundle.kind
    mentioned = {k for _, _, k in scene.mentions[bundle.head.sentence]}
    series = scene.series[bundle.series]
    length = len(series.bundles)
    right = [w[:7] for w in lower[bundle.end : min(end, bundle.end + 6)]]
    found = [
        f"0k:{kind}", f"0m:{min(len(mentioned), 3)}", f"0km:{kind}{min(len(mentioned), 3)}", f"0len:{min(length, 4)}",
        f"0arms:{min(len(scene.arms), 4)}", f"0lm:{min(length, 4)}|{min(len(mentioned), 3)}|{min(len(scene.arms), 4)}",
        f"0prev:{'x' if previous == NOBODY else 'a' if previous >= 0 else 's'}",
        f"0k|prev:{kind}{'x' if previous == NOBODY else 'a' if previous >= 0 else 's'}",
        f"0depth:{min(bundle.head.depth, 1)}|{kind}", f"0title:{bundle.head.sentence == 0}",
    ]  # fmt: skip
    found += _spoken(scene, bundle.head.sentence)
    found += ["0l:" + w for w in dict.fromkeys(w[:7] for w in lower[max(begin, bundle.start - 6) : bundle.start])]
    found += ["0r:" + w for w in dict.fromkeys(right)]
    if len(right) > 1:
        found.append(f"0r12:{right[0]} {right[1]}")
    if not mentioned and previous == NOBODY:
        found.append("0alone")
    found += _parts(scene, bundle)
    return found


def _spoken(scene: Scene, sentence: int) -> list[str]:
    """The words of a sentence that speak of all people or of their state at the start."""
    found = scene.spoken.get(sentence)
    if found is None:
        begin, end = scene.layout.sentences[sentence]
        words = scene.layout.lower[begin:end]
        found = [f"0w:{w}" for w in dict.fromkeys(words) if w in _WHOLE]
        found += [f"0b:{w}" for w in dict.fromkeys(words) if w in _BASELINE]
        scene.spoken[sentence] = found
    return found


def _frame(scene: Scene, sentence: int) -> Frame:
    frame = scene.frames.get(sentence)
    if frame is None:
        begin, end = scene.layout.sentences[sentence]
        mentions, bundles = scene.mentions[sentence], scene.by_sentence[sentence]
        frame = scene.frames[sentence] = Frame(scene.layout.lower, begin, end, mentions, bundles)
    return frame


def _parts(scene: Scene, bundle: Bundle) -> list[str]:
    """Whether the counts after it in the sentence, or before it, add up to its own ("20 relapses: 9 with A, 11 with
    B"): a sum over the arms is nobody's."""
    if not bundle.head.whole or bundle.head.value < 2 or "vs" in scene.series[bundle.series].joints:
        return []
    value = bundle.head.value
    counts = [b for b in scene.by_sentence[bundle.head.sentence] if b.head.whole and b.kind in "NCG"]
    after = [b.head.value for b in counts if b.start > bundle.start][:4]
    before = [b.head.value for b in counts if b.start < bundle.start][-4:]
    found = []
    for size in (2, 3):
        if len(after) >= size and sum(after[:size]) == value:
            found.append(f"0parts:after|{bundle.kind}")
        elif len(before) >= size and sum(before[-size:]) == value:
            found.append(f"0parts:before|{bundle.kind}")
    return found


def arm_features(
    scene: Scene, bundle: Bundle, around: _Around, arm: int, previous: int, last_sentence: int
) -> list[str]:
    """Evidence that ties a bundle to an arm, besides the frame of its sentence. `previous` is the owner of the bundle
    before in the sentence (-2: none stands before), `last_sentence` the last owner named in the sentence before."""
    kind = bundle.kind
    mentioned = around.mentioned
    series = scene.series[bundle.series]
    length, place = len(series.bundles), bundle.place
    joint = series.joints[place - 1] if place else series.joints[0] if series.joints else "-"
    found = [f"k:{kind}"]
    left, right = around.left, around.right
    here = arm in mentioned
    found.append(f"here:{here}|{min(len(mentioned), 3)}|{min(len(scene.arms), 4)}")
    if len(mentioned) == 1 and here:
        found.append(f"only:{min(length, 3)}|{place if place < 3 else 3}")
    if left is not None:
        distance = bundle.start - left[1]
        if left[2] == arm:
            gap = _between(scene, left[1], bundle.start)
            found += [
                f"L:{_bucket(distance)}|{around.left_clear}",
                f"Lg:{gap}|{around.left_clear}",
                f"Ls:{min(length, 3)}|{min(place, 3)}|{around.left_clear}",
            ]
            if right is None:
                found.append("Lonly")
            elif right[2] != arm:
                found.append(
                    f"LvsR:{_bucket(distance)}|{_bucket(right[0] - bundle.end)}|{around.left_clear}{around.right_clear}"
                )
        elif around.left_clear:
            found.append(f"Lother:{_bucket(distance)}")
    if right is not None:
        distance = right[0] - bundle.end
        if right[2] == arm:
            gap = _between(scene, bundle.end, right[0])
            found += [
                f"R:{_bucket(distance)}|{around.right_clear}",
                f"Rg:{gap}|{around.right_clear}",
                f"Rs:{min(length, 3)}|{min(place, 3)}|{around.right_clear}",
            ]
            if left is None:
                found.append("Ronly")
            elif left[2] != arm:
                found.append(
                    f"RvsL:{_bucket(distance)}|{_bucket(bundle.start - left[1])}"
                    f"|{around.right_clear}{around.left_clear}"
                )
        elif around.right_clear:
            found.append(f"Rother:{_bucket(distance)}")
    if around.layout:
        if right is not None and right[2] == arm:
            found += [
                f"Rlay:{around.layout}|{around.right_clear}",
                f"Rlayn:{around.layout}|{min(len(mentioned), 3)}|{min(len(scene.arms), 3)}",
            ]
        if left is not None and left[2] == arm:
            found += [
                f"Llay:{around.layout}|{around.left_clear}",
                f"Llayn:{around.layout}|{min(len(mentioned), 3)}|{min(len(scene.arms), 3)}",
            ]
    clause = around.clause
    if clause:
        found.append(f"cl:{arm in clause}|{min(len(clause), 3)}|{min(len(mentioned), 3)}")
    if around.bracket == arm:
        found.append(f"bracket:{min(length, 3)}")
    elif around.bracket >= 0:
        found.append("bracketother")
    # order: place in the series against the order in which the arms are named
    flag = "r" if around.respectively else joint
    if length > 1:
        for tag, order in (
            ("S", mentioned),
            ("D", list(range(len(scene.arms)))),
            ("O", scene.orders[bundle.head.sentence]),
        ):
            if len(order) == length and arm in order:
                right_place = order.index(arm) == place
                found.append(f"ord{tag}:{right_place}|{flag}")
                found.append(f"ord{tag}l:{right_place}|{min(length, 4)}|{len(mentioned)}")
        for tag, order in (("B", around.before[-length:]), ("A", around.after[:length])):
            if len(order) == length and arm in order:
                found.append(f"ord{tag}:{order.index(arm) == place}|{flag}")
        for tag, order, said in around.beside:
            if arm in order:
                found.append(f"near{tag}:{order.index(arm) == place}|{said}|{min(length, 3)}")
        if length == 2 and len(mentioned) == 1:
            # "higher with A than without (12 vs 5)": the first is the one named, mostly
            found.append(f"one:{here}|{place}|{flag}")
        found.append(f"ser:{arm in scene.given.get(bundle.series, ())}|{min(length, 4)}|{flag}")
        if length in scene.settled:
            sentence, settled = scene.settled[length]
            tag = "ordP" if sentence == bundle.head.sentence else "ordQ"
            found.append(f"{tag}:{settled[place] == arm}|{flag}")
            found.append(f"{tag}m:{settled[place] == arm}|{min(len(mentioned), 3)}")
        if length == 2 * len(scene.arms) or (
            len(scene.arms) > 1 and length % len(scene.arms) == 0 and length > len(scene.arms)
        ):
            found.append(f"cycle:{place % len(scene.arms) == arm}")
            found.append(f"block:{place // (length // len(scene.arms)) == arm}")
    if previous >= 0:
        same = "same" if previous == arm else "other"
        found.append(f"prev:{same}|{joint if place else 'new'}|{min(len(scene.arms), 3)}")
        found.append(f"prevk:{same}|{place > 0}|{here}")
        if not mentioned:
            found.append(f"prevn:{same}|{joint if place else 'new'}")
    if previous < 0 and last_sentence >= 0 and not mentioned:
        found.append(f"carry:{last_sentence == arm}|{kind}")
    if not mentioned and bundle.head.sentence:
        before_mentions = scene.mentions[bundle.head.sentence - 1]
        if before_mentions:
            found.append(f"carrym:{before_mentions[-1][2] == arm}|{len({k for _, _, k in before_mentions})}")
    if bundle.denominator is not None:
        owners = scene.sizes.get(bundle.denominator.value)
        if owners:
            found.append(f"size:{arm in owners}|{len(owners)}")
    if kind == "C" and len(bundle.members) > 1:
        percent = next((m for m in bundle.members if m.is_percent), None)
        if percent is not None and percent.value > 0:
            size = bundle.head.value / percent.value * 100
            slack = size * (0.5 * 10.0**-percent.decimals) / percent.value + 1
            hits = {a for v, owners in scene.sizes.items() if abs(v - size) <= slack for a in owners}
            if hits:
                found.append(f"implied:{arm in hits}|{len(hits)}")
    if kind == "N":
        here_sized = (bundle.head.sentence, arm) in scene.sized
        found.append(f"sized:{here_sized}|{(-1, arm) in scene.sized}|{min(len(scene.arms), 3)}")
    if around.behind >= 0:
        found.append(f"behind:{around.behind == arm}|{kind}")
    control = scene.arms[arm].is_control
    for word in around.words:
        if word in ORDER and len(scene.arms) > ORDER[word]:
            found.append(f"nth:{ORDER[word] == arm}|{word}")
        if not here and word in _GENERIC:
            found.append(f"gen:{word}|{control}")
    found.append(f"idx:{min(arm, 3)}|{min(place, 3)}|{min(length, 3)}")
    found.append(f"ctl:{control}|{min(place, 2)}|{length > 1}|{here}")
    return found


def _named_beside(scene: Scene, series: Series) -> list[tuple[str, list[int], bool]]:
    """The order of the arms that are named right behind a series, or right before it, with no other result between:
    "12% and 15% in the placebo and the active group, respectively". Only orders of as many arms as the series is long;
    the last is whether "respectively" follows."""
    first, last = series.bundles[0], series.bundles[-1]
    sentence = first.head.sentence
    mine = scene.mentions[sentence]
    results = scene.by_sentence[sentence]
    start = max([b.end for b in results if b.end <= first.start], default=scene.layout.sentences[sentence][0])
    stop = min([b.start for b in results if b.start >= last.end], default=scene.layout.sentences[sentence][1])
    behind = list(dict.fromkeys(k for a, _, k in mine if last.end <= a < stop))
    ahead = list(dict.fromkeys(k for a, b, k in mine if start <= a and b <= first.start))
    said = "respectively" in scene.layout.lower[last.end : stop]
    orders = (("behind", behind), ("ahead", ahead))
    return [(tag, order, said) for tag, order in orders if len(order) == len(series.bundles)]


def _last_owner(scene: Scene, sentence: int, owners: Sequence[int], index: int) -> int:
    """The owner of the last bundle of the sentence before, NOBODY if there is none."""
    for k in range(index - 1, -1, -1):
        s = scene.bundles[k].head.sentence
        if s < sentence - 1:
            break
        if s == sentence - 1 and owners[k] >= 0:
            return owners[k]
    return NOBODY


def candidates(scene: Scene, index: int, owners: Sequence[int]) -> list[list[str]]:
    """Features of "nobody" first, then of each arm, for bundle `index` after the ones before it were decided."""
    bundle = scene.bundles[index]
    frame = _frame(scene, bundle.head.sentence)
    return [
        features + frame_features(frame, bundle, arm, len(scene.arms))
        for arm, features in enumerate(_frameless(scene, index, owners), NOBODY)
    ]


def _frameless(scene: Scene, index: int, owners: Sequence[int]) -> list[list[str]]:
    """The same without those of the frame."""
    bundle = scene.bundles[index]
    previous = -2
    if index and scene.bundles[index - 1].head.sentence == bundle.head.sentence:
        previous = owners[index - 1]
    last = _last_owner(scene, bundle.head.sentence, owners, index)
    around = _around(scene, bundle)
    return [nobody_features(scene, bundle, previous)] + [
        arm_features(scene, bundle, around, arm, previous, last) for arm in range(len(scene.arms))
    ]


@lru_cache(maxsize=4)
def _frame_weights(model: LinearModel) -> FrameWeights:
    return FrameWeights(model.single)


def _choose(model: LinearModel, scene: Scene, index: int, owners: Sequence[int]) -> tuple[int, float]:
    """Which of `candidates` owns bundle `index`, and its probability."""
    bundle = scene.bundles[index]
    frame, frame_weights = _frame(scene, bundle.head.sentence), _frame_weights(model)
    scores: list[float] = []
    for place, features in enumerate(_frameless(scene, index, owners)):
        total = model.total(features) + frame_weights.total(frame, bundle, place + NOBODY, len(scene.arms))
        scores.append(total / 100)
    return likeliest(scores)


def remember(scene: Scene, bundle: Bundle, owner: int) -> None:
    """Note what later decisions look back at: an arm's size (denominators and implied sizes refer to it), and in which
    order a series went to the arms."""
    if owner >= 0 and bundle.kind == "N":
        scene.sizes.setdefault(bundle.head.value, set()).add(owner)
        scene.sized |= {(bundle.head.sentence, owner), (-1, owner)}
    owners = scene.given.setdefault(bundle.series, [])
    owners.append(owner)
    length = len(scene.series[bundle.series].bundles)
    if length > 1 and len(owners) == length and min(owners) >= 0 and len(set(owners)) == length:
        scene.settled[length] = bundle.head.sentence, owners


def decide_owners(
    layout: Layout, arms: list[ArmName], bundles: list[Bundle], numbers: list[Number], model: LinearModel | None = None
) -> tuple[list[int], list[float]]:
    """Owner (index of the arm or NOBODY) and its probability, per bundle."""
    owners: list[int] = []
    sure: list[float] = []
    if not arms:
        return [NOBODY] * len(bundles), [1.0] * len(bundles)
    model = model or load_model("owner.tsv")
    scene = build_scene(layout, arms, bundles)
    told = _told(scene)
    for index, bundle in enumerate(bundles):
        if bundle.kind not in RESULT_KINDS or (bundle.age and not scene.mentions[bundle.head.sentence]):
            owners.append(NOBODY)
            sure.append(1.0)
            continue
        best, probability = _choose(model, scene, index, owners)
        owner = told.get(bundle.start)
        if owner is not None:
            best, probability = owner + 1, max(CERTAIN, probability if best == owner + 1 else 0.0)
        owners.append(best - 1)
        sure.append(probability)
        _part(scene, index, owners, sure)
        remember(scene, bundle, owners[-1])
    for index, bundle in enumerate(bundles):
        apart = "vs" in scene.series[bundle.series].joints  # "(7 v 5), later (2 v 6)": no sum
        parts = _shares(bundles, owners, index) if owners[index] >= 0 and not apart else []
        if parts:
            owners[index], sure[index] = NOBODY, min(sure[k] for k in parts)
    return owners, sure


_UNSURE = 0.75
"""A pair "a v b" goes to one arm only if both are surer than this: in our annotations 2 % of them do."""


def _part(scene: Scene, index: int, owners: list[int], sure: list[float]) -> None:
    """Of "4.1 v 5.3", both given to one of two arms, the less sure one goes to the other arm."""
    bundle = scene.bundles[index]
    series = scene.series[bundle.series]
    if len(scene.arms) != 2 or bundle.place != 1 or series.joints != ["vs"] or index == 0:
        return
    if owners[index - 1] != owners[index] or owners[index] < 0 or min(sure[index - 1 : index + 1]) > _UNSURE:
        return
    weaker = index if sure[index] <= sure[index - 1] else index - 1
    owners[weaker] = 1 - owners[weaker]
    sure[weaker] = 1 - sure[weaker]


def _told(scene: Scene) -> dict[int, int]:
    """First token of a bundle -> its owner, where the form of the text leaves no doubt."""
    found: dict[int, int] = {}
    for sentence, mentions in enumerate(scene.mentions):
        bundles = scene.by_sentence[sentence]
        if not bundles or not mentions:
            continue
        found.update(owners_of_sides(scene.layout, mentions, bundles, scene.series))
        found.update(owners_by_colon(scene.layout, mentions, bundles))
        order = slashed_order(scene.layout, mentions)  # of this sentence only: "135/85" elsewhere is a blood pressure
        for bundle in bundles if order else ():
            series = scene.series[bundle.series]
            if len(series.bundles) == len(order) and set(series.joints) == {"/"}:
                found[bundle.start] = order[bundle.place]
    return found


def _shares(bundles: list[Bundle], owners: list[int], index: int) -> list[int]:
    """The next bundles of the sentence, if they are one of each of several arms and together this one: "20 relapses (9
    with A and 11 with B)", "70.2% [A (71.5%), B (68.9%)]"."""
    whole = bundles[index]
    if whole.kind == "P":
        return _shares_in_bracket(bundles, owners, index)
    if not whole.head.whole or whole.kind not in "NCG":
        return []
    found: list[int] = []
    total = 0.0
    for k in range(index + 1, min(index + 5, len(bundles))):
        part = bundles[k]
        if part.head.sentence != whole.head.sentence or part.kind != whole.kind or owners[k] < 0:
            break
        if any(owners[k] == owners[j] for j in found):
            break
        found.append(k)
        total += part.head.value
        if total == whole.head.value and len(found) > 1:
            return found
    return []


def _shares_in_bracket(bundles: list[Bundle], owners: list[int], index: int) -> list[int]:
    """The two bundles in a bracket right behind a percentage, if they are of two arms and it lies between them."""
    whole, parts = bundles[index], bundles[index + 1 : index + 3]
    if len(parts) < 2 or owners[index + 1] == owners[index + 2] or min(owners[index + 1 : index + 3]) < 0:
        return []
    alike = all(b.kind == "P" and b.head.sentence == whole.head.sentence for b in parts)
    inside = all(b.head.depth > whole.head.depth for b in parts)
    values = sorted(b.head.value for b in parts)
    return [index + 1, index + 2] if alike and inside and values[0] <= whole.head.value <= values[1] else []
