"""How sure a fact is: the classifiers' probabilities, put on a scale that keeps its word.

The raw figure is the probability of the kind of the fact's first number, times that of the arm where one had to be
chosen. `weights/confidence.tsv` holds, for each question that a fact answers, a monotone curve from that figure to the
share of facts that is right; it is fitted by `benchmarks/calibrate.py` to cross-validated predictions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

from extractor.errors import LexiconError
from extractor.rules.analysis import Analysis
from extractor.rules.bundle import RESULT_KINDS
from extractor.rules.number_kind import KINDS
from extractor.rules.owner import NOBODY

FILE = "confidence.tsv"
Question = Literal["study", "alone", "arm", "nobody", "endpoint"]
"""What had to be decided. study: the kind, of a number that never belongs to an arm (cohorts of the study, subgroups,
follow-up, effects). alone: the kind of a result in an article in which fewer than two arms were found. arm, nobody: the
kind, and that the number is a certain arm's, or no arm's. endpoint: what it measures, on top of one of these."""
BY_FORM = 0.95
"""Ratios named by their own words ("HR 0.62") are found by form, not by weights. The annotations that the curves are
fitted to do not hold them, so this is an estimate and not a measurement."""
Curve = tuple[tuple[float, float], ...]
"""(raw, calibrated) knots, both rising."""


def question(analysis: Analysis, k: int) -> Question:
    """What had to be decided for bundle `k`."""
    if analysis.bundles[k].kind not in RESULT_KINDS:
        return "study"
    if len(analysis.arms) < 2:
        return "alone"
    return "nobody" if analysis.owners[k] == NOBODY else "arm"


def raw_confidence(analysis: Analysis, k: int) -> float:
    """Probability, as the classifiers see it, that all that had to be decided for bundle `k` is right; 0 to 1."""
    p = analysis.decision.probability[analysis.bundles[k].head.index]
    return p if question(analysis, k) in ("study", "alone") else p * analysis.owner_probability[k]


def confidence(analysis: Analysis, k: int) -> float:
    """Calibrated confidence of the fact made of bundle `k`, 0 to 1 with three decimals: that its number is of this
    kind and this arm's, times that it measures this endpoint, where one was to be chosen.

    Raises LexiconError if the file of curves is missing or malformed.
    """
    chosen = analysis.attachments[k].probability
    whole = 1.0 if chosen is None else on_curve(curves()["endpoint"], chosen)
    return round(arm_confidence(analysis, k) * whole, 3)


def arm_confidence(analysis: Analysis, k: int) -> float:
    """Of that only the first: the number's kind and whose it is; raises as `confidence` does."""
    if analysis.bundles[k].kind not in KINDS:
        return BY_FORM
    return on_curve(curves()[question(analysis, k)], raw_confidence(analysis, k))


def on_curve(curve: Sequence[tuple[float, float]], raw: float) -> float:
    """The curve at `raw`: straight between two knots, level before the first and after the last."""
    place = bisect_right(curve, (raw, float("inf")))
    if place == 0:
        return curve[0][1]
    if place == len(curve):
        return curve[-1][1]
    (x0, y0), (x1, y1) = curve[place - 1], curve[place]
    return y0 + (raw - x0) / (x1 - x0) * (y1 - y0)


@cache
def curves() -> Mapping[Question, Curve]:
    """The curves in `weights/confidence.tsv`; raises LexiconError if they are missing or malformed."""
    try:
        text = resources.files("extractor").joinpath("weights", FILE).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise LexiconError(f"weights/{FILE} is missing; reinstall the package") from error
    return parse_curves(text)


def parse_curves(text: str) -> Mapping[Question, Curve]:
    """The curves in the text of the file: lines of question, raw, calibrated, count, under a header.

    Raises LexiconError for a line of another form, figures outside 0 to 1 or not rising, and a question without a
    curve.
    """
    found: dict[Question, list[tuple[float, float]]] = {
        "study": [], "alone": [], "arm": [], "nobody": [], "endpoint": [],
    }  # fmt: skip
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    for number, line in lines[1:]:
        where = f"weights/{FILE}:{number}"
        name, *cells = line.split("\t")
        try:
            raw, calibrated = float(cells[0]), float(cells[1])
        except (ValueError, IndexError) as error:
            raise LexiconError(f"{where}: not a question, a raw and a calibrated figure ({error})") from error
        knots = next((knots for known, knots in found.items() if known == name), None)
        if knots is None:
            raise LexiconError(f"{where}: question {name!r} is unknown; there are {', '.join(found)}")
        if not (0 <= raw <= 1 and 0 <= calibrated <= 1):
            raise LexiconError(f"{where}: {raw} and {calibrated} must both be from 0 to 1")
        if knots and not (raw > knots[-1][0] and calibrated >= knots[-1][1]):
            raise LexiconError(f"{where}: a curve rises from line to line")
        knots.append((raw, calibrated))
    for name, knots in found.items():
        if not knots:
            raise LexiconError(f"weights/{FILE}: no line for {name}")
    return MappingProxyType({name: tuple(knots) for name, knots in found.items()})
