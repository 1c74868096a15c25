"""Read articles from files, folders, archives and standard input, one at a time.

Gives `RawArticle`s, and a `FailedInput` for what cannot be had, so that one broken file never stops the others.
Nothing is ever written to disk, archive members are never unpacked to a path, and every limit of `settings` is
enforced while bytes are read, so a small file that unpacks to a huge one never fills the memory.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from extractor.errors import DamagedSource, MissingSource, SourceError, TooLarge, UnsafeArchive, UnsupportedFormat
from extractor.settings import DEFAULTS, Settings
from extractor.sources.raw import RawArticle
from extractor.sources.sets import is_set, parts

_CHUNK = 1 << 16
_RATIO_FLOOR = 1 << 16
"""Bytes below which the compression ratio is not looked at: a short file of one repeated word is no bomb."""
_PROVENANCE_SUFFIX = ".provenance.json"
_MAX_PROVENANCE_BYTES = 1_000_000
_PASSED_OVER = re.compile(r"(?:\.jsonl?|\.ann|\.provenance\.json)$|^manifest(?:\.[^/]*)?$", re.IGNORECASE)
_ARCHIVE_LIKE_FORMATS = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".jar", ".apk")
_DOUBLE_SUFFIX = re.compile(r"(?:\.(?:xml|nxml|html?|xhtml|txt))?\.gz$", re.IGNORECASE)
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class FailedInput:
    """An input, or a member of one, that gives no article: `place` as in `RawArticle.path`, and why."""

    place: str
    error: SourceError


Reading = RawArticle | FailedInput


def read_inputs(inputs: Sequence[Path | str], settings: Settings = DEFAULTS) -> Iterator[Reading]:
    """Every article under `inputs`, in the order given; folders and zip files in the order of their names.

    A set of many articles comes in parts of some hundreds (see `sets`).

    An input is a file, a folder (read to any depth; hidden files are skipped), a `.zip`, `.tar`, `.tar.gz`, `.tgz` or
    `.gz` file, or `-` for standard input. Inside folders and archives the files that a batch or an annotator leaves
    there (`*.json`, `*.jsonl`, `*.ann`, `manifest.*`) are no articles and are passed over; any other file is given,
    and fails by its content if it is none. At most one article's bytes are held at a time. Raises nothing itself.
    """
    for given in inputs:
        if str(given) == "-":
            yield from _guarded_stdin(settings)
        else:
            yield from _read_path(Path(given), settings)


def read_stdin(settings: Settings = DEFAULTS, stream: IO[bytes] | None = None) -> RawArticle:
    """The article on standard input (or `stream`), named `stdin`. Raises TooLarge over `max_article_bytes`."""
    source = stream if stream is not None else sys.stdin.buffer
    content = _read_bounded(source, "standard input", settings)
    if content.startswith(_GZIP_MAGIC):
        content = _gunzip(io.BytesIO(content), len(content), "standard input", settings)
    return RawArticle(content=content, name="stdin", path="-")


def count_inputs(inputs: Sequence[Path | str]) -> int | None:
    """How many articles and failures `read_inputs` will give, as far as names alone tell; None if a tar hides it.

    For showing progress only: nothing is opened but the directories of zip files, and nothing is raised.
    """
    total = 0
    for given in inputs:
        for file in _walk(Path(given)) if Path(given).is_dir() else (Path(given),):
            name = file.name.lower()
            if name.endswith((".tar", ".tgz", ".tar.gz")):
                return None
            if name.endswith(".zip"):
                with suppress(OSError, ValueError, EOFError, NotImplementedError, OverflowError, zipfile.BadZipFile):
                    with zipfile.ZipFile(file) as archive:
                        members = (member for member in archive.infolist() if not member.is_dir())
                        total += sum(not _is_passed_over_member(member.filename) for member in members)
                    continue
            total += 1
    return total


def _walk(folder: Path) -> Iterator[Path]:
    """The files that `_read_folder` would read, in no order."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, n) for n in names if not n.startswith(".") and not _PASSED_OVER.search(n))


def _guarded_stdin(settings: Settings) -> Iterator[Reading]:
    try:
        given = read_stdin(settings)
    except SourceError as error:
        yield FailedInput("-", error)
    else:
        yield from parts(given)


