"""The folder that fetched articles are saved in: raw bytes, their provenance beside them, and the manifest.

    PMID29768149.xml                    the bytes as received
    PMID29768149.provenance.json        where they came from
    manifest.fetch.jsonl                one line for each reference: what became of it

Every file is written under another name and then renamed, the provenance first, so whatever stands under an article's
name is whole and has its provenance. After a loss of power a renamed file may still be empty; its sha256 then differs
from the provenance and the next run fetches it again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from extractor.errors import UsageError
from extractor.sources.references import canonical_url

MANIFEST = "manifest.fetch.jsonl"
_PROVENANCE = ".provenance.json"
_TEMPORARY = ".fetch-"
_SUFFIXES = (".xml", ".html", ".txt")
_SLUG_LENGTH = 80

Status = Literal["saved", "unchanged", "failed", "expanded"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one reference: a line of the manifest.

    `status` is "saved", "unchanged" (it was there, whole), "expanded" (a feed or a query, whose articles have lines of
    their own) or "failed". `reason` is a stable word for what is wrong, also for a saved article that is not the full
    one ("paywalled"), and None if all is well. `notes` are remarks that take nothing away ("retracted", "no_abstract").
    """

    reference: str
    key: str
    status: Status
    id: str | None = None
    file: str | None = None
    url: str | None = None
    sha256: str | None = None
    reason: str | None = None
    message: str | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One line, without the line break."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields, ensure_ascii=False)


