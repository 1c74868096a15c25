"""Find the arms of a trial: their names, abbreviations and other aliases, and every place where one is mentioned.

Candidate names with their evidence come from `arm_names`. Four decisions follow, each with its weights in a file:
which candidates name an arm (`arm_name.tsv`), which two name the same one (`arm_pair.tsv`), which two stand against
each other (`arm_contrast.tsv`), and which further names begin one more arm (`arm_further.tsv`). Then the text is read
once more for every mention. Which arm is the intervention is decided last, in `arm_role`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, pairwise
from math import floor
from operator import mul

from extractor.rules.abbreviations import find_abbreviations
from extractor.rules.arm_names import (
    CONTROL_OF,
    DOSE,
    FILLER,
    HEAD,
    JOINED,
    LABEL,
    LETTERS,
    WITHOUT,
    Candidate,
    Key,
    Names,
    find_names,
    identity,
    stem,
)  # fmt: skip
from extractor.rules.layout import Layout
from extractor.rules.lexicon import terms
from extractor.rules.linear import load_model
from extractor.rules.name_weights import NameWeights
from extractor.rules.number_context import connector as words_between
from extractor.rules.numbers import Number

Name = tuple[str, ...]

CONTROL = terms("arm_words.tsv", "control")
STANDARD = terms("arm_words.tsv", "standard")
ACTIVE = terms("arm_words.tsv", "active")
WITHOUT_ANY = "without"
"""Stands for the arm that goes without, at the end of a clause: "68% with examplin, 54% without;"."""
ORDER = {"first": 0, "second": 1, "third": 2, "fourth": 3, "former": 0, "latter": 1}

_MAX_NAMES = 9
"""Names that take part in the clustering; the best ones if more are likely."""
_POSSIBLE, _MAX_POSSIBLE = -3.5, 16
"""First score from which a candidate is looked at beside the others, and how many are at most."""
_HOPELESS = -4.0
"""Score without `joint_features` and the cues around it below which a candidate is not looked at further."""
_LIKELY = -2.4
"""Score from which a name takes part."""
_CONTEXT_AT_MOST = 4.0
"""What the context of two names adds at most to their standing against each other, nearly always."""
_ONE_ARM = 1.5
"""Affinity above which two names are not set against each other."""
_SEEDS = 5
"""Of two names that stand against each other one is among the best so many."""
_MAX_CACHED = 50_000
_CONTRAST, _ALONE = -2.5, -1.0
"""Scores from which two names are two arms, and one name is a single arm."""


@dataclass(slots=True)
class ArmName:
    """An arm before its role is known. `mentions` are half-open token ranges in order; `letter` the index of its
    "group A" label, -1 if none; `score` the log-odds that its best name is one."""

    names: list[Name]
    label: str = ""
    letter: int = -1
    mentions: list[tuple[int, int]] = field(default_factory=list)
    score: float = 0.0
    keys: list[Key] = field(default_factory=list)
    context: dict[str, None] = field(default_factory=dict)
    """What stands around its names, as features of `arm_names`."""

    @property
    def is_control(self) -> bool:
        """Whether a name of it marks the comparison whatever the order."""
        return any(is_control_key(key) for key in self.keys)

    def first_whole(self, layout: Layout) -> tuple[int, int]:
        """The first mention that no bracket cuts through, else the first."""
        for begin, end in self.mentions:
            if layout.opener[begin] == layout.opener[end - 1] and "(" not in layout.words[begin:end]:
                return begin, end
        return self.mentions[0]


def is_control_key(key: Key) -> bool:
    """Placebo, control, sham and the like, nothing of importance beside; "tamoxifen + placebo" is none."""
    return (JOINED not in key or key[0] in CONTROL) and any(w in CONTROL for w in key[:4])


@cache
def _weights(name: str) -> dict[str, float]:
    model = load_model(name)
    return {feature: float(model.weights[row, 0]) for feature, row in model.row.items()}


def _total(name: str, features: Iterable[str]) -> float:
    weights = _weights(name)
    total = 0.0
    for feature in features:
        total += weights.get(feature, 0.0)
    return total


def forget_weights() -> None:
    """Drop what was computed from the weights, for when others are put in their place."""
    _name_weights.cache_clear()
    _word_scores.clear()
    _shape_scores.clear()
    _standing_scores.clear()
    _nature_scores.clear()


# --- which candidates name an arm ------------------------------------------------------------------------------


def word_features(key: Key) -> tuple[str, ...]:
    """What the words of a name and their form say."""
    if key[0] == LABEL and len(key) == 2:
        return ("bias", "label", "words:2")
    if key[0] == DOSE:
        return ("bias", "dose")
    last = key[-1]
    found = ["bias", f"words:{min(len(key), 5)}", "last:" + last, *("w:" + w for w in key)]
    if len(last) > 5:
        found += ["s2:" + last[-2:], "s3:" + last[-3:], "s4:" + last[-4:]]
    return tuple(found)


Shape = tuple[int, int, int, int, int, int, int]


def _shape(candidate: Candidate) -> Shape:
    """How often and where a name stands, in coarse steps: places, those before "group" and the like, their share in
    quarters, first sentence, sentences, later sentences, words if in capitals. The last three are -1 for what is no
    phrase."""
    places = candidate.places
    count = len(places)
    heads = candidate.heads
    first = places[0].sentence
    step = count if count < 6 else 6 if count < 10 else 10
    share = 4 * heads // count if heads else 0
    if candidate.key[0] == LABEL or candidate.key[0] == DOSE:
        return step, min(heads, 4), share, min(first, 4), -1, -1, -1
    if count == 1:
        sentences, late = 1, int(first > 3)
    else:
        sentences = min(len({p.sentence for p in places}), 6)
        late = min(sum([p.sentence > 3 for p in places]), 4)
    capitals = min(len(candidate.key), 3) if candidate.capital else 0
    return step, heads if heads < 4 else 4, share, first if first < 4 else 4, sentences, late, capitals


def shape_features(shape: Shape) -> list[str]:
    """The same as features."""
    count, heads, share, first, sentences, late, capitals = shape
    found = [f"count:{count}", f"first:{first}"]
    if heads:
        found += [f"heads:{heads}", f"heads%:{share}"]
    if sentences < 0:
        return found
    found += [f"sents:{sentences}", f"late:{late}"]
    if first == 0 and count > 1:
        found.append("T+")
    if capitals:
        found.append(f"caps:{capitals}|{min(count, 5)}")
    return found


def joint_features(candidate: Candidate) -> list[str]:
    """What joins a name to its neighbours together with what stands around it."""
    around = [f for f in candidate.features if f[:2] == "R:" or f[:2] == "TI"]
    return [
        feature + "|" + other
        for feature in candidate.features
        if feature[:2] == "C:" or feature[:2] == "N:"
        for other in around
    ]


def name_features(names: Names, candidate: Candidate) -> list[str]:
    """Evidence that a candidate names an arm."""
    shape = shape_features(_shape(candidate))
    joint = joint_features(candidate)
    return [*word_features(candidate.key), *shape, *candidate.features, *names.cues_of(candidate), *joint]


_word_scores: dict[Key, float] = {}
"""Plain dictionaries, as in `arm_names`."""
_shape_scores: dict[Shape, float] = {}


def _word_score(key: Key) -> float:
    score = _word_scores.get(key)
    if score is None:
        score = _total("arm_name.tsv", word_features(key))
        if len(_word_scores) < _MAX_CACHED:
            _word_scores[key] = score
    return score


def _shape_score(shape: Shape) -> float:
    score = _shape_scores.get(shape)
    if score is None:
        score = _shape_scores[shape] = _total("arm_name.tsv", shape_features(shape))
    return score


@cache
def _name_weights() -> NameWeights:
    return NameWeights(_weights("arm_name.tsv"))


def first_scores(names: Names) -> dict[Key, float]:
    """Log-odds that each candidate names an arm, by its own evidence alone."""
    weights = _name_weights()
    beside, joints = weights.beside, weights.joint
    scores = {}
    for key, candidate in names.candidates.items():
        features = candidate.features
        score = _word_score(key) + _shape_score(_shape(candidate))
        for feature in features:
            score += beside.get(feature, 0.0)
        if score > _HOPELESS:
            for feature in features:
                joint = joints.get(feature)
                if joint is not None:
                    for other in features:
                        score += joint.get(other, 0.0)
            score += weights.of_cues(names.around, candidate.places)
        # to hundredths, as the weights are, so that their order cannot move it over a step; `round` takes longer
        scores[key] = floor(100 * score + 0.5) / 100
    return scores


def _step(score: float) -> int:
    """A score in coarse steps."""
    return -3 if score < -3 else 4 if score > 4 else round(score)


Standing = tuple[str | int, ...]
"""One kind of evidence by which a name is compared with the others: the kind, then its values in coarse steps."""


def standing_features(standing: Standing) -> tuple[str, ...]:
    """The same as features."""
    match standing:
        case "own", step, rank, top, nature:
            return "bias", f"own:{step}", f"rank:{rank}", f"rank:{top}|{step}", f"nat:{nature}|{step}"
        case "field", positive, control, best, likely, own:
            return f"pos:{positive}|{likely}", f"ctl:{control}|{own}", f"best:{best}|{likely}"
        case "above", step, lead, count, likely:
            return f"above:{step}", f"above-:{lead}", f"supers:{count}|{likely}"
        case "inside", step, lead:
            return f"inside:{step}", f"inside-:{lead}"
        case "beside", step, count, nature:
            return f"beside:{step}|{nature}", f"siblings:{count}|{nature}"
        case "gap", lead:
            return (f"gap:{lead}",)
        case joined, step:
            return (f"{joined}{step}",)
    raise AssertionError(standing)


_standing_scores: dict[Standing, float] = {}


def _standing_score(standing: Standing) -> float:
    score = _standing_scores.get(standing)
    if score is None:
        score = _standing_scores[standing] = _total("arm_name_2.tsv", standing_features(standing))
    return score


@dataclass(slots=True)
class _Overlap:
    """A name among those that share words with it: the best score, and how many are likely, of the longer ones that
    contain it, of those inside it (best only), and of those that differ from it in one word."""

    above: float = -9.0
    inside: float = -9.0
    beside: float = -9.0
    supers: int = 0
    siblings: int = 0


def _overlaps(kept: list[tuple[float, Key]]) -> list[_Overlap | None]:
    """How each name lies to the others, None if it shares no word with one."""
    found: list[_Overlap | None] = [None] * len(kept)
    sets = [frozenset(key) for _, key in kept]
    for i, own in enumerate(sets):
        for j in range(len(sets)):
            theirs = sets[j]
            if i == j or own.isdisjoint(theirs):
                continue
            mine = found[i] = found[i] or _Overlap()
            other_score = kept[j][0]
            if own < theirs:
                mine.above = max(mine.above, other_score)
                mine.supers += other_score > -1
            elif theirs < own:
                mine.inside = max(mine.inside, other_score)
            elif len(theirs) == len(own) and len(own & theirs) == len(own) - 1 and len(own) > 1:
                mine.beside = max(mine.beside, other_score)
                mine.siblings += other_score > -1
    return found


def _partners(names: Names, kept: list[tuple[float, Key]], scores: Mapping[Key, float]) -> dict[Key, dict[str, float]]:
    """For each name the score of the best one that each connector joins to it."""
    partners: dict[Key, dict[str, float]] = {key: {} for _, key in kept}
    for (one, two), gaps in names.gaps.items():
        for mine, other, before, after in ((one, two, "P:", ">"), (two, one, "P:<", "")):
            table = partners.get(mine)
            if table is None:
                continue
            score = scores[other]
            for _, _, connector in gaps:
                if connector:
                    tag = before + connector + after
                    if score > table.get(tag, -9.0):
                        table[tag] = score
    return partners


def relations(names: Names, scores: Mapping[Key, float]) -> list[tuple[Candidate, list[Standing]]]:
    """For the candidates that are worth a second look, the evidence that lies in the others: what is contrasted with
    a likely arm is one, what stands inside a longer name is that name."""
    kept = sorted(
        [(s, k) for k, s in scores.items() if s >= _POSSIBLE],
        key=lambda e: (-e[0], names.candidates[e[1]].places[0].begin),
    )[:_MAX_POSSIBLE]
    partners = _partners(names, kept, scores)
    positive = min(sum([s > 0 for s, _ in kept]), 7)
    controls = [s for s, k in kept if _nature(k) == "control"]
    best_control = f"{_step(max(controls))}" if controls else "none"
    found = []
    for rank, ((score, key), overlap) in enumerate(zip(kept, _overlaps(kept), strict=True)):
        step = _step(score)
        nature = _nature(key)
        rest = kept[1][0] if rank == 0 and len(kept) > 1 else kept[0][0]
        standings: list[Standing] = [
            ("own", step, min(rank, 8), min(rank, 4), nature),
            ("field", positive, best_control, _step(rest), step > 0, nature == "control"),
            ("gap", _step(rest - score)),
        ]
        if overlap is not None:
            if overlap.above > -9:
                lead = _step(overlap.above - score)
                standings.append(("above", _step(overlap.above), lead, min(overlap.supers, 3), step > 0))
            if overlap.inside > -9:
                standings.append(("inside", _step(overlap.inside), _step(overlap.inside - score)))
            if overlap.beside > -9:
                standings.append(("beside", _step(overlap.beside), min(overlap.siblings, 3), nature))
        standings += [(tag, _step(other_score)) for tag, other_score in partners[key].items()]
        found.append((names.candidates[key], standings))
    return found


def score_names(names: Names) -> list[tuple[float, Candidate]]:
    """The candidates that may name an arm with their log-odds, best first."""
    return second_scores(names, first_scores(names))


def second_scores(names: Names, first: Mapping[Key, float]) -> list[tuple[float, Candidate]]:
    """The same after a look at each candidate beside the others."""
    slope = _weights("arm_name_2.tsv").get("score", 0.0)
    found = []
    for candidate, standings in relations(names, first):
        score = first[candidate.key] * slope
        for standing in standings:
            score += _standing_score(standing)
        found.append((score, candidate))
    found.sort(key=lambda pair: (-pair[0], pair[1].places[0].begin))
    return found


def likely(scored: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """Those that take part in the clustering."""
    return [pair for pair in scored[:_MAX_NAMES] if pair[0] >= _LIKELY]


# --- which names are one arm's ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Kinship:
    """What the features of a pair of names need beyond the two."""

    names: Names
    long_forms: dict[Key, Key]
    """Likely name that is an abbreviation -> identity of its long form."""
    words: dict[Key, frozenset[str]]
    """The words of each likely name."""
    order: dict[Key, int]
    """Place of each likely name that is no label among them, by first mention."""
    rivals: int
    """How many likely names are neither generic nor labels; 4 for more."""
    controls: int
    """How many of them mark the comparison; 3 for more."""
    layout: Layout
    numbers: list[Number]
    grouped: tuple[int, str] | None = None
    """What `grouping` found."""
    contrasts: dict[tuple[Key, Key], float] = field(default_factory=dict)
    """What `contrast` found."""

    def grouping(self) -> tuple[int, str]:
        """How many arms the text speaks of, 0 if it does not say; whether its numbers come in threes more than in twos,
        and how often it says "n = ". Asked for in few articles."""
        if self.grouped is None:
            self.grouped = _said(self.layout.lower), _threes(self.layout, self.numbers)
        return self.grouped

    def contrast(self, a: Candidate, b: Candidate) -> float:
        """How much the context of two names sets them against each other. A seed is asked about with each further
        name again."""
        if a.places[0].begin > b.places[0].begin:
            a, b = b, a
        found = self.contrasts.get((a.key, b.key))
        if found is None:
            found = self.contrasts[a.key, b.key] = _total("arm_contrast.tsv", contrast_features(self, a, b))
        return found


def kinship_of(layout: Layout, names: Names, chosen: list[tuple[float, Candidate]], numbers: list[Number]) -> Kinship:
    """Gather it for one article."""
    short_forms = {
        short.lower(): identity(tuple(layout.lower[a:b])) for short, (a, b) in find_abbreviations(layout).items()
    }
    keys = [c.key for _, c in chosen]
    long_forms = {}
    for key in keys if short_forms else ():
        if len(key) <= 3:
            form = short_forms.get("".join(key)) or short_forms.get("-".join(key))
            if form is not None:
                long_forms[key] = form
    order = sorted((k for k in keys if k[0] != LABEL), key=lambda k: names.candidates[k].places[0].begin)
    natures = [_nature(k) for k in keys]
    return Kinship(
        names, long_forms, {k: frozenset(k) for k in keys}, {k: i for i, k in enumerate(order)},
        min(natures.count("name"), 4), min(natures.count("control"), 3), layout, numbers,
    )  # fmt: skip


_known_natures: dict[Key, str] = {}


def _nature(key: Key) -> str:
    """label, control, standard, generic (an active arm by no name of its own) or name."""
    nature = _known_natures.get(key)
    if nature is None:
        nature = _nature_of(key)
        if len(_known_natures) < _MAX_CACHED:
            _known_natures[key] = nature
    return nature


def _nature_of(key: Key) -> str:
    if key[0] == LABEL and len(key) == 2:
        return "label"
    if key[0] == DOSE:
        return "dose"
    if is_control_key(key):
        return "control"
    if key[0] == WITHOUT:
        return "without"
    if any(w in STANDARD for w in key):
        return "standard"
    if all(w in ACTIVE or w in FILLER for w in key):
        return "generic"
    return "name"


def _natures(one: Key, two: Key) -> str:
    """What two names are, in alphabetical order."""
    a, b = _nature(one), _nature(two)
    return f"{a}~{b}" if a <= b else f"{b}~{a}"


def pair_features(kin: Kinship, a: Candidate, b: Candidate) -> list[str]:
    """Evidence that two names are one arm's. `a` stands first in the text."""
    natures = _natures(a.key, b.key)
    return [*nature_features(natures, kin.rivals, kin.controls), *bond_features(kin, a.key, b.key, natures)]


