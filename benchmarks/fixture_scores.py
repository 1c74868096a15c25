"""Hold the records of `fixtures/articles` against the curated `fixtures/expected`.

    python benchmarks/fixture_scores.py [--errors] [NAME ...]
    python benchmarks/fixture_scores.py --record

Prints, for each fixture and in all, how many expected values were found at their exact span with the right kind and
statistic (recall), how many of the values given were expected (precision), how often a found value hangs on the right
arm, and how many traps were taken. `--errors` lists each miss, false value, wrong number, wrong arm and trap.
`--record` writes the scores to `fixtures/scores.json`, below which the tests let no article fall (`falls`).
`fixtures/README.md` describes the expected files; `tests/test_fixtures.py` uses the same functions.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from extractor.sources.raw import RawArticle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from extractor.documents.model import Document
    from extractor.records.models import Record

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
RECORDED = FIXTURES / "scores.json"
TOLERANCE = 1
"""Values by which one article's figure may fall: refitted weights move single values to and fro."""
TOTAL_TOLERANCE = 0.005
"""By which recall, precision or the share of right arms may fall over all articles: three or four values."""


class Key(NamedTuple):
    """What must agree for a value to count as found. `start` and `end` count code points into the article's text."""

    kind: str
    statistic: str
    start: int
    end: int


class Misplaced(Exception):
    """An expected value's `near` or `text` is not in the article's text, or stands in more than one place."""


def expected_ids() -> list[str]:
    """The ids of all curated articles, sorted."""
    return sorted(path.stem for path in (FIXTURES / "expected").glob("*.json"))


def expected(article_id: str) -> dict[str, Any]:
    """The curated file of one article as parsed JSON."""
    loaded: dict[str, Any] = json.loads((FIXTURES / "expected" / f"{article_id}.json").read_text(encoding="utf-8"))
    return loaded


def raw(path: Path) -> RawArticle:
    """A fixture file as the sources would hand it on, named by its path inside `fixtures`."""
    return RawArticle(content=path.read_bytes(), name=path.stem, path=path.relative_to(FIXTURES).as_posix())


@cache
def article_paths() -> tuple[Path, ...]:
    """All article files, sorted by name."""
    return tuple(sorted(path for path in (FIXTURES / "articles").iterdir() if path.is_file()))


@cache
def documents() -> dict[str, Document]:
    """Every article as read: by file stem where a file holds one article, by the document's id where it holds more."""
    from extractor.documents.reader import read

    found = {}
    for path in article_paths():
        several = list(read(raw(path)))
        for document in several:
            found[path.stem if len(several) == 1 else document.id] = document
    return found


@cache
def records() -> dict[str, Record]:
    """Every article's record, keyed as in `documents`."""
    from extractor.extract import Extractor

    extractor = Extractor()
    found = {}
    for path in article_paths():
        several = extractor.records(raw(path))
        for record in several:
            found[path.stem if len(several) == 1 else record.article.id] = record
    return found


def _spaced(words: str, gap: str) -> str:
    return gap.join(re.escape(word) for word in words.split())


def places_of(text: str, near: str) -> list[tuple[int, int]]:
    """Where the words of `near` stand; white space and the bars between table cells may differ."""
    return [match.span() for match in re.finditer(_spaced(near, r"[\s|]+"), text)]


def place(text: str, near: str, surface: str, nth: int = 1) -> tuple[int, int]:
    """The span of `surface` inside the one place of `near`; a number never matches inside a longer number or word.

    Raises Misplaced when `near` is not found exactly once, or `surface` fewer than `nth` times in it.
    """
    spots = places_of(text, near)
    if len(spots) != 1:
        raise Misplaced(f"{near!r} stands {len(spots)} times in the text, not once")
    start, end = spots[0]
    pattern = _spaced(surface, r"\s+")
    if re.match(r"\w", surface):
        pattern = r"(?<!\w)(?<!\d[.,·])" + pattern
    if re.search(r"\w$", surface):
        pattern += r"(?!\w|[.,·]\d)"
    found = [match.span() for match in re.compile(pattern).finditer(text, start, end)]
    if len(found) < nth or (nth == 1 and len(found) > 1):
        raise Misplaced(f"{surface!r} stands {len(found)} times in {near!r}")
    return found[nth - 1]


