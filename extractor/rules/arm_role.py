"""Decide once per article which arms are under study and which are the comparison, last of all.

Placebo, observation, no treatment, standard, usual care, sham, wait list and "control" mark the comparison whatever the
order. With active arms only, it is what the title, the aim or "A versus B" names second; the first named of a pair is the
intervention in 82 % of trials, so the order is overridden only by strong evidence.
"""

from __future__ import annotations


from extractor.rules.arm import CONTROL, STANDARD, ArmName
from extractor.rules.layout import Layout

_NO = frozenset(("no", "without", "not", "non", "untreated", "delayed", "alone", "usual", "waiting", "wait", "nothing", "saline"))
_NEW = frozenset(("new", "novel", "experimental", "intervention", "investigational", "intensive", "addition", "added", "plus", "combined", "combination"))
_WEAK_STANDARD = frozenset(("conventional", "usual", "routine", "standard", "existing", "traditional", "open"))


def decide_roles(layout: Layout, arms: list[ArmName]) -> list[str]:
    """One of intervention, control, single per arm, in the arms' order."""
    if not arms:
        return []
    if len(arms) == 1:
        return ["control" if arms[0].is_control else "single"]
    scores = [_control_score(layout, arm, arms) for arm in arms]
    if max(scores) <= 0:
        # the comparator of two active arms: the second of the title's or the aim's pair, else the last named
        scores[_second_named(layout, arms)] += 1
    best = max(scores)
    roles = ["control" if s == best or s >= 3 else "intervention" for s in scores]
    if all(r == "control" for r in roles):
        roles[scores.index(min(scores))] = "intervention"
        if len(set(scores)) == 1:
            roles = ["intervention"] + ["control"] * (len(arms) - 1)
    return roles


def _control_score(layout: Layout, arm: ArmName, arms: list[ArmName]) -> float:
    """How strongly an arm's names mark it as the comparison; above 0 means evidence."""
    score = 0.0
    for name in arm.names:
        words = set(name)
        combined = "+" in words or "plus" in words or "and" in words
        if words & CONTROL and not combined:
            score += 4 if words & {"control", "controls", "placebo", "sham", "observation"} else 2.5
        elif words & CONTROL and combined:
            score += 0.5
        if words & _NO and not words & CONTROL:
            score += 2
        if words & STANDARD or words & _WEAK_STANDARD:
            score += 2
        if words & {"intervention", "experimental"}:
            score -= 4
        if words & _NEW:
            score -= 0.5
    # an arm whose words all stand in another arm's name as well is what is added to: "FEC" against "FEC then docetaxel"
    mine = set().union(*(set(n) for n in arm.names[:1]))
    for other in arms:
        theirs = set().union(*(set(n) for n in other.names[:1]))
        if other is not arm and mine < theirs and theirs & {"plus", "+", "and", "with", "then"}:
            score += 2.5
    return score


def _second_named(layout: Layout, arms: list[ArmName]) -> int:
    """The arm that stands second in "A versus B", "A compared with B" and the like, title first; the later arm else."""
    begin_of = {}
    for k, arm in enumerate(arms):
        for a, b in arm.mentions:
            begin_of[a] = (k, b)
    votes = [0.0] * len(arms)
    for s, (begin, end) in enumerate(layout.sentences[:40]):
        found = [(a, *begin_of[a]) for a in range(begin, end) if a in begin_of]
        for (_, k, stop), (start, other, _) in zip(found, found[1:], strict=False):
            if k == other:
                continue
            gap = layout.lower[stop:start]
            if any(w in ("versus", "vs", "v", "than", "against") for w in gap) or (("compared" in gap or "comparison" in gap) and len(gap) < 8):
                votes[other] += 3 if s == 0 else 1
            elif s == 0 or "random" in " ".join(layout.lower[begin:end]):
                votes[other] += 1
    if max(votes) > 0:
        return votes.index(max(votes))
    return len(arms) - 1