def nature_features(natures: str, rivals: int, controls: int) -> list[str]:
    """What speaks for it before the words are looked at."""
    found = ["bias", "nat:" + natures]
    if "generic" in natures or "control" in natures or "label" in natures:
        found.append(f"rivals:{natures}|{rivals}|{controls}")
    return found


_nature_scores: dict[tuple[str, int, int], float] = {}


def _nature_score(natures: str, rivals: int, controls: int) -> float:
    score = _nature_scores.get((natures, rivals, controls))
    if score is None:
        score = _total("arm_pair.tsv", nature_features(natures, rivals, controls))
        _nature_scores[natures, rivals, controls] = score
    return score


def bond_features(kin: Kinship, one: Key, two: Key, nature: str) -> list[str]:
    """What lies in the words of both and in what stands between them."""
    found = []
    for connector, rest in kin.names.signatures(one, two):
        found += ["c:" + connector, "g:" + rest, "cn:" + connector + nature]
    for connector, rest in kin.names.signatures(two, one):
        found += ["rc:" + connector, "rg:" + rest, "cn:" + connector + nature]
    mine, theirs = kin.words[one], kin.words[two]
    if not mine.isdisjoint(theirs):
        shared = mine & theirs
        extra = (mine | theirs) - shared
        if mine <= theirs or theirs <= mine:
            found.append(f"inside:{min(len(extra), 3)}")
            found.append(f"inside:{JOINED in extra}{WITHOUT in extra}")
            found += ["x:" + w for w in sorted(extra)]
            small = mine if len(mine) < len(theirs) else theirs
            found.append(f"ambiguous:{min(sum([small < k for k in kin.words.values()]), 3)}")
            found.append(f"extra:{any((w,) in kin.words for w in extra)}|{JOINED in extra}")
            if JOINED in extra:
                found.append(
                    "added:" + ("control" if extra & CONTROL else "generic" if extra - {JOINED} <= _PLAIN else "name")
                )
        else:
            found.append(f"shared:{min(len(shared), 3)}|{min(len(extra), 4)}")
            found += ["d:" + w for w in sorted(extra)]
            if len(one) == len(two) and len(shared) == len(mine) - 1:
                found.append(f"parallel:{nature}")
        if one[-1] == two[-1]:
            found.append("samelast")
        if one[0] == two[0]:
            found.append("samefirst")
    for short, long in ((one, two), (two, one)):
        form = kin.long_forms.get(short)
        if form is not None:
            if form == long:
                found.append("abbr:is")
            else:
                found.append("abbr:not" if kin.words[long].isdisjoint(form) else "abbr:overlap")
        if len(short) > 1:
            continue
        word = short[0]
        if len(long) == 1:
            if word != long[0] and len(word) > 1 and long[0].startswith(word):
                found.append("prefix")
        elif len(word) <= 5 and long[0] != LABEL:
            initials = "".join([w[0] for w in long if w != JOINED])
            if initials == word:
                found.append("initials")
            elif initials[0] == word[0]:
                found.append("initial1")
    if nature.count("label") == 1:
        letter, other = (one[1], two) if one[0] == LABEL else (two[1], one)
        found.append(f"order:{LETTERS.get(letter, 9) == kin.order.get(other, 99)}|{kin.rivals}")
    return found


