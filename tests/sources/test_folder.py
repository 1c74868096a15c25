from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import UsageError
from extractor.sources.folder import ArticleFolder, Outcome, Provenance, slug_of
from extractor.sources.store import read_inputs


def provenance(content: bytes, **fields: object) -> Provenance:
    told: dict[str, object] = {
        "reference": "https://example.org/a",
        "url": "https://example.org/a",
        "final_url": "https://example.org/b",
        "retrieved_at": "2018-05-17T10:00:00Z",
        "status": 200,
        "headers": {"content-type": "text/html"},
        "content_type": "text/html",
        "sha256": sha256(content).hexdigest(),
    }
    return Provenance(**{**told, **fields})  # type: ignore[arg-type]


def test_saved_once_and_found_whole(tmp_path: Path) -> None:
    with ArticleFolder(tmp_path) as folder:
        assert folder.save("a", ".html", b"<p>one", provenance(b"<p>one"))
        first = {file: file.read_bytes() for file in tmp_path.iterdir()}
        later = provenance(b"<p>one", retrieved_at="2020-01-01T00:00:00Z")
        assert not folder.save("a", ".html", b"<p>one", later)
        assert {file: file.read_bytes() for file in tmp_path.iterdir()} == first
        assert folder.intact("a") == provenance(b"<p>one")


@pytest.mark.parametrize("damage", ["article", "provenance", "missing", "other"])
def test_damage_is_seen(tmp_path: Path, damage: str) -> None:
    with ArticleFolder(tmp_path) as folder:
        folder.save("a", ".html", b"<p>one", provenance(b"<p>one"))
        if damage == "article":
            (tmp_path / "a.html").write_bytes(b"<p>")
        elif damage == "provenance":
            (tmp_path / "a.provenance.json").write_bytes(b'{"sha256": ')
        elif damage == "missing":
            (tmp_path / "a.html").unlink()
        else:
            (tmp_path / "a.provenance.json").write_bytes(b"[1]")
        assert folder.intact("a") is None
        assert folder.save("a", ".html", b"<p>one", provenance(b"<p>one"))
        assert folder.intact("a") is not None


def test_another_format_takes_the_place_of_the_first(tmp_path: Path) -> None:
    with ArticleFolder(tmp_path) as folder:
        folder.save("a", ".html", b"<p>one", provenance(b"<p>one"))
        folder.save("a", ".xml", b"<article/>", provenance(b"<article/>"))
    assert sorted(file.name for file in tmp_path.glob("a.*")) == ["a.provenance.json", "a.xml"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ArticleFolder(tmp_path) as folder:
        folder.save("a", ".html", b"<p>one", provenance(b"<p>one"))

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space"):
            folder.save("a", ".html", b"<p>two", provenance(b"<p>two"))
        assert folder.intact("a") == provenance(b"<p>one")
    assert not list(tmp_path.glob(".fetch-*"))


def test_the_readers_take_what_was_saved(tmp_path: Path) -> None:
    with ArticleFolder(tmp_path) as folder:
        folder.save("a", ".html", b"<p>one", provenance(b"<p>one"))
        folder.record(Outcome("x", "url:x", "saved", id="a"))
        folder.write("study-matches.jsonl", b"{}\n")
    (article,) = read_inputs([tmp_path])
    assert article.content == b"<p>one"  # type: ignore[union-attr]
    assert article.name == "a"  # type: ignore[union-attr]
    assert article.retrieved_at == "2018-05-17T10:00:00Z"  # type: ignore[union-attr]
    assert article.url in ("https://example.org/a", "https://example.org/b")  # type: ignore[union-attr]


def test_manifest_keeps_the_newest_outcome_of_each_reference(tmp_path: Path) -> None:
    with ArticleFolder(tmp_path) as folder:
        folder.record(Outcome("b", "pmid:2", "failed", reason="network"))
        folder.record(Outcome("a", "pmid:1", "saved", id="PMID1"))
        folder.compact(["pmid:1", "pmid:2"])
    with ArticleFolder(tmp_path) as folder:
        folder.record(Outcome("c", "pmid:3", "saved", id="PMID3"))
        folder.record(Outcome("b", "pmid:2", "saved", id="PMID2", notes=("no_abstract",)))
        folder.compact(["pmid:3", "pmid:2"])
        newest = folder.outcome_of("pmid:2")
    assert newest == Outcome("b", "pmid:2", "saved", id="PMID2", notes=("no_abstract",))
    lines = [json.loads(line) for line in (tmp_path / "manifest.fetch.jsonl").read_text().splitlines()]
    assert [(line["key"], line["status"]) for line in lines] == [
        ("pmid:1", "saved"),
        ("pmid:2", "saved"),
        ("pmid:3", "saved"),
    ]


def test_ids_of_pages(tmp_path: Path) -> None:
    with ArticleFolder(tmp_path) as folder:
        assert folder.identifier_of_url("https://www.example.org/News/Trial.html") == "example-org-news-trial-html"
        assert folder.identifier_of_url("https://www.example.org/News/Trial.html?utm_source=x") != ""
        ids = {
            folder.identifier_of_url(url)
            for url in (
                "https://example.org/a/b",
                "https://example.org/a-b",
                "https://example.org/a_b",
                "https://example.org/x?id=1",
                "https://example.org/x?id=2",
                "https://example.org/日本",
                "https://example.org/中国",
                "https://example.org/" + "long/" * 40,
                "https://example.org/" + "long/" * 41,
            )
        }
        assert len(ids) == 9
        assert folder.identifier_of_url("https://example.org/a/b") in ids


@given(st.text(max_size=200))
def test_a_slug_is_always_a_safe_file_name(path: str) -> None:
    try:
        slug, _ = slug_of(f"https://example.org/{path}")
    except ValueError:
        return
    assert slug.strip("-") == slug != ""
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(slug) <= 80


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="--out"):
        ArticleFolder(tmp_path / "file")
