"""What `extractor check` does: records read, held against their source and study, and reported."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from extractor.checks import run_checks
from extractor.checks.against_study import compare, with_comparison
from extractor.checks.load import EditedRecord, load_record, read_record
from extractor.checks.source import check_against_source, source_missing
from extractor.checks.structure import structure_checks
from extractor.documents.model import Document
from extractor.errors import ExtractorError, MissingSource, RecordError, UsageError
from extractor.extract import Extractor
from extractor.outputs.check_report import CheckedRecord
from extractor.records.models import Record
from extractor.sources import sets
from extractor.sources.raw import RawArticle
from extractor.sources.store import FailedInput, read_inputs

LARGEST_RECORD = 200_000_000
"""Bytes; a record of the longest full text is under 20 MB."""


def record_files(given: Sequence[str]) -> Iterator[Path]:
    """The record files meant: files as named, there or not; of a folder its `records/*.json` or `*.json`.

    Raises UsageError for a folder without records.
    """
    for name in given:
        path = Path(name)
        if not os.path.isdir(path):
            yield path
            continue
        folder = path / "records" if os.path.isdir(path / "records") else path
        found = sorted(folder.glob("*.json"))
        if not found:
            raise UsageError(f"{name}: no records (*.json) in it")
        yield from found


@dataclass
class Checker:
    """Checks records one by one. `source` is where the sources are if not where the records say: a file or a folder.

    `disabled` are names of checks to leave out; `read_source` tells whether sources are read at all.
    """

    disabled: frozenset[str] = frozenset()
    source: Path | None = None
    read_source: bool = True
    against: Record | None = None
    _archives: dict[str, dict[str, list[RawArticle]]] = field(default_factory=dict)
    _sets: dict[str, _Set] = field(default_factory=dict)
    _read_last: tuple[str, Sequence[Document]] | None = None
    _made_last: tuple[str, Sequence[Record]] | None = None

    @cached_property
    def extractor(self) -> Extractor:
        """Built only when something has to be extracted."""
        return Extractor()

    def check(self, path: Path) -> CheckedRecord:
        """The record in `path` with the outcome of all checks; raises RecordError or MissingSource if it is none."""
        edited = read_record(path)
        record = self._checked(edited)
        if self.read_source:
            record = self._with_source(record, path)
        if self.against is None:
            return CheckedRecord(str(path), self._without_disabled(record))
        comparison = compare(record, self.against)
        record = self._without_disabled(with_comparison(record, comparison))
        return CheckedRecord(str(path), record, comparison, self.against)

    def _checked(self, edited: EditedRecord) -> Record:
        faults = tuple(structure_checks(edited))
        checked = run_checks(edited, disabled=self.disabled)
        return checked.model_copy(update={"checks": (*faults, *checked.checks)})

    def _without_disabled(self, record: Record) -> Record:
        if not self.disabled:
            return record
        facts = tuple(
            fact.model_copy(update={"checks": tuple(c for c in fact.checks if c.name not in self.disabled)})
            for fact in record.facts
        )
        checks = tuple(c for c in record.checks if c.name not in self.disabled)
        return record.model_copy(update={"facts": facts, "checks": checks})

    def _with_source(self, record: Record, path: Path) -> Record:
        try:
            raw = self._source_of(record, path)
        except MissingSource as error:
            return source_missing(record, str(error))
        except ExtractorError as error:
            return source_missing(record, f"the source can't be read: {error}")
        return check_against_source(record, raw, self._documents, self._fresh)

    def _documents(self, raw: RawArticle) -> Sequence[Document]:
        """The source's documents; kept until another source is read, as one file may hold hundreds of articles."""
        from extractor.documents.reader import read

        if self._read_last is None or self._read_last[0] != _key(raw):
            self._read_last = _key(raw), read(raw)
        return self._read_last[1]

    def _fresh(self, raw: RawArticle) -> Sequence[Record]:
        if self._made_last is None or self._made_last[0] != _key(raw):
            self._made_last = _key(raw), self.extractor.records(raw)
        return self._made_last[1]

    def _source_of(self, record: Record, path: Path) -> RawArticle:
        """The source's bytes: from `--source`, the path in the record, or that path seen from the record's folder."""
        written = record.article.source.path
        tried: list[Path] = []
        if self.source is not None:
            given = (
                self.source / Path(written.split("!")[-1]).name
                if os.path.isdir(self.source) and written
                else self.source
            )
            tried = [given]
        elif written is None or written == "-":
            where = record.article.source.url or "standard input"
            raise MissingSource(f"the record was made from {where}; name its file with --source to compare")
        else:
            outer, _, _ = written.partition("!")
            tried = [Path(outer), path.parent / outer, path.parent.parent / outer, path.parent / Path(outer).name]
        for candidate in tried:
            if os.path.isfile(candidate):  # False, too, for a name that no file can have
                return self._read(candidate, record)
        raise MissingSource(f"{tried[0]}: the source is missing; name it with --source FILE_OR_FOLDER")

    def _read(self, file: Path, record: Record) -> RawArticle:
        written = record.article.source.path
        _, inside, member = (written or "").partition("!")
        if inside and self.source is None:
            if str(file) not in self._archives:
                members: dict[str, list[RawArticle]] = {}
                for given in read_inputs([file]):
                    if isinstance(given, RawArticle):
                        members.setdefault((given.path or "").partition("!")[2], []).append(given)
                self._archives = {str(file): members}  # one archive at a time: they may be large
            found = self._archives[str(file)].get(member, [])
        else:
            found = self._set_of(file)
        if not found:
            raise MissingSource(f"{written or file}: the source is missing; name it with --source FILE_OR_FOLDER")
        return found[0] if len(found) == 1 else self._one_of_set(found, record)

    def _set_of(self, file: Path) -> list[RawArticle]:
        """The articles of a file; of a large set its parts, which stay in memory until another set is read."""
        status = file.stat()
        key = f"{file} {status.st_size} {status.st_mtime_ns}"
        if key in self._sets:
            return self._sets[key].parts
        found: list[RawArticle] = []
        for given in read_inputs([file]):
            if isinstance(given, FailedInput):
                raise given.error
            found.append(given)
            if given.first_article is None and len(found) > 1:
                break
        if len(found) > 1 and found[0].first_article is not None:
            self._sets = {key: _Set(found)}
        return found

    def _one_of_set(self, parts: list[RawArticle], record: Record) -> RawArticle:
        """The article of the record, cut out of its set by its identifier; else the part that holds its text."""
        if parts[0].first_article is None:
            return parts[0]
        known = next((of_set for of_set in self._sets.values() if of_set.parts is parts), None) or _Set(parts)
        own = record.article.identifiers
        for identifier in (own.pmid, (own.pmcid or "").upper().removeprefix("PMC")):
            part = known.by_identifier.get(identifier or "")
            article = sets.single(part, identifier) if part is not None and identifier else None
            if article is not None:
                return article
        for part in parts:
            if any(document.text == record.text for document in self._documents(part)):
                return part
        return parts[0]