# --- which two stand against each other ------------------------------------------------------------------------


def contrast_features(kin: Kinship, a: Candidate, b: Candidate) -> list[str]:
    """Evidence that two names are two arms set against each other: what joins them, and what stands around both."""
    one, two = a.key, b.key
    nature = _natures(one, two)
    found = ["bias", "nat:" + nature]
    for connector, rest in kin.names.signatures(one, two):
        found += ["c:" + connector, f"c:{connector}|{rest}"]
    for connector, _ in kin.names.signatures(two, one):
        found.append("rc:" + connector)
    both = [feature for feature in a.features if feature in b.features]
    found += ["both:" + feature for feature in both]
    found.append(f"both:{min(len(both), 12)}")
    if a.heads and b.heads:
        found.append("heads")
    mine, theirs = kin.words[one], kin.words[two]
    if not mine.isdisjoint(theirs):
        shared = len(mine & theirs)
        found.append(f"shared:{shared == len(mine) or shared == len(theirs)}|{min(len(mine | theirs) - shared, 3)}")
        if len(one) == len(two) and shared == len(mine) - 1:
            found.append("parallel")
    found.append(f"caps:{a.capital}{b.capital}|{nature}")
    order = abs(a.places[0].sentence - b.places[0].sentence)
    found.append(f"far:{min(order, 3)}")
    count = sorted((len(a.places), len(b.places)))
    found.append(f"counts:{min(count[0], 4)}|{min(count[1], 6)}")
    return found


