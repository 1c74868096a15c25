"""Records as files: `DIR/records/<id>.json`, each written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Container
from pathlib import Path

from extractor.errors import OutputError, UsageError
from extractor.records.models import Record

MAX_NAME_BYTES = 200
"""Of an id: file systems take names of 255 bytes, and `.json`, a suffix and the temporary name need some."""


class RecordFolder:
    """The `records` folder of a batch's output. Raises UsageError if it cannot be made or written to."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.path = out / "records"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            probe = self.path / ".probe.tmp"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise UsageError(f"--out {out}: cannot write there ({error.strerror}); name another folder") from error

    def clean(self) -> None:
        """Take away the temporary files of a killed run."""
        for left_over in self.path.glob(".*.tmp"):
            left_over.unlink(missing_ok=True)

    def name(self, record_id: str) -> str:
        """Where the record of this id stands, relative to the output folder."""
        return f"records/{record_id}.json"

    def holds(self, record_id: str) -> bool:
        """Whether the record of this id is there."""
        return (self.path / f"{record_id}.json").is_file()

    def write(self, record_id: str, record: bytes) -> None:
        """Put the record into its place in one step; raises OutputError and leaves no half file."""
        final = self.path / f"{record_id}.json"
        part = self.path / f".{record_id}.tmp"
        try:
            part.write_bytes(record)
            os.replace(part, final)
        except BaseException as error:
            part.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise OutputError(f"cannot write {final}: {error.strerror}") from error
            raise

    def remove(self, record_id: str) -> None:
        """Take away a record that its input no longer gives."""
        (self.path / f"{record_id}.json").unlink(missing_ok=True)


def file_id(article_id: str) -> str:
    """The article's id as it can name a file on every system: no separators or control characters, not too long.

    An id that already can is returned unchanged.
    """
    clean = "".join("_" if c in "/\\" or unicodedata.category(c) in ("Cc", "Cs") else c for c in article_id).strip()
    if clean.startswith("."):
        clean = "_" + clean[1:]
    if len(clean.encode()) > MAX_NAME_BYTES:
        digest = hashlib.sha256(clean.encode()).hexdigest()[:8]
        clean = clean.encode()[: MAX_NAME_BYTES - 9].decode(errors="ignore") + "-" + digest
    return clean or "article"


def unique_id(wanted: str, taken: Container[str], start: int = 1) -> str:
    """`wanted`, or with the first free suffix `-2`, `-3`, ...; `taken` holds ids as `id_key` gives them.

    Counting begins at `start`: 1 is the bare id.
    """
    number = start
    while id_key(candidate := wanted if number == 1 else f"{wanted}-{number}") in taken:
        number += 1
    return candidate


def id_key(record_id: str) -> str:
    """Equal for two ids that would name the same file where case or Unicode composition does not count."""
    return unicodedata.normalize("NFC", record_id).casefold()


def with_id(record: bytes, record_id: str) -> bytes:
    """The record's JSON under another id."""
    model = Record.model_validate_json(record)
    article = model.article.model_copy(update={"id": record_id})
    return model.model_copy(update={"article": article}).to_json().encode()
