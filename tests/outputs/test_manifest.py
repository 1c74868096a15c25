import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import OutputError
from extractor.outputs.manifest import Manifest, ManifestLine


def line(place: str, state: str = "done", article: int = 1, articles: int = 1, **more: object) -> ManifestLine:
    fields = {
        "place": place, "id": f"{place}.{article}", "state": state, "sha256": "0" * 64, "version": "1", "rules": "r",
        "seconds": 0.5, "article": article, "articles": articles, **more,
    }  # fmt: skip
    return ManifestLine.model_validate(fields)


def places(path: Path) -> list[str]:
    return [json.loads(text)["place"] for text in path.read_text().splitlines()]


def test_lines_are_there_before_the_file_is_closed(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "manifest.jsonl")
    manifest.append([line("a")])
    assert places(tmp_path / "manifest.jsonl") == ["a"]
    manifest.close()


def test_what_was_appended_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    manifest = Manifest(path)
    manifest.append([line("a")])
    manifest.append([line("set", article=1, articles=2), line("set", article=2, articles=2)])
    manifest.append([line("bad", "failed")])
    manifest.close(["a", "set", "bad"])
    entries = Manifest(path).entries
    assert {place: (entry.ids, entry.complete) for place, entry in entries.items()} == {
        "a": (("a.1",), True),
        "set": (("set.1", "set.2"), True),
        "bad": ((), False),
    }


def test_an_input_with_one_failed_article_is_not_complete(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "m")
    manifest.append([line("set", article=1, articles=2), line("set", "failed", article=2, articles=2)])
    assert manifest.entries["set"].ids == ("set.1",)
    assert not manifest.entries["set"].complete
    manifest.close()


def test_later_lines_replace_earlier_ones_and_take_the_order_given(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    first = Manifest(path)
    for place in ("a", "b", "gone"):
        first.append([line(place, "failed", message="first")])
    first.close(["a", "b", "gone"])
    second = Manifest(path)
    second.append([line("new")])
    second.append([line("a", message="second")])
    assert places(path) == ["a", "b", "gone", "new", "a"]
    second.close(["new", "a", "b"])
    assert places(path) == ["new", "a", "b", "gone"]
    assert json.loads(path.read_text().splitlines()[1])["message"] == "second"


def test_a_run_that_adds_nothing_leaves_the_file_untouched(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    first = Manifest(path)
    first.append([line("a")])
    first.append([line("b")])
    first.close(["a", "b"])
    before = path.stat()
    Manifest(path).close(["b", "a"])
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


BLOCKS = [
    [line("a")],
    [line("ü.txt", article=1, articles=2), line("ü.txt", article=2, articles=2)],
    [line("c", "failed", message="no\nletters")],
]


@given(cut=st.integers(min_value=0, max_value=10_000))
def test_a_file_cut_anywhere_is_read_up_to_the_cut(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "manifest.jsonl"
    whole = Manifest(path)
    for block in BLOCKS:
        whole.append(block)
    whole.close()
    content = path.read_bytes()[:cut]
    path.write_bytes(content)
    again = Manifest(path)
    again.append([line("next")])
    again.close()
    kept = content[: content.rfind(b"\n") + 1]
    assert path.read_bytes().startswith(kept)
    assert places(path)[-1] == "next"
    for text in path.read_text().splitlines():
        ManifestLine.model_validate_json(text)
    if "ü.txt" in again.entries and kept.count(b"\n") < 3:
        assert not again.entries["ü.txt"].complete


@pytest.mark.parametrize("content", ['{"place": 1}\n', "not json\n", '{"place": "a", "unknown": 1}\n', "\0\n"])
def test_a_file_that_is_no_manifest_is_refused_by_name_and_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_text(line("a").model_dump_json() + "\n" + content)
    with pytest.raises(OutputError, match=r"manifest\.jsonl, line 2: "):
        Manifest(path)
    assert path.read_text().endswith(content)