def affinities(kin: Kinship, chosen: list[tuple[float, Candidate]]) -> dict[tuple[int, int], float]:
    """Log-odds, for each two of the likely names, that they are one arm's."""
    weights = _weights("arm_pair.tsv")
    found = {}
    for i, j in combinations(range(len(chosen)), 2):
        a, b = chosen[i][1], chosen[j][1]
        if a.places[0].begin > b.places[0].begin:
            a, b = b, a
        natures = _natures(a.key, b.key)
        start = _nature_score(natures, kin.rivals, kin.controls)
        bonds = bond_features(kin, a.key, b.key, natures)
        total: float = start
        for feature in bonds:
            total += weights.get(feature, 0.0)
        found[i, j] = total
    return found


def _cluster(kin: Kinship, chosen: list[tuple[float, Candidate]]) -> list[list[int]]:
    """Indices of `chosen` by arm: the two names that most likely stand against each other begin the first two arms,
    then each further name, the likeliest first, joins the arm it fits, begins one, or is dropped."""
    same = affinities(kin, chosen)
    groups: list[list[int]] = []
    best = _CONTRAST
    slopes = [_weights("arm_contrast.tsv").get(name, 0.0) for name in NUMBERS]
    pairs = []
    for (i, j), affinity in same.items():
        if affinity <= _ONE_ARM and i < _SEEDS:
            values = numbers_of_pair(chosen[i][0], chosen[j][0], affinity)
            pairs.append((sum(map(mul, slopes, values)), i, j))
    pairs.sort(key=lambda pair: -pair[0])
    for worth, i, j in pairs:
        if worth + _CONTEXT_AT_MOST <= best:
            break
        worth += kin.contrast(chosen[i][1], chosen[j][1])
        if worth > best:
            best, groups = worth, [[i], [j]]
    if not groups and chosen[0][0] > _ALONE:
        groups = [[0]]
    seeds = [group[0] for group in groups]
    for i in range(len(chosen)):
        if i in seeds:
            continue
        ties = [sum(same[min(i, j), max(i, j)] for j in group) / len(group) for group in groups]
        top = max(ties, default=-9.0)
        if top > 0:
            groups[ties.index(top)].append(i)
        elif further_score(kin, chosen, groups, i, top) > 0:
            groups.append([i])
    return groups


