"""Fit the weight files in `extractor/weights/` to the annotations in `fixtures/annotations/`.

    python benchmarks/fit_weights.py --texts DIR_WITH_abstracts_AND_evidence_inference

The annotations are ours: for 2,085 abstracts, and for news items and abstracts written for the project, what each
number is and whose. The abstracts' texts are not shipped (docs/weights.md says where they are from). Needs nothing
beyond the package's own dependencies and is deterministic: the same annotations and texts give the same files, byte
for byte.
With `--folds N` it prints cross-validated figures instead of writing (owners: of the bundles whose arm was found, with
the annotated kinds and the bundles before decided rightly).
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import spacy

from extractor.rules.arm import ArmName, find_arms
from extractor.rules.bundle import RESULT_KINDS, Bundle, bind
from extractor.rules.kind_second_look import second_features
from extractor.rules.layout import Layout, build_layout
from extractor.rules.linear import LinearModel
from extractor.rules.number_context import assign_context
from extractor.rules.number_kind import KINDS, features, gather, sentence_features
from extractor.rules.numbers import Number, find_numbers
from extractor.rules.owner import build_scene, candidates, remember
from extractor.rules.tokenizer import TrialTokenizer

ROOT = Path(__file__).parents[1]
ANNOTATIONS = ROOT / "fixtures" / "annotations"
FOLDERS = {"abstracts": "abstracts", "evidence_inference": "evidence_inference/abstracts"}
CLASSES = tuple(KINDS)
MERGED = {"E": "S"}
"""A standard error is told from a standard deviation by its cue, not by weights."""


@dataclass
class Annotated:
    """One annotated abstract. `labels`: start offset -> (kind, owner letter or "-")."""

    article: str
    text: str
    arms: dict[str, tuple[str, list[str]]]
    labels: dict[int, tuple[str, str]]
    layout: Layout
    numbers: list[Number]
    roles: list[str | None]


def read_annotations(texts: Path, *, own: bool = True) -> list[Annotated]:
    """The annotated abstracts, whose texts are in `texts`, then (if `own`) the news items and abstracts written for
    this project; exits with a message if a text is missing."""
    tokenizer = TrialTokenizer(spacy.blank("en").vocab)
    found = [annotated(tokenizer, *row) for row in _listed("numbers.tsv", texts)]
    if own:
        found += [annotated(tokenizer, *row) for row in _listed("news.tsv", texts)]
        for file in sorted((ANNOTATIONS / "written").glob("*.txt")):
            found += [annotated(tokenizer, *row) for row in read_written(file.read_text(encoding="utf-8"))]
    return found


Labels = dict[int, tuple[str, str]]


def annotated(tokenizer: TrialTokenizer, article: str, text: str, arms: str, labels: Labels) -> Annotated:
    """One text with its numbers found; `arms` as the annotations write them."""
    layout = build_layout(tokenizer(text))
    numbers = find_numbers(layout)
    named = {}
    for part in arms.split(" ; "):
        if "=" in part:
            letter, rest = part.split("=", 1)
            names, _, role = rest.rpartition(":")
            named[letter.strip()] = (role.strip(), [name.strip() for name in names.split(",")])
    named = dict(sorted(named.items()))  # by letter, however the annotations list them
    return Annotated(article, text, named, labels, layout, numbers, assign_context(layout, numbers))


def _listed(name: str, texts: Path) -> Iterator[tuple[str, str, str, Labels]]:
    """The texts that a table of offsets labels."""
    with (ANNOTATIONS / name).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        folder = ANNOTATIONS / "news" if row["texts"] == "news" else texts / FOLDERS[row["texts"]]
        file = folder / f"{row['article']}.txt"
        if not file.exists():
            sys.exit(f"fit_weights: {file} is missing; see docs/weights.md for where the texts are from")
        labels = {}
        for label in row["numbers"].split():
            start, kind = label.split(":")
            labels[int(start)] = (MERGED.get(kind[0], kind[0]), kind[1])
        yield row["article"], file.read_bytes().decode("utf-8"), row["arms"], labels


_MARK = re.compile(r"\[\[([A-Z])([A-H-]):([^\]]*)\]\]")


def read_written(source: str) -> Iterator[tuple[str, str, str, Labels]]:
    """The texts of a file in which `##### id` and `ARMS: ...` head each text and `[[KO:number]]` marks its numbers."""
    parts = re.split(r"(?m)^##### *(\S+) *\n", source)
    for article, body in zip(parts[1::2], parts[2::2], strict=True):
        arms, _, marked = body.partition("\n")
        text, labels, last = "", {}, 0
        marked = marked.strip()
        for mark in _MARK.finditer(marked):
            text += marked[last : mark.start()]
            first = re.search(r"\w", mark[3])  # "-3.6", "<1%": the number begins behind its sign
            labels[len(text) + (first.start() if first else 0)] = (mark[1], mark[2])
            text += mark[3]
            last = mark.end()
        yield article, text + marked[last:], arms.removeprefix("ARMS:").strip(), labels


def fit(
    rows: list[list[str]],
    targets: list[int],
    classes: tuple[str, ...],
    *,
    l1: float = 0.35,
    l2: float = 5.0,
    min_count: int = 5,
    steps: int = 120,
    rate: float = 0.15,
) -> LinearModel:
    """Multinomial logistic regression with an L1 penalty (it leaves few features, so that the file stays readable) and
    an L2 penalty (it keeps rare features small), by full-batch proximal RMSprop. Features seen fewer than `min_count`
    times are dropped."""
    counts = Counter(f for row in rows for f in row)
    names = sorted(f for f, c in counts.items() if c >= min_count)
    index = {f: i for i, f in enumerate(names)}
    flat, owner = [], []
    for r, row in enumerate(rows):
        for f in row:
            k = index.get(f)
            if k is not None:
                flat.append(k)
                owner.append(r)
    feature, row_of = np.array(flat), np.array(owner)
    order = np.argsort(feature, kind="stable")
    by_feature = row_of[order]
    starts = np.searchsorted(feature[order], np.arange(len(names)))
    row_starts = np.searchsorted(row_of, np.arange(len(rows)))
    target = np.zeros((len(rows), len(classes)))
    target[np.arange(len(rows)), targets] = 1
    weights = np.zeros((len(names), len(classes)))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        scores = np.add.reduceat(weights[feature], row_starts, axis=0)
        scores -= scores.max(axis=1, keepdims=True)
        p = np.exp(scores)
        p /= p.sum(axis=1, keepdims=True)
        gradient = np.add.reduceat((p - target)[by_feature], starts, axis=0) + l2 * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        pace = rate * (1 - step / (steps + 1)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        weights -= pace * (first / (1 - 0.9**step))
        weights = np.sign(weights) * np.maximum(np.abs(weights) - pace * l1, 0)
    keep = np.abs(weights).max(axis=1) >= 0.1
    kept = [name for name, k in zip(names, keep, strict=True) if k]
    return LinearModel(classes, kept, np.round(weights[keep], 2))


@dataclass
class KindData:
    """The open numbers of each abstract (their indices), with features and targets."""

    places: list[list[int]]
    own: list[list[list[str]]]
    targets: list[list[int]]


def kind_data(articles: list[Annotated]) -> KindData:
    """Features and target classes for the number kinds."""
    data = KindData([], [], [])
    for a in articles:
        e = gather(a.layout, a.numbers, a.roles, find_arms(a.layout, a.numbers))
        shared = {s: sentence_features(e, s) for s in {a.numbers[k].sentence for k in e.open_numbers}}
        starts = sorted(a.labels)
        data.places.append(e.open_numbers)
        data.own.append([features(e, a.numbers[k]) + shared[a.numbers[k].sentence] for k in e.open_numbers])
        targets = []
        for k in e.open_numbers:
            n = a.numbers[k]
            label = next((a.labels[s][0] for s in starts if n.start <= s < n.end), "X")
            targets.append(CLASSES.index(label))
        data.targets.append(targets)
    return data


def fit_kinds(data: KindData, chosen: list[int]) -> LinearModel:
    """The kinds of the numbers of the chosen articles."""
    return fit([f for i in chosen for f in data.own[i]], [t for i in chosen for t in data.targets[i]], CLASSES)


SECOND_FOLDS = 3


def second_data(articles: list[Annotated], data: KindData, chosen: list[int]) -> dict[int, list[list[str]]]:
    """Per chosen article the features of the second look at its numbers, which follow a first one by a model that was
    fitted without it."""
    found: dict[int, list[list[str]]] = {}
    for fold in range(SECOND_FOLDS):
        model = fit_kinds(data, [i for place, i in enumerate(chosen) if place % SECOND_FOLDS != fold])
        for i in chosen[fold::SECOND_FOLDS]:
            found[i] = second_rows(articles[i], data, i, model)
    return found


def second_rows(a: Annotated, data: KindData, i: int, model: LinearModel) -> list[list[str]]:
    """The features of the second look at the numbers of article i, if `model` takes the first."""
    if not data.own[i]:
        return []
    chances = model.probabilities(model.scores_of_rows([model.rows(f) for f in data.own[i]]))
    return second_features(a.layout, a.numbers, data.places[i], chances, model.classes)


def fit_second(articles: list[Annotated], data: KindData, chosen: list[int]) -> LinearModel:
    """The second decision about the numbers of the chosen articles."""
    rows = second_data(articles, data, chosen)
    return fit([f for i in chosen for f in rows[i]], [t for i in chosen for t in data.targets[i]], CLASSES)


def fit_ranker(
    groups: list[list[list[str]]],
    gold: list[int],
    *,
    l2: float = 7.0,
    min_count: int = 6,
    steps: int = 150,
    rate: float = 0.12,
) -> LinearModel:
    """A log-linear choice among candidates that share one weight per feature; full-batch Adam as in `fit`."""
    counts = Counter(f for group in groups for row in group for f in row)
    names = sorted(f for f, c in counts.items() if c >= min_count)
    index = {f: i for i, f in enumerate(names)}
    flat, row_of, group_of, target = [], [], [], []
    row = 0
    for g, (group, best) in enumerate(zip(groups, gold, strict=True)):
        for c, features_ in enumerate(group):
            known = [index[f] for f in features_ if f in index]
            flat += known
            row_of += [row] * len(known)
            group_of.append(g)
            target.append(1.0 if c == best else 0.0)
            row += 1
    feature, owner = np.array(flat), np.array(row_of)
    group_index, wanted = np.array(group_of), np.array(target)
    group_starts = np.searchsorted(group_index, np.arange(len(groups)))
    order = np.argsort(feature, kind="stable")
    by_feature, starts = owner[order], np.searchsorted(feature[order], np.arange(len(names)))
    weights = np.zeros(len(names))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        scores = np.bincount(owner, weights=weights[feature], minlength=row)
        scores -= np.maximum.reduceat(scores, group_starts)[group_index]
        p = np.exp(scores)
        p /= np.add.reduceat(p, group_starts)[group_index]
        gradient = np.add.reduceat((p - wanted)[by_feature], starts) + l2 * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        pace = rate * (1 - step / (steps + 1))
        weights -= pace * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    keep = np.abs(weights) >= 0.06
    return LinearModel(
        ("owner",), [n for n, k in zip(names, keep, strict=True) if k], np.round(weights[keep], 2)[:, None]
    )


def match_arms(a: Annotated, arms: list[ArmName]) -> dict[str, int]:
    """Annotated letter -> index of the found arm that shares a name with it, where there is one."""

    def words(name: str) -> set[str]:
        found = set(re.findall(r"\w+", name.lower()))
        return found - _EMPTY or found

    matched: dict[str, int] = {}
    for letter, (_, names) in a.arms.items():
        best, score = -1, 0.45
        for k, arm in enumerate(arms):
            for name in arm.names:
                theirs = words(" ".join(name))
                for mine in map(words, names):
                    overlap = len(mine & theirs) / len(mine | theirs)
                    if overlap > score:
                        best, score = k, overlap
        if best >= 0:
            matched[letter] = best
    return matched


_EMPTY = {"group", "groups", "arm", "arms", "the", "of", "patients", "treatment", "therapy"}


Rows = list[tuple[list[list[str]], int]]


def owner_data(articles: list[Annotated]) -> list[tuple[Rows, Rows]]:
    """Per article the candidates of each bundle and the right one (0: nobody), with the annotated kinds and owners.

    Twice each: with the arms as found, which is what the model will meet, and with the arms as annotated, where no
    evidence is lost to a missed name (two folds, found arms: .780 of the owners right against .773 without).
    """
    rows = []
    for a in articles:
        found = find_arms(a.layout, a.numbers)
        rows.append((_owner_rows(a, found, match_arms(a, found)), _owner_rows(a, *annotated_arms(a))))
    return rows


def fit_owners(data: list[tuple[Rows, Rows]]) -> LinearModel:
    """Whose a bundle is, by the bundles of some articles."""
    rows = [row for article in data for part in article for row in part]
    return fit_ranker([row[0] for row in rows], [row[1] for row in rows])


def owners_right(model: LinearModel, rows: Rows) -> int:
    """How many bundles go to the right arm, or rightly to nobody, if those before them did."""
    return sum(model.choose(candidates_)[0] == right for candidates_, right in rows)


def annotated_arms(a: Annotated) -> tuple[list[ArmName], dict[str, int]]:
    """The arms under the annotated names, each with all places where one of them stands, and letter -> index."""
    arms, index, by_first = [], {}, {}
    for letter, (_, names) in a.arms.items():
        tokens = [tuple(re.findall(r"\d+(?:[.·]\d+)?|[^\W_]+|[^\w\s]", name.lower())) for name in names]
        for name in filter(None, tokens):
            by_first.setdefault(name[0], []).append((name, len(arms)))
        index[letter] = len(arms)
        arms.append(ArmName(tokens))
    for entries in by_first.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    lower, i = a.layout.lower, 0
    while i < len(lower):
        for name, k in by_first.get(lower[i], ()):
            if tuple(lower[i : i + len(name)]) == name:
                arms[k].mentions.append((i, i + len(name)))
                i += len(name) - 1
                break
        i += 1
    return arms, index


def annotated_bundles(a: Annotated, arms: list[ArmName], matched: dict[str, int]) -> tuple[list[Bundle], list[int]]:
    """The bundles of the annotated kinds, and the found arm that owns each: -1 nobody, -3 an arm that was not found."""
    kinds = [role or "X" for role in a.roles]
    letters = ["-"] * len(a.numbers)
    starts = sorted(a.labels)
    for n in a.numbers:
        if a.roles[n.index] is None:
            for s in starts:
                if n.start <= s < n.end:
                    kinds[n.index], letters[n.index] = a.labels[s]
    bundles = bind(a.layout, a.numbers, kinds)
    owners = []
    for bundle in bundles:
        letter = letters[bundle.head.index]
        # the ages of people are not annotated
        owners.append(-3 if bundle.age else -1 if letter == "-" else matched.get(letter, -3))
    return bundles, owners


def _owner_rows(a: Annotated, arms: list[ArmName], matched: dict[str, int]) -> Rows:
    rows: Rows = []
    if not arms:
        return rows
    bundles, annotated_owners = annotated_bundles(a, arms, matched)
    scene = build_scene(a.layout, arms, bundles)
    owners: list[int] = []
    for index, (bundle, owner) in enumerate(zip(bundles, annotated_owners, strict=True)):
        if bundle.kind in RESULT_KINDS and owner != -3:
            rows.append((candidates(scene, index, owners), owner + 1))
        owners.append(max(owner, -1))
        remember(scene, bundle, owner)
    return rows


def report(gold: list[str], found: list[str], title: str) -> None:
    """Precision, recall and F1 per class."""
    print(title)
    for kind in CLASSES:
        tp = sum(g == f == kind for g, f in zip(gold, found, strict=True))
        p = tp / max(1, sum(f == kind for f in found))
        r = tp / max(1, sum(g == kind for g in gold))
        print(
            f"  {kind}  n {sum(g == kind for g in gold):5}  P {p:.3f}  R {r:.3f}  F1 {2 * p * r / max(1e-9, p + r):.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=0, help="cross-validate instead of writing")
    parser.add_argument("--only", nargs="+", default=["kind", "owner"], choices=["kind", "owner"])
    args = parser.parse_args()
    articles = read_annotations(args.texts)
    data = kind_data(articles)
    everything = list(range(len(articles)))
    if args.folds:
        gold: list[str] = []
        found: list[str] = []
        for fold in range(args.folds):
            others = [i for i in everything if i % args.folds != fold]
            model, second = fit_kinds(data, others), fit_second(articles, data, others)
            for i in everything[fold :: args.folds]:
                gold += [CLASSES[t] for t in data.targets[i]]
                rows = second_rows(articles[i], data, i, model)
                found += [CLASSES[int(second.scores(f).argmax())] for f in rows]
        report(gold, found, f"number kinds, {args.folds}-fold cross-validation, {len(model.row)} features")
        owners = owner_data(articles)
        right, counts = [0, 0], [0, 0]
        for fold in range(args.folds):
            model = fit_owners([article for i, article in enumerate(owners) if i % args.folds != fold])
            for article in owners[fold :: args.folds]:
                for k, rows_ in enumerate(article):
                    right[k] += owners_right(model, rows_)
                    counts[k] += len(rows_)
        for title, r, count in zip(("as found", "as annotated"), right, counts, strict=True):
            print(f"owners with the arms {title}: {r / count:.3f} of {count} right")
        return
    note = "Fitted by benchmarks/fit_weights.py to fixtures/annotations/numbers.tsv; do not edit by hand."
    models = {}
    if "kind" in args.only:
        models["number_kind.tsv"] = fit_kinds(data, everything)
        models["number_kind_2.tsv"] = fit_second(articles, data, everything)
    if "owner" in args.only:
        models["owner.tsv"] = fit_owners(owner_data(articles))
    for name, model in models.items():
        (ROOT / "extractor" / "weights" / name).write_text(model.to_tsv(note), encoding="utf-8")
        print(f"{name}: {len(model.row)} features")


if __name__ == "__main__":
    main()
