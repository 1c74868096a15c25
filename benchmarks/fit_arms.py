"""Fit the weights by which arms are found and given their role to the annotations in `fixtures/annotations/`.

    python benchmarks/fit_arms.py --texts DIR_WITH_abstracts_AND_evidence_inference [--folds N]

Run it before `fit_weights.py`, whose features see the arms found. Like that script it is deterministic;
with `--folds N` it prints cross-validated figures instead of writing.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
from fit_weights import ROOT, Annotated, annotated_bundles, read_annotations

from extractor.rules import arm as arm_rules
from extractor.rules import arm_role as role_rules
from extractor.rules.arm import (
    NUMBERS,
    ArmName,
    Kinship,
    contrast_features,
    find_arms,
    kinship_of,
    likely,
    name_features,
    names_of,
    numbers_of_pair,
    pair_features,
)  # fmt: skip
from extractor.rules.arm_names import Candidate, Names, find_names
from extractor.rules.linear import LinearModel

_EMPTY = {"group", "groups", "arm", "arms", "the", "of", "patients", "treatment", "therapy"}
NOTE = "Fitted by benchmarks/fit_arms.py to fixtures/annotations/numbers.tsv; do not edit by hand."


def words_of(name: str) -> frozenset[str]:
    """The words by which an annotated and a found name are compared."""
    found = set(re.findall(r"\w+", name.lower()))
    return frozenset(found - _EMPTY or found)


def overlap(a: frozenset[str], b: frozenset[str]) -> float:
    """Jaccard index."""
    return len(a & b) / len(a | b)


@dataclass
class Found:
    """One abstract with its candidate names and, per candidate, the annotated arm it names ("" if none)."""

    article: Annotated
    names: Names
    gold: dict[tuple[str, ...], str]
    features: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    first: dict[tuple[str, ...], float] = field(default_factory=dict)
    """First scores by a model that was not fitted to the abstract."""


def gather(article: Annotated) -> Found:
    """Candidates of one abstract and what they name."""
    names = find_names(article.layout, article.numbers)
    aliases = [(letter, words_of(n)) for letter, (_, ns) in article.arms.items() for n in ns]
    gold = {}
    for key, candidate in names.candidates.items():
        forms = {words_of(" ".join(article.layout.lower[p.begin : p.end])) for p in candidate.places}
        score = dict.fromkeys(article.arms, 0.0)
        for letter, alias in aliases:
            score[letter] = max(score[letter], *(overlap(alias, form) for form in forms))
        best = max(score.values(), default=0)
        letters = [letter for letter, s in score.items() if s == best]
        # what fits two arms equally names neither
        gold[key] = letters[0] if best > 0.49 and len(letters) == 1 else ""
    return Found(article, names, gold, {k: name_features(names, c) for k, c in names.candidates.items()})


def fit(
    rows: list[list[str]],
    targets: list[int],
    values: list[tuple[float, ...]] | None = None,
    value_names: tuple[str, ...] = (),
    *,
    l2: float = 2.0,
    min_count: int = 4,
    steps: int = 200,
    least: float = 0.04,
) -> LinearModel:
    """Logistic regression on features and, if given, a few numbers per row; full-batch Adam. Weights under `least` are
    left out."""
    counts = Counter(f for row in rows for f in row)
    names = sorted(f for f, c in counts.items() if c >= min_count)
    index = {f: i for i, f in enumerate(names)}
    feature = np.array([index[f] for row in rows for f in row if f in index])
    owner = np.array([r for r, row in enumerate(rows) for f in row if f in index])
    number = np.array(values or [()] * len(rows), dtype=float).reshape(len(rows), len(value_names))
    target = np.array(targets, dtype=float)
    size = len(names)
    weights = np.zeros(size + len(value_names))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        scores = np.bincount(owner, weights=weights[feature], minlength=len(rows)) + number @ weights[size:]
        miss = 1 / (1 + np.exp(-scores)) - target
        slope = np.append(np.bincount(feature, weights=miss[owner], minlength=size), miss @ number)
        gradient = slope + l2 * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        pace = 0.1 * (1 - step / (steps + 1))
        weights -= pace * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    keep = np.abs(weights) >= least
    keep[size:] = True
    kept = [name for name, k in zip([*names, *value_names], keep, strict=True) if k]
    return LinearModel(("weight",), kept, np.round(weights[keep], 2)[:, None])


def fit_names(found: list[Found]) -> LinearModel:
    """Which candidates name an arm."""
    rows, targets = [], []
    for f in found:
        for key, features in f.features.items():
            rows.append(features)
            targets.append(int(f.gold[key] != ""))
    return fit(rows, targets, least=0.15)


def fit_relations(found: list[Found], folds: int = 3) -> LinearModel:
    """The second look at the names, on first scores by models that had not seen the abstract."""
    rows: list[list[str]] = []
    offsets: list[tuple[float, ...]] = []
    targets: list[int] = []
    for fold in range(folds):
        use("arm_name.tsv", fit_names([f for i, f in enumerate(found) if i % folds != fold]))
        for f in found[fold::folds]:
            f.first = arm_rules.first_scores(f.names)
            for candidate, standings in arm_rules.relations(f.names, f.first):
                rows.append([feature for s in standings for feature in arm_rules.standing_features(s)])
                offsets.append((f.first[candidate.key],))
                targets.append(int(f.gold[candidate.key] != ""))
    return fit(rows, targets, offsets, ("score",))


def use(name: str, model: LinearModel) -> None:
    """Let the rules use a model that is not on disk."""
    table = {f: float(model.weights[i, 0]) for f, i in model.row.items()}
    _in_use[name] = table
    arm_rules.forget_weights()


_in_use: dict[str, dict[str, float]] = {}


def likely_of(f: Found) -> tuple[Kinship, list[tuple[float, Candidate]]]:
    """The likely names by first scores that had not seen the abstract."""
    chosen = likely(arm_rules.second_scores(f.names, f.first))
    return kinship_of(f.article.layout, f.names, chosen, f.article.numbers), chosen


def fit_pairs(found: list[Found]) -> LinearModel:
    """Which two names are one arm's; fitted on the names that the first models let through."""
    rows, targets = [], []
    for f in found:
        kin, chosen = likely_of(f)
        for (_, a), (_, b) in combinations(chosen, 2):
            one, two = f.gold[a.key], f.gold[b.key]
            if one and two:
                if a.places[0].begin > b.places[0].begin:
                    a, b = b, a
                rows.append(pair_features(kin, a, b))
                targets.append(int(one == two))
    return fit(rows, targets)