# --- which further names begin an arm --------------------------------------------------------------------------


def further_features(kin: Kinship, chosen: list[tuple[float, Candidate]], groups: list[list[int]], i: int) -> list[str]:
    """Evidence that name `i`, which fits none of the arms in `groups`, is one more arm."""
    candidate = chosen[i][1]
    key = candidate.key
    nature = _nature(key)
    count = min(len(groups), 4)
    said, threes = kin.grouping()
    found = [
        "bias", f"nat:{nature}|{count}", f"said:{said}|{count}", f"said:{said}|{count}|{nature}",
        f"places:{min(len(candidate.places), 5)}", f"heads:{min(candidate.heads, 3)}|{nature}",
        f"title:{candidate.places[0].sentence == 0}|{count}", f"caps:{candidate.capital}",
        f"words:{min(len(key), 4)}", f"threes:{threes}|{count}",
    ]  # fmt: skip
    if len(groups) > 1:
        natures = sorted(_nature(chosen[group[0]][1].key) for group in groups)
        found.append(f"nats:{nature}|{'~'.join(natures[:3])}")
    mine = kin.words[key]
    inside = part = beside = 0
    joints = set()
    for group in groups:
        keys = [chosen[j][1].key for j in group]
        inside += any(mine < kin.words[k] for k in keys)
        part += any(kin.words[k] < mine for k in keys)
        beside += any(len(k) == len(key) > 1 and len(mine & kin.words[k]) == len(mine) - 1 for k in keys)
        for k in keys:
            joints |= {">" + c for c, _ in kin.names.signatures(key, k)} | {
                "<" + c for c, _ in kin.names.signatures(k, key)
            }
    found += [f"inside:{min(inside, 2)}|{count}", f"part:{min(part, 2)}|{count}", f"beside:{min(beside, 2)}|{count}"]
    found += ["joint:" + joint for joint in sorted(joints)]
    if not joints:
        found.append("joint:none")
    found += [f for f in candidate.features if f[:4] == "rnd:" or f[:2] in ("L:", "R:", "J:")]
    return found


