"""Linear classifiers over named features, with their weights in a readable TSV file.

A model file has one line per feature: its name, then one weight per class (the header names the classes). Features
that are not in the file weigh nothing. Scores are sums of weights, so the decision for any number can be read off
the file. The files in `weights/` are fitted by the scripts in `benchmarks/` (docs/weights.md).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import accumulate, chain
from math import exp

import numpy as np
from numpy.typing import NDArray

from extractor.errors import LexiconError

Scores = NDArray[np.float64]
Hundredths = NDArray[np.int32]


class LinearModel:
    """`classes` in the order of the weight columns; `weights` one row per known feature."""

    def __init__(self, classes: Sequence[str], names: Sequence[str], weights: Scores) -> None:
        self.classes = tuple(classes)
        self.row = {name: i for i, name in enumerate(names)}
        self.weights = weights
        # in hundredths, as the files print them: whole numbers add up to the same in any order, floats do not
        self._hundredths = np.rint(np.vstack([weights, np.zeros((1, len(self.classes)))]) * 100).astype(np.int32)
        self._tables: dict[str, dict[str, int]] = {}
        self._pairs: dict[str, dict[str, dict[str, int]]] = {}
        self.single: dict[str, int] = {}
        """The weights of a model of one class in hundredths."""
        if len(self.classes) == 1:
            self.single = dict(zip(names, self._hundredths[:-1, 0].tolist(), strict=True))

    def total(self, features: Iterable[str]) -> int:
        """The sum of the weights of the features, for a model of one class, in hundredths."""
        known = self.single
        total = 0
        for feature in features:
            total += known.get(feature, 0)
        return total

    def score(self, features: Iterable[str]) -> float:
        """The sum of the weights of the features, for a model of one class."""
        return self.total(features) / 100

    def choose(self, candidates: Sequence[Iterable[str]]) -> tuple[int, float]:
        """Of candidates that share the weights of a model of one class, the index of the best (the first of equals) and
        its probability."""
        return likeliest([self.score(features) for features in candidates])

    def scores(self, features: Iterable[str]) -> Scores:
        """The sum of the weights of the features, one entry per class."""
        row = self.row
        found = [row[f] for f in features if f in row]
        total: Scores = self._hundredths[found].sum(axis=0) / 100
        return total

    def rows(self, features: Iterable[str]) -> list[int]:
        """The rows of the known features, for `scores_of_rows`; never empty (the last row weighs nothing)."""
        row = self.row
        found = []
        for feature in features:
            index = row.get(feature, -1)
            if index >= 0:
                found.append(index)
        return found or [len(row)]

    def scores_of_rows(self, rows: Sequence[list[int]]) -> Scores:
        """The scores of many at once, one line each; cheaper than one by one."""
        flat = list(chain.from_iterable(rows))
        total: Scores = self._sums(flat, list(accumulate(map(len, rows[:-1]), initial=0))) / 100
        return total

    def scores_of(self, found: FeatureRows) -> Scores:
        """The scores of all decisions that evidence was taken up for, one line each."""
        total: Scores = self._sums(found.rows, found.starts) / 100
        return total

    def scores_of_members(self, found: FeatureRows, shared: FeatureRows, group_of: Sequence[int]) -> Scores:
        """The same where each decision is one of a group, whose shared evidence is added up once."""
        own, groups = self._sums(found.rows, found.starts), self._sums(shared.rows, shared.starts)
        total: Scores = (own + groups[group_of]) / 100
        return total

    def _sums(self, rows: Sequence[int], starts: Sequence[int]) -> Hundredths:
        """The weights of `rows` from each start to the next, added up."""
        weights = self._hundredths.take(np.array(rows, dtype=np.intp), axis=0)
        found: Hundredths = np.add.reduceat(weights, starts, axis=0, dtype=np.int32)
        return found

    def table(self, template: str) -> dict[str, int]:
        """The rows of the features that a template with one gap makes ("L1:{}"), by what fills it. Looking a word up
        there is faster than building the feature's name."""
        table = self._tables.get(template)
        if table is None:
            table = self._tables[template] = {values[0]: row for values, row in self._fillings(template)}
        return table

    def pairs(self, template: str) -> dict[str, dict[str, int]]:
        """The same of a template with two gaps ("LR:{}|{}"), by what fills the first, then the second."""
        table = self._pairs.get(template)
        if table is None:
            table = self._pairs[template] = {}
            for (one, two), row in self._fillings(template):
                table.setdefault(one, {})[two] = row
        return table

    def _fillings(self, template: str) -> Iterator[tuple[tuple[str, ...], int]]:
        """What can fill the gaps of a template, with the feature's row. Where a name can be cut in several ways, all
        are there: each would build this name."""
        head, *joints = template.split("{}")
        for name, row in self.row.items():
            if name.startswith(head):
                for values in _cut(name[len(head) :], joints):
                    yield tuple(map(sys.intern, values)), row

    def probabilities(self, scores: Scores) -> Scores:
        """Softmax of scores along the last axis."""
        shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
        result: Scores = shifted / shifted.sum(axis=-1, keepdims=True)
        return result

    def to_tsv(self, note: str) -> str:
        """The file's text: `note` as comment lines, the header, then the features in alphabetical order."""
        lines = [f"# {line}" for line in note.splitlines()]
        lines.append("\t".join(("feature", *self.classes)))
        for name in sorted(self.row):
            cells = (f"{w:.2f}" if abs(w) >= 0.005 else "0" for w in self.weights[self.row[name]])
            lines.append("\t".join((name, *cells)))
        return "\n".join(lines) + "\n"