def _read_path(path: Path, settings: Settings) -> Iterator[Reading]:
    place = _readable(str(path))
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        yield FailedInput(place, MissingSource(f"{place}: no such file or folder; check the spelling"))
        return
    except (OSError, ValueError) as error:
        yield FailedInput(place, SourceError(f"{place}: cannot be read ({_reason(error)})"))
        return
    if stat.S_ISDIR(mode):
        yield from _read_folder(path, settings)
    elif stat.S_ISREG(mode):
        yield from _read_file(path, settings)
    else:
        # Opening a pipe or a device would wait for ever or give bytes without end.
        yield FailedInput(place, UnsupportedFormat(f"{place}: neither a file nor a folder; give a regular file, or -"))


def _read_folder(folder: Path, settings: Settings) -> Iterator[Reading]:
    place = _readable(str(folder))
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
    except OSError as error:
        yield FailedInput(place, SourceError(f"{place}: the folder cannot be listed ({_reason(error)})"))
        return
    for name in names:
        path = folder / name
        if path.is_symlink() and path.is_dir():
            continue  # a linked folder is read where it really is; following it could go round in circles
        if path.is_dir() or not _PASSED_OVER.search(name):
            yield from _read_path(path, settings)


def _read_file(path: Path, settings: Settings) -> Iterator[Reading]:
    place = _readable(str(path))
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
            stream.seek(0)
            kind = _archive_kind(path.name, head)
            if kind == "zip":
                yield from _read_zip(stream, place, settings)
            elif kind == "tar":
                yield from _read_tar(stream, place, settings)
            elif kind == "gzip":
                yield from _read_gzip(path, stream, place, settings)
            else:
                content = _read_bounded(stream, place, settings, size=path.stat().st_size)
                yield from _with_provenance(content, path, place)
    except SourceError as error:
        yield FailedInput(place, error)
    except OSError as error:
        yield FailedInput(place, SourceError(f"{place}: cannot be read ({_reason(error)}); check its permissions"))


def _archive_kind(name: str, head: bytes) -> str | None:
    """`zip`, `tar`, `gzip`, or None for a plain file; told by the first bytes, and by the name where they are cut."""
    lower = name.lower()
    if head.startswith(_ZIP_MAGIC) and not lower.endswith(_ARCHIVE_LIKE_FORMATS):
        return "zip"
    if head.startswith(_GZIP_MAGIC):
        return "gzip"
    if head[257:262] == b"ustar":
        return "tar"
    if lower.endswith(".zip") and head:
        return "zip"
    return None


# --- plain and gzipped files --------------------------------------------------------------------------------------


def _read_gzip(path: Path, stream: IO[bytes], place: str, settings: Settings) -> Iterator[Reading]:
    packed = path.stat().st_size
    if _is_tar_inside(stream):
        counted = _CountedReader(gzip.GzipFile(fileobj=stream, mode="rb"), stream, place, settings)
        yield from _read_tar(counted, place, settings)
        return
    content = _gunzip(stream, packed, place, settings)
    yield from _with_provenance(content, path, place)


def _is_tar_inside(stream: IO[bytes]) -> bool:
    try:
        head = gzip.GzipFile(fileobj=stream, mode="rb").read(512)
    except (OSError, EOFError, zlib.error):
        head = b""
    stream.seek(0)
    return head[257:262] == b"ustar"


def _gunzip(stream: IO[bytes], packed: int, place: str, settings: Settings) -> bytes:
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as unpacked:
            return _read_bounded(cast(IO[bytes], unpacked), place, settings, packed=packed)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DamagedSource(f"{place}: the gzip data is cut off or damaged ({error}); get the file again") from error


def _read_bounded(
    stream: IO[bytes], place: str, settings: Settings, *, size: int | None = None, packed: int | None = None
) -> bytes:
    """All bytes of `stream`, never holding more than the limit; `packed` bytes is what they were unpacked from.

    Raises TooLarge, or UnsafeArchive when the ratio to `packed` is over the limit.
    """
    head = stream.read(_CHUNK)
    limit = settings.max_set_bytes if is_set(head) else settings.max_article_bytes
    if size is not None and size > limit:
        raise TooLarge(f"{place}: {size:,} bytes, over the limit of {limit:,} for one article; split the file")
    gathered = io.BytesIO()  # gives out what it gathered without holding it twice
    chunk = head
    while chunk:
        gathered.write(chunk)
        total = gathered.tell()
        if total > limit:
            raise TooLarge(f"{place}: over the limit of {limit:,} bytes for one article; split the file")
        _check_ratio(total, packed, place, settings)
        chunk = stream.read(_CHUNK)
    return gathered.getvalue()