_LINKS = frozenset((",", "and", ", and", "vs", "vs .", "versus", "v", "or", ", or", "/", "compared with"))


def _threes(layout: Layout, numbers: list[Number]) -> str:
    """How the numbers are grouped: lists of three against lists of two, and how many sizes are given as "n = "."""
    runs = [0, 0]
    length = 1
    for one, two in pairwise([*numbers, None]):
        joined = (
            two is not None
            and one is not None
            and one.sentence == two.sentence
            and one.is_percent == two.is_percent
            and words_between(layout, one, two) in _LINKS
        )
        if joined:
            length += 1
            continue
        if length in (2, 3):
            runs[length - 2] += 1
        length = 1
    sizes = sum([word == "n" and layout.lower[i + 1] == "=" for i, word in enumerate(layout.lower[:-1])])
    return f"{min(runs[1], 3)}{'>' if runs[1] > runs[0] else '<'}|{min(sizes, 4)}"


FURTHER = ("score", "likeness", "better contrast")


def numbers_of_further(
    kin: Kinship, chosen: list[tuple[float, Candidate]], groups: list[list[int]], i: int, likeness: float
) -> tuple[float, float, float]:
    """The name's score, its best affinity to an arm, and how strongly its seeds stand against it."""
    weights = [kin.contrast(chosen[group[0]][1], chosen[i][1]) for group in groups]
    return min(chosen[i][0], 4.0), max(-6.0, likeness), min(6.0, max(-6.0, max(weights, default=-6.0)))


def further_score(
    kin: Kinship, chosen: list[tuple[float, Candidate]], groups: list[list[int]], i: int, likeness: float
) -> float:
    """Log-odds that name `i` begins an arm beside those in `groups`."""
    weights = _weights("arm_further.tsv")
    values = numbers_of_further(kin, chosen, groups, i, likeness)
    score: float = sum([weights.get(name, 0.0) * value for name, value in zip(FURTHER, values, strict=True)])
    return score + _total("arm_further.tsv", further_features(kin, chosen, groups, i))


_COUNTED = {
    "two": 2,
    "2": 2,
    "both": 2,
    "either": 2,
    "three": 3,
    "3": 3,
    "four": 4,
    "4": 4,
    "five": 5,
    "5": 5,
    "six": 5,
    "6": 5,
}
_ARMS = frozenset(
    ("groups", "arms", "group", "arm", "treatments", "regimens", "schedules", "doses", "treatment", "cohorts")
)