def located(text: str, entry: dict[str, Any]) -> tuple[int, int]:
    """The span of a value, trap or known miss of an expected file."""
    return place(text, entry["near"], entry["text"], entry.get("nth", 1))


@dataclass
class Comparison:
    """One record against its curated file. The lists hold readable lines; `missed` and `false` are keyed by place."""

    wanted: int = 0
    found: int = 0
    given: int = 0
    missed: dict[Key, str] = field(default_factory=dict)
    false: dict[Key, str] = field(default_factory=dict)
    wrong_number: list[str] = field(default_factory=list)
    arms_asked: int = 0
    wrong_arm: list[str] = field(default_factory=list)
    traps_asked: int = 0
    traps: dict[Key, str] = field(default_factory=dict)


def _around(text: str, start: int, end: int) -> str:
    return " ".join(f"…{text[max(0, start - 50) : start]}[[{text[start:end]}]]{text[end : end + 35]}…".split())


def _same_number(left: float | None, right: float | None) -> bool:
    return left == right if left is None or right is None else abs(left - right) <= 1e-3 * max(1.0, abs(left))


def compare(record: Record, curated: dict[str, Any]) -> Comparison:
    """Match values by kind, statistic and span. Optional facts are neither asked for nor false."""
    text = record.text
    result = Comparison()
    labels = {arm.id: arm for arm in record.arms}
    roles = {arm["label"]: arm["role"] for arm in curated["arms"]}
    given: dict[Key, list[tuple[float | None, str | None]]] = {}
    for fact in record.facts:
        role = labels[fact.arm].role if fact.arm is not None else None
        for value in fact.values:
            given.setdefault(Key(fact.kind, value.statistic, value.start, value.end), []).append((value.value, role))
    allowed: set[Key] = set()
    wanted: set[Key] = set()
    for fact in curated["facts"]:
        role = roles.get(fact["arm"]) if fact["arm"] else None
        for value in fact["values"]:
            span = located(text, value)
            keys = [Key(kind, value["statistic"], *span) for kind in (fact["kind"], *fact.get("also", ()))]
            allowed.update(keys)
            key = next((k for k in keys if k in given), keys[0])
            if fact.get("optional") or key in wanted:
                continue
            wanted.add(key)
            line = f"{key.kind} {key.statistic} {_around(text, *span)}"
            if key not in given:
                result.missed[key] = line
                continue
            if not any(_same_number(number, value["value"]) for number, _ in given[key]):
                result.wrong_number.append(f"{given[key][0][0]}, not {value['value']}: {line}")
            if key.statistic in ("count", "percent", "mean", "median", "incidence_rate", "fraction"):
                result.arms_asked += 1
                if all(found != role for _, found in given[key]):
                    result.wrong_arm.append(f"{given[key][0][1]}, not {role}: {line}")
    result.wanted, result.given = len(wanted), len(given)
    result.found = len(wanted) - len(result.missed)
    result.false = {k: f"{k.kind} {k.statistic} {_around(text, k.start, k.end)}" for k in given if k not in allowed}
    for trap in curated["traps"]:
        if not places_of(text, trap["near"]):
            continue
        result.traps_asked += 1
        start, end = located(text, trap)
        for key in given:
            if key.start < end and start < key.end:
                result.traps[key] = f"{trap['why']}: {_around(text, start, end)}"
    return result


