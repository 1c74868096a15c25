"""Tell an article's own lines from what the page adds: teasers, share buttons, newsletters, disclaimers, references.

Works on lines of text alone (the paragraphs of an extracted page, or the lines of a pasted one) with the headings of
`lexicons/boilerplate.tsv`; a page that was pasted has nothing else to tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from extractor.documents.wordlists import rows

_EDGES = " \t\r\n\xa0*•·|>›»→#:-–—_"
_MAX_WHOLE = 60
_MAX_START = {"legal": 1500, "byline": 160}
"""Characters of a line that may be dropped for how it starts; a longer one is a paragraph that says more."""
_MAX_START_DEFAULT = 220
RUNNING_TEXT = 120
"""Characters from which a line is a paragraph of running text and not a heading, a link or a caption."""
_MENU_GAP = re.compile(r"\s{2,}|\s*[|·]\s*")
_MENU_ENTRIES = 3
_MAX_MENU_ENTRY = 30
_STUDY_NAME = re.compile(r"\b(?i:study|studies|trials?|phase|results|data)\b|[A-Z]{2,}[-\u2010\u2011 ]?\d")
_RATING = re.compile(
    r"(?:rated|rating:?) \d(?:[.,]\d)? (?:out of|of|/) ?(?:5|10)\b|\d(?:[.,]\d)? out of 5 stars\b", re.IGNORECASE
)
"""How an app or a shop is rated by its users; only the start of a line no longer than a heading."""
_SURE_TAILS = frozenset({"references", "comments"})
_MIN_BEFORE = 240
"""Running text that an article has at least, before a heading can end it."""


class Boilerplate(NamedTuple):
    """What a line is: `scope` "line" or "tail", `category` as in the lexicon ("teaser", "legal", ...)."""

    scope: str
    category: str


class _Phrases(NamedTuple):
    """Phrases that a line may begin or end with: all of them, to ask in one call, and what each says."""

    all: tuple[str, ...]
    kinds: tuple[tuple[str, Boilerplate], ...]


_NO_PHRASES = _Phrases((), ())


@cache
def _lexicon() -> tuple[dict[str, Boilerplate], dict[str, _Phrases], _Phrases]:
    whole: dict[str, Boilerplate] = {}
    starts: dict[str, list[tuple[str, Boilerplate]]] = {}
    ends: list[tuple[str, Boilerplate]] = []
    for phrase, match, scope, category in rows("boilerplate.tsv", ("phrase", "match", "scope", "category")):
        kind = Boilerplate(scope, category)
        if match == "whole":
            whole[phrase] = kind
        elif match == "start":
            starts.setdefault(phrase[:1], []).append((phrase, kind))
        else:
            ends.append((phrase, kind))
    return whole, {key: _phrases(found) for key, found in starts.items()}, _phrases(ends)


def _phrases(kinds: list[tuple[str, Boilerplate]]) -> _Phrases:
    return _Phrases(tuple(phrase for phrase, _ in kinds), tuple(kinds))


def classify(line: str) -> Boilerplate | None:
    """What the line adds to the page, or None for a line of the article itself."""
    whole, starts, ends = _lexicon()
    if "  " in line or "|" in line or "·" in line:
        menu = _menu(line, whole)
        if menu is not None:
            return menu
    bare = line.strip(_EDGES)
    length = len(bare)
    head = bare[:_MAX_WHOLE].lower()
    if length <= _MAX_WHOLE and (kind := whole.get(head.rstrip(".!?…"))):
        return kind
    if length <= _MAX_WHOLE and _RATING.match(bare):
        return Boilerplate("line", "share")
    begin = starts.get(head[:1], _NO_PHRASES)
    for phrase, kind in begin.kinds if head.startswith(begin.all) else ():
        if head.startswith(phrase) and length <= _MAX_START.get(kind.category, _MAX_START_DEFAULT):
            return kind
    if length <= _MAX_START_DEFAULT:
        tail = bare[-80:].lower()
        for phrase, kind in ends.kinds if tail.endswith(ends.all) else ():
            if tail.endswith(phrase):
                return kind
    return None


def _menu(line: str, whole: dict[str, Boilerplate]) -> Boilerplate | None:
    """A row of links pasted as one line ("Home   News   Log in"); told by its first entries."""
    entries = [entry.strip(_EDGES).lower() for entry in _MENU_GAP.split(line.strip()[:_MAX_START_DEFAULT])]
    if len(entries) < _MENU_ENTRIES or max(len(entry) for entry in entries) > _MAX_MENU_ENTRY:
        return None
    return Boilerplate("line", "share") if any(entry in whole for entry in entries[:2]) else None


def _is_company_portrait(line: str) -> bool:
    """A heading such as "About Example Inc." or "About gout": what follows is background, never the trial's result."""
    bare = line.strip(_EDGES)
    if not bare.startswith(("About ", "ABOUT ")) or len(bare) > _MAX_WHOLE or bare[-1] in ".,;!?":
        return False
    return not _STUDY_NAME.search(bare)


def boilerplate_lines(lines: Sequence[str]) -> list[bool]:
    """For each line whether it is boilerplate. A heading that ends the article takes everything after it along.

    The same heading near the top ("Related stories" beside the first paragraph) only takes the short lines after it:
    it ends the article if there was running text before it, and no more than that after it. Reference lists and
    comments end it however long they are.
    """
    kinds = [classify(line) for line in lines]
    marked = [kind is not None for kind in kinds]
    _mark_portraits(lines, kinds, marked)
    if not any(kind is not None and kind.scope == "tail" for kind in kinds):
        return marked
    running = [
        len(line) if len(line) >= RUNNING_TEXT and not mark else 0 for line, mark in zip(lines, marked, strict=True)
    ]
    before, after = 0, sum(running)
    for number, kind in enumerate(kinds):
        before += running[number]
        after -= running[number]
        if kind is None or kind.scope != "tail":
            continue
        if before >= _MIN_BEFORE and (kind.category in _SURE_TAILS or before >= after):
            return marked[:number] + [True] * (len(lines) - number)
        for following in range(number + 1, len(lines)):
            if running[following]:
                break
            marked[following] = True
    return marked


def _mark_portraits(lines: Sequence[str], kinds: Sequence[Boilerplate | None], marked: list[bool]) -> None:
    """Mark "About ..." sections of press releases: from the heading to the next one."""
    inside = False
    running = 0
    for number, line in enumerate(lines):
        if running >= _MIN_BEFORE and _is_company_portrait(line):
            inside = True
        elif inside and (kinds[number] is not None or _is_heading(line)):
            inside = False
        marked[number] = marked[number] or inside
        running += len(line) if len(line) >= RUNNING_TEXT else 0


def _is_heading(line: str) -> bool:
    return len(line) <= _MAX_WHOLE and line.rstrip()[-1:].isalnum()