def _said(lower: list[str]) -> int:
    """How many arms the text speaks of ("three groups", "both arms", "1:1:1"), 0 if it does not say; the most that it
    names of three and more."""
    found = 0
    for i, word in enumerate(lower[:-2]):
        count = _COUNTED.get(word)
        if count is None:
            continue
        if lower[i + 1] in _ARMS or lower[i + 2] in _ARMS or (lower[i + 1] in _DASHES and lower[i + 2] in _ARMS):
            found = max(found, count)
    text = " ".join(lower) if "1" in lower and ":" in lower else ""
    if "1 : 1 : 1 : 1" in text:
        found = max(found, 4)
    elif "1 : 1 : 1" in text:
        found = max(found, 3)
    return found


NUMBERS = ("better score", "worse score", "same arm")


def numbers_of_pair(one: float, two: float, same: float) -> tuple[float, float, float]:
    """What the contrast of two names owes to the scores of each and to their being one arm's."""
    return max(one, two, -4.0) if one < 4 > two else 4.0, max(min(one, two), -4.0), max(-4.0, min(4.0, same))


# --- where they are mentioned ----------------------------------------------------------------------------------


def _arms_of(layout: Layout, groups: list[list[int]], chosen: list[tuple[float, Candidate]]) -> list[ArmName]:
    arms = []
    owner = {chosen[index][1].key: g for g, group in enumerate(groups) for index in group}
    for group in groups:
        arm = ArmName([], score=chosen[group[0]][0])
        for index in group:
            candidate = chosen[index][1]
            key = candidate.key
            if len(group) > 1 and _joins_arms(key, owner):
                continue  # "A and B" of two arms is no name of either
            arm.keys.append(key)
            arm.context |= candidate.features
            if key[0] == LABEL and len(key) == 2:
                arm.letter = LETTERS.get(key[1], -1)
            if key[0] == DOSE:
                arm.names.append(_dose_form(layout, candidate))
                continue
            forms: dict[Name, int] = {}
            for place in candidate.places:
                form = tuple(layout.lower[place.begin : place.end])
                forms[form] = forms.get(form, 0) + 1
            by_count = sorted(forms, key=lambda form: -forms[form])
            arm.names += [form for form in by_count if form not in arm.names]
        if arm.keys:
            arms.append(arm)
    return arms


def _joins_arms(key: Key, owner: Mapping[Key, int]) -> bool:
    """Whether the parts of a name are names of two arms: of "A + B", or of "A/B"."""
    for at in range(1, len(key)):
        first, second = owner.get(key[:at]), owner.get(key[at + (key[at] == JOINED) :])
        if first is not None and second is not None and first != second:
            return True
    return False


def _dose_form(layout: Layout, candidate: Candidate) -> Name:
    """The dose with its unit as the text writes it at one place."""
    longest = max(candidate.places, key=lambda p: p.end - p.begin)
    form = tuple(w for w in layout.lower[longest.begin : longest.end] if w not in _DASHES)
    return form if len(form) > 1 else candidate.key[1:]


_CONTROL_LIKE = frozenset(("standard", "without"))
_LONG = 9
"""Letters of a name from which its other forms are looked for."""


class _Mentions:
    """Reads the text for the arms' names: the longest one at each place. Single words out of a longer name do not
    count: "brain" of "whole-brain irradiation" is found where nothing speaks of the arm."""

    def __init__(self, arms: list[ArmName], lower: list[str]) -> None:
        self.index: dict[str, list[tuple[Key, int]]] = {}
        """First word of a name, with and without a plural s -> the names, the longest first, with their arms."""
        table: dict[Key, set[int]] = {}
        for k, arm in enumerate(arms):
            for name in arm.names:
                table.setdefault(_plain(name), set()).add(k)
            for key in arm.keys:
                if key[0] == WITHOUT:
                    continue  # "no tamoxifen": the bare name is the other arm's
                if key[0] != DOSE and not (key[0] == LABEL and len(key) == 2):
                    table.setdefault(tuple(w for w in key if w != JOINED), set()).add(k)
        controls = [k for k, arm in enumerate(arms) if arm.is_control]
        if not controls and len(arms) == 2:  # "usual care", "no boost": the controls, whatever it is called there
            controls = [k for k, arm in enumerate(arms) if any(_nature(key) in _CONTROL_LIKE for key in arm.keys)]
        if len(controls) == 1:
            for word in ("control", "placebo"):
                table.setdefault((word,), {controls[0]})
            if len(arms) == 2 and ACTIVE.isdisjoint([name[0] for name in table if len(name) == 1]):
                for word in sorted(ACTIVE):  # "the treatment group" can only be the other one
                    table.setdefault((word,), {1 - controls[0]})
        lacking = [k for k, arm in enumerate(arms) if any(key[0] == WITHOUT for key in arm.keys)]
        if len(lacking) == 1:
            table.setdefault((WITHOUT_ANY,), {lacking[0]})
        for name, own in table.items():
            if name and len(own) == 1:
                for form in (name[0], name[0] + "s"):
                    if stem(form) == name[0]:
                        self.index.setdefault(form, []).append((name, next(iter(own))))
        self._add_forms({name[0]: next(iter(own)) for name, own in table.items() if len(name) == len(own) == 1}, lower)
        for entries in self.index.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def _add_forms(self, single: Mapping[str, int], lower: list[str]) -> None:
        """Other forms of long names of one word: "hypothermia" of a "hypothermic" group, "laparoscopy"."""
        for word, arm in single.items():
            if len(word) < _LONG:
                continue
            begin = word[:-2]
            for form in {w for w in lower if w.startswith(begin) and w not in self.index}:
                if abs(len(form) - len(word)) <= 2:
                    self.index[form] = [((form,), arm)]

    def read(self, layout: Layout, arms: list[ArmName]) -> None:
        """Fill in `mentions`."""
        lower, words, index = layout.lower, layout.words, self.index
        after = 0
        for begin in [i for i, word in enumerate(lower) if word in index]:
            if begin < after:
                continue
            for name, arm in index[lower[begin]]:
                end = _end_of(lower, begin, name)
                if end < 0 or (len(name) == 1 and not _may_stand_alone(lower, words, begin, name[0])):
                    continue
                arms[arm].mentions.append((begin, end))
                after = end
                break


