"""Fit the curves from raw to calibrated confidence, `extractor/weights/confidence.tsv`.

    python benchmarks/calibrate.py --texts DIR_WITH_abstracts_AND_evidence_inference

The annotations are those of `fit_weights.py`. They are cut into folds; the weights are fitted to all folds but one,
and each fact found in that one is right if its first number is of the kind annotated and belongs to the arm annotated.
So no fact is judged by kind and owner weights that saw its abstract; the arms are found with the weights as shipped.
Only abstracts of real trials are judged, not the texts written for this project. The curves are isotonic (monotone,
least squares), one for each question of `extractor/records/confidence.py`, and lowered by one standard error of each
level, so that a confidence promises rather too little. The curve of the endpoints rests on the annotations of
`fit_endpoints.py` in the same way. Deterministic; takes three minutes for each fold. `--dry-run`
prints the tables and writes nothing.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import fit_endpoints
from fit_weights import (
    CLASSES,
    ROOT,
    Annotated,
    fit_kinds,
    fit_owners,
    fit_second,
    kind_data,
    match_arms,
    owner_data,
    read_annotations,
)

from extractor.evaluation.calibration import Judged, calibration_error, cautious, isotonic, precision_above, reliability
from extractor.records.confidence import FILE, on_curve, question, raw_confidence
from extractor.rules.analysis import Analysis
from extractor.rules.arm import find_arms
from extractor.rules.bundle import bind
from extractor.rules.linear import LinearModel
from extractor.rules.number_kind import decide_kinds
from extractor.rules.owner import decide_owners
from extractor.rules.pipeline import build

LEAST = 150
"""Facts that a level of a curve rests on, at least: a share of 0.9 then has a standard error of 0.025."""
QUESTIONS = ("study", "alone", "arm", "nobody", "endpoint")
Place = tuple[str, int]
"""An article and the offset of a number in it."""
NOT_FACTS = frozenset("XS")


def analysed(a: Annotated, kinds: tuple[LinearModel, LinearModel], owners: LinearModel) -> Analysis:
    """What the pipeline would find in an abstract with these weights."""
    found = Analysis(a.layout, a.numbers, a.roles)
    found.arms = find_arms(a.layout, a.numbers)
    found.decision = decide_kinds(a.layout, a.numbers, a.roles, found.arms, kinds)
    found.bundles = bind(a.layout, a.numbers, found.decision.kinds)
    found.owners, found.owner_probability = decide_owners(a.layout, found.arms, found.bundles, a.numbers, owners)
    return found


def judged(a: Annotated, found: Analysis) -> Iterator[tuple[str, str, Judged, Place]]:
    """(question, outcome, raw confidence and whether it is right, place) of every fact whose kind is one of the
    annotated.

    The outcome is the kind found, and "=" if all is right, "~" if only the owner is wrong, else the kind annotated.
    """
    matched = match_arms(a, found.arms)
    starts = sorted(a.labels)
    for k, bundle in enumerate(found.bundles):
        head = bundle.head
        if bundle.kind not in CLASSES or bundle.kind in NOT_FACTS or bundle.age or a.roles[head.index] == "zero":
            continue  # ages, and "none" and "no" where they are counts, are left out of the annotations
        label, letter = next((a.labels[s] for s in starts if head.start <= s < head.end), ("X", "-"))
        asked = question(found, k)
        if asked == "arm":
            whose = matched.get(letter, -3) == found.owners[k]
        else:
            whose = asked == "study" or letter == "-" or (asked == "alone" and len(a.arms) < 2)
        yield (
            asked,
            f"{bundle.kind}{label if label != bundle.kind else '=' if whose else '~'}",
            Judged(raw_confidence(found, k), label == bundle.kind and whose),
            (a.article, head.start),
        )


def predictions(articles: list[Annotated], folds: int, real: int) -> dict[str, list[tuple[str, Judged, Place]]]:
    """Per question the facts of the first `real` abstracts, each found with weights that did not see its abstract."""
    kinds, owners = kind_data(articles), owner_data(articles)
    everything = range(len(articles))
    out: dict[str, list[tuple[str, Judged, Place]]] = defaultdict(list)
    for fold in range(folds):
        seen = [i for i in everything if i % folds != fold]
        kind_models = fit_kinds(kinds, seen), fit_second(articles, kinds, seen)
        owner_model = fit_owners([owners[i] for i in seen])
        for i in everything[fold:real:folds]:
            for asked, outcome, one, place in judged(articles[i], analysed(articles[i], kind_models, owner_model)):
                out[asked].append((outcome, one, place))
        print(f"fold {fold + 1} of {folds} done", flush=True)
    return out


def endpoint_predictions(texts: Path, folds: int) -> dict[Place, Judged]:
    """What is said of the endpoints of real abstracts, each with weights that did not see its text."""
    articles = fit_endpoints.read_annotations(texts, build())
    rows = [fit_endpoints.endpoint_rows(a) for a in articles]
    out: dict[Place, Judged] = {}
    for fold in range(folds):
        model = fit_endpoints.fit_choice([r for i, r in enumerate(rows) if i % folds != fold])
        for a in articles[fold::folds]:
            if a.real:
                for one in fit_endpoints.judged_endpoints(a, model):
                    out[a.article, one.offset] = Judged(one.probability, one.right)
    return out


def show(title: str, rows: list[Judged]) -> None:
    """A reliability table."""
    table = reliability(rows)
    count, share = precision_above(rows, 0.9)
    error = calibration_error(table)
    print(f"{title}: {len(rows)} facts, calibration error {error:.3f}; {count} at 0.9 or more, {share:.3f} right")
    for row in table:
        if row.count:
            print(f"  {row.low:.2f}-{row.high:.2f}  {row.count:6}  mean {row.confidence:.3f}  right {row.right:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--dry-run", action="store_true")
    args = parser.parse_args()
    real = len(read_annotations(args.texts, own=False))
    out = predictions(read_annotations(args.texts), args.folds, real)
    lines = [
        "# Fitted by benchmarks/calibrate.py to cross-validated predictions on fixtures/annotations;",
        "# do not edit by hand. `count` facts stand behind each line.",
        "question\traw\tcalibrated\tcount",
    ]
    endpoints = endpoint_predictions(args.texts, args.folds)
    out["endpoint"] = [("=" if one.right else "~", one, place) for place, one in endpoints.items()]
    curves = {}
    for asked in QUESTIONS:
        rows = [one for _, one, _ in out[asked]]
        knots = cautious(isotonic(rows, LEAST))
        lines += [f"{asked}\t{knot.raw:.4f}\t{knot.calibrated:.4f}\t{knot.count}" for knot in knots]
        curve = curves[asked] = [(knot.raw, knot.calibrated) for knot in knots]
        show(f"{asked}, raw", rows)
        show(
            f"{asked}, calibrated (on the facts it was fitted to)",
            [Judged(on_curve(curve, j.confidence), j.right) for j in rows],
        )
        outcomes = Counter(outcome for outcome, _, _ in out[asked])
        print("  commonest:", ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common(16)))
    whole = [
        Judged(
            on_curve(curves[asked], one.confidence) * on_curve(curves["endpoint"], endpoints[place].confidence),
            one.right and endpoints[place].right,
        )
        for asked in QUESTIONS[:-1]
        for _, one, place in out[asked]
        if place in endpoints
    ]
    show("kind, arm and endpoint together, where all are annotated", whole)
    print("\n".join(lines))
    if not args.dry_run:
        (ROOT / "extractor" / "weights" / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
