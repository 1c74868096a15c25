"""Reading files, folders and archives: order, names, limits, and a clear error for each thing that goes wrong."""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from extractor.errors import (
    DamagedSource,
    MissingSource,
    SourceError,
    TooLarge,
    UnsafeArchive,
    UnsupportedFormat,
)
from extractor.settings import DEFAULTS
from extractor.sources.raw import RawArticle
from extractor.sources.store import FailedInput, Reading, read_inputs, read_stdin

SMALL = replace(DEFAULTS, max_article_bytes=200_000)


def articles(readings: list[Reading]) -> list[RawArticle]:
    return [reading for reading in readings if isinstance(reading, RawArticle)]


def failures(readings: list[Reading]) -> list[FailedInput]:
    return [reading for reading in readings if isinstance(reading, FailedInput)]


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write_tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


# --- files and folders --------------------------------------------------------------------------------------------


def test_folder_is_read_to_any_depth_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.html", "a/c/d.xml", ".hidden.txt", "a/.cache/e.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"text")
    found = articles(list(read_inputs([tmp_path])))
    assert [article.name for article in found] == ["d", "z", "b"]
    assert found[0].path == str(tmp_path / "a" / "c" / "d.xml")


def test_inputs_keep_the_order_given(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(name.encode())
    found = articles(list(read_inputs([tmp_path / "b.txt", str(tmp_path / "a.txt")])))
    assert [article.content for article in found] == [b"b.txt", b"a.txt"]


def test_what_a_batch_leaves_behind_is_no_article_but_unknown_files_are_given(tmp_path: Path) -> None:
    for name in ("r.json", "rows.jsonl", "x.ann", "manifest.csv", "manifest", "figure.png", "notes.rst"):
        (tmp_path / name).write_bytes(b"{}")
    assert [article.name for article in articles(list(read_inputs([tmp_path])))] == ["figure", "notes"]


def test_a_file_named_by_the_user_is_never_passed_over(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_bytes(b"{}")
    assert [article.name for article in articles(list(read_inputs([tmp_path / "record.json"])))] == ["record"]


def test_name_is_the_stem_without_compression(tmp_path: Path) -> None:
    (tmp_path / "trial.xml.gz").write_bytes(gzip.compress(b"<a/>"))
    (tmp_path / "site.com-story.html").write_bytes(b"<p>")
    assert [article.name for article in articles(list(read_inputs([tmp_path])))] == ["site.com-story", "trial"]


def test_missing_input_fails_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"text")
    readings = list(read_inputs([tmp_path / "nowhere", tmp_path / "a.txt"]))
    assert isinstance(readings[0], FailedInput)
    assert isinstance(readings[0].error, MissingSource)
    assert str(tmp_path / "nowhere") in str(readings[0].error)
    assert isinstance(readings[1], RawArticle)


def test_broken_link_and_linked_folder(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing")
    (tmp_path / "round").symlink_to(tmp_path)
    readings = list(read_inputs([tmp_path]))
    assert [type(failure.error) for failure in failures(readings)] == [MissingSource]


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (failure,) = failures(list(read_inputs([tmp_path / "pipe"])))
    assert isinstance(failure.error, UnsupportedFormat)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"text")
    path.chmod(0)
    (failure,) = failures(list(read_inputs([path])))
    assert type(failure.error) is SourceError


def test_unreadable_file_as_the_system_reports_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"text")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    (failure,) = failures(list(read_inputs([path])))
    assert type(failure.error) is SourceError
    assert "Permission denied" in str(failure.error)


def test_file_over_the_limit_is_refused_unread_and_names_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "junk.txt"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    (failure,) = failures(list(read_inputs([path])))
    assert isinstance(failure.error, TooLarge)
    assert "30,000,000" in str(failure.error)


def test_a_set_of_articles_may_be_larger_than_one_article(tmp_path: Path) -> None:
    path = tmp_path / "set.xml"
    path.write_bytes(b"<PubmedArticleSet>" + b" " * 300_000 + b"</PubmedArticleSet>")
    assert len(articles(list(read_inputs([path], SMALL)))) == 1