class Score(NamedTuple):
    """The figures of one article, or of several added up."""

    wanted: int = 0
    found: int = 0
    given: int = 0
    false: int = 0
    arms_asked: int = 0
    arms_right: int = 0
    traps_asked: int = 0
    traps: int = 0

    @property
    def recall(self) -> float:
        """Share of the expected values that were found, 0 to 1; 1 where none is expected."""
        return self.found / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Share of the values given that were expected, 0 to 1; 1 where none is given."""
        return 1 - self.false / self.given if self.given else 1.0

    @property
    def arms(self) -> float:
        """Share of the found values that hang on the right arm, 0 to 1; 1 where none was found."""
        return self.arms_right / self.arms_asked if self.arms_asked else 1.0


def score(result: Comparison) -> Score:
    """The figures of a comparison."""
    return Score(
        result.wanted, result.found, result.given, len(result.false), result.arms_asked,
        result.arms_asked - len(result.wrong_arm), result.traps_asked, len(result.traps),
    )  # fmt: skip


def total(scores: Iterable[Score]) -> Score:
    """All figures added up."""
    return Score(*(sum(column) for column in zip(Score(), *scores, strict=True)))


def inputs_hash(article_id: str) -> str:
    """Changes whenever the article or its expected file does: then the recorded score says nothing of the rules."""
    digest = hashlib.sha256((FIXTURES / "expected" / f"{article_id}.json").read_bytes())
    digest.update(records()[article_id].article.source.sha256.encode())
    return digest.hexdigest()[:12]


def recorded() -> dict[str, tuple[str, Score]]:
    """The recorded hash of inputs and score of every article, by id."""
    loaded = json.loads(RECORDED.read_text(encoding="utf-8"))
    return {name: (figures.pop("inputs"), Score(**figures)) for name, figures in loaded.items()}


def falls(now: Score, floor: Score) -> list[str]:
    """In words, each figure of an article that is worse than recorded by more than `TOLERANCE`."""
    found = []
    for name in ("found", "arms_right"):
        if getattr(now, name) < getattr(floor, name) - TOLERANCE:
            found.append(f"{name} fell from {getattr(floor, name)} to {getattr(now, name)}")
    for name in ("false", "traps"):
        if getattr(now, name) > getattr(floor, name) + TOLERANCE:
            found.append(f"{name} rose from {getattr(floor, name)} to {getattr(now, name)}")
    return found


def total_falls(now: Mapping[str, Score], floor: Mapping[str, Score]) -> list[str]:
    """In words, each share over all articles that is more than `TOTAL_TOLERANCE` below the recorded one."""
    new, old = total(now.values()), total(floor.values())
    return [
        f"{name} fell from {getattr(old, name):.3f} to {getattr(new, name):.3f}"
        for name in ("recall", "precision", "arms")
        if getattr(new, name) < getattr(old, name) - TOTAL_TOLERANCE
    ]


def record_scores() -> None:
    """Write today's scores to `RECORDED`, one article a line."""
    lines = []
    for name in expected_ids():
        figures = {"inputs": inputs_hash(name), **score(compare(records()[name], expected(name)))._asdict()}
        lines.append(f"  {json.dumps(name)}: {json.dumps(figures)}")
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _lines(result: Comparison) -> Iterator[str]:
    groups: tuple[tuple[str, Iterable[str]], ...] = (
        ("MISSED", result.missed.values()), ("FALSE", result.false.values()), ("NUMBER", result.wrong_number),
        ("ARM", result.wrong_arm), ("TRAP", result.traps.values()),
    )  # fmt: skip
    for tag, lines in groups:
        for line in lines:
            yield f"    {tag:7}{line}"


def main() -> int:
    """Print one line for each fixture named (all by default) and one for the whole."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="ids of expected files; all when none is given")
    parser.add_argument("--errors", action="store_true", help="list each error with its surroundings")
    parser.add_argument("--record", action="store_true", help=f"write the scores to {RECORDED.name}")
    options = parser.parse_args()
    if options.record:
        if options.names:
            parser.error("--record takes all fixtures; leave the names out")
        record_scores()
    results: list[Comparison] = []
    print(f"{'fixture':32}{'wanted':>7}{'found':>7}{'false':>7}{'arms':>9}{'traps':>8}")
    for name in options.names or expected_ids():
        try:
            result = compare(records()[name], expected(name))
        except Misplaced as error:
            print(f"{name:32} cannot be compared: {error}")
            continue
        print(f"{name:32}{_row([result])}")
        if options.errors:
            print("\n".join(_lines(result)))
        results.append(result)
    print(f"{'all':32}{_row(results)}")
    summed = total(score(result) for result in results)
    print(f"recall {summed.recall:.3f}  precision {summed.precision:.3f}  arms {summed.arms:.3f}")
    return 0


def _row(results: list[Comparison]) -> str:
    summed = total(score(result) for result in results)
    arms, traps = f"{summed.arms_right}/{summed.arms_asked}", f"{summed.traps}/{summed.traps_asked}"
    return f"{summed.wanted:7}{summed.found:7}{summed.false:7}{arms:>9}{traps:>8}"


if __name__ == "__main__":
    sys.exit(main())
