"""Decide what each number is: a cohort, an arm's size, a count, a percentage of people, a mean, a median, an SD, ...

One decision per number, types exclude each other, and the classes that are no results are modelled as carefully as
the results. The evidence (words beside the number, its form, its bracket, the numbers beside it, arithmetic with other
numbers of the article) is gathered here as named features; `weights/number_kind.tsv` says what each is worth.
A second pass sees what the first made of the neighbouring numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extractor.rules.layout import Layout
from extractor.rules.linear import LinearModel, Scores, load_model
from extractor.rules.number_context import PEOPLE, connector
from extractor.rules.numbers import DASHES, Number

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

_LEFT, _RIGHT = 4, 4
_BAG = 9
_STEM = 7
"""Words are cut to this many letters, which joins most inflections ("randomi", "patient", "surviva")."""

_SECTION_WORDS = {
    "background": "B", "introduction": "B", "objective": "B", "objectives": "B", "aim": "B", "aims": "B", "purpose": "B",
    "context": "B", "methods": "M", "method": "M", "design": "M", "patients": "M", "participants": "M", "setting": "M",
    "interventions": "M", "intervention": "M", "measurements": "M", "materials": "M", "measures": "M", "study": "M",
    "results": "R", "findings": "R", "result": "R", "outcomes": "R", "conclusion": "C", "conclusions": "C",
    "interpretation": "C", "discussion": "C", "implications": "C", "trial": "C", "funding": "C", "main": "M",
}  # fmt: skip


@dataclass(slots=True)
class Evidence:
    """What the features of all numbers of an article share."""

    layout: Layout
    numbers: list[Number]
    roles: Sequence[str | None]
    stems: list[str]
    sections: list[str]
    """One letter per sentence: B, M, R, C, "T" for the title, "" if unknown."""
    sums: Counter[float]
    values: Counter[float]
    open_numbers: list[int]
    """Indices of the numbers whose kind is to be decided."""


def gather(layout: Layout, numbers: list[Number], roles: Sequence[str | None]) -> Evidence:
    """The shared evidence of an article."""
    stems = ["#" if w[0].isdigit() else w[:_STEM] for w in layout.lower]
    whole = [n for n in numbers if roles[n.index] is None and n.whole and n.value > 4]
    sums: Counter[float] = Counter()
    for a, b in zip(whole, whole[1:], strict=False):
        sums[a.value + b.value] += 1
    for a, b, c in zip(whole, whole[1:], whole[2:], strict=False):
        sums[a.value + b.value + c.value] += 1
    return Evidence(
        layout, numbers, roles, stems, _sections(layout), sums, Counter(n.value for n in whole),
        [n.index for n in numbers if roles[n.index] is None],
    )  # fmt: skip


def _sections(layout: Layout) -> list[str]:
    """The part of the abstract that each sentence stands in, from heading words ("RESULTS:", "METHODS AND RESULTS ")."""
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
    form = role or ("%" if other.is_percent else other.unit_class or ("w" if other.in_words else "d" if other.decimals else "i"))
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
        f"f:{form}", f"m:{_magnitude(n)}", f"u:{unit}", f"un:{n.unit}", f"rel:{n.relation}", f"fu:{form}{unit}",
        f"L1:{l1}", f"L2:{l2}", f"R1:{r1}", f"R2:{r2}", f"L21:{l2} {l1}", f"R12:{r1} {r2}", f"LR:{l1}|{r1}",
        f"f|L1:{form}|{l1}", f"f|R1:{form}|{r1}", f"fm:{form}{_magnitude(n)}",
        f"sec:{e.sections[n.sentence]}", f"sec|f:{e.sections[n.sentence]}|{form}{unit}",
    ]  # fmt: skip
    if len(lefts) > 2:
        found.append(f"L321:{lefts[-3]} {l2} {l1}")
    if len(rights) > 2:
        found.append(f"R123:{r1} {r2} {rights[2]}")
    found += [f"BL:{w}" for w in set(stems[max(begin, left - _BAG) : left])]
    found += [f"BR:{w}" for w in set(stems[n.after : min(end, n.after + _BAG)])]
    for k, word in enumerate(layout.lower[n.after : n.after + 5]):
        if word in PEOPLE:
            found.append(f"pp:{k}|{form}")
            break
        if word in ("of", "in", ".", ";", "vs", "versus"):
            found.append(f"pp:{word}|{form}")
            break
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
    return found


def sentence_features(e: Evidence, sentence: int) -> list[str]:
    """Evidence that all numbers of a sentence share: its words."""
    begin, end = e.layout.sentences[sentence]
    return [f"S:{w}" for w in set(e.stems[begin:end]) if len(w) > 3]


def neighbour_kinds(e: Evidence, n: Number, kinds: Sequence[str]) -> list[str]:
    """What the first pass made of the numbers beside this one (`kinds` is indexed by number; structural roles stand as
    they are)."""
    found = []
    own = kinds[n.index]
    for step, tag in ((-1, "p1"), (1, "n1"), (-2, "p2"), (2, "n2")):
        k = n.index + step
        if 0 <= k < len(e.numbers) and e.numbers[k].sentence == n.sentence:
            kind = kinds[k]
            found.append(f"k{tag}:{kind}")
            if abs(step) == 1:
                first, second = (e.numbers[k], n) if step < 0 else (n, e.numbers[k])
                stem = " ".join(w[:_STEM] for w in connector(e.layout, first, second).split())
                found.append(f"k{tag}c:{kind}|{stem}")
            else:
                found.append(f"k{tag}o:{kind}|{own}")
        else:
            found.append(f"k{tag}:^")
    present = {kinds[m] for m in range(max(0, n.index - 6), min(len(kinds), n.index + 7)) if m != n.index}
    found += [f"kb:{k}" for k in present if len(k) == 1]
    found.append(f"own:{own}")
    document = Counter(k for k in kinds if k in ("T", "N"))
    found.append(f"kT:{min(document['T'] - (own == 'T'), 2)}")
    found.append(f"kN:{min(document['N'] - (own == 'N'), 3)}")
    return found


@dataclass(slots=True)
class Decision:
    """The kinds of an article's numbers: a letter of `KINDS`, or the structural role. `probability` of the kind chosen."""

    kinds: list[str]
    probability: list[float]
    second: list[str]
    """The runner-up, for numbers that were classified; "" else."""


