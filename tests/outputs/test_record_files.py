import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import OutputError, UsageError
from extractor.outputs.record_files import MAX_NAME_BYTES, RecordFolder, file_id, id_key, unique_id


@pytest.mark.parametrize("plain", ["PMID123", "trial report (2)", "größe", "a.b", "x-2", "日本語"])
def test_an_id_that_can_name_a_file_stays(plain: str) -> None:
    assert file_id(plain) == plain


@pytest.mark.parametrize(
    ("odd", "clean"),
    [
        ("../../etc/passwd", "_._.._etc_passwd"),
        (".hidden", "_hidden"),
        ("a\nb", "a_b"),
        ("a\\b", "a_b"),
        ("", "article"),
    ],
)
def test_an_id_that_cannot_is_made_to(odd: str, clean: str) -> None:
    assert file_id(odd) == clean


def test_long_ids_stay_different() -> None:
    one, other = file_id("ä" * 300 + "1"), file_id("ä" * 300 + "2")
    assert one != other
    assert len(one.encode()) <= MAX_NAME_BYTES


@given(st.text())
def test_any_id_names_a_file_in_its_folder(text: str) -> None:
    name = file_id(text)
    assert name
    assert file_id(name) == name
    assert os.path.basename(name) == name
    assert not name.startswith(".")
    assert len(name.encode()) <= MAX_NAME_BYTES


@given(st.lists(st.sampled_from(["a", "A", "b", "a-2", "é", "e\u0301"]), max_size=12))
def test_unique_ids_never_share_a_file_name(wanted: list[str]) -> None:
    taken: set[str] = set()
    for each in wanted:
        found = unique_id(each, taken)
        assert found == each or found.startswith(f"{each}-")
        assert id_key(found) not in taken
        taken.add(id_key(found))


def test_a_record_is_replaced_whole(tmp_path: Path) -> None:
    folder = RecordFolder(tmp_path)
    folder.write("a", b"first, longer")
    folder.write("a", b"second")
    assert (tmp_path / "records" / "a.json").read_bytes() == b"second"
    assert os.listdir(tmp_path / "records") == ["a.json"]


def test_a_full_disk_leaves_the_old_record_and_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RecordFolder(tmp_path)
    folder.write("a", b"first")

    def full(self: Path, content: bytes) -> int:
        with open(self, "wb") as file:
            file.write(content[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match=r"a\.json: No space left on device"):
        folder.write("a", b"second")
    assert (tmp_path / "records" / "a.json").read_bytes() == b"first"
    assert os.listdir(tmp_path / "records") == ["a.json"]


def test_what_a_killed_run_left_is_cleaned_away(tmp_path: Path) -> None:
    folder = RecordFolder(tmp_path)
    (tmp_path / "records" / ".a.tmp").write_bytes(b"half")
    folder.write("b", b"whole")
    folder.clean()
    assert os.listdir(tmp_path / "records") == ["b.json"]


def test_a_file_in_the_way_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="cannot write there"):
        RecordFolder(tmp_path / "out")