def _end_of(lower: list[str], begin: int, name: Key) -> int:
    """The token after a name whose first word stands at token `begin`, hyphens passed over; -1 if it goes otherwise."""
    at = begin
    for word in name[1:]:
        at += 1
        while at < len(lower) and lower[at] in _DASHES:
            at += 1
        if at >= len(lower) or stem(lower[at]) != word:
            return -1
    return at + 1


_DASHES = frozenset("-–‐‑")
_PLAIN = ACTIVE | FILLER


def _plain(name: Name) -> Key:
    return tuple(stem(w) for w in name if w not in _DASHES)


def _may_stand_alone(lower: list[str], words: list[str], i: int, word: str) -> bool:
    """Whether one word by itself can be a mention at token i: not "placebo-controlled", not "local control"."""
    after = lower[i + 1] if i + 1 < len(lower) else ""
    if word == WITHOUT_ANY:
        return after in _STOPS
    if len(word) <= 3:
        return words[i] != lower[i] and after != "="
    if word in ("placebo", "control", "sham", "vehicle"):
        if after in _DASHES and i + 2 < len(lower) and lower[i + 2][:7] == "control":
            return False
        if word == "control" and i and lower[i - 1] in CONTROL_OF:
            return False
    elif word in ACTIVE:
        # "in the treatment group", "in the treatment and control groups"; "study patients" are all, though
        if after in HEAD or (after in _PEOPLE_OF_ARM and word not in _OF_ALL):
            return True
        return after in _AND and HEAD.isdisjoint(lower[i + 2 : i + 3]) and not HEAD.isdisjoint(lower[i + 3 : i + 5])
    return True


_STOPS = frozenset(("", ".", ",", ";", ":", ")", "]"))
_AND = frozenset(("and", "or", "/", "versus", "vs"))
_PEOPLE_OF_ARM = terms("arm_words.tsv", "headweak")
_OF_ALL = frozenset(("study", "treatment", "test"))
_NO_NAME = frozenset(("a", "the", "this", "our", "research", "working", "cooperative", "oncology", "study"))
_SET_AGAINST = terms("arm_words.tsv", "contrast")


def _contrasts(layout: Layout) -> bool:
    """Whether any word of the text sets people or treatments against each other. Where none does, two treatments named
    side by side are given one after the other; "graft-versus-host" is a disease."""
    for i, word in enumerate(layout.lower):
        if word.startswith("random"):
            return True
        if word in _SET_AGAINST and not (i and layout.adjacent(i) and layout.words[i - 1] in _DASHES):
            if word == "group" and i and layout.lower[i - 1] in _NO_NAME:
                continue  # "a group headed by Dr. X"
            return True
    return False


def find_arms(layout: Layout, numbers: list[Number]) -> list[ArmName]:
    """The arms that the text contrasts, in order of first mention; roles are not decided yet."""
    if not _contrasts(layout):
        return []
    names = find_names(layout, numbers)
    chosen = likely(score_names(names))
    if not chosen:
        return []
    arms = _arms_of(layout, _cluster(kinship_of(layout, names, chosen, numbers), chosen), chosen)
    _Mentions(arms, layout.lower).read(layout, arms)
    arms = [arm for arm in arms if arm.mentions]
    arms.sort(key=lambda arm: arm.mentions[0])
    for arm in arms:
        begin, end = arm.first_whole(layout)
        arm.label = layout.text[layout.starts[begin] : layout.ends[end - 1]]
    return arms


def names_of(arms: Iterable[ArmName]) -> list[list[str]]:
    """The names of each arm as plain strings, for messages and tests."""
    return [[" ".join(n) for n in arm.names] for arm in arms]
