"""What `extractor evaluate` does: measure, then print what was asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from extractor.errors import UsageError
from extractor.evaluation.brat import read_collection
from extractor.evaluation.errors import Mistake
from extractor.evaluation.labels import Labels, read_labels
from extractor.evaluation.measure import Evaluation, evaluate, records_by_extraction, records_in
from extractor.evaluation.report import print_mistakes, print_reliability, print_scores, to_json

ALL = "all"
SOME_FAILED = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of the command, as in its help."""

    gold: Path
    pred: Path | None = None
    labels: Path | None = None
    errors: str | None = None
    limit: int = 20
    browse: bool = False
    reliability: bool = False
    as_json: bool = False
    floor: float | None = None


def run_evaluation(wanted: Wanted, messages: Console, complain: Callable[[str, int], int]) -> int:
    """Measure and print; returns the exit status. `complain` prints a message on standard error.

    Raises UsageError (AnnotationError among them) for a wrong call, wrong annotations or records of other texts.
    """
    labels = read_labels(wanted.labels)
    label = _chosen(wanted.errors, labels)
    outcome = _measured(wanted, labels, messages)
    status = 0
    for doubt in outcome.doubts:
        complain(f"doubtful annotation: {doubt}", status)
    for failure in outcome.failures:
        status = complain(failure, SOME_FAILED)
    if wanted.pred is not None and outcome.scores.missing:
        missing = outcome.scores.missing
        complain(f"no record of {', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''} in {wanted.pred}", status)
    # A pipe has no width of its own; 120 columns hold every table.
    console = Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else 120)
    if wanted.as_json:
        console.file.write(to_json(outcome))
    elif not (wanted.browse and sys.stdout.isatty()):
        print_scores(console, outcome)
        if wanted.reliability:
            print_reliability(console, outcome)
        if wanted.errors and not wanted.browse:
            print_mistakes(console, outcome.of_label(label), wanted.limit)
    if wanted.browse:
        _browse(console, outcome.of_label(None), label, wanted.limit)
    micro = outcome.scores.micro().f1
    if wanted.floor is not None and micro < wanted.floor:
        status = complain(f"micro value F1 is {micro:.4f}, below the floor of {wanted.floor}", SOME_FAILED)
    return status


def _chosen(errors: str | None, labels: Labels) -> str | None:
    """The label whose errors are wanted, None for all."""
    if errors in (None, ALL):
        return None
    if errors not in labels.canonical:
        raise UsageError(f"--errors {errors}: no such label; there are {ALL}, {', '.join(labels.names)}")
    return labels.canonical[errors]


def _measured(wanted: Wanted, labels: Labels, messages: Console) -> Evaluation:
    total = len(list(wanted.gold.glob("*.ann"))) if wanted.gold.is_dir() else 0
    collection = read_collection(wanted.gold)
    if wanted.pred is not None:
        return evaluate(collection, records_in(wanted.pred), labels)
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal) as bar:
        task = bar.add_task("", total=total)
        return evaluate(collection, records_by_extraction(), labels, lambda document: bar.advance(task))


def _browse(console: Console, mistakes: list[Mistake], label: str | None, limit: int) -> None:
    """The browser; where no terminal can show it, its pages one after the other."""
    from extractor.evaluation.browser import ErrorBrowser, page

    if sys.stdout.isatty() and sys.stdin.isatty():
        ErrorBrowser(mistakes, label).run()
        return
    chosen = [m for m in mistakes if label in (None, m.label)]
    for number, mistake in enumerate(chosen[:limit], 1):
        console.rule()
        console.print(page(mistake, number, len(chosen)))
