"""One article through the whole pipeline: bytes to documents, to findings, to checked records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from extractor.documents.model import Document
from extractor.errors import ExtractorError, InternalError
from extractor.records.models import Record
from extractor.settings import DEFAULTS, Settings
from extractor.sources.raw import RawArticle

ARTICLES_AT_ONCE = 64
"""Articles that go through each step together, at most. For 1,000 abstracts the components took 4.5 times a bare
tokenization one by one, 3.6 by 8, 3.4 by 32 and 3.2 by 128 or more."""
CHARACTERS_AT_ONCE = 200_000
"""The same in characters, unless one article alone is longer: what the rules hold of an article takes memory."""

T = TypeVar("T")
_Read = tuple[RawArticle, Document]


@dataclass(frozen=True)
class Failure:
    """An article that gave no record. `id` is the document's id where reading got that far, else the input's name."""

    id: str
    error: ExtractorError


class Extractor:
    """Holds the spaCy pipeline, built once (about a second); call it for as many articles as you like.

    Raises LexiconError on construction if a lexicon is malformed.
    """

    def __init__(self, settings: Settings = DEFAULTS) -> None:
        from extractor.rules.pipeline import build

        self.settings = settings
        self.nlp = build()

    def outcomes(self, raw: RawArticle) -> Iterator[Record | Failure]:
        """One outcome for each article in `raw`, in order; a broken article never stops the ones after it.

        A bug met on the way becomes an InternalError that names the article and the original error.
        """
        for portion in _portions(self._read(raw), _size):
            yield from self._finish(portion)

    def outcomes_of(self, raws: Sequence[RawArticle]) -> list[list[Record | Failure]]:
        """The outcomes of each of `raws`, worked on together: that is faster than one by one, with the same result."""
        found: list[list[Record | Failure]] = [[] for _ in raws]
        read = ((index, given) for index, raw in enumerate(raws) for given in self._read(raw))
        for portion in _portions(read, lambda pair: _size(pair[1])):
            for (index, _), outcome in zip(portion, self._finish([given for _, given in portion]), strict=True):
                found[index].append(outcome)
        return found

    def _read(self, raw: RawArticle) -> Iterator[_Read | Failure]:
        from extractor.documents.reader import read

        try:
            for document in read(raw, self.settings):
                yield raw, document
        except ExtractorError as error:
            yield Failure(raw.name, error)
        except Exception as error:
            yield Failure(raw.name, internal(raw, raw.name, error))

    def _finish(self, portion: list[_Read | Failure]) -> list[Record | Failure]:
        """The outcomes of articles that were read. If a rule fails, each is done alone, to find the one it fails on."""
        given = [one for one in portion if not isinstance(one, Failure)]
        try:
            records: Iterator[Record | Failure] = iter(self._records_of(given))
        except Exception:
            records = map(self._alone, given)
        return [one if isinstance(one, Failure) else next(records) for one in portion]

    def _records_of(self, given: Sequence[_Read]) -> list[Record]:
        """Checked records. Each step is done for all articles before the next: see `rules.component`."""
        from extractor.checks import run_checks
        from extractor.records.assemble import assemble, prepare

        docs = [prepare(document, self.nlp) for _, document in given]
        for _ in self.nlp.pipe([doc for doc in docs if doc is not None], batch_size=max(1, len(docs))):
            pass  # the components work in place
        records = [assemble(raw, document, doc) for (raw, document), doc in zip(given, docs, strict=True)]
        return [run_checks(record) for record in records]

    def _alone(self, one: _Read) -> Record | Failure:
        raw, document = one
        try:
            return self._records_of([one])[0]
        except ExtractorError as error:
            return Failure(document.id, error)
        except Exception as error:
            return Failure(document.id, internal(raw, document.id, error))

    def records(self, raw: RawArticle) -> list[Record]:
        """Every record of `raw`; raises the ExtractorError of the first article that fails."""
        records = []
        for outcome in self.outcomes(raw):
            if isinstance(outcome, Failure):
                raise outcome.error
            records.append(outcome)
        return records


def _size(one: _Read | Failure) -> int:
    """Characters."""
    return 0 if isinstance(one, Failure) else len(one[1].text)


def _portions(given: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """Articles to work on together."""
    portion: list[T] = []
    held = 0
    for one in given:
        portion.append(one)
        held += size(one)
        if len(portion) >= ARTICLES_AT_ONCE or held >= CHARACTERS_AT_ONCE:
            yield portion
            portion, held = [], 0
    if portion:
        yield portion


def internal(raw: RawArticle, article_id: str, error: Exception) -> InternalError:
    """The error to report for a bug: which article, what went wrong, where in our code."""
    place = raw.place if article_id == raw.name else f"{raw.place}, article {article_id}"
    message = " ".join(str(error).split())[:300]
    trouble = InternalError(f"{place}: {type(error).__name__}: {message}{_where(error)}; please report this article")
    trouble.__cause__ = error
    return trouble


def _where(error: Exception) -> str:
    """The innermost line of this package in the traceback, as " (rules/arm.py:12)"; "" if there is none."""
    place, step = "", error.__traceback__
    while step is not None:
        module = step.tb_frame.f_globals.get("__name__", "")
        if module.startswith("extractor."):
            place = f" ({module}:{step.tb_lineno})"
        step = step.tb_next
    return place
