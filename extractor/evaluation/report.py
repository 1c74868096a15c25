"""The outcome of an evaluation: a table, lines of mistakes, a reliability table, JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.evaluation.calibration import Judged, calibration_error, precision_above, reliability
from extractor.evaluation.errors import Mistake
from extractor.evaluation.measure import Evaluation
from extractor.evaluation.scores import MODES, Tally
from extractor.outputs.highlight import Mark, pieces

QUESTIONS = {
    "kind": "what the number is",
    "arms": "and whose, roles exchanged where that helps",
    "label": "the label as it is",
}
"""The keys of `Evaluation.judged`, as a table names them."""
HIGH = 0.9
"""From this confidence on statements are trusted unread."""
STYLES = {"this": "bold reverse", "annotated": "underline green", "found": "bold cyan", "other": "dim cyan"}


def print_scores(console: Console, outcome: Evaluation) -> None:
    """The table of labels with its diagnoses below."""
    scores = outcome.scores
    console.print(f"{scores.documents} documents, {len(scores.missing)} without a record")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("label", no_wrap=True)
    for name in ("annotated", "found", "value P", "R", "F1", "exact F1"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = [(label, scores.value[label], scores.exact[label]) for label in scores.labels.names]
    for label, value, exact in (*rows, ("micro", scores.micro(), scores.micro("exact"))):
        if label == "micro":
            table.add_section()
        table.add_row(
            label, str(value.annotated), str(value.hits + value.false),
            *(f"{figure:.3f}" for figure in (value.precision, value.recall, value.f1, exact.f1)),
        )  # fmt: skip
    console.print(table)
    console.print(
        f"kind F1 {scores.kind.f1:.3f} (what each number is, both arms taken together)\n"
        f"arms F1 {scores.arms.f1:.3f} (grouped by arm, roles exchanged where that helps)\n"
        f"roles the wrong way round in {scores.swapped} of {scores.with_arms} documents with arms"
    )
    if outcome.not_scored:
        told = ", ".join(f"{label} ({count})" for label, count in outcome.not_scored.most_common())
        console.print(f"labels not scored: {told}")


def print_reliability(console: Console, outcome: Evaluation) -> None:
    """One row for each bin of confidence, one column for each question of `QUESTIONS`."""
    tables = {question: reliability(outcome.judged[question]) for question in QUESTIONS}
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("confidence", "values", "mean", *QUESTIONS):
        shown.add_column(name, justify="right", no_wrap=True)
    for rows in zip(*tables.values(), strict=True):
        first = rows[0]
        shares = (f"{row.right:.3f}" if row.count else "" for row in rows)
        mean = f"{first.confidence:.3f}" if first.count else ""
        shown.add_row(f"{first.low:.2f}-{first.high:.2f}", str(first.count), mean, *shares)
    console.print(shown)
    for question, told in QUESTIONS.items():
        count, share = precision_above(outcome.judged[question], HIGH)
        error = calibration_error(tables[question])
        high = f"{share:.3f} right of {count} with confidence {HIGH} or more" if count else f"none at {HIGH} or more"
        console.print(f"{question} ({told}): calibration error {error:.3f}; {high}")


def print_mistakes(console: Console, mistakes: Sequence[Mistake], limit: int) -> None:
    """A line with its context for each mistake, and below it what stands there instead; `limit` at most."""
    for mistake in mistakes[:limit]:
        before, after = mistake.context()
        console.print(
            Text.assemble(
                (f"{mistake.tag.upper():6} ", "red" if mistake.tag == "false" else "yellow"),
                f"{mistake.article}  {mistake.label}  …{before}",
                (f"[[{mistake.quoted}]]", "bold"),
                f"{after}…",
            ),
            soft_wrap=True,
        )
        console.print(Text(f"       {'; '.join(mistake.instead)}", style="dim"), soft_wrap=True)
    if len(mistakes) > limit:
        console.print(f"{len(mistakes) - limit} more; --limit shows more of them", soft_wrap=True)


def highlighted(mistake: Mistake) -> Text:
    """The whole text with what was annotated underlined, what was found in colour, and this mistake's span in [[ ]]."""
    marks: list[Mark[str]] = [Mark(e.span.start, e.span.end, "annotated") for e in mistake.annotated]
    marks += [Mark(m.span.start, m.span.end, "found" if m.label else "other") for m in mistake.found]
    marks.append(Mark(mistake.span.start, mistake.span.end, "this"))
    shown = Text()
    offset = 0
    for piece in pieces(mistake.text, marks):
        if offset == mistake.span.start:
            shown.append("[[", STYLES["this"])
        shown.append(piece.text, " ".join(dict.fromkeys(STYLES[mark] for mark in piece.marks)))
        offset += len(piece.text)
        if offset == mistake.span.end:
            shown.append("]]", STYLES["this"])
    return shown


def to_json(outcome: Evaluation) -> str:
    """All figures as one JSON object: precision, recall and F1 in this order for each label and mode."""
    scores = outcome.scores
    modes: dict[str, Any] = {
        mode: {
            **{label: _triple(tally) for label, tally in (scores.value if mode == "value" else scores.exact).items()},
            "micro": _triple(scores.micro(mode)),
        }
        for mode in MODES
    }
    reliabilities = {question: _reliability(outcome.judged[question]) for question in QUESTIONS}
    return json.dumps(
        {
            "documents": scores.documents, "missing": len(scores.missing), "kind": _triple(scores.kind),
            "arms": _triple(scores.arms), "swapped_documents": scores.swapped,
            "documents_with_arms": scores.with_arms, **modes, "reliability": reliabilities,
        },
        indent=1,
    ) + "\n"  # fmt: skip


def _triple(tally: Tally) -> list[float]:
    return [tally.precision, tally.recall, tally.f1]


def _reliability(judged: Sequence[Judged]) -> list[dict[str, float]]:
    return [
        {"low": row.low, "high": row.high, "count": row.count, "confidence": row.confidence, "right": row.right}
        for row in reliability(judged)
    ]
