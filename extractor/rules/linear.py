"""Linear classifiers over named features, with their weights in a readable TSV file.

A model file has one line per feature: its name, then one weight per class (the header names the classes). Features
that are not in the file weigh nothing. Scores are sums of weights, so the decision for any number can be read off
the file. The files in `weights/` are fitted by the scripts in `benchmarks/` (docs/weights.md).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from itertools import accumulate, chain
from math import exp

import numpy as np
from numpy.typing import NDArray

from extractor.errors import LexiconError

Scores = NDArray[np.float64]


class LinearModel:
    """`classes` in the order of the weight columns; `weights` one row per known feature."""

    def __init__(self, classes: Sequence[str], names: Sequence[str], weights: Scores) -> None:
        self.classes = tuple(classes)
        self.row = {name: i for i, name in enumerate(names)}
        self.weights = weights
        # in hundredths, as the files print them: whole numbers add up to the same in any order, floats do not
        self._hundredths = np.rint(np.vstack([weights, np.zeros((1, len(self.classes)))]) * 100).astype(np.int32)
        self._single: dict[str, int] = {}
        if len(self.classes) == 1:
            self._single = dict(zip(names, self._hundredths[:-1, 0].tolist(), strict=True))

    def score(self, features: Iterable[str]) -> float:
        """The sum of the weights of the features, for a model of one class."""
        known = self._single
        total = 0
        for feature in features:
            total += known.get(feature, 0)
        return total / 100

    def choose(self, candidates: Sequence[Iterable[str]]) -> tuple[int, float]:
        """Of candidates that share the weights of a model of one class, the index of the best (the first of equals) and
        its probability. Plain Python: for the two or three of them numpy takes ten times as long."""
        scores = [self.score(features) for features in candidates]
        best = max(scores)
        total = 0.0
        for score in scores:
            total += exp(score - best)
        return scores.index(best), 1 / total

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
        starts = list(accumulate(map(len, rows[:-1]), initial=0))
        total: Scores = np.add.reduceat(self._hundredths[flat], starts, axis=0) / 100
        return total

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