def fit_contrasts(found: list[Found], folds: int = 3) -> LinearModel:
    """Which two names stand against each other."""
    rows: list[list[str]] = []
    values: list[tuple[float, ...]] = []
    targets: list[int] = []
    for fold in range(folds):
        use("arm_pair.tsv", fit_pairs([f for i, f in enumerate(found) if i % folds != fold]))
        for f in found[fold::folds]:
            kin, chosen = likely_of(f)
            for (i, j), same in arm_rules.affinities(kin, chosen).items():
                a, b = chosen[i][1], chosen[j][1]
                if a.places[0].begin > b.places[0].begin:
                    a, b = b, a
                rows.append(contrast_features(kin, a, b))
                values.append(numbers_of_pair(chosen[i][0], chosen[j][0], same))
                one, two = f.gold[a.key], f.gold[b.key]
                targets.append(int(one != "" != two and one != two))
    return fit(rows, targets, values, NUMBERS)


def fit_further(found: list[Found]) -> LinearModel:
    """Which names begin an arm beside those that are there already; on the course that the clustering takes."""
    rows: list[list[str]] = []
    values: list[tuple[float, ...]] = []
    targets: list[int] = []
    for f in found:
        kin, chosen = likely_of(f)

        def decide(
            kin: Kinship, chosen: list[tuple[float, Candidate]], groups: list[list[int]], i: int, likeness: float,
            f: Found = f,
        ) -> float:  # fmt: skip
            mine = f.gold[chosen[i][1].key]
            taken = {f.gold[chosen[j][1].key] for group in groups for j in group}
            new = bool(mine) and mine not in taken
            rows.append(arm_rules.further_features(kin, chosen, groups, i))
            values.append(arm_rules.numbers_of_further(kin, chosen, groups, i, likeness))
            targets.append(int(new))
            return 1.0 if new else -1.0

        decided, arm_rules.further_score = arm_rules.further_score, decide
        if chosen:
            arm_rules._cluster(kin, chosen)
        arm_rules.further_score = decided
    return fit(rows, targets, values, arm_rules.FURTHER)