def likeliest(scores: list[float]) -> tuple[int, float]:
    """The index of the best score (the first of equals) and its probability. Plain Python: for two or three of them
    numpy takes ten times as long."""
    best = max(scores)
    total = 0.0
    for score in scores:
        total += exp(score - best)
    return scores.index(best), 1 / total


def _cut(text: str, joints: list[str]) -> list[tuple[str, ...]]:
    """All ways to cut a text into values that each of `joints` follows; the last one ends it."""
    joint = joints[0]
    if len(joints) == 1:
        return [(text.removesuffix(joint),)] if text.endswith(joint) else []
    return [
        (text[:at], *others)
        for at in range(len(text) + 1)
        if text.startswith(joint, at)
        for others in _cut(text[at + len(joint) :], joints[1:])
    ]


class Features:
    """Takes up the evidence for decisions: each feature is a template ("LR:{}|{}") and what fills its gaps."""

    def begin(self) -> None:
        """What follows is evidence for the next decision."""
        raise NotImplementedError

    def one(self, template: str, value: str) -> None:
        """A feature of one value."""
        raise NotImplementedError

    def two(self, template: str, first: str, second: str) -> None:
        """A feature of two values."""
        raise NotImplementedError

    def each(self, template: str, first: str, values: Iterable[str]) -> None:
        """`two` for each of the values."""
        raise NotImplementedError


class FeatureNames(Features):
    """Builds the features' names, to fit weights to: a list for each decision."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = []
        self.names: list[str] = []
        """Of the last decision."""

    def begin(self) -> None:
        """A new list."""
        self.names = []
        self.lines.append(self.names)

    def one(self, template: str, value: str) -> None:
        """Its name."""
        self.names.append(template.format(value))

    def two(self, template: str, first: str, second: str) -> None:
        """Its name."""
        self.names.append(template.format(first, second))

    def each(self, template: str, first: str, values: Iterable[str]) -> None:
        """Their names."""
        self.names += [template.format(first, value) for value in values]


class FeatureRows(Features):
    """Finds the features' rows in a model without building their names; those it does not know weigh nothing."""

    def __init__(self, model: LinearModel) -> None:
        self.model = model
        self.rows: list[int] = []
        """Of all decisions, one after the other."""
        self.starts: list[int] = []
        """Where those of each decision begin."""

    def begin(self) -> None:
        """A new start, at the row that weighs nothing: no decision is without rows."""
        self.starts.append(len(self.rows))
        self.rows.append(len(self.model.row))

    def one(self, template: str, value: str) -> None:
        """Its row, if there is one."""
        row = self.model.table(template).get(value, -1)
        if row >= 0:
            self.rows.append(row)

    def two(self, template: str, first: str, second: str) -> None:
        """Its row, if there is one."""
        table = self.model.pairs(template).get(first)
        if table is not None:
            row = table.get(second, -1)
            if row >= 0:
                self.rows.append(row)

    def each(self, template: str, first: str, values: Iterable[str]) -> None:
        """Those of their rows that there are."""
        table = self.model.pairs(template).get(first)
        if table is not None:
            for value in values:
                row = table.get(value, -1)
                if row >= 0:
                    self.rows.append(row)


def parse_model(text: str, name: str) -> LinearModel:
    """Read what `to_tsv` wrote; raises LexiconError naming `name` and the line."""
    names: list[str] = []
    weights: list[list[float]] = []
    classes: list[str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("# ") or not line:
            continue
        cells = line.split("\t")
        if classes is None:
            classes = cells[1:]
            continue
        try:
            row = [float(cell) for cell in cells[1:]]
        except ValueError as error:
            raise LexiconError(f"weights/{name}:{number}: {error}") from error
        if len(row) != len(classes):
            raise LexiconError(f"weights/{name}:{number}: {len(row)} weights for {len(classes)} classes")
        names.append(sys.intern(cells[0]))
        weights.append(row)
    if classes is None:
        raise LexiconError(f"weights/{name}: no header line")
    return LinearModel(classes, names, np.array(weights, dtype=np.float64).reshape(len(names), len(classes)))


@cache
def load_model(name: str) -> LinearModel:
    """The model in `extractor/weights/<name>`; raises LexiconError if it is missing or malformed."""
    try:
        text = resources.files("extractor").joinpath("weights", name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LexiconError(f"weights/{name} is missing; reinstall the package") from error
    return parse_model(text, name)
