"""Choose what each arm is called in the record, among the names that the text gives it.

The first name is the label, unless it tells less than a later one: a bare dose ("10 mg"), words that another arm's
names hold as well ("drotamab" of "examplin/drotamab" against "zelprine/drotamab"), a word for any arm ("treatment"), a
name that a bracket cuts.
"""

from __future__ import annotations

from extractor.rules.abbreviations import find_abbreviations
from extractor.rules.analysis import Analysis
from extractor.rules.arm import ACTIVE, STANDARD
from extractor.rules.arm_names import FILLER, HEAD, identity, names_something
from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.numbers import DASHES, UNIT_CLASS
from extractor.rules.owner import read_mentions

_ANY_ARM = FILLER | HEAD | ACTIVE | STANDARD | frozenset(("routine", "combined", "combination", "new", "study", "drug"))
_TRAILING = terms("arm_words.tsv", "trailing")
_LETTERS = 3
_CUT, _SHARED, _GENERIC, _BARE = 8, 4, 2, 4


def label_places(analysis: Analysis) -> list[tuple[int, int]]:
    """The characters of each arm's label."""
    layout = analysis.layout
    whole = _with_addition(analysis)
    words = [{w for name in arm.names for w in identity(name)} for arm in analysis.arms]
    found = []
    for k, arm in enumerate(analysis.arms):
        others = set().union(*(w for j, w in enumerate(words) if j != k))
        best = min(arm.mentions, key=lambda m: _want(layout, m, others))
        found.append(name_at(layout, *(whole.get(k) or best)))
    return found


def _want(layout: Layout, mention: tuple[int, int], others: set[str]) -> int:
    """How much a name lacks to be a label; `others` are the words of the other arms' names."""
    begin, end = mention
    words = layout.lower[begin:end]
    want = 0
    if layout.opener[begin] != layout.opener[end - 1] or "(" in words:
        want += _CUT
    telling = [w for w in words if w[0].isalpha() and w not in UNIT_CLASS]
    if not telling:
        want += _BARE
    elif set(identity(tuple(words))) <= others:
        want += _SHARED
    if len(words) == 2 and words[0] in HEAD and len(words[1]) <= _LETTERS:
        want += _SHARED  # "group A"
    if telling and _ANY_ARM.issuperset(telling):
        want += _GENERIC
    return want


def _with_addition(analysis: Analysis) -> dict[int, tuple[int, int]]:
    """Where one arm of two is first named as the other one with an addition: "examplin plus drotamab", where the arms
    are known as "examplin" and "drotamab". By the arm's index; empty unless just one of them is."""
    found: dict[int, tuple[int, int]] = {}
    for begin, end, k in read_mentions(analysis.layout, analysis.arms) if len(analysis.arms) == 2 else ():
        stops = [max((b for a, b in arm.mentions if begin <= a < b <= end), default=-1) for arm in analysis.arms]
        if min(stops) > 0:
            found.setdefault(k, (begin, max(stops)))
    return found if len(found) == 1 else {}


def name_at(layout: Layout, first: int, last: int) -> tuple[int, int]:
    """The characters of a name at a token range. One that begins inside a bracket and goes on behind it, as in
    "examplin (EX) plus drotamab", begins with the long form, or with the bracket."""
    opener = layout.opener[first]
    closer = layout.closer(opener) if opener >= 0 else -1
    if first < closer < last:
        short = layout.text[layout.starts[opener + 1] : layout.ends[closer - 1]]
        begin, end = find_abbreviations(layout).get(short, (opener, opener))
        first = begin if end == opener else opener
    elif layout.words[first][0].isdigit() and first and names_something(layout.lower[first - 1]):
        first -= 1  # "examplin 10 mg", an arm that is known by its dose
    # a sentence may have come along ("examplin lowered pain"), not so in "nurse-delivered"
    cuts = (i for i in range(first + 1, last) if layout.lower[i] in _TRAILING and layout.words[i - 1] not in DASHES)
    last = next(cuts, last)
    return layout.starts[first], layout.ends[last - 1]