def fit_roles(found: list[Found]) -> LinearModel:
    """Which arms are the comparison; on the arms as found that match an annotated one."""
    rows, targets = [], []
    for f in found:
        arms = find_arms(f.article.layout, f.article.numbers)
        matched = match(f.article, arms)
        if len(set(matched.values())) < 2 or len(f.article.arms) < 2:
            continue
        features = role_rules.role_features(f.article.layout, arms, *annotated_bundles(f.article, arms, matched))
        for letter, k in matched.items():
            rows.append(features[k])
            targets.append(int(f.article.arms[letter][0] == "cv"))
    return fit(rows, targets, l2=3.0, min_count=4)


def match(a: Annotated, arms: list[ArmName]) -> dict[str, int]:
    """Annotated letter -> found arm whose name is most alike, if half of the words are shared."""
    theirs = [[words_of(" ".join(n)) for n in arm.names] for arm in arms]
    matched = {}
    for letter, (_, names) in a.arms.items():
        best, score = -1, 0.499
        for k, forms in enumerate(theirs):
            for name in names:
                for form in forms:
                    if (s := overlap(words_of(name), form)) > score:
                        best, score = k, s
        if best >= 0:
            matched[letter] = best
    return matched


def places_of(a: Annotated) -> list[tuple[int, int, str]]:
    """Where the annotated names stand: (start, end, letter), the longest one at each place."""
    aliases = [(n, letter) for letter, (_, ns) in a.arms.items() for n in ns if len(n) > 1]
    aliases.sort(key=lambda e: -len(e[0]))
    taken: list[tuple[int, int, str]] = []
    for name, letter in aliases:
        for m in re.finditer(r"(?<!\w)" + re.escape(name) + r"(?!\w)", a.text, re.IGNORECASE if len(name) > 4 else 0):
            if all(m.end() <= s or m.start() >= e for s, e, _ in taken):
                taken.append((m.start(), m.end(), letter))
    return taken


@dataclass
class Tally:
    """Counts over abstracts with annotated arms."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Annotated, list[ArmName]]] = field(default_factory=list)
    turned: list[tuple[Annotated, list[ArmName]]] = field(default_factory=list)

    def add(self, a: Annotated, arms: list[ArmName]) -> None:
        """Compare one abstract's arms with the annotated ones."""
        c = self.counts
        if not a.arms:
            c["empty"] += 1
            c["extra in empty"] += len(arms)
            return
        matched = match(a, arms)
        complete = len(matched) == len(a.arms) == len(set(matched.values()))
        c["articles"] += 1
        c["arms"] += len(a.arms)
        c["found"] += len(matched)
        c["complete"] += complete
        c["extra"] += len(arms) - len(set(matched.values()))
        if len(a.arms) == 2:
            c["two"] += 1
            c["two complete"] += complete
        if complete and len(a.arms) == 2 and {r for r, _ in a.arms.values()} == {"iv", "cv"}:
            roles = role_rules.decide_roles(a.layout, arms, *annotated_bundles(a, arms, matched))
            c["roles"] += 1
            right = all((roles[matched[x]] == "control") == (r == "cv") for x, (r, _) in a.arms.items())
            turned = all((roles[matched[x]] == "control") != (r == "cv") for x, (r, _) in a.arms.items())
            c["roles right"] += right
            c["roles turned"] += turned
            if not right:
                self.turned.append((a, arms))
        if not complete:
            self.wrong.append((a, arms))
        owner = [(a.layout.starts[b], a.layout.ends[e - 1], k) for k, arm in enumerate(arms) for b, e in arm.mentions]
        for start, end, letter in places_of(a):
            hit = {k for s, e, k in owner if s < end and start < e}
            c["places"] += 1
            c["places right"] += letter in matched and matched[letter] in hit
            c["places other"] += bool(hit) and not (letter in matched and matched[letter] in hit)

    def lines(self) -> str:
        """The figures as text."""
        c = self.counts
        return (
            f"arms found {c['found'] / c['arms']:.3f}  complete {c['complete'] / c['articles']:.3f}  two-arm complete "
            f"{c['two complete'] / c['two']:.3f}  spurious {c['extra'] / c['articles']:.2f}  in armless "
            f"{c['extra in empty'] / max(1, c['empty']):.2f}  mentions right {c['places right'] / c['places']:.3f} "
            f"other arm {c['places other'] / c['places']:.3f}\nroles of two-arm abstracts found complete: right "
            f"{c['roles right'] / max(1, c['roles']):.3f}  turned {c['roles turned'] / max(1, c['roles']):.3f}"
        )