def decide_kinds(layout: Layout, numbers: list[Number], roles: Sequence[str | None]) -> Decision:
    """What each number is."""
    first, second = load_model("number_kind.tsv"), load_model("number_kind_2.tsv")
    e = gather(layout, numbers, roles)
    kinds = [role or "X" for role in roles]
    probability = [1.0] * len(numbers)
    runner_up = [""] * len(numbers)
    if not e.open_numbers:
        return Decision(kinds, probability, runner_up)
    own, shared = [], {}
    for k in e.open_numbers:
        sentence = numbers[k].sentence
        if sentence not in shared:
            shared[sentence] = sentence_features(e, sentence)
        own.append(features(e, numbers[k]) + shared[sentence])
    scores = first_scores(first, own)
    for k, row in zip(e.open_numbers, scores, strict=True):
        kinds[k] = first.classes[int(row.argmax())]
    final = scores_second(second, e, own, scores, kinds)
    for k, row in zip(e.open_numbers, second.probabilities(final), strict=True):
        order = np.argsort(-row, kind="stable")
        kinds[k] = second.classes[int(order[0])]
        runner_up[k] = second.classes[int(order[1])]
        probability[k] = float(row[order[0]])
    return Decision(kinds, probability, runner_up)


def first_scores(model: LinearModel, own: list[list[str]]) -> Scores:
    """Scores of the first pass, one row per open number."""
    return np.array([model.scores(f) for f in own])


def scores_second(model: LinearModel, e: Evidence, own: list[list[str]], first: Scores, kinds: Sequence[str]) -> Scores:
    """Scores of the second pass, which sees the same evidence and the first pass's kinds of the neighbours."""
    return np.array(
        [model.scores(f + neighbour_kinds(e, e.numbers[k], kinds)) for k, f in zip(e.open_numbers, own, strict=True)]
    )