def test_name_with_bytes_that_are_no_utf8_can_be_written_down(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        with open(path, "wb") as stream:
            stream.write(b"text")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (article,) = articles(list(read_inputs([tmp_path])))
    assert article.name == "caf\ufffd"
    assert (article.path or "").encode("utf-8")


def test_stdin_is_read_like_a_file() -> None:
    article = read_stdin(stream=io.BytesIO(b"Ten patients."))
    assert (article.content, article.name, article.path) == (b"Ten patients.", "stdin", "-")
    assert read_stdin(stream=io.BytesIO(gzip.compress(b"Ten patients."))).content == b"Ten patients."
    with pytest.raises(TooLarge):
        read_stdin(SMALL, io.BytesIO(b"x" * 300_000))


# --- provenance ---------------------------------------------------------------------------------------------------

PROVENANCE = {
    "url": "https://doi.example/1",
    "final_url": "https://journal.example/1",
    "retrieved_at": "2024-05-01T10:00:00+00:00",
    "content_type": "text/html; charset=windows-1252",
}


def test_provenance_beside_a_file_goes_into_the_article(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"<p>x</p>")
    (tmp_path / "a.provenance.json").write_text(json.dumps(PROVENANCE))
    (article,) = articles(list(read_inputs([tmp_path])))
    assert article.url == "https://journal.example/1"
    assert article.retrieved_at == "2024-05-01T10:00:00+00:00"
    assert article.content_type == "text/html; charset=windows-1252"


def test_provenance_beside_a_zip_member_goes_into_the_article(tmp_path: Path) -> None:
    write_zip(tmp_path / "z.zip", {"d/a.html": b"<p>x</p>", "d/a.provenance.json": json.dumps(PROVENANCE).encode()})
    (article,) = articles(list(read_inputs([tmp_path / "z.zip"])))
    assert article.url == "https://journal.example/1"


def test_broken_provenance_is_reported_and_the_article_still_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"<p>x</p>")
    (tmp_path / "a.provenance.json").write_text("{")
    readings = list(read_inputs([tmp_path]))
    assert [article.name for article in articles(readings)] == ["a"]
    assert [type(failure.error) for failure in failures(readings)] == [DamagedSource]


# --- archives -----------------------------------------------------------------------------------------------------

MEMBERS = {
    "d/b.xml": b"<b/>",
    "a.txt": b"a",
    "__MACOSX/._a.txt": b"",
    ".DS_Store": b"",
    "c.xml.gz": gzip.compress(b"<c/>"),
}


@pytest.mark.parametrize(
    ("write", "name", "order"),
    [
        (write_zip, "z.zip", ["a", "c", "b"]),
        (write_tar, "z.tar.gz", ["b", "a", "c"]),
        (write_tar, "z.tgz", ["b", "a", "c"]),
    ],
)
def test_each_member_is_an_article(tmp_path: Path, write: object, name: str, order: list[str]) -> None:
    assert callable(write)
    write(tmp_path / name, MEMBERS)
    readings = list(read_inputs([tmp_path / name]))
    found = articles(readings)
    assert [article.name for article in found] == order
    assert {article.path for article in found} == {
        f"{tmp_path / name}!{member}" for member in ("d/b.xml", "a.txt", "c.xml.gz")
    }
    assert {article.content for article in found} == {b"<b/>", b"a", b"<c/>"}
    assert not failures(readings)


@pytest.mark.parametrize("unsafe", ["../up.txt", "d/../../up.txt", "/etc/up.txt", "..\\up.txt", "C:\\up.txt"])
@pytest.mark.parametrize(("write", "name"), [(write_zip, "z.zip"), (write_tar, "z.tar.gz")])
def test_a_path_that_leaves_the_archive_is_refused_by_name(
    tmp_path: Path, write: object, name: str, unsafe: str
) -> None:
    assert callable(write)
    write(tmp_path / name, {unsafe: b"x", "good.txt": b"y"})
    readings = list(read_inputs([tmp_path / name]))
    assert [article.name for article in articles(readings)] == ["good"]
    (failure,) = failures(readings)
    assert isinstance(failure.error, UnsafeArchive)
    assert unsafe in failure.place