def learn(found: list[Found]) -> dict[str, LinearModel]:
    """All models from one set of abstracts."""
    models = {"arm_name_2.tsv": fit_relations(found), "arm_name.tsv": fit_names(found)}
    use("arm_name_2.tsv", models["arm_name_2.tsv"])
    use("arm_name.tsv", models["arm_name.tsv"])
    models["arm_contrast.tsv"] = fit_contrasts(found)
    use("arm_contrast.tsv", models["arm_contrast.tsv"])
    models["arm_pair.tsv"] = fit_pairs(found)
    use("arm_pair.tsv", models["arm_pair.tsv"])
    models["arm_further.tsv"] = fit_further(found)
    use("arm_further.tsv", models["arm_further.tsv"])
    models["arm_role.tsv"] = fit_roles(found)
    use("arm_role.tsv", models["arm_role.tsv"])
    return models


def main() -> None:
    """Fit and write, or cross-validate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=0, help="cross-validate instead of writing")
    parser.add_argument("--errors", type=int, default=0, help="print so many wrong abstracts")
    parser.add_argument("--roles", action="store_true", help="fit the roles only, with the other weights as they are")
    args = parser.parse_args()
    if args.roles:
        model = fit_roles([gather(a) for a in read_annotations(args.texts)])
        (ROOT / "extractor" / "weights" / "arm_role.tsv").write_text(model.to_tsv(NOTE), encoding="utf-8")
        print(f"arm_role.tsv: {len(model.row)} features")
        return
    arm_rules._weights = _in_use.__getitem__  # type: ignore[assignment]
    role_rules._weights = lambda: _in_use["arm_role.tsv"]  # type: ignore[assignment]
    found = [gather(a) for a in read_annotations(args.texts)]
    if not args.folds:
        for name, model in learn(found).items():
            (ROOT / "extractor" / "weights" / name).write_text(model.to_tsv(NOTE), encoding="utf-8")
            print(f"{name}: {len(model.row)} features")
        return
    tally = Tally()
    for fold in range(args.folds):
        learn([f for i, f in enumerate(found) if i % args.folds != fold])
        for f in found[fold :: args.folds]:
            tally.add(f.article, find_arms(f.article.layout, f.article.numbers))
    print(tally.lines())
    step = max(1, len(tally.wrong) // max(1, args.errors))
    for a, arms in tally.wrong[::step][: args.errors]:
        print("##", a.article, a.text[:150].replace("\n", " "))
        print("   annotated", {k: v[1] for k, v in a.arms.items()})
        for arm, names in zip(arms, names_of(arms), strict=True):
            print("   found", round(arm.score, 1), names[:6], len(arm.mentions))


if __name__ == "__main__":
    main()
