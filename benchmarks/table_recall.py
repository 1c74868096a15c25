"""How many reference values of intervention / comparator / outcome questions stand in a fact from a table.

    python benchmarks/table_recall.py CORPUS [--missing]

CORPUS is a folder with `articles/*.xml`, `questions.json` and `reference.json`. Of the reference values that stand as
a number in a table of their article, it prints how many a table fact holds under the right statistic, and how many of
those hang on the named side: the arm, or the group's heading, shares more words with the side's name than with the
other's.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.documents.reader import read
from extractor.records.assemble import assemble, prepare
from extractor.rules.pipeline import build
from extractor.rules.word_forms import normal_form
from extractor.sources.raw import RawArticle

if TYPE_CHECKING:
    from extractor.documents.model import Document
    from extractor.records.models import Fact, Record

STATISTICS = {
    "events": ("count",), "group_size": ("count", "denominator"), "mean": ("mean",), "standard_deviation": ("sd",),
}  # fmt: skip


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--missing", action="store_true", help="list the values that no fact holds")
    options = parser.parse_args()
    questions = json.loads((options.corpus / "questions.json").read_text(encoding="utf-8"))
    reference = json.loads((options.corpus / "reference.json").read_text(encoding="utf-8"))
    by_article: dict[str, list[dict[str, Any]]] = {}
    for question in questions:
        by_article.setdefault(f"PMC{question['pmcid']}", []).append(question)
    nlp = build()
    counts: Counter[tuple[str, str]] = Counter()
    for path in sorted((options.corpus / "articles").glob("*.xml")):
        raw = RawArticle(content=path.read_bytes(), name=path.stem, path=path.name)
        for document in read(raw):
            doc = prepare(document, nlp)
            record = assemble(raw, document, nlp(doc) if doc is not None else None)
            facts = [f for f in record.facts if f.rule.startswith("table_")]
            for question in by_article.get(path.stem, []):
                _score(question, reference[str(question["id"])], document, record, facts, counts, options.missing)
    print(f"{'value':<20}{'in a table':>12}{'in a fact':>12}{'right side':>12}{'wrong side':>12}{'no side':>12}")
    for field in (*STATISTICS, "all"):
        row = [
            sum(counts[f, k] for f in STATISTICS if field in (f, "all"))
            for k in ("asked", "found", "right", "wrong", "open")
        ]
        print(f"{field:<20}" + "".join(f"{n:>12}" for n in row))


def _score(
    question: dict[str, Any], answer: dict[str, Any], document: Document, record: Record, facts: list[Fact],
    counts: Counter[tuple[str, str]], missing: bool,
) -> None:  # fmt: skip
    printed = {
        float(n)
        for t in document.tables
        for row in t.rows
        for c in row
        for n in re.findall(r"\d+(?:\.\d+)?", c.text.replace(",", ""))
    }
    for side, other in (("intervention", "comparator"), ("comparator", "intervention")):
        for field, statistics in STATISTICS.items():
            value = answer[f"{side}_{field}"]
            if value is None or abs(value) not in printed:
                continue
            counts[field, "asked"] += 1
            holding = [
                f for f in facts
                if any(v.statistic in statistics and abs(v.value or 0.0) == abs(value) for v in f.values)
                and (field != "group_size" or f.kind == "cohort_size" or _has_denominator(f))
            ]  # fmt: skip
            if not holding:
                if missing:
                    print(f"{document.id} {question['id']}: {side} {field} {value}  [{question['outcome']}]")
                continue
            counts[field, "found"] += 1
            sides = {_side(f, record, question[side], question[other]) for f in holding}
            verdict = "right" if 1 in sides else "open" if 0 in sides else "wrong"
            counts[field, verdict] += 1
            if missing and verdict == "wrong":
                print(
                    f"{document.id} {question['id']}: {side} {field} {value} on the other side  [{question['outcome']}]"
                )


def _has_denominator(fact: Fact) -> bool:
    return any(v.statistic == "denominator" for v in fact.values)


def _side(fact: Fact, record: Record, side: str, other: str) -> int:
    """1 if the fact's group is named like `side`, -1 if like `other`, 0 if neither."""
    names = [fact.population.label] if fact.population else []
    names += [n for arm in record.arms if arm.id == fact.arm for n in (arm.label, *arm.aliases)]
    words = {w for n in names for w in _words(n)}
    here, there = len(words & _words(side)), len(words & _words(other))
    return (here > there) - (here < there)


def _words(text: str) -> set[str]:
    return {normal_form(w) for w in re.findall(r"[^\W_]+", text.lower())} - {"the", "of", "group", "and", "with", "n"}


if __name__ == "__main__":
    main()