def _check_ratio(unpacked: int, packed: int | None, place: str, settings: Settings) -> None:
    if packed is not None and unpacked > _RATIO_FLOOR and unpacked > settings.max_archive_ratio * max(packed, 1):
        raise UnsafeArchive(
            f"{place}: unpacks to over {settings.max_archive_ratio} times its size, as no article does; it was not read"
        )


def _with_provenance(content: bytes, path: Path, place: str) -> Iterator[Reading]:
    name = _stem(path.name)
    companion = path.with_name(name + _PROVENANCE_SUFFIX)
    provenance: dict[str, Any] = {}
    try:
        if companion.is_file():
            with companion.open("rb") as stream:
                provenance = _parse_provenance(stream.read(_MAX_PROVENANCE_BYTES + 1), str(companion))
    except OSError as error:
        yield FailedInput(str(companion), SourceError(f"{companion}: cannot be read ({_reason(error)})"))
    except SourceError as error:
        yield FailedInput(str(companion), error)
    yield from parts(_article(content, name, place, provenance))


def _parse_provenance(content: bytes, place: str) -> dict[str, Any]:
    try:
        parsed = json.loads(content)
    except ValueError as error:
        raise DamagedSource(f"{place}: not valid JSON ({error}); the article beside it is read without it") from error
    if not isinstance(parsed, dict):
        raise DamagedSource(f"{place}: holds no JSON object; the article beside it is read without it")
    return parsed


def _article(content: bytes, name: str, place: str, provenance: dict[str, Any]) -> RawArticle:
    def text(*keys: str) -> str | None:
        return next((provenance[key] for key in keys if isinstance(provenance.get(key), str)), None)

    headers = provenance.get("headers")
    return RawArticle(
        content=content,
        name=name,
        path=place,
        url=text("final_url", "url"),
        retrieved_at=text("retrieved_at"),
        content_type=text("content_type"),
        headers={str(k): str(v) for k, v in headers.items()} if isinstance(headers, dict) else {},
    )


# --- archives -----------------------------------------------------------------------------------------------------


def _read_zip(stream: IO[bytes], place: str, settings: Settings) -> Iterator[Reading]:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OverflowError) as error:
        raise DamagedSource(f"{place}: the zip file is cut off or damaged ({error}); get the file again") from error
    members = sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda m: m.filename)
    if len(members) > settings.max_archive_members:
        raise TooLarge(
            f"{place}: {len(members):,} members, over the limit of {settings.max_archive_members:,}; split it"
        )
    names = {member.filename: member for member in members}
    total = 0
    for member in members:
        if _is_passed_over_member(member.filename):
            continue
        member_place = f"{place}!{_readable(member.filename)}"
        try:
            _refuse_unsafe_name(member.filename, member_place)
            if stat.S_ISLNK(member.external_attr >> 16):
                raise UnsafeArchive(f"{member_place}: a link, not a file; it was not followed")
            content = _read_zip_member(archive, member, member_place, settings)
        except SourceError as error:
            yield FailedInput(member_place, error)
            continue
        total += len(content)
        if total > settings.max_archive_bytes:
            raise TooLarge(f"{place}: unpacks to over {settings.max_archive_bytes:,} bytes; split the archive")
        name = _stem(PurePosixPath(member.filename).name)
        provenance: dict[str, Any] = {}
        companion = names.get(str(PurePosixPath(member.filename).with_name(name + _PROVENANCE_SUFFIX)))
        if companion is not None:
            companion_place = f"{place}!{_readable(companion.filename)}"
            try:
                provenance = _parse_provenance(
                    _read_zip_member(archive, companion, companion_place, settings), companion_place
                )
            except SourceError as error:
                yield FailedInput(companion_place, error)
        yield from parts(_article(content, _readable(name), member_place, provenance))


