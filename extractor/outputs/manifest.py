"""The batch's account of its inputs: `manifest.jsonl`, one JSON object per article.

Lines are only ever appended while a batch runs, all the lines of one input in one write, so a killed run leaves a
readable file of which at most the last line is cut. Later lines for an input replace its earlier ones; `close`
brings the file back to one entry per input, in the order of the inputs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, ValidationError

from extractor.errors import OutputError
from extractor.records.models import Model, Offset

State = Literal["done", "failed"]


class ManifestLine(Model):
    """What became of one article. An input that holds several has `articles` lines, numbered by `article` from 1.

    `place` is the input as the user named it (`archive.zip!member.xml` for an archive member).
    `done`: the record stands at `record`, a path relative to the output folder, and holds `facts` facts.
    `failed`: `reason` is a short stable word, `message` the sentence for people.
    `sha256` is of the input's raw bytes, null where they could not be read; `version` and `rules` say which program
    came to this; `seconds` is the time that the article took.
    """

    place: str
    id: str | None
    state: State
    reason: str | None = None
    message: str | None = None
    sha256: str | None = None
    version: str
    rules: str
    seconds: Annotated[float, Field(ge=0)]
    record: str | None = None
    facts: Offset | None = None
    article: Annotated[int, Field(ge=1)] = 1
    articles: Annotated[int, Field(ge=1)] = 1


def manifest_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of one line of the manifest."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ManifestLine.model_json_schema()}


class Entry(NamedTuple):
    """What the manifest knows of one input: where its lines stand in the file, and what they say."""

    start: int
    size: int
    sha256: str | None
    version: str
    rules: str
    ids: tuple[str, ...]
    """Of the records made, in order."""
    complete: bool
    """Whether every article of the input is done."""


class Manifest:
    """The manifest of one output folder, open for appending. `entries` maps each input's place to its Entry.

    Raises OutputError if the file cannot be read or written, or is no manifest.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[str, Entry] = {}
        self._untidy = False
        try:
            self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - stays open until `close`
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror}") from error
        try:
            self._load()
        except BaseException:
            self._file.close()
            raise
        self._old = frozenset(self.entries)

    def append(self, lines: list[ManifestLine]) -> None:
        """Add all the lines of one input in one write; raises OutputError and leaves the file as it was."""
        start = os.fstat(self._file.fileno()).st_size
        block = "".join(line.model_dump_json() + "\n" for line in lines).encode()
        try:
            _write_all(self._file.fileno(), block)
        except BaseException as error:
            with suppress(OSError):
                self._file.truncate(start)
            if isinstance(error, OSError):
                raise OutputError(f"cannot write {self.path}: {error.strerror}") from error
            raise
        self._untidy |= bool(self._old)
        self.entries[lines[0].place] = _entry(lines, start, len(block))

    def forget(self, place: str) -> None:
        """Drop what is known of an input, because the id of its record went to another."""
        self._untidy |= self.entries.pop(place, None) is not None

    def close(self, order: Iterable[str] | None = None) -> None:
        """Close the file; given an `order` of places, first drop replaced lines and sort by it, the others last.

        A file that nothing was added to since it was tidy is not touched.
        """
        try:
            if self._untidy and order is not None:
                self._tidy(order)
        except OSError as error:
            raise OutputError(f"cannot write {self.path}: {error.strerror}") from error
        finally:
            self._file.close()

    def _tidy(self, order: Iterable[str]) -> None:
        places = dict.fromkeys(place for place in order if place in self.entries)
        places.update(dict.fromkeys(self.entries))
        part = self.path.with_name(f".{self.path.name}.tmp")
        try:
            with open(self.path, "rb") as old, open(part, "wb") as new:
                for place in places:
                    entry = self.entries[place]
                    old.seek(entry.start)
                    new.write(old.read(entry.size))
            os.replace(part, self.path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _load(self) -> None:
        end = 0
        group: list[ManifestLine] = []
        start = 0
        with open(self.path, "rb") as file:
            for number, raw in enumerate(file, start=1):
                if not raw.endswith(b"\n"):
                    break  # cut by a killed run, so its article counts as not done
                line = self._parse(raw, number)
                if not group or line.place != group[0].place or line.article == 1:
                    self._close_group(group, start, end)
                    group, start = [], end
                group.append(line)
                end += len(raw)
            self._close_group(group, start, end)
        if end != os.path.getsize(self.path):
            self._file.truncate(end)

    def _parse(self, raw: bytes, number: int) -> ManifestLine:
        try:
            return ManifestLine.model_validate_json(raw)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise OutputError(
                f"{self.path}, line {number}: not a manifest line ({field + ': ' if field else ''}{first['msg']}); "
                "move the file away or choose another --out"
            ) from error

    def _close_group(self, lines: list[ManifestLine], start: int, end: int) -> None:
        if lines:
            self._untidy |= self.entries.pop(lines[0].place, None) is not None
            self.entries[lines[0].place] = _entry(lines, start, end - start)


def _entry(lines: list[ManifestLine], start: int, size: int) -> Entry:
    first = lines[0]
    return Entry(
        start,
        size,
        first.sha256,
        sys.intern(first.version),
        sys.intern(first.rules),
        tuple(line.id for line in lines if line.state == "done" and line.id is not None),
        len(lines) == first.articles and all(line.state == "done" for line in lines),
    )


def _write_all(descriptor: int, block: bytes) -> None:
    """Write every byte; a full disk takes some of them first and only then raises."""
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]
