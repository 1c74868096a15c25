"""One article through the whole pipeline: bytes to documents, to findings, to checked records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extractor.errors import ExtractorError, InternalError
from extractor.records.models import Record
from extractor.settings import DEFAULTS, Settings
from extractor.sources.raw import RawArticle


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
        from extractor.documents.reader import read

        try:
            documents = read(raw, self.settings)
        except ExtractorError as error:
            yield Failure(raw.name, error)
            return
        except Exception as error:
            yield Failure(raw.name, internal(raw, raw.name, error))
            return
        from extractor.checks import run_checks
        from extractor.records.assemble import assemble

        for document in documents:
            try:
                yield run_checks(assemble(raw, document, self.nlp))
            except ExtractorError as error:
                yield Failure(document.id, error)
            except Exception as error:
                yield Failure(document.id, internal(raw, document.id, error))

    def records(self, raw: RawArticle) -> list[Record]:
        """Every record of `raw`; raises the ExtractorError of the first article that fails."""
        records = []
        for outcome in self.outcomes(raw):
            if isinstance(outcome, Failure):
                raise outcome.error
            records.append(outcome)
        return records


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
