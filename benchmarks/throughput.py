"""Time of the pipeline as a ratio to bare spaCy over the same texts, in the same run.

The floor is `spacy.blank("en")` with the sentencizer, through `nlp.pipe`. Both take turns for some rounds, and the
ratio is of their best times, so that a busy machine disturbs both alike. Texts are the fixtures' articles; `--texts`
names a folder of others. With `--profile`, a table tells where the time goes.

    python benchmarks/throughput.py [--texts DIR] [--limit N] [--rounds N] [--max-ratio X] [--profile]

Exit status 1 if the ratio is above `--max-ratio`.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

from extractor.checks import run_checks
from extractor.documents.reader import read
from extractor.extract import Extractor, Failure
from extractor.records.assemble import assemble, prepare
from extractor.records.models import Record
from extractor.settings import DEFAULTS
from extractor.sources.raw import RawArticle
from extractor.sources.store import read_inputs
from extractor.workers import CHUNK_ARTICLES

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "articles"
MIN_TEXTS = 200
"""Fewer texts than this are repeated up to it, so that a round takes long enough to be timed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the ratio; returns the exit status."""
    options = parse(arguments)
    extractor = Extractor()
    articles, texts, broken = [], [], []
    for raw in islice(read_inputs(options.texts), options.limit):
        if isinstance(raw, RawArticle):
            outcomes = list(extractor.outcomes(raw))
            found = [outcome.text for outcome in outcomes if isinstance(outcome, Record)]
            broken += [str(outcome.error) for outcome in outcomes if isinstance(outcome, Failure)]
            articles.extend([raw] if found else [])
            texts.extend(found)
    if broken:
        print(f"{len(broken)} articles failed and are left out, the first: {broken[0]}", file=sys.stderr)
    if not articles:
        print(f"no readable articles in {', '.join(map(str, options.texts))}", file=sys.stderr)
        return 2
    times_over = -(-MIN_TEXTS // len(articles))
    articles, texts = articles * times_over, texts * times_over
    floor = spacy.blank("en")
    floor.add_pipe("sentencizer")

    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(options.rounds):
        times["floor"].append(timed(lambda: bare(floor, texts)))
        times["pipeline"].append(timed(lambda: whole(extractor, articles)))
    best = {name: min(taken) for name, taken in times.items()}
    ratio = best["pipeline"] / best["floor"]
    facts = sum(len(r.facts) for raw in articles for r in extractor.outcomes(raw) if isinstance(r, Record))
    size = f"{len(texts):,}, {sum(map(len, texts)):,} characters, {facts:,} facts"
    print(f"texts      {size}, best of {options.rounds} rounds")
    print(f"floor      {best['floor']:.3f} s  {len(texts) / best['floor']:,.0f} texts/s  (bare spaCy, sentencizer)")
    print(f"pipeline   {best['pipeline']:.3f} s  {len(texts) / best['pipeline']:,.0f} texts/s  (bytes to record)")
    print(f"ratio      {ratio:.2f}")
    if options.profile:
        print_profile(extractor, articles, best["floor"], options.rounds)
    if options.max_ratio is not None and ratio > options.max_ratio:
        print(f"the ratio is above {options.max_ratio:g}", file=sys.stderr)
        return 1
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--texts", nargs="+", type=Path, default=[FIXTURES], help="folders or files of articles")
    parser.add_argument("--limit", type=int, default=2000, help="articles at most (default 2000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the best counts (default 5)")
    parser.add_argument("--max-ratio", type=float, help="fail above this ratio")
    parser.add_argument("--profile", action="store_true", help="time by stage")
    return parser.parse_args(arguments)


def bare(nlp: Language, texts: list[str]) -> None:
    """Tokens and sentences, nothing else."""
    for _ in nlp.pipe(texts):
        pass


def whole(extractor: Extractor, articles: list[RawArticle]) -> None:
    """Bytes to serialised, checked records, as many together as `extractor batch` takes."""
    for chunk in chunks(articles):
        for outcome in chain.from_iterable(extractor.outcomes_of(chunk)):
            if isinstance(outcome, Record):
                outcome.to_json()


def chunks(articles: list[RawArticle]) -> Iterator[list[RawArticle]]:
    """What a batch works on together."""
    return (articles[i : i + CHUNK_ARTICLES] for i in range(0, len(articles), CHUNK_ARTICLES))


def print_profile(extractor: Extractor, articles: list[RawArticle], floor: float, rounds: int) -> None:
    """Where the best of some more rounds spends its time, in floors and in parts of the whole."""
    best: dict[str, float] = {}
    spent: dict[str, float] = {"read": 0.0, "tokenize": 0.0}
    spent.update((name, 0.0) for name, _ in extractor.nlp.pipeline)
    spent.update({"assemble": 0.0, "checks": 0.0, "serialise": 0.0})

    def stage(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                spent[name] += time.perf_counter() - started

        return run

    nlp = extractor.nlp

    def once() -> None:
        for chunk in chunks(articles):
            given = [(raw, document) for raw in chunk for document in stage("read", read)(raw, DEFAULTS)]
            docs = [stage("tokenize", prepare)(document, nlp) for _, document in given]
            for name, component in nlp.pipeline:
                for doc in docs:
                    if doc is not None:
                        stage(name, component)(doc)
            made = [
                stage("assemble", assemble)(raw, document, doc)
                for (raw, document), doc in zip(given, docs, strict=True)
            ]
            for record in [stage("checks", run_checks)(record) for record in made]:
                stage("serialise", record.to_json)()

    for _ in range(rounds):
        spent = dict.fromkeys(spent, 0.0)
        timed(once)
        if not best or sum(spent.values()) < sum(best.values()):
            best = spent
    spent = best
    whole_time = sum(spent.values())
    print(f"\n{'stage':<20}{'floors':>8}{'share':>8}")
    for name, seconds in spent.items():
        print(f"{name:<20}{seconds / floor:>8.2f}{seconds / whole_time:>8.0%}")


def timed(work: Callable[[], None]) -> float:
    """Seconds that `work` takes, without the collector's pauses."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started
    finally:
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
