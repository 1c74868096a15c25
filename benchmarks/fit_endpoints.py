"""Fit `extractor/weights/endpoint.tsv` and `timepoint.tsv`: what a number measures, and when.

    python benchmarks/fit_endpoints.py --texts DIR_WITH_abstracts_AND_evidence_inference

The annotations (`fixtures/annotations/endpoints.tsv`, docs/weights.md) name for a number the characters that say what
it measures, and those that say when. The texts are analysed with the other weights as they are, so this comes after
`fit_arms.py` and `fit_weights.py`. With `--folds N` it prints cross-validated figures instead of writing, and with
`--errors` the wrong ones in context.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fit_weights import ANNOTATIONS, FOLDERS, ROOT, fit_ranker, read_written
from spacy.language import Language

from extractor.rules.analysis import Analysis, analysis_of
from extractor.rules.bundle import Bundle
from extractor.rules.endpoint_choice import Chosen, begin_bundle, candidates, choose, note, phrase_features
from extractor.rules.endpoint_form import told_endpoint
from extractor.rules.endpoint_phrase import Phrase
from extractor.rules.fact_kind import COHORT_HEADS
from extractor.rules.layout import Layout
from extractor.rules.linear import LinearModel
from extractor.rules.pipeline import build
from extractor.rules.statement import StatementScene
from extractor.rules.timepoint import TimepointMention
from extractor.rules.timepoint_choice import ChosenTimes, choose_time, time_features, times_near, told_time
from extractor.rules.timepoint_choice import begin_bundle as begin_time
from extractor.rules.timepoint_choice import note as note_time

NAMES = ("trial_layout", "trial_numbers", "trial_arms", "trial_number_kinds", "trial_bundles", "trial_endpoints")
L2, LEAST = 3.0, 3
Characters = tuple[int, int] | None


@dataclass
class Annotated:
    """One text. `labels`: offset of a number -> where the text says what it measures (None: nowhere), and when."""

    article: str
    text: str
    labels: dict[int, tuple[Characters, Characters]]
    analysis: Analysis
    scene: StatementScene
    real: bool = True
    """Not written for this project."""


def read_annotations(texts: Path, nlp: Language) -> list[Annotated]:
    """The annotated texts, analysed; exits with a message if a text is missing."""
    written = {
        article: text
        for file in sorted((ANNOTATIONS / "written").glob("*.txt"))
        for article, text, *_ in read_written(file.read_text(encoding="utf-8"))
    }
    found = []
    with (ANNOTATIONS / "endpoints.tsv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["texts"] == "written":
                text = written[row["article"]]
            else:
                folder = ANNOTATIONS / "news" if row["texts"] == "news" else texts / FOLDERS[row["texts"]]
                file = folder / f"{row['article']}.txt"
                if not file.exists():
                    sys.exit(f"fit_endpoints: {file} is missing; see docs/weights.md for where the texts are from")
                text = file.read_bytes().decode("utf-8")
            found.append(annotated(nlp, row["article"], text, row["labels"]))
            found[-1].real = row["texts"] in FOLDERS
    return found


def annotated(nlp: Language, article: str, text: str, labels: str) -> Annotated:
    """One text with its analysis; `labels` as the annotations write them: `offset:what@when`, each `start-end` or -."""
    doc = nlp.make_doc(text)
    for name in NAMES:
        doc = nlp.get_pipe(name)(doc)
    a = analysis_of(doc)
    read: dict[int, tuple[Characters, Characters]] = {}
    for label in labels.split():
        offset, _, rest = label.partition(":")
        what, _, when = rest.partition("@")
        read[int(offset)] = (_characters(what), _characters(when))
    arms = [m for arm in a.arms for m in arm.mentions]
    scene = StatementScene(a.layout, a.bundles, a.owners, a.endpoints, a.timepoints, arms)
    return Annotated(article, text, read, a, scene)


def _characters(written: str) -> Characters:
    if written == "-":
        return None
    start, _, end = written.partition("-")
    return int(start), int(end)


_PLAIN = frozenset(("the", "of", "in", "a", "and", "rate", "rates", "level", "levels", "score", "scores", "mean"))


def same(one: str, two: str) -> bool:
    """Whether two phrases say the same thing: most of their words, or all words of one, are in the other."""
    a, b = (frozenset(re.findall(r"\w+", t.lower())) - _PLAIN for t in (one, two))
    return bool(a & b) and (2 * len(a & b) >= len(a | b) or a <= b or b <= a)


def phrase_text(layout: Layout, phrase: Phrase) -> str:
    """The phrase as written."""
    return layout.text[layout.starts[phrase.token] : layout.ends[phrase.token_end - 1]]


def fitting(a: Annotated, phrase: Phrase, wanted: Characters) -> float:
    """How well a phrase is what the annotation names: over 1 if it stands there, up to 0.5 if it says the same
    elsewhere, else 0."""
    if wanted is None or phrase.token < 0:
        return float(wanted is None and phrase.token < 0)
    start, end = a.analysis.layout.starts[phrase.token], a.analysis.layout.ends[phrase.token_end - 1]
    shared = min(end, wanted[1]) - max(start, wanted[0])
    if shared > 0:
        return 1 + shared / max(end - start, wanted[1] - wanted[0])
    gold = a.text[slice(*wanted)]
    if same(gold, phrase_text(a.analysis.layout, phrase)):
        return 0.5
    return 0.4 if phrase.mention is not None and same(gold, phrase.mention.term) else 0.0


def measured(bundle: Bundle) -> bool:
    """Whether the bundle has an endpoint of its own."""
    return bundle.kind not in COHORT_HEADS and bundle.kind not in ("F", "S")


Rows = tuple[list[list[list[str]]], list[int]]


def endpoint_rows(a: Annotated) -> Rows:
    """The candidates of each annotated bundle, and the right one, if those before were decided rightly."""
    chosen = Chosen()
    groups: list[list[list[str]]] = []
    gold: list[int] = []
    for k, bundle in enumerate(a.analysis.bundles):
        if not measured(bundle):
            continue
        begin_bundle(a.scene, chosen, k)
        found = candidates(a.scene, chosen, k)
        told = told_endpoint(a.scene, k)
        right = told or found[0]
        if bundle.head.start in a.labels and told is None:
            wanted = a.labels[bundle.head.start][0]
            fits = [fitting(a, p, wanted) for p in found]
            if max(fits) > 0:
                groups.append(phrase_features(a.scene, chosen, k, found))
                gold.append(fits.index(max(fits)))
                right = found[gold[-1]]
        note(a.scene, chosen, k, right)
    return groups, gold


@dataclass
class Judged:
    """What was said of one number, and whether it is right."""

    right: bool
    probability: float
    offset: int
    place: str
    wanted: str | None
    found: str | None


def judged_endpoints(a: Annotated, model: LinearModel) -> Iterator[Judged]:
    """What the model says of the annotated bundles, deciding from left to right."""
    chosen = Chosen()
    layout = a.analysis.layout
    for k, bundle in enumerate(a.analysis.bundles):
        if not measured(bundle):
            continue
        phrase, probability = choose(a.scene, chosen, k, model)
        note(a.scene, chosen, k, phrase, probability)
        offset = bundle.head.start
        if offset in a.labels:
            wanted = a.labels[offset][0]
            yield Judged(
                fitting(a, phrase, wanted) > 0,
                probability,
                bundle.head.start,
                _context(a, bundle),
                a.text[slice(*wanted)] if wanted else None,
                phrase_text(layout, phrase) if phrase.token >= 0 else None,
            )


def time_right(a: Annotated, time: TimepointMention | None, wanted: Characters) -> bool:
    """Whether a time is the one annotated: at that place, or the same value and unit elsewhere. What is annotated
    without a length of time ("baseline", "at discharge") is said by no timepoint."""
    there = next((t for t in a.analysis.timepoints if wanted and t.start < wanted[1] and wanted[0] < t.end), None)
    if time is None or there is None:
        return time is there
    return time is there or time.months == there.months


def time_rows(a: Annotated) -> Rows:
    """The candidates of each annotated bundle, "not said" first, and the right one, if those before were decided
    rightly."""
    chosen = ChosenTimes()
    groups: list[list[list[str]]] = []
    gold: list[int] = []
    for k, bundle in enumerate(a.analysis.bundles):
        if not measured(bundle):
            continue
        begin_time(a.scene, chosen, k)
        found = times_near(a.scene, chosen, k)
        right = told_time(a.scene, chosen, k)
        if bundle.head.start in a.labels and found and right is None:
            what, when = a.labels[bundle.head.start]
            fits = [i for i, t in enumerate([None, *found]) if time_right(a, t, when)]
            there = [i for i in fits if i and when and found[i - 1].start < when[1] and when[0] < found[i - 1].end]
            groups.append(time_features(a.scene, chosen, k, found, _token(a, what)))
            gold.append((there or fits or [0])[0])
            right = found[gold[-1] - 1] if gold[-1] else None
        note_time(a.scene, chosen, k, right)
    return groups, gold


def _token(a: Annotated, what: Characters) -> int:
    return bisect_right(a.analysis.layout.starts, what[0]) - 1 if what else -1


def judged_times(a: Annotated, model: LinearModel) -> Iterator[Judged]:
    """What the model says of the annotated bundles, with what they measure as annotated."""
    chosen = ChosenTimes()
    for k, bundle in enumerate(a.analysis.bundles):
        if not measured(bundle):
            continue
        what, when = a.labels.get(bundle.head.start, (None, None))
        time = choose_time(a.scene, chosen, k, _token(a, what), model)
        note_time(a.scene, chosen, k, time)
        if bundle.head.start in a.labels:
            yield Judged(
                time_right(a, time, when),
                0.0,
                bundle.head.start,
                _context(a, bundle),
                a.text[slice(*when)] if when else None,
                a.text[time.start : time.end] if time else None,
            )


def _context(a: Annotated, bundle: Bundle) -> str:
    start, end = bundle.head.start, bundle.head.end
    around = f"{a.text[max(0, start - 150) : start]}[[{a.text[start:end]}]]{a.text[end : end + 80]}"
    return f"{a.article}: {around}".replace("\n", " ")


def fit_choice(rows: list[Rows]) -> LinearModel:
    """What a bundle measures, or when, by the bundles of some texts."""
    groups = [g for article in rows for g in article[0]]
    return fit_ranker(groups, [g for article in rows for g in article[1]], l2=L2, min_count=LEAST)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=0, help="cross-validate instead of writing")
    parser.add_argument("--errors", action="store_true", help="with --folds: list what is wrong")
    args = parser.parse_args()
    articles = read_annotations(args.texts, build())
    parts: dict[str, tuple[list[Rows], Callable[[Annotated, LinearModel], Iterator[Judged]]]] = {
        "endpoint": ([endpoint_rows(a) for a in articles], judged_endpoints),
        "timepoint": ([time_rows(a) for a in articles], judged_times),
    }
    for name, (rows, judge) in parts.items():
        if args.folds:
            cross_validate(name, articles, rows, judge, args.folds, errors=args.errors)
            continue
        model = fit_choice(rows)
        (ROOT / "extractor" / "weights" / f"{name}.tsv").write_text(model.to_tsv(NOTE), encoding="utf-8")
        print(f"{name}.tsv: {len(model.row)} features")


def cross_validate(
    name: str,
    articles: list[Annotated],
    rows: list[Rows],
    judge: Callable[[Annotated, LinearModel], Iterator[Judged]],
    folds: int,
    *,
    errors: bool,
) -> None:
    """Print how many are right in texts that the model was not fitted to."""
    results: list[Judged] = []
    for fold in range(folds):
        model = fit_choice([r for i, r in enumerate(rows) if i % folds != fold])
        for a in articles[fold::folds]:
            results += judge(a, model)
    said = [j for j in results if j.found is not None]
    asked = [j for j in results if j.wanted is not None]
    print(
        f"{name}: {sum(j.right for j in results) / len(results):.3f} of {len(results)} right, of those said "
        f"{sum(j.right for j in said) / len(said):.3f} of {len(said)}, of those there "
        f"{sum(j.right and j.found is not None for j in asked) / len(asked):.3f} of {len(asked)}"
    )
    if errors:
        for j in results:
            if not j.right:
                print(f"{name} {j.probability:.2f} {j.place} | wanted: {j.wanted} | found: {j.found}")


NOTE = "Fitted by benchmarks/fit_endpoints.py to fixtures/annotations/endpoints.tsv; do not edit by hand."


if __name__ == "__main__":
    main()