def _read_zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: str, settings: Settings) -> bytes:
    if member.flag_bits & 0x1:
        raise SourceError(f"{place}: encrypted; unpack the archive with its password first")
    try:
        with archive.open(member) as stream:
            content = _read_bounded(stream, place, settings, packed=member.compress_size)
    except NotImplementedError as error:
        raise SourceError(
            f"{place}: a compression method Python cannot read ({error}); pack it with deflate"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise DamagedSource(f"{place}: cut off or damaged ({error}); get the archive again") from error
    return _unpack_member(content, place, settings)


def _read_tar(stream: IO[bytes] | _CountedReader, place: str, settings: Settings) -> Iterator[Reading]:
    # Read as a stream: members come in the archive's order, and a provenance file that follows its article is not seen.
    try:
        with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|") as archive:
            for count, member in enumerate(archive, start=1):
                if count > settings.max_archive_members:
                    raise TooLarge(f"{place}: over {settings.max_archive_members:,} members; split the archive")
                if member.isdir() or _is_passed_over_member(member.name):
                    continue
                member_place = f"{place}!{_readable(member.name)}"
                try:
                    content = _read_tar_member(archive, member, member_place, settings)
                except _RefusedArchive:
                    raise
                except SourceError as error:
                    yield FailedInput(member_place, error)
                    continue
                yield from parts(_article(content, _readable(_stem(PurePosixPath(member.name).name)), member_place, {}))
    except _RefusedArchive as error:
        raise UnsafeArchive(str(error)) from error
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DamagedSource(
            f"{place}: cut off or damaged ({error}); what came before was read, get the archive again"
        ) from error


def _read_tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo, place: str, settings: Settings) -> bytes:
    _refuse_unsafe_name(member.name, place)
    if not member.isreg():
        raise UnsafeArchive(f"{place}: a link or device, not a file; it was not followed")
    stream = archive.extractfile(member)
    if stream is None:
        raise UnsafeArchive(f"{place}: a link or device, not a file; it was not followed")
    with stream:
        content = _read_bounded(stream, place, settings, size=member.size)
    if len(content) < member.size:
        raise tarfile.ReadError("unexpected end of data")
    return _unpack_member(content, place, settings)


def _unpack_member(content: bytes, place: str, settings: Settings) -> bytes:
    """A gzipped article inside an archive is unpacked; anything else passes."""
    if not content.startswith(_GZIP_MAGIC):
        return content
    return _gunzip(io.BytesIO(content), len(content), place, settings)


class _RefusedArchive(UnsafeArchive):
    """Nothing after this point of the archive may be unpacked."""


class _CountedReader:
    """The unpacked bytes of a `.tar.gz`, refused once they are out of proportion to the packed bytes read so far."""

    def __init__(self, unpacked: gzip.GzipFile, packed: IO[bytes], place: str, settings: Settings) -> None:
        self._unpacked = unpacked
        self._packed = packed
        self._place = place
        self._settings = settings
        self._total = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._unpacked.read(size)
        self._total += len(chunk)
        if self._total > self._settings.max_archive_bytes:
            limit = self._settings.max_archive_bytes
            raise _RefusedArchive(f"{self._place}: unpacks to over {limit:,} bytes; split the archive")
        try:
            _check_ratio(self._total, self._packed.tell(), self._place, self._settings)
        except UnsafeArchive as error:
            raise _RefusedArchive(str(error)) from error
        return chunk


def _is_passed_over_member(name: str) -> bool:
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if not parts or any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return True
    return bool(_PASSED_OVER.search(parts[-1]))


def _refuse_unsafe_name(name: str, place: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in parts:
        raise UnsafeArchive(f"{place}: its path leaves the archive; it was not read")


# --- names --------------------------------------------------------------------------------------------------------


def _stem(name: str) -> str:
    """`trial.xml.gz` and `trial.html` are both `trial`."""
    without_gzip = _DOUBLE_SUFFIX.sub("", name)
    return _readable(without_gzip if without_gzip != name else Path(name).stem) or "article"


def _readable(name: str) -> str:
    """The name with bytes that are no UTF-8 (lone surrogates in Python) as U+FFFD, so that it can be written down."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if not name.isascii() else name


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
