"""Find the arms of a trial: their names, abbreviations and other aliases, and every place where one is mentioned.

Names come from statements that contrast groups ("randomized to A or B", "A versus B", "the A group", "group 1",
"A (n = 45)", "placebo"); an alias graph joins the names of one arm; names without support are dropped. Which arm is
the intervention is decided last, in `arm_role`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from extractor.rules.abbreviations import find_abbreviations
from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.numbers import UNIT_CLASS, Number

Name = tuple[str, ...]

HEAD = terms("arm_words.tsv", "head")
_HEAD_WEAK = terms("arm_words.tsv", "headweak")
CONTROL = terms("arm_words.tsv", "control")
STANDARD = terms("arm_words.tsv", "standard")
ACTIVE = terms("arm_words.tsv", "active")
RECEIVE = terms("arm_words.tsv", "receive")
_STOP = terms("arm_words.tsv", "stop")
_LEAD = terms("arm_words.tsv", "lead")
_FILLER = terms("arm_words.tsv", "filler")
_DESCRIBE = terms("arm_words.tsv", "describe")
ORDER = {"first": 0, "second": 1, "third": 2, "fourth": 3, "former": 0, "latter": 1}

_LABELS = {w: i for i, w in enumerate("a b c d e f g h".split())} | {
    "i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5,
}  # fmt: skip
_VERSUS = frozenset(("versus", "vs", "v", "against"))
_MAX_NAME = 7
_MAX_ARMS = 6
_KEEP_INSIDE = frozenset("-–+/'’&")
_ITEM_END = frozenset(
    ("for", "every", "daily", "twice", "once", "in", "at", "during", "after", "before", "as", "on", "by", "from", "to",
     "until", "when", "while", "who", "which", "that", "was", "were", "are", "is", "had", "has", "have", "did", "showed",
     "resulted", "than", "respectively", "given", "administered", "over", "within", "weekly", "monthly", "per", "because",
     "among", "between", "through", "using", "if", "but", "starting", "beginning", "used", "prior", "according", "under",
     "via", "throughout", "immediately", "each", "regarding", "concerning", "there", "we", "improves", "reduces", "following",
     "followed by", "did", "would", "could", "can", "may", "will")
)  # fmt: skip


@dataclass(slots=True)
class ArmName:
    """An arm before its role is known. `mentions` are half-open token ranges in order; `letter` the index of its
    "group A" label, -1 if none."""

    names: list[Name]
    label: str = ""
    support: Counter[str] = field(default_factory=Counter)
    first: int = 1 << 30
    letter: int = -1
    mentions: list[tuple[int, int]] = field(default_factory=list)
    words: frozenset[str] = frozenset()

    @property
    def is_control(self) -> bool:
        """Whether a name of it marks the comparison whatever the order."""
        return any(w in CONTROL for name in self.names for w in name[:3] if not _combined(name))


def _combined(name: Name) -> bool:
    """"tamoxifen + placebo": placebo beside an active drug does not make a control."""
    return any(w in ("+", "plus", "and") for w in name)


@dataclass(slots=True)
class _Candidate:
    name: Name
    start: int
    source: str


class ArmFinder:
    """Finds the arms of one article; `arms` holds the result after `find()`."""

    def __init__(self, layout: Layout, numbers: list[Number]) -> None:
        self.layout = layout
        self.lower = layout.lower
        self.candidates: list[_Candidate] = []
        self.numbers = {n.token: n for n in numbers}
        self.long_forms = find_abbreviations(layout)
        self.links: list[tuple[Name, Name]] = []

    def find(self) -> list[ArmName]:
        """All arms with their mentions; empty for a text without contrast."""
        lower = self.lower
        for k, (begin, end) in enumerate(self.layout.sentences[:400]):
            self._heads(begin, end)
            self._versus(begin, end, title=k == 0)
            self._compared(begin, end, title=k == 0)
            for i in range(begin, end):
                word = lower[i]
                if word.startswith("random") or word in ("assigned", "allocated", "divided"):
                    self._assigned(i, end)
                    break
            for i in range(begin, end):
                if lower[i] == "n" and i + 1 < end and self.layout.words[i + 1] == "=":
                    self._sized(begin, i)
            for i in range(begin, end):
                if lower[i] in CONTROL and lower[i] not in ("none", "observed", "reference", "delayed", "comparison", "comparator"):
                    self._control(i, end)
        for short, (a, b) in self.long_forms.items():
            name = self._words(a, b)
            if name:
                self.links.append((tuple(self._tokens(short)), name))
        arms = self._cluster()
        self._mentions(arms)
        arms = [arm for arm in arms if arm.mentions]
        arms.sort(key=lambda arm: arm.mentions[0])
        return arms

    # --- names out of statements -------------------------------------------------------------------------------

    def _tokens(self, text: str) -> list[str]:
        """The tokens that a short form consists of in the layout's own split."""
        import re

        return re.findall(r"\d+|[^\W\d_]+\w*|[^\w\s]", text.lower())

    def _words(self, a: int, b: int) -> Name:
        return tuple(self.lower[a:b])

    def _add(self, begin: int, end: int, source: str) -> Name | None:
        """A candidate name from tokens begin..end after cleaning; None if nothing is left."""
        lower = self.lower
        while begin < end and (lower[begin] in _LEAD or lower[begin] in _STOP or lower[begin] in ",:;-–/+"):
            begin += 1
        # doses in front: "150 mg bupropion", "0.5 mg of lasofoxifene"
        dose: Name = ()
        if begin < end and lower[begin][0].isdigit() and begin + 1 < end and lower[begin + 1] in UNIT_CLASS:
            dose = (lower[begin], lower[begin + 1])
            begin += 2
            while begin < end and lower[begin] in ("of", "/", "day", "d", "kg", "m", "m2", "daily"):
                begin += 1
        stop = begin
        while stop < end and stop - begin < _MAX_NAME:
            word = lower[stop]
            if word in _ITEM_END or word in ".,;:()[]=<>" or (word in _STOP and word not in ("with", "without", "no", "not", "observed", "then", "then")):
                break
            if word[0].isdigit() and stop > begin and not self.layout.adjacent(stop) and lower[stop - 1] not in HEAD:
                break
            stop += 1
        while stop > begin and (lower[stop - 1] in _KEEP_INSIDE or lower[stop - 1] in ("and", "or", "plus", "with", "then", "without") or lower[stop - 1] in HEAD or lower[stop - 1] in ("therapy", "treatment", "alone", "only")):
            if lower[stop - 1] in ("treatment", "therapy") and (stop - begin == 1 or lower[stop - 2] in ("no", "active", "standard", "combination", "conventional")):
                break
            stop -= 1
        name = tuple(lower[begin:stop])
        if not name:
            if dose:
                name, begin = dose, begin
            else:
                return None
        if len(name) == 1 and (name[0] in _DESCRIBE or name[0] in ("therapy", "treatments", "patients") or len(name[0]) < 2 or name[0][0].isdigit()):
            return None
        if all(w in _KEEP_INSIDE or w[0].isdigit() for w in name) and not dose:
            return None
        self.candidates.append(_Candidate(name, begin, source))
        # "pegylated liposomal doxorubicin (PLD)" names the arm by its short form as well
        return name

    def _heads(self, begin: int, end: int) -> None:
        """"the A group", "A and B groups", "group 1", "arm B (docetaxel)"."""
        lower, words = self.lower, self.layout.words
        for i in range(begin, end):
            word = lower[i]
            if word not in HEAD:
                continue
            nxt = lower[i + 1] if i + 1 < end else ""
            if word in ("group", "arm", "grp", "groups", "arms", "regimen", "cohort") and nxt in _LABELS and (words[i + 1].isupper() or nxt[0].isdigit()):
                if i and lower[i - 1] in ("age", "risk"):
                    continue
                self._label(i, i + 1, end)
                continue
            stop = i
            start = i
            while start > begin and stop - start < _MAX_NAME:
                left = lower[start - 1]
                if left in _STOP or left in ".,;:()[]=%<>" or left in HEAD or left[0].isdigit() and not self.layout.adjacent(start):
                    break
                if left in ("and", "or", "with", "plus"):
                    if left in ("and", "or") or word.endswith("s"):
                        break
                start -= 1
            if start == stop:
                # "(DOC) group": the bracket before the head names it
                if lower[i - 1 : i] == [")"] and i >= 3 and words[i - 3] in "([":
                    self._add(i - 2, i - 1, "head")
                continue
            if lower[start] in _DESCRIBE or lower[stop - 1] in _DESCRIBE or any(w in _DESCRIBE for w in lower[start:stop]):
                continue
            if word in ("condition", "conditions", "users", "cohort", "cohorts", "treated") and not (set(lower[start:stop]) & (CONTROL | ACTIVE | STANDARD)):
                if word != "treated" or words[stop - 1] not in "-":
                    continue
            if self._add(start, stop, "head") and word.endswith("s") and start - 1 > begin and lower[start - 1] in ("and", "or"):
                # "placebo and flaxseed groups"
                other = start - 1
                first = other
                while first > begin and other - first < 4 and lower[first - 1] not in _STOP and lower[first - 1] not in ".,;:()[]%=" and not lower[first - 1][0].isdigit() and lower[first - 1] not in ("and", "or"):
                    first -= 1
                self._add(first, other, "head")

    def _label(self, head: int, at: int, end: int) -> None:
        """"group A (n = 20) received X", "arm B: X", "X (group A)", and the second label of "groups A and B"."""
        lower, words = self.lower, self.layout.words
        name: Name = ("group", lower[at])
        self.candidates.append(_Candidate(name, head, "label"))
        i = at + 1
        # groups A and B
        while i + 1 < end and lower[i] in ("and", ",", "or", "/", "&", "-") and lower[i + 1] in _LABELS and (words[i + 1].isupper() or words[i + 1].isdigit()) and lower[head].endswith("s"):
            self.candidates.append(_Candidate(("group", lower[i + 1]), i + 1, "label"))
            i += 2
        if i < end and words[i] in "([":
            close = self.layout.closer(i, 40)
            if close > 0:
                inner = i + 1
                if lower[inner] == "n" or lower[inner][0].isdigit():
                    comma = next((k for k in range(inner, close) if words[k] in ",;:"), -1)
                    inner = comma + 1 if comma > 0 else close
                if inner < close:
                    other = self._add(inner, close, "define")
                    if other:
                        self.links.append((name, other))
                i = close + 1
        for k in range(i, min(i + 4, end)):
            if lower[k] in RECEIVE or words[k] in ":=":
                other = self._add(k + 1, min(end, k + 12), "define")
                if other:
                    self.links.append((name, other))
                return
        if words[i : i + 1] == [","] and i + 1 < end and lower[i + 1] not in _STOP:
            other = self._add(i + 1, min(end, i + 10), "define0")
            if other:
                self.links.append((name, other))
        # "X (group A)"
        if head >= 2 and words[head - 1] in "([" and at + 1 < end:
            start = head - 1
            while start > 0 and head - 1 - start < _MAX_NAME and lower[start - 1] not in _STOP and lower[start - 1] not in ".,;:()[]=" and lower[start - 1] not in ("and", "or"):
                start -= 1
            other = self._add(start, head - 1, "define")
            if other:
                self.links.append((name, other))

    def _phrase_left(self, i: int, begin: int) -> int:
        """Start of the name that ends before token i."""
        lower = self.lower
        start = i
        while start > begin and i - start < _MAX_NAME:
            left = lower[start - 1]
            if left in _STOP and left not in ("with",) or left in ".,;:()[]=%<>" or left in ("or",):
                break
            if left in ("and",) and not (start - 1 > begin):
                break
            start -= 1
        return start

    def _versus(self, begin: int, end: int, *, title: bool) -> None:
        """"A versus B": names on both sides, not numbers."""
        lower = self.lower
        for i in range(begin + 1, end - 1):
            if lower[i] not in _VERSUS:
                continue
            j = i + 1
            if lower[j] == ".":
                j += 1
            if j >= end or lower[j][0].isdigit() and title is False or lower[i - 1][0].isdigit() or lower[i - 1] in ("%", ")"):
                if not (lower[i - 1] == ")" and j < end and not lower[j][0].isdigit()):
                    continue
            source = "title" if title else "versus"
            stop = i
            if lower[i - 1] == ")":
                opener = self.layout.opener[i - 1]
                if opener <= begin:
                    continue
                stop = opener
            start = self._phrase_left(stop, begin)
            inside = any(k in self.numbers for k in range(max(begin, start), stop)) and not title
            if inside:
                continue
            self._add(start, stop, source)
            self._add(j, min(end, j + 9), source)

    def _compared(self, begin: int, end: int, *, title: bool) -> None:
        """"compare A with B", "comparison of A and B", "A compared with B", "with or without A"."""
        lower = self.lower
        source = "title" if title else "compare"
        for i in range(begin, end - 2):
            word = lower[i]
            if word in ("compared", "relative", "opposed") and lower[i + 1] in ("with", "to") and not lower[i + 2][0].isdigit():
                self._add(i + 2, min(end, i + 10), source)
                if i > begin and (title or lower[i - 1] not in _STOP):
                    start = self._phrase_left(i, begin)
                    if not any(k in self.numbers for k in range(start, i)) and i - start <= 5:
                        self._add(start, i, source if title else "weak")
            elif word in ("compare", "comparing", "compares", "comparison", "between", "compared") and (word != "between" or title or "difference" in lower[max(begin, i - 3) : i]):
                j = i + 2 if lower[i + 1] in ("of", "the") else i + 1
                stop = next((k for k in range(j, min(end, j + 14)) if lower[k] in ("with", "and", "to", "versus", "vs")), -1)
                if stop > j:
                    first = j
                    for k in range(j, stop):  # "compare the efficacy of A": the name follows the last "of"
                        if lower[k] in ("of", "between"):
                            first = k + 1
                    self._add(first, stop, source)
                    self._add(stop + 1, min(end, stop + 10), source)
            elif word == "without" and lower[i - 1 : i] == ["or"] and i + 1 < end:
                self._add(i + 1, min(end, i + 9), source)

    def _assigned(self, i: int, end: int) -> None:
        """"randomized to (receive) A or B", "randomly assigned to either A (n = 20), B or C"."""
        lower, words = self.lower, self.layout.words
        j = i + 1
        while j < min(end, i + 14) and lower[j] not in ("to", "into", "between", "either", "receive", "receiving", "with", "for"):
            j += 1
        if j >= end or lower[j] not in ("to", "into", "between", "either", "receive", "receiving", "with", "for"):
            return
        depth0 = self.layout.depth[j]
        begin = j + 1
        pieces: list[tuple[int, int]] = []
        start, joined = begin, False
        between = "between" in lower[i : begin + 2] or "into" in lower[i : begin + 2] or "either" in lower[i : begin + 3]
        limit = min(end, begin + 90)
        k = begin
        while k < limit:
            if self.layout.depth[k] > depth0:
                k += 1
                continue
            word = lower[k]
            if word in ("or", "versus", "vs") or (word == "and" and between) or word in (",", ";") or word == ":":
                pieces.append((start, k))
                start = k + 1
                joined = joined or word in ("or", "versus", "vs") or (word == "and" and between)
            elif word in (".",) :
                break
            k += 1
        pieces.append((start, min(k, limit)))
        if not joined:
            return
        for a, b in pieces:
            while a < b and (lower[a] in _LEAD or lower[a] in ("or", "and", "the")):
                a += 1
            if a < b and lower[a] in ("for", "every", "daily", "twice", "once", "in", "at", "during", "after", "followed", "given", "stratified", "n", "administered", "who", "which", "with"):
                continue
            if a < b and words[a] not in "([":
                name = self._add(a, b, "assigned")
                if name:
                    # what stands in brackets behind it: a short form or a label
                    at = next((m for m in range(a, b) if words[m] in "(["), -1)
                    if at > 0:
                        close = self.layout.closer(at, 20)
                        inner = tuple(lower[at + 1 : close]) if close > 0 else ()
                        first_part = inner[: next((m for m, w in enumerate(inner) if w in ",;:="), len(inner))]
                        if 0 < len(first_part) <= 4 and first_part[0] != "n" and not first_part[0][0].isdigit():
                            short = self._add(at + 1, at + 1 + len(first_part), "define")
                            if short:
                                self.links.append((name, short))

    def _sized(self, begin: int, i: int) -> None:
        """"A (n = 45)", "(A, n = 45; B, n = 47)", "A: n = 45"."""
        lower, words = self.lower, self.layout.words
        j = i - 1
        if j >= begin and words[j] in "([":
            start = self._phrase_left(j, begin)
            # only the last words before the bracket: "were assigned to tamoxifen (n = 20)"
            for k in range(start, j):
                if lower[k] in ("to", "and", "or", "receive", "with", "either"):
                    start = k + 1
            if start < j and not any(w in HEAD for w in lower[start:j]):
                self._add(start, j, "sized")
        elif j >= begin and words[j] in ",;:" :
            start = j
            while start > begin and j - start < _MAX_NAME and words[start - 1] not in "([;,:" and lower[start - 1] not in ("and", "or"):
                start -= 1
            if start < j and not any(w in HEAD for w in lower[start:j]):
                self._add(start, j, "sized")

    def _control(self, i: int, end: int) -> None:
        """Placebo, sham, observation, controls, usual care, no treatment: named as such anywhere."""
        lower = self.lower
        word = lower[i]
        if word in ("control", "controls"):
            before = lower[max(0, i - 2) : i]
            after = lower[i + 1 : i + 2]
            if word == "control" and after and after[0] not in HEAD and after[0] not in ("patients", "subjects", "women", "participants", ",", ".", ")", "(", "and", "or", "diet", "condition", "intervention", "treatment", "arm"):
                return
            if word == "control" and before[-1:] and before[-1] in ("disease", "tumor", "tumour", "local", "pain", "symptom", "glycemic", "pressure", "weight", "cancer", "quality", "birth", "regional", "locoregional", "emesis", "complete", "of", "for", "to", "glucose", "better", "good", "poor", "infection"):
                return
            self.candidates.append(_Candidate(("control",), i, "control"))
        elif word == "observation":
            before = lower[max(0, i - 1) : i]
            if before and before[0] in ("of", "or", "versus", "vs", "to", "the", "and", "with") and lower[i + 1 : i + 2] not in (["period"], ["time"], ["of"], ["was"], ["that"]):
                self.candidates.append(_Candidate(("observation",), i, "weak"))
        elif word in ("placebo", "placebos") and lower[i + 1 : i + 2] in (["-"],) and lower[i + 2 : i + 3] in (["controlled"], ["control"]):
            return
        elif word in ("placebo", "placebos", "sham", "untreated", "waitlist", "vehicle"):
            if lower[i + 1 : i + 2] in (["controlled"],):
                return
            self.candidates.append(_Candidate((word.rstrip("s") if word == "placebos" else word,), i, "control"))

    # --- names to arms -----------------------------------------------------------------------------------------

    _WORTH = {
        "assigned": 3.0, "title": 2.5, "versus": 1.5, "compare": 1.2, "head": 1.2, "label": 1.5, "sized": 2.2,
        "control": 1.2, "define": 0.5, "define0": 0.0, "weak": 0.4,
    }  # fmt: skip

    def _identity(self, name: Name) -> frozenset[str]:
        """The words that tell a name from others."""
        words = frozenset(
            w[:-1] if w.endswith("s") and len(w) > 4 else w
            for w in name
            if w not in _FILLER and w not in _KEEP_INSIDE and len(w) > 1 and w not in ("and", "plus", "with", "of", "then")
        )
        return words or frozenset(w for w in name if w not in _KEEP_INSIDE)

    def _cluster(self) -> list[ArmName]:
        """Join the names of one arm, add up what speaks for each, keep those with enough."""
        by_name: dict[Name, ArmName] = {}
        for c in self.candidates:
            arm = by_name.setdefault(c.name, ArmName([c.name]))
            arm.support[c.source] += 1
            arm.first = min(arm.first, c.start)
            if c.source == "label":
                arm.letter = _LABELS[c.name[1]]
        clusters = list(by_name.values())
        owner = {arm.names[0]: arm for arm in clusters}

        def join(a: ArmName, b: ArmName) -> None:
            if a is b or (a.letter >= 0 and b.letter >= 0 and a.letter != b.letter):
                return
            if a.is_control != b.is_control and any(x.support["assigned"] + x.support["control"] for x in (a, b)) and a.letter < 0 and b.letter < 0:
                return
            a.names += b.names
            a.support += b.support
            a.first = min(a.first, b.first)
            a.letter = max(a.letter, b.letter)
            for name in b.names:
                owner[name] = a
            clusters.remove(b)

        for short, long in self.links:
            if short in owner and long in owner:
                join(owner[short], owner[long])
            elif short in owner:
                owner[short].names.append(long)
            elif long in owner:
                owner[long].names.append(short)
        # same identity, then one name inside exactly one other
        for same in (True, False):
            for a in list(clusters):
                if a not in clusters or a.letter >= 0 and same:
                    continue
                mine = [self._identity(n) for n in a.names]
                hits = []
                for b in clusters:
                    if b is a:
                        continue
                    theirs = [self._identity(n) for n in b.names]
                    if same and any(m == t for m in mine for t in theirs):
                        hits.append(b)
                    elif not same and self._weight(a) <= self._weight(b) and any(m < t for m in mine for t in theirs):
                        hits.append(b)
                if len(hits) == 1 or (same and hits):
                    if not same and (self._strong(a) and self._strong(hits[0])):
                        continue
                    join(hits[0], a)
        self._join_generic(clusters, join)
        kept = [arm for arm in clusters if self._weight(arm) >= 2.0]
        if len(kept) < 2:
            kept = sorted(clusters, key=lambda a: (-self._weight(a), a.first))[: 2 if kept else 0]
            kept = [arm for arm in kept if self._weight(arm) >= 1.2]
        kept.sort(key=lambda a: (-self._weight(a), a.first))
        return kept[:_MAX_ARMS]

    def _weight(self, arm: ArmName) -> float:
        return sum(self._WORTH[s] * min(n, 2) for s, n in arm.support.items())

    def _strong(self, arm: ArmName) -> bool:
        return arm.support["assigned"] + arm.support["title"] + arm.support["sized"] > 0

    def _join_generic(self, clusters: list[ArmName], join) -> None:  # type: ignore[no-untyped-def]
        """"the control group" is the placebo arm, "the intervention group" the other one, where only two remain."""
        generic = [a for a in clusters if all(set(n) <= (ACTIVE | _FILLER | STANDARD | {"control", "comparison"}) for n in a.names)]
        named = [a for a in clusters if a not in generic and self._weight(a) >= 2.0]
        controls = [a for a in named if a.is_control]
        actives = [a for a in named if not a.is_control]
        for arm in generic:
            words = {w for n in arm.names for w in n}
            if words & (CONTROL | STANDARD):
                if len(controls) == 1:
                    join(controls[0], arm)
            elif words & ACTIVE and len(actives) == 1:
                join(actives[0], arm)

    # --- where they are mentioned ------------------------------------------------------------------------------

    def _aliases(self, arms: list[ArmName]) -> dict[str, list[tuple[Name, int]]]:
        """First word -> (alias, arm index), longest first; words that only one arm has count as aliases."""
        table: dict[Name, set[int]] = {}
        words: dict[str, set[int]] = {}
        for k, arm in enumerate(arms):
            for name in arm.names:
                table.setdefault(name, set()).add(k)
                for w in self._identity(name):
                    words.setdefault(w, set()).add(k)
        for k, arm in enumerate(arms):
            arm.words = frozenset(w for w, owners in words.items() if owners == {k})
            for w in arm.words:
                if len(w) >= 4 and not w[0].isdigit() and w not in _STOP and w not in _DESCRIBE and w not in _COMMON:
                    table.setdefault((w,), set()).add(k)
                    table.setdefault((w + "s",), set()).add(k)
            if any(w in CONTROL or w in STANDARD for n in arm.names for w in n) and arm.is_control:
                pass
        index: dict[str, list[tuple[Name, int]]] = {}
        for name, owners in table.items():
            if len(owners) == 1:
                index.setdefault(name[0], []).append((name, next(iter(owners))))
        for entries in index.values():
            entries.sort(key=lambda e: -len(e[0]))
        return index

    def _mentions(self, arms: list[ArmName]) -> None:
        index = self._aliases(arms)
        lower, words = self.lower, self.layout.words
        letters = {arm.letter: k for k, arm in enumerate(arms) if arm.letter >= 0}
        i, count = 0, len(lower)
        while i < count:
            word = lower[i]
            hit: tuple[int, int] | None = None
            if letters and word in ("group", "arm", "groups", "arms", "grp", "regimen", "cohort") and i + 1 < count and lower[i + 1] in _LABELS and (words[i + 1].isupper() or words[i + 1].isdigit()):
                k = letters.get(_LABELS[lower[i + 1]])
                if k is not None:
                    arms[k].mentions.append((i, i + 2))
                    j = i + 2
                    while j + 1 < count and lower[j] in ("and", ",", "or", "/", "vs", "versus") and lower[j + 1] in _LABELS and (words[j + 1].isupper() or words[j + 1].isdigit()) and word.endswith("s"):
                        other = letters.get(_LABELS[lower[j + 1]])
                        if other is not None:
                            arms[other].mentions.append((j + 1, j + 2))
                        j += 2
                    i = j
                    continue
            for name, k in index.get(word, ()):
                n = len(name)
                if n == 1 and len(word) <= 3 and not words[i].isupper():
                    continue
                if tuple(lower[i : i + n]) == name:
                    hit = (k, i + n)
                    break
            if hit:
                k, stop = hit
                if word in ("placebo", "control") and lower[stop : stop + 1] in (["-"],) and lower[stop + 1 : stop + 2] in (["controlled"],):
                    i = stop
                    continue
                arms[k].mentions.append((i, stop))
                i = stop
            else:
                i += 1
        for arm in arms:
            if arm.mentions:
                a, b = arm.mentions[0]
                arm.label = self.layout.text[self.layout.starts[a] : self.layout.ends[b - 1]]


_COMMON = frozenset(
    ("breast", "cancer", "early", "surgery", "standard", "group", "mastectomy", "patient", "disease", "combination", "high",
     "single", "week", "care", "plus", "systemic", "primary", "usual", "acid", "test", "active", "study", "clinical", "effect",
     "health", "education", "long", "term", "short", "local", "pain", "quality", "life", "women", "normal", "type", "method")
)  # fmt: skip


def find_arms(layout: Layout, numbers: list[Number]) -> list[ArmName]:
    """The arms that the text contrasts, in order of first mention; roles are not decided yet."""
    return ArmFinder(layout, numbers).find()


def names_of(arms: Iterable[ArmName]) -> list[list[str]]:
    """The names of each arm as plain strings, for messages and tests."""
    return [[" ".join(n) for n in arm.names] for arm in arms]
