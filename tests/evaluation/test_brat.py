"""Stand-off files: what is read, and what is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import AnnotationError
from extractor.evaluation.brat import parse, read_annotated, read_collection

TEXT = "In arm A 14 and in arm B 12 percent\r\nwere well.\nNaïve: 3."


def write(folder: Path, ann: str, text: str = TEXT, name: str = "x") -> Path:
    (folder / f"{name}.txt").write_bytes(text.encode())
    path = folder / f"{name}.ann"
    path.write_bytes(ann.encode())
    return path


def test_an_entity_in_two_pieces(tmp_path: Path) -> None:
    document = read_annotated(write(tmp_path, "T1\tiv-bin-percent 9 11;28 35\t14 percent\n"))
    (entity,) = document.annotations
    assert [fragment.of(document.text) for fragment in entity.fragments] == ["14", "percent"]
    assert entity.span.of(document.text) == "14"
    assert document.doubts == ()


def test_offsets_count_code_points_and_line_breaks_as_they_are(tmp_path: Path) -> None:
    place = TEXT.index("3.")
    document = read_annotated(write(tmp_path, f"T1\tn {place} {place + 1}\t3\r\nT2\tn 25 41\t12 percent were\r\n"))
    assert [a.span.of(document.text) for a in document.annotations] == ["3", "12 percent\r\nwere"]
    assert document.doubts == ()


def test_notes_hang_on_their_entity_even_from_a_line_above(tmp_path: Path) -> None:
    ann = (
        "#1\tAnnotatorNotes T1\tdoubtful\nT1\tn 9 11\t14\n#2\tAnnotatorNotes T1\tsee table\n#3\tAnnotatorNotes R1\tx\n"
    )
    (entity,) = read_annotated(write(tmp_path, ann)).annotations
    assert entity.notes == ("doubtful", "see table")


def test_what_says_nothing_about_places_is_passed_over() -> None:
    passed_over = ("E1\tevent:T1", "R1\tof Arg1:T1 Arg2:T1\t", "A1\tNegated T1", "N1\tRef T1 x:1\tIn", "*\tsame T1", "")
    ann = "\n".join(("T1\tn 0 2\tIn", *passed_over))
    assert [a.id for a in parse(ann, "x.ann", 10)] == ["T1"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("T2 n 0 2 In", "an entity is"),
        ("T2\tn\tIn", "an entity is"),
        ("T2\tn 0\tIn", "not a start and an end"),
        ("T2\tn zero 2\tIn", "not a start and an end"),
        ("T2\tn 0 2;\tIn", "not a start and an end"),
        ("T2\tn 5 2\tIn", "runs from 5 to 2"),
        ("T2\tn 4 4\t", "runs from 4 to 4"),
        ("T2\tn 8 11\tIn", "the text has 10 characters"),
        ("T1\tn 0 2\tIn", "line 1 already"),
        ("?1\tn 0 2\tIn", "not a brat annotation"),
        ("#1\tAnnotatorNotes\tx", "a note is"),
        ("#1\tAnnotatorNotes T9\tx", "a note on T9"),
    ],
)
def test_a_broken_line_is_named(line: str, told: str) -> None:
    with pytest.raises(AnnotationError, match=r"^x\.ann:2: ") as caught:
        parse(f"T1\tn 0 2\tIn\n{line}\n", "x.ann", 10)
    assert told in str(caught.value)


def test_a_text_that_is_not_at_its_place_is_a_doubt(tmp_path: Path) -> None:
    document = read_annotated(write(tmp_path, "T1\tn 8 10\t14\n"))
    (doubt,) = document.doubts
    assert "x.ann:1: T1 should be '14', but ' 1' stands there" in doubt
    assert len(document.annotations) == 1


def test_files_that_cannot_be_understood(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    assert read_annotated(path).annotations == ()
    path.with_suffix(".txt").write_bytes("naïve".encode("latin-1"))
    with pytest.raises(AnnotationError, match=r"x\.txt: not UTF-8 \(byte 2\)"):
        read_annotated(path)
    path.with_suffix(".txt").unlink()
    with pytest.raises(AnnotationError, match=r"no x\.txt beside it"):
        read_annotated(path)


def test_a_collection_is_read_in_order_and_texts_alone_are_left_out(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write(tmp_path, "", name=name)
    (tmp_path / "c.txt").write_text("not annotated")
    assert [document.id for document in read_collection(tmp_path)] == ["a", "b"]


def test_a_folder_without_annotations(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="no such folder"):
        list(read_collection(tmp_path / "none"))
    with pytest.raises(AnnotationError, match=r"no \.ann files$"):
        list(read_collection(tmp_path))
    (tmp_path / "dev").mkdir()
    write(tmp_path / "dev", "")
    with pytest.raises(AnnotationError, match=r"there are some in .*dev"):
        list(read_collection(tmp_path))


@given(st.text(alphabet="T1#\t ;0923abERAN*\n", max_size=60))
def test_anything_is_read_or_refused(content: str) -> None:
    try:
        found = parse(content, "x.ann", 50)
    except AnnotationError:
        found = ()
    assert all(0 <= f.start < f.end <= 50 for a in found for f in a.fragments)