def test_links_and_devices_in_archives_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "z.tar.gz", "w:gz") as archive:
        for name, kind in (("link.txt", tarfile.SYMTYPE), ("hard.txt", tarfile.LNKTYPE), ("dev.txt", tarfile.CHRTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    entry = zipfile.ZipInfo("link.txt")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as packed:
        packed.writestr(entry, "/etc/passwd")
    readings = list(read_inputs([tmp_path]))
    assert not articles(readings)
    assert [type(failure.error) for failure in failures(readings)] == [UnsafeArchive] * 4


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    bomb = b"\0" * 20_000_000
    write_zip(tmp_path / "a.zip", {"bomb.txt": bomb, "good.txt": b"y"})
    write_tar(tmp_path / "b.tar.gz", {"bomb.txt": bomb})
    (tmp_path / "c.xml.gz").write_bytes(gzip.compress(bomb))
    readings = list(read_inputs([tmp_path]))
    assert [article.name for article in articles(readings)] == ["good"]
    assert [type(failure.error) for failure in failures(readings)] == [UnsafeArchive] * 3


def test_a_zip_that_lies_about_sizes_is_still_bounded(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "z.zip", {"a.txt": os.urandom(150_000) * 2})
    content = bytearray(path.read_bytes())
    size = (300_000).to_bytes(4, "little")
    while size in content:
        position = content.index(size)
        content[position : position + 4] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    readings = list(read_inputs([path], SMALL))
    assert not [article for article in articles(readings) if len(article.content) > 200_000]
    assert failures(readings)


def test_member_over_the_limit(tmp_path: Path) -> None:
    big = os.urandom(300_000)
    write_zip(tmp_path / "a.zip", {"big.txt": big, "good.txt": b"y"})
    write_tar(tmp_path / "b.tar.gz", {"big.txt": big, "good.txt": b"y"})
    readings = list(read_inputs([tmp_path], SMALL))
    assert [article.name for article in articles(readings)] == ["good", "good"]
    assert [type(failure.error) for failure in failures(readings)] == [TooLarge, TooLarge]


def test_archive_with_too_many_members(tmp_path: Path) -> None:
    few = replace(DEFAULTS, max_archive_members=2)
    members = {f"{number}.txt": b"x" for number in range(3)}
    write_zip(tmp_path / "a.zip", members)
    write_tar(tmp_path / "b.tar.gz", members)
    assert [type(failure.error) for failure in failures(list(read_inputs([tmp_path], few)))] == [TooLarge, TooLarge]


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.xml.gz"])
def test_truncated_archives_are_damaged(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    text = os.urandom(50_000)
    if name.endswith("zip"):
        write_zip(path, {"a.txt": text})
    elif "tar" in name:
        write_tar(path, {"a.txt": text})
    else:
        path.write_bytes(gzip.compress(text))
    path.write_bytes(path.read_bytes()[:30_000])
    (failure,) = failures(list(read_inputs([path])))
    assert isinstance(failure.error, DamagedSource)
    assert name in str(failure.error)


def test_members_before_the_cut_of_a_tar_are_kept(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar.gz", {"first.txt": b"x", "second.txt": os.urandom(50_000)})
    path.write_bytes(path.read_bytes()[:30_000])
    readings = list(read_inputs([path]))
    assert [article.name for article in articles(readings)] == ["first"]
    assert len(failures(readings)) == 1


def test_corrupt_member_does_not_stop_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bad.txt", b"ten patients")
        archive.writestr("good.txt", b"y")
    path.write_bytes(path.read_bytes().replace(b"ten patients", b"two patients"))
    readings = list(read_inputs([path]))
    assert [article.name for article in articles(readings)] == ["good"]
    assert [type(failure.error) for failure in failures(readings)] == [DamagedSource]


def test_office_file_is_no_archive_of_articles(tmp_path: Path) -> None:
    write_zip(tmp_path / "report.docx", {"word/document.xml": b"<w/>"})
    assert [article.name for article in articles(list(read_inputs([tmp_path])))] == ["report"]


def test_nothing_is_written(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {"a.txt": b"x"})
    write_tar(tmp_path / "b.tar.gz", {"b.txt": b"x"})
    before = sorted(tmp_path.rglob("*"))
    list(read_inputs([tmp_path]))
    assert sorted(tmp_path.rglob("*")) == before


def test_members_are_read_one_at_a_time(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {"a.txt": b"x", "b.txt": b"y"})
    readings = read_inputs([tmp_path / "a.zip", tmp_path / "nowhere"])
    first = next(readings)
    assert isinstance(first, RawArticle)
    assert first.name == "a"
