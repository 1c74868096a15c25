"""Decide once per article which arms are under study and which are the comparison, last of all.

Placebo, observation, no treatment, standard, usual care and "control" mark the comparison whatever the order; with
active arms only, it is mostly what the title, the aim or "A versus B" names second, and whose sizes and results are
given second. All of it is evidence with a weight
(`weights/arm_role.tsv`), and the arm with the most is the comparison.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from extractor.rules.arm import ACTIVE, CONTROL, STANDARD, ArmName
from extractor.rules.arm_names import DOSE, JOINED, LABEL, WITHOUT
from extractor.rules.bundle import Bundle
from extractor.rules.layout import Layout
from extractor.rules.linear import load_model

_FURTHER_CONTROL = 1.0
"""Log-odds from which an arm besides the best one is a comparison too."""
_LONE_CONTROL = 1.5
_NEAR = 12
"""Tokens between two arms that one word of contrast may join."""
_CONTRASTS = frozenset(("versus", "vs", "v", "than", "against", "or", "and", "with", "to", "compared"))
_ADDED = frozenset(("add", "added", "adding", "addition"))


@dataclass(slots=True)
class _Orders:
    """In which order the text names the arms."""

    title: list[int] = field(default_factory=list)
    aim: list[int] = field(default_factory=list)
    """Of the first sentence besides the title that names two."""
    before: dict[str, Counter[int]] = field(default_factory=dict)
    """Word of contrast -> how often each arm stands before it; `after` likewise."""
    after: dict[str, Counter[int]] = field(default_factory=dict)


@cache
def _weights() -> Mapping[str, float]:
    model = load_model("arm_role.tsv")
    return {feature: float(model.weights[row, 0]) for feature, row in model.row.items()}


def role_features(
    layout: Layout, arms: list[ArmName], bundles: Sequence[Bundle] = (), owners: Sequence[int] = ()
) -> list[list[str]]:
    """Per arm the evidence that it is the comparison; `owners` has the index of an arm, or -1, for each bundle."""
    orders = _orders(layout, arms)
    sizes = list(dict.fromkeys(o for b, o in zip(bundles, owners, strict=True) if o >= 0 and b.kind == "N"))
    results = list(dict.fromkeys(o for b, o in zip(bundles, owners, strict=True) if o >= 0 and b.kind in "CPMD"))
    leads = _leads(bundles, owners)
    alone = [any(not _ALONE.isdisjoint(layout.lower[b : b + 2]) for _, b in arm.mentions) for arm in arms]
    wording = [_wording(arm) for arm in arms]
    cued = [bool(w & {"cue:control", "cue:standard", "cue:without"}) for w in wording]
    found = []
    for k, arm in enumerate(arms):
        features = ["bias", *sorted(wording[k])]
        others = sum(cued) - cued[k]
        features.append(f"cued:{cued[k]}|{min(others, 2)}")
        place = "first" if k == 0 else "last" if k == len(arms) - 1 else "mid"
        features.append(f"place:{place}|{min(len(arms), 4)}|{cued[k]}{others > 0}")
        for tag, order in (("title", orders.title), ("aim", orders.aim)):
            if k in order and len(order) > 1:
                features.append(f"{tag}:{min(order.index(k), 2)}|{min(len(order), 3)}|{cued[k]}{others > 0}")
            elif order:
                features.append(f"{tag}:absent|{cued[k]}{others > 0}")
        for tag, order in (("sizes", sizes), ("results", results)):
            if len(order) > 1:
                position = min(order.index(k), 2) if k in order else "absent"
                features.append(f"{tag}:{position}|{min(len(order), 3)}|{cued[k]}{others > 0}")
        if k in leads:
            features.append(f"leads:{max(-3, min(3, leads[k]))}|{cued[k]}{others > 0}")
        for connector, before in orders.before.items():
            lead = before[k] - orders.after[connector][k]
            if lead:
                features.append(f"joint:{connector}:{'before' if lead > 0 else 'after'}")
        mentions = len(arm.mentions)
        most = max(len(other.mentions) for other in arms)
        features.append(f"share:{4 * mentions // max(1, most)}|{cued[k]}")
        mine = set().union(*arm.keys[:1])
        for j, other in enumerate(arms):
            if j == k:
                continue
            theirs = set().union(*other.keys[:2])
            if mine < theirs:
                features.append(f"within:{JOINED in theirs}")
            elif theirs < mine:
                features.append(f"around:{JOINED in mine}")
        if any(alone):
            features.append(f"alone:{alone[k]}|{sum(alone) - alone[k] > 0}")
        found.append(features)
    return found


_ALONE = frozenset(("alone", "only", "monotherapy"))


def _leads(bundles: Sequence[Bundle], owners: Sequence[int]) -> Counter[int]:
    """How much more often each arm stands first than second in "12% vs 15%"."""
    found: Counter[int] = Counter()
    for (one, first), (two, second) in pairwise(zip(bundles, owners, strict=True)):
        if one.kind == two.kind and one.head.sentence == two.head.sentence and -1 < first != second > -1:
            found[first] += 1
            found[second] -= 1
    return found


def _wording(arm: ArmName) -> set[str]:
    """What the names themselves say."""
    found = set()
    for key in arm.keys:
        found |= {"w:" + w for w in key}
        joined = JOINED in key
        words = set(key)
        if words & CONTROL:
            found.add("cue:control+" if joined else "cue:control")
        if words & STANDARD:
            found.add("cue:standard+" if joined else "cue:standard")
        if key[0] == WITHOUT:
            found.add("cue:without")
        if words <= ACTIVE:
            found.add("cue:active")
        if joined:
            found.add("joined")
        if key[0] == LABEL and len(key) == 2:
            found.add("letter:" + key[1])
        if key[0] == DOSE:
            found.add("dose")
    found |= {"x:" + f for f in arm.context if f[:2] in ("L:", "R:", "TL", "LL") or f[:2] in ("C:", "N:")}
    return found


def _orders(layout: Layout, arms: list[ArmName]) -> _Orders:
    """Read the orders off the mentions."""
    place: dict[int, tuple[int, int]] = {a: (b, k) for k, arm in enumerate(arms) for a, b in arm.mentions}
    by_sentence: dict[int, list[int]] = {}
    for start in sorted(place):
        by_sentence.setdefault(layout.sentence_of[start], []).append(start)
    orders = _Orders()
    for sentence, starts in by_sentence.items():
        order = list(dict.fromkeys(place[start][1] for start in starts))
        if sentence == 0:
            orders.title = order
        elif len(order) > 1 and not orders.aim:
            orders.aim = order
        for a, b in pairwise(starts):
            (stop, one), (_, two) = place[a], place[b]
            if one == two or b - stop > _NEAR:
                continue
            gap = layout.lower[stop:b]
            joint = next((w for w in gap if w in _CONTRASTS), "")
            if joint:
                joint = "versus" if joint in ("vs", "v") else joint
                if "without" in gap or layout.lower[b] == "without":
                    joint = "without"  # "A with or without B"
                elif joint in ("to", "with") and not _ADDED.isdisjoint(layout.lower[max(0, a - 3) : a] + gap[:2]):
                    joint = "added"  # "adding A to B", "A added to B"
                orders.before.setdefault(joint, Counter())[one] += 1
                orders.after.setdefault(joint, Counter())[two] += 1
    return orders


def control_scores(
    layout: Layout, arms: list[ArmName], bundles: Sequence[Bundle] = (), owners: Sequence[int] = ()
) -> list[float]:
    """Log-odds per arm that it is a comparison."""
    weights = _weights()
    return [sum([weights.get(f, 0.0) for f in features]) for features in role_features(layout, arms, bundles, owners)]


def decide_roles(
    layout: Layout, arms: list[ArmName], bundles: Sequence[Bundle] = (), owners: Sequence[int] = ()
) -> list[str]:
    """One of intervention, control, single per arm, in the arms' order; surer where the owners of the bundles are known
    already."""
    if not arms:
        return []
    scores = control_scores(layout, arms, bundles, owners)
    if len(arms) == 1:
        return ["control" if arms[0].is_control and scores[0] > _LONE_CONTROL else "single"]
    best = max(scores)
    roles = ["control" if s == best or s > _FURTHER_CONTROL else "intervention" for s in scores]
    if "intervention" not in roles:
        roles[scores.index(min(scores))] = "intervention"
    return roles
