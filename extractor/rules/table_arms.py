"""Say which arm of the article a column heading or row label of a table names.

A heading names an arm when it says no more than one of the arm's names: its words, less fillers ("group", "patients"),
the size and a dose. Anything further ("TAU + SWT" beside an arm "TAU") makes it another group, and none is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from extractor.rules.arm import ArmName
from extractor.rules.lexicon import terms
from extractor.rules.numbers import UNIT_CLASS
from extractor.rules.table_form import SIZE, form_of, is_entry
from extractor.rules.word_forms import normal_form

_FILLER = frozenset(normal_form(w) for w in terms("table_words.tsv", "filler"))
_ROLES = {
    "control": terms("table_words.tsv", "role_control"),
    "intervention": terms("table_words.tsv", "role_intervention"),
}
_PLUS = frozenset(("+", "plus", "and", "with", "&", "/"))
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:\d+(?!\w))?|[+&/]")
_NO_ARM = frozenset(
    ("baseline", "study", "treatment", "trial", "table", "visit", "follow up", "week", "month", "parameter", "variable",
     "outcome", "group", "dose", "time", "total", "all", "overall", "patient", "n", "p", "score", "test", "change",
     "number", "age", "value", "")
)  # fmt: skip
"""Names that the reading of running text sometimes takes for arms, and that in a table are something else."""
_DOSE = re.compile(r"\d")


@lru_cache(maxsize=4096)
def heading_words(text: str) -> tuple[str, ...]:
    """A heading's words in normal form, without sizes and fillers; "plus", "and", "with", "/" all stand as "+"."""
    words = [normal_form(w) for w in _WORD.findall(SIZE.sub(" ", text).lower().replace("-", " "))]
    kept = tuple("+" if w in _PLUS else w for w in words if w not in _FILLER)
    return kept or tuple(words)


def _core(words: Sequence[str]) -> frozenset[str]:
    """The words without doses and schedules."""
    return frozenset(w for w in words if not _DOSE.match(w) and UNIT_CLASS.get(w) != "dose" and w not in _SCHEDULE)


_SCHEDULE = frozenset(
    (
        "daily",
        "once",
        "twice",
        "qd",
        "bid",
        "tid",
        "weekly",
        "day",
        "d",
        "alone",
        "mg",
        "kg",
        "ml",
        "mcg",
        "μg",
        "g",
        "iu",
    )
)


class ArmMatcher:
    """Matches headings against the arms of one article (`Analysis.arms`, with their roles)."""

    def __init__(self, arms: Sequence[ArmName], roles: Sequence[str]) -> None:
        self.count = len(arms)
        self.names: list[tuple[int, tuple[str, ...]]] = []
        self.roles: dict[str, list[int]] = {}
        for k, (arm, role) in enumerate(zip(arms, roles, strict=True)):
            names = {heading_words(" ".join(name)) for name in arm.names}
            names = {name for name in names if " ".join(name) not in _NO_ARM}
            self.names += [(k, name) for name in sorted(names)]
            if names:
                self.roles.setdefault(role, []).append(k)

    def match(self, heading: str) -> int | None:
        """The arm that the heading names; None if it names none, or several.

        "Group A (control)" is asked as a whole and by its parts, which must agree.
        """
        if is_entry(heading):
            return None
        plain = SIZE.sub(" ", heading)
        whole = self._one(heading_words(plain))
        if whole is not None:
            return whole
        parts = [p for p in re.split(r"[()\[\]:,;]", plain) if p.strip(" -–*†")]
        if len(parts) < 2:
            return None
        found = {arm for p in parts if (arm := self._one(heading_words(p), strict=True)) is not None}
        return found.pop() if len(found) == 1 else None

    def _one(self, words: tuple[str, ...], *, strict: bool = False) -> int | None:
        if not words or len(words) > 12 or " ".join(words) in _NO_ARM:
            return None
        if words[0] in ("no", "non", "without"):  # "No intervention" beside "Intervention"
            exact, positive = self._named(words), self._named(words[1:])
            controls = set(self.roles.get("control", ())) - (positive - exact)
            return controls.pop() if len(controls) == 1 and (exact or positive) else None
        found = {k for k, name in self.names if name == words or (len(words) > 1 and sorted(name) == sorted(words))}
        if found or (strict and len(words) == 1 and len(words[0]) < 3):
            return found.pop() if len(found) == 1 else None
        joined = "".join(words)
        found = {k for k, name in self.names if "".join(name) == joined and len(joined) > 3}
        if len(found) == 1:
            return found.pop()
        core = _core(words)
        if core and len(core) < len(words):  # "Etoricoxib 90 mg"
            found = {k for k, name in self.names if _core(name) == core}
            if len(found) == 1:
                return found.pop()
            if found:
                return None
        role = self._role(words)
        if role is not None:
            return role
        if strict:
            return None
        return self._shortened(words, core)

    def _named(self, words: tuple[str, ...]) -> set[int]:
        return {k for k, name in self.names if name == words}

    def _role(self, words: tuple[str, ...]) -> int | None:
        for role, terms_of_role in _ROLES.items():
            if " ".join(words) in terms_of_role and len(self.roles.get(role, ())) == 1:
                return self.roles[role][0]
        return None

    def _shortened(self, words: tuple[str, ...], core: frozenset[str]) -> int | None:
        """ "Telephone" for "telephone coaching", "Vit" for "vitamin": the words are a part of one arm's name only."""
        if "+" in core or not any(len(w) > 3 for w in core):
            return None
        found = {k for k, name in self.names if core < set(name) and "+" not in name}
        return found.pop() if len(found) == 1 else None

    def mentioned(self, text: str) -> set[int]:
        """The arms named anywhere in a caption or comparison, longer names first."""
        words = list(heading_words(text))
        found: set[int] = set()
        for k, name in sorted(self.names, key=lambda entry: -len(entry[1])):
            if not any(len(w) > 2 for w in name):
                continue
            for i in range(len(words) - len(name) + 1):
                if tuple(words[i : i + len(name)]) == name:
                    found.add(k)
                    words[i : i + len(name)] = ["\0"] * len(name)
        return found


def bare_heading(text: str) -> str:
    """A heading without size, statistics and marks, to be matched against arms or taken as a label."""
    plain = SIZE.sub(" ", text)
    form = form_of(plain)
    if form:
        plain = re.sub(
            r"[,;:(\[]?\s*(?:(?<!\w)(?i:mean|median|n|no\.?|number|means?)\s*[(±,]?\s*)?(?:\(?%\)?|±\s*)?(?:(?<!\w)SDs?|(?<!\w)SEM?|IQR|\brange|"
            r"(?:95\s?%\s*)?CI|%|interquartile range|standard deviation|standard error)\s*[)\]]*\s*$", " ", plain,
        )  # fmt: skip
        plain = re.sub(r"[,;:]?\s*\(?\b(?:n|N|No\.)\s*[)]?\s*$", " ", plain)
    return re.sub(r"\s+", " ", plain).strip(" ,;:*†‡§¶-–")