@dataclass(frozen=True)
class Provenance:
    """Where an article's bytes came from. Addresses are free of credentials, `sha256` is of the saved file.

    `slice_of` tells of the whole answer (`url`, `sha256`, `articles`) if the file is one article of several in it;
    `url` is then the address that gives this article alone.
    """

    reference: str
    url: str
    final_url: str
    retrieved_at: str
    status: int
    headers: Mapping[str, str]
    content_type: str
    sha256: str
    slice_of: Mapping[str, str | int] | None = None
    redirects: tuple[str, ...] = ()
    title: str | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Indented JSON with a final line break; the same provenance gives the same bytes."""
        fields = {**self.__dict__, "headers": dict(self.headers), "identifiers": dict(self.identifiers)}
        return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


class ArticleFolder:
    """Saves articles and outcomes in one folder. May be used by several threads; by one run at a time.

    Raises `UsageError` if the folder cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._written: dict[str, int] = {}  # key -> offset of its newest line
        self._owners: dict[str, str] = {}  # id -> key of the address it was given to
        try:
            path.mkdir(parents=True, exist_ok=True)
            for leftover in path.glob(f"{_TEMPORARY}*"):
                leftover.unlink(missing_ok=True)
            self._manifest = (path / MANIFEST).open("a+b")
        except OSError as error:
            raise UsageError(f"--out {path}: cannot be written ({error.strerror}); choose another folder") from None
        self._load_manifest()

    def __enter__(self) -> ArticleFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self._manifest.close()

    def intact(self, identifier: str) -> Provenance | None:
        """The provenance of an article that is there and whole, or None."""
        try:
            fields = json.loads((self.path / f"{identifier}{_PROVENANCE}").read_bytes())
            known = {name: fields[name] for name in Provenance.__dataclass_fields__ if name in fields}
            known |= {name: tuple(known.get(name) or ()) for name in ("redirects", "notes")}
            provenance = Provenance(**known)
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        file = self.file_of(identifier)
        if file is None or hashlib.sha256(file.read_bytes()).hexdigest() != provenance.sha256:
            return None
        return provenance

    def file_of(self, identifier: str) -> Path | None:
        """The article's file, or None."""
        paths = (self.path / f"{identifier}{suffix}" for suffix in _SUFFIXES)
        return next((path for path in paths if path.is_file()), None)

    def save(self, identifier: str, suffix: str, content: bytes, provenance: Provenance) -> bool:
        """Write an article and its provenance; False, and nothing written, if the same bytes are already there."""
        before = self.intact(identifier)
        if before is not None and before.sha256 == provenance.sha256 and before.notes == provenance.notes:
            return False
        self.write(f"{identifier}{_PROVENANCE}", provenance.to_json().encode())
        self.write(f"{identifier}{suffix}", content)
        for other in _SUFFIXES:  # the same article may have come in another format before
            if other != suffix:
                (self.path / f"{identifier}{other}").unlink(missing_ok=True)
        return True

    def write(self, name: str, content: bytes) -> None:
        """Write a file so that it is there whole or not at all."""
        descriptor, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=self.path)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
            Path(temporary).chmod(0o644)
            os.replace(temporary, self.path / name)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise

    def identifier_of_url(self, url: str) -> str:
        """The id of a page: a slug of its address, with a hash where the slug alone could stand for another page."""
        key = f"url:{canonical_url(url)}"
        slug, whole = slug_of(url)
        with self._lock:
            for candidate in ((slug,) if whole else ()) + (f"{slug}-{hashlib.sha256(key.encode()).hexdigest()[:8]}",):
                if self._owners.setdefault(candidate, key) == key:
                    return candidate
        raise AssertionError(f"two addresses with one hash: {key}")

    def record(self, outcome: Outcome) -> None:
        """Append the outcome to the manifest at once, so that a crash leaves what was done so far."""
        line = outcome.to_json().encode() + b"\n"
        with self._lock:
            self._written[outcome.key] = self._manifest.seek(0, os.SEEK_END)
            self._manifest.write(line)
            self._manifest.flush()

    def outcome_of(self, key: str) -> Outcome | None:
        """The newest outcome of a reference, of this run or an earlier one."""
        with self._lock:
            offset = self._written.get(key)
            return None if offset is None else _parse_outcome(self._line_at(offset))

    def outcomes(self) -> Iterator[Outcome]:
        """The newest outcome of every reference ever asked for here, in the order first asked."""
        for key in list(self._written):
            outcome = self.outcome_of(key)
            if outcome is not None:
                yield outcome

    def compact(self, order: Iterable[str]) -> None:
        """Rewrite the manifest with one line for each reference: earlier runs' first, then `order`, the order asked."""
        with self._lock:
            keys = dict.fromkeys([*self._earlier, *order, *self._written])
            descriptor, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=self.path)
            with os.fdopen(descriptor, "wb") as stream:
                stream.writelines(self._line_at(self._written[key]) for key in keys if key in self._written)
            Path(temporary).chmod(0o644)
            self._manifest.close()
            os.replace(temporary, self.path / MANIFEST)
            self._manifest = (self.path / MANIFEST).open("a+b")
            self._index()

    def _load_manifest(self) -> None:
        self._index()
        self._earlier = list(self._written)
        for key, offset in self._written.items():
            if key.startswith("url:") and (outcome := _parse_outcome(self._line_at(offset))) and outcome.id:
                self._owners[outcome.id] = key

    def _index(self) -> None:
        """Where each reference's newest line begins. A line cut by a crash is ended, and passed over."""
        self._written.clear()
        self._manifest.seek(0)
        offset = 0
        line = b""
        for line in self._manifest:
            outcome = _parse_outcome(line)
            if outcome is not None:
                self._written[outcome.key] = offset
            offset += len(line)
        if line and not line.endswith(b"\n"):
            self._manifest.write(b"\n")
            self._manifest.flush()

    def _line_at(self, offset: int) -> bytes:
        self._manifest.seek(offset)
        return self._manifest.readline()


def _parse_outcome(line: bytes) -> Outcome | None:
    try:
        fields: dict[str, Any] = json.loads(line)
        return Outcome(**{**fields, "notes": tuple(fields.get("notes") or ())})
    except (ValueError, TypeError, AttributeError):
        return None


def slug_of(url: str) -> tuple[str, bool]:
    """A file name for an address, and whether the whole address is in it (no query, nothing cut or replaced)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    path = unquote(parts.path).strip("/")
    plain = unicodedata.normalize("NFKD", f"{host}/{path}").encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    whole = not parts.query and len(slug) <= _SLUG_LENGTH and plain == f"{host}/{path}".lower()
    return slug[:_SLUG_LENGTH].strip("-") or "page", whole
