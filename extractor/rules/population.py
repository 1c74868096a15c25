"""Find the subgroup that a statement is restricted to: "Among women without heart disease, ...", "in node-positive
patients", "in the 48 premenopausal women", "in the subgroup of patients with brain metastases".

"Patients", "all participants", "both groups" and the people of an arm restrict nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.rules.layout import Layout
from extractor.rules.lexicon import mapping, terms
from extractor.rules.number_context import PEOPLE

_OPEN = frozenset(("among", "in", "for", "of", "within", "amongst"))
_SUBGROUP = frozenset(("subgroup", "subgroups", "subset", "subsets", "stratum"))
_PEOPLE = PEOPLE - {"who", "cases", "controls", "practices", "eyes", "knees", "hips", "teeth"}
_POST = frozenset(("with", "without", "who", "aged", "whose", "older", "younger", "having", "at", "under", "over"))
_PLAIN = terms("statement_words.tsv", "plain") | frozenset(mapping("numbers.tsv", "term", "category"))
_END = frozenset((",", ".", ";", ":", "(", ")", "was", "were", "had", "is", "are", "did", "received", "there", "showed",
                  "versus", "vs", "compared", "treatment", "than", "and", "while", "whereas"))  # fmt: skip


@dataclass(slots=True)
class PopulationMention:
    """A restriction on people. `token`/`token_end` are the tokens of `label`; `leading`: a clause opens with it."""

    token: int
    token_end: int
    start: int
    end: int
    label: str
    leading: bool


def find_populations(
    layout: Layout, sentence: int, arm_tokens: frozenset[int] | set[int] = frozenset()
) -> list[PopulationMention]:
    """The restrictions in one sentence, in order. `arm_tokens` are those of arm mentions, which restrict nothing."""
    begin, end = layout.sentences[sentence]
    lower = layout.lower
    found: list[PopulationMention] = []
    i = begin
    while i < end - 1:
        if lower[i] in _OPEN:
            mention = _people(layout, i, end, arm_tokens, begin) or _subgroup(layout, i, end)
            if mention is not None:
                found.append(mention)
                i = mention.token_end
                continue
        i += 1
    return found


def _people(
    layout: Layout, i: int, end: int, arm_tokens: frozenset[int] | set[int], begin: int
) -> PopulationMention | None:
    """ "in (the) (48) <modifiers> women (with ...)"."""
    lower = layout.lower
    leading = i == begin or lower[i - 1] in (",", ";", ":") or layout.words[i][0].isupper()
    first = i + 1
    j = first
    while j < end and j < first + 7 and lower[j] not in _PEOPLE:
        if lower[j] in _END or lower[j] in _OPEN or lower[j] in ("[", "]", "%", "="):
            return None
        j += 1
    if j >= end or j >= first + 7 or lower[j] not in _PEOPLE:
        return None
    modifiers = [w for w in lower[first:j] if w not in _PLAIN and not w[0].isdigit() and w.isalpha()]
    people_end = j + 1
    last = people_end
    post = lower[last] if last < end else ""
    restricted = (
        bool(modifiers)
        or lower[j] in ("smokers", "survivors")
        or (leading and lower[j] in ("women", "men", "children", "males", "females", "boys", "girls") and post == ",")
    )
    if post in _POST:
        stop = last + 1
        while (
            stop < end
            and stop < last + 12
            and lower[stop] not in _END
            and not (
                lower[stop][0].isdigit()
                and lower[stop - 1] not in ("aged", "least", "than", "≥", "over", "under", "years", "of", "stage", "at")
            )
        ):
            stop += 1
        # a description of everybody ("for patients with early breast cancer") opens a clause only as a restriction
        if (leading and stop < end and lower[stop] in (",", "(")) or modifiers:
            last = stop
            restricted = restricted or leading
    if not restricted or any(t in arm_tokens for t in range(first, last)):
        return None
    if modifiers and all(
        w in ("treatment", "drug", "medication", "intention", "protocol", "efficacy", "safety") for w in modifiers
    ):
        return None
    while first < last and lower[first] in ("the", "all", "these", "those", "of"):
        first += 1
    if first < last and lower[first][0].isdigit() and first + 1 < last:
        first += 1
    start, stop_char = layout.starts[first], layout.ends[last - 1]
    return PopulationMention(first, last, start, stop_char, layout.text[start:stop_char], leading)


def _subgroup(layout: Layout, i: int, end: int) -> PopulationMention | None:
    """ "in the HER2-positive subgroup", "in the subgroup of ..."."""
    lower = layout.lower
    for j in range(i + 1, min(i + 7, end)):
        if lower[j] in _END or (lower[j] in _OPEN and j > i + 1):
            return None
        if lower[j] in _SUBGROUP:
            first, last = i + 1, j + 1
            if last < end and lower[last] in ("of", "with"):
                while last < end and last < j + 10 and lower[last] not in _END:
                    last += 1
            while first < j and lower[first] in ("the", "a", "this", "that", "each", "any"):
                first += 1
            if first == j and last == j + 1:
                return None
            start, stop = layout.starts[first], layout.ends[last - 1]
            return PopulationMention(first, last, start, stop, layout.text[start:stop], True)
    return None


def population_of(populations: Sequence[PopulationMention], start: int, end: int) -> PopulationMention | None:
    """The restriction that holds for the numbers at tokens `start`..`end`: one that opens their clause before them, or
    one that follows directly ("40% of node-positive patients")."""
    holding: PopulationMention | None = None
    for p in populations:
        if p.token_end <= start and (p.leading or start - p.token_end <= 12):
            holding = p
        elif p.token >= end and p.token - end <= 4 and not p.leading:
            return p
    return holding