class _Set:
    """The parts of a large set, and in which of them each article is."""

    def __init__(self, parts: list[RawArticle]) -> None:
        self.parts = parts

    @cached_property
    def by_identifier(self) -> dict[str, RawArticle]:
        """The part of each PMID and PMCID, in digits; the first where one comes twice."""
        found: dict[str, RawArticle] = {}
        for part in self.parts:
            for identifier in sets.identifiers(part):
                found.setdefault(identifier, part)
        return found


def _key(raw: RawArticle) -> str:
    return f"{raw.sha256} {raw.first_article} {len(raw.content)}"


def study_of(given: str, checker: Checker) -> Record:
    """The study to compare with: a record, or an article to extract first.

    Raises UsageError if the file holds neither, or several articles.
    """
    path = Path(given)
    if not os.path.isfile(path):
        raise UsageError(f"--against {given}: no such file")
    try:
        content = path.read_bytes()[:LARGEST_RECORD]
    except OSError as error:
        raise UsageError(f"--against {given}: cannot be read ({error.strerror})") from error
    if path.suffix == ".json" or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        try:
            return run_checks(load_record(content, given))
        except RecordError as error:
            raise UsageError(f"--against {error}") from error
    found = []
    for article in read_inputs([given]):
        if isinstance(article, FailedInput):
            raise UsageError(f"--against {article.error}") from article.error
        try:
            found.extend(checker.extractor.records(article))
        except ExtractorError as error:
            raise UsageError(f"--against {given}: {error}") from error
    if len(found) != 1:
        raise UsageError(f"--against {given}: holds {len(found)} articles; name one record or one article")
    return found[0]
